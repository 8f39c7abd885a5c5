//! What served, where, from when to when.

use super::Ledger;
use super::datasets::{as_time, parsed};
use crate::error::Result;
use crate::project::{Name, now_micros, time_text};
use crate::store::Hash;
use serde::Serialize;

/// One time a server ran.
#[derive(Debug, Clone, Serialize)]
pub struct DeploymentRow {
    /// Its number.
    pub id: i64,
    /// The deployment's name.
    pub name: Name,
    /// The model reference that was served.
    pub model: String,
    /// The registered version, if it was one.
    pub version: Option<u32>,
    /// The bundle's hash.
    pub model_hash: Hash,
    /// Where it listened.
    pub address: String,
    /// The server's process.
    pub process: u32,
    /// When it began.
    #[serde(serialize_with = "as_time")]
    pub started: i64,
    /// When it ended, RFC 3339; none while it runs, or after it was killed.
    pub stopped: Option<String>,
}

impl Ledger {
    /// Records that a server began; returns its number.
    pub fn begin_deployment(&mut self, new: &DeploymentRow) -> Result<i64> {
        self.write("write", |tx| {
            let sql = "INSERT INTO deployment (name, model, version, model_hash, address, process, started)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let hash = new.model_hash.to_string();
            let row = (new.name.as_str(), &new.model, new.version, hash, &new.address, new.process, now_micros());
            tx.execute(sql, row)?;
            Ok(tx.last_insert_rowid())
        })
    }

    /// Records that a server ended.
    pub fn end_deployment(&mut self, id: i64) -> Result<()> {
        self.write("write", |tx| {
            tx.execute("UPDATE deployment SET stopped = ?2 WHERE id = ?1", (id, now_micros())).map(|_| ())
        })
    }

    /// Every time a server ran, newest first.
    pub fn deployments(&self) -> Result<Vec<DeploymentRow>> {
        let sql = "SELECT id, name, model, version, model_hash, address, process, started, stopped
                   FROM deployment ORDER BY id DESC";
        self.rows(sql, [], |row| {
            Ok(DeploymentRow {
                id: row.get(0)?,
                name: parsed(row, 1, Name::parse)?,
                model: row.get(2)?,
                version: row.get(3)?,
                model_hash: parsed(row, 4, Hash::parse)?,
                address: row.get(5)?,
                process: row.get(6)?,
                started: row.get(7)?,
                stopped: row.get::<_, Option<i64>>(8)?.map(time_text),
            })
        })
    }
}
