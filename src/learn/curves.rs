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

#[cfg(test)]
mod tests {
    use super::*;

    const Y: [f64; 12] = [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0];
    const P: [f64; 12] = [0.1, 0.4, 0.35, 0.8, 0.7, 0.4, 0.9, 0.55, 0.2, 0.0, 1.0, 0.55];

    fn near(found: impl Iterator<Item = f64>, expected: &[f64]) {
        let found: Vec<f64> = found.collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        assert!(found.iter().zip(expected).all(|(a, b)| a == b || (a - b).abs() < 1e-15), "{found:?}");
    }

    /// `roc_curve(Y, P)` of scikit-learn 1.9.1, in sixths.
    #[test]
    fn roc_points_are_those_of_scikit_learn() {
        let curve = roc_curve(&Y, &P);
        near(curve.iter().map(|p| p.false_positive_rate), &[0., 0., 0., 1., 1., 3., 3., 6.].map(|x: f64| x / 6.0));
        near(curve.iter().map(|p| p.true_positive_rate), &[0., 1., 2., 2., 3., 5., 6., 6.].map(|x: f64| x / 6.0));
        near(curve.iter().map(|p| p.threshold), &[f64::INFINITY, 1.0, 0.9, 0.8, 0.7, 0.4, 0.35, 0.0]);
    }

    /// `precision_recall_curve(Y, P)` of scikit-learn 1.9.1.
    #[test]
    fn precision_recall_points_are_those_of_scikit_learn() {
        let curve = pr_curve(&Y, &P);
        let precision = [0.5, 6. / 11., 0.6, 6. / 9., 0.625, 4. / 6., 0.75, 2. / 3., 1.0, 1.0, 1.0];
        near(curve.iter().map(|p| p.precision), &precision);
        near(curve.iter().map(|p| p.recall), &[6., 6., 6., 6., 5., 4., 3., 2., 2., 1., 0.].map(|x: f64| x / 6.0));
        near(curve.iter().map(|p| p.threshold), &[0., 0.1, 0.2, 0.35, 0.4, 0.55, 0.7, 0.8, 0.9, 1.0, f64::INFINITY]);
    }

    /// `calibration_curve(Y, P, n_bins=5)` of scikit-learn 1.9.1.
    #[test]
    fn calibration_points_are_those_of_scikit_learn() {
        let curve = calibration_curve(&Y, &P, 5);
        near(curve.iter().map(|p| p.observed), &[0.0, 2. / 3., 0.5, 0.5, 1.0]);
        near(curve.iter().map(|p| p.predicted), &[0.1, 0.383_333_333_333_333_3, 0.55, 0.75, 0.95]);
        assert_eq!(curve.iter().map(|p| p.rows).sum::<u64>(), 12);
    }
}
