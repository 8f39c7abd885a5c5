//! What a table shows of its columns: type, missing and distinct values.

use crate::data::{Column, Kind, Value, column_from};
use crate::error::Error;
use crate::project::TimeFormat;
use polars::prelude::DataFrame;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

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
    /// Forms in which all of a column of texts are days or times, though none of them is certain enough to be taken.
    pub forms_of_times: Vec<&'static str>,
    pub column: Column,
}

impl ColumnFacts {
    /// Facts of every column that can be a feature; why the others can't is told to `refused`.
    pub fn of(table: &DataFrame, mut refused: impl FnMut(&str, Error)) -> Vec<ColumnFacts> {
        let mut facts = Vec::new();
        for series in table.columns() {
            match column_from(series) {
                Ok(column) => facts.push(ColumnFacts::of_column(series.name(), column)),
                Err(e) => refused(series.name(), e),
            }
        }
        facts
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
            forms_of_times: forms_of_times(&column),
            column,
        }
    }

    /// Whether every row has a value of its own.
    pub fn is_unique(&self) -> bool {
        self.missing == 0 && self.distinct == self.column.len()
    }
}

/// How many different rows there are, but for the target: of so many groups of one size a split by groups would be as uncertain as it is
/// of these rows, where those that are alike stay together.
pub(super) fn different_rows(columns: &[ColumnFacts], target: &str) -> f64 {
    const LOOKED_AT: usize = 20_000;
    let rows = columns.first().map_or(0, |column| column.column.len()).min(LOOKED_AT);
    let mut hashes = vec![DefaultHasher::new(); rows];
    for column in columns.iter().filter(|column| column.name != target) {
        for (hash, cell) in hashes.iter_mut().zip(column.column.cells()) {
            cell.to_json().to_string().hash(hash);
        }
    }
    let mut counts: HashMap<u64, f64> = HashMap::new();
    hashes.iter().for_each(|hash| *counts.entry(hash.finish()).or_default() += 1.0);
    let squares: f64 = counts.values().map(|count| count * count).fold(0.0, |sum, square| sum + square);
    if squares > 0.0 { (rows as f64) * (rows as f64) / squares } else { 0.0 }
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

/// The forms of days that people write beside that of ISO 8601, which is recognised.
const DAYS: [&str; 8] =
    ["%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y"];
/// The times of day behind them.
const CLOCKS: [&str; 3] = ["", " %H:%M", " %H:%M:%S"];

fn forms_of_times(column: &Column) -> Vec<&'static str> {
    static FORMS: LazyLock<Vec<(String, TimeFormat)>> = LazyLock::new(|| {
        let forms = DAYS.iter().flat_map(|day| CLOCKS.iter().map(move |clock| format!("{day}{clock}")));
        forms.filter_map(|form| TimeFormat::parse(&form).ok().map(|format| (form, format))).collect()
    });
    let texts = || column.cells().filter_map(|cell| if let Value::Text(text) = cell { Some(text) } else { None });
    let is_all = |format: &TimeFormat| texts().all(|text| format.read(text.trim()).is_some());
    if column.kind() != Kind::Text || texts().next().is_none() {
        return Vec::new();
    }
    FORMS.iter().filter(|(_, format)| is_all(format)).map(|(form, _)| form.as_str()).collect()
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
