//! Several columns of numbers that a step is fitted on.

use super::working_column::Working;
use crate::error::{Error, Result};
use std::borrow::Cow;

/// Columns of equal length with their names; NaN is missing.
pub(super) struct NumberColumns<'a> {
    pub names: Vec<String>,
    pub columns: Vec<Cow<'a, [f64]>>,
}

impl<'a> NumberColumns<'a> {
    /// Of these columns; an error if one holds others than numbers.
    pub(super) fn of(columns: &[&'a Working]) -> Result<Self> {
        let numbers = |column: &&'a Working| column.numbers().map_err(|e| e.at(format!("column \"{}\"", column.name)));
        Ok(NumberColumns {
            names: columns.iter().map(|column| column.name.clone()).collect(),
            columns: columns.iter().map(numbers).collect::<Result<_>>()?,
        })
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.len())
    }

    /// An error if a value is missing or infinite, or there are no rows.
    pub(super) fn all_finite(&self) -> Result<()> {
        if self.rows() == 0 {
            return Err(Error::invalid("there are no training rows"));
        }
        for (name, column) in self.names.iter().zip(&self.columns) {
            match column.iter().enumerate().find(|(_, x)| !x.is_finite()) {
                Some((row, x)) if x.is_nan() => {
                    return Err(Error::invalid(format!("column \"{name}\" is missing in training row {}", row + 1))
                        .hint("put a step before it: op = \"impute\", columns = \"numeric\""));
                }
                Some((row, x)) => {
                    return Err(Error::invalid(format!("column \"{name}\" is {x} in training row {}", row + 1))
                        .hint("clip infinite values or make them missing"));
                }
                None => {}
            }
        }
        Ok(())
    }
}
