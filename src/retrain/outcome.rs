//! What a retraining found, decided and did.

use super::triggers::Reason;
use crate::learn::Task;
use crate::ledger::RunId;
use crate::project::Name;
use crate::store::Hash;
use serde::Serialize;
use std::collections::BTreeMap;

/// One of the two models.
#[derive(Debug, Clone, Serialize)]
pub struct ModelSide {
    /// `name@version`, or the beginning of the hash.
    pub model: String,
    /// The bundle's hash.
    pub hash: Hash,
    /// The run, for the challenger.
    pub run: Option<RunId>,
    /// Metrics on the held-back rows.
    pub metrics: BTreeMap<String, f64>,
}

/// What becomes of the challenger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RetrainDecision {
    /// It takes the champion's place.
    Promote,
    /// The champion stays.
    Keep,
}

impl RetrainDecision {
    /// The word in JSON, in the ledger and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            RetrainDecision::Promote => "promote",
            RetrainDecision::Keep => "keep",
        }
    }
}

/// What was decided, and why.
#[derive(Debug, Clone, Serialize)]
pub struct RetrainOutcome {
    /// The name of the `[retrain.NAME]`.
    pub name: Name,
    /// Whether it was a dry run, of which nothing is kept.
    pub dry_run: bool,
    /// Whether a trigger fired (or was forced).
    pub triggered: bool,
    /// Every trigger and what it found.
    pub reasons: Vec<Reason>,
    /// Versions of datasets, `NAME@VERSION`, that were recorded because files had changed.
    pub merged: Vec<String>,
    /// The kind of thing that is predicted; none if nothing was trained.
    pub task: Option<Task>,
    /// The champion; none if there was none yet.
    pub champion: Option<ModelSide>,
    /// The challenger; none if nothing was triggered.
    pub challenger: Option<ModelSide>,
    /// Held-back rows: from, to, number.
    pub holdout: Option<(String, String, usize)>,
    /// What makes the comparison less certain, as sentences.
    pub warnings: Vec<String>,
    /// What becomes of the challenger.
    pub decision: RetrainDecision,
    /// Why, as a sentence.
    pub because: String,
    /// The version that was promoted.
    pub promoted: Option<String>,
}

impl RetrainOutcome {
    /// The outcome at the beginning: the champion stays unless something else is decided.
    pub(super) fn begun(name: &Name, dry_run: bool) -> Self {
        RetrainOutcome {
            name: name.clone(),
            dry_run,
            triggered: false,
            reasons: Vec::new(),
            merged: Vec::new(),
            task: None,
            champion: None,
            challenger: None,
            holdout: None,
            warnings: Vec::new(),
            decision: RetrainDecision::Keep,
            because: String::new(),
            promoted: None,
        }
    }
}
