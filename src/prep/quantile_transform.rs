//! `quantile_transform`: a number becomes the share of training values below it (`uniform`, from 0 to 1), or the value of a normal
//! distribution with that share below it (`normal`). Whatever the column's distribution was, this is its new one.
//!
//! The numbers are those of scikit-learn's `QuantileTransformer` with `subsample=None`: `n_quantiles` quantiles of the training values
//! (linear between two values), and linear interpolation between them, from both sides so that repeated values get the middle of
//! their shares. `normal` is cut off at shares of 1e-7 from either end. scikit-learn draws 10,000 rows at random where there are more;
//! here all rows count.

use super::column_statistics::{quantile, sorted};
use super::computation::{Computation, OfNumber};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use super::normal_quantile::normal_quantile;
use crate::error::Result;
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["n_quantiles", "output_distribution"];

/// How far from its ends `normal` cuts shares off.
const NORMAL_END: f64 = 1e-7;

/// The new distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputDistribution {
    /// Even from 0 to 1.
    Uniform,
    /// Mean 0 and variance 1.
    Normal,
}

/// Their words.
const DISTRIBUTIONS: &[(&str, OutputDistribution)] =
    &[("uniform", OutputDistribution::Uniform), ("normal", OutputDistribution::Normal)];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileTransformParams {
    quantiles: usize,
    distribution: OutputDistribution,
}

impl QuantileTransformParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<QuantileTransformParams> {
        Ok(QuantileTransformParams {
            quantiles: reader.integer("n_quantiles", 1000, 1, 100_000)?,
            distribution: reader.choice("output_distribution", OutputDistribution::Uniform, DISTRIBUTIONS)?,
        })
    }

    /// Fits on a column of numbers.
    pub(super) fn fit(&self, name: &str, values: &[f64]) -> QuantileTransform {
        let sorted = sorted(values);
        let count = self.quantiles.min(values.len()).max(1);
        let mut largest = f64::MIN;
        let quantiles = (0..count).map(|k| {
            // Rounding must not put a quantile below the one before it.
            // By way of percentages, as NumPy's rounding is: it decides on which side of a value its quantile lies.
            largest = quantile(&sorted, reference(k, count) * 100.0 / 100.0).max(largest);
            largest
        });
        QuantileTransform { column: name.to_owned(), quantiles: quantiles.collect(), distribution: self.distribution }
    }
}

/// The share of values below quantile number `k` of `count`.
fn reference(k: usize, count: usize) -> f64 {
    match count {
        0 | 1 => 0.0,
        _ if k + 1 == count => 1.0,
        _ => k as f64 * (1.0 / (count - 1) as f64),
    }
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuantileTransform {
    /// The column that is read and replaced.
    pub column: String,
    /// Quantiles of even shares from 0 to 1, in rising order.
    pub quantiles: Vec<f64>,
    /// The new distribution.
    pub distribution: OutputDistribution,
}

impl QuantileTransform {
    /// The share of training values below a number.
    fn share(&self, x: f64) -> f64 {
        let count = self.quantiles.len();
        // The first quantile above x, and the first that is not below it.
        let above = self.quantiles.partition_point(|q| *q <= x);
        let from = self.quantiles.partition_point(|q| *q < x);
        0.5 * (self.between(x, above, count) + self.between(x, from, count))
    }

    /// The share at `x`, which lies between the quantiles `next - 1` and `next`.
    fn between(&self, x: f64, next: usize, count: usize) -> f64 {
        let (Some(low), Some(high)) =
            (next.checked_sub(1).and_then(|at| self.quantiles.get(at)), self.quantiles.get(next))
        else {
            return reference(next.min(count - 1), count);
        };
        let (start, end) = (reference(next - 1, count), reference(next, count));
        let way = high - low;
        // Halves, where the distance of two large numbers is not finite.
        let share = if way.is_finite() { (x - low) / way } else { (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) };
        start + (end - start) * share
    }
}

impl OfNumber for QuantileTransform {
    fn value(&self, x: f64) -> f64 {
        let (Some(least), Some(greatest)) = (self.quantiles.first(), self.quantiles.last()) else { return x };
        if x.is_nan() {
            return x;
        }
        match self.distribution {
            OutputDistribution::Uniform if x <= *least => 0.0,
            OutputDistribution::Uniform if x >= *greatest => 1.0,
            OutputDistribution::Uniform => self.share(x),
            OutputDistribution::Normal => {
                let share = match () {
                    () if x - NORMAL_END < *least => 0.0,
                    () if x + NORMAL_END > *greatest => 1.0,
                    () => self.share(x),
                };
                let end = NORMAL_END - f64::EPSILON;
                normal_quantile(share.clamp(end, 1.0 - end))
            }
        }
    }
}

impl FittedStep for QuantileTransform {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Number
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output::number(&self.column, OutputRole::Scaled)]
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Number(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let rising = self.quantiles.windows(2).all(|pair| pair[0] <= pair[1]);
        let sound = rising && !self.quantiles.is_empty() && self.quantiles.iter().all(|q| q.is_finite());
        sound.then_some(()).ok_or("its quantiles are not in order")
    }
}
