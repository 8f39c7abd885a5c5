//! The tables of the online store, in SQLite with a WAL.

use crate::error::{Error, ErrorKind, Result};
use crate::project::Project;
use crate::store::plain_database;
use rusqlite::Connection;
use std::time::Duration;

const SCHEMA: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS view (
    name TEXT PRIMARY KEY, hash TEXT NOT NULL, up_to INTEGER NOT NULL, kept_from INTEGER NOT NULL, filled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entity (
    view TEXT NOT NULL, key BLOB NOT NULL, rows BLOB NOT NULL, PRIMARY KEY (view, key)
) STRICT, WITHOUT ROWID;";

pub(super) fn failed(e: rusqlite::Error) -> Error {
    Error::new(ErrorKind::Io, format!("online store: {e}"))
        .hint("`mlops feature materialize` fills it anew; .mlops/features/online.db may be removed")
        .caused_by(e)
}

pub(super) fn open(project: &Project) -> Result<Connection> {
    let path = project.dir("features").join("online.db");
    plain_database(&path)?;
    let connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(Duration::from_secs(30)).map_err(failed)?;
    connection.execute_batch(SCHEMA).map_err(failed)?;
    Ok(connection)
}
