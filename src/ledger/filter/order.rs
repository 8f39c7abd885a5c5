//! What runs are sorted by. As in MLflow, runs that lack a field come last in both directions, after those whose metric is
//! not a number.

use super::compile::{CompiledFilter, END, START};
use super::cursor::Cursor;
use super::field::{Field, NumberField, TextField};
use crate::error::Result;

/// More fields are refused.
const MOST: usize = 32;

/// Fields and directions, the first one deciding first. The default has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    terms: Vec<(Field, Direction)>,
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The smallest.
    Ascending,
    /// The greatest.
    Descending,
}

impl Order {
    /// Reads fields, each with `asc` (the default) or `desc`.
    ///
    /// Errors name the character at which a text stops making sense, and fields that are there twice.
    pub fn parse(texts: &[String]) -> Result<Self> {
        let mut order = Order::default();
        for text in texts {
            let mut cursor = Cursor::new("order", text)?;
            let field = Field::read(&mut cursor)?;
            if matches!(&field, Field::Text(text) if text.is_of_dataset()) {
                return Err(cursor
                    .error_at(0, "runs have several datasets")
                    .hint("sort by a metric, param, tag or attribute"));
            }
            let descending = !cursor.keyword("asc") && cursor.keyword("desc");
            if !cursor.is_at_end() {
                let message = format!("{} where the order should end", cursor.shown());
                return Err(cursor.error(message).hint("write one field, with asc or desc behind it"));
            }
            if order.terms.iter().any(|(known, _)| *known == field) {
                return Err(cursor.error_at(0, "the field is there twice").hint("leave one of them out"));
            }
            if order.terms.len() == MOST {
                return Err(cursor.error_at(0, format!("more than {MOST} fields")).hint("leave some out"));
            }
            order.terms.push((field, if descending { Direction::Descending } else { Direction::Ascending }));
        }
        Ok(order)
    }

    /// By the last value of a metric.
    pub fn by_metric(key: &str, direction: Direction) -> Self {
        Order { terms: vec![(Field::Number(NumberField::Metric(key.to_owned())), direction)] }
    }

    /// Adds the terms, each with a comma behind it.
    pub(in crate::ledger) fn compile(&self, sql: &mut CompiledFilter) {
        for (field, direction) in &self.terms {
            compile_rank(field, sql);
            sql.push(", ");
            compile_value(field, sql);
            sql.push(if *direction == Direction::Ascending { " ASC, " } else { " DESC, " });
        }
    }
}

/// Sorts values first (0), then NaN (1), then runs without the field (2).
fn compile_rank(field: &Field, sql: &mut CompiledFilter) {
    match field {
        Field::Number(NumberField::Metric(key)) => {
            sql.push("IFNULL(");
            compile_keyed("m.is_nan", "latest_metric AS m WHERE m.run = run.id AND m.key = ", key, sql);
            sql.push(", 2)");
        }
        _ => {
            sql.push("(");
            compile_value(field, sql);
            sql.push(") IS NULL");
        }
    }
}

fn compile_value(field: &Field, sql: &mut CompiledFilter) {
    match field {
        Field::Number(NumberField::Metric(key)) => {
            compile_keyed("m.value", "latest_metric AS m WHERE m.run = run.id AND m.key = ", key, sql);
        }
        Field::Number(NumberField::Start) => sql.push(START),
        Field::Number(NumberField::End) => sql.push(END),
        Field::Text(TextField::Param(key)) => {
            compile_keyed("t.value", "run_param AS t WHERE t.run = run.id AND t.key = ", key, sql);
        }
        Field::Text(TextField::Tag(key)) => {
            compile_keyed("t.value", "run_tag AS t WHERE t.run = run.id AND t.key = ", key, sql);
        }
        Field::Text(TextField::Id) => sql.push("run.id"),
        Field::Text(TextField::Name) => sql.push("run.name"),
        Field::Text(TextField::Status) => sql.status(),
        Field::Text(TextField::User) => sql.push("run.user"),
        // Refused when the order was read.
        Field::Text(TextField::DatasetName | TextField::DatasetDigest | TextField::DatasetContext) => sql.push("NULL"),
    }
}

fn compile_keyed(column: &'static str, rows: &'static str, key: &str, sql: &mut CompiledFilter) {
    sql.push("(SELECT ");
    sql.push(column);
    sql.push(" FROM ");
    sql.push(rows);
    sql.bind(key.to_owned());
    sql.push(")");
}
