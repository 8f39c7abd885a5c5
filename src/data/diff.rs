//! What differs between two versions: files, columns, rows. Rows are matched by the dataset's key; without one, a
//! row that differs is one removed and one added.

use super::keys::{Key, row_keys};
use super::status::compare;
use super::table::Table;
use super::version::{manifest_of, table_of};
use crate::error::{Error, Result};
use crate::ledger::{DatasetVersion, SchemaColumn};
use crate::project::Project;
use serde::Serialize;
use std::collections::HashMap;

/// Files added, changed, removed, renamed.
#[derive(Debug, Serialize)]
pub struct FileDiff {
    /// New files.
    pub added: Vec<String>,
    /// Files with other content.
    pub changed: Vec<String>,
    /// Files that are gone.
    pub removed: Vec<String>,
    /// Old and new name.
    pub renamed: Vec<(String, String)>,
    /// Whether their CSV files are read in different ways.
    pub csv_form_changed: bool,
}

/// Rows added, removed, changed.
#[derive(Debug, Default, Serialize)]
pub struct RowDiff {
    /// Rows whose key is new.
    pub added: u64,
    /// Rows whose key is gone.
    pub removed: u64,
    /// Rows with the same key and other values.
    pub changed: u64,
}

/// A column that is new, gone or of another type.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnChange {
    /// Its name.
    pub column: String,
    /// Its type before.
    pub from: Option<String>,
    /// Its type now.
    pub to: Option<String>,
}

/// How many rows of a column changed.
#[derive(Debug, Serialize)]
pub struct ColumnDiff {
    /// Its name.
    pub column: String,
    /// Cells that changed in rows with the same key.
    pub changed: u64,
}

/// The whole difference.
#[derive(Debug, Serialize)]
pub struct DiffOutcome {
    /// The older version, `name@version`.
    pub from: String,
    /// The newer version, `name@version`.
    pub to: String,
    /// Files.
    pub files: FileDiff,
    /// Rows, if both are tables.
    pub rows: Option<RowDiff>,
    /// Columns that are new, gone or of another type.
    pub schema: Vec<ColumnChange>,
    /// Changed cells by column; empty without a key.
    pub columns: Vec<ColumnDiff>,
}

/// Compares two recorded versions.
pub fn diff(project: &Project, from: &DatasetVersion, to: &DatasetVersion, keys: &[String]) -> Result<DiffOutcome> {
    let files = compare(to.name.clone(), &manifest_of(project, &from.hash)?, &manifest_of(project, &to.hash)?);
    let mut outcome = DiffOutcome {
        from: format!("{}@{}", from.name, from.version),
        to: format!("{}@{}", to.name, to.version),
        files: FileDiff {
            added: files.added,
            changed: files.changed,
            removed: files.removed,
            renamed: files.renamed,
            csv_form_changed: files.csv_form_changed,
        },
        rows: None,
        schema: schema_changes(&from.schema, &to.schema),
        columns: Vec::new(),
    };
    if from.rows.is_none() || to.rows.is_none() {
        return Ok(outcome);
    }
    let declared = project.definitions().data.get(&to.name).map(|d| d.key.clone()).unwrap_or_default();
    let key = if keys.is_empty() { &declared } else { keys };
    let (rows, columns) = compare_rows(&table_of(project, from)?, &table_of(project, to)?, key)?;
    outcome.rows = Some(rows);
    outcome.columns = columns;
    Ok(outcome)
}

/// Columns that are new, gone or of another type.
pub(super) fn schema_changes(from: &[SchemaColumn], to: &[SchemaColumn]) -> Vec<ColumnChange> {
    let kind = |side: &[SchemaColumn], name: &str| side.iter().find(|c| c.name == name).map(|c| c.kind.clone());
    let mut names: Vec<&str> = from.iter().map(|c| c.name.as_str()).collect();
    names.extend(to.iter().map(|c| c.name.as_str()).filter(|n| kind(from, n).is_none()));
    let change = |name: &str| ColumnChange { column: name.to_owned(), from: kind(from, name), to: kind(to, name) };
    names.into_iter().map(change).filter(|c| c.from != c.to).collect()
}

/// Missing cells count as a value of their own here, so keys over all columns are taken cell by cell.
struct Side {
    keys: Vec<Option<Key>>,
    cells: Vec<Vec<Option<Key>>>,
}

fn side(table: &Table, key: &[String], shared: &[String]) -> Result<Side> {
    let rows = table.collect()?;
    let keys = if key.is_empty() { vec![None; rows.height()] } else { row_keys(&rows, key)? };
    let cells = shared.iter().map(|c| row_keys(&rows, std::slice::from_ref(c))).collect::<Result<_>>()?;
    Ok(Side { keys, cells })
}

