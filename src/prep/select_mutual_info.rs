//! `select_mutual_info`: keeps the columns that share most information with the target, in whatever form the connection is.
//!
//! The information is Σ p(x, y) · ln(p(x, y) / (p(x) · p(y))) over bins of the column and classes of the target: the number of scikit-learn's
//! `mutual_info_classif(discrete_features=True)` where the column has at most `n_bins` different values. Other columns, and a target of
//! numbers, are cut into `n_bins` bins of equally many rows. scikit-learn estimates those from nearest neighbours after adding random noise,
//! so its numbers differ from run to run; these do not. A missing value counts as a bin of its own.

use super::best_columns::BestColumns;
use super::column_statistics::{quantile, sorted};
use super::number_columns::NumberColumns;
use super::select::Select;
use crate::error::Result;
use crate::learn::params::ParamReader;
use crate::learn::{Target, Task};
use crate::math::ln;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["k", "percentile", "n_bins"];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct MutualInfoParams {
    best: BestColumns,
    bins: usize,
}

impl MutualInfoParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<MutualInfoParams> {
        Ok(MutualInfoParams { best: BestColumns::parse(reader)?, bins: reader.integer("n_bins", 16, 2, 1000)? })
    }

    /// Fits on columns of numbers.
    pub(super) fn fit(&self, x: &NumberColumns, target: &Target) -> Result<Select> {
        let y = match target.task() {
            Task::Regression => cut(target.values(), self.bins),
            _ => target.values().iter().map(|class| *class as usize).collect(),
        };
        let scores: Vec<f64> = x.columns.par_iter().map(|column| information(&cut(column, self.bins), &y)).collect();
        Select::new(x.names.clone(), &self.best.keep(&scores))
    }
}

/// The bin of each value: its own if there are few different values.
fn cut(values: &[f64], bins: usize) -> Vec<usize> {
    let sorted = sorted(values);
    let mut edges = sorted.clone();
    edges.dedup();
    if edges.len() > bins {
        edges = (1..bins).map(|k| quantile(&sorted, k as f64 / bins as f64)).collect();
        edges.dedup();
    }
    let bin = |x: &f64| if x.is_nan() { usize::MAX } else { edges.partition_point(|edge| edge <= x) };
    values.iter().map(bin).collect()
}

/// The mutual information of two lists of bins.
pub(super) fn information(x: &[usize], y: &[usize]) -> f64 {
    let (mut of_x, mut of_y, mut both) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for pair in x.iter().copied().zip(y.iter().copied()) {
        *of_x.entry(pair.0).or_insert(0u64) += 1;
        *of_y.entry(pair.1).or_insert(0u64) += 1;
        *both.entry(pair).or_insert(0u64) += 1;
    }
    let rows = x.len() as f64;
    let share = |count: u64| count as f64 / rows;
    both.iter().fold(0.0, |sum, ((x, y), count)| {
        let alone = share(of_x.get(x).copied().unwrap_or(1)) * share(of_y.get(y).copied().unwrap_or(1));
        sum + share(*count) * ln(share(*count) / alone)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sklearn.metrics.mutual_info_score`.
    #[test]
    fn information_is_that_of_scikit_learn() {
        let found = information(&[0, 0, 1, 1, 2, 2, 2], &[0, 1, 0, 0, 1, 1, 1]);
        assert!((found - 0.484_866_053_111_915_7).abs() < 1e-12, "{found}");
        assert!(information(&[0, 1, 0, 1], &[0, 0, 1, 1]).abs() < 1e-15, "independent");
    }

    #[test]
    fn values_are_cut_into_bins_of_equally_many() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let bins = cut(&values, 4);
        assert_eq!((0..4).map(|bin| bins.iter().filter(|b| **b == bin).count()).collect::<Vec<_>>(), [25; 4]);
        assert_eq!(cut(&[3.0, 1.0, f64::NAN, 3.0], 4), [2, 1, usize::MAX, 2]);
    }
}
