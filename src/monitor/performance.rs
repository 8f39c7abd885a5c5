//! Realised performance: predictions that have their label, by chunks of time.

use super::labels::labels_of;
use super::predictions::predictions_of;
use crate::error::Result;
use crate::learn::{Metric, Target, Task, evaluate};
use crate::model::{Answer, Predicted, Signature};
use crate::project::{Name, PerformanceDef, Project, Span, time_text};
use serde::Serialize;
use std::collections::BTreeMap;

/// How performance is looked at.
#[derive(Debug, Clone)]
pub struct PerformanceOptions {
    /// Length of a chunk.
    pub chunk: Span,
    /// What one metric must be.
    pub limit: Option<PerformanceDef>,
    /// Only predictions from here.
    pub from: Option<i64>,
    /// Only predictions before here.
    pub to: Option<i64>,
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

/// All chunks.
#[derive(Debug, Clone, Serialize)]
pub struct PerformanceOutcome {
    /// The deployment.
    pub deployment: Name,
    /// The kind of thing that was predicted.
    pub task: Task,
    /// Whether the limit holds in the newest chunk that has labels.
    pub passed: bool,
    /// Predictions.
    pub rows: u64,
    /// Those with a label.
    pub labelled: u64,
    /// Metrics over all labelled predictions.
    pub metrics: BTreeMap<String, f64>,
    /// Chunks in order of time.
    pub chunks: Vec<Chunk>,
}

/// Computes metrics of a deployment by chunk, over the predictions of models with this signature's task and classes.
pub fn performance(
    project: &Project,
    deployment: &Name,
    signature: &Signature,
    options: &PerformanceOptions,
) -> Result<PerformanceOutcome> {
    if let Some(limit) = &options.limit {
        Metric::parse(&limit.metric, Some(signature.task))?;
    }
    let labels = labels_of(project, deployment)?;
    let mut by_chunk: BTreeMap<i64, Vec<(Answer, Option<Predicted>)>> = BTreeMap::new();
    for (time, p) in predictions_of(project, deployment, options.from, options.to)? {
        if signature.numbers([&p.answer].into_iter()).is_ok() {
            let chunk = time.div_euclid(options.chunk.micros());
            by_chunk.entry(chunk).or_default().push((p.answer, labels.get(&p.id).cloned()));
        }
    }
    let mut all = Vec::new();
    let mut chunks = Vec::new();
    for (at, rows) in by_chunk {
        let start = at.saturating_mul(options.chunk.micros());
        let (labelled, metrics) = measure(&rows, signature)?;
        let passed = options.limit.as_ref().and_then(|limit| holds(limit, &metrics));
        let end = start.saturating_add(options.chunk.micros());
        chunks.push(Chunk {
            from: time_text(start),
            to: time_text(end),
            rows: rows.len() as u64,
            labelled,
            metrics,
            passed,
        });
        all.extend(rows);
    }
    let (labelled, metrics) = measure(&all, signature)?;
    let passed = chunks.iter().rev().find_map(|c| c.passed).unwrap_or(true);
    let (deployment, task, rows) = (deployment.clone(), signature.task, all.len() as u64);
    Ok(PerformanceOutcome { deployment, task, passed, rows, labelled, metrics, chunks })
}

/// How many rows have a label, and the metrics over those.
fn measure(rows: &[(Answer, Option<Predicted>)], signature: &Signature) -> Result<(u64, BTreeMap<String, f64>)> {
    let place = |label: &Predicted| match label {
        Predicted::Number(number) => Some(*number),
        Predicted::Class(name) => signature.classes.iter().position(|class| class == name).map(|at| at as f64),
    };
    let known = rows.iter().filter_map(|(answer, label)| Some((answer, place(label.as_ref()?)?)));
    let (answers, labels): (Vec<&Answer>, Vec<f64>) = known.unzip();
    if labels.is_empty() {
        return Ok((0, BTreeMap::new()));
    }
    let count = labels.len() as u64;
    let truth = Target::new(signature.task, signature.classes.len(), labels);
    let found = evaluate(&truth, &signature.numbers(answers.into_iter())?, signature.decision())?;
    Ok((count, found.iter().map(|(n, v)| (n.to_owned(), v)).collect()))
}

fn holds(limit: &PerformanceDef, metrics: &BTreeMap<String, f64>) -> Option<bool> {
    let value = metrics.get(&limit.metric).copied().filter(|v| !v.is_nan())?;
    Some(limit.min.is_none_or(|min| value >= min) && limit.max.is_none_or(|max| value <= max))
}
