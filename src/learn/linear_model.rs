//! A fitted linear model of two classes: weights, an intercept, and how its decision becomes a probability.

use crate::error::Result;
use crate::learn::solver::inner;
use crate::learn::stored_parts::{Parts, TensorReader};
use crate::learn::tensor::Tensor;
use crate::math::sigmoid;
use serde_json::json;

/// The decision is `weights · row + intercept`.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// One weight a feature.
    pub weights: Vec<f64>,
    /// What is added to the sum.
    pub intercept: f64,
    /// Platt's a and b of the probability 1 / (1 + exp(a·decision + b)); logistic regression has −1 and 0.
    pub sigmoid: (f64, f64),
}

impl Linear {
    /// The name of its kind in a bundle.
    pub const KIND: &str = "linear";

    /// The signed distance from the boundary, times |w|.
    pub fn decision(&self, row: &[f64]) -> f64 {
        inner(&self.weights, row) + self.intercept
    }

    /// The probability of the positive class; NaN if the row has a missing value.
    pub fn probability(&self, row: &[f64]) -> f64 {
        sigmoid(-(self.sigmoid.0 * self.decision(row) + self.sigmoid.1))
    }

    /// The model taken apart.
    pub fn parts(&self) -> Parts {
        let tensors = vec![
            ("weights".to_string(), Tensor::F64(self.weights.clone())),
            ("intercept".to_string(), Tensor::F64(vec![self.intercept])),
            ("sigmoid".to_string(), Tensor::F64(vec![self.sigmoid.0, self.sigmoid.1])),
        ];
        Parts { kind: Linear::KIND.to_string(), attributes: json!({}), tensors }
    }

    /// Puts it together again for rows of `features` values.
    pub(super) fn from_parts(mut tensors: TensorReader, features: usize) -> Result<Linear> {
        let weights = tensors.floats("weights", Some(features))?;
        let intercept = tensors.floats("intercept", Some(1))?[0];
        let sigmoid = tensors.floats("sigmoid", Some(2))?;
        tensors.finish()?;
        Ok(Linear { weights, intercept, sigmoid: (sigmoid[0], sigmoid[1]) })
    }
}
