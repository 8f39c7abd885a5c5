//! Runs: what was trained from what, with which parameters, and what came out.

use super::datasets::{as_time, parsed};
use super::{Ledger, RunId};
use crate::error::{Error, Result};
use crate::project::{Name, now_micros};
use crate::store::Hash;
use rusqlite::Row;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Begun and not ended.
    Running,
    /// Ended well.
    Finished,
    /// Ended with an error.
    Failed,
    /// Begun and never ended: its process was killed. The ledger has it as running; `model::settle` tells them apart.
    Died,
}

impl RunStatus {
    /// The word in the ledger and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            RunStatus::Running => "running",
            RunStatus::Finished => "finished",
            RunStatus::Failed => "failed",
            RunStatus::Died => "died",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        match text {
            "running" => Ok(RunStatus::Running),
            "finished" => Ok(RunStatus::Finished),
            "failed" => Ok(RunStatus::Failed),
            other => Err(Error::corrupt(format!("{other:?} is not the status of a run"))),
        }
    }
}

/// A run with its parameters, last metrics and tags.
#[derive(Debug, Clone, Serialize)]
pub struct RunRow {
    /// Its identity.
    #[serde(rename = "run")]
    pub id: RunId,
    /// The recipe's name.
    pub recipe: String,
    /// How it stands.
    pub status: RunStatus,
    /// When it began.
    #[serde(serialize_with = "as_time")]
    pub started: i64,
    /// Wall time in seconds, once ended.
    pub seconds: Option<f64>,
    /// The seed.
    pub seed: u64,
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
    /// Metrics at their last step; a NaN is null.
    pub metrics: BTreeMap<String, f64>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// What came out of a run, for the ledger.
#[derive(Debug, Default)]
pub struct RunResult {
    /// The training set's hash.
    pub set: Option<Hash>,
    /// The model bundle's hash.
    pub model: Option<Hash>,
    /// Why it failed; it finished if there is none.
    pub error: Option<String>,
    /// Parameters.
    pub params: BTreeMap<String, String>,
    /// Metrics.
    pub metrics: BTreeMap<String, f64>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// What it was made of: kind (`set`, `recipe`, `dataset`), name, hash.
    pub inputs: Vec<(&'static str, String, Hash)>,
    /// Files kept with it.
    pub artifacts: Vec<ArtifactRow>,
}

/// A file kept with a run.
#[derive(Debug, Clone, Serialize)]
pub struct ArtifactRow {
    /// Its name.
    pub name: String,
    /// Its content.
    pub hash: Hash,
    /// Its length.
    pub bytes: u64,
}

/// Something a run or a set was made of.
#[derive(Debug, Clone, Serialize)]
pub struct InputRow {
    /// `run:ID` or `set:HASH`.
    #[serde(skip)]
    pub consumer: String,
    /// `dataset`, `set` or `recipe`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The hash.
    pub hash: Hash,
}

const COLUMNS: &str = "id, recipe, status, started, ended, seed, set_hash, model_hash, git_commit, error";

fn read(row: &Row) -> rusqlite::Result<RunRow> {
    let started: i64 = row.get(3)?;
    let hash = |at: usize| -> rusqlite::Result<Option<Hash>> {
        if row.get::<_, Option<String>>(at)?.is_none() { Ok(None) } else { parsed(row, at, Hash::parse).map(Some) }
    };
    Ok(RunRow {
        id: parsed(row, 0, RunId::parse)?,
        recipe: row.get(1)?,
        status: parsed(row, 2, RunStatus::parse)?,
        started,
        seconds: row.get::<_, Option<i64>>(4)?.map(|ended| (ended - started) as f64 / 1e6),
        seed: row.get::<_, i64>(5)? as u64,
        set: hash(6)?,
        model: hash(7)?,
        commit: row.get(8)?,
        error: row.get(9)?,
        params: BTreeMap::new(),
        metrics: BTreeMap::new(),
        tags: BTreeMap::new(),
    })
}

impl Ledger {
    /// Records that a run began.
    pub fn begin_run(&mut self, id: &RunId, recipe: &Name, seed: u64, commit: Option<&str>) -> Result<()> {
        self.write("write", |tx| {
            // Clocks go back; the number keeps the order.
            let sql = "INSERT INTO run (id, recipe, status, started, seed, git_commit, number)
                       VALUES (?1, ?2, 'running', ?3, ?4, ?5, (SELECT COALESCE(MAX(number), 0) + 1 FROM run))";
            tx.execute(sql, (id.as_str(), recipe.as_str(), now_micros(), seed as i64, commit)).map(|_| ())
        })
    }

