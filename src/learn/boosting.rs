//! Gradient boosting on histograms, with the parameters of scikit-learn's `HistGradientBoostingClassifier`.
//!
//! Each tree is grown on the derivatives of the loss at the scores so far, leaf by leaf, and adds a shrunken Newton step
//! (Friedman 2001; Ke and others 2017). Early stopping, off by default, watches the loss of rows kept out.

use crate::error::Result;
use crate::learn::binning::{Binned, MAX_BINS};
use crate::learn::ensemble::{Ensemble, Tree, tables};
use crate::learn::grow::{Limits, Pool, grow};
use crate::learn::histogram::Newton;
use crate::learn::matrix::Matrix;
use crate::learn::objective::Objective;
use crate::learn::params::{Reader, object};
use crate::learn::random::stream;
use crate::progress::Progress;
use serde_json::{Map, Value};

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    max_iter: usize,
    learning_rate: f64,
    max_leaf_nodes: Option<usize>,
    max_depth: Option<usize>,
    min_samples_leaf: usize,
    l2_regularization: f64,
    max_bins: usize,
    early_stopping: bool,
    validation_fraction: f64,
    n_iter_no_change: usize,
    tol: f64,
}

impl Params {
    /// Reads and checks the parameters; those not given have scikit-learn's defaults, but early stopping is off.
    pub fn parse(values: &Map<String, Value>) -> Result<Params> {
        let known = [
            "max_iter",
            "learning_rate",
            "max_leaf_nodes",
            "max_depth",
            "min_samples_leaf",
            "l2_regularization",
            "max_bins",
            "early_stopping",
            "validation_fraction",
            "n_iter_no_change",
            "tol",
        ];
        let reader = Reader::new("boosting", values, &known)?;
        let share = "a number between 0 and 1";
        Ok(Params {
            max_iter: reader.integer("max_iter", 100, 1, 100_000)?,
            learning_rate: reader
                .number("learning_rate", 0.1, "a number above 0 and up to 100", |r| r > 0.0 && r <= 100.0)?,
            max_leaf_nodes: reader.limit("max_leaf_nodes", Some(31), 2)?,
            max_depth: reader.limit("max_depth", None, 1)?,
            min_samples_leaf: reader.integer("min_samples_leaf", 20, 1, u32::MAX as usize)?,
            l2_regularization: reader.number("l2_regularization", 0.0, "a number, 0 or more", |l2| l2 >= 0.0)?,
            max_bins: reader.integer("max_bins", MAX_BINS, 2, MAX_BINS)?,
            early_stopping: reader.flag("early_stopping", false)?,
            validation_fraction: reader.number("validation_fraction", 0.1, share, |x| x > 0.0 && x < 1.0)?,
            n_iter_no_change: reader.integer("n_iter_no_change", 10, 1, usize::MAX)?,
            tol: reader.number("tol", 1e-7, "a number, 0 or more", |tol| tol >= 0.0)?,
        })
    }

    /// All parameters.
    pub fn json(&self) -> Map<String, Value> {
        object([
            ("max_iter", self.max_iter.into()),
            ("learning_rate", self.learning_rate.into()),
            ("max_leaf_nodes", self.max_leaf_nodes.into()),
            ("max_depth", self.max_depth.into()),
            ("min_samples_leaf", self.min_samples_leaf.into()),
            ("l2_regularization", self.l2_regularization.into()),
            ("max_bins", self.max_bins.into()),
            ("early_stopping", self.early_stopping.into()),
            ("validation_fraction", self.validation_fraction.into()),
            ("n_iter_no_change", self.n_iter_no_change.into()),
            ("tol", self.tol.into()),
        ])
    }

    /// Trees that `fit` grows at most.
    pub fn trees(&self) -> usize {
        self.max_iter
    }

    /// Fits checked data.
    pub(crate) fn fit(&self, x: &Matrix, y: &[f64], seed: u64, progress: &Progress) -> Result<Ensemble> {
        if !self.early_stopping {
            return self.boost(x, y, None, seed, progress);
        }
        let (kept, out) = self.keep_out(y, seed);
        let labels = |rows: &[usize]| rows.iter().map(|&i| y[i]).collect::<Vec<f64>>();
        let judge = Judge { x: x.select_rows(&out), y: labels(&out) };
        self.boost(&x.select_rows(&kept), &labels(&kept), Some(judge), seed, progress)
    }

