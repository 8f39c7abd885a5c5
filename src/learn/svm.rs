//! The linear support vector machine: the squared hinge loss in its primal form, as scikit-learn's `LinearSVC`, but with
//! an intercept that is not penalised.
//!
//! Probabilities are Platt's (1999), fitted as Lin, Lin and Weng (2007) say, on decisions for rows that were left out:
//! three stratified parts, always the same for the same labels.

use crate::error::Result;
use crate::learn::fitted::Fitted;
use crate::learn::learner::{Learner, Needs};
use crate::learn::linear_model::{Linear, LinearLink};
use crate::learn::linear_problem::{Design, Loss, Problem};
use crate::learn::matrix::Matrix;
use crate::learn::params::{ParamReader, object};
use crate::learn::platt::{LabelledRows, platt, stratified_parts};
use crate::learn::solver::{Stop, inner};
use crate::learn::task::{Target, Task};
use crate::progress::Progress;
use serde_json::{Map, Value};

/// Parts of the data that are left out in turn to fit the probabilities.
const PARTS: usize = 3;

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    c: f64,
    max_iter: usize,
    tol: f64,
}

impl Params {
    /// Reads and checks the parameters, the kernel apart, which is "linear"; those not given have the defaults of scikit-learn's `LinearSVC`.
    pub fn parse(values: &Map<String, Value>) -> Result<Params> {
        let reader = ParamReader::new("svm", values, &["C", "kernel", "max_iter", "tol"])?;
        Ok(Params {
            c: reader.number("C", 1.0, "a number above 0", |c| c > 0.0)?,
            max_iter: reader.integer("max_iter", 1000, 1, usize::MAX)?,
            tol: reader.number("tol", 1e-4, "a number above 0", |tol| tol > 0.0)?,
        })
    }

    /// Fits checked, complete data of two classes, or each class against the rest.
    fn fit_linear(&self, x: &Matrix, target: &Target, progress: &Progress) -> Result<Linear> {
        let design = Design::new(x, true);
        if target.task() == Task::Binary {
            let rows = LabelledRows { y: target.values(), weights: target.weights() };
            let (weights, intercept, (a, b)) = self.fit_one(&design, &rows, progress)?;
            return Ok(Linear::new(weights, vec![intercept], LinearLink::Sigmoid(a, b)));
        }
        let (mut weights, mut intercepts, mut sigmoids) = (Vec::new(), Vec::new(), Vec::new());
        for class in 0..target.classes() {
            let is_class = |y: &f64| f64::from(u8::from(*y == class as f64));
            let labels: Vec<f64> = target.values().iter().map(is_class).collect();
            let rows = LabelledRows { y: &labels, weights: target.weights() };
            let (of_class, intercept, sigmoid) = self.fit_one(&design, &rows, progress)?;
            weights.extend(of_class);
            intercepts.push(intercept);
            sigmoids.push(sigmoid);
        }
        Ok(Linear::new(weights, intercepts, LinearLink::OneVsRest(sigmoids)))
    }

    /// Weights, intercept and Platt's a and b of labels 0 and 1.
    fn fit_one(
        &self,
        design: &Design,
        rows: &LabelledRows,
        progress: &Progress,
    ) -> Result<(Vec<f64>, f64, (f64, f64))> {
        let decisions = self.decisions_left_out(design, rows, progress)?;
        let sigmoid = platt(&decisions, rows);
        let (weights, intercept) = design.weights(self.solve(design, rows, progress)?);
        Ok((weights, intercept, sigmoid))
    }

    fn solve(&self, design: &Design, rows: &LabelledRows, progress: &Progress) -> Result<Vec<f64>> {
        let all = (0..rows.y.len()).fold(0.0, |sum, row| sum + rows.weight(row));
        let penalty = 1.0 / (self.c * all.max(f64::MIN_POSITIVE));
        let problem = Problem { loss: Loss::SquaredHinge, design, labels: rows.y, weights: rows.weights, penalty };
        problem.solve(Stop { tolerance: self.tol, iterations: self.max_iter }, progress)
    }

    /// For each row the decision of a model that has not seen it.
    fn decisions_left_out(&self, design: &Design, rows: &LabelledRows, progress: &Progress) -> Result<Vec<f64>> {
        let y = rows.y;
        let parts = stratified_parts(y, PARTS);
        let mut decisions = vec![0.0; y.len()];
        for part in 0..PARTS {
            let rows_seen: Vec<usize> = (0..y.len()).filter(|&i| parts[i] != part).collect();
            let labels: Vec<f64> = rows_seen.iter().map(|&i| y[i]).collect();
            let weights = rows.weights.map(|weights| rows_seen.iter().map(|&i| weights[i]).collect::<Vec<f64>>());
            let seen = LabelledRows { y: &labels, weights: weights.as_deref() };
            let solution = self.solve(&design.select(&rows_seen), &seen, progress)?;
            for i in (0..y.len()).filter(|&i| parts[i] == part) {
                decisions[i] = inner(design.row(i), &solution);
            }
        }
        Ok(decisions)
    }
}

impl Learner for Params {
    fn name(&self) -> &'static str {
        "svm"
    }

    fn json(&self) -> Map<String, Value> {
        object([
            ("C", self.c.into()),
            ("kernel", "linear".into()),
            ("max_iter", self.max_iter.into()),
            ("tol", self.tol.into()),
        ])
    }

    fn needs(&self) -> Needs {
        Needs::SCALED_NUMBERS
    }

    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn fit(&self, x: &Matrix, target: &Target, _seed: u64, step: &Progress) -> Result<Fitted> {
        self.fit_linear(x, target, step).map(|linear| Fitted::Linear(linear.with_means(x)))
    }
}
