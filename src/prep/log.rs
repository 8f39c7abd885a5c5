//! `log`: a logarithm of each number, for quantities whose ratios say more than their differences. `log1p` is ln(1 + x), for values from
//! 0 on; `log`, `log2` and `log10` take values above 0. The numbers are NumPy's.
//!
//! Training rows with a value that has no logarithm are refused; in a later row such a value becomes missing.

use super::computation::{Computation, OfNumber};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use crate::math::{ln, ln_1p, log2, log10};
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["method"];

/// Which logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Logarithm {
    /// ln(1 + x).
    Log1p,
    /// To base e.
    Log,
    /// To base 2.
    Log2,
    /// To base 10.
    Log10,
}

/// Their words.
const METHODS: &[(&str, Logarithm)] =
    &[("log1p", Logarithm::Log1p), ("log", Logarithm::Log), ("log2", Logarithm::Log2), ("log10", Logarithm::Log10)];

impl Logarithm {
    /// NaN where there is none.
    fn of(self, x: f64) -> f64 {
        let y = match self {
            Logarithm::Log1p => ln_1p(x),
            Logarithm::Log => ln(x),
            Logarithm::Log2 => log2(x),
            Logarithm::Log10 => log10(x),
        };
        if y == f64::NEG_INFINITY { f64::NAN } else { y }
    }
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct LogParams {
    method: Logarithm,
}

impl LogParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<LogParams> {
        Ok(LogParams { method: reader.choice("method", Logarithm::Log1p, METHODS)? })
    }

    /// Fits on a column of numbers; an error if one of them has no logarithm.
    pub(super) fn fit(&self, name: &str, values: &[f64]) -> Result<Log> {
        let lost = values.iter().enumerate().find(|(_, x)| !x.is_nan() && self.method.of(**x).is_nan());
        match lost {
            None => Ok(Log { column: name.to_owned(), method: self.method }),
            Some((row, x)) => Err(Error::invalid(format!("{x} in training row {} has no logarithm", row + 1)).hint(
                "op = \"power\" takes numbers of any sign; or clip the column first, or make such values missing",
            )),
        }
    }
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// The column that is read and replaced.
    pub column: String,
    /// Which logarithm.
    pub method: Logarithm,
}

impl OfNumber for Log {
    fn value(&self, x: f64) -> f64 {
        self.method.of(x)
    }
}

impl FittedStep for Log {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Number
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output::number(&self.column, OutputRole::Quantity)]
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Number(self)
    }
}
