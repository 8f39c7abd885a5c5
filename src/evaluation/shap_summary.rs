//! What each feature adds to the answers for some of the rows that a model is judged by: its Shapley values, with where the feature's own
//! value stands.

use super::evaluated_run::EvaluatedRun;
use super::influence::frame_of;
use crate::data::Column;
use crate::document::plot::{self, Svg, SwarmRow};
use crate::error::{ErrorKind, Result};
use crate::learn::random;
use crate::model::KeptPart;
use crate::progress::Progress;
use std::collections::BTreeMap;

/// Rows that are explained.
const EXPLAINED: usize = 300;
/// Features shown: those that add most.
const SHOWN: usize = 12;

/// The picture; none of a model that can't be explained, or without its training set.
pub(super) fn shap(run: &EvaluatedRun, part: &KeptPart, progress: &Progress) -> Result<Option<Svg>> {
    let Some(frame) = frame_of(run, part)? else { return Ok(None) };
    let mut rows: Vec<usize> = (0..frame.rows()).collect();
    if rows.len() > EXPLAINED {
        rows = random::stream(run.scorer.bundle.lineage.seed, "explained rows", 0).sample(frame.rows(), EXPLAINED);
        rows.sort_unstable();
    }
    let frame = frame.select_rows(&rows);
    let explanations = match run.scorer.explain(&frame, progress) {
        Ok(explanations) => explanations,
        // The model is of a kind that has no Shapley values, or from before what they need was kept.
        Err(e) if e.kind() == ErrorKind::Invalid => return Ok(None),
        Err(e) => return Err(e),
    };
    let mut of_feature: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (name, by) in explanations.iter().flat_map(|explanation| &explanation.contributions) {
        of_feature.entry(name).or_default().push(*by);
    }
    let size = |values: &Vec<f64>| values.iter().fold(0.0, |sum, value| sum + value.abs());
    let mut order: Vec<(&str, Vec<f64>)> = of_feature.into_iter().collect();
    order.sort_by(|a, b| size(&b.1).total_cmp(&size(&a.1)));
    order.truncate(SHOWN);
    let swarm_row = |(name, values): (&str, Vec<f64>)| {
        let places = frame.get(name).map_or_else(|| vec![None; values.len()], places);
        SwarmRow { name: name.to_owned(), values: values.into_iter().zip(places).collect() }
    };
    let swarm_rows: Vec<SwarmRow> = order.into_iter().map(swarm_row).collect();
    let of = explanations.first().and_then(|first| first.class.clone());
    let title = match of.filter(|_| run.scorer.bundle.signature.classes.len() == 2) {
        Some(class) => format!("What each feature adds to \"{class}\""),
        None => "What each feature adds to the answer".to_owned(),
    };
    Ok(Some(plot::swarm(&title, &swarm_rows)))
}

/// Where each value stands among all of the column; none of words and of missing values.
fn places(column: &Column) -> Vec<Option<f64>> {
    let Some(numbers) = column.numbers() else { return vec![None; column.len()] };
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|number| !number.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let most = sorted.len().saturating_sub(1).max(1) as f64;
    let place = |number: &f64| {
        let (below, upto) = (sorted.partition_point(|x| x < number), sorted.partition_point(|x| x <= number));
        // The middle of those that are equal.
        (below as f64 + (upto.saturating_sub(1)) as f64) / 2.0 / most
    };
    numbers.iter().map(|number| (!number.is_nan()).then(|| place(number))).collect()
}
