//! The random forest (Breiman 2001) and extremely randomised trees (Geurts, Ernst and Wehenkel 2006) on binned data, with scikit-learn's
//! parameters.
//!
//! Each tree is grown by one thread from a random stream of its own, so threads never change a result. Rows drawn more
//! than once by the bootstrap count that often, in `min_samples_leaf` and `min_samples_split` too.

use crate::error::Result;
use crate::learn::binning::Binned;
use crate::learn::ensemble::{Ensemble, Tree};
use crate::learn::fitted::Fitted;
use crate::learn::learner::{Learner, Needs};
use crate::learn::matrix::Matrix;
use crate::learn::params::ParamReader;
use crate::learn::random::stream;
use crate::learn::task::{Target, Task};
use crate::learn::tree::{Chance, GrowthParams, TreeSample, centre_of, ensemble_of};
use crate::progress::Progress;
use rayon::prelude::*;
use serde_json::{Map, Value};

/// How the trees of a forest differ from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForestKind {
    /// By the rows and features that are drawn: "forest".
    Forest,
    /// By cuts that are drawn too: "extra_trees".
    ExtraTrees,
}

impl ForestKind {
    /// The model's name.
    pub fn name(self) -> &'static str {
        match self {
            ForestKind::Forest => "forest",
            ForestKind::ExtraTrees => "extra_trees",
        }
    }
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    kind: ForestKind,
    n_estimators: usize,
    bootstrap: bool,
    shape: GrowthParams,
}

impl Params {
    /// Reads and checks the parameters; those not given have scikit-learn's defaults.
    pub fn parse(kind: ForestKind, values: &Map<String, Value>) -> Result<Params> {
        let known = [&["n_estimators", "bootstrap"], GrowthParams::NAMES.as_slice()].concat();
        let reader = ParamReader::new(kind.name(), values, &known)?;
        Ok(Params {
            kind,
            n_estimators: reader.integer("n_estimators", 100, 1, 100_000)?,
            bootstrap: reader.flag("bootstrap", kind == ForestKind::Forest)?,
            shape: GrowthParams::parse(&reader, None)?,
        })
    }

    /// Fits checked data.
    fn fit_trees(&self, x: &Matrix, target: &Target, seed: u64, progress: &Progress) -> Result<Ensemble> {
        self.shape.check(target, self.kind.name())?;
        let binned = Binned::new(x, self.shape.max_bins, seed)?;
        let centre = centre_of(target);
        let grow = |tree: usize| {
            progress.check()?;
            let tree = self.tree(&binned, target, centre, seed, tree as u64);
            progress.advance(1);
            Ok(tree)
        };
        let trees = (0..self.n_estimators).into_par_iter().with_max_len(1).map(grow).collect::<Result<Vec<_>>>()?;
        ensemble_of(trees, binned, target)
    }

    /// Tree number `index`.
    fn tree(&self, binned: &Binned, target: &Target, centre: f64, seed: u64, index: u64) -> Tree {
        let mut times = vec![1u32; target.len()];
        if self.bootstrap {
            let mut random = stream(seed, "bootstrap", index);
            times.fill(0);
            (0..target.len()).for_each(|_| times[random.below(target.len())] += 1);
        }
        let chance =
            Chance { random: stream(seed, self.kind.name(), index), cuts: self.kind == ForestKind::ExtraTrees };
        self.shape.grow(binned, &TreeSample { target, times: &times, centre }, chance)
    }
}

impl Learner for Params {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn json(&self) -> Map<String, Value> {
        let own = [("n_estimators", self.n_estimators.into()), ("bootstrap", self.bootstrap.into())];
        own.into_iter().map(|(name, value): (&str, Value)| (name.to_string(), value)).chain(self.shape.json()).collect()
    }

    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    fn tasks(&self) -> &'static [Task] {
        self.shape.tasks()
    }

    fn check_task(&self, task: Task) -> Result<()> {
        self.shape.check_task(task, self.name())
    }

    fn steps(&self) -> Option<u64> {
        Some(self.n_estimators as u64)
    }

    fn fit(&self, x: &Matrix, target: &Target, seed: u64, step: &Progress) -> Result<Fitted> {
        self.fit_trees(x, target, seed, step).map(Fitted::Trees)
    }
}
