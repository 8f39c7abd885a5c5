//! Training the recipes one after the other, and what a model reaches that knows nothing but the target's average.

use super::alone::alone;
use crate::error::{Error, ErrorKind, Result};
use crate::features::{Labels, Part, SetOptions, TrainingSet, build_set};
use crate::learn::{self, Metric, Predictions, Target, Task};
use crate::ledger::RunId;
use crate::model::{self, Signature, TrainOptions, TrainOutcome};
use crate::progress::Progress;
use crate::project::{CsvForm, Name, Project};
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// A learner's place among the others.
#[derive(Debug, Clone, Serialize)]
pub struct LeaderboardRow {
    /// The recipe; `baseline` of the one that predicts the average alone.
    pub model: String,
    /// The run; none of the baseline and of what failed.
    pub run: Option<RunId>,
    /// The metric that decides, on the folds; none without folds.
    pub cv: Option<f64>,
    /// Metrics on the test part.
    pub test: BTreeMap<String, f64>,
    /// Seconds it took.
    pub seconds: f64,
    /// Why it could not be trained.
    pub error: Option<String>,
}

impl LeaderboardRow {
    /// Its value by the metric on the rows that decide, `cv` (folds) or `test`; none where it is not defined.
    pub fn deciding(&self, metric: &str, decided_by: &str) -> Option<f64> {
        let value = if decided_by == "cv" { self.cv } else { self.test.get(metric).copied() };
        value.filter(|value| !value.is_nan())
    }
}

/// What was trained.
pub(super) struct TrainedRecipes {
    /// By the rows that decide, the best first, the baseline where it belongs (after the others if folds decide, of which it has none),
    /// those that failed last.
    pub rows: Vec<LeaderboardRow>,
    /// The best of them all but the baseline.
    pub best: TrainOutcome,
    /// The rows by which it is the best: `cv` where every recipe has folds, else `test`.
    pub decided_by: &'static str,
    /// Whether Ctrl-C ended it before the last recipe.
    pub stopped: bool,
    /// The feature that alone decides nearly everything.
    pub too_good: Option<String>,
    /// The classes that the test rows have, and how many there are, if some are not among them.
    pub classes_in_test: Option<(usize, usize)>,
}

/// Trains each recipe. Ctrl-C ends it, and what was trained by then is kept; one that does not take the data leaves the others alone.
pub(super) fn train_all(
    project: &Project,
    set: &Name,
    recipes: &[Name],
    metric: Metric,
    progress: &Progress,
) -> Result<TrainedRecipes> {
    let step = progress.step("training recipes", Some(recipes.len() as u64));
    let (mut rows, mut first_error, mut stopped) = (Vec::new(), None, false);
    let mut trained: Vec<TrainOutcome> = Vec::new();
    for recipe in recipes {
        match model::train(project, recipe, &TrainOptions::default(), &step) {
            Ok(outcome) => {
                rows.push(row_of(&outcome, metric));
                trained.push(outcome);
            }
            Err(e) if e.kind() == ErrorKind::Interrupted && !trained.is_empty() => {
                stopped = true;
                break;
            }
            Err(e) if e.kind() != ErrorKind::Invalid => return Err(e),
            Err(e) => {
                rows.push(failed(recipe, &e));
                first_error.get_or_insert(e);
            }
        }
        step.advance(1);
    }
    let by_folds = trained.iter().all(|outcome| score(outcome, "cv", metric).is_some());
    let decided_by = if by_folds { "cv" } else { "test" };
    let best = trained.into_iter().reduce(|best, next| {
        let better = match (score(&best, decided_by, metric), score(&next, decided_by, metric)) {
            (Some(best), Some(next)) => metric.gain(best, next) > 0.0,
            (best, next) => best.is_none() && next.is_some(),
        };
        if better { next } else { best }
    });
    let Some(best) = best else {
        return Err(first_error.unwrap_or_else(|| Error::invalid(format!("set \"{set}\" has no recipes"))));
    };
    let built = build_set(project, &mut project.ledger()?, set, &SetOptions::default(), &Progress::quiet())?;
    let labels = built.labels(Some(best.task))?;
    rows.extend(baseline(&built, &labels)?);
    rows.sort_by(|a, b| order(a, b, metric, decided_by));
    let too_good = if stopped { None } else { too_good(&built, &labels, &best, &step)? };
    let classes_in_test = classes_in_test(&built, &labels);
    Ok(TrainedRecipes { rows, best, decided_by, stopped, too_good, classes_in_test })
}

/// The metric of a run on the folds (`cv`) or the test part; none where it has none.
fn score(outcome: &TrainOutcome, part: &str, metric: Metric) -> Option<f64> {
    outcome.metrics.get(&format!("{part}.{}", metric.name())).copied().filter(|value| !value.is_nan())
}

