//! The tables of the online store, in SQLite with a WAL.

use crate::database::{self, Access, OpenFailure, Schema, is_full};
use crate::error::{Error, ErrorKind, Result};
use crate::project::Project;
use rusqlite::{Connection, TransactionBehavior};

const TABLES: &str = "CREATE TABLE view (
    name TEXT PRIMARY KEY, hash TEXT NOT NULL, columns TEXT NOT NULL, up_to INTEGER NOT NULL, kept_from INTEGER NOT NULL,
    filled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE entity (
    view TEXT NOT NULL, key BLOB NOT NULL, rows BLOB NOT NULL, PRIMARY KEY (view, key)
) STRICT, WITHOUT ROWID;";
const VERSION: usize = 1;
/// Of these tables.
const FINGERPRINT: &str = "4f064334e10e0e37";

pub(super) fn failed(e: rusqlite::Error) -> Error {
    let full = is_full(&e);
    let error = Error::new(ErrorKind::Io, format!("online store: {e}")).caused_by(e);
    error.hint(match full {
        true => "free some space on the disk",
        false => "remove .mlops/features/online.db; `mlops feature materialize` fills it anew",
    })
}

fn make(connection: &Connection, version: usize) -> rusqlite::Result<()> {
    if version == VERSION { connection.execute_batch(TABLES) } else { Ok(()) }
}

pub(super) fn open(project: &Project) -> Result<Connection> {
    let path = project.dir("features").join("online.db");
    let name = path.display().to_string();
    let opened =
        database::open(&path, Access::Write, &Schema { name: &name, newest: VERSION, make, fingerprint: FINGERPRINT });
    let mut connection = opened.map_err(|e| match e {
        OpenFailure::Sqlite(e) => failed(e),
        OpenFailure::Refused(error) => error.hint("remove it; `mlops feature materialize` fills it anew"),
    })?;
    prepare(&mut connection).map_err(failed)?;
    Ok(connection)
}

/// Makes the tables where they are missing.
fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    let version = |connection: &Connection| connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    database::write_ahead(connection)?;
    connection.execute_batch("PRAGMA synchronous = NORMAL;")?;
    if version(connection)? == VERSION as i64 {
        return Ok(());
    }
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have made them while this one waited.
    if version(&tx)? == 0 {
        make(&tx, VERSION)?;
        database::sign(&tx)?;
        tx.pragma_update(None, "user_version", VERSION as i64)?;
    }
    tx.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_that_of_the_tables() {
        assert_eq!(database::fingerprint(make, VERSION).unwrap(), FINGERPRINT, "write the new one in this file");
    }
}
