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
    /// The monitor's drift verdict.
    pub drift: Option<bool>,
    /// The monitor's performance verdict.
    pub performance: Option<bool>,
    /// At least so many rows since the champion's data.
    pub new_rows: Option<u64>,
}

/// What a challenger must show.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The metric both are compared by.
    pub metric: String,
    /// The challenger must be better by more than this.
    #[serde(default)]
    pub min_gain: f64,
}

/// `[retrain.NAME]`: the closing of the loop.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetrainDef {
    /// The recipe.
    pub train: Name,
    /// The registered model.
    pub model: Name,
    /// The monitor whose verdicts trigger.
    pub monitor: Option<Name>,
    /// When to retrain.
    #[serde(default)]
    pub triggers: Triggers,
    /// Only rows this far back from the newest; all without one.
    pub window: Option<Span>,
    /// The newest rows, held back from training, on which both models are compared.
    pub holdout: Span,
    /// What a challenger must show; a better AUC without one.
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
