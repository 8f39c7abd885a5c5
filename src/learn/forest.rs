//! The random forest (Breiman 2001) on binned data, with scikit-learn's parameters.
//!
//! Each tree is grown by one thread from a random stream of its own, so threads never change a result. Rows drawn more
//! than once by the bootstrap count that often, in `min_samples_leaf` and `min_samples_split` too.

use crate::error::Result;
use crate::learn::binning::Binned;
use crate::learn::ensemble::{Ensemble, Link, Tree, tables};
use crate::learn::histogram::Purity;
use crate::learn::matrix::Matrix;
use crate::learn::params::{FeatureLimit, ParamReader};
use crate::learn::random::stream;
use crate::learn::tree::GrowthParams;
use crate::progress::Progress;
use rayon::prelude::*;
use serde_json::{Map, Value};

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    n_estimators: usize,
    bootstrap: bool,
    shape: GrowthParams,
}

impl Params {
    /// Reads and checks the parameters; those not given have scikit-learn's defaults.
    pub fn parse(values: &Map<String, Value>) -> Result<Params> {
        let known = [&["n_estimators", "bootstrap"], GrowthParams::NAMES.as_slice()].concat();
        let reader = ParamReader::new("forest", values, &known)?;
        Ok(Params {
            n_estimators: reader.integer("n_estimators", 100, 1, 100_000)?,
            bootstrap: reader.flag("bootstrap", true)?,
            shape: GrowthParams::parse(&reader, FeatureLimit::Sqrt)?,
        })
    }

    /// All parameters.
    pub fn json(&self) -> Map<String, Value> {
        let own = [("n_estimators", self.n_estimators.into()), ("bootstrap", self.bootstrap.into())];
        own.into_iter().map(|(name, value): (&str, Value)| (name.to_string(), value)).chain(self.shape.json()).collect()
    }

    /// Trees that `fit` grows.
    pub fn trees(&self) -> usize {
        self.n_estimators
    }

    /// Fits checked data of two classes, `y` 0 or 1.
    pub(crate) fn fit(&self, x: &Matrix, y: &[f64], seed: u64, progress: &Progress) -> Result<Ensemble> {
        let binned = Binned::new(x, self.shape.max_bins, seed)?;
        let grow = |tree: usize| {
            progress.check()?;
            let tree = self.tree(&binned, y, seed, tree as u64);
            progress.advance(1);
            Ok(tree)
        };
        let trees = (0..self.n_estimators).into_par_iter().with_max_len(1).map(grow).collect::<Result<Vec<_>>>()?;
        Ensemble::new(trees, tables(binned.edges), vec![0.0], Link::Mean)
    }

    /// Tree number `index`.
    fn tree(&self, binned: &Binned, y: &[f64], seed: u64, index: u64) -> Tree {
        let mut times = vec![1u32; y.len()];
        if self.bootstrap {
            let mut random = stream(seed, "bootstrap", index);
            times.fill(0);
            (0..y.len()).for_each(|_| times[random.below(y.len())] += 1);
        }
        let values: Vec<u64> = y.iter().zip(&times).map(|(&y, &times)| Purity::row(y == 1.0, times)).collect();
        let rows = (0..y.len() as u32).filter(|&row| times[row as usize] > 0).collect();
        self.shape.grow(binned, &values, rows, y.len(), stream(seed, "forest", index))
    }
}
