//! Typed columns in memory, between Polars tables and everything that computes on values: numbers (missing is NaN),
//! texts by dictionary, instants in microseconds. [`Value`] is one cell, as the row programs of serving see it;
//! [`Kind`] is the type of either.

use crate::error::{Error, Result};
use crate::project::parse_time;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// The type of a column or a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Numbers and booleans (0 and 1).
    Number,
    /// Texts.
    Text,
    /// Instants.
    Time,
}

impl Kind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Number => "number",
            Kind::Text => "text",
            Kind::Time => "time",
        }
    }

    /// What a column of this recorded type (`integer`, `text`, `date`, …) is in memory.
    pub fn of_type(word: &str) -> Self {
        match word {
            "text" => Kind::Text,
            "time" | "date" => Kind::Time,
            _ => Kind::Number,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Missing.
    Null,
    /// A number (a boolean is 0 or 1); never NaN.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// An instant, microseconds UTC.
    Time(i64),
}

impl<'a> Value<'a> {
    /// A number, or missing if it is NaN.
    pub fn number(x: f64) -> Self {
        if x.is_nan() { Value::Null } else { Value::Number(x) }
    }

    /// The number in it; NaN for anything else.
    pub fn as_number(self) -> f64 {
        match self {
            Value::Number(x) => x,
            _ => f64::NAN,
        }
    }

    /// The cell as JSON; times as RFC 3339.
    pub fn to_json(self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Number(x) => {
                serde_json::Number::from_f64(x).map_or(serde_json::Value::Null, serde_json::Value::Number)
            }
            Value::Text(t) => t.into(),
            Value::Time(t) => crate::project::time_text(t).into(),
        }
    }

    /// A JSON value as a cell. Texts stay texts; nested values are refused.
    pub fn from_json(value: &'a serde_json::Value) -> Result<Self> {
        match value {
            serde_json::Value::Null => Ok(Value::Null),
            serde_json::Value::Bool(b) => Ok(Value::Number(f64::from(u8::from(*b)))),
            serde_json::Value::Number(n) => Ok(Value::number(n.as_f64().unwrap_or(f64::NAN))),
            serde_json::Value::String(s) => Ok(Value::Text(s)),
            _ => Err(Error::invalid("a list or object where one value is expected")),
        }
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Numbers; NaN is missing.
    Number(Vec<f64>),
    /// Codes into a dictionary; [`Column::MISSING`] is missing.
    Text(Vec<u32>, Arc<Vec<String>>),
    /// Microseconds UTC; [`Column::NO_TIME`] is missing.
    Time(Vec<i64>),
}

impl Column {
    /// The code of a missing text.
    pub const MISSING: u32 = u32::MAX;
    /// The mark of a missing instant.
    pub const NO_TIME: i64 = i64::MIN;

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Column::Number(v) => v.len(),
            Column::Text(v, _) => v.len(),
            Column::Time(v) => v.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cell in row `at`; missing beyond the end.
    pub fn get(&self, at: usize) -> Value<'_> {
        match self {
            Column::Number(v) => v.get(at).map_or(Value::Null, |x| Value::number(*x)),
            Column::Text(v, words) => {
                v.get(at).and_then(|code| words.get(*code as usize)).map_or(Value::Null, |w| Value::Text(w))
            }
            Column::Time(v) => v.get(at).filter(|t| **t != Column::NO_TIME).map_or(Value::Null, |t| Value::Time(*t)),
        }
    }

    /// The type of its cells.
    pub fn kind(&self) -> Kind {
        match self {
            Column::Number(_) => Kind::Number,
            Column::Text(..) => Kind::Text,
            Column::Time(_) => Kind::Time,
        }
    }

    /// A text column of these cells.
    pub fn texts<'a>(cells: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut codes_of: HashMap<&'a str, u32> = HashMap::new();
        let code = |cell: Option<&'a str>| match cell {
            None => Column::MISSING,
            Some(word) => *codes_of.entry(word).or_insert_with(|| {
                words.push(word.to_owned());
                (words.len() - 1) as u32
            }),
        };
        let codes: Vec<u32> = cells.into_iter().map(code).collect();
        Column::Text(codes, Arc::new(words))
    }

    /// The rows named, in that order.
    pub fn select(&self, rows: &[usize]) -> Self {
        match self {
            Column::Number(v) => Column::Number(rows.iter().map(|r| v[*r]).collect()),
            Column::Text(v, words) => Column::Text(rows.iter().map(|r| v[*r]).collect(), Arc::clone(words)),
            Column::Time(v) => Column::Time(rows.iter().map(|r| v[*r]).collect()),
        }
    }
}

/// Named columns of equal length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    rows: usize,
    columns: Vec<(String, Column)>,
}

impl Frame {
    /// A frame of these columns.
    pub fn new(columns: Vec<(String, Column)>) -> Result<Self> {
        let rows = columns.first().map_or(0, |(_, c)| c.len());
        match columns.iter().find(|(_, c)| c.len() != rows) {
            Some((name, c)) => Err(Error::invalid(format!("column \"{name}\" has {} rows, not {rows}", c.len()))),
            None => Ok(Frame { rows, columns }),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns with their names, in order.
    pub fn columns(&self) -> &[(String, Column)] {
        &self.columns
    }

    /// The column called `name`.
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(n, _)| n == name).map(|(_, c)| c)
    }

    /// The column called `name`, or an error that offers the nearest.
    pub fn column(&self, name: &str) -> Result<&Column> {
        let known = || self.columns.iter().map(|(n, _)| n.as_str());
        self.get(name).ok_or_else(|| Error::unknown("column", name, known()))
    }

    /// Adds or replaces a column.
    pub fn set(&mut self, name: &str, column: Column) -> Result<()> {
        if !self.columns.is_empty() && column.len() != self.rows {
            return Err(Error::invalid(format!("column \"{name}\" has {} rows, not {}", column.len(), self.rows)));
        }
        self.rows = column.len();
        match self.columns.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = column,
            None => self.columns.push((name.to_owned(), column)),
        }
        Ok(())
    }

    /// The rows named, in that order.
    pub fn select_rows(&self, rows: &[usize]) -> Self {
        let columns = self.columns.iter().map(|(name, c)| (name.clone(), c.select(rows))).collect();
        Frame { rows: rows.len(), columns }
    }

    /// The columns named, in that order.
    pub fn select_columns(&self, names: &[String]) -> Result<Self> {
        let columns = names.iter().map(|n| Ok((n.clone(), self.column(n)?.clone()))).collect::<Result<_>>()?;
        Ok(Frame { rows: self.rows, columns })
    }
}

/// A text cell as an instant, where an instant is expected.
pub fn time_of(value: Value) -> Result<Option<i64>> {
    match value {
        Value::Null => Ok(None),
        Value::Time(t) => Ok(Some(t)),
        Value::Text(text) => parse_time(text).map(Some),
        Value::Number(_) => {
            Err(Error::invalid("a number where a time is expected").hint("write RFC 3339: 2013-04-01T06:00:00Z"))
        }
    }
}