    /// Rows to fit on and rows to watch, both ascending, with the same share of each class.
    fn keep_out(&self, y: &[f64], seed: u64) -> (Vec<usize>, Vec<usize>) {
        let mut out = Vec::new();
        for class in [0.0, 1.0] {
            let rows: Vec<usize> = (0..y.len()).filter(|&i| y[i] == class).collect();
            let share = (rows.len() as f64 * self.validation_fraction).round() as usize;
            let count = share.clamp(usize::from(rows.len() > 1), rows.len().saturating_sub(1));
            let drawn = stream(seed, "early stopping", class as u64).sample(rows.len(), count);
            out.extend(drawn.into_iter().map(|i| rows[i]));
        }
        out.sort_unstable();
        let kept = (0..y.len()).filter(|i| out.binary_search(i).is_err()).collect();
        (kept, out)
    }

    /// How each tree is grown.
    fn growth(&self) -> (Newton, Limits) {
        let min_leaf = self.min_samples_leaf as u64;
        let newton = Newton { l2: self.l2_regularization, learning_rate: self.learning_rate, min_leaf };
        let depth = self.max_depth.unwrap_or(usize::MAX);
        (newton, Limits { depth, leaves: self.max_leaf_nodes, split: 2 * min_leaf })
    }

    fn boost(&self, x: &Matrix, y: &[f64], judge: Option<Judge>, seed: u64, progress: &Progress) -> Result<Ensemble> {
        let objective = Objective::LogLoss;
        let binned = Binned::new(x, self.max_bins, seed)?;
        let tables = tables(binned.edges.clone());
        let baseline = objective.baseline(y.iter().copied());
        let (newton, limits) = self.growth();
        let mut scores = vec![baseline; y.len()];
        let mut slopes = vec![(0.0, 0.0); y.len()];
        let mut watch = judge.map(|judge| Watch::new(judge, baseline, objective));
        let mut pool = Pool::default();
        let mut trees = Vec::with_capacity(self.max_iter);
        for _ in 0..self.max_iter {
            progress.check()?;
            objective.slopes(y, &scores, &mut slopes);
            let rows = (0..y.len() as u32).collect();
            let grown = grow(&binned, &newton, &slopes, rows, &limits, None, &mut pool);
            for (range, value) in &grown.leaves {
                grown.rows[range.clone()].iter().for_each(|&row| scores[row as usize] += value);
            }
            let enough = watch.as_mut().is_some_and(|watch| watch.is_enough(&grown.tree, &tables, self));
            trees.push(grown.tree);
            progress.advance(1);
            if enough {
                break;
            }
        }
        Ensemble::new(trees, tables, baseline, objective.output())
    }
}

/// Rows kept out of the fit.
struct Judge {
    x: Matrix,
    y: Vec<f64>,
}

/// The loss of the rows kept out, after each tree.
struct Watch {
    judge: Judge,
    objective: Objective,
    scores: Vec<f64>,
    losses: Vec<f64>,
}

impl Watch {
    fn new(judge: Judge, baseline: f64, objective: Objective) -> Watch {
        let scores = vec![baseline; judge.y.len()];
        let losses = vec![objective.loss(&judge.y, &scores)];
        Watch { judge, objective, scores, losses }
    }

    /// Adds a tree; true once none of the last `n_iter_no_change` trees lowered the loss by more than `tol`.
    fn is_enough(&mut self, tree: &Tree, tables: &[Vec<u8>], params: &Params) -> bool {
        let mut row = vec![0.0; self.judge.x.columns()];
        for (i, score) in self.scores.iter_mut().enumerate() {
            self.judge.x.row_into(i, &mut row);
            *score += tree.leaf(tables, &row);
        }
        self.losses.push(self.objective.loss(&self.judge.y, &self.scores));
        let recent = self.losses.len().saturating_sub(params.n_iter_no_change);
        match recent.checked_sub(1) {
            None => false,
            Some(before) => {
                let reference = self.losses[before] - params.tol;
                self.losses[recent..].iter().all(|loss| *loss >= reference)
            }
        }
    }
}
