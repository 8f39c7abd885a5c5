//! The probability from which a row is called the second of two classes, chosen on rows that the model had not seen: by what mistakes
//! cost, or by the precision or recall that is wished.
//!
//! A threshold lies halfway between two probabilities that occur, so that it does not hang on the digits of one row.

use crate::error::{Error, Result};

/// By what a threshold is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ThresholdRule {
    /// What a row of the first class costs that is called the second, and a row of the second that is called the first: the lowest sum.
    Cost(f64, f64),
    /// At least this precision, with the highest recall.
    Precision(f64),
    /// At least this recall, with the highest precision that a threshold alone gives: the highest threshold.
    Recall(f64),
}

/// Rows called positive down to some probability.
struct Cut {
    threshold: f64,
    true_positives: f64,
    false_positives: f64,
}

impl ThresholdRule {
    /// The threshold for these probabilities and labels 0 and 1. Errors: no rows, a wish that no threshold fulfils.
    pub fn choose(self, probabilities: &[f64], labels: &[f64]) -> Result<f64> {
        let cuts = cuts(probabilities, labels);
        let positives = labels.iter().filter(|label| **label == 1.0).count() as f64;
        let precision = |cut: &Cut| cut.true_positives / (cut.true_positives + cut.false_positives);
        let recall = |cut: &Cut| cut.true_positives / positives;
        let chosen = match self {
            ThresholdRule::Cost(false_positive, false_negative) => {
                let cost = |cut: &Cut| {
                    false_positive * cut.false_positives + false_negative * (positives - cut.true_positives)
                };
                cuts.iter().min_by(|a, b| cost(a).total_cmp(&cost(b)))
            }
            // Of those with the most hits the one with the fewest false alarms.
            ThresholdRule::Precision(wish) => cuts.iter().filter(|cut| precision(cut) >= wish).max_by(|a, b| {
                let hits = a.true_positives.total_cmp(&b.true_positives);
                hits.then(b.false_positives.total_cmp(&a.false_positives))
            }),
            ThresholdRule::Recall(wish) => cuts.iter().find(|cut| recall(cut) >= wish),
        };
        chosen.map(|cut| cut.threshold).ok_or_else(|| match self {
            ThresholdRule::Precision(wish) => {
                let best = cuts.iter().map(precision).filter(|p| p.is_finite()).fold(0.0, f64::max);
                Error::invalid(format!("no threshold has a precision of {wish}: the best is {best:.4}"))
                    .hint("wish for less, or find features that tell the classes apart")
            }
            _ => Error::invalid("there are no rows to choose a threshold by").hint("give cv, or a validation part"),
        })
    }
}

/// Every way to cut the rows, from none called positive to all.
fn cuts(probabilities: &[f64], labels: &[f64]) -> Vec<Cut> {
    let mut rows: Vec<(f64, f64)> = probabilities.iter().copied().zip(labels.iter().copied()).collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Vec::new() };
    let mut cuts = vec![];
    // None is called positive, unless some row is certain.
    if first.0 < 1.0 {
        cuts.push(Cut { threshold: (first.0 + 1.0) / 2.0, true_positives: 0.0, false_positives: 0.0 });
    }
    let (mut true_positives, mut false_positives) = (0.0, 0.0);
    for (at, (p, label)) in rows.iter().enumerate() {
        if *label == 1.0 {
            true_positives += 1.0
        } else {
            false_positives += 1.0
        }
        match rows.get(at + 1) {
            Some((next, _)) if next == p => {}
            Some((next, _)) => cuts.push(Cut { threshold: halfway(*next, *p), true_positives, false_positives }),
            None => cuts.push(Cut { threshold: last.0 / 2.0, true_positives, false_positives }),
        }
    }
    cuts
}

/// Between two numbers, and above the lower one however near they are.
fn halfway(low: f64, high: f64) -> f64 {
    let middle = low + (high - low) / 2.0;
    if middle > low { middle } else { high }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f64; 6] = [0.9, 0.8, 0.6, 0.4, 0.3, 0.1];
    const Y: [f64; 6] = [1.0, 1.0, 0.0, 1.0, 0.0, 0.0];

    #[test]
    fn mistakes_are_as_cheap_as_can_be() {
        assert!((ThresholdRule::Cost(5.0, 1.0).choose(&P, &Y).unwrap() - 0.7).abs() < 1e-12);
        assert!((ThresholdRule::Cost(1.0, 5.0).choose(&P, &Y).unwrap() - 0.35).abs() < 1e-12);
        // All are called positive where that costs nothing, and none where the other mistake does.
        assert!(ThresholdRule::Cost(0.0, 1.0).choose(&P, &[0.0, 1.0, 0.0, 0.0, 0.0, 1.0]).unwrap() < 0.1);
        assert!(ThresholdRule::Cost(1.0, 0.0).choose(&P, &Y).unwrap() > 0.9);
    }

    #[test]
    fn a_wish_is_fulfilled_with_the_most_of_the_other() {
        assert!((ThresholdRule::Precision(0.7).choose(&P, &Y).unwrap() - 0.35).abs() < 1e-12);
        assert!((ThresholdRule::Recall(0.6).choose(&P, &Y).unwrap() - 0.7).abs() < 1e-12);
        // A false alarm that brings no hit is not taken, though the precision would allow it.
        let best = ThresholdRule::Precision(0.5).choose(&[0.9, 0.8, 0.7], &[1.0, 1.0, 0.0]).unwrap();
        assert!((best - 0.75).abs() < 1e-12, "{best}");
        let refused = ThresholdRule::Precision(0.9).choose(&P, &[0.0, 1.0, 0.0, 1.0, 0.0, 0.0]).unwrap_err();
        assert_eq!(refused.message(), "no threshold has a precision of 0.9: the best is 0.5000");
    }

    #[test]
    fn equal_probabilities_are_never_parted() {
        let threshold = ThresholdRule::Cost(1.0, 1.0).choose(&[0.7, 0.7, 0.2], &[1.0, 0.0, 0.0]).unwrap();
        assert!(threshold > 0.7 || threshold <= 0.7 && threshold > 0.2);
        assert_eq!(cuts(&[0.7, 0.7, 0.2], &[1.0, 0.0, 0.0]).len(), 3);
        assert!(ThresholdRule::Recall(0.5).choose(&[], &[]).is_err());
    }
}
