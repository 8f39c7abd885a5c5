//! Typed columns in memory, side by side: what lies between Polars' tables and everything that computes on values.

use super::column::Column;
use crate::error::{Error, Result};

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
