//! Filling a view, in one transaction.

use super::database::{failed, open};
use super::rows::EntityRows;
use crate::error::Result;
use crate::features::events::Events;
use crate::features::view::ViewShape;
use crate::project::{Project, now_micros};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior};

/// What a filling wrote.
pub(super) struct Written {
    pub rows: u64,
    pub keys: u64,
}

/// Fills a view: all rows known up to `up_to`, kept as far back as lookups from `kept_from` on need them. Rows that are
/// newer than `up_to` stay.
pub(super) fn fill(
    project: &Project,
    shape: &ViewShape,
    events: &Events,
    up_to: i64,
    kept_from: i64,
) -> Result<Written> {
    let mut connection = open(project)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let name = shape.name.as_str();
    let sql = "SELECT hash, up_to, kept_from FROM view WHERE name = ?1";
    let before: Option<(String, i64, i64)> =
        tx.query_row(sql, [name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional().map_err(failed)?;
    // Only a filling of the same definition that went further has rows to keep.
    let ahead = before.filter(|(old, filled_to, _)| *old == shape.definition.to_string() && *filled_to > up_to);
    if ahead.is_none() {
        tx.execute("DELETE FROM entity WHERE view = ?1", [name]).map_err(failed)?;
    }
    let newest = ahead.as_ref().map_or(up_to, |(_, filled_to, _)| *filled_to);
    // A filling of an older window must not claim to keep more than the newer one left.
    let kept_from = ahead.as_ref().map_or(kept_from, |(_, _, old)| kept_from.max(*old));
    let sql = "INSERT OR REPLACE INTO view (name, hash, up_to, kept_from, filled) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute(sql, (name, shape.definition.to_string(), newest, kept_from, now_micros())).map_err(failed)?;
    let written = write_keys(&tx, shape, events, (up_to, kept_from), ahead.is_some())?;
    tx.commit().map_err(failed)?;
    Ok(written)
}

/// Writes the rows of every key, and of what was there the rows after `up_to` if it went `ahead` of this filling.
fn write_keys(
    tx: &Transaction,
    shape: &ViewShape,
    events: &Events,
    (up_to, kept_from): (i64, i64),
    ahead: bool,
) -> Result<Written> {
    let name = shape.name.as_str();
    let mut written = Written { rows: 0, keys: 0 };
    let mut read = tx.prepare("SELECT rows FROM entity WHERE view = ?1 AND key = ?2").map_err(failed)?;
    let mut write =
        tx.prepare("INSERT OR REPLACE INTO entity (view, key, rows) VALUES (?1, ?2, ?3)").map_err(failed)?;
    for key in events.keys() {
        let Some(slice) = events.of(&key) else { continue };
        let end = slice.times.partition_point(|t| *t <= up_to);
        let begin = shape.first_needed(&slice, kept_from).min(end);
        let mut rows = EntityRows::of(&slice, begin..end, shape);
        if ahead {
            let old: Option<Vec<u8>> =
                read.query_row((name, key.as_slice()), |row| row.get(0)).optional().map_err(failed)?;
            if let Some(old) = old {
                rows.append_newer(EntityRows::decode(&old, shape)?, up_to);
            }
        }
        written.rows += rows.times.len() as u64;
        written.keys += 1;
        write.execute((name, key.as_slice(), rows.encode())).map_err(failed)?;
    }
    Ok(written)
}
