//! What a table holds, column by column: type, missing and different values, quantiles and a histogram of numbers and times, the most frequent
//! values, and how closely each column goes with a target.
//!
//! For example, of a column 1, 2, 2, missing: 1 missing, 2 different, quantiles 1 to 2, most frequent 2 (2 rows). Sums run in the order of the
//! rows.

use super::association::{Comparable, TargetAssociation, association};
use super::column::Column;
use super::convert::{column_named, column_of_any};
use super::kind::Kind;
use super::table::Table;
use super::value::Value;
use crate::error::{Error, Result};
use crate::ledger::SchemaColumn;
use crate::progress::Progress;
use crate::project::time_text;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Bins of a histogram, and values that are listed.
const BINS: usize = 20;
const LISTED: usize = 10;

/// What a table holds.
#[derive(Debug, Clone, Serialize)]
pub struct DataProfile {
    /// What was looked at: a dataset's version, or a file.
    pub name: String,
    /// Number of rows.
    pub rows: usize,
    /// The column that the others are compared with, if one was named.
    pub target: Option<String>,
    /// The columns in their order.
    pub columns: Vec<ColumnProfile>,
}

/// What a column holds.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// Its type as the dataset records it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Rows without a value.
    pub missing: usize,
    /// How many different values.
    pub distinct: usize,
    /// Of numbers and times.
    pub spread: Option<ColumnSpread>,
    /// The values that come most often, the most frequent first; of many values those that come once are left out.
    pub frequent: Vec<FrequentValue>,
    /// How closely it goes with the target; none where that is not defined.
    pub target: Option<TargetAssociation>,
}

/// How numbers or times lie; times are texts.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnSpread {
    /// The mean; none of times.
    pub mean: Option<f64>,
    /// The standard deviation (n − 1); none of times.
    pub deviation: Option<f64>,
    /// The least value, those below which 5, 25, 50, 75 and 95 of 100 lie, and the greatest.
    pub quantiles: BTreeMap<String, serde_json::Value>,
    /// Where the bins begin and end, one more than there are bins; times in microseconds.
    pub edges: Vec<f64>,
    /// The rows in each bin.
    pub counts: Vec<usize>,
}

/// A value and how often it comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrequentValue {
    /// As a text.
    pub value: String,
    /// In how many rows.
    pub rows: usize,
}

/// Looks at every column of a table, which is read into memory; `name` is what it is called.
///
/// Errors: a target that is no column, what can't be read, Ctrl-C.
pub fn profile_table(name: &str, table: &Table, target: Option<&str>, progress: &Progress) -> Result<DataProfile> {
    let read = table.collect()?;
    let column = |schema: &SchemaColumn| {
        let column = column_of_any(column_named(&read, &schema.name)?)?;
        Ok((schema.name.clone(), schema.kind.clone(), column))
    };
    let columns = table.schema().iter().map(column).collect::<Result<Vec<_>>>()?;
    drop(read);
    profile(name, &columns, target, progress)
}

/// Looks at every column. `columns` are name, recorded type and values.
///
/// Errors: a target that is no column, Ctrl-C.
fn profile(
    name: &str,
    columns: &[(String, String, Column)],
    target: Option<&str>,
    progress: &Progress,
) -> Result<DataProfile> {
    let known = || columns.iter().map(|(name, ..)| name.as_str());
    let aim = target.map(|target| {
        let found = columns.iter().find(|(name, ..)| name == target);
        found.map(|(.., column)| Comparable::of(column)).ok_or_else(|| Error::unknown("column", target, known()))
    });
    let aim = aim.transpose()?;
    let step = progress.step("columns", Some(columns.len() as u64));
    let mut profiles = Vec::new();
    for (name, kind, column) in columns {
        step.check()?;
        let compared = aim.as_ref().filter(|_| target != Some(name.as_str()));
        profiles.push(of_column(name, kind, column, compared));
        step.advance(1);
    }
    let rows = columns.first().map_or(0, |(.., column)| column.len());
    Ok(DataProfile { name: name.to_owned(), rows, target: target.map(str::to_owned), columns: profiles })
}

fn of_column(name: &str, kind: &str, column: &Column, target: Option<&Comparable>) -> ColumnProfile {
    let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
    let mut missing = 0;
    for (row, cell) in column.cells().enumerate() {
        match written(cell) {
            Some(text) => counts.entry(text).or_insert((0, row)).0 += 1,
            None => missing += 1,
        }
    }
    let distinct = counts.len();
    let mut frequent: Vec<(String, (usize, usize))> =
        counts.into_iter().filter(|(_, (rows, _))| *rows > 1 || distinct <= LISTED).collect();
    // Of equally frequent ones that which comes first.
    frequent.sort_unstable_by(|a, b| b.1.0.cmp(&a.1.0).then(a.1.1.cmp(&b.1.1)));
    let frequent = frequent.into_iter().take(LISTED).map(|(value, (rows, _))| FrequentValue { value, rows }).collect();
    ColumnProfile {
        name: name.to_owned(),
        kind: kind.to_owned(),
        missing,
        distinct,
        spread: spread(column),
        frequent,
        target: target.and_then(|target| association(&Comparable::of(column), target)),
    }
}

