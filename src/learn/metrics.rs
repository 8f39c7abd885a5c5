//! How good predicted probabilities are, in scikit-learn's numbers.
//!
//! Invariant: ties are exact: rows of equal probability count as one step, so their order changes nothing. What is not
//! defined is NaN: `auc` and `average_precision` without both classes (for the latter: without positives), everything for no rows.
//! `precision`, `recall` and `f1` are 0 where they would divide by 0, as scikit-learn's `zero_division=0`.

use crate::error::{Error, Result};

/// Names and values in a fixed order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metrics(Vec<(&'static str, f64)>);

impl Metrics {
    /// The value of a metric.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        self.0.iter().copied()
    }
}

/// The names of what `evaluate` gives, in its order.
pub const NAMES: [&str; 8] = ["auc", "average_precision", "log_loss", "accuracy", "precision", "recall", "f1", "brier"];

/// Whether more of this metric is better; for `log_loss` and `brier` less is.
pub fn higher_is_better(name: &str) -> bool {
    !matches!(name, "log_loss" | "brier")
}

/// All metrics of probabilities `p` for labels `y` (0 or 1), those of classes at `threshold`: positive is p ≥ threshold.
///
/// Errors: different lengths.
pub fn evaluate(y: &[f64], p: &[f64], threshold: f64) -> Result<Metrics> {
    if y.len() != p.len() {
        return Err(Error::invalid(format!("{} labels, but {} predictions", y.len(), p.len())));
    }
    let at = Confusion::new(y, p, threshold);
    let steps = steps(y, p);
    let values = [
        area_under_roc(&steps),
        average_precision(&steps),
        log_loss(y, p),
        at.accuracy(),
        at.precision(),
        at.recall(),
        at.f1(),
        brier(y, p),
    ];
    Ok(Metrics(NAMES.into_iter().zip(values).collect()))
}

/// Rows by label and class.
struct Confusion {
    /// Positive, and called so.
    true_positive: u64,
    /// Negative, and called positive.
    false_positive: u64,
    /// Negative, and called so.
    true_negative: u64,
    /// Positive, and called negative.
    false_negative: u64,
}

impl Confusion {
    /// Counts rows; positive is p ≥ threshold.
    fn new(y: &[f64], p: &[f64], threshold: f64) -> Confusion {
        let mut counts = [0; 4];
        for (y, p) in y.iter().zip(p) {
            counts[usize::from(*y == 1.0) * 2 + usize::from(*p >= threshold)] += 1;
        }
        let [true_negative, false_positive, false_negative, true_positive] = counts;
        Confusion { true_positive, false_positive, true_negative, false_negative }
    }

    /// The share of rows called what they are; NaN for no rows.
    fn accuracy(&self) -> f64 {
        let right = self.true_positive + self.true_negative;
        right as f64 / (right + self.false_positive + self.false_negative) as f64
    }

    /// The share of positive rows among those called positive; 0 if none is.
    fn precision(&self) -> f64 {
        share(self.true_positive, self.true_positive + self.false_positive)
    }

    /// The share of positive rows that are called positive; 0 if there are none.
    fn recall(&self) -> f64 {
        share(self.true_positive, self.true_positive + self.false_negative)
    }