    /// Records how a run ended, with all that came out, in one transaction.
    pub fn finish_run(&mut self, id: &RunId, result: &RunResult) -> Result<()> {
        let status = if result.error.is_none() { RunStatus::Finished } else { RunStatus::Failed };
        let id = id.as_str();
        self.write("write", |tx| {
            let sql =
                "UPDATE run SET status = ?2, ended = ?3, set_hash = ?4, model_hash = ?5, error = ?6 WHERE id = ?1";
            let (set, model) = (result.set.map(|h| h.to_string()), result.model.map(|h| h.to_string()));
            tx.execute(sql, (id, status.name(), now_micros(), set, model, &result.error))?;
            for (key, value) in &result.params {
                tx.execute("INSERT OR REPLACE INTO run_param VALUES (?1, ?2, ?3)", (id, key, value))?;
            }
            for (key, value) in &result.metrics {
                let sql = "INSERT OR REPLACE INTO run_metric (run, key, step, at, value) VALUES (?1, ?2, 0, ?3, ?4)";
                tx.execute(sql, (id, key, now_micros(), value))?;
            }
            for (key, value) in &result.tags {
                tx.execute("INSERT OR REPLACE INTO run_tag VALUES (?1, ?2, ?3)", (id, key, value))?;
            }
            for a in &result.artifacts {
                let sql = "INSERT OR REPLACE INTO run_artifact VALUES (?1, ?2, ?3, ?4)";
                tx.execute(sql, (id, &a.name, a.hash.to_string(), a.bytes as i64))?;
            }
            for (kind, name, hash) in &result.inputs {
                let sql = "INSERT OR REPLACE INTO input (consumer, kind, name, hash) VALUES (?1, ?2, ?3, ?4)";
                tx.execute(sql, (format!("run:{id}"), kind, name, hash.to_string()))?;
            }
            Ok(())
        })
    }

    /// Every run, newest first.
    pub fn all_runs(&self) -> Result<Vec<RunRow>> {
        self.select_runs("ORDER BY number DESC", [])
    }

    /// The newest `limit` runs, newest first.
    pub fn runs(&self, limit: usize) -> Result<Vec<RunRow>> {
        self.select_runs("ORDER BY number DESC LIMIT ?1", [limit as i64])
    }

    /// Runs whose id begins with `prefix`, newest first.
    pub fn runs_by_prefix(&self, prefix: &str) -> Result<Vec<RunRow>> {
        self.select_runs("WHERE id GLOB ?1 || '*' ORDER BY number DESC", [prefix])
    }

    /// The recipes that have runs, sorted.
    pub fn recipes_run(&self) -> Result<Vec<String>> {
        self.rows("SELECT DISTINCT recipe FROM run ORDER BY recipe", [], |row| row.get(0))
    }

    /// Finished runs of a recipe, newest first.
    pub fn runs_of_recipe(&self, recipe: &Name) -> Result<Vec<RunRow>> {
        self.select_runs("WHERE recipe = ?1 AND status = 'finished' ORDER BY number DESC", [recipe.as_str()])
    }

    /// Runs with their parameters, metrics and tags.
    fn select_runs(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<RunRow>> {
        let mut runs = self.rows(&format!("SELECT {COLUMNS} FROM run {which}"), params, read)?;
        for run in &mut runs {
            let id = run.id.as_str();
            let text = |row: &Row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
            run.params =
                self.rows("SELECT key, value FROM run_param WHERE run = ?1", [id], text)?.into_iter().collect();
            run.tags = self.rows("SELECT key, value FROM run_tag WHERE run = ?1", [id], text)?.into_iter().collect();
            let sql = "SELECT key, value FROM run_metric WHERE run = ?1 ORDER BY key, step";
            let number = |row: &Row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<f64>>(1)?.unwrap_or(f64::NAN)));
            run.metrics = self.rows(sql, [id], number)?.into_iter().collect();
        }
        Ok(runs)
    }

    /// Files kept with a run.
    pub fn run_artifacts(&self, run: &RunId) -> Result<Vec<ArtifactRow>> {
        let sql = "SELECT name, hash, bytes FROM run_artifact WHERE run = ?1 ORDER BY name";
        self.rows(sql, [run.as_str()], |row| {
            let bytes = row.get::<_, i64>(2)? as u64;
            Ok(ArtifactRow { name: row.get(0)?, hash: parsed(row, 1, Hash::parse)?, bytes })
        })
    }

    /// What every run and set was made of.
    pub fn inputs(&self) -> Result<Vec<InputRow>> {
        self.rows("SELECT consumer, kind, name, hash FROM input ORDER BY consumer, kind, name", [], |row| {
            let (consumer, kind, name) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(InputRow { consumer, kind, name, hash: parsed(row, 3, Hash::parse)? })
        })
    }

    /// Every blob that a run keeps, for checks.
    pub fn all_artifacts(&self) -> Result<Vec<(RunId, ArtifactRow)>> {
        self.rows("SELECT name, hash, bytes, run FROM run_artifact ORDER BY run, name", [], |row| {
            let bytes = row.get::<_, i64>(2)? as u64;
            let artifact = ArtifactRow { name: row.get(0)?, hash: parsed(row, 1, Hash::parse)?, bytes };
            Ok((parsed(row, 3, RunId::parse)?, artifact))
        })
    }
}
