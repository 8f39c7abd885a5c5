//! A fitted kernel machine: support vectors, and sums of kernels with them as decisions.

use crate::error::{Error, Result};
use crate::learn::fitted_model::FittedModel;
use crate::learn::params::{ParamReader, object};
use crate::learn::solver::inner;
use crate::learn::stored_parts::{Parts, TensorReader};
use crate::learn::tensor::Tensor;
use crate::math::{exp, sigmoid, tanh};
use serde_json::{Map, Value, json};

/// The kinds of kernels, of rows x and z.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KernelKind {
    /// x·z
    Linear,
    /// exp(−γ‖x − z‖²)
    Rbf,
    /// (γ·x·z + coef0)^degree
    Poly,
    /// tanh(γ·x·z + coef0)
    Sigmoid,
}

/// Their words.
pub(super) const KERNELS: [(&str, KernelKind); 4] = [
    ("linear", KernelKind::Linear),
    ("rbf", KernelKind::Rbf),
    ("poly", KernelKind::Poly),
    ("sigmoid", KernelKind::Sigmoid),
];

/// A kernel with its numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kernel {
    pub kind: KernelKind,
    pub gamma: f64,
    pub coef0: f64,
    pub degree: u32,
}

impl Kernel {
    /// The kernel of two rows, given their inner product and the squares of their lengths.
    #[inline]
    pub(super) fn of(&self, product: f64, squares: f64) -> f64 {
        match self.kind {
            KernelKind::Linear => product,
            KernelKind::Rbf => exp(-self.gamma * (squares - 2.0 * product).max(0.0)),
            KernelKind::Poly => power(self.gamma * product + self.coef0, self.degree),
            KernelKind::Sigmoid => tanh(self.gamma * product + self.coef0),
        }
    }

    /// K(x, z).
    pub(super) fn between(&self, x: &[f64], z: &[f64]) -> f64 {
        self.of(inner(x, z), inner(x, x) + inner(z, z))
    }

    /// As a bundle stores it.
    fn json(&self) -> Map<String, Value> {
        let word = KERNELS.iter().find(|(_, kind)| *kind == self.kind).map(|(word, _)| *word);
        object([
            ("kernel", word.into()),
            ("gamma", self.gamma.into()),
            ("coef0", self.coef0.into()),
            ("degree", self.degree.into()),
        ])
    }

    fn from_json(attributes: &Map<String, Value>) -> Result<Kernel> {
        let reader =
            ParamReader::new("kernel", attributes, &["kernel", "gamma", "coef0", "degree", "link", "outputs"])?;
        Ok(Kernel {
            kind: reader.choice("kernel", KernelKind::Linear, &KERNELS)?,
            gamma: reader.number("gamma", 1.0, "a number", |_| true)?,
            coef0: reader.number("coef0", 0.0, "a number", |_| true)?,
            degree: reader.integer("degree", 3, 0, 100)? as u32,
        })
    }
}

/// x to a whole power, by products in a fixed order.
fn power(x: f64, exponent: u32) -> f64 {
    (0..exponent).fold(1.0, |product, _| product * x)
}

/// One decision: Σ coefficient · K(x, vector) + intercept, and how it becomes a probability.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KernelDecision {
    /// Places of support vectors, ascending.
    pub vectors: Vec<u32>,
    /// Their coefficients.
    pub coefficients: Vec<f64>,
    pub intercept: f64,
    /// Platt's a and b; those of a number are not used.
    pub sigmoid: (f64, f64),
}

/// A fitted kernel machine. Several classes have a decision for each pair of them: the first against the second, third …, the second
/// against the third …; a positive decision is for the later class of the pair.
#[derive(Debug, Clone, PartialEq)]
pub struct KernelMachine {
    pub(super) kernel: Kernel,
    /// Values a row.
    pub(super) width: usize,
    /// Row after row.
    pub(super) vectors: Vec<f64>,
    /// The square of each vector's length.
    pub(super) squares: Vec<f64>,
    pub(super) decisions: Vec<KernelDecision>,
    pub(super) outputs: usize,
    /// Whether a number is predicted.
    pub(super) is_number: bool,
}

