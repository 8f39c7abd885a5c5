//! The decision tree (CART, Breiman and others 1984) on binned data, with scikit-learn's parameters.
//!
//! `GrowthParams` holds what a single tree and the trees of a forest have in common.

use crate::error::Result;
use crate::learn::binning::{Binned, MAX_BINS};
use crate::learn::ensemble::{Ensemble, Link, Tree, tables};
use crate::learn::grow::{Draw, Limits, grow};
use crate::learn::histogram::Purity;
use crate::learn::histogram_pool::Pool;
use crate::learn::matrix::Matrix;
use crate::learn::params::{Amount, FeatureLimit, ParamReader, object};
use crate::learn::random::{Stream, stream};
use crate::progress::Progress;
use serde_json::{Map, Value};

/// How mixed the classes of a node are; a split lowers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Impurity {
    Gini,
    Entropy,
}

/// Parameters that decide the shape of a tree of classes.
#[derive(Debug, Clone, PartialEq)]
pub struct GrowthParams {
    max_depth: Option<usize>,
    min_samples_leaf: Amount,
    min_samples_split: Amount,
    max_leaf_nodes: Option<usize>,
    max_features: FeatureLimit,
    criterion: Impurity,
    pub(crate) max_bins: usize,
}

impl GrowthParams {
    /// The names of the parameters read here.
    pub const NAMES: [&str; 7] = [
        "max_depth",
        "min_samples_leaf",
        "min_samples_split",
        "max_leaf_nodes",
        "max_features",
        "criterion",
        "max_bins",
    ];

    /// Reads and checks them; `max_features` is the default of the model.
    pub fn parse(reader: &ParamReader, max_features: FeatureLimit) -> Result<GrowthParams> {
        Ok(GrowthParams {
            max_depth: reader.limit("max_depth", None, 1)?,
            min_samples_leaf: reader.amount("min_samples_leaf", 1, 1)?,
            min_samples_split: reader.amount("min_samples_split", 2, 2)?,
            max_leaf_nodes: reader.limit("max_leaf_nodes", None, 2)?,
            max_features: reader.features("max_features", max_features)?,
            criterion: reader.choice(
                "criterion",
                Impurity::Gini,
                &[("gini", Impurity::Gini), ("entropy", Impurity::Entropy)],
            )?,
            max_bins: reader.integer("max_bins", MAX_BINS, 2, MAX_BINS)?,
        })
    }

    /// All parameters, as `parse` takes them.
    pub fn json(&self) -> Map<String, Value> {
        object([
            ("max_depth", self.max_depth.into()),
            ("min_samples_leaf", self.min_samples_leaf.json()),
            ("min_samples_split", self.min_samples_split.json()),
            ("max_leaf_nodes", self.max_leaf_nodes.into()),
            ("max_features", self.max_features.json()),
            ("criterion", if self.criterion == Impurity::Gini { "gini".into() } else { "entropy".into() }),
            ("max_bins", self.max_bins.into()),
        ])
    }

    /// Grows a tree on `rows`; `values[row]` is a `Purity::row`, `total` the rows that shares are shares of.
    pub(crate) fn grow(&self, binned: &Binned, values: &[u64], rows: Vec<u32>, total: usize, random: Stream) -> Tree {
        let purity =
            Purity { entropy: self.criterion == Impurity::Entropy, min_leaf: self.min_samples_leaf.of(total).max(1) };
        let limits = Limits {
            depth: self.max_depth.unwrap_or(usize::MAX),
            leaves: self.max_leaf_nodes,
            split: self.min_samples_split.of(total).max(2),
        };
        let features = self.max_features.of(binned.columns.len());
        let draw = (features < binned.columns.len()).then_some(Draw { features, random });
        grow(binned, &purity, values, rows, &limits, draw, &mut Pool::default()).tree
    }
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    shape: GrowthParams,
}

impl Params {
    /// Reads and checks the parameters; those not given have scikit-learn's defaults.
    pub fn parse(values: &Map<String, Value>) -> Result<Params> {
        let reader = ParamReader::new("tree", values, &GrowthParams::NAMES)?;
        Ok(Params { shape: GrowthParams::parse(&reader, FeatureLimit::All)? })
    }

    /// All parameters.
    pub fn json(&self) -> Map<String, Value> {
        self.shape.json()
    }

    /// Fits checked data of two classes, `y` 0 or 1.
    pub(crate) fn fit(&self, x: &Matrix, y: &[f64], seed: u64, progress: &Progress) -> Result<Ensemble> {
        progress.check()?;
        let binned = Binned::new(x, self.shape.max_bins, seed)?;
        let values: Vec<u64> = y.iter().map(|&label| Purity::row(label == 1.0, 1)).collect();
        let rows = (0..y.len() as u32).collect();
        let tree = self.shape.grow(&binned, &values, rows, y.len(), stream(seed, "tree", 0));
        progress.advance(1);
        Ensemble::new(vec![tree], tables(binned.edges), vec![0.0], Link::Mean)
    }
}
