//! Logistic regression, as scikit-learn's `LogisticRegression` defines it: C multiplies the sum of the losses, intercepts are not
//! penalised; of several classes the multinomial one. Solved by Newton's method, or L-BFGS for many variables; with absolute values in
//! the penalty by `sparse_solver`.

use crate::error::Result;
use crate::learn::fitted::Fitted;
use crate::learn::learner::{Learner, Needs};
use crate::learn::linear_model::{Linear, LinearLink};
use crate::learn::linear_problem::{Design, Loss, Problem};
use crate::learn::matrix::Matrix;
use crate::learn::multinomial_problem::MultinomialProblem;
use crate::learn::params::{ParamReader, object};
use crate::learn::solver::{SmoothFunction, Stop, minimise};
use crate::learn::sparse_solver::minimise_sparse;
use crate::learn::task::{Target, Task};
use crate::progress::Progress;
use serde_json::{Map, Value};

/// What keeps the weights small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Penalty {
    /// Half the sum of their squares.
    L2,
    /// The sum of their absolute values.
    L1,
    /// Both, mixed by `l1_ratio`.
    ElasticNet,
    /// Nothing.
    None,
}

/// Their words.
const PENALTIES: [(&str, Penalty); 4] =
    [("l2", Penalty::L2), ("l1", Penalty::L1), ("elasticnet", Penalty::ElasticNet), ("none", Penalty::None)];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    c: f64,
    penalty: Penalty,
    l1_ratio: f64,
    max_iter: usize,
    tol: f64,
    fit_intercept: bool,
}

impl Params {
    /// Reads and checks the parameters; those not given have scikit-learn's defaults.
    pub fn parse(values: &Map<String, Value>) -> Result<Params> {
        let known = ["C", "penalty", "l1_ratio", "max_iter", "tol", "fit_intercept"];
        let reader = ParamReader::new("logistic", values, &known)?;
        Ok(Params {
            c: reader.number("C", 1.0, "a number above 0", |c| c > 0.0)?,
            penalty: reader.choice("penalty", Penalty::L2, &PENALTIES)?,
            l1_ratio: reader.number("l1_ratio", 0.5, "a number from 0 to 1", |ratio| (0.0..=1.0).contains(&ratio))?,
            max_iter: reader.integer("max_iter", 100, 1, usize::MAX)?,
            tol: reader.number("tol", 1e-4, "a number above 0", |tol| tol > 0.0)?,
            fit_intercept: reader.flag("fit_intercept", true)?,
        })
    }

    /// How much the absolute values count in the penalty, and how much the squares.
    fn mixture(&self) -> (f64, f64) {
        match self.penalty {
            Penalty::L2 => (0.0, 1.0),
            Penalty::L1 => (1.0, 0.0),
            Penalty::ElasticNet => (self.l1_ratio, 1.0 - self.l1_ratio),
            Penalty::None => (0.0, 0.0),
        }
    }

    /// Fits checked, complete data of two classes or more.
    fn fit_linear(&self, x: &Matrix, target: &Target, progress: &Progress) -> Result<Linear> {
        let design = Design::new(x, self.fit_intercept);
        let (labels, weights, all) = (target.values(), target.weights(), target.weight_sum());
        let (absolute, squares) = self.mixture();
        let unit = 1.0 / (self.c * all.max(f64::MIN_POSITIVE));
        let (absolute, penalty) = (absolute * unit, squares * unit);
        let stop = Stop { tolerance: self.tol, iterations: self.max_iter };
        if target.task() == Task::Binary {
            let problem = Problem { loss: Loss::Logistic, design: &design, labels, weights, penalty };
            let solution = match absolute > 0.0 {
                true => sparse(&problem, &design, absolute, stop, progress)?,
                false => problem.solve(stop, progress)?,
            };
            let (weights, intercept) = design.weights(solution);
            return Ok(Linear::new(weights, vec![intercept], LinearLink::Sigmoid(-1.0, 0.0)));
        }
        let classes = target.classes();
        let problem = MultinomialProblem { design: &design, labels, weights, classes, penalty };
        let solution = match absolute > 0.0 {
            true => sparse(&problem, &design, absolute, stop, progress)?,
            false => minimise(&problem, vec![0.0; problem.variables()], None, stop, progress)?,
        };
        let (mut weights, mut intercepts) = (Vec::new(), Vec::new());
        for of_class in solution.chunks(design.width()) {
            let (of_features, intercept) = design.weights(of_class.to_vec());
            weights.extend(of_features);
            intercepts.push(intercept);
        }
        // The shares stay what they are if all decisions move together; what is not penalised could end anywhere.
        centre(&mut intercepts, 1);
        if self.penalty == Penalty::None {
            centre(&mut weights, x.columns());
        }
        Ok(Linear::new(weights, intercepts, LinearLink::Softmax))
    }
}

/// Makes the mean over all classes of each of a class's `width` numbers zero.
fn centre(numbers: &mut [f64], width: usize) {
    for at in 0..width {
        let of_classes = numbers.iter().skip(at).step_by(width);
        let (sum, count) = of_classes.fold((0.0, 0.0), |(sum, count), number| (sum + number, count + 1.0));
        numbers.iter_mut().skip(at).step_by(width).for_each(|number| *number -= sum / count);
    }
}

/// The minimiser with absolute values of all variables but the intercepts.
fn sparse(
    problem: &impl SmoothFunction,
    design: &Design,
    absolute: f64,
    stop: Stop,
    progress: &Progress,
) -> Result<Vec<f64>> {
    let of_variable = |at: usize| if design.is_intercept(at) { 0.0 } else { absolute };
    let each: Vec<f64> = (0..problem.variables()).map(of_variable).collect();
    minimise_sparse(problem, &each, vec![0.0; each.len()], stop, progress)
}

impl Learner for Params {
    fn name(&self) -> &'static str {
        "logistic"
    }

    fn json(&self) -> Map<String, Value> {
        let penalty = PENALTIES.iter().find(|(_, penalty)| *penalty == self.penalty).map(|(word, _)| *word);
        object([
            ("C", self.c.into()),
            ("penalty", penalty.into()),
            ("l1_ratio", self.l1_ratio.into()),
            ("max_iter", self.max_iter.into()),
            ("tol", self.tol.into()),
            ("fit_intercept", self.fit_intercept.into()),
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
