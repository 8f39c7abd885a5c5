//! SQLite files of this program, opened without trust: one that came with a clone may belong to another program, or hold views and
//! triggers that run at every query.
//!
//! For example, `.mlops/ledger.db` has the application id `mlop` and the tables that its migrations make. A file with one more trigger is
//! refused with the trigger's name, before anything is read from or written to it.

use crate::error::{Error, ErrorKind};
use crate::store::plain_database;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// `mlop`, in the header of every database of this program.
const APPLICATION: i64 = 0x6d6c_6f70;
const STRANGER: &str = "restore it from a backup, or move it away and look at where this project came from";

/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// What a database should be.
pub struct Schema<'a> {
    /// What the file is called in errors.
    pub name: &'a str,
    /// The newest version that is known.
    pub newest: usize,
    /// Makes the tables of a version in an empty database.
    pub make: fn(&Connection, usize) -> rusqlite::Result<()>,
    /// The [`fingerprint`] of the newest version's tables, so that they need not be made to be compared. One that is out of date costs
    /// time and nothing else.
    pub fingerprint: &'a str,
}

/// Kind and name of each thing in a database, and the text that made it.
type Parts = BTreeMap<(String, String), String>;

/// Why a database was not opened.
#[derive(Debug)]
pub enum OpenFailure {
    /// SQLite could not.
    Sqlite(rusqlite::Error),
    /// It is none of this program, or not as this program makes it.
    Refused(Error),
}

impl From<rusqlite::Error> for OpenFailure {
    fn from(error: rusqlite::Error) -> Self {
        OpenFailure::Sqlite(error)
    }
}

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To be read and written, made if it is missing.
    Write,
    /// To be read as a file that nobody changes.
    Immutable,
}

/// Opens a file that is empty or has the schema of its version. It is no link, pipe or device, and nothing in it runs by itself.
pub fn open(path: &Path, access: Access, schema: &Schema) -> std::result::Result<Connection, OpenFailure> {
    plain_database(path).map_err(OpenFailure::Refused)?;
    let connection = connect(path, access)?;
    check(&connection, schema)?;
    Ok(connection)
}

fn connect(path: &Path, access: Access) -> rusqlite::Result<Connection> {
    let connection = match access {
        Access::Write => Connection::open(path)?,
        Access::Immutable => {
            let text = path.to_string_lossy();
            let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)?
        }
    };
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(connection)
}

/// Makes the database write ahead. SQLite does not wait where two processes make one at the same moment, so this does.
pub fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    const PAUSE: Duration = Duration::from_millis(5);
    let begun = Instant::now();
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL;") {
            Err(e)
                if e.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && begun.elapsed() < BUSY_TIMEOUT =>
            {
                std::thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
}

fn check(connection: &Connection, schema: &Schema) -> std::result::Result<(), OpenFailure> {
    let Schema { name, newest, make, fingerprint } = schema;
    // At one moment: another process may be making the tables.
    let moment = connection.unchecked_transaction()?;
    let number = |pragma| moment.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let found = parts(&moment)?;
    moment.finish()?;
    if !matches!(application, 0 | APPLICATION) {
        let text = format!("{name} belongs to another program (application id {application})");
        return Err(OpenFailure::Refused(Error::corrupt(text).hint(STRANGER)));
    }
    if found.is_empty() && version == 0 {
        return Ok(());
    }
    let known = usize::try_from(version).unwrap_or(0);
    if known > *newest {
        let text = format!("{name} is of version {version}; this mlops knows versions up to {newest}");
        let error = Error::new(ErrorKind::Conflict, text).hint("install the newer mlops that wrote it");
        return Err(OpenFailure::Refused(error));
    }
    if known == *newest && hash_of(&found) == *fingerprint {
        return Ok(());
    }
    match difference(&made(*make, known)?, &found) {
        None => Ok(()),
        Some(what) => {
            let text = format!("{name} is not as mlops makes it: {what}");
            Err(OpenFailure::Refused(Error::corrupt(text).hint(STRANGER)))
        }
    }
}

