//! What a monitor checked, one by one, for a CI system. A case fails only where the command itself exits with 1: a column
//! that drifted while the share of such columns stays below its limit is shown as skipped, with what was found.

use super::drift::DriftOutcome;
use super::performance::{Chunk, PerformanceOutcome};
use super::sections::condition;
use super::statistics::TestOutcome;
use crate::document::plot;
use crate::document::plot::Limit;
use crate::document::{TestCase, TestResult};

/// The share of drifted columns, then each column. A column that could not be tested fails, unless that is allowed.
pub fn drift_cases(outcome: &DriftOutcome, allow_untested: bool) -> Vec<TestCase> {
    let case = |name: &str, result| TestCase { group: "drift".to_owned(), name: name.to_owned(), result };
    let drifted = outcome.details.iter().filter(|column| column.drifted()).count();
    let share = format!(
        "{drifted} of {} columns drifted; the limit is {:.0} % of the columns tested",
        outcome.columns.len(),
        outcome.share_threshold * 100.0
    );
    let whole = if outcome.drifted { TestResult::Failed(share) } else { TestResult::Passed };
    let tested = outcome.details.iter().filter_map(|column| {
        let found = column.outcome.as_ref().ok()?;
        Some(case(&column.column, column_result(found, outcome.drifted)))
    });
    let untested = outcome.untested.iter().map(|column| {
        let text = format!("not tested: {}", column.reason);
        case(&column.column, if allow_untested { TestResult::Skipped(text) } else { TestResult::Failed(text) })
    });
    std::iter::once(case("share of drifted columns", whole)).chain(tested).chain(untested).collect()
}

fn column_result(outcome: &TestOutcome, whole_drifted: bool) -> TestResult {
    if !outcome.drifted {
        return TestResult::Passed;
    }
    let found = format!("{} {}, drift at {}", outcome.test.title(), plot::number(outcome.score), condition(outcome));
    if whole_drifted {
        TestResult::Failed(found)
    } else {
        TestResult::Skipped(format!("drifted, but the share of drifted columns is below its limit: {found}"))
    }
}

/// The newest chunk that has labels against the limits, which are named by metric as [`super::Monitor::limits`] has them.
pub fn performance_cases(outcome: &PerformanceOutcome, limits: &[(String, Limit)]) -> Vec<TestCase> {
    let result = match outcome.performance.chunks.iter().rev().find(|chunk| chunk.passed.is_some()) {
        None if limits.is_empty() => TestResult::Skipped("the monitor has no limit".to_owned()),
        None => TestResult::Skipped("no chunk has labels from which the metric could be computed".to_owned()),
        Some(chunk) if chunk.passed == Some(false) => TestResult::Failed(crossed(chunk, limits)),
        Some(_) => TestResult::Passed,
    };
    vec![TestCase { group: "performance".to_owned(), name: "newest chunk with labels".to_owned(), result }]
}

