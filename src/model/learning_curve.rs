//! Whether more rows would help: the same recipe fitted on a growing share of the training rows, each time judged by the same others.

use super::bundle::Bundle;
use super::fitting::{Examples, Fitting};
use super::recipe::Recipe;
use crate::error::{ErrorKind, Result};
use crate::features::{Labels, Part, TrainingSet};
use crate::learn::{Estimator, Metric, random};
use crate::progress::Progress;

/// Shares of the training rows, in hundredths.
const SHARES: [usize; 6] = [10, 20, 35, 50, 75, 100];
/// Fewest rows that are worth a fit.
const LEAST: usize = 20;

/// A point of the curve.
#[derive(Debug, Clone, PartialEq)]
pub struct LearningPoint {
    /// Rows that the model was fitted on.
    pub rows: usize,
    /// The task's metric on these rows.
    pub fitted: f64,
    /// The metric on the rows that it is judged by.
    pub judged: f64,
}

/// Fits the bundle's estimator, prepared as the recipe says, on growing samples of the training part. A sample that can't be fitted, as one of
/// one class, is left out.
///
/// Errors: Ctrl-C.
pub fn learning_curve(
    recipe: &Recipe,
    bundle: &Bundle,
    set: &TrainingSet,
    labels: &Labels,
    judged: &[usize],
    progress: &Progress,
) -> Result<Vec<LearningPoint>> {
    let (signature, seed) = (&bundle.signature, bundle.lineage.seed);
    let estimator = Estimator::parse(&bundle.estimator, &bundle.parameters)?;
    let fitting = Fitting { recipe, signature, seed };
    let metric = Metric::default_for(signature.task);
    let train = set.rows_of(Part::Train);
    let mut order: Vec<usize> = (0..train.len()).collect();
    random::stream(seed, "learning curve", 0).shuffle(&mut order);
    let (others, of_others) = (set.frame.select_rows(judged), labels.target(judged));
    let step = progress.step("learning curve", Some(SHARES.len() as u64));
    let mut points = Vec::new();
    for share in SHARES {
        let mut rows: Vec<usize> = order.iter().take(train.len() * share / 100).map(|place| train[*place]).collect();
        rows.sort_unstable();
        if rows.len() >= LEAST {
            let (frame, target) = (set.frame.select_rows(&rows), set.target(labels, &rows));
            let on = Examples { frame: &frame, target: &target };
            let fitted = fitting.fit(&estimator, on, &step).and_then(|trained| {
                let by = Examples { frame: &others, target: &of_others };
                Ok((fitting.judge(&trained, on)?, fitting.judge(&trained, by)?))
            });
            match fitted {
                Ok((own, other)) => {
                    let value = |metrics: &crate::learn::MetricValues| metrics.get(metric).unwrap_or(f64::NAN);
                    let (fitted, judged) = (value(&own.metrics), value(&other.metrics));
                    points.push(LearningPoint { rows: rows.len(), fitted, judged });
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => return Err(e),
                Err(e) => tracing::debug!(rows = rows.len(), error = e.with_causes(), "a sample can't be fitted"),
            }
        }
        step.advance(1);
    }
    Ok(points)
}
