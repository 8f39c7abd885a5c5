//! A view's rows in order of key, event time, created time and row: what a point-in-time lookup searches.

use crate::data::{Column, Key, Value, column_from, row_keys};
use crate::error::{Error, Result};
use polars::prelude::DataFrame;
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::Range;

/// All rows of a view.
#[derive(Debug, Default)]
pub struct Events {
    index: HashMap<Key, Range<usize>>,
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

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }
}

impl Events {
    /// Sorts a table's rows. Rows without a key or a time are left out.
    pub fn new(
        table: &DataFrame,
        keys: &[String],
        event_time: &str,
        created_time: Option<&str>,
        columns: &[String],
    ) -> Result<Self> {
        let row_key = row_keys(table, keys)?;
        let times = time_column(table, event_time)?;
        let created = created_time.map(|name| time_column(table, name)).transpose()?;
        let columns = columns
            .iter()
            .map(|name| column_from(table.column(name).map_err(|e| Error::invalid(e.to_string()))?))
            .collect::<Result<Vec<_>>>()?;
        if table.height() > u32::MAX as usize {
            return Err(Error::invalid(format!("{} rows are more than a view can hold", table.height())));
        }
        let made = |row: usize| created.as_ref().map_or(0, |c| c[row]);
        let mut order: Vec<(Key, i64, i64, u32)> = (0..table.height())
            .filter(|row| times[*row] != Column::NO_TIME && made(*row) != Column::NO_TIME)
            .filter_map(|row| Some((row_key[row]?, times[row], made(row), row as u32)))
            .collect();
        order.par_sort_unstable();
        let mut index = HashMap::new();
        let mut begin = 0;
        for at in 1..=order.len() {
            if at == order.len() || order[at].0 != order[begin].0 {
                index.insert(order[begin].0, begin..at);
                begin = at;
            }
        }
        Ok(Events {
            index,
            times: order.iter().map(|o| o.1).collect(),
            created: created.is_some().then(|| order.iter().map(|o| o.2).collect()),
            rows: order.iter().map(|o| o.3).collect(),
            columns,
        })
    }

    /// Rows of one key that are in order already, as the online store keeps them.
    pub fn of_one(key: Key, times: Vec<i64>, created: Option<Vec<i64>>, columns: Vec<Column>) -> Self {
        let rows = (0..times.len() as u32).collect();
        Events { index: HashMap::from([(key, 0..times.len())]), times, created, rows, columns }
    }

    /// The rows of `key`.
    pub fn of(&self, key: &Key) -> Option<EventSlice<'_>> {
        let range = self.index.get(key)?.clone();
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

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.times.len()
    }

    /// The newest event time.
    pub fn newest(&self) -> Option<i64> {
        self.times.iter().copied().max()
    }

    /// The columns, in the order of the table.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
}

/// A column as instants.
pub(super) fn time_column(table: &DataFrame, name: &str) -> Result<Vec<i64>> {
    let known = || table.get_column_names().into_iter().map(|n| n.as_str());
    let column = table.column(name).map_err(|_| Error::unknown("time column", name, known()))?;
    match column_from(column)? {
        Column::Time(times) => Ok(times),
        other => Err(Error::invalid(format!("column \"{name}\" is {}, a time is needed", other.kind()))
            .hint("make a time of it in a query: CAST(column AS TIMESTAMP)")),
    }
}
