//! Opening, migrating and writing to the ledger. WAL, so that readers never wait for a writer; a writer waits for
//! another one and commits with a sync.

use super::migrations::{FINGERPRINT, MIGRATIONS};
use crate::database::{self, Access, OpenFailure, Schema, is_full};
use crate::error::{Error, ErrorKind, Result};
use crate::project::Project;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};

/// One connection to `ledger.db`.
#[derive(Debug)]
pub struct Ledger {
    pub(super) connection: Connection,
    path: PathBuf,
    /// The error of opening it for writing, when it is opened to be read only.
    unwritable: Option<rusqlite::Error>,
    /// How many queries were run, so that a test can hold them bounded.
    #[cfg(test)]
    pub(super) queries: std::cell::Cell<usize>,
}

impl Project {
    /// A new connection to the project's ledger. It stands here and not with the rest of `Project`, so that `ledger` uses
    /// `project` and never the other way round.
    pub fn ledger(&self) -> Result<Ledger> {
        Ledger::open(&self.dir("ledger.db"))
    }
}

impl Ledger {
    /// Opens the ledger, creating or migrating it as needed. A ledger of a newer version is refused; one that can't be
    /// written is opened to be read.
    pub fn open(path: &Path) -> Result<Self> {
        let opened = match connect(path) {
            Err(OpenFailure::Sqlite(e)) if is_unwritable(&e) => match connect_to_read(path) {
                Ok(Some(connection)) => Ok((connection, Some(e))),
                Ok(None) => Err(OpenFailure::Sqlite(e)),
                Err(refused) => Err(refused),
            },
            other => other.map(|connection| (connection, None)),
        };
        let (connection, unwritable) = opened.map_err(|e| match e {
            OpenFailure::Sqlite(e) => failed("open", path, e),
            OpenFailure::Refused(error) => error,
        })?;
        let mut ledger = Ledger {
            connection,
            path: path.to_owned(),
            unwritable,
            #[cfg(test)]
            queries: Default::default(),
        };
        ledger.migrate()?;
        // Only after the migrations: one that rebuilds a table drops it while other tables still refer to it.
        ledger.connection.pragma_update(None, "foreign_keys", true).map_err(|e| ledger.error("open", e))?;
        Ok(ledger)
    }

    /// Writes a copy to a new file.
    pub fn copy_to(&self, path: &Path) -> Result<()> {
        let text = path.to_str().ok_or_else(|| Error::invalid(format!("{} is not UTF-8", path.display())))?;
        self.connection.execute("VACUUM INTO ?1", [text]).map(drop).map_err(|e| self.error("copy", e))
    }

    fn version(connection: &Connection) -> rusqlite::Result<usize> {
        connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).map(|v| v.max(0) as usize)
    }

    fn migrate(&mut self) -> Result<()> {
        let known = MIGRATIONS.len();
        let version = Ledger::version(&self.connection).map_err(|e| self.error("read", e))?;
        if version == known {
            return Ok(());
        }
        self.write("migrate", |tx| {
            // Another process may have migrated while this one waited for its turn.
            let version = Ledger::version(tx)?;
            for migration in MIGRATIONS.iter().skip(version) {
                tx.execute_batch(migration)?;
            }
            database::sign(tx)?;
            tx.pragma_update(None, "user_version", known as i64)
        })?;
        tracing::info!(from = version, to = known, "ledger migrated");
        Ok(())
    }

    /// Runs `work` in one write transaction; an error rolls all of it back.
    pub(super) fn write<T>(
        &mut self,
        doing: &str,
        work: impl FnOnce(&Transaction) -> rusqlite::Result<T>,
    ) -> Result<T> {
        if let Some(e) = self.unwritable.take() {
            return Err(failed(doing, &self.path, e));
        }
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
        #[cfg(test)]
        self.queries.set(self.queries.get() + 1);
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| self.error("read", e))?;
        let rows = statement.query_map(params, read).map_err(|e| self.error("read", e))?;
        rows.collect::<rusqlite::Result<Vec<T>>>().map_err(|e| self.error("read", e))
    }

    /// A number that changes when anybody else writes to the ledger; cheap to ask for.
    pub fn data_version(&self) -> Result<i64> {
        self.connection.query_row("PRAGMA data_version", [], |row| row.get(0)).map_err(|e| self.error("read", e))
    }

    /// SQLite's own check of the file, and of the references between rows.
    pub fn check(&self) -> Result<Vec<String>> {
        let mut found = self.rows("PRAGMA integrity_check(20)", [], |row| row.get::<_, String>(0))?;
        found.retain(|line| line != "ok");
        let orphans = self.rows("PRAGMA foreign_key_check", [], |row| row.get::<_, String>(0))?;
        found.extend(
            orphans.into_iter().map(|table| format!("a row of table {table} refers to a row that is not there")),
        );
        Ok(found)
    }

    pub(super) fn error(&self, doing: &str, error: rusqlite::Error) -> Error {
        failed(doing, &self.path, error)
    }
}

/// The tables of a version of the ledger.
pub(super) fn make(connection: &Connection, version: usize) -> rusqlite::Result<()> {
    MIGRATIONS.iter().take(version).try_for_each(|migration| connection.execute_batch(migration))
}

fn open(path: &Path, access: Access) -> std::result::Result<Connection, OpenFailure> {
    let name = path.display().to_string();
    database::open(path, access, &Schema { name: &name, newest: MIGRATIONS.len(), make, fingerprint: FINGERPRINT })
}

fn connect(path: &Path) -> std::result::Result<Connection, OpenFailure> {
    let connection = open(path, Access::Write)?;
    // SQLite here is built with foreign keys on.
    database::write_ahead(&connection)?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;")?;
    Ok(connection)
}

/// Even readers write beside a database with a WAL. Without the right to, it is read as a file that nobody changes: that
/// is sound if nothing waits in the WAL.
fn connect_to_read(path: &Path) -> std::result::Result<Option<Connection>, OpenFailure> {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    if std::fs::metadata(wal).is_ok_and(|wal| wal.len() > 0) {
        return Ok(None);
    }
    match open(path, Access::Immutable) {
        Err(OpenFailure::Sqlite(_)) => Ok(None),
        other => other.map(Some),
    }
}

fn is_unwritable(error: &rusqlite::Error) -> bool {
    is_full(error) || matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}

fn failed(doing: &str, path: &Path, error: rusqlite::Error) -> Error {
    if is_full(&error) {
        let message = format!("cannot {doing} the ledger {}: the disk is full", path.display());
        return Error::new(ErrorKind::Io, message).hint("free some space; nothing was changed").caused_by(error);
    }
    let message = format!("cannot {doing} the ledger {}: {error}", path.display());
    let ours = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::new(ErrorKind::Locked, message).hint("another mlops command is writing; run this one again")
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::corrupt(message)
            .hint("restore .mlops/ledger.db from a backup; `mlops fsck` says what else is damaged"),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
            Error::new(ErrorKind::Io, message).hint("check the permissions of .mlops and the space left on the disk")
        }
        _ => Error::new(ErrorKind::Io, message)
            .hint("`mlops fsck` says whether the ledger is damaged; if it is, restore .mlops/ledger.db from a backup"),
    };
    ours.caused_by(error)
}
