//! Opening, migrating and writing to the ledger. WAL, so that readers never wait for a writer; a writer waits for
//! another one and commits with a sync.

use super::schema::MIGRATIONS;
use crate::error::{Error, Kind, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One connection to `ledger.db`.
#[derive(Debug)]
pub struct Ledger {
    pub(super) connection: Connection,
    path: PathBuf,
}

const PATIENCE: Duration = Duration::from_secs(30);

impl Ledger {
    /// Opens the ledger, making or migrating it as needed. A ledger of a newer version is refused.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path).map_err(|e| failed("open", path, e))?;
        let mut ledger = Ledger { connection, path: path.to_owned() };
        ledger.connection.busy_timeout(PATIENCE).map_err(|e| ledger.error("open", e))?;
        let setup = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
        ledger.connection.execute_batch(setup).map_err(|e| ledger.error("open", e))?;
        ledger.migrate()?;
        Ok(ledger)
    }

    fn version(connection: &Connection) -> rusqlite::Result<usize> {
        connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).map(|v| v.max(0) as usize)
    }

    fn migrate(&mut self) -> Result<()> {
        let known = MIGRATIONS.len();
        let version = Ledger::version(&self.connection).map_err(|e| self.error("read", e))?;
        if version > known {
            return Err(Error::new(
                Kind::Conflict,
                format!("{} is of version {version}; this mlops knows versions up to {known}", self.path.display()),
            )
            .hint("install the newer mlops that wrote it"));
        }
        if version == known {
            return Ok(());
        }
        self.write("migrate", |tx| {
            // Another process may have migrated while this one waited for its turn.
            let version = Ledger::version(tx)?;
            for migration in MIGRATIONS.iter().skip(version) {
                tx.execute_batch(migration)?;
            }
            tx.pragma_update(None, "user_version", known as i64)
        })
    }

    /// Runs `work` in one write transaction; an error rolls all of it back.
    pub(super) fn write<T>(
        &mut self,
        doing: &str,
        work: impl FnOnce(&Transaction) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let path = self.path.clone();
        let fail = |e| failed(doing, &path, e);
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let value = work(&tx).map_err(fail)?;
        tx.commit().map_err(fail)?;
        Ok(value)
    }

    /// Runs a query and collects its rows.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| self.error("read", e))?;
        let rows = statement.query_map(params, read).map_err(|e| self.error("read", e))?;
        rows.collect::<rusqlite::Result<Vec<T>>>().map_err(|e| self.error("read", e))
    }

    /// SQLite's own check of the file, and of the references between rows.
    pub fn check(&self) -> Result<Vec<String>> {
        let mut found = self.rows("PRAGMA integrity_check(20)", [], |row| row.get::<_, String>(0))?;
        found.retain(|line| line != "ok");
        let orphans = self.rows("PRAGMA foreign_key_check", [], |row| row.get::<_, String>(0))?;
        found.extend(orphans.into_iter().map(|table| format!("a row of {table} points at nothing")));
        Ok(found)
    }

    pub(super) fn error(&self, doing: &str, error: rusqlite::Error) -> Error {
        failed(doing, &self.path, error)
    }
}

fn failed(doing: &str, path: &Path, error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode;
    let message = format!("cannot {doing} the ledger {}: {error}", path.display());
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::new(Kind::Locked, message).hint("another mlops command is writing; run this one again")
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::corrupt(message)
            .hint("restore .mlops/ledger.db from a backup; `mlops fsck` says what else is damaged"),
        Some(ErrorCode::DiskFull) => Error::new(Kind::Io, message).hint("free some space; nothing was changed"),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
            Error::new(Kind::Io, message).hint("check the permissions of .mlops and the space left on the disk")
        }
        _ => Error::new(Kind::Io, message),
    }
}
