//! `scale`: numbers of like size. `standard`: mean 0 and variance 1 on the training rows; `minmax`: from 0 to 1; `maxabs`: divided by the
//! greatest size, so that 0 stays 0; `robust`: the median becomes 0 and the distance between two quantiles 1, whatever lies beyond them.
//!
//! The numbers are those of scikit-learn's `StandardScaler`, `MinMaxScaler`, `MaxAbsScaler` and `RobustScaler`; as there, a constant column
//! is scaled by 1.

use super::column_statistics::{deviation, known, mean, median, quantile, sorted};
use super::computation::{Computation, OfNumber};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["method", "quantile_range"];

/// What is made equal between scaled columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScaleMethod {
    /// Mean 0 and variance 1.
    Standard,
    /// Least value 0 and greatest 1.
    MinMax,
    /// Greatest size 1.
    MaxAbs,
    /// Median 0, and 1 between two quantiles.
    Robust,
}

/// The words of the methods.
const METHODS: &[(&str, ScaleMethod)] = &[
    ("standard", ScaleMethod::Standard),
    ("minmax", ScaleMethod::MinMax),
    ("maxabs", ScaleMethod::MaxAbs),
    ("robust", ScaleMethod::Robust),
];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleParams {
    method: ScaleMethod,
    /// Of `robust`: two quantiles from 0 to 1.
    range: (f64, f64),
}

impl ScaleParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<ScaleParams> {
        let method = reader.choice("method", ScaleMethod::Standard, METHODS)?;
        let range = match reader.raw("quantile_range") {
            None => (0.25, 0.75),
            Some(value) if method != ScaleMethod::Robust => {
                return Err(Error::invalid(format!("quantile_range = {value} beside a method that has none"))
                    .hint("give method = \"robust\", or leave quantile_range out"));
            }
            Some(value) => quantile_range(value).ok_or_else(|| {
                Error::invalid(format!("scale parameter \"quantile_range\" is {value}"))
                    .hint("it takes two numbers from 0 to 100, the lower first: [25.0, 75.0]")
            })?,
        };
        Ok(ScaleParams { method, range })
    }

    /// What an estimator that wants columns of like scale gets.
    pub(super) fn needed() -> ScaleParams {
        ScaleParams { method: ScaleMethod::Standard, range: (0.25, 0.75) }
    }

    /// Fits on a column of numbers.
    pub(super) fn fit(&self, name: &str, values: &[f64]) -> Scale {
        let (center, scale) = match self.method {
            ScaleMethod::Standard => standard(values),
            ScaleMethod::MinMax => minmax(values),
            ScaleMethod::MaxAbs => (0.0, usable(known(values).fold(0.0, |most, x| x.abs().max(most)))),
            ScaleMethod::Robust => {
                let sorted = sorted(values);
                let spread = quantile(&sorted, self.range.1) - quantile(&sorted, self.range.0);
                (median(values), usable(spread.min(f64::MAX)))
            }
        };
        Scale { column: name.to_owned(), center, scale }
    }
}

/// Two numbers from 0 to 100 as shares.
fn quantile_range(value: &serde_json::Value) -> Option<(f64, f64)> {
    let [low, high] = value.as_array()?.as_slice() else { return None };
    let (low, high) = (low.as_f64()?, high.as_f64()?);
    (0.0 <= low && low < high && high <= 100.0).then_some((low / 100.0, high / 100.0))
}

/// As scikit-learn: a scale that is only rounding becomes 1.
fn usable(scale: f64) -> f64 {
    if scale < 10.0 * f64::EPSILON { 1.0 } else { scale }
}

fn minmax(values: &[f64]) -> (f64, f64) {
    let sorted = sorted(values);
    let (low, high) = (quantile(&sorted, 0.0), quantile(&sorted, 1.0));
    (low, if high > low { (high - low).min(f64::MAX) } else { 1.0 })
}

/// Mean and deviation; 1 instead of the deviation of a constant.
pub(super) fn standard(values: &[f64]) -> (f64, f64) {
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
        vec![Output::number(&self.column, OutputRole::Scaled)]
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Number(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let sound = self.center.is_finite() && self.scale.is_finite() && self.scale > 0.0;
        sound.then_some(()).ok_or("its scale is not above 0")
    }
}
