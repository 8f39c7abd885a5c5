//! The rows of a request, whatever shape they came in: a list of records, or columns with rows of cells.

use crate::data::Value;
use crate::error::{Error, Result};
use crate::model::Row;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// All rows of a request.
#[derive(Debug)]
pub(super) enum Rows {
    /// One object a row.
    Records(Vec<Map<String, Json>>),
    /// Names once, then one list of cells a row.
    Table { names: Vec<String>, places: HashMap<String, usize>, cells: Vec<Vec<Json>> },
}

/// One of them.
pub(super) enum OneRow<'a> {
    Record(&'a Map<String, Json>),
    Cells { names: &'a [String], places: &'a HashMap<String, usize>, cells: &'a [Json] },
}

/// Most rows of a request: their log lines are held in memory until all are answered.
const MOST: usize = 100_000;

fn few(rows: usize) -> Result<()> {
    match rows {
        0..=MOST => Ok(()),
        _ => Err(Error::invalid(format!("{rows} rows in one request, {MOST} are the most")).hint("send fewer at once")),
    }
}

impl Rows {
    /// Rows that each name their cells.
    pub(super) fn records(rows: Vec<Map<String, Json>>) -> Result<Self> {
        few(rows.len())?;
        Ok(Rows::Records(rows))
    }

    /// Rows of a table; each has as many cells as there are names.
    pub(super) fn table(names: Vec<String>, cells: Vec<Vec<Json>>) -> Result<Self> {
        few(cells.len())?;
        let mut places = HashMap::new();
        for (at, name) in names.iter().enumerate() {
            if places.insert(name.clone(), at).is_some() {
                return Err(Error::invalid(format!("column \"{name}\" is there twice")));
            }
        }
        match cells.iter().position(|row| row.len() != names.len()) {
            Some(at) => Err(Error::invalid(format!(
                "row {at} has {} cells, there are {} columns",
                cells[at].len(),
                names.len()
            ))),
            None => Ok(Rows::Table { names, places, cells }),
        }
    }

    /// Rows of columns of equal length.
    pub(super) fn columns(columns: Vec<(String, Vec<Json>)>) -> Result<Self> {
        let count = columns.first().map_or(0, |(_, c)| c.len());
        few(count)?;
        if let Some((name, column)) = columns.iter().find(|(_, c)| c.len() != count) {
            return Err(Error::invalid(format!(
                "column \"{name}\" has {} values, the first has {count}",
                column.len()
            )));
        }
        let mut cells: Vec<Vec<Json>> = (0..count).map(|_| Vec::with_capacity(columns.len())).collect();
        let mut names = Vec::new();
        for (name, column) in columns {
            names.push(name);
            cells.iter_mut().zip(column).for_each(|(row, cell)| row.push(cell));
        }
        Rows::table(names, cells)
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Rows::Records(rows) => rows.len(),
            Rows::Table { cells, .. } => cells.len(),
        }
    }

    pub(super) fn row(&self, at: usize) -> Option<OneRow<'_>> {
        match self {
            Rows::Records(rows) => rows.get(at).map(OneRow::Record),
            Rows::Table { names, places, cells } => cells.get(at).map(|cells| OneRow::Cells { names, places, cells }),
        }
    }
}

impl OneRow<'_> {
    /// Every column with its cell.
    pub(super) fn each(&self, mut work: impl FnMut(&str, &Json)) {
        match self {
            OneRow::Record(map) => map.iter().for_each(|(name, cell)| work(name, cell)),
            OneRow::Cells { names, cells, .. } => names.iter().zip(*cells).for_each(|(name, cell)| work(name, cell)),
        }
    }
}

impl Row for OneRow<'_> {
    fn get(&self, name: &str) -> Result<Option<Value<'_>>> {
        match self {
            OneRow::Record(map) => Row::get(*map, name),
            OneRow::Cells { places, cells, .. } => {
                let cell = places.get(name).and_then(|at| cells.get(*at));
                cell.map(|v| Value::from_json(v).map_err(|e| e.at(format!("column \"{name}\"")))).transpose()
            }
        }
    }
}
