//! `ordinal`: a category becomes its number, for estimators that take categories as they are. One that training did not see
//! is missing.

use super::column_statistics::categories;
use super::computation::{Computation, OfCategory};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::data::Column;
use serde::{Deserialize, Serialize};

/// It has no parameters.
pub(super) const PARAMETERS: &[&str] = &[];

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ordinal {
    /// The column that is read and replaced.
    pub column: String,
    /// The categories, sorted by name.
    pub categories: Vec<String>,
}

impl Ordinal {
    /// Fits on a column of texts.
    pub(super) fn fit(name: &str, column: &Column) -> Ordinal {
        Ordinal { column: name.to_owned(), categories: categories(column, usize::MAX, 1) }
    }
}

impl OfCategory for Ordinal {
    fn values(&self, place: Option<usize>, out: &mut [f64]) {
        out.fill(place.map_or(f64::NAN, |place| place as f64));
    }
}

impl FittedStep for Ordinal {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Text
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output { name: self.column.clone(), content: Content::Category, role: OutputRole::Same }]
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Category(self)
    }

    fn categories(&self) -> &[String] {
        &self.categories
    }
}
