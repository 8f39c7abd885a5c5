//! Verdicts of monitors and decisions of retraining.

use super::Ledger;
use super::datasets::{as_time, parsed};
use crate::error::{Error, Result};
use crate::project::{Name, now_micros};
use rusqlite::Row;
use serde::Serialize;

/// What a monitor's verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckKind {
    /// Whether the data moved away from what the model was trained on.
    Drift,
    /// How good the answers were, once labels came.
    Performance,
}

/// How a retraining ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum RetrainVerdict {
    /// The challenger took the champion's place.
    #[serde(rename = "promote")]
    Promote,
    /// The champion stayed.
    #[serde(rename = "keep")]
    Keep,
    /// Nothing was trained.
    #[serde(rename = "not triggered")]
    NotTriggered,
}

impl CheckKind {
    /// The word in the ledger and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            CheckKind::Drift => "drift",
            CheckKind::Performance => "performance",
        }
    }

    fn parse(word: &str) -> Result<Self> {
        let known = [CheckKind::Drift, CheckKind::Performance].into_iter().find(|kind| kind.name() == word);
        known.ok_or_else(|| Error::corrupt(format!("the ledger has a check of \"{word}\"")))
    }
}

impl RetrainVerdict {
    /// The word in the ledger and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            RetrainVerdict::Promote => "promote",
            RetrainVerdict::Keep => "keep",
            RetrainVerdict::NotTriggered => "not triggered",
        }
    }

    fn parse(word: &str) -> Result<Self> {
        let all = [RetrainVerdict::Promote, RetrainVerdict::Keep, RetrainVerdict::NotTriggered];
        let known = all.into_iter().find(|verdict| verdict.name() == word);
        known.ok_or_else(|| Error::corrupt(format!("the ledger has a retraining that ended in \"{word}\"")))
    }
}

/// One verdict of a monitor.
#[derive(Debug, Clone, Serialize)]
pub struct CheckRow {
    /// The monitor's or deployment's name, or `adhoc` for two files.
    pub monitor: String,
    /// What it is about.
    pub kind: CheckKind,
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
    /// How it ended.
    pub decision: RetrainVerdict,
}

impl Ledger {
    /// Records a verdict; `result` is the whole of it as JSON.
    pub fn record_check(&mut self, monitor: &str, kind: CheckKind, passed: bool, result: &str) -> Result<()> {
        self.write("write", |tx| {
            let sql = "INSERT INTO check_result (monitor, kind, at, passed, result) VALUES (?1, ?2, ?3, ?4, ?5)";
            tx.execute(sql, (monitor, kind.name(), now_micros(), passed, result)).map(|_| ())
        })
    }

    /// The newest verdicts, newest first.
    pub fn checks(&self, limit: usize) -> Result<Vec<CheckRow>> {
        let sql = "SELECT monitor, kind, at, passed FROM check_result ORDER BY number DESC LIMIT ?1";
        self.rows(sql, [limit as i64], |row: &Row| {
            let kind = parsed(row, 1, CheckKind::parse)?;
            Ok(CheckRow { monitor: row.get(0)?, kind, at: row.get(2)?, passed: row.get(3)? })
        })
    }

    /// Records a decision; `result` is the whole of it as JSON.
    pub fn record_retraining(&mut self, name: &Name, decision: RetrainVerdict, result: &str) -> Result<()> {
        self.write("write", |tx| {
            let sql = "INSERT INTO retraining (name, at, decision, result) VALUES (?1, ?2, ?3, ?4)";
            tx.execute(sql, (name.as_str(), now_micros(), decision.name(), result)).map(|_| ())
        })
    }

    /// The newest decisions, newest first.
    pub fn retrainings(&self, limit: usize) -> Result<Vec<RetrainRow>> {
        let sql = "SELECT name, at, decision FROM retraining ORDER BY number DESC LIMIT ?1";
        self.rows(sql, [limit as i64], |row: &Row| {
            let (name, decision) = (parsed(row, 0, Name::parse)?, parsed(row, 2, RetrainVerdict::parse)?);
            Ok(RetrainRow { name, at: row.get(1)?, decision })
        })
    }
}
