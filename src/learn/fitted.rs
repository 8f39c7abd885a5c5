//! A fitted model: what predicts.
//!
//! Invariant: whatever `from_parts` lets through can be predicted with. Parts of a file nobody trusts give an error, never a
//! panic or an endless loop.

use crate::error::{Error, Result};
use crate::learn::ensemble::Ensemble;
use crate::learn::linear_model::Linear;
use crate::learn::matrix::Matrix;
use crate::learn::stored_ensemble;
use crate::learn::stored_parts::{Parts, TensorReader};
use crate::learn::task::Predictions;
use rayon::prelude::*;

/// Rows that are predicted together.
const BLOCK: usize = 256;

/// A model that predicts.
#[derive(Debug, Clone, PartialEq)]
pub enum Fitted {
    /// Weights and an intercept.
    Linear(Linear),
    /// One tree or many.
    Trees(Ensemble),
}

impl Fitted {
    /// Numbers it gives for a row.
    pub fn outputs(&self) -> usize {
        match self {
            Fitted::Linear(linear) => linear.outputs(),
            Fitted::Trees(trees) => trees.outputs(),
        }
    }

    /// The predictions for one row, one value a feature, put into `out`, one an output. Trees take NaN as missing; a linear
    /// model gives NaN for it.
    pub fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        match self {
            Fitted::Linear(linear) => linear.predict_row(row, out),
            Fitted::Trees(trees) => trees.predict_row(row, out),
        }
    }

    /// The predictions for each row, bit for bit what `predict_row` gives.
    pub fn predict(&self, x: &Matrix) -> Predictions {
        let (width, outputs) = (x.columns().max(1), self.outputs());
        let mut values = vec![0.0; x.rows() * outputs];
        values.par_chunks_mut(BLOCK * outputs).enumerate().for_each_init(Vec::new, |rows, (block, out)| {
            x.rows_into(block * BLOCK, out.len() / outputs, rows);
            match self {
                Fitted::Linear(linear) => {
                    let each = out.chunks_exact_mut(outputs).zip(rows.chunks_exact(width));
                    each.for_each(|(out, row)| linear.predict_row(row, out));
                }
                Fitted::Trees(trees) => trees.predict_rows(rows, width, out),
            }
        });
        Predictions::new(outputs, values)
    }

    /// Whether all of its numbers are finite.
    pub(super) fn is_finite(&self) -> bool {
        match self {
            Fitted::Linear(linear) => linear.weights.iter().chain(&linear.intercepts).all(|number| number.is_finite()),
            Fitted::Trees(trees) => {
                let ends = trees.nodes.iter().map(|node| node.value);
                ends.chain(trees.baseline.iter().copied()).all(f64::is_finite)
            }
        }
    }

    /// How much each feature matters: for trees its share of all gains (they sum to 1, or are all 0), for linear models
    /// the size of its weight.
    pub fn importance(&self) -> Vec<f64> {
        match self {
            Fitted::Linear(linear) => linear.importance(),
            Fitted::Trees(trees) => trees.importance.clone(),
        }
    }

    /// The model taken apart. Equal models have equal parts.
    pub fn parts(&self) -> Parts {
        match self {
            Fitted::Linear(linear) => linear.parts(),
            Fitted::Trees(trees) => stored_ensemble::parts(trees),
        }
    }

    /// Puts a model for rows of `features` values together again; an error of kind `Corrupt` if anything does not fit.
    pub fn from_parts(parts: Parts, features: usize) -> Result<Fitted> {
        let Parts { kind, attributes, tensors } = parts;
        let tensors = TensorReader(tensors);
        let fitted = match kind.as_str() {
            Linear::KIND => Linear::from_parts(&attributes, tensors, features).map(Fitted::Linear),
            stored_ensemble::KIND => stored_ensemble::from_parts(&attributes, tensors, features).map(Fitted::Trees),
            _ => Err(Error::corrupt(format!("the kind \"{kind}\" is not known"))),
        };
        fitted.map_err(|error| error.at("model"))
    }
}
