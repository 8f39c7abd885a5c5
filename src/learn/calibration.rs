//! Probabilities that mean what they say: among rows with probability 0.8 about 80 % are of the class. Fitted on predictions for rows
//! that the model had not seen, one calibrator a class; of several classes the calibrated probabilities are divided by their sum.
//!
//! - `sigmoid` (Platt 1999): 1 / (1 + exp(a·f + b)) of the logarithm f of the odds, with two numbers that few rows determine.
//! - `isotonic` (Zadrozny and Elkan 2002): the non-decreasing step function with the least squared error, found by pooling
//!   neighbours that are in the wrong order; between its steps straight lines, as scikit-learn's `IsotonicRegression`. It takes
//!   any shape, and wants a thousand rows or more.

use crate::error::{Error, Result};
use crate::learn::fitted::Fitted;
use crate::learn::fitted_model::FittedModel;
use crate::learn::platt::{LabelledRows, platt};
use crate::learn::stored_parts::{Parts, TensorReader};
use crate::learn::task::{Predictions, Target};
use crate::learn::tensor::Tensor;
use crate::math::{ln, sigmoid};
use serde_json::{Value, json};

/// How a calibrator bends probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalibrationMethod {
    /// Two numbers: Platt's.
    Sigmoid,
    /// Any non-decreasing function.
    Isotonic,
}

impl CalibrationMethod {
    /// Every method with its word.
    pub const ALL: [(&str, CalibrationMethod); 2] =
        [("sigmoid", CalibrationMethod::Sigmoid), ("isotonic", CalibrationMethod::Isotonic)];

    /// Reads the word.
    pub fn parse(word: &str) -> Result<CalibrationMethod> {
        let found = CalibrationMethod::ALL.into_iter().find(|(name, _)| *name == word);
        let unknown = || Error::unknown("calibration", word, CalibrationMethod::ALL.map(|(name, _)| name));
        found.map(|(_, method)| method).ok_or_else(unknown)
    }
}

/// What bends the probabilities of one output.
#[derive(Debug, Clone, PartialEq)]
enum Curve {
    /// Platt's a and b.
    Sigmoid(f64, f64),
    /// Probabilities, ascending, and what they become.
    Steps(Vec<f64>, Vec<f64>),
}

/// Probabilities nearer to 0 or 1 than this have the odds of this.
const LEAST: f64 = 1e-12;

fn log_odds(p: f64) -> f64 {
    let p = p.clamp(LEAST, 1.0 - LEAST);
    ln(p / (1.0 - p))
}

impl Curve {
    fn fit(method: CalibrationMethod, probabilities: &[f64], labels: &[f64]) -> Curve {
        match method {
            CalibrationMethod::Sigmoid => {
                let scores: Vec<f64> = probabilities.iter().map(|p| log_odds(*p)).collect();
                let (a, b) = platt(&scores, &LabelledRows { y: labels, weights: None });
                Curve::Sigmoid(a, b)
            }
            CalibrationMethod::Isotonic => {
                let (x, y) = isotonic(probabilities, labels);
                Curve::Steps(x, y)
            }
        }
    }

    fn value(&self, p: f64) -> f64 {
        match self {
            Curve::Sigmoid(a, b) => sigmoid(-(a * log_odds(p) + b)),
            Curve::Steps(x, y) => {
                let after = x.partition_point(|other| *other < p);
                match (after.checked_sub(1), x.get(after)) {
                    (None, _) => y[0],
                    (Some(last), None) => y[last],
                    (Some(low), Some(right)) => {
                        let share = (p - x[low]) / (right - x[low]);
                        y[low] + share * (y[after] - y[low])
                    }
                }
            }
        }
    }
}

/// Neighbouring rows that get the same value.
struct PooledRows {
    first: f64,
    last: f64,
    sum: f64,
    count: f64,
}

/// The points at which the fitted function bends: pools of neighbours, of each its first and last probability.
fn isotonic(probabilities: &[f64], labels: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut rows: Vec<(f64, f64)> = probabilities.iter().copied().zip(labels.iter().copied()).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut pools: Vec<PooledRows> = Vec::new();
    // Equal probabilities can't become different ones.
    for same in rows.chunk_by(|a, b| a.0 == b.0) {
        let sum = same.iter().fold(0.0, |sum, (_, label)| sum + label);
        pools.push(PooledRows { first: same[0].0, last: same[0].0, sum, count: same.len() as f64 });
        while let [.., before, after] = pools.as_slice() {
            if before.sum * after.count < after.sum * before.count {
                break;
            }
            let (sum, count, last) = (after.sum, after.count, after.last);
            pools.pop();
            if let Some(pool) = pools.last_mut() {
                (pool.sum, pool.count, pool.last) = (pool.sum + sum, pool.count + count, last);
            }
        }
    }
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for pool in &pools {
        let value = pool.sum / pool.count;
        x.push(pool.first);
        y.push(value);
        if pool.last > pool.first {
            x.push(pool.last);
            y.push(value);
        }
    }
    (x, y)
}

