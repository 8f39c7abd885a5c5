//! Realised performance: predictions that have their label, by model and by chunks of time. A class is called as each model
//! calls it, at its own threshold.

use super::plan::PerformanceLimit;
use super::watched_model::{Watched, WatchedModel, Window};
use crate::error::{Error, Result};
use crate::learn;
use crate::learn::{Metric, Predictions, Target, Task};
use crate::model::Signature;
use crate::predictions;
use crate::predictions::{Label, LateLabels, Query, Record, Unreadable};
use crate::progress::Progress;
use crate::project::{Name, Project, Span, time_text};
use crate::store::Hash;
use serde::Serialize;
use std::collections::BTreeMap;

/// How performance is looked at.
#[derive(Debug, Clone)]
pub struct PerformanceOptions {
    /// Length of a chunk.
    pub chunk: Span,
    /// What one metric must be.
    pub limit: Option<PerformanceLimit>,
    /// Which rows.
    pub window: Window,
    /// Whether every model that answered is measured too, each by itself.
    pub all_models: bool,
}

/// One chunk.
#[derive(Debug, Clone, Serialize)]
pub struct Chunk {
    /// Its start, RFC 3339.
    pub from: String,
    /// Its end.
    pub to: String,
    /// Predictions.
    pub rows: u64,
    /// Those with a label.
    pub labelled: u64,
    /// Metrics over those; a metric that is not defined there is null.
    pub metrics: BTreeMap<String, f64>,
    /// Whether the limit holds; none without a label or a limit.
    pub passed: Option<bool>,
}

/// How good one model was.
#[derive(Debug, Clone, Serialize)]
pub struct ModelPerformance {
    /// The kind of thing that was predicted.
    pub task: Task,
    /// Predictions.
    pub rows: u64,
    /// Those with a label.
    pub labelled: u64,
    /// Metrics over all labelled predictions.
    pub metrics: BTreeMap<String, f64>,
    /// Chunks in order of time.
    pub chunks: Vec<Chunk>,
}

/// Another model that answered in the same window.
#[derive(Debug, Clone, Serialize)]
pub struct OtherModel {
    /// The reference it was served by.
    pub model: String,
    /// Its bundle.
    pub model_hash: Hash,
    /// How good it was.
    #[serde(flatten)]
    pub performance: ModelPerformance,
}

/// How good the model was, and where it was asked for, the others.
#[derive(Debug, Clone, Serialize)]
pub struct PerformanceOutcome {
    /// The deployment.
    pub deployment: Name,
    /// The model and what was read of the log.
    #[serde(flatten)]
    pub watched: Watched,
    /// Whether the limit holds in the newest chunk that has labels.
    pub passed: bool,
    /// Whether some chunk could be compared with the limit, if there is one: labels come late.
    pub measured: bool,
    /// How good it was.
    #[serde(flatten)]
    pub performance: ModelPerformance,
    /// The other models by their first answer, where all were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_models: Vec<OtherModel>,
}

/// Measures a deployment's model by chunk; `signature_of` finds what another model predicts.
pub fn performance(
    project: &Project,
    deployment: &Name,
    model: &WatchedModel,
    options: &PerformanceOptions,
    signature_of: impl Fn(&Hash) -> Result<Signature>,
    progress: &Progress,
) -> Result<PerformanceOutcome> {
    let signature = &model.bundle.signature;
    if let Some(limit) = &options.limit {
        Metric::parse(limit.metric.name(), Some(signature.task))?;
    }
    let mut current = Measured::new(model.hash, model.label.clone(), signature.clone());
    let mut others = Others { models: Vec::new(), signature_of };
    let labels = LateLabels::read(project, deployment)?;
    let mut unusable = Unreadable::default();
    let query = match options.all_models {
        true => Query::all(deployment).between(options.window.from, options.window.to),
        false => model.query(deployment, options.window),
    };
    let mut outcome = predictions::read(project, &query, progress, |record| {
        let (label, chunk) = (labels.get(&record.id), options.chunk.micros());
        let added = match record.hash == current.hash {
            true => current.add(record, label, chunk)?,
            false => others
                .of(record)
                .and_then(|other| other.add(record, label, chunk))
                .unwrap_or_else(|e| Err(e.to_string())),
        };
        added.unwrap_or_else(|e| unusable.note(format_args!("prediction {}", record.id), e));
        Ok(())
    })?;
    outcome.unreadable = outcome.unreadable.and(labels.unreadable).and(unusable);
    let performance = current.measure(options)?;
    let other_models =
        others.models.into_iter().map(|other| other.into_outcome(options)).collect::<Result<Vec<_>>>()?;
    outcome.other_models += other_models.iter().map(|other| other.performance.rows).sum::<u64>();
    let newest = performance.chunks.iter().rev().find_map(|c| c.passed);
    let (measured, passed) = (newest.is_some() || options.limit.is_none(), newest.unwrap_or(true));
    let (deployment, watched) = (deployment.clone(), model.watched(outcome));
    Ok(PerformanceOutcome { deployment, watched, passed, measured, performance, other_models })
}

/// Models other than the one that is watched, by their first answer.
struct Others<F> {
    models: Vec<Measured>,
    signature_of: F,
}

