//! A joined set as a table: kept as a Parquet blob with its plan in the ledger's row, and read again.

use super::split::Part;
use super::training_set::TrainingSet;
use crate::data::{self, Column, TableContent, TableFile, Value, column_to, frame_from, from_polars, open_files};
use crate::error::{Error, Result};
use crate::features::feature_plan::FeaturePlan;
use crate::features::join::JoinReport;
use crate::ledger::{Ledger, TrainingSetRow};
use crate::project::{Format, Name, Project, now_micros};
use crate::store::Hash;
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

/// Names of the columns a stored set has beside its features.
pub(super) const OWN_COLUMNS: [&str; 5] = [LABEL, WEIGHT, PART, TIME, GROUP];
pub(super) const LABEL: &str = "__label";
pub(super) const WEIGHT: &str = "__weight";
const PART: &str = "__split";
const TIME: &str = "__time";
const GROUP: &str = "__group";

/// What a stored set's report holds beside the join's counts.
#[derive(Serialize, Deserialize)]
struct Kept {
    views: Vec<JoinReport>,
    plan: FeaturePlan,
    inputs: Vec<(Name, Hash)>,
}

/// The set as a table: features, then `__label`, `__weight`, `__time`, `__group` and `__split`.
pub fn set_table(set: &TrainingSet) -> Result<DataFrame> {
    let mut columns: Vec<polars::prelude::Column> = Vec::new();
    for (name, column) in set.frame.columns() {
        columns.push(column_to(name, column));
    }
    columns.extend(set.label.as_ref().map(|label| column_to(LABEL, label)));
    columns.extend(set.weights.as_ref().map(|weights| column_to(WEIGHT, &Column::floats(weights.clone()))));
    if let Some(times) = &set.times {
        columns.push(column_to(TIME, &Column::times(times.clone())));
    }
    columns.extend(set.groups.as_ref().map(|groups| column_to(GROUP, groups)));
    columns.push(column_to(PART, &Column::texts(set.parts.iter().map(|p| Some(p.name())))));
    DataFrame::new(set.frame.rows(), columns).map_err(from_polars)
}

/// Keeps a joined set: the table first, the row last.
pub(super) fn keep(project: &Project, ledger: &mut Ledger, set: &TrainingSet) -> Result<()> {
    let mut table = set_table(set)?;
    let blob = project.store().put(&data::encode(&mut table, Format::Parquet)?)?.hash;
    let kept = Kept { views: set.report.clone(), plan: set.plan.clone(), inputs: set.inputs.clone() };
    let row = TrainingSetRow {
        hash: set.hash,
        name: set.name.clone(),
        blob,
        rows: set.frame.rows() as u64,
        created: now_micros(),
        report: serde_json::to_string(&kept).map_err(|e| Error::invalid(e.to_string()))?,
    };
    ledger.record_training_set(&row, &set.inputs)
}

/// Reads a joined set from the store.
pub fn load_set(project: &Project, row: &TrainingSetRow) -> Result<TrainingSet> {
    let damaged = |e: String| {
        Error::corrupt(format!("set {}: what the ledger says of it is damaged: {e}", row.hash.short()))
            .hint("restore .mlops/ledger.db from a backup; `mlops fsck` says what else is damaged")
    };
    let kept: Kept = serde_json::from_str(&row.report).map_err(|e| damaged(e.to_string()))?;
    let rows = project.store().open(&row.blob).map_err(|e| e.at(format!("set {}", row.hash.short())))?;
    let file = TableFile { name: row.name.to_string(), content: TableContent::Blob(rows) };
    let table = open_files(&[file], Format::Parquet)?.collect()?;
    let all = frame_from(&table)?;
    let order: Vec<String> = kept.plan.features.iter().map(|f| f.name.clone()).collect();
    let frame = all.select_columns(&order)?;
    let times = all.get(TIME).and_then(Column::as_times).map(<[i64]>::to_vec);
    let words = all.column(PART)?;
    let part = |at: usize| match words.get(at) {
        Value::Text(word) => Part::parse(word).unwrap_or(Part::None),
        _ => Part::None,
    };
    Ok(TrainingSet {
        name: row.name.clone(),
        hash: row.hash,
        label: all.get(LABEL).cloned(),
        weights: all.get(WEIGHT).and_then(|column| column.numbers()).map(std::borrow::Cow::into_owned),
        times,
        parts: (0..frame.rows()).map(part).collect(),
        groups: all.get(GROUP).cloned(),
        frame,
        plan: kept.plan,
        report: kept.views,
        inputs: kept.inputs,
    })
}
