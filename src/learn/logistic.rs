//! Logistic regression, as scikit-learn's `LogisticRegression` defines it: C multiplies the sum of the losses, the
//! intercept is not penalised. Solved by Newton's method, or L-BFGS for many features.

use crate::error::Result;
use crate::learn::linear_model::Linear;
use crate::learn::linear_problem::{Design, Loss, Problem};
use crate::learn::matrix::Matrix;
use crate::learn::params::{ParamReader, object};
use crate::learn::solver::Stop;
use crate::progress::Progress;
use serde_json::{Map, Value};

/// What keeps the weights small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Penalty {
    /// Half the sum of their squares.
    L2,
    /// Nothing.
    None,
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    c: f64,
    penalty: Penalty,
    max_iter: usize,
    tol: f64,
    fit_intercept: bool,
}

impl Params {
    /// Reads and checks the parameters; those not given have scikit-learn's defaults.
    pub fn parse(values: &Map<String, Value>) -> Result<Params> {
        let known = ["C", "penalty", "max_iter", "tol", "fit_intercept"];
        let reader = ParamReader::new("logistic", values, &known)?;
        Ok(Params {
            c: reader.number("C", 1.0, "a number above 0", |c| c > 0.0)?,
            penalty: reader.choice("penalty", Penalty::L2, &[("l2", Penalty::L2), ("none", Penalty::None)])?,
            max_iter: reader.integer("max_iter", 100, 1, usize::MAX)?,
            tol: reader.number("tol", 1e-4, "a number above 0", |tol| tol > 0.0)?,
            fit_intercept: reader.flag("fit_intercept", true)?,
        })
    }

    /// All parameters.
    pub fn json(&self) -> Map<String, Value> {
        object([
            ("C", self.c.into()),
            ("penalty", if self.penalty == Penalty::L2 { "l2".into() } else { "none".into() }),
            ("max_iter", self.max_iter.into()),
            ("tol", self.tol.into()),
            ("fit_intercept", self.fit_intercept.into()),
        ])
    }

    /// Fits checked, complete data of two classes, `y` 0 or 1.
    pub(crate) fn fit(&self, x: &Matrix, y: &[f64], progress: &Progress) -> Result<Linear> {
        let design = Design::new(x, self.fit_intercept);
        let penalty = match self.penalty {
            Penalty::L2 => 1.0 / (self.c * x.rows() as f64),
            Penalty::None => 0.0,
        };
        let problem = Problem { loss: Loss::Logistic, design: &design, labels: y, penalty };
        let stop = Stop { tolerance: self.tol, iterations: self.max_iter };
        let (weights, intercept) = design.weights(problem.solve(stop, progress)?);
        Ok(Linear { weights, intercept, sigmoid: (-1.0, 0.0) })
    }
}
