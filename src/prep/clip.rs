//! `clip`: values beyond two quantiles of the training rows become those quantiles.

use super::arithmetic::{Arithmetic, OfNumber};
use super::column_statistics::{quantile, sorted};
use super::fitted_step::{Content, FittedStep, Output, Role};
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["low", "high"];

/// Checked parameters: quantiles from 0 to 1, `low` not above `high`.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipParams {
    low: f64,
    high: f64,
}

impl ClipParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<ClipParams> {
        let share = |name: &str, default: f64| {
            reader.number(name, default, "a quantile from 0 to 1", |x| (0.0..=1.0).contains(&x))
        };
        let (low, high) = (share("low", 0.01)?, share("high", 0.99)?);
        if low > high {
            return Err(
                Error::invalid(format!("low = {low} is above high = {high}")).hint("give the lower quantile as low")
            );
        }
        Ok(ClipParams { low, high })
    }

    /// Fits on a column of numbers.
    pub(super) fn fit(&self, name: &str, values: &[f64]) -> Clip {
        let sorted = sorted(values);
        Clip { column: name.to_owned(), low: quantile(&sorted, self.low), high: quantile(&sorted, self.high) }
    }
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clip {
    /// The column that is read and replaced.
    pub column: String,
    /// What lower values become.
    pub low: f64,
    /// What higher values become.
    pub high: f64,
}

impl OfNumber for Clip {
    fn value(&self, x: f64) -> f64 {
        if x < self.low {
            self.low
        } else if x > self.high {
            self.high
        } else {
            x
        }
    }
}

impl FittedStep for Clip {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Number
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output::number(&self.column, Role::Same)]
    }

    fn arithmetic(&self) -> Arithmetic<'_> {
        Arithmetic::Number(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let sound = self.low.is_finite() && self.high.is_finite() && self.low <= self.high;
        sound.then_some(()).ok_or("its ends are not in order")
    }
}
