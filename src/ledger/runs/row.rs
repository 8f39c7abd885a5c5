//! A run as it is read from the ledger.

use crate::error::{Error, Result};
use crate::ledger::RunId;
use crate::ledger::datasets::{as_time, optional, parsed};
use crate::project::Name;
use crate::store::Hash;
use rusqlite::Row;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::collections::BTreeMap;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Begun and not ended.
    Running,
    /// Ended well.
    Finished,
    /// Ended with an error.
    Failed,
    /// Ended by whoever began it, with Ctrl-C.
    Interrupted,
    /// Begun and never ended: its process was killed. The ledger has it as running; `model::mark_killed_runs` finds out.
    Died,
}

impl RunStatus {
    /// The word in the ledger and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            RunStatus::Running => "running",
            RunStatus::Finished => "finished",
            RunStatus::Failed => "failed",
            RunStatus::Interrupted => "interrupted",
            RunStatus::Died => "died",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        match text {
            "running" => Ok(RunStatus::Running),
            "finished" => Ok(RunStatus::Finished),
            "failed" => Ok(RunStatus::Failed),
            "interrupted" => Ok(RunStatus::Interrupted),
            other => Err(Error::corrupt(format!("{other:?} is not the status of a run"))),
        }
    }
}

/// Where a run comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunSource {
    /// A recipe of `mlops.toml`.
    Recipe(Name),
    /// A program that logged to this ledger.
    Program,
    /// Another tool's history.
    Import,
}

impl RunSource {
    /// The word in the ledger and in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            RunSource::Recipe(_) => "recipe",
            RunSource::Program => "program",
            RunSource::Import => "import",
        }
    }

    /// The recipe, if it is one.
    pub fn recipe(&self) -> Option<&Name> {
        match self {
            RunSource::Recipe(name) => Some(name),
            RunSource::Program | RunSource::Import => None,
        }
    }
}

impl Serialize for RunSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut keys = serializer.serialize_struct("RunSource", 2)?;
        keys.serialize_field("source", self.name())?;
        keys.serialize_field("recipe", &self.recipe())?;
        keys.end()
    }
}

/// Whether a run or an experiment was deleted. What is deleted is kept and can be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifecycle {
    /// Shown and searched.
    Active,
    /// Left out of lists.
    Deleted,
}

impl Lifecycle {
    /// By the time of the deletion.
    pub(in crate::ledger) fn of(deleted: Option<i64>) -> Self {
        if deleted.is_none() { Lifecycle::Active } else { Lifecycle::Deleted }
    }
}

/// A run with its parameters, last metrics and tags.
#[derive(Debug, Clone, serde::Serialize)]
pub struct RunRow {
    /// Its identity.
    #[serde(rename = "run")]
    pub id: RunId,
    /// What people call it: the recipe's name, if nobody named it.
    pub name: String,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: RunSource,
    /// The id of its experiment; `0` is the default one.
    pub experiment: String,
    /// The run that it is a part of.
    pub parent: Option<RunId>,
    /// Who ran it, where that is known.
    pub user: Option<String>,
    /// Whether it was deleted.
    pub lifecycle: Lifecycle,
    /// How it stands.
    pub status: RunStatus,
    /// When it began.
    #[serde(serialize_with = "as_time")]
    pub started: i64,
    /// Wall time in seconds, once ended.
    pub seconds: Option<f64>,
    /// The seed, of a recipe's run.
    pub seed: Option<u64>,
    /// The training set's hash.
    pub set: Option<Hash>,
    /// The model bundle's hash.
    pub model: Option<Hash>,
    /// The git commit that was checked out.
    pub commit: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// Parameters.
    pub params: BTreeMap<String, String>,
    /// The last value of each metric; a NaN is null.
    pub metrics: BTreeMap<String, f64>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// What [`read`] reads, of the table `run`.
pub(super) const COLUMNS: &str = "run.id, run.name, run.source, run.recipe, run.experiment, run.parent, run.user, \
     run.deleted, run.status, run.started, run.ended, run.seed, run.set_hash, run.model_hash, run.git_commit, run.error";

/// A run without its parameters, metrics and tags.
pub(super) fn read(row: &Row) -> rusqlite::Result<RunRow> {
    let started: i64 = row.get(9)?;
    let recipe = optional(row, 3, Name::parse)?;
    let source = |word: &str| match (word, &recipe) {
        ("recipe", Some(recipe)) => Ok(RunSource::Recipe(recipe.clone())),
        ("program", None) => Ok(RunSource::Program),
        ("import", None) => Ok(RunSource::Import),
        (other, _) => Err(Error::corrupt(format!("{other:?} is not the source of a run"))),
    };
    Ok(RunRow {
        id: parsed(row, 0, RunId::parse)?,
        name: row.get(1)?,
        source: parsed(row, 2, source)?,
        experiment: row.get(4)?,
        parent: optional(row, 5, RunId::parse)?,
        user: row.get(6)?,
        lifecycle: Lifecycle::of(row.get(7)?),
        status: parsed(row, 8, RunStatus::parse)?,
        started,
        seconds: row.get::<_, Option<i64>>(10)?.map(|ended| (ended as f64 - started as f64) / 1e6),
        seed: row.get::<_, Option<i64>>(11)?.map(|seed| seed as u64),
        set: optional(row, 12, Hash::parse)?,
        model: optional(row, 13, Hash::parse)?,
        commit: row.get(14)?,
        error: row.get(15)?,
        params: BTreeMap::new(),
        metrics: BTreeMap::new(),
        tags: BTreeMap::new(),
    })
}
