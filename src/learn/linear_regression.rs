//! Linear regression and its relatives, as scikit-learn defines them: least squares (`LinearRegression`), `Ridge`, `Lasso`,
//! `ElasticNet` and `PoissonRegressor`. Intercepts are not penalised.
//!
//! Columns are centred and the numbers to predict divided by their spread before anything is solved, which changes no minimum and
//! loses no digits to a large mean.

use crate::error::{Error, Result};
use crate::learn::fitted::Fitted;
use crate::learn::learner::{Learner, Needs};
use crate::learn::linear_model::{Linear, LinearLink};
use crate::learn::linear_problem::{Design, Loss, Problem};
use crate::learn::matrix::Matrix;
use crate::learn::moments::{LeastSquares, Moments};
use crate::learn::params::{ParamReader, object};
use crate::learn::solver::{FACTORED_VARIABLES, SmoothFunction, Stop, inner, minimise_quadratic, sum};
use crate::learn::sparse_solver::minimise_sparse;
use crate::learn::task::{Target, Task};
use crate::math::ln;
use crate::progress::Progress;
use rayon::prelude::*;
use serde_json::{Map, Value};

/// Which of them it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegressionKind {
    /// Least squares: "linear".
    Linear,
    /// With the squares of the weights: "ridge".
    Ridge,
    /// With the absolute values of the weights: "lasso".
    Lasso,
    /// With both: "elastic_net".
    ElasticNet,
    /// Of rates, by the deviance of Poisson's distribution: "poisson".
    Poisson,
}

impl RegressionKind {
    /// Every one.
    pub const ALL: [RegressionKind; 5] = [
        RegressionKind::Linear,
        RegressionKind::Ridge,
        RegressionKind::Lasso,
        RegressionKind::ElasticNet,
        RegressionKind::Poisson,
    ];

    /// The model's name.
    pub fn name(self) -> &'static str {
        match self {
            RegressionKind::Linear => "linear",
            RegressionKind::Ridge => "ridge",
            RegressionKind::Lasso => "lasso",
            RegressionKind::ElasticNet => "elastic_net",
            RegressionKind::Poisson => "poisson",
        }
    }

    /// Its parameters beside `fit_intercept`.
    fn parameters(self) -> &'static [&'static str] {
        match self {
            RegressionKind::Linear => &[],
            RegressionKind::Ridge => &["alpha"],
            RegressionKind::Lasso | RegressionKind::Poisson => &["alpha", "max_iter", "tol"],
            RegressionKind::ElasticNet => &["alpha", "l1_ratio", "max_iter", "tol"],
        }
    }
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    kind: RegressionKind,
    alpha: f64,
    l1_ratio: f64,
    max_iter: usize,
    tol: f64,
    fit_intercept: bool,
}

impl Params {
    /// Reads and checks the parameters; those not given have scikit-learn's defaults.
    pub fn parse(kind: RegressionKind, values: &Map<String, Value>) -> Result<Params> {
        let known = [&["fit_intercept"], kind.parameters()].concat();
        let reader = ParamReader::new(kind.name(), values, &known)?;
        let iterations = if kind == RegressionKind::Poisson { 100 } else { 1000 };
        Ok(Params {
            kind,
            alpha: reader.number("alpha", 1.0, "a number, 0 or more", |alpha| alpha >= 0.0)?,
            l1_ratio: reader.number("l1_ratio", 0.5, "a number from 0 to 1", |ratio| (0.0..=1.0).contains(&ratio))?,
            max_iter: reader.integer("max_iter", iterations, 1, usize::MAX)?,
            tol: reader.number("tol", 1e-4, "a number above 0", |tol| tol > 0.0)?,
            fit_intercept: reader.flag("fit_intercept", true)?,
        })
    }

