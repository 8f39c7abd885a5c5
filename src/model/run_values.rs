//! What a run writes down about its model beside the bundle: parameters, importance of the columns, metrics of the folds.

use super::fitting::{Judged, Trained};
use crate::learn::Estimator;
use crate::project::TrainDef;
use serde_json::Value;
use std::collections::BTreeMap;

/// The prepared columns with the importance of each, the greatest first.
pub(super) fn importance(trained: &Trained) -> Vec<(String, f64)> {
    let mut importance: Vec<(String, f64)> =
        trained.columns().map(str::to_owned).zip(trained.fitted.importance()).collect();
    importance.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    importance
}

/// The parameters that the ledger keeps: the estimator's, its name, the steps of preparation, the calibration, and the threshold where
/// it was chosen.
pub(super) fn parameters(
    estimator: &Estimator,
    definition: &TrainDef,
    trained: &Trained,
    features: usize,
    threshold: Option<f64>,
) -> BTreeMap<String, String> {
    let plain = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let mut params: BTreeMap<String, String> =
        estimator.parameters().iter().map(|(k, v)| (k.clone(), plain(v))).collect();
    params.insert("model".to_owned(), estimator.name().to_owned());
    let prep = definition.prep.as_ref().map_or_else(
        || format!("default for {}: {} features to {} columns", estimator.name(), features, trained.columns().len()),
        |steps| steps.iter().map(|s| s.op.as_str()).collect::<Vec<_>>().join(", "),
    );
    params.insert("prep".to_owned(), prep);
    params.extend(threshold.map(|threshold| ("threshold".to_owned(), threshold.to_string())));
    params.extend(definition.conformal.map(|coverage| ("conformal".to_owned(), coverage.to_string())));
    params.extend(definition.calibration.clone().map(|method| ("calibration".to_owned(), method)));
    params
}

/// Mean and standard deviation (n - 1) of each metric over the folds.
pub(super) fn summarise(scores: &[Judged]) -> BTreeMap<String, f64> {
    let mut metrics = BTreeMap::new();
    let folds: Vec<Vec<f64>> =
        scores.iter().map(|fold| fold.metrics.iter().map(|(_, value)| value).collect()).collect();
    for (at, (name, _)) in scores.first().into_iter().flat_map(|fold| fold.metrics.iter()).enumerate() {
        let values = || folds.iter().filter_map(|fold| fold.get(at).copied());
        let count = values().count() as f64;
        let mean = values().fold(0.0, |a, x| a + x) / count;
        let spread = (values().fold(0.0, |a, x| a + (x - mean) * (x - mean)) / (count - 1.0)).sqrt();
        metrics.insert(format!("cv.{name}"), mean);
        metrics.insert(format!("cv.{name}_std"), spread);
    }
    metrics
}
