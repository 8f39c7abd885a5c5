//! Two runs on the same rows: how far each metric differs, with a paired bootstrap interval, and for the area under the ROC curve the test
//! of DeLong. Where an interval holds 0, the rows can't tell the two apart.
//!
//! Rows are the same where both runs have one training set, or their sets take the same rows of the same version (dataset, filter, time), and
//! the same places of it are kept with the same labels. Otherwise the comparison says why it is none.

use super::evaluated_run::EvaluatedRun;
use crate::error::Result;
use crate::learn::delong::compare_areas;
use crate::learn::{self, Metric, Task, bootstrap};
use crate::ledger::{InputKind, RunId, RunRow};
use crate::model::{KeptPart, KeptRows};
use crate::progress::Progress;
use serde::Serialize;

/// Rows up to which also metrics that are not usual ones are compared.
const MANY: usize = 20_000;

/// How a metric of two runs differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricDifference {
    /// The metric.
    pub metric: &'static str,
    /// Of the first run.
    pub a: f64,
    /// Of the second.
    pub b: f64,
    /// The second less the first.
    pub difference: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The run that is better beyond doubt, if one is.
    pub better: Option<RunId>,
}

/// Whether two areas under the ROC curve differ, by DeLong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AucTest {
    /// The second less the first.
    pub difference: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The chance of a difference this large if there were none.
    pub p: f64,
}

/// Two runs side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunComparison {
    /// The first run.
    pub a: RunId,
    /// The second.
    pub b: RunId,
    /// Why their rows can't be compared, if they can't.
    pub refused: Option<String>,
    /// Which rows: `test`, `validation` or `cv`.
    pub part: Option<&'static str>,
    /// How many.
    pub rows: usize,
    /// Metric by metric.
    pub differences: Vec<MetricDifference>,
    /// Of two classes.
    pub auc_test: Option<AucTest>,
}

impl RunComparison {
    /// Two runs that can't be compared, with the reason.
    pub fn refused(a: &RunRow, b: &RunRow, reason: &str) -> RunComparison {
        RunComparison {
            a: a.id.clone(),
            b: b.id.clone(),
            refused: Some(reason.to_owned()),
            part: None,
            rows: 0,
            differences: Vec::new(),
            auc_test: None,
        }
    }
}

/// Compares the second run with the first on the rows that both are judged by.
///
/// Errors: Ctrl-C. Runs that can't be compared are no error: `refused` says why.
pub fn compare(a: &EvaluatedRun, b: &EvaluatedRun, progress: &Progress) -> Result<RunComparison> {
    let (of_a, of_b) = match same_rows(a, b) {
        Ok(parts) => parts,
        Err(reason) => return Ok(RunComparison::refused(&a.run, &b.run, &reason)),
    };
    let mut comparison = RunComparison { refused: None, ..RunComparison::refused(&a.run, &b.run, "") };
    let (truth, task) = (a.target(&of_a), a.task());
    let (first, second) =
        ((&of_a.predictions, a.signature().decision()), (&of_b.predictions, b.signature().decision()));
    let metrics = compared(a, b, &of_a);
    let seed = a.scorer.bundle.lineage.seed;
    let found = bootstrap::differences(&truth, first, second, &metrics, seed, progress)?;
    let values = |(predictions, decision)| learn::evaluate_with(&truth, predictions, decision, &metrics);
    let (own, other) = (values(first)?, values(second)?);
    for of in found {
        let better = match (of.low > 0.0, of.high < 0.0, of.metric.higher_is_better()) {
            (true, _, true) | (_, true, false) => Some(b.run.id.clone()),
            (_, true, true) | (true, _, false) => Some(a.run.id.clone()),
            _ => None,
        };
        comparison.differences.push(MetricDifference {
            metric: of.metric.name(),
            a: own.get(of.metric).unwrap_or(f64::NAN),
            b: other.get(of.metric).unwrap_or(f64::NAN),
            difference: of.value,
            low: of.low,
            high: of.high,
            better,
        });
    }
    if task == Task::Binary {
        let positive: Vec<bool> = of_a.labels.iter().map(|label| *label == 1.0).collect();
        let test = compare_areas(&positive, of_a.predictions.values(), of_b.predictions.values());
        comparison.auc_test =
            test.map(|test| AucTest { difference: test.difference, low: test.low, high: test.high, p: test.p });
    }
    Ok(RunComparison { part: Some(of_a.which.name()), rows: of_a.rows.len(), ..comparison })
}

