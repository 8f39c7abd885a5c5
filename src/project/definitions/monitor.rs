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
    /// The share of columns, 0 to 1, that must drift before the monitor reports drift; 0.5 without it.
    pub drift_share: Option<f64>,
    /// Limits of the performance, measured with labels that come in later.
    pub performance: Option<PerformanceDef>,
}

/// Limits of the performance by late labels, for each chunk of time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PerformanceDef {
    /// The metric that has limits.
    pub metric: String,
    /// It must be at least this.
    pub min: Option<f64>,
    /// It must be at most this (for losses).
    pub max: Option<f64>,
    /// How long a chunk is; 7 days without it.
    pub chunk: Option<Span>,
}
