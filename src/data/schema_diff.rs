//! How the columns of a new version differ from those of the version before it, and which cell made a column of numbers a text.

use super::convert::{column_from, column_named};
use super::diff::{ColumnChange, schema_changes};
use super::polars_calls::{collect, exact_column};
use super::table::Table;
use super::value::Value;
use crate::error::Result;
use crate::ledger::DatasetVersion;
use crate::project::parse_time;
use serde::Serialize;

/// How the columns of a version differ from those of the version before it.
#[derive(Debug, Clone, Serialize)]
pub struct SchemaDiff {
    /// The number of the version before.
    pub since: u32,
    /// Columns that are new, gone or of another type.
    pub columns: Vec<ColumnChange>,
    /// For each column that became one of texts: the first cell that its old type does not take.
    pub first: Vec<FirstText>,
}

/// The first cell of a column that the column's old type does not take.
#[derive(Debug, Clone, Serialize)]
pub struct FirstText {
    /// The column.
    pub column: String,
    /// The row, from 1, over all files of the dataset.
    pub row: usize,
    /// What the cell says.
    pub text: String,
}

/// What changed since the version `before`.
pub(super) fn schema_diff(before: &DatasetVersion, table: &Table) -> Result<SchemaDiff> {
    let columns = schema_changes(&before.schema, table.schema());
    let first = columns.iter().map(|change| first_text(table, change)).collect::<Result<Vec<_>>>()?;
    Ok(SchemaDiff { since: before.version, columns, first: first.into_iter().flatten().collect() })
}

/// The first cell that the old type does not take, of a column that became one of texts; none for any other change.
fn first_text(table: &Table, change: &ColumnChange) -> Result<Option<FirstText>> {
    let (Some(from), Some("text")) = (change.from.as_deref(), change.to.as_deref()) else { return Ok(None) };
    let column =
        column_from(column_named(&collect(table.lazy().select([exact_column(&change.column)]))?, &change.column)?)?;
    let other = |text: &str| match from {
        "integer" | "float" => text.trim().parse::<f64>().is_err(),
        "boolean" => !matches!(text.to_ascii_lowercase().as_str(), "true" | "false"),
        "time" | "date" => parse_time(text).is_err(),
        _ => false,
    };
    let first = column.cells().enumerate().find_map(|(row, cell)| match cell {
        Value::Text(text) if other(text) => Some((row + 1, text.chars().take(60).collect())),
        _ => None,
    });
    Ok(first.map(|(row, text)| FirstText { column: change.column.clone(), row, text }))
}
