//! A view's rows in order of key, event time, created time and row: what a point-in-time lookup searches.

use crate::data::{Column, Key, Value, column_from, row_keys};
use crate::error::{Error, Result};
use polars::prelude::DataFrame;
use rayon::prelude::*;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

/// Keys are hashes already: their first bytes spread as well as any hash of them.
#[derive(Debug, Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    /// All keys have one length, so it is left out of the hash.
    fn write_usize(&mut self, _: usize) {}
}

type Index = HashMap<Key, u32, BuildHasherDefault<FirstBytes>>;

/// All rows of a view.
#[derive(Debug, Default)]
pub struct Events {
    /// Key → group.
    index: Index,
    /// Group → the range of its rows in `times`, `created` and `rows`.
    ranges: Vec<Range<usize>>,
    times: Vec<i64>,
    created: Option<Vec<i64>>,
    /// Sorted position → row of the columns.
    rows: Vec<u32>,
    columns: Vec<Column>,
}

/// The rows of one key, in order of time.
#[derive(Debug, Clone)]
pub struct EventSlice<'a> {
    /// Their event times, rising.
    pub times: &'a [i64],
    created: Option<&'a [i64]>,
    rows: &'a [u32],
    columns: &'a [Column],
}

impl<'a> EventSlice<'a> {
    /// When the row became known; its event time where no created time is declared.
    pub fn created(&self, at: usize) -> i64 {
        self.created.map_or(self.times[at], |c| c[at])
    }

    /// The cell of column `slot` in the row.
    pub fn value(&self, slot: usize, at: usize) -> Value<'a> {
        self.columns[slot].get(self.rows[at] as usize)
    }
}

impl Events {
    /// Sorts a table's rows. Rows without a key or a time are left out; where rows count from when they were created (`as_of_created`),
    /// those without that time too. Otherwise it only decides between rows of one event time, and none is the earliest.
    pub fn new(
        table: &DataFrame,
        keys: &[String],
        event_time: &str,
        created_time: Option<&str>,
        as_of_created: bool,
        columns: &[String],
    ) -> Result<Self> {
        let row_key = row_keys(table, keys)?;
        let times = times_of(table, event_time)?;
        let created = created_time.map(|name| times_of(table, name)).transpose()?;
        let columns = columns
            .iter()
            .map(|name| column_from(table.column(name).map_err(|e| Error::invalid(e.to_string()))?))
            .collect::<Result<Vec<_>>>()?;
        if table.height() > u32::MAX as usize {
            return Err(Error::invalid(format!("{} rows are more than a view can hold", table.height())));
        }
        let made = |row: usize| created.as_ref().map_or(0, |c| c[row]);
        // Sorting by a small number of the key in place of the key itself moves half the bytes.
        let mut index = Index::default();
        let mut order: Vec<(u32, i64, i64, u32)> = Vec::with_capacity(table.height());
        for (row, key) in row_key.iter().enumerate() {
            let is_known = !as_of_created || made(row) != Column::NO_TIME;
            if let Some(key) = key.filter(|_| times[row] != Column::NO_TIME && is_known) {
                let next = index.len() as u32;
                order.push((*index.entry(key).or_insert(next), times[row], made(row), row as u32));
            }
        }
        order.par_sort_unstable();
        let mut ranges = Vec::with_capacity(index.len());
        let mut begin = 0;
        for at in 1..=order.len() {
            if at == order.len() || order[at].0 != order[begin].0 {
                ranges.push(begin..at);
                begin = at;
            }
        }
        Ok(Events {
            index,
            ranges,
            times: order.iter().map(|o| o.1).collect(),
            created: created.is_some().then(|| order.iter().map(|o| o.2).collect()),
            rows: order.iter().map(|o| o.3).collect(),
            columns,
        })
    }

    /// Rows of one key that are in order already, as the online store keeps them.
    pub fn of_one(key: Key, times: Vec<i64>, created: Option<Vec<i64>>, columns: Vec<Column>) -> Self {
        let rows = (0..times.len() as u32).collect();
        let (index, ranges) = (Index::from_iter([(key, 0)]), std::iter::once(0..times.len()).collect());
        Events { index, ranges, times, created, rows, columns }
    }

    /// The rows of `key`.
    pub fn of(&self, key: &Key) -> Option<EventSlice<'_>> {
        self.of_group(self.group(key)?)
    }

    /// The number of `key`, by which its rows are found without it; none if there is no row of it.
    pub(super) fn group(&self, key: &Key) -> Option<u32> {
        self.index.get(key).copied()
    }

    /// The rows of the key with this number.
    pub(super) fn of_group(&self, group: u32) -> Option<EventSlice<'_>> {
        let range = self.ranges.get(group as usize)?.clone();
        Some(EventSlice {
            times: &self.times[range.clone()],
            created: self.created.as_ref().map(|c| &c[range.clone()]),
            rows: &self.rows[range],
            columns: &self.columns,
        })
    }

    /// Every key, in a fixed order.
    pub fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.index.keys().copied().collect();
        keys.sort_unstable();
        keys
    }

    /// The newest event time.
    pub fn newest(&self) -> Option<i64> {
        self.times.iter().copied().max()
    }
}

/// A column as instants, of which some row has one.
pub(super) fn time_column(table: &DataFrame, name: &str) -> Result<Vec<i64>> {
    let times = times_of(table, name)?;
    if !times.is_empty() && times.iter().all(|time| *time == Column::NO_TIME) {
        return Err(Error::invalid(format!("column \"{name}\" has no values, and each row needs a time"))
            .hint("name another column, or leave out rows without a time"));
    }
    Ok(times)
}

/// A column as instants. One without values fits.
pub(super) fn times_of(table: &DataFrame, name: &str) -> Result<Vec<i64>> {
    let known = || table.get_column_names().into_iter().map(|n| n.as_str());
    let column = table.column(name).map_err(|_| Error::unknown("time column", name, known()))?;
    let column = column_from(column)?;
    if column.cells().all(|cell| cell == Value::Null) {
        return Ok(vec![Column::NO_TIME; column.len()]);
    }
    column.as_times().map(<[i64]>::to_vec).ok_or_else(|| {
        Error::invalid(format!("column \"{name}\" is {}, a time is needed", column.kind()))
            .hint("of a CSV file say how its times are written: dates = { column = \"%d/%m/%Y\" } under [data.NAME] in mlops.toml; or make a time of it in a query: CAST(column AS TIMESTAMP), DATETIME(column, '%d/%m/%Y')")
    })
}
