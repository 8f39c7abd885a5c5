//! The rules of contracts: in words, and as what breaks them.

use super::convert::column_from;
use super::keys::{Key, key_of_values};
use super::kind::Kind;
use super::polars_calls::exact_column;
use super::sql::sql_condition;
use super::table::Table;
use super::value::Value as Cell;
use crate::error::{Error, Result};
use crate::project::Expectation;
use polars::prelude::{Column as PolarsColumn, *};
use serde_json::Value;
use std::collections::HashSet;

/// Values named of those that a column may have.
const SHOWN_OF_SET: usize = 20;

/// A rule: the words for it, and what breaks it: each row that fulfils the condition, or the type of the column as a whole.
pub(super) enum Rule {
    Rows { words: String, broken: Expr },
    WholeColumn { words: String, broken: bool },
}

/// The rule of a contract, for a table of these columns.
pub(super) fn rule(table: &Table, e: &Expectation) -> Result<Rule> {
    if let Some(text) = &e.condition {
        let broken = sql_condition(text, &table.lazy())?.fill_null(lit(true)).not();
        return Ok(Rule::Rows { words: format!("satisfies {text}"), broken });
    }
    if e.rows.is_some() {
        return Ok(Rule::WholeColumn { words: String::new(), broken: false });
    }
    let name = e.column.as_deref().ok_or_else(|| {
        Error::invalid("a contract without a rule")
            .hint("give column and one of not_null, between, in, matches, type; or unique, rows, condition")
    })?;
    let kind = table.schema().iter().find(|c| c.name == name).map(|c| c.kind.as_str());
    let kind = kind.ok_or_else(|| Error::unknown("column", name, table.names()))?;
    rule_of_column(name, kind, e)
}

/// The rule of a contract on one column; `kind` is the column's type.
fn rule_of_column(name: &str, kind: &str, e: &Expectation) -> Result<Rule> {
    let value = exact_column(name);
    let rows = |words: String, broken: Expr| Ok(Rule::Rows { words, broken });
    if e.not_null == Some(true) {
        return rows("is not null".into(), value.is_null());
    }
    // Missing values break no other rule, a column that has nothing else neither.
    let has_values = kind != "null";
    if let Some([low, high]) = e.between {
        if !matches!(kind, "integer" | "float") {
            return Ok(Rule::WholeColumn {
                words: format!("is a number between {low} and {high} (it is {kind})"),
                broken: has_values,
            });
        }
        let outside = value.clone().lt(lit(low)).or(value.gt(lit(high))).fill_null(lit(false));
        return rows(format!("is between {low} and {high}"), outside);
    }
    if let Some(allowed) = &e.in_set {
        return rule_in_set(value, kind, allowed);
    }
    if let Some(pattern) = &e.matches {
        regex::Regex::new(pattern).map_err(|err| Error::invalid(format!("matches = {pattern:?}: {err}")))?;
        if kind != "text" {
            return Ok(Rule::WholeColumn {
                words: format!("is text that matches {pattern:?} (it is {kind})"),
                broken: has_values,
            });
        }
        let broken = value.str().contains(lit(pattern.as_str()), true).not().fill_null(lit(false));
        return rows(format!("matches {pattern:?}"), broken);
    }
    if let Some(wanted) = &e.kind {
        // Whole numbers are numbers, and a day is a time: a file may hold nothing else by chance.
        let fits = match wanted.as_str() {
            "float" => matches!(kind, "float" | "integer"),
            "time" => matches!(kind, "time" | "date"),
            other => kind == other,
        };
        let words = format!("is of type {wanted} (it is {kind})");
        return Ok(Rule::WholeColumn { words, broken: has_values && !fits });
    }
    Err(Error::invalid(format!("the contract on column \"{name}\" has no rule"))
        .hint("give one of not_null, between, in, matches, type"))
}

/// Values are looked up by their keys: a number is the same however it is written, and a thousand of them cost what one does.
fn rule_in_set(value: Expr, kind: &str, allowed: &[Value]) -> Result<Rule> {
    let cells = allowed.iter().map(Cell::from_json).collect::<Result<Vec<_>>>();
    let cells = cells.map_err(|_| Error::invalid("in = [...] takes texts, numbers and booleans"))?;
    let family = Kind::of_type(kind).family();
    if kind == "null" {
        return Ok(Rule::WholeColumn { words: "is one of a set (it has no values)".to_owned(), broken: false });
    }
    if let Some(other) = cells.iter().find(|cell| cell.family().is_some_and(|found| found != family)) {
        let text = format!("in = [...] has {} for a column of type {kind}", other.to_json());
        return Err(
            Error::invalid(text).hint("write numbers without quotes and texts in quotes, as the column has them")
        );
    }
    let known: HashSet<Key> = cells.into_iter().filter_map(|cell| key_of_values([cell])).collect();
    let other = move |column: PolarsColumn| {
        let cells = column_from(&column).map_err(|e| polars_err!(ComputeError: "{}", e.message()))?;
        let broken = cells.cells().map(|cell| key_of_values([cell]).is_some_and(|key| !known.contains(&key)));
        Ok(BooleanChunked::from_iter_values(column.name().clone(), broken).into_column())
    };
    let shown: Vec<String> = allowed.iter().take(SHOWN_OF_SET).map(Value::to_string).collect();
    let more = allowed.len().saturating_sub(SHOWN_OF_SET);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let broken = value.map(other, |_, field| Ok(Field::new(field.name().clone(), DataType::Boolean)));
    Ok(Rule::Rows { words: format!("is one of {}{more}", shown.join(", ")), broken })
}
