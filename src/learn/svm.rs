//! The linear support vector machine: the squared hinge loss in its primal form, as scikit-learn's `LinearSVC`, but with
//! an intercept that is not penalised.
//!
//! Probabilities are Platt's (1999), fitted as Lin, Lin and Weng (2007) say, on decisions for rows that were left out:
//! three stratified parts, always the same for the same labels.

use crate::error::{Error, Result};
use crate::learn::estimator::{Learner, Needs};
use crate::learn::fitted::Fitted;
use crate::learn::linear_model::{Linear, LinearLink};
use crate::learn::linear_problem::{Design, Loss, Problem};
use crate::learn::matrix::Matrix;
use crate::learn::params::{ParamReader, object};
use crate::learn::solver::{Stop, inner};
use crate::learn::task::{Target, Task};
use crate::math::{exp, ln, ln_1p, sigmoid};
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
    /// Reads and checks the parameters; those not given have the defaults of scikit-learn's `LinearSVC`.
    pub fn parse(values: &Map<String, Value>) -> Result<Params> {
        let reader = ParamReader::new("svm", values, &["C", "kernel", "max_iter", "tol"])?;
        if let Some(kernel) = values.get("kernel").filter(|kernel| kernel.as_str() != Some("linear")) {
            return Err(Error::invalid(format!("svm parameter \"kernel\" is {kernel}; only \"linear\" is there"))
                .hint("for boundaries that are not straight use the model boosting or forest"));
        }
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
            let rows = Labelled { y: target.values(), weights: target.weights() };
            let (weights, intercept, (a, b)) = self.fit_one(&design, &rows, progress)?;
            return Ok(Linear::new(weights, vec![intercept], LinearLink::Sigmoid(a, b)));
        }
        let (mut weights, mut intercepts, mut sigmoids) = (Vec::new(), Vec::new(), Vec::new());
        for class in 0..target.classes() {
            let is_class = |y: &f64| f64::from(u8::from(*y == class as f64));
            let labels: Vec<f64> = target.values().iter().map(is_class).collect();
            let rows = Labelled { y: &labels, weights: target.weights() };
            let (of_class, intercept, sigmoid) = self.fit_one(&design, &rows, progress)?;
            weights.extend(of_class);
            intercepts.push(intercept);
            sigmoids.push(sigmoid);
        }
        Ok(Linear::new(weights, intercepts, LinearLink::OneVsRest(sigmoids)))
    }

    /// Weights, intercept and Platt's a and b of labels 0 and 1.
    fn fit_one(&self, design: &Design, rows: &Labelled, progress: &Progress) -> Result<(Vec<f64>, f64, (f64, f64))> {
        let decisions = self.decisions_left_out(design, rows, progress)?;
        let sigmoid = platt(&decisions, rows);
        let (weights, intercept) = design.weights(self.solve(design, rows, progress)?);
        Ok((weights, intercept, sigmoid))
    }

    fn solve(&self, design: &Design, rows: &Labelled, progress: &Progress) -> Result<Vec<f64>> {
        let all = (0..rows.y.len()).fold(0.0, |sum, row| sum + rows.weight(row));
        let penalty = 1.0 / (self.c * all.max(f64::MIN_POSITIVE));
        let problem = Problem { loss: Loss::SquaredHinge, design, labels: rows.y, weights: rows.weights, penalty };
        problem.solve(Stop { tolerance: self.tol, iterations: self.max_iter }, progress)
    }

    /// For each row the decision of a model that has not seen it.
    fn decisions_left_out(&self, design: &Design, rows: &Labelled, progress: &Progress) -> Result<Vec<f64>> {
        let y = rows.y;
        let parts = stratified_parts(y);
        let mut decisions = vec![0.0; y.len()];
        for part in 0..PARTS {
            let rows_seen: Vec<usize> = (0..y.len()).filter(|&i| parts[i] != part).collect();
            let labels: Vec<f64> = rows_seen.iter().map(|&i| y[i]).collect();
            let weights = rows.weights.map(|weights| rows_seen.iter().map(|&i| weights[i]).collect::<Vec<f64>>());
            let seen = Labelled { y: &labels, weights: weights.as_deref() };
            let solution = self.solve(&design.select(&rows_seen), &seen, progress)?;
            for i in (0..y.len()).filter(|&i| parts[i] == part) {
                decisions[i] = inner(design.row(i), &solution);
            }
        }
        Ok(decisions)
    }
}

/// Labels 0 and 1 with the weights of their rows.
struct Labelled<'a> {
    y: &'a [f64],
    weights: Option<&'a [f64]>,
}

impl Labelled<'_> {
    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// How much the rows of label 0 count, and those of label 1.
    fn totals(&self) -> (f64, f64) {
        let mut totals = (0.0, 0.0);
        for (row, label) in self.y.iter().enumerate() {
            let total = if *label == 1.0 { &mut totals.1 } else { &mut totals.0 };
            *total += self.weight(row);
        }
        totals
    }
}

/// The part of each row: the rows of a class are dealt out in turn.
fn stratified_parts(y: &[f64]) -> Vec<usize> {
    let mut dealt = [0usize; 2];
    y.iter()
        .map(|&label| {
            let class = &mut dealt[usize::from(label == 1.0)];
            *class += 1;
            *class % PARTS
        })
        .collect()
}

