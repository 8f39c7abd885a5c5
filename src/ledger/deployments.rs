//! What served, where, from when to when.

use super::datasets::{as_time, parsed};
use super::{Ledger, RowId};
use crate::error::Result;
use crate::project::{Name, now_micros, time_text};
use crate::store::Hash;
use rusqlite::Row;
use serde::Serialize;

/// A server that begins.
#[derive(Debug, Clone)]
pub struct NewDeployment {
    /// The deployment's name.
    pub name: Name,
    /// The model reference that is served.
    pub model: String,
    /// The registered version, if it is one.
    pub version: Option<u32>,
    /// The bundle's hash.
    pub model_hash: Hash,
    /// Where it listens.
    pub address: String,
    /// The server's process.
    pub process: u32,
}

/// One time a server ran.
#[derive(Debug, Clone, Serialize)]
pub struct DeploymentRow {
    /// Its identity.
    pub id: RowId,
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

const COLUMNS: &str = "id, name, model, version, model_hash, address, process, started, stopped";

fn read(row: &Row) -> rusqlite::Result<DeploymentRow> {
    Ok(DeploymentRow {
        id: parsed(row, 0, RowId::parse)?,
        name: parsed(row, 1, Name::parse)?,
        model: row.get(2)?,
        version: row.get(3)?,
        model_hash: parsed(row, 4, Hash::parse)?,
        address: row.get(5)?,
        process: row.get(6)?,
        started: row.get(7)?,
        stopped: row.get::<_, Option<i64>>(8)?.map(time_text),
    })
}

impl Ledger {
    /// Records that a server began. The caller made the identity, to hold its lock before anybody reads of it.
    pub fn begin_deployment(&mut self, id: &RowId, new: &NewDeployment) -> Result<()> {
        self.write("write", |tx| {
            let sql = "INSERT INTO deployment (id, name, model, version, model_hash, address, process, started)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let hash = new.model_hash.to_string();
            let (id, name) = (id.as_str(), new.name.as_str());
            tx.execute(sql, (id, name, &new.model, new.version, hash, &new.address, new.process, now_micros()))
        })?;
        Ok(())
    }

    /// Records that a server ended.
    pub fn end_deployment(&mut self, id: &RowId) -> Result<()> {
        self.write("write", |tx| {
            tx.execute("UPDATE deployment SET stopped = ?2 WHERE id = ?1", (id.as_str(), now_micros())).map(|_| ())
        })
    }

    /// The newest `limit` times a server ran, newest first.
    pub fn deployments(&self, limit: usize) -> Result<Vec<DeploymentRow>> {
        let sql = format!("SELECT {COLUMNS} FROM deployment ORDER BY number DESC LIMIT ?1");
        self.rows(&sql, [i64::try_from(limit).unwrap_or(i64::MAX)], read)
    }

    /// The bundles that each deployment served, once each.
    pub fn deployed_models(&self) -> Result<Vec<(Name, Hash)>> {
        self.rows("SELECT DISTINCT name, model_hash FROM deployment ORDER BY name, model_hash", [], |row| {
            Ok((parsed(row, 0, Name::parse)?, parsed(row, 1, Hash::parse)?))
        })
    }

    /// The last time a deployment of this name ran.
    pub fn last_deployment(&self, name: &Name) -> Result<Option<DeploymentRow>> {
        let sql = format!("SELECT {COLUMNS} FROM deployment WHERE name = ?1 ORDER BY number DESC LIMIT 1");
        Ok(self.rows(&sql, [name.as_str()], read)?.pop())
    }
}