impl KernelMachine {
    /// The name of its kind in a bundle.
    pub const KIND: &str = "kernel_machine";

    /// Puts it together again for rows of `features` values.
    pub(super) fn from_parts(attributes: &Value, mut tensors: TensorReader, features: usize) -> Result<KernelMachine> {
        let wrong = |what: &str| Error::corrupt(format!("the {what} of the kernel machine do not fit"));
        let attributes = attributes.as_object().ok_or_else(|| wrong("attributes"))?;
        let kernel = Kernel::from_json(attributes).map_err(|e| Error::corrupt(e.message().to_owned()))?;
        let number = |name: &str| attributes.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let outputs =
            number("outputs").filter(|outputs| (1..=1000).contains(outputs)).ok_or_else(|| wrong("outputs"))?;
        let is_number = attributes.get("link").and_then(Value::as_str) == Some("number");
        let pairs = if outputs == 1 { 1 } else { outputs * (outputs - 1) / 2 };
        let vectors = tensors.floats("vectors", None)?;
        let ends = tensors.integers("ends", Some(pairs))?;
        let places = tensors.integers("places", None)?;
        let coefficients = tensors.floats("coefficients", Some(places.len()))?;
        let intercepts = tensors.floats("intercepts", Some(pairs))?;
        let sigmoids = tensors.floats("sigmoids", Some(2 * pairs))?;
        tensors.finish()?;
        let count = vectors.len().checked_div(features).unwrap_or(0);
        if features == 0 || !vectors.len().is_multiple_of(features) || places.iter().any(|at| *at as usize >= count) {
            return Err(wrong("vectors"));
        }
        let mut decisions = Vec::with_capacity(pairs);
        let mut start = 0;
        for (pair, end) in ends.iter().map(|end| *end as usize).enumerate() {
            let own = places.get(start..end).zip(coefficients.get(start..end)).ok_or_else(|| wrong("decisions"))?;
            decisions.push(KernelDecision {
                vectors: own.0.to_vec(),
                coefficients: own.1.to_vec(),
                intercept: intercepts[pair],
                sigmoid: (sigmoids[2 * pair], sigmoids[2 * pair + 1]),
            });
            start = end;
        }
        let squares = vectors.chunks_exact(features).map(|row| inner(row, row)).collect();
        Ok(KernelMachine { kernel, width: features, vectors, squares, decisions, outputs, is_number })
    }
}

impl FittedModel for KernelMachine {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        let square = inner(row, row);
        let vectors = self.vectors.chunks_exact(self.width).zip(&self.squares);
        let values: Vec<f64> = vectors.map(|(other, of)| self.kernel.of(inner(row, other), square + of)).collect();
        let mut decided = self.decisions.iter().map(|decision| {
            let each = decision.vectors.iter().zip(&decision.coefficients);
            let sum = each.fold(decision.intercept, |sum, (at, by)| sum + by * values[*at as usize]);
            let (a, b) = decision.sigmoid;
            if self.is_number { sum } else { sigmoid(-(a * sum + b)) }
        });
        match out {
            [one] => *one = decided.next().unwrap_or_default(),
            several => couple(&decided.collect::<Vec<f64>>(), several),
        }
    }

    fn is_finite(&self) -> bool {
        let numbers = |decision: &KernelDecision| {
            let own = [decision.intercept, decision.sigmoid.0, decision.sigmoid.1];
            decision.coefficients.iter().chain(&own).all(|number| number.is_finite())
        };
        self.vectors.iter().all(|number| number.is_finite()) && self.decisions.iter().all(numbers)
    }

    fn parts(&self) -> Parts {
        let tensor = |name: &str, values: Vec<f64>| (name.to_owned(), Tensor::F64(values));
        let all = |of: fn(&KernelDecision) -> Vec<f64>| self.decisions.iter().flat_map(of).collect::<Vec<f64>>();
        let mut end = 0;
        let ends = self.decisions.iter().map(|decision| {
            end += decision.vectors.len() as u32;
            end
        });
        let ends = ends.collect();
        let places = self.decisions.iter().flat_map(|decision| decision.vectors.iter().copied()).collect();
        let mut attributes = self.kernel.json();
        attributes.insert("outputs".to_owned(), self.outputs.into());
        attributes.insert("link".to_owned(), json!(if self.is_number { "number" } else { "sigmoid" }));
        let tensors = vec![
            tensor("vectors", self.vectors.clone()),
            ("ends".to_owned(), Tensor::U32(ends)),
            ("places".to_owned(), Tensor::U32(places)),
            tensor("coefficients", all(|decision| decision.coefficients.clone())),
            tensor("intercepts", all(|decision| vec![decision.intercept])),
            tensor("sigmoids", all(|decision| vec![decision.sigmoid.0, decision.sigmoid.1])),
        ];
        Parts { kind: KernelMachine::KIND.to_owned(), attributes: Value::Object(attributes), tensors }
    }
}

