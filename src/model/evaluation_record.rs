//! How sure a run's test metrics are, kept as the artifact `evaluation.json`: 95 % intervals by the bootstrap, drawn by the run's seed. For
//! example `{"rounds": 1000, "intervals": {"test.auc": {"value": 0.79, "low": 0.73, "high": 0.85}}}`.

use super::kept_predictions::{KeptPart, KeptRows};
use super::signature::Signature;
use crate::error::{Error, Result};
use crate::learn::{Metric, bootstrap};
use crate::ledger::ArtifactRow;
use crate::progress::Progress;
use crate::project::Project;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The artifact's name.
pub(super) const EVALUATION: &str = "evaluation.json";

/// What is kept about a run's metrics beside their values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluationRecord {
    /// How often rows were drawn.
    pub rounds: usize,
    /// By the metric's name with its part.
    pub intervals: BTreeMap<String, MetricInterval>,
}

/// Where a metric lies in 95 of 100 draws.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MetricInterval {
    /// On the kept rows as they are.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The intervals of the headline metrics on the test rows.
pub(super) fn measure(
    kept: &[KeptPart],
    signature: &Signature,
    seed: u64,
    progress: &Progress,
) -> Result<EvaluationRecord> {
    let Some(test) = kept.iter().find(|part| part.which == KeptRows::Test) else {
        return Ok(EvaluationRecord { rounds: 0, intervals: BTreeMap::new() });
    };
    let truth = test.target(signature.task, signature.classes.len());
    let metrics = Metric::headline(signature.task);
    let found = bootstrap::intervals(&truth, &test.predictions, signature.decision(), metrics, seed, progress)?;
    let named = found.into_iter().map(|of| {
        let interval = MetricInterval { value: of.value, low: of.low, high: of.high };
        (format!("test.{}", of.metric.name()), interval)
    });
    Ok(EvaluationRecord { rounds: bootstrap::rounds(test.rows.len()), intervals: named.collect() })
}

/// What a run keeps of it; none of a run from before runs kept any.
pub fn evaluation_of(project: &Project, artifacts: &[ArtifactRow]) -> Result<Option<EvaluationRecord>> {
    let Some(kept) = artifacts.iter().find(|artifact| artifact.name == EVALUATION) else { return Ok(None) };
    let bytes = project.store().read(&kept.hash)?;
    let record = serde_json::from_slice(&bytes);
    record.map(Some).map_err(|e| Error::corrupt(format!("{EVALUATION}: {e}")).caused_by(e))
}
