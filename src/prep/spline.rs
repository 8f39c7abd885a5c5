//! `spline`: a column becomes the B-splines of a degree between knots, smooth bumps of which a linear model makes any smooth curve.
//!
//! The numbers are those of scikit-learn's `SplineTransformer`, with its knots: `uniform`, or at quantiles; beyond the outer ones as many
//! again as the degree, at the distance of the two outermost. B-splines by the recursion of Cox and de Boor. Beyond the knots a value counts
//! as the end (`constant`), or follows the end's tangent (`linear`) or polynomial (`continue`). A missing value is 0 everywhere
//! (`handle_missing="zeros"` there). A constant column gets knots at distance 1. `periodic` is not there.

use super::column_statistics::{evenly, quantile, sorted};
use super::computation::{Computation, OfNumbers};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::error::Result;
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["n_knots", "degree", "knots", "extrapolation", "include_bias"];

const MOST_KNOTS: usize = 1000;
const MOST_DEGREE: usize = 10;

/// What stands for a value beyond the knots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extrapolation {
    /// The end.
    Constant,
    /// The tangent at the end.
    Linear,
    /// The polynomial at the end.
    Continue,
}

/// Their words.
const EXTRAPOLATIONS: &[(&str, Extrapolation)] =
    &[("constant", Extrapolation::Constant), ("linear", Extrapolation::Linear), ("continue", Extrapolation::Continue)];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct SplineParams {
    knots: usize,
    degree: usize,
    at_quantiles: bool,
    extrapolation: Extrapolation,
    include_bias: bool,
}

impl SplineParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<SplineParams> {
        Ok(SplineParams {
            knots: reader.integer("n_knots", 5, 2, MOST_KNOTS)?,
            degree: reader.integer("degree", 3, 0, MOST_DEGREE)?,
            at_quantiles: reader.choice("knots", false, &[("uniform", false), ("quantile", true)])?,
            extrapolation: reader.choice("extrapolation", Extrapolation::Constant, EXTRAPOLATIONS)?,
            include_bias: reader.flag("include_bias", true)?,
        })
    }

    /// Fits on a column of numbers.
    pub(super) fn fit(&self, name: &str, values: &[f64]) -> Spline {
        let sorted = sorted(values);
        let (least, greatest) = (quantile(&sorted, 0.0), quantile(&sorted, 1.0));
        let parts = self.knots - 1;
        let base: Vec<f64> = if greatest <= least {
            (0..self.knots).map(|k| least + k as f64).collect()
        } else if self.at_quantiles {
            (0..self.knots).map(|k| quantile(&sorted, k as f64 / parts as f64)).collect()
        } else {
            evenly(least, greatest, parts)
        };
        let (first, end) = (base[1] - base[0], base[self.knots - 1] - base[self.knots - 2]);
        let before = (1..=self.degree).rev().map(|k| base[0] - k as f64 * first);
        let after = (1..=self.degree).map(|k| greatest.max(base[self.knots - 1]) + k as f64 * end);
        let finite = before.chain(base.iter().copied()).chain(after).map(|knot| knot.clamp(f64::MIN, f64::MAX));
        let mut largest = f64::MIN;
        let rising = finite.map(|knot| {
            largest = knot.max(largest);
            largest
        });
        Spline {
            column: name.to_owned(),
            knots: rising.collect(),
            degree: self.degree,
            extrapolation: self.extrapolation,
            include_bias: self.include_bias,
        }
    }
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spline {
    /// The column that is read; columns `COLUMN_sp_N` take its place.
    pub column: String,
    /// All knots in rising order, with those beyond the ends.
    pub knots: Vec<f64>,
    /// The degree of the polynomials between knots.
    pub degree: usize,
    /// What stands for a value beyond the ends.
    pub extrapolation: Extrapolation,
    /// Whether the last spline, which the others give, is there too.
    pub include_bias: bool,
}

impl Spline {
    /// How many splines there are.
    fn count(&self) -> usize {
        self.knots.len().saturating_sub(self.degree + 1)
    }

    /// The interval between two knots whose polynomials count at `x`: from that knot to the next.
    fn interval(&self, x: f64) -> usize {
        let (first, last) = (self.degree, self.count() - 1);
        self.knots.partition_point(|knot| *knot <= x).saturating_sub(1).clamp(first, last)
    }

    /// The values at `x` of the splines of a degree that are not 0 in an interval: the last is that which begins with it.
    fn bumps(&self, x: f64, interval: usize, degree: usize) -> Vec<f64> {
        let mut values = vec![1.0];
        for k in 1..=degree {
            let mut next = vec![0.0; k + 1];
            for (at, value) in values.iter().enumerate() {
                // Halves, so that the distance of two large numbers is finite.
                let (right, left) = (self.knots[interval + 1 + at] / 2.0, self.knots[interval + 1 + at - k] / 2.0);
                let x = x / 2.0;
                if right > left {
                    next[at] += value * ((right - x) / (right - left));
                    next[at + 1] += value * ((x - left) / (right - left));
                }
            }
            values = next;
        }
        values
    }

    /// Their slopes.
    fn slopes(&self, x: f64, interval: usize) -> Vec<f64> {
        let k = self.degree;
        let mut slopes = vec![0.0; k + 1];
        if k > 0 {
            for (at, value) in self.bumps(x, interval, k - 1).into_iter().enumerate() {
                let (right, left) = (self.knots[interval + 1 + at], self.knots[interval + 1 + at - k]);
                if right > left {
                    let slope = k as f64 * value / (right - left);
                    slopes[at] -= slope;
                    slopes[at + 1] += slope;
                }
            }
        }
        slopes
    }
}

impl OfNumbers for Spline {
    fn values(&self, x: &[f64], out: &mut [f64]) {
        let Some(x) = x.first().copied().filter(|x| !x.is_nan()) else { return };
        let end = x.clamp(self.knots[self.degree], self.knots[self.count()]);
        let at = if self.extrapolation == Extrapolation::Continue && x.is_finite() { x } else { end };
        let interval = self.interval(at);
        let mut bumps = self.bumps(at, interval, self.degree);
        if self.extrapolation == Extrapolation::Linear && x != end && x.is_finite() {
            let slopes = self.slopes(end, interval);
            bumps.iter_mut().zip(slopes).for_each(|(value, slope)| *value += (x - end) * slope);
        }
        if bumps.iter().any(|value| !value.is_finite()) {
            // Too far beyond the end to be followed.
            bumps = self.bumps(end, self.interval(end), self.degree);
        }
        let splines = out.iter_mut().skip(interval - self.degree);
        splines.zip(bumps).for_each(|(cell, value)| *cell = value);
    }
}

impl FittedStep for Spline {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Number
    }

    fn outputs(&self) -> Vec<Output> {
        let count = self.count() - usize::from(!self.include_bias);
        Output::numbers((0..count).map(|at| format!("{}_sp_{at}", self.column)), OutputRole::Flag)
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Numbers(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let rising = self.knots.windows(2).all(|pair| pair[0] <= pair[1]) && self.knots.iter().all(|k| k.is_finite());
        let enough = self.degree <= MOST_DEGREE && self.knots.len() >= 2 * self.degree + 2;
        (rising && enough && self.knots.len() <= MOST_KNOTS + 2 * MOST_DEGREE)
            .then_some(())
            .ok_or("its knots are not in order, or too few or many")
    }
}
