//! A cell as it is written to CSV and JSON Lines: all digits of a number, times to the microsecond; read again it is what it was where the
//! format can say so.

use super::polars_calls::from_polars;
use crate::error::Result;
use crate::project::{day_text, time_text};
use polars::prelude::{AnyValue, DataFrame, Series, TimeUnit};
use rayon::prelude::*;
use serde_json::Value;

const MICROS_OF_DAY: i64 = 86_400_000_000;
/// Rows that one thread writes at once.
const ROWS_AT_ONCE: usize = 8192;

/// A cell as a word of JSON or CSV.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum WrittenCell {
    /// Missing.
    Missing,
    /// Written as it stands: a number, `true`, `false`, a list or an object in JSON.
    Bare(String),
    /// A text.
    Text(String),
}

impl WrittenCell {
    /// How a cell of Polars is written. Instants are RFC 3339, days `YYYY-MM-DD`, times of day `HH:MM:SS`, lengths of time seconds;
    /// bytes that are no text are hexadecimal digits.
    pub fn of(cell: &AnyValue) -> Self {
        use WrittenCell::{Bare, Missing, Text};
        if let Some(text) = cell.get_str() {
            return Text(text.to_owned());
        }
        match cell {
            AnyValue::Null => Missing,
            AnyValue::Boolean(truth) => Bare(truth.to_string()),
            AnyValue::Float32(x) => float(f64::from(*x), || format!("{x:?}")),
            AnyValue::Float64(x) => float(*x, || format!("{x:?}")),
            AnyValue::Decimal(digits, _, scale) => Bare(decimal(*digits, *scale)),
            AnyValue::Datetime(time, unit, _) => Text(time_text(micros(*time, *unit))),
            AnyValue::DatetimeOwned(time, unit, _) => Text(time_text(micros(*time, *unit))),
            AnyValue::Date(days) => Text(day_text(i64::from(*days) * MICROS_OF_DAY)),
            AnyValue::Time(nanos) => Text(time_of_day(*nanos)),
            AnyValue::Duration(length, unit) => Bare(decimal((*length).into(), digits_of(*unit))),
            AnyValue::List(items) | AnyValue::Array(items, _) => Bare(list(items)),
            AnyValue::Struct(..) | AnyValue::StructOwned(_) => Bare(object(cell)),
            AnyValue::Binary(bytes) => bytes_text(bytes),
            AnyValue::BinaryOwned(bytes) => bytes_text(bytes),
            // Whole numbers of every width.
            other => Bare(other.to_string()),
        }
    }

    /// The cell in JSON.
    pub fn json(&self) -> String {
        match self {
            WrittenCell::Missing => "null".to_owned(),
            WrittenCell::Bare(word) if matches!(word.as_str(), "inf" | "-inf") => "null".to_owned(),
            WrittenCell::Bare(word) => word.clone(),
            WrittenCell::Text(text) => Value::from(text.as_str()).to_string(),
        }
    }

    /// The cell as a value of JSON.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.json()).unwrap_or(Value::Null)
    }

    /// The cell in CSV, in quotes where it needs them.
    pub fn csv(&self) -> String {
        match self {
            WrittenCell::Missing => String::new(),
            WrittenCell::Bare(word) | WrittenCell::Text(word) if word.contains(['"', ',', '\n', '\r']) => self.quoted(),
            WrittenCell::Bare(word) | WrittenCell::Text(word) => word.clone(),
        }
    }

    /// The cell in CSV, in quotes.
    pub fn quoted(&self) -> String {
        match self {
            WrittenCell::Missing => "\"\"".to_owned(),
            WrittenCell::Bare(word) | WrittenCell::Text(word) => format!("\"{}\"", word.replace('"', "\"\"")),
        }
    }
}

/// The rows of a table, each written by `write_row`.
pub(super) fn written_rows(
    frame: &DataFrame,
    write_row: impl Fn(&mut String, &[WrittenCell]) + Sync,
) -> Result<Vec<u8>> {
    let part = |from: usize| {
        let mut text = String::new();
        let mut cells = Vec::with_capacity(frame.width());
        for row in from..frame.height().min(from + ROWS_AT_ONCE) {
            cells.clear();
            for column in frame.columns() {
                cells.push(WrittenCell::of(&column.get(row).map_err(from_polars)?));
            }
            write_row(&mut text, &cells);
        }
        Ok(text.into_bytes())
    };
    let starts: Vec<usize> = (0..frame.height()).step_by(ROWS_AT_ONCE).collect();
    Ok(starts.into_par_iter().map(part).collect::<Result<Vec<_>>>()?.concat())
}

