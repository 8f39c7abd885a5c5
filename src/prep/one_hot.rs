//! `one_hot`: one column a category, 1 where it is the row's. A category that training did not see has no 1 anywhere.

use super::column_statistics::categories;
use crate::data::Column;
use crate::error::Result;
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["max_categories", "min_count"];

/// How many categories get a column when the recipe doesn't say; the most frequent ones do.
const MAX_CATEGORIES: usize = 200;

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct OneHotParams {
    most: usize,
    least: usize,
}

impl OneHotParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<OneHotParams> {
        Ok(OneHotParams {
            most: reader.integer("max_categories", MAX_CATEGORIES, 1, usize::MAX)?,
            least: reader.integer("min_count", 1, 1, usize::MAX)?,
        })
    }

    /// What an estimator that takes numbers only gets.
    pub(super) fn needed() -> OneHotParams {
        OneHotParams { most: MAX_CATEGORIES, least: 1 }
    }

    /// Fits on a column of texts.
    pub(super) fn fit(&self, name: &str, column: &Column) -> OneHot {
        OneHot { column: name.to_owned(), categories: categories(column, self.most, self.least as u64) }
    }
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OneHot {
    /// The column that is read; columns `COLUMN=CATEGORY` take its place.
    pub column: String,
    /// The categories, sorted by name.
    pub categories: Vec<String>,
}

impl OneHot {
    /// Names of the columns it writes.
    pub(super) fn outputs(&self) -> Vec<String> {
        self.categories.iter().map(|category| format!("{}={category}", self.column)).collect()
    }

    /// One column a category, from the place of each row's category.
    pub(super) fn columns(&self, places: &[Option<usize>]) -> Vec<Column> {
        let mut columns = vec![vec![0.0; places.len()]; self.categories.len()];
        for (row, place) in places.iter().enumerate() {
            if let Some(column) = place.and_then(|place| columns.get_mut(place)) {
                column[row] = 1.0;
            }
        }
        columns.into_iter().map(Column::floats).collect()
    }
}