    /// The harmonic mean of precision and recall.
    fn f1(&self) -> f64 {
        share(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// How many positives and negatives have at least this probability.
struct Step {
    threshold: f64,
    positives: u64,
    negatives: u64,
}

/// One step for each distinct probability, the highest first.
fn steps(y: &[f64], p: &[f64]) -> Vec<Step> {
    let mut rows: Vec<(f64, bool)> = p.iter().zip(y).map(|(p, y)| (*p, *y == 1.0)).collect();
    rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut steps: Vec<Step> = Vec::new();
    let (mut positives, mut negatives) = (0, 0);
    for (threshold, positive) in rows {
        positives += u64::from(positive);
        negatives += u64::from(!positive);
        let step = Step { threshold, positives, negatives };
        match steps.last_mut() {
            Some(last) if last.threshold == threshold => *last = step,
            _ => steps.push(step),
        }
    }
    steps
}

/// The area under the ROC curve: the chance that a positive row has the higher probability, ties counting half.
fn area_under_roc(steps: &[Step]) -> f64 {
    let Some(last) = steps.last() else { return f64::NAN };
    // Pairs in the right order, twice, so that ties stay whole numbers.
    let mut pairs = 0u128;
    let (mut positives, mut negatives) = (0, 0);
    for step in steps {
        pairs += u128::from(step.negatives - negatives) * u128::from(step.positives + positives);
        (positives, negatives) = (step.positives, step.negatives);
    }
    pairs as f64 / (2.0 * last.positives as f64 * last.negatives as f64)
}

/// The sum of precisions weighted with what each step adds to recall.
fn average_precision(steps: &[Step]) -> f64 {
    let all = steps.last().map_or(0, |last| last.positives) as f64;
    let mut before = 0;
    let mut sum = 0.0;
    for step in steps {
        let precision = step.positives as f64 / (step.positives + step.negatives) as f64;
        sum += (step.positives - before) as f64 * precision;
        before = step.positives;
    }
    sum / all
}

/// The mean of −ln of the probability given to the true class; probabilities are kept 2⁻⁵² away from 0 and 1.
fn log_loss(y: &[f64], p: &[f64]) -> f64 {
    let loss = |(y, p): (&f64, &f64)| {
        let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        if *y == 1.0 { -p.ln() } else { -(1.0 - p).ln() }
    };
    y.iter().zip(p).map(loss).sum::<f64>() / y.len() as f64
}

/// The mean squared distance of probability and label.
fn brier(y: &[f64], p: &[f64]) -> f64 {
    y.iter().zip(p).map(|(y, p)| (y - p) * (y - p)).sum::<f64>() / y.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random::stream;

    const Y: [f64; 12] = [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0];
    const P: [f64; 12] = [0.1, 0.4, 0.35, 0.8, 0.7, 0.4, 0.9, 0.55, 0.2, 0.0, 1.0, 0.55];

    /// `roc_auc_score`, `average_precision_score`, `log_loss`, `accuracy_score`, `precision_score`, `recall_score`,
    /// `f1_score` (of p >= 0.5) and `brier_score_loss` of scikit-learn 1.9.1 on Y and P.
    #[test]
    fn metrics_are_those_of_scikit_learn() {
        let third = 2.0 / 3.0;
        let expected = [
            0.777_777_777_777_777_8,
            0.784_722_222_222_222_1,
            0.522_771_718_009_575_9,
            third,
            third,
            third,
            third,
            0.186_458_333_333_333_36,
        ];
        let metrics = evaluate(&Y, &P, 0.5).unwrap();
        for ((name, value), expected) in metrics.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-14, "{name}: {value}, not {expected}");
        }
        let mut p = P;
        p[0] = 1.0;
        assert!((log_loss(&Y, &p) - 3.517_629_457_464_519_5).abs() < 1e-14, "clipped");
        let at = Confusion::new(&Y, &P, 0.5);
        assert_eq!([at.true_negative, at.false_positive, at.false_negative, at.true_positive], [4, 2, 2, 4]);
    }

    #[test]
    fn auc_is_the_share_of_ordered_pairs() {
        let mut random = stream(1, "test", 0);
        for round in 1..60 {
            let n = 2 + random.below(60);
            let mut y: Vec<f64> = (0..n).map(|_| random.below(2) as f64).collect();
            (y[0], y[1]) = (0.0, 1.0);
            let p: Vec<f64> = (0..n).map(|_| random.below(round) as f64 / round as f64).collect();
            let (mut right, mut pairs) = (0.0, 0.0);
            for i in (0..n).filter(|&i| y[i] == 1.0) {
                for j in (0..n).filter(|&j| y[j] == 0.0) {
                    pairs += 1.0;
                    right += if p[i] > p[j] { 1.0 } else { f64::from(u8::from(p[i] == p[j])) * 0.5 };
                }
            }
            assert_eq!(evaluate(&y, &p, 0.5).unwrap().get("auc"), Some(right / pairs));
        }
    }

    #[test]
    fn what_is_not_defined_is_nan_or_zero() {
        let metrics = evaluate(&[0.0, 0.0], &[0.2, 0.3], 0.5).unwrap();
        assert!(metrics.get("auc").unwrap().is_nan() && metrics.get("average_precision").unwrap().is_nan());
        assert_eq!(
            (metrics.get("precision"), metrics.get("recall"), metrics.get("f1")),
            (Some(0.0), Some(0.0), Some(0.0))
        );
        assert_eq!(metrics.get("accuracy"), Some(1.0));
        assert!(
            evaluate(&[], &[], 0.5)
                .unwrap()
                .iter()
                .all(|(name, value)| value.is_nan() || value == 0.0 && name != "auc")
        );
        assert!(evaluate(&[1.0], &[], 0.5).is_err());
    }
}