/// What the tables of a version are made of.
fn made(make: fn(&Connection, usize) -> rusqlite::Result<()>, version: usize) -> rusqlite::Result<Parts> {
    let expected = Connection::open_in_memory()?;
    expected.pragma_update(None, "foreign_keys", false)?;
    make(&expected, version)?;
    parts(&expected)
}

/// A hash of the tables that `make` makes for a version.
pub fn fingerprint(make: fn(&Connection, usize) -> rusqlite::Result<()>, version: usize) -> rusqlite::Result<String> {
    Ok(hash_of(&made(make, version)?))
}

fn hash_of(parts: &Parts) -> String {
    let mut hasher = blake3::Hasher::new();
    for ((kind, name), sql) in parts {
        for text in [kind, name, sql] {
            hasher.update(text.as_bytes()).update(b"\0");
        }
    }
    hasher.finalize().to_hex().chars().take(16).collect()
}

/// Marks a database as one of this program.
pub fn sign(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION)
}

/// Whether there was no space on the disk, also for the index of the WAL.
pub fn is_full(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|e| e.extended_code);
    code.is_some_and(|code| matches!(code, rusqlite::ffi::SQLITE_FULL | rusqlite::ffi::SQLITE_IOERR_SHMSIZE))
}

/// What a database is made of: the kind and name of each thing, and the text that made it without blanks and quotes, which versions of
/// SQLite write differently.
fn parts(connection: &Connection) -> rusqlite::Result<Parts> {
    let mut statement = connection.prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema")?;
    let rows = statement.query_map([], |row| {
        let text: String = row.get(2)?;
        let text = text.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
        Ok(((row.get(0)?, row.get(1)?), text))
    })?;
    // Counts that SQLite keeps for itself, which only it can make.
    let own = |(kind, name): &(String, String)| kind == "table" && name.starts_with("sqlite_stat");
    rows.filter(|row| row.as_ref().map_or(true, |(key, _)| !own(key))).collect()
}

/// The first thing that is not as it should be.
fn difference(expected: &Parts, found: &Parts) -> Option<String> {
    let lost =
        expected.keys().find(|key| !found.contains_key(*key)).map(|(kind, name)| format!("it lacks the {kind} {name}"));
    let more = || {
        found
            .keys()
            .find(|key| !expected.contains_key(*key))
            .map(|(kind, name)| format!("it also has the {kind} {name}"))
    };
    let other = || {
        let changed = expected.iter().find(|(key, sql)| found.get(*key) != Some(sql));
        changed.map(|((kind, name), _)| format!("the {kind} {name} is another one"))
    };
    more().or(lost).or_else(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "CREATE TABLE t (a INTEGER) STRICT;";

    fn checked(make: &str) -> std::result::Result<Connection, OpenFailure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        Connection::open(&path).unwrap().execute_batch(make).unwrap();
        let make = |connection: &Connection, _| connection.execute_batch(TABLE);
        open(&path, Access::Write, &Schema { name: "x.db", newest: 1, make, fingerprint: "" })
    }

    #[test]
    fn only_what_this_program_makes_is_opened() {
        for good in ["", TABLE, "CREATE TABLE \"t\" (a INTEGER)  STRICT", "PRAGMA application_id = 0x6d6c6f70"] {
            assert!(checked(good).is_ok(), "{good}: {:?}", checked(good));
        }
        for (bad, said) in [
            ("CREATE TABLE other (x)", "it also has the table other"),
            ("CREATE TABLE t (a TEXT) STRICT", "the table t is another one"),
            ("CREATE TABLE t (a INTEGER) STRICT; CREATE VIEW v AS SELECT 1", "it also has the view v"),
            (
                "CREATE TABLE t (a INTEGER) STRICT; CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
                "it also has the trigger r",
            ),
            ("PRAGMA application_id = 7", "another program"),
            ("PRAGMA user_version = 9", "version 9"),
            ("PRAGMA user_version = 1", "it lacks the table t"),
        ] {
            let OpenFailure::Refused(error) = checked(bad).unwrap_err() else { panic!("{bad}") };
            assert!(error.message().contains(said), "{bad}: {error}");
        }
    }
}