impl<F: Fn(&Hash) -> Result<Signature>> Others<F> {
    /// The model that gave this answer.
    fn of(&mut self, record: &Record) -> Result<&mut Measured> {
        let at = match self.models.iter().position(|model| model.hash == record.hash) {
            Some(at) => at,
            None => {
                let signature = (self.signature_of)(&record.hash)?;
                self.models.push(Measured::new(record.hash, record.model.clone().into_owned(), signature));
                self.models.len() - 1
            }
        };
        Ok(&mut self.models[at])
    }
}

/// The predictions of one model, as far as they are needed to measure it.
struct Measured {
    hash: Hash,
    label: String,
    signature: Signature,
    chunks: BTreeMap<i64, ChunkRows>,
}

/// The rows of a chunk.
#[derive(Debug, Clone, Default)]
struct ChunkRows {
    rows: u64,
    /// The model's numbers for rows that have a label, one row after the other.
    numbers: Vec<f64>,
    /// The labels of those, as places of classes or numbers.
    labels: Vec<f64>,
}

impl Measured {
    fn new(hash: Hash, label: String, signature: Signature) -> Measured {
        Measured { hash, label, signature, chunks: BTreeMap::new() }
    }

    /// Takes a prediction in. An answer that this model can't have given is refused by the inner result; a label that it
    /// doesn't know is an error.
    fn add(&mut self, record: &Record, label: Option<Label>, chunk: i64) -> Result<Result<(), String>> {
        let numbers = match self.signature.numbers(std::iter::once(&record.outputs)) {
            Ok(numbers) => numbers,
            Err(e) => return Ok(Err(e.message().to_owned())),
        };
        let rows = self.chunks.entry(record.row_time()?.div_euclid(chunk)).or_default();
        rows.rows += 1;
        if let Some(label) = label {
            let place = place(label, &self.signature).map_err(|e| e.at(format!("prediction {}", record.id)))?;
            rows.labels.push(place);
            rows.numbers.extend(numbers.values());
        }
        Ok(Ok(()))
    }

    fn into_outcome(self, options: &PerformanceOptions) -> Result<OtherModel> {
        let (model, model_hash) = (self.label.clone(), self.hash);
        Ok(OtherModel { model, model_hash, performance: self.measure(options)? })
    }

    fn measure(self, options: &PerformanceOptions) -> Result<ModelPerformance> {
        let signature = self.signature;
        let limited: Vec<Metric> = options.limit.iter().map(|limit| limit.metric).collect();
        let (mut all, mut chunks) = (ChunkRows::default(), Vec::new());
        for (at, rows) in self.chunks {
            let start = at.saturating_mul(options.chunk.micros());
            let metrics = rows.metrics(&signature, &limited)?;
            chunks.push(Chunk {
                from: time_text(start),
                to: time_text(start.saturating_add(options.chunk.micros())),
                rows: rows.rows,
                labelled: rows.labels.len() as u64,
                passed: options.limit.as_ref().and_then(|limit| holds(limit, &metrics)),
                metrics,
            });
            all.rows += rows.rows;
            all.numbers.extend(rows.numbers);
            all.labels.extend(rows.labels);
        }
        let (rows, labelled, metrics) = (all.rows, all.labels.len() as u64, all.metrics(&signature, &limited)?);
        Ok(ModelPerformance { task: signature.task, rows, labelled, metrics, chunks })
    }
}

impl ChunkRows {
    fn metrics(&self, signature: &Signature, more: &[Metric]) -> Result<BTreeMap<String, f64>> {
        if self.labels.is_empty() {
            return Ok(BTreeMap::new());
        }
        let classes = signature.classes.len();
        let truth = Target::new(signature.task, classes, self.labels.clone());
        let predictions = Predictions::new(signature.task.outputs(classes), self.numbers.clone());
        let found = learn::evaluate_with(&truth, &predictions, signature.decision(), more)?;
        Ok(found.iter().map(|(n, v)| (n.to_owned(), v)).collect())
    }
}

/// A label in the numbers of a model.
fn place(label: Label, signature: &Signature) -> Result<f64> {
    let class = match (signature.task, label) {
        (Task::Regression, Label::Number(number)) => return Ok(number),
        (Task::Regression, Label::Class(class)) => {
            return Err(Error::invalid(format!("its label \"{class}\" is no number"))
                .hint("add its label again, with --label if the column holds something else"));
        }
        (_, Label::Number(number)) => number.to_string(),
        (_, Label::Class(class)) => class.to_owned(),
    };
    let found = signature.classes.iter().position(|known| *known == class);
    found.map(|at| at as f64).ok_or_else(|| {
        let known: Vec<String> = signature.classes.iter().map(|class| format!("\"{class}\"")).collect();
        Error::invalid(format!("its label \"{class}\" is none of the model's classes {}", known.join(", "))).hint(
            "add its label again with an expression that gives the classes, or train a model that knows the new one",
        )
    })
}

fn holds(limit: &PerformanceLimit, metrics: &BTreeMap<String, f64>) -> Option<bool> {
    let value = metrics.get(limit.metric.name()).copied().filter(|v| !v.is_nan())?;
    Some(limit.min.is_none_or(|min| value >= min) && limit.max.is_none_or(|max| value <= max))
}
