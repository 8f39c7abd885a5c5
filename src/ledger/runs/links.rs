//! What runs and training sets were made of, and the files that runs keep.

use crate::error::Result;
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

fn read_input(row: &Row) -> rusqlite::Result<InputRow> {
    let (consumer, kind, name) = (row.get(0)?, row.get(1)?, row.get(2)?);
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

    /// What a run was made of.
    pub fn run_inputs(&self, run: &RunId) -> Result<Vec<InputRow>> {
        let sql = "SELECT consumer, kind, name, hash FROM input WHERE consumer = ?1 ORDER BY kind, name";
        self.rows(sql, [format!("run:{run}")], read_input)
    }

    /// What every run and set was made of.
    pub fn inputs(&self) -> Result<Vec<InputRow>> {
        self.rows("SELECT consumer, kind, name, hash FROM input ORDER BY consumer, kind, name", [], read_input)
    }
}
