//! `select_correlation`: leaves out a column whose correlation with one that is kept before it has a size above a threshold: it says what
//! that one says.
//!
//! Pearson's correlation over the rows where both are known. Columns are looked at from the first to the last.

use super::column_statistics::mean;
use super::number_columns::NumberColumns;
use super::select::Select;
use crate::error::Result;
use crate::learn::params::ParamReader;
use rayon::prelude::*;

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["threshold"];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrelationParams {
    threshold: f64,
}

impl CorrelationParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<CorrelationParams> {
        let share = |x: f64| 0.0 < x && x < 1.0;
        Ok(CorrelationParams { threshold: reader.number("threshold", 0.95, "a number between 0 and 1", share)? })
    }

    /// Fits on columns of numbers.
    pub(super) fn fit(&self, x: &NumberColumns) -> Result<Select> {
        let mut kept: Vec<usize> = Vec::new();
        for (at, column) in x.columns.iter().enumerate() {
            let twin = kept.par_iter().any(|before| correlation(&x.columns[*before], column).abs() > self.threshold);
            if !twin {
                kept.push(at);
            }
        }
        let keep: Vec<bool> = (0..x.columns.len()).map(|at| kept.contains(&at)).collect();
        Select::new(x.names.clone(), &keep)
    }
}

/// The correlation; NaN if one of the two is constant.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let both: Vec<(f64, f64)> =
        a.iter().copied().zip(b.iter().copied()).filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let (x, y): (Vec<f64>, Vec<f64>) = both.iter().copied().unzip();
    let (mean_x, mean_y) = (mean(&x), mean(&y));
    let (xx, xy, yy) = both.iter().fold((0.0, 0.0, 0.0), |(xx, xy, yy), (x, y)| {
        let (x, y) = (x - mean_x, y - mean_y);
        (xx + x * x, xy + x * y, yy + y * y)
    });
    xy / (xx.sqrt() * yy.sqrt())
}