fn crossed(chunk: &Chunk, limits: &[(String, Limit)]) -> String {
    let found = limits.iter().filter_map(|(metric, limit)| {
        let value = chunk.metrics.get(metric).copied().filter(|value| limit.crossed(*value))?;
        Some(format!("{metric} is {}, must be {} {}", plot::number(value), limit.name, plot::number(limit.value)))
    });
    let found: Vec<String> = found.collect();
    format!("from {} to {}: {}", chunk.from, chunk.to, found.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::plot::{Distribution, Histogram};
    use crate::monitor::drift::{ColumnDrift, TestedColumn, UntestedColumn};
    use crate::monitor::performance::ModelPerformance;
    use crate::monitor::statistics::{ColumnKind, Sample, Test};
    use crate::monitor::watched_model::Watched;
    use crate::project::Name;
    use std::collections::BTreeMap;

    fn column(name: &str, shift: f64) -> TestedColumn {
        let values = |shift: f64| Sample::numeric((0..100).map(|i| f64::from(i) + shift).collect());
        let outcome = Test::Wasserstein.evaluate(None, &values(0.0), &values(shift)).map_err(|e| e.to_string());
        let distribution = Distribution::Numeric(Histogram::default());
        TestedColumn { column: name.to_owned(), kind: ColumnKind::Numeric, outcome, missing: (0.0, 0.0), distribution }
    }

    fn drift(drifted: bool) -> Vec<TestCase> {
        let details = vec![column("moved", 50.0), column("still", 0.0)];
        let plain = |column: &TestedColumn| {
            let found = column.outcome.clone().unwrap();
            ColumnDrift {
                column: column.column.clone(),
                kind: column.kind.name(),
                test: found.test.name(),
                score: found.score,
                threshold: found.threshold,
                drifted: found.drifted,
            }
        };
        let outcome = DriftOutcome {
            watched: None,
            rows_reference: 100,
            rows_current: 100,
            drifted,
            share: 0.5,
            share_threshold: if drifted { 0.5 } else { 0.9 },
            columns: details.iter().map(plain).collect(),
            untested: vec![UntestedColumn { column: "odd".to_owned(), reason: "it has no values".to_owned() }],
            left_out: Vec::new(),
            details,
        };
        drift_cases(&outcome, !drifted)
    }

    #[test]
    fn a_drifted_column_fails_only_together_with_the_whole() {
        let results =
            |drifted: bool| drift(drifted).into_iter().map(|case| (case.name, case.result)).collect::<Vec<_>>();
        let found = results(true);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["share of drifted columns", "moved", "still", "odd"]);
        let TestResult::Failed(share) = &found[0].1 else { panic!("{found:?}") };
        assert!(share.starts_with("1 of 2 columns drifted; the limit is 50 %"), "{share}");
        assert!(matches!(&found[1].1, TestResult::Failed(text) if text.contains("drift at ≥ 0.1")), "{found:?}");
        assert_eq!(found[2].1, TestResult::Passed);
        assert_eq!(found[3].1, TestResult::Failed("not tested: it has no values".to_owned()));
        let found = results(false);
        assert_eq!(found[3].1, TestResult::Skipped("not tested: it has no values".to_owned()), "allowed");
        assert_eq!(found[0].1, TestResult::Passed);
        assert!(matches!(&found[1].1, TestResult::Skipped(text) if text.starts_with("drifted, but")), "{found:?}");
    }

    #[test]
    fn only_the_newest_chunk_with_labels_decides() {
        let chunk = |day: u32, auc: Option<f64>, passed| Chunk {
            from: format!("2013-01-0{day}"),
            to: format!("2013-01-0{}", day + 1),
            rows: 10,
            labelled: 10,
            metrics: auc.map(|auc| ("auc".to_owned(), auc)).into_iter().collect::<BTreeMap<_, _>>(),
            passed,
        };
        let limits = [("auc".to_owned(), Limit { name: "at least".to_owned(), value: 0.7, bad_below: true })];
        let result = |chunks: Vec<Chunk>, limits: &[(String, Limit)]| {
            let (deployment, task) = (Name::parse("delay").unwrap(), crate::learn::Task::Binary);
            let performance = ModelPerformance { task, rows: 0, labelled: 0, metrics: BTreeMap::new(), chunks };
            let watched = Watched {
                model: "delay@1".to_owned(),
                model_hash: crate::store::Hash::of(b"delay"),
                rows_other_models: 0,
                lookups: Default::default(),
                unreadable: crate::predictions::Unreadable::default(),
            };
            let outcome = PerformanceOutcome {
                deployment,
                watched,
                passed: true,
                measured: true,
                performance,
                other_models: Vec::new(),
            };
            performance_cases(&outcome, limits).remove(0).result
        };
        let (bad, good, open) =
            (chunk(1, Some(0.5), Some(false)), chunk(2, Some(0.8), Some(true)), chunk(3, None, None));
        assert_eq!(result(vec![bad.clone(), good, open.clone()], &limits), TestResult::Passed);
        assert_eq!(
            result(vec![bad, open.clone()], &limits),
            TestResult::Failed("from 2013-01-01 to 2013-01-02: auc is 0.5, must be at least 0.7".to_owned())
        );
        assert!(matches!(result(vec![open.clone()], &limits), TestResult::Skipped(text) if text.contains("no chunk")));
        assert!(matches!(result(vec![open], &[]), TestResult::Skipped(text) if text.contains("no limit")));
    }
}
