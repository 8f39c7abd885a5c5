//! Gradient boosting on histograms, with the parameters of scikit-learn's `HistGradientBoostingClassifier` and `-Regressor`.
//!
//! Each tree is grown on the derivatives of the loss at the scores so far, leaf by leaf, and adds a shrunken Newton step
//! (Friedman 2001; Ke and others 2017). With several classes each iteration grows one tree a class. Early stopping, off by
//! default, watches the loss of rows kept out.

use crate::error::{Error, Result};
use crate::learn::binning::{Binned, Edges, MAX_BINS};
use crate::learn::ensemble::{Ensemble, Tree, tables};
use crate::learn::fitted::Fitted;
use crate::learn::grow::{Grown, Limits, grow};
use crate::learn::histogram::Newton;
use crate::learn::histogram_pool::Pool;
use crate::learn::learner::{Learner, Needs};
use crate::learn::matrix::Matrix;
use crate::learn::objective::{Objective, quantile_of};
use crate::learn::params::{ParamReader, object};
use crate::learn::random::stream;
use crate::learn::task::{Target, Task};
use crate::progress::Progress;
use rayon::prelude::*;
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
    loss: BoostingLoss,
    quantile: f64,
}

/// What is minimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BoostingLoss {
    /// Log loss of classes, the squared error of numbers.
    Auto,
    LogLoss,
    SquaredError,
    AbsoluteError,
    Quantile,
    Poisson,
    Gamma,
}

/// Their words.
const LOSSES: [(&str, BoostingLoss); 7] = [
    ("auto", BoostingLoss::Auto),
    ("log_loss", BoostingLoss::LogLoss),
    ("squared_error", BoostingLoss::SquaredError),
    ("absolute_error", BoostingLoss::AbsoluteError),
    ("quantile", BoostingLoss::Quantile),
    ("poisson", BoostingLoss::Poisson),
    ("gamma", BoostingLoss::Gamma),
];

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
            "loss",
            "quantile",
        ];
        let reader = ParamReader::new("boosting", values, &known)?;
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
            loss: reader.choice("loss", BoostingLoss::Auto, &LOSSES)?,
            quantile: reader.number("quantile", 0.5, share, |x| x > 0.0 && x < 1.0)?,
        })
    }

    /// Fits checked data.
    fn fit_trees(&self, x: &Matrix, target: &Target, seed: u64, progress: &Progress) -> Result<Ensemble> {
        if !self.early_stopping {
            return self.boost(x, target, None, seed, progress);
        }
        let (kept, out) = self.keep_out(target, seed);
        let watched = HeldOut { x: x.select_rows(&out), target: target.select(&out) };
        self.boost(&x.select_rows(&kept), &target.select(&kept), Some(watched), seed, progress)
    }

    /// Rows to fit on and rows to watch, both ascending; of classes with the same share of each.
    fn keep_out(&self, target: &Target, seed: u64) -> (Vec<usize>, Vec<usize>) {
        let rows = 0..target.len();
        let groups: Vec<Vec<usize>> = match target.task() {
            Task::Regression => vec![rows.clone().collect()],
            _ => (0..target.classes())
                .map(|class| rows.clone().filter(|&row| target.values()[row] == class as f64).collect())
                .collect(),
        };
        let mut out = Vec::new();
        for (index, group) in groups.iter().enumerate() {
            let share = (group.len() as f64 * self.validation_fraction).round() as usize;
            let count = share.clamp(usize::from(group.len() > 1), group.len().saturating_sub(1));
            let drawn = stream(seed, "early stopping", index as u64).sample(group.len(), count);
            out.extend(drawn.into_iter().map(|place| group[place]));
        }
        out.sort_unstable();
        let kept = rows.filter(|row| out.binary_search(row).is_err()).collect();
        (kept, out)
    }

    /// What is minimised for a task.
    fn objective(&self, task: Task) -> Objective {
        match self.loss {
            BoostingLoss::Auto | BoostingLoss::LogLoss | BoostingLoss::SquaredError => Objective::of(task),
            BoostingLoss::AbsoluteError => Objective::AbsoluteError,
            BoostingLoss::Quantile => Objective::Quantile(self.quantile),
            BoostingLoss::Poisson => Objective::Poisson,
            BoostingLoss::Gamma => Objective::Gamma,
        }
    }

    /// How each tree is grown.
    fn growth(&self, objective: Objective) -> (Newton, Limits) {
        let min_leaf = self.min_samples_leaf as u64;
        let most = objective.largest_step();
        let newton =
            Newton { l2: self.l2_regularization, learning_rate: self.learning_rate, min_leaf, most, noise: 1.0 };
        let depth = self.max_depth.unwrap_or(usize::MAX);
        (newton, Limits { depth, leaves: self.max_leaf_nodes, split: 2 * min_leaf })
    }

    fn boost(
        &self,
        x: &Matrix,
        target: &Target,
        watched: Option<HeldOut>,
        seed: u64,
        progress: &Progress,
    ) -> Result<Ensemble> {
        let objective = self.objective(target.task());
        objective.check(target)?;
        let binned = Binned::new(x, self.max_bins, seed)?;
        let tables = tables(binned.edges.clone());
        let baseline = objective.baseline(target);
        let (newton, limits) = self.growth(objective);
        // Only cuts between categories ask for it.
        let has_categories = binned.edges.iter().any(|edges| matches!(edges, Edges::Categorical(_)));
        let rows = target.len();
        let mut scores: Vec<f64> = baseline.iter().flat_map(|start| std::iter::repeat_n(*start, rows)).collect();
        // One vector an output: the derivatives of an iteration are all taken at the scores before it.
        let mut slopes = vec![vec![(0.0, 0.0); rows]; baseline.len()];
        let mut watch = watched.map(|watched| Watch::new(watched, &baseline, objective));
        let mut pool = Pool::default();
        let mut trees = Vec::with_capacity(self.max_iter * baseline.len());
        for _ in 0..self.max_iter {
            progress.check()?;
            objective.slopes(target, &scores, &mut slopes);
            for (slopes, scores) in slopes.iter().zip(scores.chunks_exact_mut(rows)) {
                let newton = Newton { noise: if has_categories { noise_of(slopes) } else { 0.0 }, ..newton.clone() };
                let mut grown = grow(&binned, &newton, slopes, (0..rows as u32).collect(), &limits, None, &mut pool);
                if let Some(quantile) = objective.leaf_quantile() {
                    self.take_quantiles(&mut grown, quantile, target, scores);
                }
                for (range, node) in &grown.leaves {
                    let value = grown.tree.nodes[*node].value;
                    grown.rows[range.clone()].iter().for_each(|&row| scores[row as usize] += value);
                }
                trees.push(grown.tree);
            }
            progress.advance(1);
            let newest = &trees[trees.len() - baseline.len()..];
            if watch.as_mut().is_some_and(|watch| watch.is_enough(newest, &tables, self)) {
                break;
            }
        }
        Ensemble::new(trees, tables, baseline, objective.link())
    }
}

