//! The features of a set for rows that are no dataset: the rows of a file are the spine.

use super::set_hash::set_hash;
use super::sources::{load_views, plan_of, sources};
use super::training_set::SetOptions;
use crate::data::{ReadAs, column_to, from_polars, read_table_hashed};
use crate::error::{Error, Result};
use crate::features::events::time_column;
use crate::features::join::JoinReport;
use crate::features::table_features::table_features;
use crate::ledger::Ledger;
use crate::progress::Progress;
use crate::project::{Name, Project};
use crate::store::Hash;
use polars::prelude::DataFrame;
use std::path::Path;

/// A table with the features of a set beside its own columns.
pub struct JoinedTable {
    /// The rows, in their order.
    pub table: DataFrame,
    /// Hash of the set's definition, the rows and the data.
    pub hash: Hash,
    /// Number of features.
    pub features: usize,
    /// For each view, how many rows found their features.
    pub report: Vec<JoinReport>,
}

/// Joins a set's features to the rows of `input`, a file or a dataset's version: exactly one row for each row, in their
/// order. The set's filter, label and split are for its own spine and play no part.
pub fn join_table(
    project: &Project,
    ledger: &Ledger,
    set: &Name,
    from: &Path,
    input: &str,
    progress: &Progress,
) -> Result<JoinedTable> {
    // A file that belongs to no dataset is written as those of the spine.
    let spine = project.dataset(&project.definitions().set(set)?.spine)?;
    let read_as = ReadAs { csv: spine.csv_form(), ..ReadAs::default() };
    let (table, content) = read_table_hashed(project, ledger, from, input, &read_as)?;
    let sources = sources(project, ledger, set, &SetOptions::default(), (Name::parse("input")?, content))?;
    let loaded = load_views(project, ledger, &sources.views, progress)?;
    let place = |e: Error| e.at(format!("set {set}"));
    let plan = plan_of(project, &sources, &table, &loaded).map_err(place)?;
    let mut rows = table.collect()?;
    let time = sources.definition.event_time.as_deref().filter(|_| !plan.views.is_empty());
    let times = time.map(|t| time_column(&rows, t)).transpose()?;
    let (frame, report) = table_features(&rows, times.as_deref(), &plan, &loaded, progress).map_err(place)?;
    for (name, column) in frame.columns().iter().filter(|(name, _)| !plan.inputs.iter().any(|i| i.name == *name)) {
        rows.with_column(column_to(name, column)).map_err(from_polars)?;
    }
    Ok(JoinedTable { table: rows, hash: set_hash(project, &sources)?, features: frame.columns().len(), report })
}
