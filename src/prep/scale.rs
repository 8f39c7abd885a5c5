//! `scale`: numbers of like size. `standard`: mean 0 and variance 1 on the training rows; `minmax`: from 0 to 1. A constant
//! column is scaled by 1, as in scikit-learn.

use super::arithmetic::{Arithmetic, OfNumber};
use super::column_statistics::{deviation, mean, quantile, sorted};
use super::fitted_step::{Content, FittedStep, Output, Role};
use crate::error::Result;
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["method"];

/// What is made equal between scaled columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScaleMethod {
    /// Mean 0 and variance 1.
    Standard,
    /// Least value 0 and greatest 1.
    MinMax,
}

/// The words of the methods.
const METHODS: &[(&str, ScaleMethod)] = &[("standard", ScaleMethod::Standard), ("minmax", ScaleMethod::MinMax)];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleParams {
    method: ScaleMethod,
}

impl ScaleParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<ScaleParams> {
        Ok(ScaleParams { method: reader.choice("method", ScaleMethod::Standard, METHODS)? })
    }

    /// What an estimator that wants columns of like scale gets.
    pub(super) fn needed() -> ScaleParams {
        ScaleParams { method: ScaleMethod::Standard }
    }

    /// Fits on a column of numbers.
    pub(super) fn fit(&self, name: &str, values: &[f64]) -> Scale {
        let (center, scale) = match self.method {
            ScaleMethod::Standard => standard(values),
            ScaleMethod::MinMax => minmax(values),
        };
        Scale { column: name.to_owned(), center, scale }
    }
}

fn minmax(values: &[f64]) -> (f64, f64) {
    let sorted = sorted(values);
    let (low, high) = (quantile(&sorted, 0.0), quantile(&sorted, 1.0));
    (low, if high > low { (high - low).min(f64::MAX) } else { 1.0 })
}

fn standard(values: &[f64]) -> (f64, f64) {
    let center = mean(values);
    let scale = deviation(values, center);
    // As scikit-learn: a spread that is only rounding counts as constant.
    let constant = scale <= 10.0 * f64::EPSILON * center.abs() || !scale.is_finite();
    (center, if constant { 1.0 } else { scale })
}

/// The fitted step: `(x - center) / scale`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// The column that is read and replaced.
    pub column: String,
    /// The value that becomes 0.
    pub center: f64,
    /// How far above `center` a value becomes 1; above 0.
    pub scale: f64,
}

impl OfNumber for Scale {
    fn value(&self, x: f64) -> f64 {
        (x - self.center) / self.scale
    }
}

impl FittedStep for Scale {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Number
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output::number(&self.column, Role::Scaled)]
    }

    fn arithmetic(&self) -> Arithmetic<'_> {
        Arithmetic::Number(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let sound = self.center.is_finite() && self.scale.is_finite() && self.scale > 0.0;
        sound.then_some(()).ok_or("its scale is not above 0")
    }
}