impl Side {
    /// The rows of each key in their order; a row without a key is found by all its cells.
    fn by_key(&self) -> HashMap<Key, Vec<usize>> {
        let mut rows: HashMap<Key, Vec<usize>> = HashMap::new();
        for (at, key) in self.keys.iter().enumerate() {
            rows.entry(key.unwrap_or_else(|| self.row(at))).or_default().push(at);
        }
        rows
    }

    /// A row's cells as one hash.
    fn row(&self, at: usize) -> Key {
        let mut hasher = blake3::Hasher::new();
        for column in &self.cells {
            hasher.update(&column[at].unwrap_or([0; 16]));
        }
        let mut key = [0u8; 16];
        key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        key
    }
}

fn compare_rows(from: &Table, to: &Table, key: &[String]) -> Result<(RowDiff, Vec<ColumnDiff>)> {
    for name in key {
        if !(from.names().any(|n| n == name) && to.names().any(|n| n == name)) {
            return Err(Error::unknown("key column", name, to.names()));
        }
    }
    let shared: Vec<String> = to.names().filter(|n| from.names().any(|f| f == *n)).map(str::to_owned).collect();
    let (before, after) = (side(from, key, &shared)?, side(to, key, &shared)?);
    if shared.is_empty() {
        // No row of the one can equal one of the other.
        let rows = RowDiff { added: after.keys.len() as u64, removed: before.keys.len() as u64, changed: 0 };
        return Ok((rows, Vec::new()));
    }
    if key.is_empty() {
        return Ok((unkeyed(&before, &after), Vec::new()));
    }
    let mut rows = RowDiff::default();
    let mut changed = vec![0u64; shared.len()];
    let (mut old, new) = (before.by_key(), after.by_key());
    for (key, now) in new {
        let was = old.remove(&key).unwrap_or_default();
        let (was, now) = unequal(&before, was, &after, now);
        rows.changed += was.len().min(now.len()) as u64;
        rows.removed += was.len().saturating_sub(now.len()) as u64;
        rows.added += now.len().saturating_sub(was.len()) as u64;
        for (was, now) in was.into_iter().zip(now) {
            for (column, count) in changed.iter_mut().enumerate() {
                *count += u64::from(before.cells[column][was] != after.cells[column][now]);
            }
        }
    }
    rows.removed += old.values().map(|rows| rows.len() as u64).sum::<u64>();
    let columns = shared.into_iter().zip(changed).filter(|(_, n)| *n > 0);
    Ok((rows, columns.map(|(column, changed)| ColumnDiff { column, changed }).collect()))
}

/// The rows of one key without those that are the same on both sides; a key that is there twice may have both.
fn unequal(before: &Side, mut was: Vec<usize>, after: &Side, mut now: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
    if let ([old], [new]) = (&was[..], &now[..]) {
        let same = before.cells.iter().zip(&after.cells).all(|(before, after)| before[*old] == after[*new]);
        return if same { (Vec::new(), Vec::new()) } else { (was, now) };
    }
    let mut counts: HashMap<Key, usize> = HashMap::new();
    was.iter().for_each(|at| *counts.entry(before.row(*at)).or_default() += 1);
    let mut kept: HashMap<Key, usize> = HashMap::new();
    now.retain(|at| match counts.get_mut(&after.row(*at)).filter(|left| **left > 0) {
        Some(left) => {
            *left -= 1;
            *kept.entry(after.row(*at)).or_default() += 1;
            false
        }
        None => true,
    });
    was.retain(|at| match kept.get_mut(&before.row(*at)).filter(|left| **left > 0) {
        Some(left) => {
            *left -= 1;
            false
        }
        None => true,
    });
    (was, now)
}

fn unkeyed(before: &Side, after: &Side) -> RowDiff {
    let count = |side: &Side| {
        let rows = side.keys.len();
        let mut counts: HashMap<Key, i64> = HashMap::new();
        (0..rows).for_each(|at| *counts.entry(side.row(at)).or_default() += 1);
        counts
    };
    let mut counts = count(after);
    for (row, n) in count(before) {
        *counts.entry(row).or_default() -= n;
    }
    let added = counts.values().filter(|n| **n > 0).sum::<i64>() as u64;
    let removed = -counts.values().filter(|n| **n < 0).sum::<i64>();
    RowDiff { added, removed: removed as u64, changed: 0 }
}