/// A model whose probabilities go through a calibrator.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    base: Box<Fitted>,
    curves: Vec<Curve>,
}

impl Calibrated {
    /// The name of its kind in a bundle.
    pub const KIND: &str = "calibrated";

    /// Fits the calibrator of a model of classes to what was predicted for rows that the model, or one like it, had not seen.
    pub fn fit(
        method: CalibrationMethod,
        base: Fitted,
        predicted: &Predictions,
        target: &Target,
    ) -> Result<Calibrated> {
        if target.is_empty() {
            return Err(Error::invalid("there are no rows to calibrate by").hint("give cv, or a validation part"));
        }
        let outputs = predicted.outputs();
        let curve = |output: usize| {
            let class = if outputs == 1 { 1.0 } else { output as f64 };
            let labels: Vec<f64> = target.values().iter().map(|y| f64::from(u8::from(*y == class))).collect();
            Curve::fit(method, &predicted.column(output), &labels)
        };
        Ok(Calibrated { base: Box::new(base), curves: (0..outputs).map(curve).collect() })
    }

    /// The model as it was fitted.
    pub fn base(&self) -> &Fitted {
        &self.base
    }

    /// The model after so many rounds of trees, through the same calibrator.
    pub(super) fn after(&self, rounds: usize) -> Calibrated {
        Calibrated { base: Box::new(self.base.after(rounds)), curves: self.curves.clone() }
    }

    /// Of two classes Platt's a and b, which bend the logarithm of the odds by a straight line.
    pub(super) fn line(&self) -> Option<(f64, f64)> {
        match self.curves.as_slice() {
            [Curve::Sigmoid(a, b)] => Some((*a, *b)),
            _ => None,
        }
    }

    /// The calibrated probabilities of predictions of the model itself.
    pub fn calibrate(&self, predicted: &Predictions) -> Predictions {
        let mut values = predicted.values().to_vec();
        values.chunks_exact_mut(predicted.outputs()).for_each(|row| self.bend(row));
        Predictions::new(predicted.outputs(), values)
    }

    fn bend(&self, row: &mut [f64]) {
        row.iter_mut().zip(&self.curves).for_each(|(p, curve)| *p = curve.value(*p));
        if row.len() > 1 {
            let all = row.iter().fold(0.0, |sum, p| sum + p);
            let even = 1.0 / row.len() as f64;
            row.iter_mut().for_each(|p| *p = if all > 0.0 { *p / all } else { even });
        }
    }

    /// Puts it together again for rows of `features` values.
    pub(super) fn from_parts(attributes: &Value, tensors: TensorReader, features: usize) -> Result<Calibrated> {
        let (own, of_base): (Vec<_>, Vec<_>) = tensors.0.into_iter().partition(|(name, _)| name.starts_with(PREFIX));
        let kind = attributes.get("kind").and_then(Value::as_str).unwrap_or_default();
        if kind == Calibrated::KIND {
            return Err(Error::corrupt("a calibrated model inside a calibrated model"));
        }
        let inner = attributes.get("attributes").cloned().unwrap_or_default();
        let parts = Parts { kind: kind.to_owned(), attributes: inner, tensors: of_base };
        let base = Fitted::from_parts(parts, features)?;
        let mut own = TensorReader(own);
        let mut curves = Vec::new();
        for output in 0..base.outputs() {
            let x = own.floats(&format!("{PREFIX}x{output}"), None)?;
            let y = own.floats(&format!("{PREFIX}y{output}"), Some(x.len()))?;
            curves.push(curve_of(attributes.get("method").and_then(Value::as_str), x, y)?);
        }
        own.finish()?;
        Ok(Calibrated { base: Box::new(base), curves })
    }
}

/// Before the names of the calibrator's own tensors.
const PREFIX: &str = "calibration.";

