//! Metrics as MLflow keeps them: every value that was logged, and of each key the last one, which is the one with the
//! greatest (step, time, value), whichever arrived last. A NaN counts as 0 there, and is told from 0 when it is read.

use crate::error::Result;
use crate::ledger::{Ledger, RunId};
use rusqlite::Transaction;

/// One logged value.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricPoint {
    /// The metric.
    pub key: String,
    /// The step it belongs to; 0 where there are none.
    pub step: i64,
    /// When it was measured, microseconds UTC.
    pub at: i64,
    /// The value; NaN and infinities are values too.
    pub value: f64,
}

/// Adds a value to a run's history, once however often it is sent, and to the last values if it is one.
pub(super) fn log(tx: &Transaction, run: &RunId, point: &MetricPoint) -> rusqlite::Result<()> {
    let nan = point.value.is_nan();
    let row = (run.as_str(), &point.key, point.step, point.at, if nan { 0.0 } else { point.value }, nan);
    let all = "INSERT OR IGNORE INTO run_metric (run, key, step, at, value, is_nan) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.prepare_cached(all)?.execute(row)?;
    let last = "INSERT INTO latest_metric (run, key, step, at, value, is_nan) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT (run, key) DO UPDATE
                SET step = excluded.step, at = excluded.at, value = excluded.value, is_nan = excluded.is_nan
                WHERE (excluded.step, excluded.at, excluded.value) > (step, at, value)";
    tx.prepare_cached(last)?.execute(row).map(|_| ())
}

impl Ledger {
    /// Adds values to a run's history, all in one transaction.
    pub fn log_metrics(&mut self, run: &RunId, points: &[MetricPoint]) -> Result<()> {
        self.write("write", |tx| points.iter().try_for_each(|point| log(tx, run, point)))
    }

    /// Every value of a run's metric, by step, then time, then value.
    pub fn metric_history(&self, run: &RunId, key: &str) -> Result<Vec<MetricPoint>> {
        let sql = "SELECT step, at, value, is_nan FROM run_metric WHERE run = ?1 AND key = ?2 ORDER BY step, at, value";
        self.rows(sql, (run.as_str(), key), |row| {
            let value = if row.get(3)? { f64::NAN } else { row.get(2)? };
            Ok(MetricPoint { key: key.to_owned(), step: row.get(0)?, at: row.get(1)?, value })
        })
    }

    /// Whether a run has this metric.
    pub fn has_metric(&self, key: &str) -> Result<bool> {
        let found = self.rows("SELECT 1 FROM latest_metric WHERE key = ?1 LIMIT 1", [key], |_| Ok(()))?;
        Ok(!found.is_empty())
    }

    /// The names of all metrics, sorted.
    pub fn metric_names(&self) -> Result<Vec<String>> {
        self.rows("SELECT DISTINCT key FROM latest_metric ORDER BY key", [], |row| row.get(0))
    }
}
