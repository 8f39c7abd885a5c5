//! What the metrics of classes are computed from: counts of right and wrong calls, the steps of a curve, losses. For example,
//! the probabilities 0.9, 0.6, 0.6, 0.1 of rows that are positive, positive, negative, negative give three steps, at 0.9 with
//! one positive, at 0.6 with two and a negative, at 0.1 with all; the area under the ROC curve is (1 + 1 + 1 + ½) / 4.

use crate::math::ln;

/// Probabilities are kept 2⁻⁵² away from 0 and 1, so that one wrong certainty doesn't make a loss infinite.
pub(super) fn away_from_ends(p: f64) -> f64 {
    p.clamp(f64::EPSILON, 1.0 - f64::EPSILON)
}

/// Rows by label and class.
pub(super) struct Confusion {
    /// Positive, and called so.
    pub(super) true_positive: u64,
    /// Negative, and called positive.
    pub(super) false_positive: u64,
    /// Negative, and called so.
    pub(super) true_negative: u64,
    /// Positive, and called negative.
    pub(super) false_negative: u64,
}

impl Confusion {
    /// Counts rows, each as whether it is positive, whether it is called so, and how often it counts.
    pub(super) fn counted(rows: impl Iterator<Item = (bool, bool, u64)>) -> Confusion {
        let mut counts = [0; 4];
        for (positive, called, count) in rows {
            counts[usize::from(positive) * 2 + usize::from(called)] += count;
        }
        let [true_negative, false_positive, false_negative, true_positive] = counts;
        Confusion { true_positive, false_positive, true_negative, false_negative }
    }

    /// Whether some row is positive or called so.
    pub(super) fn occurs(&self) -> bool {
        self.true_positive + self.false_positive + self.false_negative > 0
    }

    /// The share of positive rows among those called positive; 0 if none is.
    pub(super) fn precision(&self) -> f64 {
        share(self.true_positive, self.true_positive + self.false_positive)
    }

    /// The share of positive rows that are called positive; 0 if there are none.
    pub(super) fn recall(&self) -> f64 {
        share(self.true_positive, self.true_positive + self.false_negative)
    }

    /// The share of negative rows that are called negative; 0 if there are none.
    pub(super) fn specificity(&self) -> f64 {
        share(self.true_negative, self.true_negative + self.false_positive)
    }

    /// The harmonic mean of precision and recall.
    pub(super) fn f1(&self) -> f64 {
        share(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A class in numbers: how many rows are of it, are called so, and both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ClassTally {
    /// Rows of the class.
    pub(super) rows: u64,
    /// Rows called so.
    pub(super) called: u64,
    /// Rows that are both.
    pub(super) right: u64,
}

impl ClassTally {
    /// Counts rows, each as the place of its class and of the one it is called; both are below `classes`.
    pub(super) fn count<'a>(classes: usize, rows: impl Iterator<Item = (&'a f64, usize)>) -> Vec<ClassTally> {
        let mut tallies = vec![ClassTally::default(); classes];
        for (class, called) in rows {
            let class = *class as usize;
            tallies[class].rows += 1;
            tallies[called].called += 1;
            tallies[class].right += u64::from(class == called);
        }
        tallies
    }

    /// The class against all others, among so many rows.
    pub(super) fn against_the_rest(&self, all: u64) -> Confusion {
        let (false_positive, false_negative) = (self.called - self.right, self.rows - self.right);
        let true_negative = all - self.right - false_positive - false_negative;
        Confusion { true_positive: self.right, false_positive, true_negative, false_negative }
    }
}

/// How many positives and negatives have at least this probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThresholdStep {
    /// The probability.
    pub threshold: f64,
    /// Positive rows from it on.
    pub positives: u64,
    /// Negative rows from it on.
    pub negatives: u64,
}

/// One step for each distinct probability, the highest first; rows come as probability and whether they are positive.
pub(super) fn steps(rows: impl Iterator<Item = (f64, bool)>) -> Vec<ThresholdStep> {
    let mut rows: Vec<(f64, bool)> = rows.collect();
    rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut steps: Vec<ThresholdStep> = Vec::new();
    let (mut positives, mut negatives) = (0, 0);
    for (threshold, positive) in rows {
        positives += u64::from(positive);
        negatives += u64::from(!positive);
        let step = ThresholdStep { threshold, positives, negatives };
        match steps.last_mut() {
            Some(last) if last.threshold == threshold => *last = step,
            _ => steps.push(step),
        }
    }
    steps
}

/// The area under the ROC curve: the chance that a positive row has the higher probability, ties counting half.
pub(super) fn area_under_roc(steps: &[ThresholdStep]) -> f64 {
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

/// The greatest difference of the shares of positives and of negatives above a threshold; NaN without both.
pub(super) fn largest_gap(steps: &[ThresholdStep]) -> f64 {
    let Some(last) = steps.last().filter(|last| last.positives > 0 && last.negatives > 0) else { return f64::NAN };
    let share = |part: u64, whole: u64| part as f64 / whole as f64;
    let gap = |step: &ThresholdStep| share(step.positives, last.positives) - share(step.negatives, last.negatives);
    steps.iter().map(gap).fold(0.0, f64::max)
}

/// The sum of precisions weighted with what each step adds to recall.
pub(super) fn average_precision(steps: &[ThresholdStep]) -> f64 {
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

/// The mean of −ln of the probability given to the true class.
pub(super) fn log_loss(y: &[f64], p: &[f64]) -> f64 {
    let loss = |(y, p): (&f64, &f64)| {
        let p = away_from_ends(*p);
        if *y == 1.0 { -ln(p) } else { -ln(1.0 - p) }
    };
    y.iter().zip(p).map(loss).sum::<f64>() / y.len() as f64
}

/// The mean squared distance of probability and label.
pub(super) fn brier(y: &[f64], p: &[f64]) -> f64 {
    y.iter().zip(p).map(|(y, p)| (y - p) * (y - p)).sum::<f64>() / y.len() as f64
}
