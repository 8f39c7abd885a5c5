//! What every estimator says of itself: its parameters, the columns and tasks it takes, and how it is fitted.

use crate::error::Result;
use crate::learn::fitted::Fitted;
use crate::learn::matrix::Matrix;
use crate::learn::task::{Target, Task};
use crate::progress::Progress;
use serde_json::{Map, Value};
use std::fmt;

/// What an estimator wants of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Numeric columns only: categories are to be made one column each (one-hot).
    pub numeric: bool,
    /// No missing values.
    pub complete: bool,
    /// Columns of like scale, say mean 0 and variance 1.
    pub scaled: bool,
}

impl Needs {
    /// Columns as they are: missing values and categories too.
    pub const NOTHING: Needs = Needs { numeric: false, complete: false, scaled: false };
    /// Complete numbers of like scale.
    pub const SCALED_NUMBERS: Needs = Needs { numeric: true, complete: true, scaled: true };
}

/// The checked parameters of one model: what they mean, and how it is fitted by them.
pub(crate) trait Learner: fmt::Debug + Send + Sync {
    /// The name that `Estimator::parse` knows.
    fn name(&self) -> &'static str;

    /// All parameters, defaults filled in.
    fn json(&self) -> Map<String, Value>;

    /// What it wants of its columns.
    fn needs(&self) -> Needs;

    /// The tasks it can learn.
    fn tasks(&self) -> &'static [Task];

    /// The error of a parameter that rules the task out, which the model as such can learn.
    fn check_task(&self, _task: Task) -> Result<()> {
        Ok(())
    }

    /// How often `fit` advances the progress at most, where that is known beforehand: trees or iterations.
    fn steps(&self) -> Option<u64> {
        None
    }

    /// Whether it can count rows by weights.
    fn takes_weights(&self) -> bool {
        true
    }

    /// Fits data that passed the checks of `Estimator::fit`.
    fn fit(&self, x: &Matrix, target: &Target, seed: u64, step: &Progress) -> Result<Fitted>;
}
