//! The curves behind the metrics, point by point as scikit-learn gives them: for reports and pictures.

use crate::learn::metrics::{Step, steps};
use serde::Serialize;

/// A point of the ROC curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RocPoint {
    /// Share of the negatives called positive.
    pub false_positive_rate: f64,
    /// Share of the positives called positive.
    pub true_positive_rate: f64,
    /// Positive is p ≥ this; infinite at the first point, where nothing is.
    pub threshold: f64,
}

/// The ROC curve from (0, 0) to (1, 1) without points on straight lines (`drop_intermediate`). Rates of a class that does
/// not occur are NaN.
pub fn roc_curve(y: &[f64], p: &[f64]) -> Vec<RocPoint> {
    let steps = steps(y, p);
    let Some(all) = steps.last().copied() else { return Vec::new() };
    let corners = (0..steps.len()).filter(|&i| is_corner(&steps, i)).map(|i| steps[i]);
    let origin = Step { threshold: f64::INFINITY, positives: 0, negatives: 0 };
    let point = |step: Step| RocPoint {
        false_positive_rate: step.negatives as f64 / all.negatives as f64,
        true_positive_rate: step.positives as f64 / all.positives as f64,
        threshold: step.threshold,
    };
    [origin].into_iter().chain(corners).map(point).collect()
}

/// Whether the curve bends at step `i`; its first and last step always count.
fn is_corner(steps: &[Step], i: usize) -> bool {
    let Some(next) = steps.get(i + 1) else { return true };
    let Some(before) = i.checked_sub(1).map(|before| steps[before]) else { return true };
    let here = steps[i];
    here.positives - before.positives != next.positives - here.positives
        || here.negatives - before.negatives != next.negatives - here.negatives
}

/// A point of the precision-recall curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PrPoint {
    /// Share of positives among the rows called positive.
    pub precision: f64,
    /// Share of the positives that are called positive; 1 everywhere if there are none, as in scikit-learn.
    pub recall: f64,
    /// Positive is p ≥ this; infinite at the last point, (1, 0), where nothing is.
    pub threshold: f64,
}

/// The precision-recall curve, from the lowest threshold to the highest.
pub fn pr_curve(y: &[f64], p: &[f64]) -> Vec<PrPoint> {
    let steps = steps(y, p);
    let all = steps.last().map_or(0, |last| last.positives);
    let point = |step: &Step| PrPoint {
        precision: step.positives as f64 / (step.positives + step.negatives) as f64,
        recall: if all == 0 { 1.0 } else { step.positives as f64 / all as f64 },
        threshold: step.threshold,
    };
    let end = PrPoint { precision: 1.0, recall: 0.0, threshold: f64::INFINITY };
    steps.iter().rev().map(point).chain([end]).collect()
}

/// A bin of the calibration curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CalibrationPoint {
    /// Mean predicted probability of its rows.
    pub predicted: f64,
    /// Share of positives among them.
    pub observed: f64,
    /// How many rows.
    pub rows: u64,
}

/// The calibration curve over `bins` (at least 1) equal parts of [0, 1]; empty ones are left out. Bin edges belong to
/// the bin above, as in scikit-learn's `calibration_curve(strategy="uniform")`; rows without a probability are left out.
pub fn calibration_curve(y: &[f64], p: &[f64], bins: usize) -> Vec<CalibrationPoint> {
    let bins = bins.max(1);
    let mut sums = vec![(0.0, 0.0, 0u64); bins];
    for (y, p) in y.iter().zip(p).filter(|(_, p)| !p.is_nan()) {
        let edges_below = (1..bins).take_while(|&i| i as f64 * (1.0 / bins as f64) < *p).count();
        let sum = &mut sums[edges_below];
        *sum = (sum.0 + p, sum.1 + y, sum.2 + 1);
    }
    let point = |(p, y, rows): (f64, f64, u64)| CalibrationPoint {
        predicted: p / rows as f64,
        observed: y / rows as f64,
        rows,
    };
    sums.into_iter().filter(|sum| sum.2 > 0).map(point).collect()
}
