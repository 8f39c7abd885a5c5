//! `one_hot`: one column a category, 1 where it is the row's. A category that training did not see has no 1 anywhere.

use super::arithmetic::{Arithmetic, OfCategory};
use super::column_statistics::categories;
use super::fitted_step::{Content, FittedStep, Output, Role};
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

impl OfCategory for OneHot {
    fn values(&self, place: Option<usize>, out: &mut [f64]) {
        if let Some(cell) = place.and_then(|place| out.get_mut(place)) {
            *cell = 1.0;
        }
    }

    fn columns(&self, places: &[Option<usize>]) -> Option<Vec<Vec<f64>>> {
        let mut columns = vec![vec![0.0; places.len()]; self.categories.len()];
        for (row, place) in places.iter().enumerate() {
            if let Some(column) = place.and_then(|place| columns.get_mut(place)) {
                column[row] = 1.0;
            }
        }
        Some(columns)
    }
}

impl FittedStep for OneHot {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Text
    }

    fn outputs(&self) -> Vec<Output> {
        let name = |category: &String| format!("{}={category}", self.column);
        Output::numbers(self.categories.iter().map(name), Role::Flag)
    }

    fn arithmetic(&self) -> Arithmetic<'_> {
        Arithmetic::Category(self)
    }

    fn categories(&self) -> &[String] {
        &self.categories
    }
}
