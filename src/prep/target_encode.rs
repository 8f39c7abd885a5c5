//! `target_encode`: a category becomes the mean of the target over its rows, drawn towards the mean of all rows where it has
//! few of them. Of several classes there is one column a class, with the share of that class.
//!
//! Numbers are those of scikit-learn's `TargetEncoder`: with `smooth = "auto"` the weight of a category's own mean is
//! s²·n / (s²·n + v), with s² the variance of the target, n the category's rows and v the variance within it; with a number m it
//! is n / (n + m) (Micci-Barreca 2001). Cross-fitted (`cross_fit`).

use super::computation::{Computation, OfCategory};
use super::cross_fit::{CrossFitted, Grouped, Means, cross_fit};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::data::Column;
use crate::error::Result;
use crate::learn::Target;
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["smooth", "folds"];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetEncodeParams {
    /// How many rows the mean of all rows counts for; `None` weighs by the variances ("auto").
    smooth: Option<f64>,
    folds: usize,
}

impl TargetEncodeParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<TargetEncodeParams> {
        let smooth = match reader.raw("smooth").and_then(|value| value.as_str()) {
            Some("auto") => None,
            _ => Some(reader.number("smooth", f64::NAN, "\"auto\" or a number, 0 or more", |m| m >= 0.0)?),
        };
        Ok(TargetEncodeParams { smooth: smooth.filter(|m| !m.is_nan()), folds: reader.integer("folds", 5, 2, 1000)? })
    }

    /// Fits on a column of texts: the step, and the columns of the training rows.
    pub(super) fn fit(
        &self,
        name: &str,
        column: &Column,
        target: &Target,
        seed: u64,
    ) -> Result<(TargetEncode, Vec<Column>)> {
        let means = |grouped: &Grouped, y: &[f64], rows: &[usize]| self.means(grouped, y, target, rows);
        let CrossFitted { names, means, training } = cross_fit(column, target, self.folds, seed, means)?;
        Ok((TargetEncode { column: name.to_owned(), categories: names, means }, training))
    }

    /// The encoding of one output over some rows.
    fn means(&self, Grouped { names, places }: &Grouped, y: &[f64], target: &Target, rows: &[usize]) -> Means {
        let weight = |row: usize| target.weights().map_or(1.0, |weights| weights[row]);
        let total = rows.iter().fold(0.0, |sum, row| sum + weight(*row));
        let mean = rows.iter().fold(0.0, |sum, row| sum + weight(*row) * y[*row]) / total;
        let variance =
            rows.iter().fold(0.0, |sum, row| sum + weight(*row) * (y[*row] - mean) * (y[*row] - mean)) / total;
        let mut sums = vec![(0.0, 0.0); names.len()];
        for row in rows {
            if let Some(place) = places[*row] {
                sums[place].0 += weight(*row);
                sums[place].1 += weight(*row) * y[*row];
            }
        }
        let own: Vec<f64> = sums.iter().map(|(count, sum)| sum / count).collect();
        let mut squares = vec![0.0; names.len()];
        for row in rows {
            if let Some(place) = places[*row] {
                squares[place] += weight(*row) * (y[*row] - own[place]) * (y[*row] - own[place]);
            }
        }
        let encode = |((count, sum), (own, squares)): (&(f64, f64), (&f64, &f64))| match self.smooth {
            Some(m) if count + m > 0.0 => (sum + m * mean) / (count + m),
            None if *count > 0.0 => {
                let share = variance * count / (variance * count + squares / count);
                if share.is_nan() { mean } else { share * own + (1.0 - share) * mean }
            }
            _ => mean,
        };
        Means { of: sums.iter().zip(own.iter().zip(&squares)).map(encode).collect(), other: mean }
    }
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetEncode {
    /// The column that is read; of two classes and numbers it is replaced, of several `COLUMN=N` take its place.
    pub column: String,
    /// The categories, sorted by name.
    pub categories: Vec<String>,
    /// One an output column.
    pub means: Vec<Means>,
}

impl OfCategory for TargetEncode {
    fn values(&self, place: Option<usize>, out: &mut [f64]) {
        out.iter_mut().zip(&self.means).for_each(|(value, means)| *value = means.value(place));
    }
}

impl FittedStep for TargetEncode {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Text
    }

    fn outputs(&self) -> Vec<Output> {
        match self.means.len() {
            1 => vec![Output::number(&self.column, OutputRole::Complete)],
            several => Output::numbers((0..several).map(|class| format!("{}={class}", self.column)), OutputRole::Flag),
        }
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Category(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let sound = Means::all_fit(&self.means, self.categories.len());
        sound.then_some(()).ok_or("its means do not fit")
    }

    fn categories(&self) -> &[String] {
        &self.categories
    }
}