/// What the decisions change of a probability's logarithm of odds at least, from the smallest to the largest in size.
const LEAST_CHANGE: f64 = 0.01;

/// Platt's a and b that make 1 / (1 + exp(a·f + b)) the likeliest probability of `y` given the decisions `f`. A higher decision is
/// always a higher probability: where few rows of a class seem to say the opposite, a is so small that all probabilities are near the
/// share of the positive rows, and they rank the rows as the decisions do.
fn platt(f: &[f64], rows: &Labelled) -> (f64, f64) {
    let (a, b) = likeliest(f, rows);
    let most = -LEAST_CHANGE / f.iter().fold(f64::MIN_POSITIVE, |largest, f| largest.max(f.abs()));
    if a <= most { (a, b) } else { (most, prior(rows)) }
}

/// The b of a = 0: the share of the positive rows.
fn prior(rows: &Labelled) -> f64 {
    let (negatives, positives) = rows.totals();
    ln((negatives + 1.0) / (positives + 1.0))
}

fn likeliest(f: &[f64], rows: &Labelled) -> (f64, f64) {
    let y = rows.y;
    let (negatives, positives) = rows.totals();
    let high = (positives + 1.0) / (positives + 2.0);
    let low = 1.0 / (negatives + 2.0);
    let target = |label: f64| if label == 1.0 { high } else { low };
    let value = |a: f64, b: f64| -> f64 {
        let each = f.iter().zip(y).enumerate();
        each.map(|(row, (f, &y))| rows.weight(row) * cross_entropy(a * f + b, target(y))).sum()
    };
    let (mut a, mut b) = (0.0, prior(rows));
    let mut best = value(a, b);
    for _ in 0..100 {
        let [mut haa, mut hab, mut hbb, mut ga, mut gb] = [1e-12, 0.0, 1e-12, 0.0, 0.0];
        for (row, (f, &y)) in f.iter().zip(y).enumerate() {
            let (p, weight) = (sigmoid(-(a * f + b)), rows.weight(row));
            let (curvature, slope) = (weight * p * (1.0 - p), weight * (target(y) - p));
            haa += f * f * curvature;
            hab += f * curvature;
            hbb += curvature;
            ga += f * slope;
            gb += slope;
        }
        let determinant = haa * hbb - hab * hab;
        let (da, db) = (-(hbb * ga - hab * gb) / determinant, -(haa * gb - hab * ga) / determinant);
        if ga.abs().max(gb.abs()) < 1e-5 || !(da.is_finite() && db.is_finite()) {
            break;
        }
        let slope = ga * da + gb * db;
        // So close to the end rounding hides what a step gains, and Newton's whole step is the right one.
        if -slope <= 1e-11 * best {
            return (a + da, b + db);
        }
        let tried = (0..40).map(|k| 0.5f64.powi(k)).map(|t| (a + t * da, b + t * db, t));
        let better = tried.map(|(a, b, t)| (a, b, t, value(a, b))).find(|(_, _, t, v)| *v < best + 1e-4 * t * slope);
        let Some((next_a, next_b, _, next)) = better else { break };
        (a, b, best) = (next_a, next_b, next);
    }
    (a, b)
}

/// −t·ln p − (1 − t)·ln(1 − p) of p = 1 / (1 + eˣ).
fn cross_entropy(x: f64, t: f64) -> f64 {
    if x >= 0.0 { t * x + ln_1p(exp(-x)) } else { (t - 1.0) * x + ln_1p(exp(x)) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random::stream;

    #[test]
    fn platt_finds_the_sigmoid_that_made_the_labels() {
        let mut random = stream(3, "test", 0);
        let f: Vec<f64> = (0..20_000).map(|_| 2.0 * random.normal()).collect();
        let y: Vec<f64> = f.iter().map(|f| f64::from(u8::from(random.uniform() < sigmoid(1.5 * f - 0.4)))).collect();
        let (a, b) = platt(&f, &Labelled { y: &y, weights: None });
        assert!((a + 1.5).abs() < 0.06 && (b - 0.4).abs() < 0.06, "{a} {b}");
    }

    #[test]
    fn a_higher_decision_is_a_higher_probability_whatever_few_rows_say() {
        let f: Vec<f64> = (0..20).map(|at| f64::from(at) - 10.0).collect();
        let y: Vec<f64> = (0..20).map(|at| f64::from(u8::from(at < 2))).collect();
        let (a, b) = platt(&f, &Labelled { y: &y, weights: None });
        assert!(a < 0.0 && (a * 10.0).abs() <= LEAST_CHANGE, "{a}");
        let probabilities: Vec<f64> = f.iter().map(|f| sigmoid(-(a * f + b))).collect();
        assert!(probabilities.windows(2).all(|two| two[0] < two[1]));
        assert!(probabilities.iter().all(|p| (p - 3.0 / 22.0).abs() < 0.002), "{probabilities:?}");
    }

    #[test]
    fn other_kernels_are_refused_with_a_hint() {
        let values = object([("kernel", "rbf".into())]);
        assert!(Params::parse(&values).unwrap_err().hint_text().is_some());
    }
}
