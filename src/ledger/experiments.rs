//! Experiments: groups of runs, as MLflow has them.

use super::datasets::as_time;
use super::{Ledger, Lifecycle, RowId};
use crate::error::{Error, Result};
use crate::project::now_micros;
use rusqlite::OptionalExtension;
use serde::Serialize;

/// The id of the experiment that every ledger has, for runs that name none.
pub const DEFAULT_EXPERIMENT: &str = "0";

/// An experiment.
#[derive(Debug, Clone, Serialize)]
pub struct ExperimentRow {
    /// `0` for the default experiment, else 32 hex digits.
    pub id: String,
    /// Its name; no two active ones share one.
    pub name: String,
    /// When it was created.
    #[serde(serialize_with = "as_time")]
    pub created: i64,
    /// Whether it was deleted.
    pub lifecycle: Lifecycle,
}

impl Ledger {
    /// Creates an experiment and returns its id.
    pub fn create_experiment(&mut self, name: &str) -> Result<String> {
        let id = RowId::random()?.to_string();
        let taken = self.write("write", |tx| {
            let find = "SELECT 1 FROM experiment WHERE name = ?1 AND deleted IS NULL";
            if tx.query_row(find, [name], |_| Ok(())).optional()?.is_some() {
                return Ok(true);
            }
            let sql = "INSERT INTO experiment (id, name, created, updated) VALUES (?1, ?2, ?3, ?3)";
            tx.execute(sql, (&id, name, now_micros())).map(|_| false)
        })?;
        if taken {
            return Err(
                Error::conflict(format!("there is an experiment \"{name}\" already")).hint("choose another name")
            );
        }
        Ok(id)
    }

    /// Every experiment, in the order of creation.
    pub fn experiments(&self) -> Result<Vec<ExperimentRow>> {
        self.rows("SELECT id, name, created, deleted FROM experiment ORDER BY created, id", [], |row| {
            let (id, name, created) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(ExperimentRow { id, name, created, lifecycle: Lifecycle::of(row.get(3)?) })
        })
    }

    /// Deletes an experiment, whose runs stay, or restores it. A name that was taken meanwhile can't come back.
    pub fn set_experiment_lifecycle(&mut self, id: &str, lifecycle: Lifecycle) -> Result<()> {
        let now = now_micros();
        let deleted = (lifecycle == Lifecycle::Deleted).then_some(now);
        let changed = self.write("write", |tx| {
            let taken = "SELECT 1 FROM experiment AS other JOIN experiment AS this USING (name)
                         WHERE this.id = ?1 AND other.id <> this.id AND other.deleted IS NULL";
            if deleted.is_none() && tx.query_row(taken, [id], |_| Ok(())).optional()?.is_some() {
                return Ok(None);
            }
            tx.execute("UPDATE experiment SET deleted = ?2, updated = ?3 WHERE id = ?1", (id, deleted, now)).map(Some)
        })?;
        match changed {
            Some(0) => Err(Error::not_found(format!("there is no experiment {id}"))),
            Some(_) => Ok(()),
            None => Err(Error::conflict(format!("experiment {id} cannot be restored: its name was taken meanwhile"))
                .hint("delete or rename the other experiment first")),
        }
    }
}
