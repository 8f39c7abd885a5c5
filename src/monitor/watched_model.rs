//! Whose predictions are looked at: one model of a deployment, over a window of its rows' time.

use crate::features::LookupStatus;
use crate::model::Bundle;
use crate::predictions::{Query, ReadOutcome, Unreadable, WhichModel};
use crate::project::Name;
use crate::store::Hash;
use serde::Serialize;
use std::collections::BTreeMap;

/// A model that a monitor looks at.
pub struct WatchedModel {
    /// What people call it: `delay@2`, or the beginning of its hash.
    pub label: String,
    /// The bundle's hash.
    pub hash: Hash,
    /// The bundle.
    pub bundle: Bundle,
}

/// Rows from one time to before another, microseconds UTC; open where there is none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// The first time that is in.
    pub from: Option<i64>,
    /// The first time after it.
    pub to: Option<i64>,
}

/// What was read of a log to look at a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Watched {
    /// The model: `delay@2`, or the beginning of its hash.
    pub model: String,
    /// Its bundle.
    pub model_hash: Hash,
    /// Rows of the same window that other models answered: they were left out.
    pub rows_other_models: u64,
    /// Lines of the log that could not be read.
    pub unreadable: Unreadable,
    /// Rows that were answered without the features of a view, by view and why.
    pub lookups: BTreeMap<String, BTreeMap<LookupStatus, u64>>,
}

impl WatchedModel {
    /// The model's answers for rows of the window.
    pub(super) fn query(&self, deployment: &Name, window: Window) -> Query {
        Query::all(deployment).between(window.from, window.to).of_model(WhichModel::Hash(self.hash))
    }

    /// What a reading by that query came by.
    pub(super) fn watched(&self, outcome: ReadOutcome) -> Watched {
        Watched {
            model: self.label.clone(),
            model_hash: self.hash,
            rows_other_models: outcome.other_models,
            unreadable: outcome.unreadable,
            lookups: BTreeMap::new(),
        }
    }
}
