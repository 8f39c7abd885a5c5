//! `select_variance`: keeps the columns whose variance on the training rows is above a threshold; by default those that are not
//! constant.
//!
//! The variance divides by n, over the known values, as scikit-learn's `VarianceThreshold`. With `threshold = 0` a column is constant
//! also if its greatest and least value are equal, whatever rounding makes of the variance.

use super::column_statistics::{deviation, mean, sorted};
use super::number_columns::NumberColumns;
use super::select::Select;
use crate::error::Result;
use crate::learn::params::ParamReader;

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["threshold"];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct VarianceParams {
    threshold: f64,
}

impl VarianceParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<VarianceParams> {
        Ok(VarianceParams { threshold: reader.number("threshold", 0.0, "a number, 0 or more", |x| x >= 0.0)? })
    }

    /// Fits on columns of numbers.
    pub(super) fn fit(&self, x: &NumberColumns) -> Result<Select> {
        let keep = |column: &[f64]| {
            let sorted = sorted(column);
            let constant = sorted.first() == sorted.last();
            !constant && deviation(column, mean(column)).powi(2) > self.threshold
        };
        Select::new(x.names.clone(), &x.columns.iter().map(|column| keep(column)).collect::<Vec<_>>())
    }
}
