//! Registered model versions and the aliases that point at them.

use super::datasets::{as_time, optional, parsed};
use super::{Ledger, RunId};
use crate::error::Result;
use crate::project::{Name, now_micros};
use crate::store::Hash;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

/// A registered version of a model.
#[derive(Debug, Clone, Serialize)]
pub struct ModelVersionRow {
    /// The model.
    pub name: Name,
    /// Its number, from 1.
    pub version: u32,
    /// The bundle's hash.
    pub hash: Hash,
    /// The run that trained it; `None` if it was imported.
    pub run: Option<RunId>,
    /// When it was registered.
    #[serde(serialize_with = "as_time")]
    pub created: i64,
    /// Aliases that point at it.
    pub aliases: Vec<Name>,
}

/// An alias and where it points.
#[derive(Debug, Clone)]
pub struct AliasRow {
    /// The model.
    pub name: Name,
    /// The alias.
    pub alias: Name,
    /// The version.
    pub version: u32,
}

const COLUMNS: &str = "name, version, hash, run, created";

fn read(row: &Row) -> rusqlite::Result<ModelVersionRow> {
    Ok(ModelVersionRow {
        name: parsed(row, 0, Name::parse)?,
        version: row.get(1)?,
        hash: parsed(row, 2, Hash::parse)?,
        run: optional(row, 3, RunId::parse)?,
        created: row.get(4)?,
        aliases: Vec::new(),
    })
}

impl Ledger {
    /// Registers a bundle under the next version of `name` and moves `aliases` to it, in one transaction; returns the
    /// version. A bundle that is registered under this name already keeps its version. `run` is the run that trained
    /// it, if there is one.
    pub fn register_model(&mut self, name: &Name, hash: &Hash, run: Option<&RunId>, aliases: &[Name]) -> Result<u32> {
        self.write("write", |tx| {
            let find = "SELECT MAX(version) FROM model_version WHERE name = ?1 AND hash = ?2";
            let found: Option<u32> = tx.query_row(find, (name.as_str(), hash.to_string()), |row| row.get(0))?;
            let version = match found {
                Some(version) => version,
                None => {
                    let next = "SELECT COALESCE(MAX(version), 0) + 1 FROM model_version WHERE name = ?1";
                    let version: u32 = tx.query_row(next, [name.as_str()], |row| row.get(0))?;
                    let sql =
                        "INSERT INTO model_version (name, version, hash, run, created) VALUES (?1, ?2, ?3, ?4, ?5)";
                    tx.execute(sql, (name.as_str(), version, hash.to_string(), run.map(RunId::as_str), now_micros()))?;
                    version
                }
            };
            for alias in aliases {
                move_alias(tx, name, alias, version)?;
            }
            Ok(version)
        })
    }

    /// Points `alias` at `version`; returns where it pointed before.
    pub fn set_alias(&mut self, name: &Name, alias: &Name, version: u32) -> Result<Option<u32>> {
        self.write("write", |tx| move_alias(tx, name, alias, version))
    }

    /// Removes an alias; whether there was one.
    pub fn remove_alias(&mut self, name: &Name, alias: &Name) -> Result<bool> {
        self.write("write", |tx| {
            let sql = "DELETE FROM model_alias WHERE name = ?1 AND alias = ?2";
            tx.execute(sql, (name.as_str(), alias.as_str())).map(|n| n > 0)
        })
    }

    /// Every registered version, by name and then newest first.
    pub fn model_versions(&self) -> Result<Vec<ModelVersionRow>> {
        self.select_versions("", "", [])
    }

    /// The registered versions of a model, newest first.
    pub fn versions_of_model(&self, name: &Name) -> Result<Vec<ModelVersionRow>> {
        self.select_versions("WHERE name = ?1", "WHERE a.name = ?1", [name.as_str()])
    }

    /// Registered versions of a bundle, by name and then newest first; without their aliases.
    pub fn versions_of_bundle(&self, hash: &Hash) -> Result<Vec<ModelVersionRow>> {
        let sql = format!("SELECT {COLUMNS} FROM model_version WHERE hash = ?1 ORDER BY name, version DESC");
        self.rows(&sql, [hash.to_string()], read)
    }

    /// The names of all registered models, sorted.
    pub fn model_names(&self) -> Result<Vec<String>> {
        self.rows("SELECT DISTINCT name FROM model_version ORDER BY name", [], |row| row.get(0))
    }

    /// The aliases of a model, sorted.
    pub fn aliases(&self, name: &Name) -> Result<Vec<AliasRow>> {
        self.select_aliases("WHERE a.name = ?1", [name.as_str()])
    }

    fn select_versions(
        &self,
        versions: &str,
        aliases: &str,
        params: impl rusqlite::Params + Copy,
    ) -> Result<Vec<ModelVersionRow>> {
        let sql = format!("SELECT {COLUMNS} FROM model_version {versions} ORDER BY name, version DESC");
        let mut found = self.rows(&sql, params, read)?;
        for alias in self.select_aliases(aliases, params)? {
            if let Some(version) = found.iter_mut().find(|v| v.name == alias.name && v.version == alias.version) {
                version.aliases.push(alias.alias);
            }
        }
        Ok(found)
    }

    fn select_aliases(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<AliasRow>> {
        let sql = format!(
            "SELECT a.name, a.alias, v.version FROM model_alias AS a JOIN model_version AS v ON v.id = a.version {which}
             ORDER BY a.name, a.alias"
        );
        self.rows(&sql, params, |row| {
            let (name, alias) = (parsed(row, 0, Name::parse)?, parsed(row, 1, Name::parse)?);
            Ok(AliasRow { name, alias, version: row.get(2)? })
        })
    }
}

fn move_alias(tx: &rusqlite::Transaction, name: &Name, alias: &Name, version: u32) -> rusqlite::Result<Option<u32>> {
    let find = "SELECT v.version FROM model_alias AS a JOIN model_version AS v ON v.id = a.version
                WHERE a.name = ?1 AND a.alias = ?2";
    let before: Option<u32> = tx.query_row(find, (name.as_str(), alias.as_str()), |row| row.get(0)).optional()?;
    let sql = "INSERT INTO model_alias (name, alias, version, moved)
               VALUES (?1, ?2, (SELECT id FROM model_version WHERE name = ?1 AND version = ?3), ?4)
               ON CONFLICT (name, alias) DO UPDATE SET version = excluded.version, moved = excluded.moved";
    tx.execute(sql, (name.as_str(), alias.as_str(), version, now_micros()))?;
    Ok(before)
}
