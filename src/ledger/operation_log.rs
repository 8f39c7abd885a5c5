//! The append-only log of operations: who ran which command when, and how it ended.

use super::datasets::parsed;
use super::{Ledger, RowId};
use crate::error::Result;
use crate::project::{now_micros, time_text};
use serde::Serialize;

/// One line of the log.
#[derive(Debug, Clone, Serialize)]
pub struct Operation {
    /// Its identity.
    pub id: RowId,
    /// When it ended, RFC 3339.
    pub at: String,
    /// Who ran it.
    pub actor: String,
    /// The command line without the program.
    pub command: String,
    /// `done`, `check failed`, or the message of the error.
    pub outcome: String,
}

impl Ledger {
    /// Appends one line.
    pub fn record_operation(&mut self, actor: &str, command: &str, outcome: &str) -> Result<()> {
        self.write("write", |tx| {
            let sql = "INSERT INTO operation (at, actor, command, outcome) VALUES (?1, ?2, ?3, ?4)";
            tx.execute(sql, (now_micros(), actor, command, outcome)).map(|_| ())
        })
    }

    /// The newest `limit` lines, newest first.
    pub fn operations(&self, limit: usize) -> Result<Vec<Operation>> {
        let sql = "SELECT id, at, actor, command, outcome FROM operation ORDER BY number DESC LIMIT ?1";
        self.rows(sql, [limit as i64], |row| {
            Ok(Operation {
                id: parsed(row, 0, RowId::parse)?,
                at: time_text(row.get(1)?),
                actor: row.get(2)?,
                command: row.get(3)?,
                outcome: row.get(4)?,
            })
        })
    }
}
