//! Every number against Evidently and SciPy on real data: the German credit set, first 500 rows against last 500.
//!
//! The expected numbers are in `tests/vectors/drift-credit-first500-last500.json`, the columns in
//! `tests/vectors/credit.csv`; where both come from is in `tests/vectors/README.md`.

use serde_json::Value;

use super::{Sample, Test};

const EXPECTED: &str = include_str!("../../../tests/vectors/drift-credit-first500-last500.json");
const ROWS: &str = include_str!("../../../tests/vectors/credit.csv");

/// The named column of the given data rows; numeric when `numeric`.
fn column(name: &str, rows: std::ops::Range<usize>, numeric: bool) -> Sample {
    let mut lines = ROWS.lines();
    let at = lines.next().unwrap().split(',').position(|c| c == name).unwrap();
    let cells = lines.skip(rows.start).take(rows.len()).map(|line| line.split(',').nth(at).unwrap());
    if numeric {
        Sample::numeric(cells.map(|cell| cell.parse().unwrap()).collect())
    } else {
        Sample::categorical(cells.map(|cell| (cell, 1)))
    }
}

/// Asserts that each number of `expected` is met to 1e-6 relative, and says how many there were.
fn meets(expected: &Value, reference: &Sample, current: &Sample) -> usize {
    let mut met = 0;
    for test in Test::ALL {
        let Some(number) = expected[test.name()].as_f64() else { continue };
        let score = test.run(reference, current).unwrap();
        assert!((score - number).abs() <= 1e-6 * number.abs(), "{test}: {score}, expected {number}");
        met += 1;
    }
    let outcome = Test::default_for(reference, current).evaluate(None, reference, current).unwrap();
    assert_eq!(outcome.test.name(), expected["default_test"]);
    let number = expected["default_score"].as_f64().unwrap();
    assert!((outcome.score - number).abs() <= 1e-6 * number.abs(), "{}: {}", outcome.test, outcome.score);
    assert_eq!(outcome.drifted, expected["drifted"]);
    met
}

#[test]
fn german_credit_equals_evidently() {
    let expected: Value = serde_json::from_str(EXPECTED).unwrap();
    let mut met = 0;
    for (name, numbers) in expected.as_object().unwrap() {
        let numeric = numbers["type"] == "numeric";
        met += meets(numbers, &column(name, 0..500, numeric), &column(name, 500..1000, numeric));
    }
    assert_eq!(met, 4 * 10 + 5 * 6);
}
