//! What a model leans on. Permutation importance (Breiman 2001): how much worse it gets when the values of one feature are dealt to the rows
//! at random. Partial dependence (Friedman 2001): the mean answer when every row has the same value of one feature.
//!
//! Both are computed when a page is asked for, from the model and the rows it is judged by: that costs training nothing, works for every
//! run whose training set is here, and only asks the model some thousand rows. Rows and shuffles are drawn by the run's seed.

use super::evaluated_run::EvaluatedRun;
use crate::data::{Column, Family, Frame, OwnedValue, Value};
use crate::error::Result;
use crate::learn::{self, Metric, Predictions, Target, Task, random};
use crate::model::KeptPart;
use crate::progress::Progress;

/// Rows of the sample for each of the two.
const PERMUTED: usize = 2_000;
const AVERAGED: usize = 500;
/// How often each feature is shuffled.
const REPEATS: usize = 5;
/// Values of a feature at which the answer is averaged.
const GRID: usize = 15;

/// How much worse the model gets without a feature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Importance {
    /// The feature.
    pub feature: String,
    /// What the metric loses on average over the shuffles; below 0 where it gains.
    pub loss: f64,
    /// The least and the most that it lost.
    pub range: (f64, f64),
}

/// How the mean answer goes with a feature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dependence {
    /// The feature.
    pub feature: String,
    /// Its values, and the mean of each output at them.
    pub at: Vec<(OwnedValue, Vec<f64>)>,
    /// Whether its values are numbers.
    pub is_number: bool,
}

/// The rows of a part with the model's features; none where the training set is not here.
pub(super) fn frame_of(run: &EvaluatedRun, part: &KeptPart) -> Result<Option<Frame>> {
    let Some(set) = &run.set else { return Ok(None) };
    if part.rows.iter().any(|row| *row >= set.frame.rows()) {
        return Ok(None);
    }
    let names: Vec<String> = run.scorer.bundle.features.features.iter().map(|feature| feature.name.clone()).collect();
    Ok(Some(set.frame.select_columns(&names)?.select_rows(&part.rows)))
}

fn seed(run: &EvaluatedRun) -> u64 {
    run.scorer.bundle.lineage.seed
}

/// At most so many rows of a part, as features and target.
fn sample(run: &EvaluatedRun, part: &KeptPart, most: usize, purpose: &str) -> Result<Option<(Frame, Target)>> {
    let Some(frame) = frame_of(run, part)? else { return Ok(None) };
    let rows = random::stream(seed(run), purpose, 0).sample(frame.rows(), most);
    Ok(Some((frame.select_rows(&rows), run.target(part).select(&rows))))
}

/// The importance of every feature, the greatest first; empty where the training set is not here or the metric is not defined.
pub(super) fn importances(run: &EvaluatedRun, part: &KeptPart, progress: &Progress) -> Result<Vec<Importance>> {
    let Some((frame, truth)) = sample(run, part, PERMUTED, "importance rows")? else { return Ok(Vec::new()) };
    let metric = Metric::default_for(run.task());
    let value = |predictions: &Predictions| -> Result<f64> {
        let found = learn::evaluate(&truth, predictions, run.signature().decision())?;
        Ok(found.get(metric).unwrap_or(f64::NAN))
    };
    let before = value(&run.scorer.score_frame(&frame)?)?;
    if before.is_nan() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let step = progress.step("importance", Some(frame.columns().len() as u64));
    for (at, (feature, column)) in frame.columns().iter().enumerate() {
        let mut losses = Vec::new();
        for repeat in 0..REPEATS {
            step.check()?;
            let mut rows: Vec<usize> = (0..frame.rows()).collect();
            random::stream(seed(run), "importance", (at * REPEATS + repeat) as u64).shuffle(&mut rows);
            let mut shuffled = frame.clone();
            shuffled.set(feature, column.select(&rows))?;
            losses.push(metric.gain(value(&run.scorer.score_frame(&shuffled)?)?, before));
        }
        let range = (
            losses.iter().copied().fold(f64::INFINITY, f64::min),
            losses.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        );
        found.push(Importance { feature: feature.clone(), loss: super::baseline::mean(&losses), range });
        step.advance(1);
    }
    found.sort_by(|a, b| b.loss.total_cmp(&a.loss).then_with(|| a.feature.cmp(&b.feature)));
    Ok(found)
}

