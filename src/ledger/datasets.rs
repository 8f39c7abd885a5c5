//! Recorded versions of datasets.

use super::Ledger;
use crate::error::Result;
use crate::project::{Name, now_micros};
use crate::store::Hash;
use rusqlite::{OptionalExtension, Row, Transaction};
use serde::{Deserialize, Serialize};

/// A column of a table, as recorded with a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaColumn {
    /// Its name.
    pub name: String,
    /// `integer`, `float`, `text`, `boolean`, `time`, `date` or the format's own word.
    #[serde(rename = "type")]
    pub kind: String,
}

/// One version of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatasetVersion {
    /// The dataset.
    pub name: Name,
    /// Its number, from 1.
    pub version: u32,
    /// The hash of its manifest.
    pub hash: Hash,
    /// When it was recorded, microseconds UTC.
    #[serde(serialize_with = "as_time")]
    pub created: i64,
    /// Number of files.
    pub files: u64,
    /// Bytes of all files together.
    pub bytes: u64,
    /// Rows, if it is a table.
    pub rows: Option<u64>,
    /// Columns, if it is a table.
    pub schema: Vec<SchemaColumn>,
    /// The person's message, as given by `data add --message`.
    pub message: String,
    /// The git commit that was checked out.
    pub commit: Option<String>,
}

/// Writes microseconds as RFC 3339.
pub(super) fn as_time<S: serde::Serializer>(micros: &i64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&crate::project::time_text(*micros))
}

/// Reads a text column with `parse`; a text it refuses is an error of the ledger.
pub(super) fn parsed<T>(row: &Row, at: usize, parse: impl Fn(&str) -> Result<T>) -> rusqlite::Result<T> {
    let text = row.get_ref(at)?.as_str()?;
    parse(text).map_err(|e| rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(e)))
}

/// Reads a text column that may be null.
pub(super) fn optional<T>(row: &Row, at: usize, parse: impl Fn(&str) -> Result<T>) -> rusqlite::Result<Option<T>> {
    if row.get_ref(at)? == rusqlite::types::ValueRef::Null { Ok(None) } else { parsed(row, at, parse).map(Some) }
}

const COLUMNS: &str = "dataset, version, hash, created, files, bytes, rows, columns, message, git_commit";

fn read(row: &Row) -> rusqlite::Result<DatasetVersion> {
    Ok(DatasetVersion {
        name: parsed(row, 0, Name::parse)?,
        version: row.get(1)?,
        hash: parsed(row, 2, Hash::parse)?,
        created: row.get(3)?,
        files: row.get::<_, i64>(4)? as u64,
        bytes: row.get::<_, i64>(5)? as u64,
        rows: row.get::<_, Option<i64>>(6)?.map(|n| n as u64),
        schema: parsed(row, 7, |t| serde_json::from_str(t).map_err(|e| crate::error::Error::corrupt(e.to_string())))?,
        message: row.get(8)?,
        commit: row.get(9)?,
    })
}

impl Ledger {
    /// Records versions under their next numbers, or finds those whose content is recorded already: all in one
    /// transaction, in the order given.
    pub fn record_datasets(&mut self, new: &[DatasetVersion]) -> Result<Vec<DatasetVersion>> {
        self.write("write", |tx| new.iter().map(|version| record(tx, version)).collect())
    }

    /// Versions of `dataset`, newest first.
    pub fn dataset_versions(&self, dataset: &Name) -> Result<Vec<DatasetVersion>> {
        let sql = format!("SELECT {COLUMNS} FROM dataset_version WHERE dataset = ?1 ORDER BY version DESC");
        self.rows(&sql, [dataset.as_str()], read)
    }

    /// Versions of any dataset whose manifest hash begins with `prefix`.
    pub fn datasets_by_hash(&self, prefix: &str) -> Result<Vec<DatasetVersion>> {
        let sql = format!("SELECT {COLUMNS} FROM dataset_version WHERE hash GLOB ?1 || '*' ORDER BY dataset, version");
        self.rows(&sql, [prefix], read)
    }

    /// Every recorded version, for checks and lineage.
    pub fn all_dataset_versions(&self) -> Result<Vec<DatasetVersion>> {
        self.rows(&format!("SELECT {COLUMNS} FROM dataset_version ORDER BY dataset, version"), [], read)
    }
}

fn record(tx: &Transaction, new: &DatasetVersion) -> rusqlite::Result<DatasetVersion> {
    let find = format!("SELECT {COLUMNS} FROM dataset_version WHERE dataset = ?1 AND hash = ?2");
    let columns = serde_json::to_string(&new.schema).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    let rows = new.rows.map(|n| n as i64);
    if let Some(found) = tx.query_row(&find, (new.name.as_str(), new.hash.to_string()), read).optional()? {
        // The same bytes may be a table since `mlops.toml` names their format.
        let update = "UPDATE dataset_version SET rows = ?3, columns = ?4 WHERE dataset = ?1 AND version = ?2";
        tx.execute(update, (new.name.as_str(), found.version, rows, columns))?;
        return Ok(DatasetVersion { rows: new.rows, schema: new.schema.clone(), ..found });
    }
    let next = "SELECT COALESCE(MAX(version), 0) + 1 FROM dataset_version WHERE dataset = ?1";
    let version: u32 = tx.query_row(next, [new.name.as_str()], |row| row.get(0))?;
    let created = if new.created == 0 { now_micros() } else { new.created };
    tx.execute(
        &format!("INSERT INTO dataset_version ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
        (
            new.name.as_str(),
            version,
            new.hash.to_string(),
            created,
            new.files as i64,
            new.bytes as i64,
            rows,
            columns,
            &new.message,
            &new.commit,
        ),
    )?;
    Ok(DatasetVersion { version, created, ..new.clone() })
}
