//! `ordinal`: a category becomes its number, for estimators that take categories as they are. One that training did not see
//! is missing.

use super::column_statistics::categories;
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

    /// The number of a row's category, from its place.
    pub(super) fn value(place: Option<usize>) -> f64 {
        place.map_or(f64::NAN, |place| place as f64)
    }
}