fn curve_of(method: Option<&str>, x: Vec<f64>, y: Vec<f64>) -> Result<Curve> {
    let ascends = x.windows(2).all(|two| two[0] < two[1]);
    match (method, x.as_slice(), y.as_slice()) {
        (Some("sigmoid"), [a], [b]) => Ok(Curve::Sigmoid(*a, *b)),
        (Some("isotonic"), [_, ..], _) if ascends && y.iter().all(|y| (0.0..=1.0).contains(y)) => {
            Ok(Curve::Steps(x, y))
        }
        _ => Err(Error::corrupt("the calibration of the model does not fit")),
    }
}

impl FittedModel for Calibrated {
    fn outputs(&self) -> usize {
        self.base.outputs()
    }

    fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        self.base.predict_row(row, out);
        self.bend(out);
    }

    fn predict_rows(&self, rows: &[f64], width: usize, out: &mut [f64]) {
        self.base.model().predict_rows(rows, width, out);
        out.chunks_exact_mut(self.outputs()).for_each(|row| self.bend(row));
    }

    fn is_finite(&self) -> bool {
        self.base.is_finite()
    }

    fn importance(&self) -> Vec<f64> {
        self.base.importance()
    }

    fn parts(&self) -> Parts {
        let Parts { kind, attributes, mut tensors } = self.base.parts();
        let mut method = "sigmoid";
        for (output, curve) in self.curves.iter().enumerate() {
            let (x, y) = match curve {
                Curve::Sigmoid(a, b) => (vec![*a], vec![*b]),
                Curve::Steps(x, y) => {
                    method = "isotonic";
                    (x.clone(), y.clone())
                }
            };
            tensors.push((format!("{PREFIX}x{output}"), Tensor::F64(x)));
            tensors.push((format!("{PREFIX}y{output}"), Tensor::F64(y)));
        }
        let attributes = json!({ "method": method, "kind": kind, "attributes": attributes });
        Parts { kind: Calibrated::KIND.to_owned(), attributes, tensors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::Task;
    use crate::learn::random::stream;

    #[test]
    fn isotonic_pools_what_is_in_the_wrong_order() {
        let (x, y) = isotonic(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], &[0.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
        assert_eq!(x, [0.1, 0.2, 0.4, 0.5, 0.6]);
        let third = 1.0 / 3.0;
        assert_eq!(y, [0.0, third, third, 1.0, 1.0]);
        let curve = Curve::Steps(x, y);
        assert_eq!((curve.value(0.0), curve.value(0.3), curve.value(0.9)), (0.0, third, 1.0));
        assert!((curve.value(0.15) - third / 2.0).abs() < 1e-12);
    }

    #[test]
    fn equal_probabilities_stay_equal() {
        let (x, y) = isotonic(&[0.5, 0.5, 0.5, 0.7, 0.7], &[1.0, 0.0, 0.0, 1.0, 1.0]);
        assert_eq!((x, y), (vec![0.5, 0.7], vec![1.0 / 3.0, 1.0]));
        let (x, y) = isotonic(&[0.5, 0.7, 0.7], &[1.0, 0.0, 1.0]);
        assert_eq!((x, y), (vec![0.5, 0.7], vec![2.0 / 3.0, 2.0 / 3.0]));
    }

    #[test]
    fn probabilities_that_are_too_sure_become_honest() {
        let mut random = stream(4, "calibration", 0);
        let odds: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let labels: Vec<f64> = odds.iter().map(|x| f64::from(u8::from(random.uniform() < sigmoid(*x)))).collect();
        let sure = Predictions::new(1, odds.iter().map(|x| sigmoid(3.0 * x)).collect());
        let target = Target::new(Task::Binary, 2, labels);
        let base = || {
            Fitted::from_parts(
                Parts {
                    kind: "constant".into(),
                    attributes: json!({}),
                    tensors: vec![("outputs".into(), Tensor::F64(vec![0.5]))],
                },
                1,
            )
        };
        for (_, method) in CalibrationMethod::ALL {
            let calibrated = Calibrated::fit(method, base().unwrap(), &sure, &target).unwrap();
            let found = calibrated.calibrate(&sure);
            let far = found.values().iter().zip(&odds).map(|(p, x)| (p - sigmoid(*x)).abs()).sum::<f64>() / 20_000.0;
            assert!(far < 0.02, "{method:?}: {far}");
            let again = Fitted::from_parts(calibrated.parts(), 1).unwrap();
            assert_eq!(again, Fitted::Calibrated(calibrated));
        }
    }
}