fn row_of(outcome: &TrainOutcome, metric: Metric) -> LeaderboardRow {
    let test =
        outcome.metrics.iter().filter_map(|(name, value)| Some((name.strip_prefix("test.")?.to_owned(), *value)));
    LeaderboardRow {
        model: outcome.recipe.to_string(),
        run: Some(outcome.run.clone()),
        cv: score(outcome, "cv", metric),
        test: test.collect(),
        seconds: outcome.seconds,
        error: None,
    }
}

fn failed(recipe: &Name, error: &Error) -> LeaderboardRow {
    let (model, error) = (recipe.to_string(), Some(error.message().to_owned()));
    LeaderboardRow { model, run: None, cv: None, test: BTreeMap::new(), seconds: 0.0, error }
}

/// By the metric on the folds or the test part, the best first; what has none comes last, failures at the end.
fn order(a: &LeaderboardRow, b: &LeaderboardRow, metric: Metric, decided_by: &str) -> Ordering {
    let value = |row: &LeaderboardRow| row.deciding(metric.name(), decided_by);
    let by_value = match (value(a), value(b)) {
        (Some(a), Some(b)) => metric.gain(a, b).partial_cmp(&0.0).unwrap_or(Ordering::Equal),
        (a, b) => a.is_none().cmp(&b.is_none()),
    };
    a.error.is_some().cmp(&b.error.is_some()).then(by_value)
}

/// The feature that alone decides nearly everything, if there is one.
fn too_good(set: &TrainingSet, labels: &Labels, best: &TrainOutcome, progress: &Progress) -> Result<Option<String>> {
    const LOOKED_AT: usize = 3;
    let nearly_right = |value: &dyn Fn(Metric) -> Option<f64>| {
        let is_above = |metric: Metric, least: f64| value(metric).is_some_and(|value| value >= least);
        match best.task {
            Task::Binary => is_above(Metric::Auc, 0.995),
            Task::Multiclass => is_above(Metric::Accuracy, 0.995),
            Task::Regression => is_above(Metric::R2, 0.98),
        }
    };
    if !nearly_right(&|metric| best.metrics.get(&format!("test.{}", metric.name())).copied()) {
        return Ok(None);
    }
    for (column, _) in best.importance.iter().take(LOOKED_AT) {
        // `purpose=car` is a column that preparation made of a feature.
        let named = set.plan.features.iter().map(|feature| &feature.name);
        let made = |name: &&String| column.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('='));
        let Some(feature) = named.clone().find(|name| *name == column).or_else(|| named.clone().find(made)) else {
            continue;
        };
        if alone(set, labels, feature, progress)?.is_some_and(|alone| nearly_right(&|metric| alone.get(metric))) {
            return Ok(Some(feature.clone()));
        }
    }
    Ok(None)
}

/// The classes that the test rows have, and how many there are, if some are not among them.
fn classes_in_test(set: &TrainingSet, labels: &Labels) -> Option<(usize, usize)> {
    let test = labels.target(&set.rows_of(Part::Test));
    let there: BTreeSet<usize> = test.values().iter().filter(|value| !value.is_nan()).map(|v| *v as usize).collect();
    let all = labels.classes.len();
    (!test.is_empty() && there.len() < all).then_some((there.len(), all))
}

/// The model that says of every row what the training rows have on average: the shares of the classes, or the mean.
fn baseline(set: &TrainingSet, labels: &Labels) -> Result<Option<LeaderboardRow>> {
    let (task, rows_of) = (labels.task, |part| labels.target(&set.rows_of(part)));
    let (train, test) = (rows_of(Part::Train), rows_of(Part::Test));
    if test.is_empty() {
        return Ok(None);
    }
    let threshold = (task == Task::Binary).then_some(0.5);
    let signature = Signature {
        task,
        label: String::new(),
        classes: labels.classes.clone(),
        threshold,
        conformal: None,
        csv: CsvForm::default(),
    };
    let predictions = average(&train, test.len());
    let found = learn::evaluate(&test, &predictions, signature.decision())?;
    Ok(Some(LeaderboardRow {
        model: "baseline".to_owned(),
        run: None,
        cv: None,
        test: found.iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        seconds: 0.0,
        error: None,
    }))
}

fn average(train: &Target, rows: usize) -> Predictions {
    let known = train.values().iter().filter(|value| !value.is_nan());
    let count = known.clone().count().max(1) as f64;
    let one: Vec<f64> = match train.task() {
        Task::Binary | Task::Regression => vec![known.sum::<f64>() / count],
        Task::Multiclass => {
            let share = |class| known.clone().filter(|value| **value == class as f64).count() as f64 / count;
            (0..train.classes()).map(share).collect()
        }
    };
    Predictions::new(one.len(), one.iter().copied().cycle().take(one.len() * rows).collect())
}
