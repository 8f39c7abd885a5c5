//! What is logged is kept, the last value is MLflow's, and a page of runs takes as many queries as any other.

use super::*;
use crate::ledger::{DEFAULT_EXPERIMENT, Filter, Ledger, RunId};
use crate::project::Name;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
    (folder, ledger)
}

fn begun(ledger: &mut Ledger, name: &str) -> RunId {
    let id = RunId::random().unwrap();
    ledger.begin_run(&NewRun::new(id.clone(), name, RunSource::Program)).unwrap();
    id
}

fn point(step: i64, at: i64, value: f64) -> MetricPoint {
    MetricPoint { key: "loss".to_owned(), step, at, value }
}

/// A float by its bits, so that a NaN equals itself.
fn bits(points: &[MetricPoint]) -> BTreeSet<(i64, i64, u64)> {
    points.iter().map(|p| (p.step, p.at, if p.value.is_nan() { u64::MAX } else { p.value.to_bits() })).collect()
}

#[test]
fn several_values_of_one_step_are_kept_and_the_greatest_step_time_and_value_is_the_last() {
    let (_folder, mut ledger) = ledger();
    let run = begun(&mut ledger, "try");
    let points = [point(1, 10, 0.9), point(2, 5, 0.4), point(2, 5, 0.3), point(1, 99, 0.8), point(2, 4, 7.0)];
    ledger.log_metrics(&run, &points).unwrap();
    assert_eq!(bits(&ledger.metric_history(&run, "loss").unwrap()), bits(&points));
    assert_eq!(ledger.runs(1).unwrap()[0].metrics["loss"], 0.4);
    ledger.log_metrics(&run, &points).unwrap();
    assert_eq!(ledger.metric_history(&run, "loss").unwrap().len(), points.len(), "sent twice, kept once");
}

#[test]
fn what_is_not_a_number_and_what_is_infinite_come_back_as_they_were() {
    let (_folder, mut ledger) = ledger();
    let run = begun(&mut ledger, "try");
    let points =
        [point(0, 0, f64::NAN), point(1, 0, f64::INFINITY), point(2, 0, f64::NEG_INFINITY), point(3, 0, 5e-324)];
    ledger.log_metrics(&run, &points).unwrap();
    assert_eq!(bits(&ledger.metric_history(&run, "loss").unwrap()), bits(&points));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever the order of arrival, the history has every value once and the last one is the greatest.
    #[test]
    fn the_last_value_depends_on_no_order_of_arrival(
        points in proptest::collection::vec((-2i64..3, -2i64..3, prop_oneof![Just(f64::NAN), -3.0f64..3.0, Just(0.0)]), 1..20),
    ) {
        let (_folder, mut ledger) = ledger();
        let run = begun(&mut ledger, "try");
        let points: Vec<MetricPoint> = points.into_iter().map(|(step, at, value)| point(step, at, value)).collect();
        ledger.log_metrics(&run, &points).unwrap();
        prop_assert_eq!(bits(&ledger.metric_history(&run, "loss").unwrap()), bits(&points));
        // As MLflow, which keeps a NaN as 0.
        let counted = |p: &MetricPoint| if p.value.is_nan() { 0.0 } else { p.value };
        let rank = |a: &&MetricPoint, b: &&MetricPoint| {
            (a.step, a.at).cmp(&(b.step, b.at)).then(counted(a).partial_cmp(&counted(b)).unwrap())
        };
        let greatest = points.iter().max_by(rank).unwrap();
        let last = ledger.runs(1).unwrap()[0].metrics["loss"];
        prop_assert_eq!(if last.is_nan() { 0.0 } else { last }, counted(greatest));
    }
}

#[test]
fn a_run_has_a_source_a_parent_an_experiment_and_a_user() {
    let (_folder, mut ledger) = ledger();
    let experiment = ledger.create_experiment("churn").unwrap();
    let recipe = Name::parse("late").unwrap();
    let parent = RunId::random().unwrap();
    ledger.begin_run(&NewRun::of_recipe(parent.clone(), &recipe, 7, None)).unwrap();
    let child = NewRun {
        experiment: experiment.clone(),
        parent: Some(parent.clone()),
        user: Some("ann".to_owned()),
        ..NewRun::new(RunId::random().unwrap(), "fold 1", RunSource::Import)
    };
    ledger.begin_run(&child).unwrap();
    let runs = ledger.runs(9).unwrap();
    assert_eq!((runs[0].parent.as_ref(), runs[0].user.as_deref()), (Some(&parent), Some("ann")));
    assert_eq!((runs[0].name.as_str(), runs[0].seed, &runs[0].source), ("fold 1", None, &RunSource::Import));
    assert_eq!((runs[1].experiment.as_str(), runs[1].source.recipe()), (DEFAULT_EXPERIMENT, Some(&recipe)));
    let json = serde_json::to_value(&runs).unwrap();
    assert_eq!((&json[0]["source"], &json[0]["recipe"]), (&"import".into(), &serde_json::Value::Null));
    assert_eq!((&json[1]["source"], &json[1]["recipe"]), (&"recipe".into(), &"late".into()));
    let search = RunSearch { experiments: &[experiment], ..RunSearch::default() };
    assert_eq!(ledger.search_runs(&search).unwrap()[0].id, child.id);
    let orphan = NewRun { parent: Some(RunId::random().unwrap()), id: RunId::random().unwrap(), ..child };
    assert!(ledger.begin_run(&orphan).is_err(), "a parent that is not there");
}

#[test]
fn a_deleted_run_is_left_out_until_it_is_restored() {
    let (_folder, mut ledger) = ledger();
    let (kept, gone) = (begun(&mut ledger, "a"), begun(&mut ledger, "b"));
    ledger.set_run_lifecycle(&gone, Lifecycle::Deleted).unwrap();
    let ids = |lifecycle| {
        let search = RunSearch { lifecycle, ..RunSearch::default() };
        ledger.search_runs(&search).unwrap().into_iter().map(|r| r.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None), [&gone, &kept].map(RunId::clone));
    assert_eq!(ids(Some(Lifecycle::Active)), [kept]);
    assert_eq!(ids(Some(Lifecycle::Deleted)), std::slice::from_ref(&gone));
    assert_eq!(ledger.runs_by_prefix(gone.as_str()).unwrap()[0].lifecycle, Lifecycle::Deleted);
    ledger.set_run_lifecycle(&gone, Lifecycle::Active).unwrap();
    assert_eq!(ledger.runs(9).unwrap().len(), 2);
    assert!(ledger.set_run_lifecycle(&RunId::random().unwrap(), Lifecycle::Deleted).is_err());
}

#[test]
fn a_page_of_many_runs_takes_as_many_queries_as_one_of_one() {
    let (_folder, mut ledger) = ledger();
    let count = |ledger: &Ledger, limit| {
        ledger.queries.set(0);
        let search = RunSearch { limit, filter: Filter::parse("metrics.loss > 0").unwrap(), ..RunSearch::default() };
        (ledger.search_runs(&search).unwrap().len(), ledger.queries.get())
    };
    for at in 0..40 {
        let run = begun(&mut ledger, "try");
        ledger.log_metrics(&run, &[point(0, 0, f64::from(at) + 1.0)]).unwrap();
    }
    assert_eq!(count(&ledger, 1), (1, 4));
    assert_eq!(count(&ledger, 30), (30, 4));
    let page = RunSearch { limit: 3, offset: 39, ..RunSearch::default() };
    assert_eq!(ledger.search_runs(&page).unwrap()[0].metrics["loss"], 1.0, "the oldest run");
}
