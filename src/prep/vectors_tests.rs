//! Steps give scikit-learn's numbers. `tests/peers/preparation.py` writes the cases: a step, the table it is fitted on, the rows that are asked
//! about, what scikit-learn makes of them. Those of few rows lie in the repository; `tests/peers/preparation.sh` makes many rows of them.

use super::{Prepare, StepDefinition};
use crate::data::{Column, Frame, Kind};
use crate::learn::{Matrix, Needs, Target, Task};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    step: Value,
    train: serde_json::Map<String, Value>,
    asked: serde_json::Map<String, Value>,
    task: Task,
    target: Vec<f64>,
    expected: Vec<Vec<Option<f64>>>,
    tolerance: f64,
}

fn frame(columns: &serde_json::Map<String, Value>) -> Frame {
    let column = |cells: &Value| {
        let cells = cells.as_array().unwrap();
        match cells.iter().any(Value::is_string) {
            true => Column::texts(cells.iter().map(Value::as_str)),
            false => Column::floats(cells.iter().map(|cell| cell.as_f64().unwrap_or(f64::NAN)).collect()),
        }
    };
    Frame::new(columns.iter().map(|(name, cells)| (name.clone(), column(cells))).collect()).unwrap()
}

fn prepared(case: &Case) -> crate::error::Result<Matrix> {
    let steps = StepDefinition::parse_all(&[serde_json::from_value(case.step.clone()).unwrap()])?;
    let classes = match case.task {
        Task::Regression => 0,
        _ => case.target.iter().fold(0.0, |most: f64, class| most.max(*class)) as usize + 1,
    };
    let target = Target::new(case.task, classes, case.target.clone());
    let needs = Needs { numeric: false, complete: false, scaled: false };
    let train = frame(&case.train);
    let (preparation, _) = super::fit(&train, &target, Prepare { steps: &steps, needs, seed: 1 })?;
    let features: Vec<(String, Kind)> = train.columns().iter().map(|(name, c)| (name.clone(), c.kind())).collect();
    preparation.prepare(&features)?.matrix(&frame(&case.asked))
}

/// What is wrong with a case, if anything. A number may be off by the tolerance times the greatest size in its column.
fn wrong(case: &Case) -> Option<String> {
    let found = match prepared(case) {
        Ok(found) => found,
        Err(e) => return Some(e.to_string()),
    };
    if found.columns() != case.expected.len() {
        return Some(format!("{} columns, not {}", found.columns(), case.expected.len()));
    }
    for (j, expected) in case.expected.iter().enumerate() {
        let size = expected.iter().flatten().fold(0.0, |most: f64, x| most.max(x.abs()));
        for (row, (x, y)) in found.column(j).iter().zip(expected).enumerate() {
            let close = y.map_or(x.is_nan(), |y| (x - y).abs() <= case.tolerance * size);
            if !close {
                return Some(format!("{} in row {row} is {x}, not {y:?}", found.name(j)));
            }
        }
        assert_eq!(found.rows(), expected.len(), "{}", case.name);
    }
    None
}

fn check(text: &str, least: usize) {
    let Vectors { cases } = serde_json::from_str(text).unwrap();
    assert!(cases.len() >= least, "only {} cases", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(|case| Some(format!("{}: {}", case.name, wrong(case)?))).collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn steps_give_the_numbers_of_scikit_learn() {
    check(include_str!("../../tests/vectors/preparation.json"), 100);
}

/// Run by `tests/peers/preparation.sh`, which names the file.
#[test]
#[ignore = "reads a file that scikit-learn wrote; tests/peers/preparation.sh runs it"]
fn steps_give_the_numbers_that_scikit_learn_just_gave() {
    let path = std::env::var("PREPARATION_VECTORS").unwrap();
    check(&std::fs::read_to_string(path).unwrap(), 300);
}
