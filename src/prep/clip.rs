//! `clip`: values beyond two ends become the ends, which the training rows decide.
//!
//! | method | from | to |
//! | --- | --- | --- |
//! | `quantile` | quantile `low` | quantile `high` |
//! | `iqr` | lower quartile - `fold` · (upper - lower quartile) | upper quartile + the same (Tukey's fences) |
//! | `std` | mean - `fold` · standard deviation | mean + the same |
//! | `mad` | median - `fold` · 1.4826 · median distance from the median | median + the same |
//!
//! Where such a distance is 0, as when most values are equal, the ends are the least and the greatest value of the training rows.

use super::column_statistics::{deviation, mean, median, quantile, sorted};
use super::computation::{Computation, OfNumber};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["method", "low", "high", "fold"];

/// The median distance from the median of normal numbers, times this, is their standard deviation.
const MAD_TO_DEVIATION: f64 = 1.482_602_218_505_602;

/// How the two ends are found.
#[derive(Debug, Clone, Copy, PartialEq)]
enum ClipMethod {
    Quantile,
    Iqr,
    Std,
    Mad,
}

/// Their words.
const METHODS: &[(&str, ClipMethod)] =
    &[("quantile", ClipMethod::Quantile), ("iqr", ClipMethod::Iqr), ("std", ClipMethod::Std), ("mad", ClipMethod::Mad)];

/// Checked parameters: quantiles from 0 to 1, `low` not above `high`; `fold` above 0.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipParams {
    method: ClipMethod,
    low: f64,
    high: f64,
    fold: f64,
}

impl ClipParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<ClipParams> {
        let share = |name: &str, default: f64| {
            reader.number(name, default, "a quantile from 0 to 1", |x| (0.0..=1.0).contains(&x))
        };
        let method = reader.choice("method", ClipMethod::Quantile, METHODS)?;
        let others: &[&str] = if method == ClipMethod::Quantile { &["fold"] } else { &["low", "high"] };
        if let Some(name) = others.iter().find(|name| reader.raw(name).is_some()) {
            return Err(Error::invalid(format!("{name} beside a method that has none"))
                .hint("low and high are for method = \"quantile\", fold is for iqr, std and mad"));
        }
        let (low, high) = (share("low", 0.01)?, share("high", 0.99)?);
        if low > high {
            return Err(
                Error::invalid(format!("low = {low} is above high = {high}")).hint("give the lower quantile as low")
            );
        }
        let usual = if method == ClipMethod::Iqr { 1.5 } else { 3.0 };
        let fold = reader.number("fold", usual, "a number above 0", |x| x > 0.0)?;
        Ok(ClipParams { method, low, high, fold })
    }

    /// Fits on a column of numbers.
    pub(super) fn fit(&self, name: &str, values: &[f64]) -> Clip {
        let sorted = sorted(values);
        let at = |share: f64| quantile(&sorted, share);
        let (low, high, spread) = match self.method {
            ClipMethod::Quantile => {
                return Clip { column: name.to_owned(), low: at(self.low), high: at(self.high) };
            }
            ClipMethod::Iqr => (at(0.25), at(0.75), at(0.75) - at(0.25)),
            ClipMethod::Std => {
                let center = mean(values);
                (center, center, deviation(values, center))
            }
            ClipMethod::Mad => {
                let center = at(0.5);
                let away: Vec<f64> = sorted.iter().map(|x| (x - center).abs()).collect();
                (center, center, median(&away) * MAD_TO_DEVIATION)
            }
        };
        let way = (spread * self.fold).min(f64::MAX);
        let (low, high) = ((low - way).max(f64::MIN), (high + way).min(f64::MAX));
        // Without a spread the ends would make the column constant.
        let (low, high) = if way > 0.0 { (low, high) } else { (at(0.0), at(1.0)) };
        Clip { column: name.to_owned(), low, high }
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
        vec![Output::number(&self.column, OutputRole::Same)]
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Number(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let sound = self.low.is_finite() && self.high.is_finite() && self.low <= self.high;
        sound.then_some(()).ok_or("its ends are not in order")
    }
}