/// The usual metrics and, of rows that are not many, those that both recipes ask for: they are computed from scratch on each draw.
fn compared(a: &EvaluatedRun, b: &EvaluatedRun, part: &KeptPart) -> Vec<Metric> {
    let usual = Metric::of(a.task());
    let recorded = |run: &EvaluatedRun, metric: &Metric| {
        run.run.metrics.contains_key(&format!("{}.{}", part.which.name(), metric.name()))
    };
    let asked = Metric::all().filter(|metric| {
        part.rows.len() <= MANY && !usual.contains(metric) && recorded(a, metric) && recorded(b, metric)
    });
    usual.iter().copied().chain(asked).collect()
}

/// The same rows of both; the reason where there are none.
fn same_rows(a: &EvaluatedRun, b: &EvaluatedRun) -> std::result::Result<(KeptPart, KeptPart), String> {
    let (first, second) = (a.signature(), b.signature());
    if first.task != second.task {
        return Err(format!("one predicts {}, the other {}", first.task.name(), second.task.name()));
    }
    if first.classes != second.classes {
        return Err("their classes are not the same".to_owned());
    }
    let both = [KeptRows::Test, KeptRows::Validation, KeptRows::Folds]
        .into_iter()
        .find_map(|which| Some((a.part(which)?.sorted(), b.part(which)?.sorted())));
    let Some((of_a, of_b)) = both else {
        return Err("they have no part in common whose predictions are kept".to_owned());
    };
    if a.run.set != b.run.set {
        same_spine(a, b)?;
    }
    if of_a.rows != of_b.rows {
        let shared = of_a.rows.iter().filter(|row| of_b.rows.binary_search(row).is_ok()).count();
        let (part, x, y) = (of_a.which.name(), of_a.rows.len(), of_b.rows.len());
        return Err(format!("their {part} rows differ: {x} and {y} rows, {shared} of them in both"));
    }
    let equal = |(x, y): (&f64, &f64)| x.to_bits() == y.to_bits();
    if !of_a.labels.iter().zip(&of_b.labels).all(equal) {
        return Err("the same rows have other labels".to_owned());
    }
    Ok((of_a, of_b))
}

/// Whether two sets take the same rows of the same version, so that a place means the same row in both.
fn same_spine(a: &EvaluatedRun, b: &EvaluatedRun) -> std::result::Result<(), String> {
    let (Some(first), Some(second)) = (&a.definitions, &b.definitions) else {
        return Err(
            "they are of different training sets, and a run from before definitions were kept does not say how"
                .to_owned(),
        );
    };
    let set = |kept: &crate::model::RecordedDefinitions| {
        let recipe = kept.definitions.train.get(&kept.recipe)?;
        kept.definitions.set.get(&recipe.set).cloned()
    };
    let (Some(of_first), Some(of_second)) = (set(first), set(second)) else {
        return Err("their recorded definitions are damaged".to_owned());
    };
    let version = |run: &EvaluatedRun, name: &crate::project::Name| {
        let is = |input: &&crate::ledger::InputRow| input.kind == InputKind::Dataset && input.name == name.as_str();
        run.inputs.iter().find(is).map(|input| input.hash)
    };
    if of_first.spine != of_second.spine {
        return Err(format!("one has the rows of {}, the other of {}", of_first.spine, of_second.spine));
    }
    if version(a, &of_first.spine) != version(b, &of_second.spine) {
        return Err(format!("they have different versions of {}", of_first.spine));
    }
    if of_first.filter != of_second.filter {
        return Err("their sets take different rows (where)".to_owned());
    }
    if first.from != second.from || of_first.event_time != of_second.event_time {
        return Err("their sets begin at different times".to_owned());
    }
    Ok(())
}
