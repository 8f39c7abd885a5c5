//! `impute_knn`: a missing number becomes the mean of its column over the training rows that are nearest in the other columns.
//!
//! The numbers are those of scikit-learn's `KNNImputer`: the distance of two rows is the root of p / m · Σ (x - y)² over the m of p columns that
//! both know; of the rows that know the column the `n_neighbors` nearest count, equally or by 1 / distance (`weights = "distance"`; if any is
//! at distance 0, only those). Of equally near rows the first in the training table count. Without a distance to any row it is the
//! column's mean. The training rows lie in the model: up to `max_samples` of them, drawn by the seed if there are more (scikit-learn keeps all).
//! Scale the columns first if their units differ. Infinite training values count as missing.

use super::column_statistics::mean;
use super::computation::{Computation, OfNumbers};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use super::number_columns::NumberColumns;
use crate::error::Result;
use crate::learn::params::ParamReader;
use crate::learn::random;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["n_neighbors", "weights", "indicator", "max_samples"];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct ImputeKnnParams {
    neighbours: usize,
    by_distance: bool,
    indicator: bool,
    most: usize,
}

impl ImputeKnnParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<ImputeKnnParams> {
        Ok(ImputeKnnParams {
            neighbours: reader.integer("n_neighbors", 5, 1, 10_000)?,
            by_distance: reader.choice("weights", false, &[("uniform", false), ("distance", true)])?,
            indicator: reader.flag("indicator", false)?,
            most: reader.integer("max_samples", 10_000, 1, 1_000_000)?,
        })
    }

    /// Fits on columns of numbers.
    pub(super) fn fit(&self, x: &NumberColumns, seed: u64) -> ImputeKnn {
        let rows = random::stream(seed, "impute_knn", 0).sample(x.rows(), self.most);
        let known = |x: f64| x.is_finite().then_some(x);
        let missing = |column: &[f64]| self.indicator && column.iter().any(|x| x.is_nan());
        ImputeKnn {
            columns: x.names.clone(),
            neighbours: self.neighbours,
            by_distance: self.by_distance,
            indicators: (0..x.columns.len()).filter(|at| missing(&x.columns[*at])).collect(),
            means: x.columns.iter().map(|column| mean(column)).collect(),
            rows: rows.iter().map(|row| x.columns.iter().map(|column| known(column[*row])).collect()).collect(),
        }
    }
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImputeKnn {
    /// The columns that are read and filled.
    pub columns: Vec<String>,
    /// How many rows count.
    pub neighbours: usize,
    /// Whether nearer rows count more.
    pub by_distance: bool,
    /// The places of columns of which a second, `COLUMN__missing`, says where they were missing.
    pub indicators: Vec<usize>,
    /// The mean of each column.
    pub means: Vec<f64>,
    /// The training rows, one value a column.
    pub rows: Vec<Vec<Option<f64>>>,
}

impl ImputeKnn {
    /// The square of the distance to a training row; NaN if no column is known in both.
    fn distance(&self, x: &[f64], row: &[Option<f64>]) -> f64 {
        let both = x.iter().zip(row).filter(|(x, _)| !x.is_nan()).filter_map(|(x, y)| Some((x, (*y)?)));
        let (sum, count) = both.fold((0.0, 0.0), |(sum, count), (x, y)| (sum + (x - y) * (x - y), count + 1.0));
        sum / count * x.len() as f64
    }

    /// The value for a column, from the distances to all training rows.
    fn value(&self, column: usize, distances: &[f64]) -> f64 {
        let of = |row: usize| self.rows.get(row).and_then(|row| *row.get(column)?);
        let mut near: Vec<(f64, usize)> = distances
            .iter()
            .enumerate()
            .filter(|(row, distance)| !distance.is_nan() && of(*row).is_some())
            .map(|(row, distance)| (*distance, row))
            .collect();
        let nearer = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if near.len() > self.neighbours {
            near.select_nth_unstable_by(self.neighbours - 1, nearer);
            near.truncate(self.neighbours);
        }
        near.sort_by(nearer);
        let touching = near.first().is_some_and(|(distance, _)| *distance == 0.0);
        let weight = |distance: f64| match (self.by_distance, touching) {
            (false, _) => 1.0,
            (true, true) => f64::from(u8::from(distance == 0.0)),
            (true, false) => 1.0 / distance.sqrt(),
        };
        let weights = near.iter().fold(0.0, |sum, (distance, _)| sum + weight(*distance));
        // Each value is divided first, so that the sum of large ones is finite.
        let part = |(distance, row): &(f64, usize)| of(*row).unwrap_or(0.0) * (weight(*distance) / weights);
        let filled = near.iter().fold(0.0, |sum, near| sum + part(near));
        let mean = self.means.get(column).copied().unwrap_or(0.0);
        if near.is_empty() || !filled.is_finite() { mean } else { filled }
    }
}

impl OfNumbers for ImputeKnn {
    fn values(&self, x: &[f64], out: &mut [f64]) {
        let distances: Vec<f64> = match x.iter().any(|x| x.is_nan()) {
            true => self.rows.iter().map(|row| self.distance(x, row)).collect(),
            false => Vec::new(),
        };
        let mut cells = out.iter_mut();
        for (column, x) in x.iter().enumerate() {
            if let Some(cell) = cells.next() {
                *cell = if x.is_nan() { self.value(column, &distances) } else { *x };
            }
            if self.indicators.binary_search(&column).is_ok()
                && let Some(cell) = cells.next()
            {
                *cell = f64::from(u8::from(x.is_nan()));
            }
        }
    }
}

impl FittedStep for ImputeKnn {
    fn inputs(&self) -> Vec<&str> {
        self.columns.iter().map(String::as_str).collect()
    }

    fn takes(&self) -> Content {
        Content::Number
    }

    fn outputs(&self) -> Vec<Output> {
        let outputs = self.columns.iter().enumerate().flat_map(|(at, name)| {
            let indicator = self.indicators.binary_search(&at).is_ok();
            let indicator = indicator.then(|| Output::number(format!("{name}__missing"), OutputRole::Flag));
            std::iter::once(Output::number(name, OutputRole::Filled)).chain(indicator)
        });
        outputs.collect()
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Numbers(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let width = self.columns.len();
        let finite = |x: &f64| x.is_finite();
        let rows = self.rows.iter().all(|row| row.len() == width && row.iter().flatten().all(finite));
        let rising = self.indicators.windows(2).all(|pair| pair[0] < pair[1]);
        let means = self.means.len() == width && self.means.iter().all(finite);
        (rows && rising && means && self.neighbours > 0).then_some(()).ok_or("its rows do not fit its columns")
    }
}
