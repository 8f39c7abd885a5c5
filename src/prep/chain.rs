//! What happens to one column: steps on numbers, or a fill and an encoding of texts. Plain data, so that a bundle can
//! hold it; one function computes a value, and columns are that function over all rows.

use serde::{Deserialize, Serialize};

/// A step on a number. Missing (NaN) stays missing except in `Impute`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum NumberStep {
    /// Missing becomes `value`.
    Impute {
        /// The fill.
        value: f64,
    },
    /// Values beyond the ends become the ends.
    Clip {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// `(x - center) / scale`.
    Scale {
        /// What becomes 0.
        center: f64,
        /// What becomes 1 above that; never 0.
        scale: f64,
    },
}

impl NumberStep {
    /// The step's result for one value.
    pub fn apply(self, x: f64) -> f64 {
        match self {
            NumberStep::Impute { value } => {
                if x.is_nan() {
                    value
                } else {
                    x
                }
            }
            NumberStep::Clip { low, high } => {
                if x < low {
                    low
                } else if x > high {
                    high
                } else {
                    x
                }
            }
            NumberStep::Scale { center, scale } => (x - center) / scale,
        }
    }
}

/// How texts become numbers. Categories are sorted by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Encode {
    /// One column a category, 1 where it is the row's; a category not seen in training has no 1 anywhere.
    OneHot {
        /// The categories.
        categories: Vec<String>,
    },
    /// The category's number, for estimators that take categories; one not seen in training is missing.
    Ordinal {
        /// The categories.
        categories: Vec<String>,
    },
}

impl Encode {
    /// The categories, sorted.
    pub fn categories(&self) -> &[String] {
        match self {
            Encode::OneHot { categories } | Encode::Ordinal { categories } => categories,
        }
    }
}

/// One input column's way into the matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Chain {
    /// A column of numbers.
    Number {
        /// Its name.
        column: String,
        /// Steps in order.
        steps: Vec<NumberStep>,
        /// Whether a second column says where it was missing.
        indicator: bool,
    },
    /// A column of texts.
    Text {
        /// Its name.
        column: String,
        /// What a missing text becomes.
        fill: Option<String>,
        /// How texts become numbers.
        encode: Encode,
    },
}

impl Chain {
    /// The input column.
    pub fn column(&self) -> &str {
        match self {
            Chain::Number { column, .. } | Chain::Text { column, .. } => column,
        }
    }

    /// How many columns of the matrix it makes.
    pub fn width(&self) -> usize {
        match self {
            Chain::Number { indicator, .. } => 1 + usize::from(*indicator),
            Chain::Text { encode: Encode::OneHot { categories }, .. } => categories.len(),
            Chain::Text { encode: Encode::Ordinal { .. }, .. } => 1,
        }
    }
}
