//! Labels that come late, joined to logged predictions by prediction id or by key. The log is read once, one record at a time;
//! only the rows of the table are in memory.

use crate::data;
use crate::data::{
    Column, Key, Kind, Value, column_from, column_named, key_of_values, row_keys, sql_condition, time_of,
};
use crate::error::{Error, ErrorKind, Result};
use crate::features::encode_labels_with;
use crate::learn::Task;
use crate::model::{Bundle, Predicted, Signature};
use crate::predictions::{self, LateLabels, Query, Record, Unreadable, append_labels};
use crate::progress::Progress;
use crate::project::{Lock, Name, Project};
use polars::prelude::{DataFrame, IntoLazy};
use serde::Serialize;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// How labels find their predictions.
#[derive(Debug, Clone, Default)]
pub struct LabelOptions {
    /// The column that holds prediction ids.
    pub id: Option<String>,
    /// Columns that both the labels and the requests have; the spine's key without them.
    pub key: Vec<String>,
    /// A SQL expression for the label; the one the model was trained with without it.
    pub label: Option<String>,
}

/// What was joined.
#[derive(Debug, Serialize)]
pub struct LabelOutcome {
    /// The deployment.
    pub deployment: Name,
    /// Rows of the table.
    pub rows: usize,
    /// Rows that have a label and a prediction.
    pub joined: usize,
    /// Predictions of these rows.
    pub matched: usize,
    /// Rows without a prediction.
    pub unmatched: usize,
    /// Rows whose label is null.
    pub without_label: usize,
    /// Rows whose label is a class that the model does not know: nothing it says of them can be right, and no metric counts them.
    pub unknown_class: usize,
    /// The first of these, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_unknown: Option<String>,
    /// Predictions logged.
    pub predictions: u64,
    /// Predictions that have a label.
    pub labelled: usize,
    /// Lines of the log and of the labels that could not be read.
    pub unreadable: Unreadable,
}

/// Joins the rows of a table to the predictions of a deployment and keeps their labels.
pub fn add_labels(
    project: &Project,
    deployment: &Name,
    table: &DataFrame,
    bundle: &Bundle,
    options: &LabelOptions,
    progress: &Progress,
) -> Result<LabelOutcome> {
    let _lock = Lock::acquire(project, "labels")?;
    let text = options.label.as_deref().unwrap_or(&bundle.signature.label);
    let Labelled { labels, unknown_class, first_unknown } = label_values(table, text, &bundle.signature)?;
    let step = progress.step("joining labels", None);
    let rows = match &options.id {
        Some(column) => TableRows::by_id(table, column)?,
        None => TableRows::by_key(table, &options.key, bundle.features.event_time.as_deref())?,
    };
    let (found, log) = rows.find(project, deployment, &step)?;
    let found: Vec<(usize, String)> = found.into_iter().filter(|(row, _)| labels[*row].is_some()).collect();
    let joined = found.chunk_by(|(row, _), (next, _)| row == next).count();
    let mut known = LateLabels::read(project, deployment)?;
    let matched = one_label_each(found, &labels)?;
    let new: Vec<(String, Predicted)> = matched.iter().filter(|(id, label)| known.insert(id, label)).cloned().collect();
    append_labels(project, deployment, &new)?;
    let without_label = labels.iter().filter(|label| label.is_none()).count() - unknown_class;
    Ok(LabelOutcome {
        deployment: deployment.clone(),
        rows: table.height(),
        joined,
        matched: matched.len(),
        unmatched: table.height() - without_label - unknown_class - joined,
        without_label,
        unknown_class,
        first_unknown,
        predictions: predictions::count(project, deployment, &step)?,
        labelled: known.len(),
        unreadable: log.and(known.unreadable),
    })
}

