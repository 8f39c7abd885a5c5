//! `[set.NAME]`: training sets, and how their rows are split.

use super::Definitions;
use crate::error::Result;
use crate::project::Name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[set.NAME]`: a training set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetDef {
    /// The dataset whose rows are the examples.
    pub spine: Name,
    /// A SQL condition on the spine's rows.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// The spine's time, for views, windows and splits.
    pub event_time: Option<String>,
    /// A SQL expression for what is to be predicted.
    pub label: Option<String>,
    /// A SQL expression for how much a row counts in training, 0 or more; 1 for each row without it.
    pub weight: Option<String>,
    /// Spine columns, `VIEW:COLUMN`, `VIEW:*`, or `*` for all other columns of the spine.
    pub features: Vec<String>,
    /// Name → expression over the features above, computed offline and at request alike.
    #[serde(default)]
    pub derive: BTreeMap<String, String>,
    /// How rows fall into train, validation and test.
    pub split: Option<Split>,
}

/// How rows fall into train, validation and test.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
pub enum Split {
    /// Rows from these instants on.
    Time {
        /// Start of validation.
        validation: Option<String>,
        /// Start of test.
        test: Option<String>,
        /// End of the table: rows from here on are left out.
        end: Option<String>,
    },
    /// Shares by a stable hash of seed and key: new rows never move old ones between the parts.
    Hash {
        /// Share of validation, 0 to 1.
        #[serde(default)]
        validation: f64,
        /// Share of test, 0 to 1.
        #[serde(default)]
        test: f64,
        /// The key, when it is not the dataset's.
        key: Option<Vec<String>>,
    },
    /// The same shares of each class, by the order of the rows' hashes in it.
    Stratified {
        /// Share of validation, 0 to 1.
        #[serde(default)]
        validation: f64,
        /// Share of test, 0 to 1.
        #[serde(default)]
        test: f64,
        /// What is hashed, when it is not the dataset's key.
        key: Option<Vec<String>>,
    },
    /// Shares of groups of rows, such as all of one customer: a group is never cut, and never changes sides.
    Group {
        /// The columns whose values together name a group.
        columns: Vec<String>,
        /// Share of validation, 0 to 1.
        #[serde(default)]
        validation: f64,
        /// Share of test, 0 to 1.
        #[serde(default)]
        test: f64,
    },
    /// Shares of the rows by a stable hash of seed and place in the table: rows behind the others never move these between the parts.
    Random {
        /// Share of validation, 0 to 1.
        #[serde(default)]
        validation: f64,
        /// Share of test, 0 to 1.
        #[serde(default)]
        test: f64,
    },
    /// A column that says `train`, `validation` or `test`.
    Column {
        /// Its name.
        column: String,
    },
}

impl SetDef {
    pub(super) fn check(&self, all: &Definitions) -> Result<()> {
        all.dataset(&self.spine).map(|_| ())
    }

    /// The views its features name, each once, in order; whether they are defined is not looked at.
    pub fn views(&self) -> Vec<&str> {
        let mut views = Vec::new();
        for (view, _) in self.features.iter().filter_map(|feature| feature.split_once(':')) {
            if !views.contains(&view) {
                views.push(view);
            }
        }
        views
    }
}
