//! `bin`: the number of the bin that a value falls in, or a column a bin with 1 where it falls. `uniform` bins are equally wide,
//! `quantile` ones hold equally many training rows, `kmeans` ones are nearest to the same centre.
//!
//! Edges are those of scikit-learn's `KBinsDiscretizer` with `subsample=None` (which draws 200,000 rows where there are more):
//! `quantile` takes the value at the share, or the mean of two where the share lies between them (`averaged_inverted_cdf`), or
//! the linear quantile; edges not more than 1e-8 above the one before are left out. A constant column has one bin. Values beyond the
//! training rows fall in the first or last bin; missing ones stay missing, and have no 1 in any column.

use super::column_statistics::{evenly, quantile, sorted};
use super::computation::{Computation, OfNumbers};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use super::kmeans_centres::kmeans_centres;
use crate::error::Result;
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["n_bins", "encode", "strategy", "quantile_method"];

/// Bins not wider than this are one with the next.
const LEAST_WIDTH: f64 = 1e-8;

/// Where bins end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BinStrategy {
    Quantile,
    Uniform,
    Kmeans,
}

/// Their words.
const STRATEGIES: &[(&str, BinStrategy)] =
    &[("quantile", BinStrategy::Quantile), ("uniform", BinStrategy::Uniform), ("kmeans", BinStrategy::Kmeans)];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct BinParams {
    bins: usize,
    onehot: bool,
    strategy: BinStrategy,
    linear: bool,
}

impl BinParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<BinParams> {
        let methods = [("averaged_inverted_cdf", false), ("linear", true)];
        Ok(BinParams {
            bins: reader.integer("n_bins", 5, 2, 10_000)?,
            onehot: reader.choice("encode", true, &[("onehot", true), ("ordinal", false)])?,
            strategy: reader.choice("strategy", BinStrategy::Quantile, STRATEGIES)?,
            linear: reader.choice("quantile_method", false, &methods)?,
        })
    }

    /// Fits on a column of numbers.
    pub(super) fn fit(&self, name: &str, values: &[f64]) -> Bin {
        let sorted = sorted(values);
        let (least, greatest) = (quantile(&sorted, 0.0), quantile(&sorted, 1.0));
        let mut edges = Vec::new();
        if greatest > least {
            edges = match self.strategy {
                BinStrategy::Uniform => evenly(least, greatest, self.bins),
                BinStrategy::Quantile => (0..=self.bins).map(|k| self.quantile(&sorted, k)).collect(),
                BinStrategy::Kmeans => {
                    let centres = kmeans_centres(&sorted, middles(&evenly(least, greatest, self.bins)));
                    [vec![least], middles(&centres), vec![greatest]].concat()
                }
            };
            // Rounding must not put an edge below the one before it.
            let mut largest = f64::MIN;
            edges.iter_mut().for_each(|edge| {
                largest = edge.max(largest);
                *edge = largest;
            });
            if self.strategy != BinStrategy::Uniform {
                let mut before = f64::NEG_INFINITY;
                edges.retain(|edge| edge - std::mem::replace(&mut before, *edge) > LEAST_WIDTH);
            }
        }
        let inner = edges.get(1..edges.len().saturating_sub(1)).unwrap_or_default();
        Bin { column: name.to_owned(), edges: inner.to_vec(), onehot: self.onehot }
    }

    /// The quantile of share `k / bins` of sorted values.
    fn quantile(&self, sorted: &[f64], k: usize) -> f64 {
        // By way of percentages, as NumPy's rounding is.
        let share = if k == self.bins { 1.0 } else { k as f64 * (100.0 / self.bins as f64) / 100.0 };
        if self.linear {
            return quantile(sorted, share);
        }
        let last = sorted.len().saturating_sub(1);
        // Values counted from 1: the one at the share, or the mean of it and the next.
        let at = share * sorted.len() as f64 - 1.0;
        let (low, high) = (at.floor().max(0.0) as usize, at.floor() + 1.0);
        let (low, high) = (low.min(last), (high.max(0.0) as usize).min(last));
        if at.fract() == 0.0 { sorted[low] / 2.0 + sorted[high] / 2.0 } else { sorted[high] }
    }
}

fn middles(values: &[f64]) -> Vec<f64> {
    values.windows(2).map(|pair| pair[0] / 2.0 + pair[1] / 2.0).collect()
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The column that is read; it is replaced, or columns `COLUMN=N` take its place.
    pub column: String,
    /// Where one bin ends and the next begins, in rising order.
    pub edges: Vec<f64>,
    /// Whether there is a column a bin.
    pub onehot: bool,
}

impl OfNumbers for Bin {
    fn values(&self, x: &[f64], out: &mut [f64]) {
        let Some(x) = x.first() else { return };
        let bin = self.edges.partition_point(|edge| *edge <= *x);
        if !self.onehot {
            out.fill(if x.is_nan() { f64::NAN } else { bin as f64 });
        } else if let Some(cell) = out.get_mut(bin).filter(|_| !x.is_nan()) {
            *cell = 1.0;
        }
    }
}

impl FittedStep for Bin {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Number
    }

    fn outputs(&self) -> Vec<Output> {
        match self.onehot {
            true => {
                Output::numbers((0..=self.edges.len()).map(|bin| format!("{}={bin}", self.column)), OutputRole::Flag)
            }
            false => vec![Output::number(&self.column, OutputRole::Same)],
        }
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Numbers(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let rising = self.edges.windows(2).all(|pair| pair[0] <= pair[1]);
        (rising && self.edges.iter().all(|edge| edge.is_finite())).then_some(()).ok_or("its edges are not in order")
    }
}
