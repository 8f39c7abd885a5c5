//! A fitted linear model: weights and an intercept an output, and how its decisions become predictions.

use crate::error::{Error, Result};
use crate::learn::fitted_model::FittedModel;
use crate::learn::matrix::Matrix;
use crate::learn::solver::inner;
use crate::learn::stored_parts::{Parts, TensorReader};
use crate::learn::tensor::Tensor;
use crate::math::{exp, sigmoid, softmax};
use serde_json::{Value, json};

/// How decisions become predictions.
#[derive(Debug, Clone, PartialEq)]
pub enum LinearLink {
    /// Platt's a and b of the probability 1 / (1 + exp(a·decision + b)); logistic regression has −1 and 0.
    Sigmoid(f64, f64),
    /// The softmax of the decisions, one a class.
    Softmax,
    /// For each class its a and b; the probabilities are divided by their sum.
    OneVsRest(Vec<(f64, f64)>),
    /// The decision as it is.
    Identity,
    /// e to the decision.
    Exp,
}

impl LinearLink {
    /// The word in a bundle; a sigmoid has none.
    fn word(&self) -> Option<&'static str> {
        match self {
            LinearLink::Sigmoid(..) => None,
            LinearLink::Softmax => Some("softmax"),
            LinearLink::OneVsRest(_) => Some("one_vs_rest"),
            LinearLink::Identity => Some("identity"),
            LinearLink::Exp => Some("exp"),
        }
    }
}

/// Each decision is `weights · row + intercept`.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// One weight a feature, for each output in turn.
    pub weights: Vec<f64>,
    /// What is added to the sum, one an output.
    pub intercepts: Vec<f64>,
    /// How decisions become predictions.
    pub link: LinearLink,
    /// The mean of each feature in the training rows; none of a model that was stored without.
    pub means: Vec<f64>,
}

impl Linear {
    /// The name of its kind in a bundle.
    pub const KIND: &str = "linear";

    /// A model that does not know the means of its features.
    pub(super) fn new(weights: Vec<f64>, intercepts: Vec<f64>, link: LinearLink) -> Linear {
        Linear { weights, intercepts, link, means: Vec::new() }
    }

    /// The same with the means of the rows that it was fitted on.
    pub(super) fn with_means(self, x: &Matrix) -> Linear {
        let mean = |j: usize| x.column(j).iter().fold(0.0, |sum, value| sum + value / x.rows() as f64);
        let means: Vec<f64> = (0..x.columns()).map(mean).collect();
        // Beyond the largest number there is no mean.
        if means.iter().all(|mean| mean.is_finite()) { Linear { means, ..self } } else { self }
    }

    fn features(&self) -> usize {
        self.weights.len() / self.outputs().max(1)
    }

    /// Puts it together again for rows of `features` values.
    pub(super) fn from_parts(attributes: &Value, mut tensors: TensorReader, features: usize) -> Result<Linear> {
        let intercepts = tensors.floats("intercept", None)?;
        let outputs = intercepts.len();
        let all = outputs.checked_mul(features).ok_or_else(|| Error::corrupt("there are too many weights"))?;
        let weights = tensors.floats("weights", Some(all))?;
        let link = match attributes.get("link").map(Value::as_str) {
            None => {
                let sigmoid = tensors.floats("sigmoid", Some(2))?;
                LinearLink::Sigmoid(sigmoid[0], sigmoid[1])
            }
            Some(Some("one_vs_rest")) => {
                let sigmoids = tensors.floats("sigmoid", Some(2 * outputs))?;
                LinearLink::OneVsRest(sigmoids.chunks_exact(2).map(|two| (two[0], two[1])).collect())
            }
            Some(Some("softmax")) => LinearLink::Softmax,
            Some(Some("identity")) => LinearLink::Identity,
            Some(Some("exp")) => LinearLink::Exp,
            Some(word) => {
                let word = word.unwrap_or_default();
                return Err(Error::corrupt(format!("the attribute \"link\" is \"{word}\", which is not known")));
            }
        };
        let means = if tensors.has("means") { tensors.floats("means", Some(features))? } else { Vec::new() };
        tensors.finish()?;
        let several = matches!(link, LinearLink::Softmax | LinearLink::OneVsRest(_));
        if outputs == 0 || several != (outputs > 1) {
            return Err(Error::corrupt(format!("{outputs} outputs do not fit the link of the model")));
        }
        Ok(Linear { weights, intercepts, link, means })
    }
}

impl FittedModel for Linear {
    fn outputs(&self) -> usize {
        self.intercepts.len()
    }

    /// The predictions of a row, one an output; NaN if the row has a missing value.
    fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        let width = self.features();
        for (at, (out, intercept)) in out.iter_mut().zip(&self.intercepts).enumerate() {
            *out = inner(&self.weights[at * width..(at + 1) * width], row) + intercept;
        }
        match &self.link {
            LinearLink::Sigmoid(a, b) => out.iter_mut().for_each(|x| *x = sigmoid(-(a * *x + b))),
            LinearLink::Softmax => softmax(out),
            LinearLink::OneVsRest(each) => {
                out.iter_mut().zip(each).for_each(|(x, (a, b))| *x = sigmoid(-(a * *x + b)));
                let all = out.iter().fold(0.0, |sum, p| sum + p);
                let even = 1.0 / out.len().max(1) as f64;
                out.iter_mut().for_each(|p| *p = if all == 0.0 { even } else { *p / all });
            }
            LinearLink::Identity => {}
            // A rate beyond the largest number is that number.
            LinearLink::Exp => out.iter_mut().for_each(|x| {
                let rate = exp(*x);
                *x = if rate == f64::INFINITY { f64::MAX } else { rate };
            }),
        }
    }

    /// The size of each feature's weight, over all outputs together.
    fn importance(&self) -> Vec<f64> {
        let width = self.features();
        let size = |feature: usize| {
            self.weights.iter().skip(feature).step_by(width.max(1)).fold(0.0, |sum, weight| sum + weight.abs())
        };
        (0..width).map(size).collect()
    }

    fn parts(&self) -> Parts {
        let tensor = |name: &str, values: Vec<f64>| (name.to_string(), Tensor::F64(values));
        let mut tensors = vec![tensor("weights", self.weights.clone()), tensor("intercept", self.intercepts.clone())];
        match &self.link {
            LinearLink::Sigmoid(a, b) => tensors.push(tensor("sigmoid", vec![*a, *b])),
            LinearLink::OneVsRest(each) => {
                tensors.push(tensor("sigmoid", each.iter().flat_map(|(a, b)| [*a, *b]).collect()));
            }
            _ => {}
        }
        if !self.means.is_empty() {
            tensors.push(tensor("means", self.means.clone()));
        }
        let attributes = self.link.word().map_or_else(|| json!({}), |word| json!({ "link": word }));
        Parts { kind: Linear::KIND.to_string(), attributes, tensors }
    }

    fn is_finite(&self) -> bool {
        self.weights.iter().chain(&self.intercepts).all(|number| number.is_finite())
    }
}