/// How the answer goes with a feature of the model; none where the training set is not here.
pub(super) fn dependence(
    run: &EvaluatedRun,
    part: &KeptPart,
    feature: &str,
    progress: &Progress,
) -> Result<Option<Dependence>> {
    let Some((frame, _)) = sample(run, part, AVERAGED, "dependence rows")? else { return Ok(None) };
    let column = frame.column(feature)?;
    let is_number = column.kind().family() == Family::Number;
    let mut at = Vec::new();
    for value in grid(column) {
        progress.check()?;
        let mut same = frame.clone();
        same.set(feature, Column::of_values(column.kind(), std::iter::repeat_n(value.value(), frame.rows())))?;
        let predictions = run.scorer.score_frame(&same)?;
        let means =
            (0..predictions.outputs()).map(|output| super::baseline::mean(&predictions.column(output))).collect();
        at.push((value, means));
    }
    Ok(Some(Dependence { feature: feature.to_owned(), at, is_number }))
}

/// The values at which the answer is averaged: numbers at even shares of the rows without the outermost, words by how frequent they are.
fn grid(column: &Column) -> Vec<OwnedValue> {
    let mut known: Vec<(f64, usize)> = match column.numbers() {
        Some(numbers) => {
            numbers.iter().copied().enumerate().filter(|(_, x)| !x.is_nan()).map(|(row, x)| (x, row)).collect()
        }
        None => return frequent(column),
    };
    known.sort_by(|a, b| a.0.total_cmp(&b.0));
    let place = |at: usize| (known.len() - 1) * (at * 90 / (GRID - 1) + 5) / 100;
    let mut rows: Vec<(f64, usize)> = match known.len() {
        0 => Vec::new(),
        _ => (0..GRID).filter_map(|at| known.get(place(at)).copied()).collect(),
    };
    rows.dedup_by(|a, b| a.0 == b.0);
    rows.into_iter().map(|(_, row)| OwnedValue::of(column.get(row))).collect()
}

fn frequent(column: &Column) -> Vec<OwnedValue> {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for cell in column.cells() {
        if let Value::Text(text) = cell {
            *counts.entry(text).or_default() += 1;
        }
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    counts.into_iter().take(GRID).map(|(text, _)| OwnedValue::of(Value::Text(text))).collect()
}

/// The output that a curve of dependence shows of a task: the only one, or that of each class.
pub(super) fn outputs_shown(task: Task, classes: &[String]) -> Vec<(usize, String)> {
    match task {
        Task::Regression => vec![(0, "mean answer".to_owned())],
        Task::Binary => vec![(0, format!("probability of \"{}\"", classes.get(1).map_or("", String::as_str)))],
        Task::Multiclass => classes.iter().enumerate().take(6).map(|(at, class)| (at, class.clone())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_asked_at_even_shares_and_words_by_frequency() {
        let numbers = Column::floats((0..1000).map(f64::from).chain([f64::NAN]).collect());
        let grid_of =
            |column: &Column| grid(column).iter().map(|value| value.value().as_number()).collect::<Vec<f64>>();
        let found = grid_of(&numbers);
        assert!(found.len() == GRID && found[0] == 49.0 && found[GRID - 1] == 949.0, "{found:?}");
        assert_eq!(grid_of(&Column::floats(vec![2.0, 2.0, 1.0])), [1.0, 2.0]);
        assert_eq!(grid_of(&Column::floats(vec![])), Vec::<f64>::new());
        let words = Column::texts([Some("b"), Some("a"), Some("b"), None]);
        assert_eq!(
            grid(&words).iter().map(|w| format!("{:?}", w.value())).collect::<Vec<_>>(),
            ["Text(\"b\")", "Text(\"a\")"]
        );
    }
}
