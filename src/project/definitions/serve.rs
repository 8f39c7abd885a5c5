//! `[serve.NAME]`: which model a deployment serves.

use serde::{Deserialize, Serialize};

/// `[serve.NAME]`: a deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ServeDef {
    /// The model: `NAME`, `NAME@VERSION` or `NAME@ALIAS`.
    pub model: String,
}
