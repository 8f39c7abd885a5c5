//! `power`: bends a column towards a normal distribution by the power that does it best, then scales it to mean 0 and variance 1.
//!
//! `yeo-johnson` takes numbers of any sign (Yeo and Johnson 2000): ((x + 1)^λ - 1) / λ from 0 on, and -((1 - x)^(2 - λ) - 1) / (2 - λ) below;
//! `box-cox` numbers above 0 (Box and Cox 1964): (x^λ - 1) / λ. λ is the one of greatest likelihood. scikit-learn's
//! `PowerTransformer` finds it with Brent's minimiser, which ends within about 1e-8 of it; here it is where the slope of the likelihood
//! is 0, exact to rounding. With the same λ the numbers are equal to 1e-12. A constant column keeps λ = 1.

use super::computation::{Computation, OfNumber};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use super::power_likelihood::best_power;
use super::scale;
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use crate::math::{exp_m1, ln, ln_1p};
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["method", "standardize"];

/// The family of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PowerMethod {
    /// For numbers of any sign.
    YeoJohnson,
    /// For numbers above 0.
    BoxCox,
}

/// Their words.
const METHODS: &[(&str, PowerMethod)] = &[("yeo-johnson", PowerMethod::YeoJohnson), ("box-cox", PowerMethod::BoxCox)];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerParams {
    method: PowerMethod,
    standardize: bool,
}

impl PowerParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<PowerParams> {
        Ok(PowerParams {
            method: reader.choice("method", PowerMethod::YeoJohnson, METHODS)?,
            standardize: reader.flag("standardize", true)?,
        })
    }

    /// Fits on a column of numbers; an error if `box-cox` meets one that is not above 0.
    pub(super) fn fit(&self, name: &str, values: &[f64]) -> Result<Power> {
        let lost = values.iter().enumerate().find(|(_, x)| self.method == PowerMethod::BoxCox && **x <= 0.0);
        if let Some((row, x)) = lost {
            return Err(Error::invalid(format!("{x} in training row {} is not above 0, as box-cox needs", row + 1))
                .hint("give method = \"yeo-johnson\", which takes numbers of any sign"));
        }
        let known: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
        let logarithms: Vec<Signed> = known.iter().map(|x| self.method.logarithm(*x)).collect();
        let plain = Power {
            column: name.to_owned(),
            method: self.method,
            lambda: best_power(&known, &logarithms),
            center: 0.0,
            scale: 1.0,
        };
        if !self.standardize {
            return Ok(plain);
        }
        let bent: Vec<f64> = known.iter().map(|x| plain.value(*x)).collect();
        let (center, scale) = scale::standard(&bent);
        Ok(Power { center, scale, ..plain })
    }
}

/// The logarithm that a power is applied to, and whether it counts for λ or, of a negative number, for 2 - λ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signed {
    pub logarithm: f64,
    pub negative: bool,
}

impl Signed {
    /// The exponent at a λ.
    pub(super) fn exponent(self, lambda: f64) -> f64 {
        if self.negative { 2.0 - lambda } else { lambda }
    }
}

impl PowerMethod {
    fn logarithm(self, x: f64) -> Signed {
        match self {
            PowerMethod::BoxCox => Signed { logarithm: ln(x), negative: false },
            PowerMethod::YeoJohnson => Signed { logarithm: ln_1p(x.abs()), negative: x < 0.0 },
        }
    }
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Power {
    /// The column that is read and replaced.
    pub column: String,
    /// The family of functions.
    pub method: PowerMethod,
    /// The power λ.
    pub lambda: f64,
    /// The value of the bent column that becomes 0.
    pub center: f64,
    /// How far above `center` it becomes 1; above 0.
    pub scale: f64,
}

impl OfNumber for Power {
    /// What has no power (for `box-cox`, a number that is not above 0) is missing.
    fn value(&self, x: f64) -> f64 {
        if x.is_nan() || self.method == PowerMethod::BoxCox && x <= 0.0 {
            return f64::NAN;
        }
        let signed = self.method.logarithm(x);
        let exponent = signed.exponent(self.lambda);
        let power = if exponent == 0.0 { signed.logarithm } else { exp_m1(exponent * signed.logarithm) / exponent };
        (if signed.negative { -power } else { power } - self.center) / self.scale
    }
}

impl FittedStep for Power {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Number
    }

    fn outputs(&self) -> Vec<Output> {
        let role = match self.method {
            PowerMethod::YeoJohnson => OutputRole::Scaled,
            // A number that is not above 0 becomes missing.
            PowerMethod::BoxCox => OutputRole::Quantity,
        };
        vec![Output::number(&self.column, role)]
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Number(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let sound = [self.lambda, self.center, self.scale].iter().all(|x| x.is_finite()) && self.scale > 0.0;
        sound.then_some(()).ok_or("its numbers are not finite, or its scale is not above 0")
    }
}
