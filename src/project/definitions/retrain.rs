//! `[retrain.NAME]`: when to retrain, on which rows, and what a challenger must show.

use super::Definitions;
use crate::error::Result;
use crate::project::{Name, Span};
use serde::{Deserialize, Serialize};

/// When to retrain.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Triggers {
    /// Retrain when the monitor finds drift.
    pub drift: Option<bool>,
    /// Retrain when the monitor finds the performance beyond its limits.
    pub performance: Option<bool>,
    /// Retrain when the spine has this many more rows than when the champion was trained.
    pub new_rows: Option<u64>,
}

/// What a challenger must show.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The metric by which champion and challenger are compared.
    pub metric: String,
    /// How much better the challenger must be to be promoted, in the metric's unit.
    #[serde(default)]
    pub min_gain: f64,
}

/// `[retrain.NAME]`: a retraining.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetrainDef {
    /// The recipe in `[train.NAME]` that trains the challenger.
    pub train: Name,
    /// The name under which the challenger is registered.
    pub model: Name,
    /// The monitor whose drift and performance are triggers.
    pub monitor: Option<Name>,
    /// When to retrain.
    #[serde(default)]
    pub triggers: Triggers,
    /// Train on rows this far back from the newest; on all without it.
    pub window: Option<Span>,
    /// The newest rows, held back from training, on which both models are compared.
    pub holdout: Span,
    /// What a challenger must show; without it a better value of the task's default metric.
    pub gate: Option<Gate>,
    /// The alias that is moved on promotion; `champion` without one.
    pub alias: Option<Name>,
}

impl RetrainDef {
    pub(super) fn check(&self, all: &Definitions) -> Result<()> {
        all.recipe(&self.train)?;
        match &self.monitor {
            Some(monitor) => all.monitor(monitor).map(|_| ()),
            None => Ok(()),
        }
    }
}
