//! Batch prediction: a table in, the same table with the model's answers out. Features of views are joined offline,
//! as of each row's time.

use super::answer::{Answer, Predicted, set_text};
use super::scorer::{Scorer, not_finite};
use super::signature::Signature;
use crate::data::{Kind, Value, column_from, column_named, from_polars};
use crate::error::{self, Error, Result};
use crate::features::{FeaturePlan, score_frame};
use crate::ledger::Ledger;
use crate::progress::Progress;
use crate::project::Project;
use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, Series};
use serde::Serialize;

/// What was predicted.
#[derive(Debug, Serialize)]
pub struct PredictOutcome {
    /// How many rows were predicted.
    pub rows: usize,
    /// The path of the file written.
    pub output: String,
}

/// The table with the model's predictions added.
pub fn predict_table(
    project: &Project,
    ledger: &Ledger,
    scorer: &Scorer,
    table: &DataFrame,
    progress: &Progress,
) -> Result<DataFrame> {
    no_infinite_input(&scorer.bundle.features, table)?;
    let (frame, _) = score_frame(project, ledger, &scorer.bundle.features, table, progress)?;
    let signature = &scorer.bundle.signature;
    let predictions = scorer.score_frame(&frame)?;
    let answers: Vec<Answer> = predictions.iter().map(|numbers| signature.answer(numbers)).collect();
    match not_finite(&answers) {
        Some((row, error)) => Err(error.at(format!("row {}", row + 1))),
        None if answers.is_empty() => without_answers(table, signature),
        None => add_predictions(table, None, &answers),
    }
}

/// A table without rows with the columns of answers, of which there are none.
fn without_answers(table: &DataFrame, signature: &Signature) -> Result<DataFrame> {
    let mut out = table.clone();
    for column in signature.columns() {
        let kind = if column.kind == Kind::Text { DataType::String } else { DataType::Float64 };
        out.with_column(Series::new_empty(column.name.as_str().into(), &kind).into_column()).map_err(from_polars)?;
    }
    Ok(out)
}

/// Refuses a number that no request can bring: a server and a batch answer the same rows.
pub(super) fn no_infinite_input(plan: &FeaturePlan, table: &DataFrame) -> Result<()> {
    for input in &plan.inputs {
        let Ok(column) = column_named(table, &input.name) else { continue };
        // Only floats can be infinite.
        if input.kind == Kind::Text || !matches!(column.dtype(), DataType::Float32 | DataType::Float64) {
            continue;
        }
        let cells = column_from(column)?;
        if let Some(row) = cells.cells().position(|cell| matches!(cell, Value::Float(number) if number.is_infinite())) {
            return Err(Error::invalid(format!("column {} has an infinite number", error::quoted(&input.name)))
                .at(format!("row {}", row + 1))
                .hint("leave the cell empty, or write the largest number that is meant"));
        }
    }
    Ok(())
}

/// The table with `prediction_id` (where there are ids) and the columns of the answers added: `probability` of two
/// classes, `prediction`, `probability_CLASS` of several, `lower` and `upper`, or `prediction_set` as a JSON list.
pub fn add_predictions(table: &DataFrame, ids: Option<&[String]>, answers: &[Answer]) -> Result<DataFrame> {
    let mut columns = Vec::new();
    if let Some(ids) = ids {
        columns.push(Series::new("prediction_id".into(), ids).into_column());
    }
    if answers.iter().any(|answer| answer.probability.is_some()) {
        let cells: Vec<Option<f64>> = answers.iter().map(|answer| answer.probability).collect();
        columns.push(Series::new("probability".into(), cells).into_column());
    }
    columns.push(predicted(answers));
    for (at, (class, _)) in answers.first().into_iter().flat_map(|answer| &answer.probabilities).enumerate() {
        let cells: Vec<Option<f64>> = answers.iter().map(|a| a.probabilities.get(at).map(|(_, p)| *p)).collect();
        columns.push(Series::new(format!("probability_{class}").into(), cells).into_column());
    }
    let numbers = |name: &str, of: fn(&Answer) -> Option<f64>| {
        let cells: Vec<Option<f64>> = answers.iter().map(of).collect();
        cells.iter().any(Option::is_some).then(|| Series::new(name.into(), cells).into_column())
    };
    columns.extend(numbers("lower", |answer| answer.lower));
    columns.extend(numbers("upper", |answer| answer.upper));
    let sets: Vec<Option<String>> =
        answers.iter().map(|answer| answer.prediction_set.as_deref().map(set_text)).collect();
    if sets.iter().any(Option::is_some) {
        columns.push(Series::new("prediction_set".into(), sets).into_column());
    }
    warn_of_replaced(table, columns.iter().map(|column| column.name().as_str()));
    let mut out = table.clone();
    for column in columns {
        out.with_column(column).map_err(from_polars)?;
    }
    Ok(out)
}

/// Says which columns of the table the answers take the place of.
pub(super) fn warn_of_replaced<'a>(table: &DataFrame, names: impl Iterator<Item = &'a str>) {
    let replaced: Vec<&str> = names.filter(|name| table.column(name).is_ok()).collect();
    if !replaced.is_empty() {
        let hint = "rename them in the input to keep them";
        tracing::warn!(columns = replaced.join(", "), hint, "columns of the input are replaced by the model's answers");
    }
}

/// The column `prediction`: texts of classes, or numbers.
fn predicted(answers: &[Answer]) -> Column {
    let number = |answer: &Answer| match answer.prediction {
        Predicted::Number(number) => Some(number),
        Predicted::Class(_) => None,
    };
    let class = |answer: &Answer| match &answer.prediction {
        Predicted::Class(class) => class.clone(),
        Predicted::Number(number) => number.to_string(),
    };
    let name = "prediction".into();
    match answers.iter().map(number).collect::<Option<Vec<f64>>>() {
        Some(numbers) if !numbers.is_empty() => Series::new(name, numbers).into_column(),
        _ => Series::new(name, answers.iter().map(class).collect::<Vec<String>>()).into_column(),
    }
}