/// Probabilities of the classes from those of the pairs: the shares p that come nearest to rᵢⱼ·pⱼ = rⱼᵢ·pᵢ for all pairs (Wu, Lin and Weng
/// 2004, their second method, by the iteration of LIBSVM).
fn couple(pairs: &[f64], out: &mut [f64]) {
    const LEAST: f64 = 1e-7;
    let k = out.len();
    // r[i][j]: the probability of i against j.
    let mut r = vec![0.5; k * k];
    let mut next = pairs.iter();
    for i in 0..k {
        for j in i + 1..k {
            let later = next.next().copied().unwrap_or(0.5).clamp(LEAST, 1.0 - LEAST);
            (r[i * k + j], r[j * k + i]) = (1.0 - later, later);
        }
    }
    let q = |i: usize, j: usize| match i == j {
        true => (0..k).filter(|other| *other != i).fold(0.0, |sum, other| sum + r[other * k + i] * r[other * k + i]),
        false => -r[j * k + i] * r[i * k + j],
    };
    let matrix: Vec<f64> = (0..k * k).map(|at| q(at / k, at % k)).collect();
    out.fill(1.0 / k as f64);
    let mut products = vec![0.0; k];
    for _ in 0..100.max(k) {
        let mut all = 0.0;
        for i in 0..k {
            products[i] = inner(&matrix[i * k..(i + 1) * k], out);
            all += out[i] * products[i];
        }
        if products.iter().all(|product| (product - all).abs() < 0.005 / k as f64) {
            break;
        }
        for i in 0..k {
            let step = (all - products[i]) / matrix[i * k + i];
            out[i] += step;
            all = (all + step * (step * matrix[i * k + i] + 2.0 * products[i])) / (1.0 + step) / (1.0 + step);
            for j in 0..k {
                products[j] = (products[j] + step * matrix[i * k + j]) / (1.0 + step);
                out[j] /= 1.0 + step;
            }
        }
    }
    let sum = out.iter().fold(0.0, |sum, p| sum + p);
    out.iter_mut().for_each(|p| *p /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coupled_shares_are_those_that_made_the_pairs() {
        let shares = [0.5, 0.3, 0.2];
        let pair = |i: usize, j: usize| shares[j] / (shares[i] + shares[j]);
        let mut out = [0.0; 3];
        couple(&[pair(0, 1), pair(0, 2), pair(1, 2)], &mut out);
        assert!(out.iter().zip(&shares).all(|(a, b)| (a - b).abs() < 0.005), "{out:?}");
        assert!((out.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let mut two = [0.0; 2];
        couple(&[0.8], &mut two);
        assert!((two[1] - 0.8).abs() < 0.005, "{two:?}");
    }
}