/// A float; NaN is missing.
fn float(x: f64, finite: impl FnOnce() -> String) -> WrittenCell {
    match x {
        x if x.is_nan() => WrittenCell::Missing,
        x if x.is_infinite() => WrittenCell::Bare(x.to_string()),
        _ => WrittenCell::Bare(finite()),
    }
}

/// A whole number of units that are `scale` digits after the point.
fn decimal(digits: i128, scale: usize) -> String {
    let sign = if digits < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", digits.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = text.split_at(text.len() - scale);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn digits_of(unit: TimeUnit) -> usize {
    match unit {
        TimeUnit::Nanoseconds => 9,
        TimeUnit::Microseconds => 6,
        TimeUnit::Milliseconds => 3,
    }
}

fn micros(time: i64, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Nanoseconds => time.div_euclid(1000),
        TimeUnit::Microseconds => time,
        TimeUnit::Milliseconds => time.saturating_mul(1000),
    }
}

fn time_of_day(nanos: i64) -> String {
    let (seconds, rest) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 { clock } else { format!("{clock}.{}", format!("{rest:09}").trim_end_matches('0')) }
}

fn list(items: &Series) -> String {
    let json: Vec<String> = items.iter().map(|item| WrittenCell::of(&item).json()).collect();
    format!("[{}]", json.join(","))
}

fn object(cell: &AnyValue) -> String {
    let AnyValue::StructOwned(fields) = cell.clone().into_static() else { return "null".to_owned() };
    let (values, names) = *fields;
    let pair = |(value, field): (&AnyValue, &polars::prelude::Field)| {
        format!("{}:{}", Value::from(field.name().as_str()), WrittenCell::of(value).json())
    };
    format!("{{{}}}", values.iter().zip(&names).map(pair).collect::<Vec<_>>().join(","))
}

fn bytes_text(bytes: &[u8]) -> WrittenCell {
    WrittenCell::Text(match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{IntoSeries, NamedFrom, StructChunked, TimeZone};

    fn written(cell: &AnyValue) -> (String, String) {
        let cell = WrittenCell::of(cell);
        (cell.json(), cell.csv())
    }

    #[test]
    fn every_type_is_written_exactly() {
        let zone = TimeZone::UTC;
        for (cell, json, csv) in [
            (AnyValue::Null, "null", ""),
            (AnyValue::Int64(9_007_199_254_740_993), "9007199254740993", "9007199254740993"),
            (AnyValue::UInt64(u64::MAX), "18446744073709551615", "18446744073709551615"),
            (AnyValue::Int128(i128::MAX), &i128::MAX.to_string(), &i128::MAX.to_string()),
            (AnyValue::Decimal(99, 9, 2), "0.99", "0.99"),
            (AnyValue::Decimal(-125, 9, 2), "-1.25", "-1.25"),
            (AnyValue::Float32(0.1), "0.1", "0.1"),
            (AnyValue::Float64(1.0), "1.0", "1.0"),
            (AnyValue::Float64(f64::NAN), "null", ""),
            (AnyValue::Float64(f64::NEG_INFINITY), "null", "-inf"),
            (AnyValue::Date(19_783), "\"2024-03-01\"", "2024-03-01"),
            (
                AnyValue::Datetime(0, TimeUnit::Milliseconds, Some(&zone)),
                "\"1970-01-01T00:00:00Z\"",
                "1970-01-01T00:00:00Z",
            ),
            (AnyValue::Time(21_600_500_000_000), "\"06:00:00.5\"", "06:00:00.5"),
            (AnyValue::Duration(1500, TimeUnit::Milliseconds), "1.500", "1.500"),
            (AnyValue::String("a \"b\", c"), "\"a \\\"b\\\", c\"", "\"a \"\"b\"\", c\""),
            (AnyValue::Binary(b"text"), "\"text\"", "text"),
            (AnyValue::Binary(&[0xff, 0]), "\"ff00\"", "ff00"),
            (AnyValue::List(Series::new("".into(), [1i64, 2])), "[1,2]", "\"[1,2]\""),
        ] {
            assert_eq!(written(&cell), (json.to_owned(), csv.to_owned()), "{cell:?}");
        }
    }

    #[test]
    fn objects_are_json() {
        let fields = [Series::new("a".into(), [1i64]), Series::new("b".into(), ["x"])];
        let column = StructChunked::from_series("s".into(), 1, fields.iter()).unwrap().into_series();
        assert_eq!(written(&column.get(0).unwrap()).0, "{\"a\":1,\"b\":\"x\"}");
    }
}
