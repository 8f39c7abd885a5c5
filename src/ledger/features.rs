//! Applied definitions of views, materializations and training sets.

use super::Ledger;
use super::datasets::{as_time, parsed};
use crate::error::Result;
use crate::project::{Name, now_micros};
use crate::store::Hash;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

/// An applied definition of a view.
#[derive(Debug, Clone)]
pub struct ViewRow {
    /// The view.
    pub name: Name,
    /// The hash of its definition.
    pub hash: Hash,
    /// The definition as JSON.
    pub definition: String,
}

/// One filling of the online store.
#[derive(Debug, Clone, Serialize)]
pub struct MaterializationRow {
    /// The view.
    pub view: Name,
    /// The hash of its definition.
    pub hash: Hash,
    /// When it was done, microseconds UTC.
    #[serde(serialize_with = "as_time")]
    pub at: i64,
    /// Rows known up to this instant are in the store, microseconds UTC.
    #[serde(serialize_with = "as_time")]
    pub up_to: i64,
    /// Rows written.
    pub rows: u64,
    /// Entities written.
    pub keys: u64,
}

/// A joined training set.
#[derive(Debug, Clone)]
pub struct TrainingSetRow {
    /// Hash of definition, data versions and format: equal inputs, equal hash.
    pub hash: Hash,
    /// Its name in `mlops.toml`.
    pub name: Name,
    /// The Parquet blob.
    pub blob: Hash,
    /// How many rows it has.
    pub rows: u64,
    /// When it was joined, microseconds UTC.
    pub created: i64,
    /// JSON that `features` writes and reads: the feature plan, the versions joined and the counts of each join.
    pub report: String,
}

fn read_set(row: &Row) -> rusqlite::Result<TrainingSetRow> {
    Ok(TrainingSetRow {
        hash: parsed(row, 0, Hash::parse)?,
        name: parsed(row, 1, Name::parse)?,
        blob: parsed(row, 2, Hash::parse)?,
        rows: row.get::<_, i64>(3)? as u64,
        created: row.get(4)?,
        report: row.get(5)?,
    })
}

impl Ledger {
    /// Records a view's definition; the same one again changes nothing.
    pub fn apply_view(&mut self, name: &Name, hash: &Hash, definition: &str) -> Result<()> {
        self.write("write", |tx| {
            let sql = "INSERT INTO feature_view (name, hash, definition, applied) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (name, hash) DO UPDATE SET applied = excluded.applied";
            tx.execute(sql, (name.as_str(), hash.to_string(), definition, now_micros())).map(|_| ())
        })
    }

    /// Forgets a view that is no longer defined.
    pub fn remove_view(&mut self, name: &Name) -> Result<()> {
        self.write("write", |tx| tx.execute("DELETE FROM feature_view WHERE name = ?1", [name.as_str()]).map(|_| ()))
    }

    /// The definitions last applied, one a view.
    pub fn applied_views(&self) -> Result<Vec<ViewRow>> {
        // SQLite takes the other columns from the row that has the maximum.
        let sql = "SELECT name, hash, definition, MAX(applied) FROM feature_view GROUP BY name ORDER BY name";
        self.rows(sql, [], |row| {
            Ok(ViewRow {
                name: parsed(row, 0, Name::parse)?,
                hash: parsed(row, 1, Hash::parse)?,
                definition: row.get(2)?,
            })
        })
    }

    /// Records a filling of the online store.
    pub fn record_materialization(&mut self, view: &Name, hash: &Hash, up_to: i64, rows: u64, keys: u64) -> Result<()> {
        self.write("write", |tx| {
            let sql = "INSERT INTO materialization (view, hash, at, up_to, rows, keys) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            tx.execute(sql, (view.as_str(), hash.to_string(), now_micros(), up_to, rows as i64, keys as i64))
                .map(|_| ())
        })
    }

    /// The last filling of each view.
    pub fn materializations(&self) -> Result<Vec<MaterializationRow>> {
        let sql = "SELECT view, hash, at, up_to, rows, keys FROM materialization
                   WHERE number IN (SELECT MAX(number) FROM materialization GROUP BY view) ORDER BY view";
        self.rows(sql, [], |row| {
            Ok(MaterializationRow {
                view: parsed(row, 0, Name::parse)?,
                hash: parsed(row, 1, Hash::parse)?,
                at: row.get(2)?,
                up_to: row.get(3)?,
                rows: row.get::<_, i64>(4)? as u64,
                keys: row.get::<_, i64>(5)? as u64,
            })
        })
    }

    /// Records a joined training set with the dataset versions it was joined from.
    pub fn record_training_set(&mut self, set: &TrainingSetRow, inputs: &[(Name, Hash)]) -> Result<()> {
        let consumer = format!("set:{}", set.hash);
        self.write("write", |tx| {
            let sql = "INSERT OR REPLACE INTO training_set (hash, name, blob, rows, created, report)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let hash = set.hash.to_string();
            tx.execute(
                sql,
                (hash, set.name.as_str(), set.blob.to_string(), set.rows as i64, set.created, &set.report),
            )?;
            for (name, hash) in inputs {
                let sql = "INSERT OR REPLACE INTO input (consumer, kind, name, hash) VALUES (?1, 'dataset', ?2, ?3)";
                tx.execute(sql, (&consumer, name.as_str(), hash.to_string()))?;
            }
            Ok(())
        })
    }

    /// Forgets a joined set, so that it is joined again.
    pub fn forget_training_set(&mut self, hash: &Hash) -> Result<()> {
        self.write("write", |tx| {
            tx.execute("DELETE FROM training_set WHERE hash = ?1", [hash.to_string()])?;
            tx.execute("DELETE FROM input WHERE consumer = ?1", [format!("set:{hash}")]).map(drop)
        })
    }

    /// The joined set with this hash.
    pub fn training_set(&self, hash: &Hash) -> Result<Option<TrainingSetRow>> {
        let sql = "SELECT hash, name, blob, rows, created, report FROM training_set WHERE hash = ?1";
        let found = self.connection.query_row(sql, [hash.to_string()], read_set).optional();
        found.map_err(|e| self.error("read", e))
    }

    /// Every joined set, oldest first.
    pub fn training_sets(&self) -> Result<Vec<TrainingSetRow>> {
        self.rows("SELECT hash, name, blob, rows, created, report FROM training_set ORDER BY created", [], read_set)
    }
}