    /// Fits checked, complete data.
    fn fit_linear(&self, x: &Matrix, target: &Target, progress: &Progress) -> Result<Linear> {
        if self.kind == RegressionKind::Poisson {
            return self.fit_rates(x, target, progress);
        }
        let (y, weights, all) = (target.values(), target.weights(), target.weight_sum());
        let mean = |values: &[f64]| match weights {
            Some(weights) => inner(weights, values) / all,
            None => sum(values) / all,
        };
        let middle = if self.fit_intercept { mean(y) } else { 0.0 };
        let spread = mean(&y.iter().map(|y| (y - middle) * (y - middle)).collect::<Vec<f64>>()).sqrt();
        let unit = if spread > 0.0 && spread.is_finite() { spread } else { 1.0 };
        let labels: Vec<f64> = y.iter().map(|y| (y - middle) / unit).collect();
        let centre = |j: usize| if self.fit_intercept { mean(x.column(j)) } else { 0.0 };
        let centres: Vec<f64> = (0..x.columns()).into_par_iter().map(centre).collect();
        let (absolute, squares) = match self.kind {
            RegressionKind::Linear | RegressionKind::Poisson => (0.0, 0.0),
            RegressionKind::Ridge => (0.0, self.alpha / all),
            RegressionKind::Lasso => (self.alpha / unit, 0.0),
            RegressionKind::ElasticNet => (self.alpha * self.l1_ratio / unit, self.alpha * (1.0 - self.l1_ratio)),
        };
        let solution = if x.columns() <= FACTORED_VARIABLES {
            let problem = LeastSquares { x, centres: &centres, labels: &labels, weights, total: all, penalty: squares };
            self.solve(&Moments::new(&problem), absolute, progress)?
        } else {
            let design = &Design::centred(x, &centres);
            let problem = Problem { loss: Loss::Squared, design, labels: &labels, weights, penalty: squares };
            self.solve(&problem, absolute, progress)?
        };
        let weights: Vec<f64> = solution.iter().map(|w| w * unit).collect();
        let shift = weights.iter().zip(&centres).fold(0.0, |sum, (w, centre)| sum + w * centre);
        Ok(Linear::new(weights, vec![middle - shift], LinearLink::Identity))
    }

    /// The minimiser of the squared errors with `absolute` times the absolute values of the weights.
    fn solve(&self, errors: &impl SmoothFunction, absolute: f64, progress: &Progress) -> Result<Vec<f64>> {
        match self.kind {
            RegressionKind::Lasso | RegressionKind::ElasticNet => {
                // The least changes that count are far below those that scikit-learn stops at.
                let stop = Stop { tolerance: self.tol * 1e-3, iterations: self.max_iter };
                let start = vec![0.0; errors.variables()];
                minimise_sparse(errors, &vec![absolute; errors.variables()], start, stop, progress)
            }
            _ => minimise_quadratic(errors, progress),
        }
    }

    fn fit_rates(&self, x: &Matrix, target: &Target, progress: &Progress) -> Result<Linear> {
        let (labels, weights) = (target.values(), target.weights());
        if let Some(row) = labels.iter().position(|y| *y < 0.0) {
            return Err(Error::invalid(format!("the label of training row {} is {}", row + 1, labels[row]))
                .hint("poisson learns rates, which are 0 or more: use model = \"linear\" or \"boosting\""));
        }
        let design = Design::new(x, self.fit_intercept);
        let sum = labels.iter().enumerate().fold(0.0, |sum, (row, y)| sum + target.weight(row) * y);
        let mean = sum / target.weight_sum();
        // Rates of any size become such of about 1: that moves the intercept alone, and slopes can be called flat.
        let unit = if self.fit_intercept && mean > 0.0 { mean } else { 1.0 };
        let labels: Vec<f64> = labels.iter().map(|y| y / unit).collect();
        let penalty = self.alpha / unit;
        let problem = Problem { loss: Loss::Poisson, design: &design, labels: &labels, weights, penalty };
        let stop = Stop { tolerance: self.tol, iterations: self.max_iter };
        let (weights, intercept) = design.weights(problem.solve(stop, progress)?);
        Ok(Linear::new(weights, vec![intercept + ln(unit)], LinearLink::Exp))
    }
}

impl Learner for Params {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn json(&self) -> Map<String, Value> {
        let all = object([
            ("alpha", self.alpha.into()),
            ("l1_ratio", self.l1_ratio.into()),
            ("max_iter", self.max_iter.into()),
            ("tol", self.tol.into()),
            ("fit_intercept", self.fit_intercept.into()),
        ]);
        let has = |name: &str| name == "fit_intercept" || self.kind.parameters().contains(&name);
        all.into_iter().filter(|(name, _)| has(name)).collect()
    }

    fn needs(&self) -> Needs {
        Needs::SCALED_NUMBERS
    }

    fn tasks(&self) -> &'static [Task] {
        &[Task::Regression]
    }

    fn fit(&self, x: &Matrix, target: &Target, _seed: u64, step: &Progress) -> Result<Fitted> {
        self.fit_linear(x, target, step).map(|linear| Fitted::Linear(linear.with_means(x)))
    }
}
