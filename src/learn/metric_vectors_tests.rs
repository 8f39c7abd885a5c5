//! Every metric of every task beside scikit-learn's value on random rows: many ties, classes without rows, a single row.
//! `tests/peers/metrics.py` wrote the file.

use crate::learn::{Decision, Metric, Predictions, Target, Task, evaluate_with};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Case {
    task: String,
    classes: usize,
    y: Vec<f64>,
    p: Vec<f64>,
    metrics: BTreeMap<String, Option<f64>>,
}

#[test]
fn every_metric_has_scikit_learns_value() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/vectors/metrics.json")).unwrap();
    let all: Vec<Metric> = Metric::all().collect();
    let (mut compared, mut undefined) = (0, 0);
    for (at, case) in cases.into_iter().enumerate() {
        let task = Task::parse(&case.task).unwrap();
        let classes: Vec<String> = (0..case.classes).map(|class| class.to_string()).collect();
        let truth = Target::new(task, case.classes, case.y);
        let predictions = Predictions::new(task.outputs(case.classes), case.p);
        let decision = Decision { threshold: 0.5, classes: &classes };
        let found = evaluate_with(&truth, &predictions, decision, &all).unwrap();
        let found: BTreeMap<&str, f64> = found.iter().collect();
        assert_eq!(
            found.keys().copied().collect::<Vec<_>>(),
            case.metrics.keys().map(String::as_str).collect::<Vec<_>>()
        );
        for (name, theirs) in &case.metrics {
            let ours = found[name.as_str()];
            let close = theirs.map_or(ours.is_nan(), |theirs| (ours - theirs).abs() <= 1e-12 * theirs.abs().max(1.0));
            assert!(close, "case {at}, {} rows: {name} is {ours}, not {theirs:?}", truth.len());
            compared += 1;
            undefined += usize::from(theirs.is_none());
        }
    }
    assert!(compared > 2_500 && undefined > 50, "{compared} compared, {undefined} of them not defined");
}
