//! Writing runs: a run begins, ends with all that came out, is deleted and restored.

use super::inputs_and_artifacts::{ArtifactRow, InputKind};
use super::metrics::{MetricPoint, log};
use super::row::{Lifecycle, RunSource, RunStatus};
use crate::error::{Error, Result};
use crate::ledger::{DEFAULT_EXPERIMENT, Ledger, RunId};
use crate::project::{Name, now_micros};
use crate::store::Hash;
use rusqlite::Transaction;
use std::collections::BTreeMap;

/// A run that begins.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its identity.
    pub id: RunId,
    /// What people call it.
    pub name: String,
    /// Where it comes from.
    pub source: RunSource,
    /// The id of its experiment.
    pub experiment: String,
    /// The run that it is a part of.
    pub parent: Option<RunId>,
    /// Who runs it, if that is known.
    pub user: Option<String>,
    /// The seed, of a recipe's run.
    pub seed: Option<u64>,
    /// The git commit that is checked out.
    pub commit: Option<String>,
}

impl NewRun {
    /// A run in the default experiment, of no other run.
    pub fn new(id: RunId, name: impl Into<String>, source: RunSource) -> Self {
        let experiment = DEFAULT_EXPERIMENT.to_owned();
        NewRun { id, name: name.into(), source, experiment, parent: None, user: None, seed: None, commit: None }
    }

    /// A run of a recipe, called as the recipe is.
    pub fn of_recipe(id: RunId, recipe: &Name, seed: u64, commit: Option<String>) -> Self {
        let new = NewRun::new(id, recipe.as_str(), RunSource::Recipe(recipe.clone()));
        NewRun { seed: Some(seed), commit, ..new }
    }
}

/// What came out of a run, for the ledger.
#[derive(Debug, Default)]
pub struct RunResult {
    /// The training set's hash.
    pub set: Option<Hash>,
    /// The model bundle's hash.
    pub model: Option<Hash>,
    /// Why it failed; `None` if it finished.
    pub error: Option<String>,
    /// Whether that was Ctrl-C.
    pub interrupted: bool,
    /// Names and values of parameters.
    pub params: BTreeMap<String, String>,
    /// The last value of each metric.
    pub metrics: BTreeMap<String, f64>,
    /// Names and texts of tags.
    pub tags: BTreeMap<String, String>,
    /// What it was trained from: kind, name, hash.
    pub inputs: Vec<(InputKind, String, Hash)>,
    /// Files kept with it.
    pub artifacts: Vec<ArtifactRow>,
}

impl Ledger {
    /// Records that a run began.
    pub fn begin_run(&mut self, new: &NewRun) -> Result<()> {
        self.write("write", |tx| {
            // Clocks go back; the number keeps the order.
            let sql = "INSERT INTO run (id, name, source, recipe, experiment, parent, user, status, started, seed, git_commit,
                           number)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', ?8, ?9, ?10,
                           (SELECT COALESCE(MAX(number), 0) + 1 FROM run))";
            let row = (
                new.id.as_str(),
                &new.name,
                new.source.name(),
                new.source.recipe().map(Name::as_str),
                &new.experiment,
                new.parent.as_ref().map(RunId::as_str),
                &new.user,
                now_micros(),
                new.seed.map(|seed| seed as i64),
                &new.commit,
            );
            tx.execute(sql, row).map(|_| ())
        })
    }

    /// Records how a run ended, with all that came out, in one transaction.
    pub fn finish_run(&mut self, id: &RunId, result: &RunResult) -> Result<()> {
        self.write("write", |tx| end(tx, id, result))
    }

    /// Deletes a run, which keeps all it has, or restores it.
    pub fn set_run_lifecycle(&mut self, id: &RunId, lifecycle: Lifecycle) -> Result<()> {
        let deleted = (lifecycle == Lifecycle::Deleted).then(now_micros);
        let sql = "UPDATE run SET deleted = ?2 WHERE id = ?1";
        match self.write("write", |tx| tx.execute(sql, (id.as_str(), deleted)))? {
            0 => Err(Error::not_found(format!("there is no run {id}")).hint("`mlops run list` shows the runs")),
            _ => Ok(()),
        }
    }
}

fn end(tx: &Transaction, id: &RunId, result: &RunResult) -> rusqlite::Result<()> {
    let (run, now) = (id.as_str(), now_micros());
    let status = match (&result.error, result.interrupted) {
        (None, _) => RunStatus::Finished,
        (Some(_), true) => RunStatus::Interrupted,
        (Some(_), false) => RunStatus::Failed,
    };
    let sql = "UPDATE run SET status = ?2, ended = ?3, set_hash = ?4, model_hash = ?5, error = ?6 WHERE id = ?1";
    let (set, model) = (result.set.map(|h| h.to_string()), result.model.map(|h| h.to_string()));
    tx.execute(sql, (run, status.name(), now, set, model, &result.error))?;
    for (key, value) in &result.params {
        tx.execute("INSERT OR REPLACE INTO run_param VALUES (?1, ?2, ?3)", (run, key, value))?;
    }
    for (key, value) in &result.metrics {
        log(tx, id, &MetricPoint { key: key.clone(), step: 0, at: now, value: *value })?;
    }
    for (key, value) in &result.tags {
        tx.execute("INSERT OR REPLACE INTO run_tag VALUES (?1, ?2, ?3)", (run, key, value))?;
    }
    for a in &result.artifacts {
        let sql = "INSERT OR REPLACE INTO run_artifact VALUES (?1, ?2, ?3, ?4)";
        tx.execute(sql, (run, &a.name, a.hash.to_string(), a.bytes as i64))?;
    }
    for (kind, name, hash) in &result.inputs {
        let context = (*kind == InputKind::Dataset).then_some("training");
        let sql = "INSERT OR REPLACE INTO input (consumer, kind, name, hash, context) VALUES (?1, ?2, ?3, ?4, ?5)";
        tx.execute(sql, (format!("run:{run}"), kind.name(), name, hash.to_string(), context))?;
    }
    Ok(())
}
