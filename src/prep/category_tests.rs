//! Numbers of categories: those of scikit-learn's and category_encoders' encoders for a few rows, and crosses.

use super::tests::{by_columns, fit, ready, rows_of};
use super::{Prepare, StepDefinition};
use crate::data::{Column, Frame, Value};
use crate::learn::{Needs, Target, Task};
use crate::project::PrepDef;
use serde_json::json;

/// `TargetEncoder(smooth=…).fit(X, y)` of scikit-learn 1.9.1 on the same 12 rows: `encodings_` and `target_mean_`.
#[test]
fn target_encoding_is_that_of_scikit_learn() {
    let words = ["a", "b", "a", "c", "b", "a", "c", "c", "c", "b", "a", "d"];
    let frame = Frame::new(vec![("c".to_owned(), Column::texts(words.map(Some)))]).unwrap();
    let y = vec![1.5, 2.0, 0.5, 4.0, 2.5, 3.0, 5.5, 4.5, 6.0, 1.0, 2.0, 9.0];
    let target = Target::new(Task::Regression, 0, y);
    for (smooth, expected) in encoded() {
        let definition = json!({"op": "target_encode", "columns": "c", "smooth": smooth, "folds": 3});
        let steps = StepDefinition::parse_all(&[serde_json::from_value(definition).unwrap()]).unwrap();
        let needs = Needs { numeric: true, complete: true, scaled: false };
        let (preparation, training) = super::fit(&frame, &target, Prepare { steps: &steps, needs, seed: 1 }).unwrap();
        let prepared = ready(&preparation, &frame).unwrap();
        let mut out = Vec::new();
        for (word, expected) in ["a", "b", "c", "d", "never seen"].into_iter().zip(expected) {
            prepared.row(&[Value::Text(word)], &mut out);
            assert!((out[0] - expected).abs() < 1e-12, "{smooth} {word}: {}, not {expected}", out[0]);
        }
        let plain = prepared.matrix(&frame).unwrap();
        assert_ne!(rows_of(&training), rows_of(&plain), "training rows don't see their own target");
        // "d" occurs once: without its own row nothing is known of it but the mean of the other folds.
        assert!(training.column(0)[11] < 4.0, "{:?}", training.column(0));
    }
}

/// `WOEEncoder(regularization=1.0)` and `CountEncoder()` of category_encoders 2.11.2 on the same rows.
#[test]
fn evidence_and_counts_are_those_of_category_encoders() {
    let words = ["a", "b", "a", "c", "b", "a", "c", "c", "c", "b", "a", "d"];
    let frame = Frame::new(vec![("c".to_owned(), Column::texts(words.map(Some)))]).unwrap();
    let y = [1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1].map(f64::from).to_vec();
    let target = Target::new(Task::Binary, 2, y);
    let needs = Needs { numeric: true, complete: true, scaled: false };
    let answers = |definition: serde_json::Value| -> Vec<f64> {
        let steps = StepDefinition::parse_all(&[serde_json::from_value(definition).unwrap()]).unwrap();
        let (preparation, _) = super::fit(&frame, &target, Prepare { steps: &steps, needs, seed: 1 }).unwrap();
        let prepared = ready(&preparation, &frame).unwrap();
        let mut out = Vec::new();
        let mut answer = |word: Value| {
            prepared.row(&[word], &mut out);
            out[0]
        };
        ["a", "b", "c", "never seen"]
            .map(|word| answer(Value::Text(word)))
            .into_iter()
            .chain([answer(Value::Null)])
            .collect()
    };
    let evidence = answers(json!({"op": "weight_of_evidence", "columns": "c", "folds": 2}));
    let expected = [-0.25131442828090605, -0.6567795363890705, 0.44183275227903923, 0.0, 0.0];
    assert!(evidence.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-12), "{evidence:?}");
    assert_eq!(answers(json!({"op": "count", "columns": "c"})), [4.0, 3.0, 4.0, 0.0, 0.0]);
    assert_eq!(answers(json!({"op": "count", "columns": "c", "normalize": true}))[1], 0.25);
}

/// What only the combination says gets a name of its own, whatever stands in the parts.
#[test]
fn different_combinations_of_categories_never_have_one_name() {
    let column = |name: &str, words: [&'static str; 4]| (name.to_owned(), Column::texts(words.map(Some)));
    let parts = [column("c", ["a", "a & b", "a &", "&"]), column("d", ["b & c", "c", "& b", "& & b"])];
    let frame = Frame::new(parts.to_vec()).unwrap();
    let steps: Vec<PrepDef> = vec![serde_json::from_value(json!({"op": "cross", "columns": ["c", "d"]})).unwrap()];
    let fitted = fit(&frame, &steps, Needs { numeric: false, complete: false, scaled: false }).unwrap();
    let crossed = by_columns(&fitted.prepared, &frame);
    let names: std::collections::BTreeSet<u64> = crossed.iter().map(|row| row[2]).collect();
    assert_eq!(names.len(), 4, "{:?}", fitted.preparation);
    let other = Frame::new(vec![column("c", ["a"; 4]), column("d", ["c"; 4])]).unwrap();
    assert!(by_columns(&fitted.prepared, &other).iter().all(|row| f64::from_bits(row[2]).is_nan()), "never seen");
}

type Encoded = (serde_json::Value, [f64; 5]);

fn encoded() -> [Encoded; 2] {
    [
        (json!("auto"), [1.810203313253012, 1.8703515373402488, 4.9578651685393265, 9.0, 3.4583333333333335]),
        (
            json!(2.0),
            [2.3194444444444446, 2.4833333333333334, 4.486111111111112, 5.305555555555556, 3.4583333333333335],
        ),
    ]
}
