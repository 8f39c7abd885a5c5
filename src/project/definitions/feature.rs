//! `[entity.NAME]` and `[feature.NAME]`: what features belong to, and the views over datasets or queries.

use super::Definitions;
use crate::error::{Error, Result};
use crate::project::{Name, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[entity.NAME]`: the keys features belong to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EntityDef {
    /// The columns that identify it, such as `origin` for an airport.
    pub keys: Vec<String>,
}

/// A statistic of the values in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Agg {
    /// Number of values that are not null.
    Count,
    /// Their sum; null over none.
    Sum,
    /// Their mean; null over none.
    Mean,
    /// The smallest; null over none.
    Min,
    /// The largest; null over none.
    Max,
    /// Sample standard deviation (n - 1); null below two values.
    Std,
}

impl Agg {
    /// The name as written in `mlops.toml` and in the feature's name.
    pub fn name(self) -> &'static str {
        match self {
            Agg::Count => "count",
            Agg::Sum => "sum",
            Agg::Mean => "mean",
            Agg::Min => "min",
            Agg::Max => "max",
            Agg::Std => "std",
        }
    }
}

/// Windowed aggregates of one column: a feature for each aggregate and window, `COLUMN_AGG_WINDOW`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WindowDef {
    /// The column of the source.
    pub column: String,
    /// The statistics.
    pub agg: Vec<Agg>,
    /// The lengths of the windows: of a row at `t`, rows with `t - over < event_time <= t` count.
    pub over: Vec<Span>,
}

/// Whether and how much of a view the online store keeps.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Online {
    /// Kept or not.
    Flag(bool),
    /// Kept, with rows this far back so that late requests are answered as of their own time.
    Kept {
        /// How far back beyond windows and ttl.
        history: Span,
    },
}

/// `[feature.NAME]`: a view over a dataset or a query.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FeatureDef {
    /// A dataset; or else `sql`.
    pub source: Option<Name>,
    /// A query over datasets by their names; or else `source`.
    pub sql: Option<String>,
    /// The entity its rows belong to.
    pub entity: Name,
    /// The column that says when a row became true.
    pub event_time: String,
    /// The column that says when a row became known, if that is later.
    pub created_time: Option<String>,
    /// `event`: ignore when a row became known except to break ties, as Feast does.
    pub as_of: Option<AsOf>,
    /// How old the newest row may be before its features count as missing.
    pub ttl: Option<Span>,
    /// Columns taken as they are, of the newest row.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Aggregates over sliding windows.
    #[serde(default)]
    pub windows: Vec<WindowDef>,
    /// Name → expression over this view's features.
    #[serde(default)]
    pub derive: BTreeMap<String, String>,
    /// Whether and how much of it the online store keeps; the newest rows without it.
    pub online: Option<Online>,
}

/// Which time decides whether a row is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AsOf {
    /// The event time alone.
    Event,
    /// The created time too (the default where one is declared).
    Created,
}

impl FeatureDef {
    /// The view without the keys that are at their default.
    pub fn without_defaults(&self) -> Self {
        let as_of = self.as_of.filter(|as_of| *as_of != AsOf::Created);
        let online = self.online.clone().filter(|online| !matches!(online, Online::Flag(true)));
        FeatureDef { as_of, online, ..self.clone() }
    }

    pub(super) fn check(&self, all: &Definitions) -> Result<()> {
        all.entity(&self.entity)?;
        match (&self.source, &self.sql) {
            (Some(source), None) => all.dataset(source).map(|_| ())?,
            (None, Some(_)) => {}
            _ => return Err(Error::invalid("give either source or sql")),
        }
        if self.columns.is_empty() && self.windows.is_empty() {
            return Err(Error::invalid("no features").hint("give columns or windows"));
        }
        Ok(())
    }
}
