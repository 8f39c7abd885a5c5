//! A fitted model: what predicts.
//!
//! Invariant: whatever `from_parts` lets through can be predicted with. Parts of a file nobody trusts give an error, never a
//! panic or an endless loop.

use crate::error::{Error, Result};
use crate::learn::baseline::Constant;
use crate::learn::calibration::Calibrated;
use crate::learn::ensemble::Ensemble;
use crate::learn::fitted_model::FittedModel;
use crate::learn::kernel_model::KernelMachine;
use crate::learn::linear_model::Linear;
use crate::learn::matrix::Matrix;
use crate::learn::naive_bayes::{Gaussian, ThresholdScores};
use crate::learn::nearest_neighbours::Neighbours;
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
    /// The same for every row.
    Constant(Constant),
    /// Naive Bayes of normal features.
    Gaussian(Gaussian),
    /// Weights of the features that lie above a threshold.
    Thresholds(ThresholdScores),
    /// The training rows themselves.
    Neighbours(Neighbours),
    /// Support vectors with a kernel.
    Kernel(KernelMachine),
    /// A model of classes with a calibrator behind it.
    Calibrated(Calibrated),
}

impl Fitted {
    pub(super) fn model(&self) -> &(dyn FittedModel + Sync) {
        match self {
            Fitted::Linear(linear) => linear,
            Fitted::Trees(trees) => trees,
            Fitted::Constant(constant) => constant,
            Fitted::Gaussian(bayes) => bayes,
            Fitted::Thresholds(scores) => scores,
            Fitted::Neighbours(neighbours) => neighbours,
            Fitted::Kernel(machine) => machine,
            Fitted::Calibrated(calibrated) => calibrated,
        }
    }

    /// Numbers it gives for a row.
    pub fn outputs(&self) -> usize {
        self.model().outputs()
    }

    /// The predictions for one row, one value a feature, put into `out`, one an output. Trees take NaN as missing; a linear
    /// model gives NaN for it.
    pub fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        self.model().predict_row(row, out);
    }

    /// The predictions for each row, bit for bit what `predict_row` gives.
    pub fn predict(&self, x: &Matrix) -> Predictions {
        let (model, width) = (self.model(), x.columns().max(1));
        let outputs = model.outputs();
        let mut values = vec![0.0; x.rows() * outputs];
        values.par_chunks_mut(BLOCK * outputs).enumerate().for_each_init(Vec::new, |rows, (block, out)| {
            x.rows_into(block * BLOCK, out.len() / outputs, rows);
            model.predict_rows(rows, width, out);
        });
        Predictions::new(outputs, values)
    }

    /// Whether all of its numbers are finite.
    pub(super) fn is_finite(&self) -> bool {
        self.model().is_finite()
    }

    /// How many rounds of trees it adds up; none of a model that does not add up trees round by round.
    pub fn rounds(&self) -> Option<usize> {
        match self {
            Fitted::Trees(trees) => trees.rounds(),
            Fitted::Calibrated(calibrated) => calibrated.base().rounds(),
            _ => None,
        }
    }

    /// The model as it was after so many rounds; one without rounds as it is.
    pub fn after(&self, rounds: usize) -> Fitted {
        match self {
            Fitted::Trees(trees) if trees.rounds().is_some() => Fitted::Trees(trees.after(rounds)),
            Fitted::Calibrated(calibrated) => Fitted::Calibrated(calibrated.after(rounds)),
            other => other.clone(),
        }
    }

    /// How much each feature matters: for trees its share of all gains (they sum to 1, or are all 0), for linear models
    /// the size of its weight. Nothing where a model has no such number.
    pub fn importance(&self) -> Vec<f64> {
        self.model().importance()
    }

    /// The model taken apart. Equal models have equal parts.
    pub fn parts(&self) -> Parts {
        self.model().parts()
    }

    /// Puts a model for rows of `features` values together again; an error of kind `Corrupt` if anything does not fit.
    pub fn from_parts(parts: Parts, features: usize) -> Result<Fitted> {
        let Parts { kind, attributes, tensors } = parts;
        let tensors = TensorReader(tensors);
        let fitted = match kind.as_str() {
            Linear::KIND => Linear::from_parts(&attributes, tensors, features).map(Fitted::Linear),
            stored_ensemble::KIND => stored_ensemble::from_parts(&attributes, tensors, features).map(Fitted::Trees),
            Constant::KIND => Constant::from_parts(tensors).map(Fitted::Constant),
            Gaussian::KIND => Gaussian::from_parts(&attributes, tensors, features).map(Fitted::Gaussian),
            ThresholdScores::KIND => {
                ThresholdScores::from_parts(&attributes, tensors, features).map(Fitted::Thresholds)
            }
            Neighbours::KIND => Neighbours::from_parts(&attributes, tensors, features).map(Fitted::Neighbours),
            KernelMachine::KIND => KernelMachine::from_parts(&attributes, tensors, features).map(Fitted::Kernel),
            Calibrated::KIND => Calibrated::from_parts(&attributes, tensors, features).map(Fitted::Calibrated),
            _ => Err(Error::corrupt(format!("the kind \"{kind}\" is not known"))),
        };
        fitted.map_err(|error| error.at("model"))
    }
}