/// Every prediction with its label, in the order of the rows; an error if two rows say different things of one.
fn one_label_each(found: Vec<(usize, String)>, labels: &[Option<Predicted>]) -> Result<Vec<(String, Predicted)>> {
    let mut row_of: HashMap<String, usize> = HashMap::with_capacity(found.len());
    let mut matched = Vec::with_capacity(found.len());
    for (row, id) in found {
        let Some(label) = &labels[row] else { continue };
        match row_of.entry(id) {
            Entry::Vacant(first) => {
                matched.push((first.key().clone(), label.clone()));
                first.insert(row);
            }
            Entry::Occupied(first) if labels[*first.get()].as_ref() != Some(label) => {
                let (id, rows) = (first.key(), (first.get() + 1, row + 1));
                return Err(Error::invalid(format!(
                    "rows {} and {} have different labels for prediction {id}",
                    rows.0, rows.1
                ))
                .hint("leave the one that is right; or join by more columns with --key, or by --id"));
            }
            Entry::Occupied(_) => {}
        }
    }
    Ok(matched)
}

/// The labels of a table.
struct Labelled {
    /// In the model's own words; none where it is null or a class that the model does not know.
    labels: Vec<Option<Predicted>>,
    unknown_class: usize,
    first_unknown: Option<String>,
}

/// Reads the labels; where the model knows the class of none, they are rather written in other words, which is an error.
fn label_values(table: &DataFrame, text: &str, signature: &Signature) -> Result<Labelled> {
    const NAME: &str = "__label";
    let lazy = data::without_nan(table.clone().lazy())?;
    let made = sql_condition(text, &lazy)
        .and_then(|label| data::collect(lazy.select([label.alias(NAME)])))
        .map_err(|e| e.at(format!("label {text:?}")).hint("name the label's column or expression with --label"))?;
    let column = column_from(column_named(&made, NAME)?)?;
    let place = |e: Error| {
        e.at(format!("label {text:?}")).hint("with --label, give an expression that says what the model was trained on")
    };
    let (mut unknown_class, mut first) = (0, None);
    let values = encode_labels_with(&column, signature.task, &signature.classes, &mut |_, unknown| {
        unknown_class += 1;
        first.get_or_insert(unknown);
        Ok(f64::NAN)
    });
    let values = values.map_err(place)?;
    let first_unknown = first.as_ref().map(|error: &Error| error.message().to_owned());
    if let Some(error) = first.filter(|_| values.iter().all(|value| value.is_nan())) {
        return Err(place(error));
    }
    let word = |value: f64| match signature.task {
        Task::Regression => Predicted::Number(value),
        _ => Predicted::Class(signature.classes.get(value as usize).cloned().unwrap_or_default()),
    };
    let labels = values.into_iter().map(|value| (!value.is_nan()).then(|| word(value))).collect();
    Ok(Labelled { labels, unknown_class, first_unknown })
}

/// The rows of a table of labels, by what names their predictions.
enum TableRows<'a> {
    Id(HashMap<String, Vec<usize>>),
    Key(KeyedRows<'a>),
}

struct KeyedRows<'a> {
    columns: &'a [String],
    /// Their types.
    kinds: Vec<Kind>,
    rows: HashMap<Key, Vec<usize>>,
    /// The column whose value a request has as its time.
    event_time: Option<&'a str>,
    /// The first time in that column and the first after the last, if it is one of the key's: no other row can match.
    between: (Option<i64>, Option<i64>),
}