impl Params {
    /// Gives each leaf the quantile of what its rows still lack, shrunken as a step is.
    fn take_quantiles(&self, grown: &mut Grown, quantile: f64, target: &Target, scores: &[f64]) {
        let values: Vec<f64> = grown
            .leaves
            .par_iter()
            .map(|(range, _)| {
                let left = grown.rows[range.clone()].iter().map(|&row| row as usize);
                let left = left.map(|row| (target.values()[row] - scores[row], target.weight(row)));
                self.learning_rate * quantile_of(left, quantile)
            })
            .collect();
        for ((_, node), value) in grown.leaves.iter().zip(values) {
            grown.tree.nodes[*node].value = value;
        }
    }
}

/// The mean squared first derivative over the mean second one: the noise of [`Newton`].
fn noise_of(slopes: &[(f32, f32)]) -> f64 {
    let (squares, curvature) = slopes.iter().fold((0.0, 0.0), |(squares, curvature), (gradient, hessian)| {
        (squares + f64::from(*gradient) * f64::from(*gradient), curvature + f64::from(*hessian))
    });
    if curvature > 0.0 { squares / curvature } else { 0.0 }
}

/// Rows kept out of the fit.
struct HeldOut {
    x: Matrix,
    target: Target,
}

/// The loss of the rows kept out, after each iteration.
struct Watch {
    watched: HeldOut,
    objective: Objective,
    scores: Vec<f64>,
    losses: Vec<f64>,
}

impl Watch {
    fn new(watched: HeldOut, baseline: &[f64], objective: Objective) -> Watch {
        let rows = watched.target.len();
        let scores: Vec<f64> = baseline.iter().flat_map(|start| std::iter::repeat_n(*start, rows)).collect();
        let losses = vec![objective.loss(&watched.target, &scores)];
        Watch { watched, objective, scores, losses }
    }

    /// Adds the trees of an iteration, one an output; true once none of the last `n_iter_no_change` iterations lowered the
    /// loss by more than `tol`.
    fn is_enough(&mut self, newest: &[Tree], tables: &[Vec<u8>], params: &Params) -> bool {
        let (x, rows) = (&self.watched.x, self.watched.target.len());
        let mut row = vec![0.0; x.columns()];
        for i in 0..rows {
            x.row_into(i, &mut row);
            for (output, tree) in newest.iter().enumerate() {
                self.scores[output * rows + i] += tree.leaf(tables, &row);
            }
        }
        self.losses.push(self.objective.loss(&self.watched.target, &self.scores));
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

impl Learner for Params {
    fn name(&self) -> &'static str {
        "boosting"
    }

    fn json(&self) -> Map<String, Value> {
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
            ("loss", LOSSES.iter().find(|(_, loss)| *loss == self.loss).map(|(word, _)| *word).into()),
            ("quantile", self.quantile.into()),
        ])
    }

    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    fn tasks(&self) -> &'static [Task] {
        match self.loss {
            BoostingLoss::Auto => &Task::ALL,
            BoostingLoss::LogLoss => &[Task::Binary, Task::Multiclass],
            _ => &[Task::Regression],
        }
    }

    fn check_task(&self, task: Task) -> Result<()> {
        let (right, learned) = if task == Task::Regression { ("classes", "numbers") } else { ("numbers", "classes") };
        Err(Error::invalid(format!("boosting parameter \"loss\" is for {right}, and {learned} are learned"))
            .hint("leave it out: \"auto\" is log_loss of classes, squared_error of numbers"))
    }

    fn steps(&self) -> Option<u64> {
        Some(self.max_iter as u64)
    }

    fn fit(&self, x: &Matrix, target: &Target, seed: u64, step: &Progress) -> Result<Fitted> {
        self.fit_trees(x, target, seed, step).map(Fitted::Trees)
    }
}