/// A cell as people read it; none if there is no value.
pub(super) fn written(cell: Value) -> Option<String> {
    match cell {
        Value::Null => None,
        Value::Float(number) if number.is_nan() => None,
        Value::Text(text) => Some(text.to_owned()),
        Value::Time(time) => Some(time_text(time)),
        other => Some(other.to_json().to_string()),
    }
}

/// The numbers of a column; times as microseconds.
pub(super) fn numbers_of(column: &Column) -> Option<Vec<f64>> {
    match column.as_times() {
        Some(times) => {
            let number = |time: &i64| if *time == Column::NO_TIME { f64::NAN } else { *time as f64 };
            Some(times.iter().map(number).collect())
        }
        None if column.kind() == Kind::Boolean => None,
        None => column.numbers().map(|numbers| numbers.into_owned()),
    }
}

fn spread(column: &Column) -> Option<ColumnSpread> {
    let is_time = column.as_times().is_some();
    let all = numbers_of(column)?;
    let known: Vec<f64> = all.into_iter().filter(|number| number.is_finite()).collect();
    let mut sorted = known.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let (low, high) = (*sorted.first()?, *sorted.last()?);
    let mean = known.iter().fold(0.0, |sum, x| sum + x) / known.len() as f64;
    let squares = known.iter().fold(0.0, |sum, x| sum + (x - mean) * (x - mean));
    let shown = |number: f64| match is_time {
        true => serde_json::Value::from(time_text(number as i64)),
        false => serde_json::Value::from(number),
    };
    let quantiles = [0, 5, 25, 50, 75, 95, 100].map(|share| {
        let at = quantile(&sorted, f64::from(share) / 100.0);
        (share.to_string(), shown(if is_time { at.round() } else { at }))
    });
    let bins = if high > low { BINS } else { 1 };
    let edge = |at: usize| if at == bins { high } else { low + (high - low) * at as f64 / bins as f64 };
    let mut counts = vec![0; bins];
    for number in &known {
        let place = if high > low { ((number - low) / (high - low) * bins as f64) as usize } else { 0 };
        counts[place.min(bins - 1)] += 1;
    }
    let deviation = (squares / (known.len() as f64 - 1.0)).sqrt();
    Some(ColumnSpread {
        mean: (!is_time).then_some(mean),
        deviation: (!is_time && known.len() > 1).then_some(deviation),
        quantiles: quantiles.into(),
        edges: (0..=bins).map(edge).collect(),
        counts,
    })
}

/// The quantile of ascending values, between two of them in proportion; there is at least one.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let at = |place: usize| sorted.get(place).or(sorted.last()).copied().unwrap_or(f64::NAN);
    if part == 0.0 { at(below) } else { at(below) + part * (at(below + 1) - at(below)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(column: &Column, target: Option<&Column>) -> ColumnProfile {
        let mut columns = vec![("c".to_owned(), column.kind().to_string(), column.clone())];
        columns.extend(target.map(|target| ("t".to_owned(), target.kind().to_string(), target.clone())));
        profile("d", &columns, target.map(|_| "t"), &Progress::quiet()).unwrap().columns.remove(0)
    }

    #[test]
    fn numbers_have_quantiles_bins_and_frequent_values() {
        let found = of(&Column::floats(vec![1.0, 2.0, 2.0, f64::NAN, 5.0]), None);
        assert_eq!((found.missing, found.distinct), (1, 3));
        let spread = found.spread.unwrap();
        let shares = ["0", "5", "25", "50", "75", "95", "100"];
        let numbers = shares.map(|share| spread.quantiles[share].as_f64().unwrap());
        let expected = [1.0, 1.15, 1.75, 2.0, 2.75, 4.55, 5.0];
        assert!(numbers.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-14), "{numbers:?}");
        assert_eq!((spread.mean, spread.counts.iter().sum::<usize>(), spread.edges.len()), (Some(2.5), 4, BINS + 1));
        assert!((spread.deviation.unwrap() - 3.0f64.sqrt()).abs() < 1e-15);
        assert_eq!(found.frequent[0], FrequentValue { value: "2.0".into(), rows: 2 });
        let many = of(&Column::floats((0..30).map(f64::from).collect()), None);
        assert_eq!(many.frequent, [], "each comes once");
    }

    #[test]
    fn words_have_no_quantiles_and_one_value_no_width() {
        let words = of(&Column::texts([Some("b"), None, Some("a"), Some("b")]), None);
        assert!(words.spread.is_none() && words.distinct == 2 && words.missing == 1);
        let same = of(&Column::integers([Some(3), Some(3)]), None).spread.unwrap();
        assert_eq!((same.counts, same.edges), (vec![2], vec![3.0, 3.0]));
        assert!(of(&Column::floats(vec![f64::NAN]), None).spread.is_none());
        let times = of(&Column::times(vec![0, 1_000_000, Column::NO_TIME]), None);
        assert_eq!(times.spread.unwrap().quantiles["100"], "1970-01-01T00:00:01Z");
    }
}
