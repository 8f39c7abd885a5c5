//! JSON Lines: one object a line. Columns in order of first appearance; a column's type is the narrowest of boolean,
//! integer, float, day, time and text that holds all its values; days and times are read as in CSV files.

use super::csv::without_mark;
use super::polars_calls::from_polars;
use super::written_cell::{WrittenCell, written_rows};
use crate::error::{Error, Result};
use crate::project::TimeText;
use polars::prelude::*;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;

/// Cells that are missing because another row has the column: so many at first, and so many for each that is there. A file of a
/// megabyte in which each row has names of its own would be a table of gigabytes.
const MOST_PADDED: usize = 10_000_000;
const MOST_PADDED_EACH: usize = 100;

/// Reads a file.
pub(super) fn read(mut file: File) -> Result<DataFrame> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|e| Error::io("read", "the file", e))?;
    parse(&bytes)
}

/// Reads lines; the error names the line.
pub fn parse(bytes: &[u8]) -> Result<DataFrame> {
    let mut names: Vec<String> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut columns: Vec<Vec<Value>> = Vec::new();
    let (mut rows, mut given, mut padded) = (0usize, 0usize, 0usize);
    for (at, line) in without_mark(bytes)?.split(|b| *b == b'\n').enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let Object(cells) = serde_json::from_slice(line).map_err(|e| {
            Error::invalid(format!("line {}: not a JSON object: {e}", at + 1)).hint("JSON Lines has one object a line")
        })?;
        for (name, value) in cells {
            let place = *places.entry(name.clone()).or_insert_with(|| {
                names.push(name);
                columns.push(Vec::new());
                columns.len() - 1
            });
            if let Some(column) = columns.get_mut(place) {
                if column.len() > rows {
                    return Err(Error::invalid(format!("line {}: column \"{}\" is there twice", at + 1, names[place]))
                        .hint("rename one of them"));
                }
                (given, padded) = (given + 1, padded + rows - column.len());
                if padded > MOST_PADDED + given.saturating_mul(MOST_PADDED_EACH) {
                    return Err(Error::invalid(format!(
                        "line {}: {} columns so far, and few rows have one",
                        at + 1,
                        names.len()
                    ))
                    .hint("write one row for each name and value, instead of a column for each name"));
                }
                column.resize(rows, Value::Null);
                column.push(value);
            }
        }
        rows += 1;
    }
    let built = names.into_iter().zip(columns).map(|(name, mut values)| {
        values.resize(rows, Value::Null);
        build(&name, &values)
    });
    DataFrame::new(rows, built.collect()).map_err(from_polars)
}

/// The cells of a line as they are written: a name may be there twice.
struct Object(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(Cells)
    }
}

struct Cells;

impl<'de> Visitor<'de> for Cells {
    type Value = Object;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Object, A::Error> {
        let mut cells = Vec::new();
        while let Some(cell) = map.next_entry()? {
            cells.push(cell);
        }
        Ok(Object(cells))
    }
}

fn build(name: &str, values: &[Value]) -> polars::prelude::Column {
    let known = || values.iter().filter(|v| !v.is_null());
    let name: PlSmallStr = name.into();
    if known().next().is_some() && known().all(Value::is_boolean) {
        return Series::new(name, values.iter().map(Value::as_bool).collect::<Vec<_>>()).into();
    }
    if known().next().is_some() && known().all(Value::is_i64) {
        return Series::new(name, values.iter().map(Value::as_i64).collect::<Vec<_>>()).into();
    }
    // Numbers beyond 63 bits keep all their digits: beside a negative one as texts, which no type of whole numbers holds.
    let large = known().next().is_some() && known().all(|v| v.is_i64() || v.is_u64());
    if large && known().all(Value::is_u64) {
        return Series::new(name, values.iter().map(Value::as_u64).collect::<Vec<_>>()).into();
    }
    if !large && known().next().is_some() && known().all(Value::is_number) {
        return Series::new(name, values.iter().map(Value::as_f64).collect::<Vec<_>>()).into();
    }
    if let Some((instants, are_days)) = instants(values) {
        let zoned = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        let series = Series::new(name.clone(), instants);
        let times = series.cast(&zoned).unwrap_or(series);
        return if are_days { times.cast(&DataType::Date).unwrap_or(times) } else { times }.into();
    }
    let text = |v: &Value| match v {
        Value::Null => None,
        Value::String(s) => Some(s.clone()),
        other => Some(other.to_string()),
    };
    Series::new(name, values.iter().map(text).collect::<Vec<_>>()).into()
}

/// The instants of a column of days or times, and whether all are days.
fn instants(values: &[Value]) -> Option<(Vec<Option<i64>>, bool)> {
    let (mut any, mut are_days) = (false, true);
    let mut out = Vec::with_capacity(values.len());
    for value in values {
        out.push(match value {
            Value::Null => None,
            Value::String(text) => {
                let TimeText { micros, clock, .. } = TimeText::read(text)?;
                (any, are_days) = (true, are_days && !clock);
                Some(micros)
            }
            _ => return None,
        });
    }
    any.then_some((out, are_days))
}

/// Writes a table.
pub(super) fn write(frame: &DataFrame) -> Result<Vec<u8>> {
    let names: Vec<String> = frame.get_column_names().iter().map(|n| Value::from(n.as_str()).to_string()).collect();
    let row = |text: &mut String, cells: &[WrittenCell]| {
        text.push('{');
        for (at, (name, cell)) in names.iter().zip(cells).enumerate() {
            text.extend([if at == 0 { "" } else { "," }, name, ":", &cell.json()]);
        }
        text.push_str("}\n");
    };
    written_rows(frame, row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_and_missing_keys_are_null() {
        let text = b"{\"a\":1,\"t\":\"2013-01-01T00:00:00Z\"}\n\n{\"b\":\"x\",\"a\":2.5}\n";
        let frame = parse(text).unwrap();
        assert_eq!(frame.shape(), (2, 3));
        assert_eq!(frame.column("a").unwrap().dtype(), &DataType::Float64);
        assert!(matches!(frame.column("t").unwrap().dtype(), DataType::Datetime(..)));
        assert_eq!(frame.column("b").unwrap().null_count(), 1);
        let kind = |text: &[u8]| parse(text).unwrap().column("t").unwrap().dtype().clone();
        assert_eq!(kind(b"{\"t\":\"2020-01-31\"}\n{\"t\":null}\n"), DataType::Date, "as in a CSV file");
        assert!(matches!(kind(b"{\"t\":\"2020-01-31\"}\n{\"t\":\"2020-01-31 06:30\"}\n"), DataType::Datetime(..)));
        assert_eq!(kind(b"{\"t\":\"2020-01-31\"}\n{\"t\":\"soon\"}\n"), DataType::String);
        let again = parse(&write(&frame).unwrap()).unwrap();
        assert!(again.equals_missing(&frame));
    }

    #[test]
    fn a_bad_line_is_named() {
        assert!(parse(b"{}\n[1]\n").unwrap_err().message().contains("line 2"));
    }
}
