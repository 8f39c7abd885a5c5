//! Labels that come late: joined to logged predictions by prediction id or by key. They lie beside the log, are only
//! appended to, and the newest label of a prediction wins.

use crate::data::{
    Key, Kind, Value, collect, column_from, column_named, key_of_values, row_keys, sql_condition, time_of,
};
use crate::error::{Error, Result};
use crate::features::encode_labels;
use crate::learn::Task;
use crate::model::{Bundle, Predicted, Signature};
use crate::progress::Progress;
use crate::project::{Lock, Name, Project, now_micros, time_text};
use crate::serve::{Prediction, read};
use crate::store::{append_lines, whole_lines};
use polars::prelude::{DataFrame, IntoLazy};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Write;

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
    /// Predictions that got a label now.
    pub matched: usize,
    /// Rows without a prediction.
    pub unmatched: usize,
    /// Rows whose label is null.
    pub without_label: usize,
    /// Predictions logged.
    pub predictions: usize,
    /// Predictions that have a label.
    pub labelled: usize,
}

#[derive(Serialize, Deserialize)]
struct Line {
    id: String,
    label: Predicted,
    at: String,
}

fn path(project: &Project, deployment: &Name) -> std::path::PathBuf {
    project.dir("predictions").join(deployment.as_str()).join("labels")
}

/// Labels by prediction id: a class's own name, or a number.
pub fn labels_of(project: &Project, deployment: &Name) -> Result<HashMap<String, Predicted>> {
    let path = path(project, deployment);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(e) => return Err(Error::io("read", &path, e)),
    };
    let mut labels = HashMap::new();
    for (at, line) in whole_lines(&text) {
        let line: Line = serde_json::from_slice(line).map_err(|e| {
            Error::corrupt(format!("{} line {at}: {e}", path.display()))
                .hint("remove the line, then add the labels again")
        })?;
        labels.insert(line.id, line.label);
    }
    Ok(labels)
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
    let labels = label_values(table, text, &bundle.signature)?;
    let step = progress.step("joining labels", None);
    let predictions = read(project, deployment, None, None)?;
    let found = match &options.id {
        Some(column) => by_id(table, column, &predictions)?,
        None => by_key(table, &options.key, bundle.features.event_time.as_deref(), &predictions)?,
    };
    let mut known = labels_of(project, deployment)?;
    let now = time_text(now_micros());
    let mut bytes = Vec::new();
    let (mut matched, mut unmatched, mut without) = (0, 0, 0);
    for (label, ids) in labels.iter().zip(&found) {
        match (label, ids.is_empty()) {
            (None, _) => without += 1,
            (Some(_), true) => unmatched += 1,
            (Some(label), false) => {
                for id in ids {
                    matched += 1;
                    if known.insert((*id).to_owned(), label.clone()).as_ref() != Some(label) {
                        let line = Line { id: (*id).to_owned(), label: label.clone(), at: now.clone() };
                        serde_json::to_writer(&mut bytes, &line).map_err(|e| Error::invalid(e.to_string()))?;
                        bytes.push(b'\n');
                    }
                }
            }
        }
    }
    if !bytes.is_empty() {
        let path = path(project, deployment);
        let mut file = append_lines(&path)?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(|e| Error::io("write", &path, e))?;
    }
    drop(step);
    let labelled = predictions.iter().filter(|p| known.contains_key(&p.id)).count();
    Ok(LabelOutcome {
        deployment: deployment.clone(),
        rows: table.height(),
        matched,
        unmatched,
        without_label: without,
        predictions: predictions.len(),
        labelled,
    })
}

/// The label of each row in the model's own words; none where it is null.
fn label_values(table: &DataFrame, text: &str, signature: &Signature) -> Result<Vec<Option<Predicted>>> {
    const NAME: &str = "__label";
    let made = collect(table.clone().lazy().select([sql_condition(text)?.alias(NAME)]))
        .map_err(|e| e.at(format!("label {text:?}")).hint("name the label's column or expression with --label"))?;
    let column = column_from(column_named(&made, NAME)?)?;
    let values = encode_labels(&column, signature.task, &signature.classes).map_err(|e| {
        e.at(format!("label {text:?}")).hint("give an expression for the model's label: --label \"dep_delay > 15\"")
    })?;
    let word = |value: f64| match signature.task {
        Task::Regression => Predicted::Number(value),
        _ => Predicted::Class(signature.classes.get(value as usize).cloned().unwrap_or_default()),
    };
    Ok(values.into_iter().map(|value| (!value.is_nan()).then(|| word(value))).collect())
}

fn by_id<'a>(table: &DataFrame, column: &str, predictions: &'a [Prediction]) -> Result<Vec<Vec<&'a str>>> {
    let known: HashMap<&str, &'a str> = predictions.iter().map(|p| (p.id.as_str(), p.id.as_str())).collect();
    let ids = column_from(column_named(table, column)?)?;
    let of = |row: usize| match ids.get(row) {
        Value::Text(id) => known.get(id).copied().into_iter().collect(),
        _ => Vec::new(),
    };
    Ok((0..table.height()).map(of).collect())
}

fn by_key<'a>(
    table: &DataFrame,
    columns: &[String],
    event_time: Option<&str>,
    predictions: &'a [Prediction],
) -> Result<Vec<Vec<&'a str>>> {
    if columns.is_empty() {
        return Err(Error::invalid("nothing to join labels by")
            .hint("name the column of prediction ids with --id, or the key's columns with --key"));
    }
    let times: Vec<bool> = columns
        .iter()
        .map(|c| table.column(c).is_ok_and(|c| column_from(c).is_ok_and(|c| c.kind() == Kind::Time)))
        .collect();
    let mut of_key: HashMap<Key, Vec<&'a str>> = HashMap::new();
    for prediction in predictions {
        let mut values = Vec::with_capacity(columns.len());
        for (column, is_time) in columns.iter().zip(&times) {
            let asked = prediction.key.get(column).or_else(|| prediction.features.get(column));
            let value = match (asked, &prediction.time) {
                (Some(value), _) => Value::from_json(value)?,
                (None, Some(time)) if event_time == Some(column) => Value::Text(time),
                _ => Value::Null,
            };
            let value = if *is_time { time_of(value)?.map_or(Value::Null, Value::Time) } else { value };
            values.push(value);
        }
        if let Some(key) = key_of_values(values) {
            of_key.entry(key).or_default().push(&prediction.id);
        }
    }
    if of_key.is_empty() && !predictions.is_empty() {
        return Err(Error::invalid(format!("the logged requests have no {}", columns.join(", ")))
            .hint("send the key's columns with each request, or join by --id"));
    }
    Ok(row_keys(table, columns)?
        .into_iter()
        .map(|key| key.and_then(|k| of_key.get(&k).cloned()).unwrap_or_default())
        .collect())
}