impl<'a> TableRows<'a> {
    fn by_id(table: &DataFrame, column: &str) -> Result<TableRows<'a>> {
        let ids = column_from(column_named(table, column)?)?;
        if ids.kind() != Kind::Text && ids.cells().any(|cell| cell != Value::Null) {
            return Err(Error::invalid(format!(
                "column \"{column}\" is {}, prediction ids are texts",
                ids.kind().family()
            ))
            .hint("give the column of the ids that the server answered with"));
        }
        let mut rows: HashMap<String, Vec<usize>> = HashMap::new();
        for row in 0..table.height() {
            if let Value::Text(id) = ids.get(row) {
                rows.entry(id.to_owned()).or_default().push(row);
            }
        }
        Ok(TableRows::Id(rows))
    }

    fn by_key(table: &DataFrame, columns: &'a [String], event_time: Option<&'a str>) -> Result<TableRows<'a>> {
        if columns.is_empty() {
            return Err(Error::invalid("nothing to join labels by")
                .hint("name the column of prediction ids with --id, or the key's columns with --key"));
        }
        let mut rows: HashMap<Key, Vec<usize>> = HashMap::new();
        let keys = row_keys(table, columns).map_err(|e| match e.kind() {
            ErrorKind::NotFound => {
                let columns = columns.join(", ");
                e.hint(format!(
                    "labels are joined by {columns}; name other columns with --key, or that of prediction ids with --id"
                ))
            }
            _ => e,
        })?;
        for (row, key) in keys.into_iter().enumerate() {
            if let Some(key) = key {
                rows.entry(key).or_default().push(row);
            }
        }
        let mut keyed = KeyedRows { columns, kinds: Vec::new(), rows, event_time, between: (None, None) };
        for name in columns {
            let column = column_from(column_named(table, name)?)?;
            let times = column.as_times();
            if let Some(times) = times.filter(|_| event_time == Some(name)) {
                let known = || times.iter().copied().filter(|time| *time != Column::NO_TIME);
                keyed.between = (known().min(), known().max().map(|last| last.saturating_add(1)));
            }
            keyed.kinds.push(column.kind());
        }
        Ok(TableRows::Key(keyed))
    }

    /// Rows of the table with the ids of their predictions, in the order of the rows.
    fn find(
        &self,
        project: &Project,
        deployment: &Name,
        progress: &Progress,
    ) -> Result<(Vec<(usize, String)>, Unreadable)> {
        let (mut found, mut without_key) = (Vec::new(), 0);
        let outcome = predictions::read(project, &self.query(deployment), progress, |record| {
            let rows = match self {
                TableRows::Id(rows) => rows.get(record.id.as_ref()),
                TableRows::Key(keyed) => {
                    let key = keyed.key_of(record);
                    without_key += u64::from(key.is_none());
                    key.and_then(|key| keyed.rows.get(&key))
                }
            };
            found.extend(rows.into_iter().flatten().map(|row| (*row, record.id.clone().into_owned())));
            Ok(())
        })?;
        if let TableRows::Key(keyed) = self
            && without_key > 0
        {
            let all = outcome.records;
            let lack = format!("have no {}, or one of another type than the labels", keyed.columns.join(", "));
            if without_key == all {
                return Err(Error::invalid(format!("the logged requests {lack}")).hint(
                    "send the key's columns with each request, numbers as numbers and texts as texts; or join by --id",
                ));
            }
            tracing::warn!(requests = without_key, of = all, "some logged requests {lack}: they get no label");
        }
        if found.is_empty() && outcome.records > 0 {
            tracing::warn!("no row of the table belongs to a logged prediction");
        }
        found.sort_by_key(|(row, _)| *row);
        Ok((found, outcome.unreadable))
    }

    /// The predictions that a row of the table can belong to.
    fn query(&self, deployment: &Name) -> Query {
        let all = Query::all(deployment);
        match self {
            TableRows::Id(rows) => {
                let servers = rows.keys().filter_map(|id| id.get(..16).map(str::to_owned)).collect();
                Query { servers: Some(servers), ..all }
            }
            TableRows::Key(keyed) => all.between(keyed.between.0, keyed.between.1),
        }
    }
}

impl KeyedRows<'_> {
    /// The key that a request had; none where a part of it is missing or of another type.
    fn key_of(&self, record: &Record) -> Option<Key> {
        let mut values = Vec::with_capacity(self.columns.len());
        for (column, kind) in self.columns.iter().zip(&self.kinds) {
            let value = match (record.asked(column), &record.time) {
                (Some(cell), _) => cell.value(),
                (None, Some(time)) if self.event_time == Some(column) => Value::Text(time),
                _ => Value::Null,
            };
            values.push(match kind {
                // What is no time is no key.
                Kind::Time => time_of(value).ok().flatten().map_or(Value::Null, Value::Time),
                kind if value.is_key_of(*kind) => value,
                _ => Value::Null,
            });
        }
        key_of_values(values)
    }
}
