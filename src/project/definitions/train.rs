//! `[train.NAME]`: recipes: which set, preparation, estimator, search and cross-validation.

use super::Definitions;
use crate::error::Result;
use crate::project::Name;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One step of preparation; parameters beside `op` and `columns` depend on the step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrepDef {
    /// The step: `impute`, `scale`, `one_hot`, `pca`, `date_parts` and others.
    pub op: String,
    /// `numeric`, `categorical`, `time`, `all`, one name or a list.
    #[serde(default)]
    pub columns: Value,
    /// The step's own parameters.
    #[serde(flatten)]
    pub params: Map<String, Value>,
}

/// Cross-validation on the training part.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cv {
    /// Number of folds, at least 2.
    pub folds: usize,
    /// `stratified` (the default) or `time`.
    pub by: Option<String>,
}

/// A search over the estimator's parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// `random` or `grid`.
    pub method: String,
    /// Candidates of a random search.
    pub trials: Option<usize>,
    /// Parameter → values or range.
    pub space: Map<String, Value>,
    /// The metric by which the best candidate is chosen; the task's default without it.
    pub metric: Option<String>,
}

/// `[train.NAME]`: a recipe.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TrainDef {
    /// The training set in `[set.NAME]`.
    pub set: Name,
    /// Preparation; the estimator's own without one.
    pub prep: Option<Vec<PrepDef>>,
    /// `binary`, `multiclass` or `regression`; found from the label without it.
    pub task: Option<String>,
    /// The estimator: `logistic`, `svm`, `tree`, `forest` or `boosting`.
    pub model: String,
    /// Its parameters, by scikit-learn's names.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// How the estimator's parameters are searched; not at all without it.
    pub search: Option<Search>,
    /// Cross-validation on the training part; none without it.
    pub cv: Option<Cv>,
    /// Probability from which a row is called positive, 0 to 1; 0.5 without one.
    pub threshold: Option<f64>,
}

impl TrainDef {
    pub(super) fn check(&self, all: &Definitions) -> Result<()> {
        all.set(&self.set).map(|_| ())
    }
}
