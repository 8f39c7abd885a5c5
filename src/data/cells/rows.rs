//! The rows of a request, however they came: one accessor for a cell, and typed columns for many rows at once.

use super::cell::{Cell, TextSpan, Texts};
use crate::data::{Column, Family, Kind, Value, time_of};
use crate::error::{Error, Result};

/// All rows of a request.
#[derive(Debug, Clone)]
pub struct Cells {
    pub(super) texts: Texts,
    pub(super) names: Vec<TextSpan>,
    pub(super) rows: usize,
    pub(super) layout: Layout,
}

/// Where the cell of a row and a column lies.
#[derive(Debug, Clone)]
pub(super) enum Layout {
    /// Row after row, each with a cell for every name.
    Rows(Vec<Cell>),
    /// Column after column.
    Columns(Vec<Cell>),
    /// Row after row, each with the columns it has; `ends` says where each row's entries end.
    Records { entries: Vec<(u32, Cell)>, ends: Vec<u32> },
}

impl Cells {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns that any row has.
    pub fn columns(&self) -> usize {
        self.names.len()
    }

    /// The name of a column.
    pub fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("", |span| self.texts.get(*span))
    }

    /// The column called `name`, looked for first at `likely`.
    pub fn find(&self, name: &str, likely: usize) -> Option<usize> {
        if likely < self.names.len() && self.name(likely) == name {
            return Some(likely);
        }
        (0..self.names.len()).find(|at| self.name(*at) == name)
    }

    /// A cell as it came.
    pub fn cell(&self, row: usize, column: usize) -> Cell {
        let cell = match &self.layout {
            Layout::Rows(cells) => cells.get(row * self.names.len() + column).copied(),
            Layout::Columns(cells) => cells.get(column * self.rows + row).copied(),
            Layout::Records { entries, ends } => {
                let entries = entries_of(entries, ends, row);
                // Records mostly have all columns in the same order.
                let likely = entries.get(column).filter(|(at, _)| *at as usize == column);
                likely.or_else(|| entries.iter().find(|(at, _)| *at as usize == column)).map(|(_, cell)| *cell)
            }
        };
        cell.unwrap_or(Cell::Absent)
    }

    /// Calls `work` with every column that the row has and its cell, in the order in which they came.
    pub fn each(&self, row: usize, mut work: impl FnMut(usize, Cell)) {
        match &self.layout {
            Layout::Records { entries, ends } => {
                entries_of(entries, ends, row).iter().for_each(|(column, cell)| work(*column as usize, *cell));
            }
            _ => (0..self.names.len()).for_each(|column| work(column, self.cell(row, column))),
        }
    }

    /// The text of a cell that holds one.
    pub fn text(&self, span: TextSpan) -> &str {
        self.texts.get(span)
    }

    /// The value of a cell of these rows.
    pub fn value_of(&self, cell: Cell) -> Result<Option<Value<'_>>> {
        cell.value(&self.texts)
    }

    /// A cell's value; none if the row does not have the column.
    pub fn value(&self, row: usize, column: usize) -> Result<Option<Value<'_>>> {
        self.cell(row, column).value(&self.texts).map_err(|e| e.at(format!("column \"{}\"", self.name(column))))
    }

    /// A cell's value of the expected type; none if the row does not have the column.
    pub fn typed(&self, row: usize, column: usize, kind: Kind) -> Result<Option<Value<'_>>> {
        self.value(row, column)?.map(|value| of_kind(value, kind, self.name(column))).transpose()
    }

    /// A cell's value as a key of the expected type; none if the row does not have the column.
    pub fn typed_key(&self, row: usize, column: usize, kind: Kind) -> Result<Option<Value<'_>>> {
        let value = self.value(row, column)?;
        if matches!(value, Some(Value::Boolean(_))) && kind != Kind::Boolean {
            let text = format!("column \"{}\": a boolean where a {} is expected", self.name(column), kind.key_word());
            return Err(Error::invalid(text));
        }
        value.map(|value| of_kind(value, kind, self.name(column))).transpose()
    }

    /// The column of all rows, typed; `absent` says what a row without it means. An error names the row.
    pub fn typed_column(
        &self,
        column: usize,
        kind: Kind,
        absent: impl Fn() -> Result<Value<'static>>,
    ) -> Result<Column> {
        self.column_of(kind, |row| match self.typed(row, column, kind)? {
            Some(value) => Ok(value),
            None => absent(),
        })
    }

    /// The column of this type that `cell` gives row by row; if a number does not fit it (6.5 among whole numbers), a column of
    /// floats. An error names the row.
    pub fn column_of<'a>(&self, kind: Kind, cell: impl Fn(usize) -> Result<Value<'a>>) -> Result<Column> {
        let (mut failed, mut wider) = (None, false);
        let cells = (0..self.rows).map(|row| {
            let value = cell(row).unwrap_or_else(|e| {
                failed.get_or_insert((row, e));
                Value::Null
            });
            wider |= match kind {
                Kind::Integer => matches!(value.among(kind), Value::Float(_)),
                Kind::Boolean => matches!(value.among(kind), Value::Float(_) | Value::Integer(_)),
                _ => false,
            };
            value
        });
        let column = Column::of_values(kind, cells);
        match failed {
            Some((row, e)) => Err(self.at_row(e, row)),
            None if wider => self.column_of(Kind::Float, cell),
            None => Ok(column),
        }
    }

    /// The error with its row, counted from 1, where there are several.
    pub fn at_row(&self, error: Error, row: usize) -> Error {
        if self.rows > 1 { error.at(format!("row {}", row + 1)) } else { error }
    }
}

fn entries_of<'a>(entries: &'a [(u32, Cell)], ends: &[u32], row: usize) -> &'a [(u32, Cell)] {
    let end = |row: usize| ends.get(row).map_or(entries.len(), |end| *end as usize);
    let start = row.checked_sub(1).map_or(0, end);
    entries.get(start..end(row)).unwrap_or_default()
}

/// The value as one of the expected type; a text where an instant is expected is read as one.
fn of_kind<'a>(value: Value<'a>, kind: Kind, name: &str) -> Result<Value<'a>> {
    match (kind.family(), value.family()) {
        (_, None) => Ok(Value::Null),
        (expected, Some(found)) if expected == found => Ok(value.among(kind)),
        (Family::Time, Some(Family::Text)) => Ok(time_of(value)?.map_or(Value::Null, Value::Time)),
        (expected, Some(found)) => {
            let error = Error::invalid(format!("column \"{name}\": a {found} where a {expected} is expected"));
            Err(if let Value::Text(text) = value { error.hint(format!("it says {text:?}")) } else { error })
        }
    }
}
