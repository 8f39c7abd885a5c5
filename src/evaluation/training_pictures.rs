//! Pictures of how a model came about: its folds, more rows, more rounds of boosting.

use super::baseline::{Baseline, mean};
use super::evaluated_run::EvaluatedRun;
use super::influence::frame_of;
use crate::document::plot::{self, RangeRow, Svg, XyAxis, XyForm, XySeries};
use crate::error::Result;
use crate::learn::{self, Metric, Task};
use crate::model::{self, KeptPart, KeptRows, Recipe};
use crate::progress::Progress;

/// Points of the curve over rounds.
const STOPS: usize = 30;
/// Rows that the curve over rounds is measured on.
const ROUND_ROWS: usize = 20_000;

/// The task's metric on each fold.
pub(super) fn fold_values(run: &EvaluatedRun) -> Result<Vec<f64>> {
    let Some(part) = run.part(KeptRows::Folds) else { return Ok(Vec::new()) };
    let folds = part.folds.as_deref().unwrap_or_default();
    let last = folds.iter().max().map_or(0, |last| *last + 1);
    let metric = Metric::default_for(run.task());
    let value = |fold: u32| -> Result<f64> {
        let places: Vec<usize> = folds.iter().enumerate().filter(|(_, of)| **of == fold).map(|(at, _)| at).collect();
        let rows = part.select(&places);
        let found = learn::evaluate(&run.target(&rows), &rows.predictions, run.signature().decision())?;
        Ok(found.get(metric).unwrap_or(f64::NAN))
    };
    (0..last).map(value).collect()
}

pub(super) fn folds(run: &EvaluatedRun) -> Result<Option<Svg>> {
    let values = fold_values(run)?;
    if values.is_empty() {
        return Ok(None);
    }
    let row = |(at, value): (usize, &f64)| RangeRow { name: format!("fold {}", at + 1), value: *value, range: None };
    let rows: Vec<RangeRow> = values.iter().enumerate().map(row).collect();
    let title = format!("{} by fold", Metric::default_for(run.task()).name());
    Ok(Some(plot::ranges(&title, &rows, Some(("mean", mean(&values))), None)))
}

pub(super) fn learning(run: &EvaluatedRun, part: &KeptPart, progress: &Progress) -> Result<Option<Svg>> {
    let (Some(kept), Some(set), Some(labels)) = (&run.definitions, &run.set, &run.labels) else { return Ok(None) };
    if part.which == KeptRows::Folds || part.rows.iter().any(|row| *row >= set.frame.rows()) {
        return Ok(None);
    }
    let recipe = Recipe::new(&kept.recipe, kept.definitions.recipe(&kept.recipe)?)?;
    let points = model::learning_curve(&recipe, &run.scorer.bundle, set, labels, &part.rows, progress)?;
    if points.len() < 2 {
        return Ok(None);
    }
    let metric = Metric::default_for(run.task()).name();
    let judged = points.iter().map(|point| (point.rows as f64, point.judged)).collect();
    let fitted = points.iter().map(|point| (point.rows as f64, point.fitted)).collect();
    let all = [
        XySeries::new(&format!("{} rows", part.which.name()), judged, XyForm::Marked),
        XySeries::new("rows learned from", fitted, XyForm::Marked),
    ];
    Ok(Some(plot::xy("Learning curve", &XyAxis::free("rows learned from"), &XyAxis::free(metric), &all)))
}

pub(super) fn rounds(run: &EvaluatedRun, part: &KeptPart) -> Result<Option<Svg>> {
    let (Some(all), Some(frame)) = (run.scorer.rounds().filter(|all| *all > 1), frame_of(run, part)?) else {
        return Ok(None);
    };
    let places: Vec<usize> = (0..part.rows.len().min(ROUND_ROWS)).collect();
    let (frame, truth) = (frame.select_rows(&places), run.target(&part.select(&places)));
    let mut stops: Vec<usize> = (1..=STOPS).map(|stop| (all * stop).div_ceil(STOPS)).collect();
    stops.dedup();
    // The loss that boosting follows, whatever decides otherwise.
    let metric = if run.task() == Task::Regression { Metric::Rmse } else { Metric::LogLoss };
    let mut points = Vec::new();
    for (stop, predictions) in stops.iter().zip(run.scorer.score_after(&frame, &stops)?) {
        let found = learn::evaluate(&truth, &predictions, run.signature().decision())?;
        points.push((*stop as f64, found.get(metric).unwrap_or(f64::NAN)));
    }
    let base = Baseline::of(run, part)?.metrics.get(metric).unwrap_or(f64::NAN);
    let lines = [
        XySeries::new(&format!("{} rows", part.which.name()), points, XyForm::Marked),
        XySeries::new("baseline", vec![(1.0, base), (all as f64, base)], XyForm::Reference),
    ];
    Ok(Some(plot::xy("Rounds of boosting", &XyAxis::free("rounds"), &XyAxis::free(metric.name()), &lines)))
}
