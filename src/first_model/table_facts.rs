//! What a table shows of its columns: type, missing and distinct values.

use crate::data::{Column, Kind, Value, column_from};
use crate::error::Result;
use polars::prelude::DataFrame;
use std::collections::HashSet;

/// A column, as far as guessing needs it.
pub(super) struct ColumnFacts {
    pub name: String,
    pub kind: Kind,
    pub missing: usize,
    /// Different values that are not missing.
    pub distinct: usize,
    /// Whether each row has the next whole number, from 0 or 1 on.
    pub counts_rows: bool,
    /// Of a column that is taken as texts though most of its cells are numbers: the first cell that is not a number.
    pub text_among_numbers: Option<String>,
    /// Whether most cells are numbers with marks between their thousands: `1.001,50`.
    pub grouped: bool,
    pub column: Column,
}

impl ColumnFacts {
    /// Facts of every column.
    pub fn of(table: &DataFrame) -> Result<Vec<ColumnFacts>> {
        table.columns().iter().map(|series| Ok(ColumnFacts::of_column(series.name(), column_from(series)?))).collect()
    }

    fn of_column(name: &str, column: Column) -> ColumnFacts {
        let missing = column.cells().filter(|cell| *cell == Value::Null).count();
        let counts_rows = [0, 1].iter().any(|first| {
            let counted = |(at, cell): (usize, Value)| cell == Value::Integer(at as i128 + first);
            column.len() > 1 && column.cells().enumerate().all(counted)
        });
        let distinct = distinct(&column);
        let text_among_numbers = text_among_numbers(&column);
        ColumnFacts {
            name: name.to_owned(),
            kind: column.kind(),
            missing,
            distinct,
            counts_rows,
            text_among_numbers,
            grouped: is_grouped(&column),
            column,
        }
    }

    /// Whether every row has a value of its own.
    pub fn is_unique(&self) -> bool {
        self.missing == 0 && self.distinct == self.column.len()
    }
}

fn is_grouped(column: &Column) -> bool {
    let (mut grouped, mut others) = (0, 0);
    for cell in column.cells() {
        let Value::Text(text) = cell else { continue };
        if text.trim().replace(',', ".").parse::<f64>().is_ok() {
            continue;
        }
        let digits = text.trim().trim_start_matches(['-', '+']);
        let is_number = digits.starts_with(|c: char| c.is_ascii_digit());
        match is_number && digits.chars().all(|c| c.is_ascii_digit() || ".,' ".contains(c)) {
            true => grouped += 1,
            false => others += 1,
        }
    }
    grouped > others
}

fn text_among_numbers(column: &Column) -> Option<String> {
    let (mut numbers, mut texts, mut first) = (0, 0, None);
    for cell in column.cells() {
        let Value::Text(text) = cell else { continue };
        match text.trim().replace(',', ".").parse::<f64>() {
            Ok(_) => numbers += 1,
            Err(_) => {
                texts += 1;
                first.get_or_insert(text);
            }
        }
    }
    first.filter(|_| numbers > texts).map(str::to_owned)
}

fn distinct(column: &Column) -> usize {
    match column.kind() {
        Kind::Text => {
            let texts = column.cells().filter_map(|cell| if let Value::Text(text) = cell { Some(text) } else { None });
            texts.collect::<HashSet<_>>().len()
        }
        Kind::Integer => {
            let numbers = column.cells().filter_map(|c| if let Value::Integer(n) = c { Some(n) } else { None });
            numbers.collect::<HashSet<_>>().len()
        }
        Kind::Time => {
            let times = column.as_times().unwrap_or_default().iter().filter(|time| **time != Column::NO_TIME);
            times.collect::<HashSet<_>>().len()
        }
        _ => {
            let numbers = column.cells().filter(|cell| *cell != Value::Null).map(|cell| cell.as_number().to_bits());
            numbers.collect::<HashSet<_>>().len()
        }
    }
}
