//! Realised performance: predictions that have their label, by chunks of time.

use super::labels::labels_of;
use super::predictions::predictions_of;
use crate::error::{Error, Result};
use crate::learn::evaluate;
use crate::learn::metrics::NAMES;
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

/// Computes metrics of a deployment by chunk.
pub fn performance(project: &Project, deployment: &Name, options: &PerformanceOptions) -> Result<PerformanceOutcome> {
    if let Some(limit) = options.limit.as_ref().filter(|limit| !NAMES.contains(&limit.metric.as_str())) {
        return Err(Error::unknown("metric", &limit.metric, NAMES));
    }
    let labels = labels_of(project, deployment)?;
    let mut by_chunk: BTreeMap<i64, Vec<(f64, Option<f64>)>> = BTreeMap::new();
    for (time, p) in predictions_of(project, deployment, options.from, options.to)? {
        let chunk = time.div_euclid(options.chunk.micros());
        by_chunk.entry(chunk).or_default().push((p.probability, labels.get(&p.id).copied()));
    }
    let mut all = Vec::new();
    let mut chunks = Vec::new();
    for (at, rows) in by_chunk {
        let start = at.saturating_mul(options.chunk.micros());
        let (labelled, metrics) = measure(&rows)?;
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
    let (labelled, metrics) = measure(&all)?;
    let passed = chunks.iter().rev().find_map(|c| c.passed).unwrap_or(true);
    Ok(PerformanceOutcome { deployment: deployment.clone(), passed, rows: all.len() as u64, labelled, metrics, chunks })
}

fn measure(rows: &[(f64, Option<f64>)]) -> Result<(u64, BTreeMap<String, f64>)> {
    let (p, y): (Vec<f64>, Vec<f64>) = rows.iter().filter_map(|(p, y)| y.map(|y| (*p, y))).unzip();
    if y.is_empty() {
        return Ok((0, BTreeMap::new()));
    }
    let found = evaluate(&y, &p, 0.5)?;
    Ok((y.len() as u64, found.iter().map(|(n, v)| (n.to_owned(), v)).collect()))
}

fn holds(limit: &PerformanceDef, metrics: &BTreeMap<String, f64>) -> Option<bool> {
    let value = metrics.get(&limit.metric).copied().filter(|v| !v.is_nan())?;
    Some(limit.min.is_none_or(|min| value >= min) && limit.max.is_none_or(|max| value <= max))
}
