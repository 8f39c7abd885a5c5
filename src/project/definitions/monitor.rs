//! `[monitor.NAME]`: what is watched of a deployment, and within which limits.

use crate::project::{Name, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[monitor.NAME]`: what is watched of a deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MonitorDef {
    /// The deployment whose log is read; the monitor's own name without one.
    pub deployment: Option<Name>,
    /// `training` (the model's training rows, the default) or a dataset reference.
    pub reference: Option<String>,
    /// Columns to look at; every feature without them.
    pub columns: Option<Vec<String>>,
    /// Column → test, in place of the default.
    #[serde(default)]
    pub tests: BTreeMap<String, String>,
    /// Column → threshold, in place of the test's.
    #[serde(default)]
    pub thresholds: BTreeMap<String, f64>,
    /// Share of drifted columns from which the whole is called drifted, 0 to 1; 0.5 without one.
    pub drift_share: Option<f64>,
    /// What the realised performance must be.
    pub performance: Option<PerformanceDef>,
}

/// Realised performance by chunk.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PerformanceDef {
    /// The metric.
    pub metric: String,
    /// It must be at least this.
    pub min: Option<f64>,
    /// It must be at most this (for losses).
    pub max: Option<f64>,
    /// Length of a chunk; 7 days without one.
    pub chunk: Option<Span>,
}
