//! What runs and training sets were made from, and the files that runs keep.

use crate::error::{Error, Result};
use crate::ledger::datasets::parsed;
use crate::ledger::{Ledger, RunId};
use crate::store::Hash;
use rusqlite::Row;
use serde::Serialize;

/// A file kept with a run.
#[derive(Debug, Clone, Serialize)]
pub struct ArtifactRow {
    /// Its name.
    pub name: String,
    /// The hash of its content.
    pub hash: Hash,
    /// In bytes.
    pub bytes: u64,
}

/// What kind of thing a run or a training set was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// A version of a dataset.
    Dataset,
    /// A training set.
    Set,
    /// A recipe of `mlops.toml`.
    Recipe,
}

impl InputKind {
    /// The word in the ledger and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            InputKind::Dataset => "dataset",
            InputKind::Set => "set",
            InputKind::Recipe => "recipe",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let all = [InputKind::Dataset, InputKind::Set, InputKind::Recipe];
        let known = all.into_iter().find(|kind| kind.name() == text);
        known.ok_or_else(|| Error::corrupt(format!("{text:?} is not a kind of input")))
    }
}

/// Something a run or a training set was made from.
#[derive(Debug, Clone, Serialize)]
pub struct InputRow {
    /// `run:ID` or `set:HASH`.
    #[serde(skip)]
    pub consumer: String,
    /// What kind of thing it is.
    pub kind: InputKind,
    /// Its name in `mlops.toml`.
    pub name: String,
    /// The hash of the version, set or recipe.
    pub hash: Hash,
}

fn read_input(row: &Row) -> rusqlite::Result<InputRow> {
    let (consumer, kind, name) = (row.get(0)?, parsed(row, 1, InputKind::parse)?, row.get(2)?);
    Ok(InputRow { consumer, kind, name, hash: parsed(row, 3, Hash::parse)? })
}

fn read_artifact(row: &Row) -> rusqlite::Result<ArtifactRow> {
    Ok(ArtifactRow { name: row.get(0)?, hash: parsed(row, 1, Hash::parse)?, bytes: row.get::<_, i64>(2)? as u64 })
}

impl Ledger {
    /// Files kept with a run.
    pub fn run_artifacts(&self, run: &RunId) -> Result<Vec<ArtifactRow>> {
        let sql = "SELECT name, hash, bytes FROM run_artifact WHERE run = ?1 ORDER BY name";
        self.rows(sql, [run.as_str()], read_artifact)
    }

    /// Every file that a run keeps.
    pub fn all_artifacts(&self) -> Result<Vec<(RunId, ArtifactRow)>> {
        self.rows("SELECT name, hash, bytes, run FROM run_artifact ORDER BY run, name", [], |row| {
            Ok((parsed(row, 3, RunId::parse)?, read_artifact(row)?))
        })
    }

    /// What a run was trained from.
    pub fn run_inputs(&self, run: &RunId) -> Result<Vec<InputRow>> {
        let sql = "SELECT consumer, kind, name, hash FROM input WHERE consumer = ?1 ORDER BY kind, name";
        self.rows(sql, [format!("run:{run}")], read_input)
    }

    /// What every run was trained from and every training set was joined from.
    pub fn inputs(&self) -> Result<Vec<InputRow>> {
        self.rows("SELECT consumer, kind, name, hash FROM input ORDER BY consumer, kind, name", [], read_input)
    }
}
