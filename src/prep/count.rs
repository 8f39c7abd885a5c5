//! `count`: a category becomes the number of training rows that have it, or with `normalize` their share. One that training did not see
//! becomes 0, a missing one the number of training rows where it was missing.

use super::column_statistics::counts;
use super::computation::{Computation, OfCategory};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::data::Column;
use crate::error::Result;
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["normalize"];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct CountParams {
    normalize: bool,
}

impl CountParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<CountParams> {
        Ok(CountParams { normalize: reader.flag("normalize", false)? })
    }

    /// Fits on a column of texts.
    pub(super) fn fit(&self, name: &str, column: &Column) -> Count {
        let counted = counts(column);
        let known: u64 = counted.values().sum();
        let of = |n: u64| n as f64 / if self.normalize { column.len().max(1) as f64 } else { 1.0 };
        Count {
            column: name.to_owned(),
            counts: counted.values().map(|n| of(*n)).collect(),
            categories: counted.into_keys().map(str::to_owned).collect(),
            missing: of(column.len() as u64 - known),
        }
    }
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Count {
    /// The column that is read and replaced.
    pub column: String,
    /// The categories, sorted by name.
    pub categories: Vec<String>,
    /// Rows or share of each.
    pub counts: Vec<f64>,
    /// Rows or share without one.
    pub missing: f64,
}

impl OfCategory for Count {
    fn values(&self, place: Option<usize>, out: &mut [f64]) {
        let missing = self.counts.len();
        out.fill(place.map_or(0.0, |at| if at == missing { self.missing } else { self.counts[at] }));
    }

    fn missing(&self) -> Option<usize> {
        Some(self.counts.len())
    }
}

impl FittedStep for Count {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Text
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output::number(&self.column, OutputRole::Complete)]
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Category(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let finite = self.counts.iter().chain([&self.missing]).all(|n| n.is_finite());
        (finite && self.counts.len() == self.categories.len()).then_some(()).ok_or("its counts do not fit")
    }

    fn categories(&self) -> &[String] {
        &self.categories
    }
}
