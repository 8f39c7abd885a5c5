//! `[train.NAME]`: recipes: which set, preparation, estimator, search and cross-validation.

use super::Definitions;
use crate::error::Result;
use crate::project::Name;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

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

/// From which probability a row is called the second of two classes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Threshold {
    /// From this one.
    Fixed(f64),
    /// Chosen on rows that the model did not see.
    Chosen(ThresholdChoice),
}

/// Read by hand, so that an error names the key that is wrong.
impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Threshold, D::Error> {
        from.deserialize_any(ThresholdVisitor)
    }
}

struct ThresholdVisitor;

impl<'de> Visitor<'de> for ThresholdVisitor {
    type Value = Threshold;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a probability, or { cost = { CLASS = 5 } }")
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Threshold, E> {
        Ok(Threshold::Fixed(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Threshold, E> {
        Ok(Threshold::Fixed(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Threshold, E> {
        Ok(Threshold::Fixed(value as f64))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<Threshold, A::Error> {
        ThresholdChoice::deserialize(MapAccessDeserializer::new(map)).map(Threshold::Chosen)
    }
}

/// How a threshold is chosen: by exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ThresholdChoice {
    /// What a row of each class costs that is called the other one; 1 for a class that is not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<BTreeMap<String, f64>>,
    /// The precision that the second class is to have at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// The recall that the second class is to have at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<f64>,
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
    /// The estimator: `logistic`, `tree`, `forest`, `boosting` …
    pub model: String,
    /// Its parameters, by scikit-learn's names.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// How the estimator's parameters are searched; not at all without it.
    pub search: Option<Search>,
    /// Cross-validation on the training part; none without it.
    pub cv: Option<Cv>,
    /// Metrics that are recorded beside the usual ones of the task: `mcc`, `balanced_accuracy`.
    #[serde(default)]
    pub metrics: Vec<String>,
    /// Probability from which a row is called positive, 0 to 1, or how it is chosen; 0.5 without one.
    pub threshold: Option<Threshold>,
    /// `sigmoid` or `isotonic`: bends the probabilities so that they mean what they say; not at all without it.
    pub calibration: Option<String>,
    /// Share of rows, between 0 and 1, for which the truth is to lie in the interval or set that each answer brings; none without it.
    pub conformal: Option<f64>,
}

impl TrainDef {
    pub(super) fn check(&self, all: &Definitions) -> Result<()> {
        all.set(&self.set).map(|_| ())
    }
}
