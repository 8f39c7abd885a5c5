//! Filling a view, in one transaction.

use super::database::{failed, open};
use super::rows::EntityRows;
use crate::error::Result;
use crate::features::compiled_view::ViewShape;
use crate::features::events::Events;
use crate::project::{Project, now_micros};
use rusqlite::{OptionalExtension, TransactionBehavior};

/// What a filling wrote.
pub(super) struct Written {
    /// Rows up to this time are in, microseconds.
    pub up_to: i64,
    pub rows: u64,
    pub keys: u64,
}

/// Fills a view from its rows in the data as they are now: all of them, or those up to `up_to`, and then at least as far as an
/// earlier filling by the same definition went, so that an older time takes nothing away. They are kept as far back as lookups
/// within `history` before need them. What the store held is replaced: rows that were corrected or withdrawn do not live on.
pub(super) fn fill(
    project: &Project,
    shape: &ViewShape,
    events: &Events,
    up_to: Option<i64>,
    history: i64,
) -> Result<Written> {
    let mut connection = open(project)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let (name, definition) = (shape.name.as_str(), shape.definition.to_string());
    let sql = "SELECT up_to FROM view WHERE name = ?1 AND hash = ?2";
    let before: Option<i64> = tx.query_row(sql, (name, &definition), |row| row.get(0)).optional().map_err(failed)?;
    let up_to = up_to.map(|up_to| up_to.max(before.unwrap_or(up_to))).or_else(|| events.newest()).unwrap_or(0);
    let kept_from = up_to.saturating_sub(history);
    tx.execute("DELETE FROM entity WHERE view = ?1", [name]).map_err(failed)?;
    let sql =
        "INSERT OR REPLACE INTO view (name, hash, columns, up_to, kept_from, filled) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.execute(sql, (name, definition, shape.stored_columns(), up_to, kept_from, now_micros())).map_err(failed)?;
    let mut written = Written { up_to, rows: 0, keys: 0 };
    let mut write = tx.prepare("INSERT INTO entity (view, key, rows) VALUES (?1, ?2, ?3)").map_err(failed)?;
    for key in events.keys() {
        let Some(slice) = events.of(&key) else { continue };
        let end = slice.times.partition_point(|t| *t <= up_to);
        let begin = shape.first_needed(&slice, kept_from).min(end);
        let rows = EntityRows::of(&slice, begin..end, shape);
        written.rows += rows.times.len() as u64;
        written.keys += 1;
        write.execute((name, key.as_slice(), rows.encode())).map_err(failed)?;
    }
    drop(write);
    tx.commit().map_err(failed)?;
    Ok(written)
}
