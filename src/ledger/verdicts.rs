//! Verdicts of monitors and decisions of retraining.

use super::Ledger;
use super::datasets::{as_time, parsed};
use crate::error::Result;
use crate::project::{Name, now_micros};
use rusqlite::Row;
use serde::Serialize;

/// One verdict of a monitor.
#[derive(Debug, Clone, Serialize)]
pub struct CheckRow {
    /// The monitor's or deployment's name, or `adhoc` for two files.
    pub monitor: String,
    /// `drift` or `performance`.
    pub kind: String,
    /// When, microseconds UTC.
    #[serde(serialize_with = "as_time")]
    pub at: i64,
    /// Whether everything was within the monitor's limits.
    pub passed: bool,
}

/// One decision of retraining.
#[derive(Debug, Clone, Serialize)]
pub struct RetrainRow {
    /// The definition.
    pub name: Name,
    /// When, microseconds UTC.
    #[serde(serialize_with = "as_time")]
    pub at: i64,
    /// `promote`, `keep` or `not triggered`.
    pub decision: String,
}

impl Ledger {
    /// Records a verdict; `result` is the whole of it as JSON.
    pub fn record_check(&mut self, monitor: &str, kind: &str, passed: bool, result: &str) -> Result<()> {
        self.write("write", |tx| {
            let sql = "INSERT INTO check_result (monitor, kind, at, passed, result) VALUES (?1, ?2, ?3, ?4, ?5)";
            tx.execute(sql, (monitor, kind, now_micros(), passed, result)).map(|_| ())
        })
    }

    /// The newest verdicts, newest first.
    pub fn checks(&self, limit: usize) -> Result<Vec<CheckRow>> {
        let sql = "SELECT monitor, kind, at, passed FROM check_result ORDER BY number DESC LIMIT ?1";
        self.rows(sql, [limit as i64], |row: &Row| {
            let (monitor, kind, at) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(CheckRow { monitor, kind, at, passed: row.get(3)? })
        })
    }

    /// Records a decision; `result` is the whole of it as JSON.
    pub fn record_retraining(&mut self, name: &Name, decision: &str, result: &str) -> Result<()> {
        self.write("write", |tx| {
            let sql = "INSERT INTO retraining (name, at, decision, result) VALUES (?1, ?2, ?3, ?4)";
            tx.execute(sql, (name.as_str(), now_micros(), decision, result)).map(|_| ())
        })
    }

    /// The newest decisions, newest first.
    pub fn retrainings(&self, limit: usize) -> Result<Vec<RetrainRow>> {
        let sql = "SELECT name, at, decision FROM retraining ORDER BY number DESC LIMIT ?1";
        self.rows(sql, [limit as i64], |row: &Row| {
            Ok(RetrainRow { name: parsed(row, 0, Name::parse)?, at: row.get(1)?, decision: row.get(2)? })
        })
    }
}
