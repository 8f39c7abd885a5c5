//! Platt's sigmoid (1999), fitted as Lin, Lin and Weng (2007) say: decisions become probabilities.

use crate::math::{exp, ln, ln_1p, sigmoid};

/// Labels 0 and 1 with the weights of their rows.
pub(super) struct LabelledRows<'a> {
    pub y: &'a [f64],
    pub weights: Option<&'a [f64]>,
}

impl LabelledRows<'_> {
    /// How much a row counts.
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// How much the rows of label 0 count, and those of label 1.
    fn totals(&self) -> (f64, f64) {
        let mut totals = (0.0, 0.0);
        for (row, label) in self.y.iter().enumerate() {
            let total = if *label == 1.0 { &mut totals.1 } else { &mut totals.0 };
            *total += self.weight(row);
        }
        totals
    }
}

/// The part of each row: the rows of a class are dealt out in turn.
pub(super) fn stratified_parts(y: &[f64], parts: usize) -> Vec<usize> {
    let mut dealt = [0usize; 2];
    y.iter()
        .map(|&label| {
            let class = &mut dealt[usize::from(label == 1.0)];
            *class += 1;
            *class % parts
        })
        .collect()
}

/// What the decisions change of a probability's logarithm of odds at least, from the smallest to the largest in size.
const LEAST_CHANGE: f64 = 0.01;

/// Platt's a and b that make 1 / (1 + exp(a·f + b)) the likeliest probability of `y` given the decisions `f`. A higher decision is
/// always a higher probability: where few rows of a class seem to say the opposite, a is so small that all probabilities are near the
/// share of the positive rows, and they rank the rows as the decisions do.
pub(super) fn platt(f: &[f64], rows: &LabelledRows) -> (f64, f64) {
    let (a, b) = likeliest(f, rows);
    let most = -LEAST_CHANGE / f.iter().fold(f64::MIN_POSITIVE, |largest, f| largest.max(f.abs()));
    if a <= most { (a, b) } else { (most, prior(rows)) }
}

/// The b of a = 0: the share of the positive rows.
fn prior(rows: &LabelledRows) -> f64 {
    let (negatives, positives) = rows.totals();
    ln((negatives + 1.0) / (positives + 1.0))
}

fn likeliest(f: &[f64], rows: &LabelledRows) -> (f64, f64) {
    let y = rows.y;
    let (negatives, positives) = rows.totals();
    let high = (positives + 1.0) / (positives + 2.0);
    let low = 1.0 / (negatives + 2.0);
    let target = |label: f64| if label == 1.0 { high } else { low };
    let value = |a: f64, b: f64| -> f64 {
        let each = f.iter().zip(y).enumerate();
        each.map(|(row, (f, &y))| rows.weight(row) * cross_entropy(a * f + b, target(y))).sum()
    };
    let (mut a, mut b) = (0.0, prior(rows));
    let mut best = value(a, b);
    for _ in 0..100 {
        let [mut haa, mut hab, mut hbb, mut ga, mut gb] = [1e-12, 0.0, 1e-12, 0.0, 0.0];
        for (row, (f, &y)) in f.iter().zip(y).enumerate() {
            let (p, weight) = (sigmoid(-(a * f + b)), rows.weight(row));
            let (curvature, slope) = (weight * p * (1.0 - p), weight * (target(y) - p));
            haa += f * f * curvature;
            hab += f * curvature;
            hbb += curvature;
            ga += f * slope;
            gb += slope;
        }
        let determinant = haa * hbb - hab * hab;
        let (da, db) = (-(hbb * ga - hab * gb) / determinant, -(haa * gb - hab * ga) / determinant);
        if ga.abs().max(gb.abs()) < 1e-5 || !(da.is_finite() && db.is_finite()) {
            break;
        }
        let slope = ga * da + gb * db;
        // So close to the end rounding hides what a step gains, and Newton's whole step is the right one.
        if -slope <= 1e-11 * best {
            return (a + da, b + db);
        }
        let tried = (0..40).map(|k| 0.5f64.powi(k)).map(|t| (a + t * da, b + t * db, t));
        let better = tried.map(|(a, b, t)| (a, b, t, value(a, b))).find(|(_, _, t, v)| *v < best + 1e-4 * t * slope);
        let Some((next_a, next_b, _, next)) = better else { break };
        (a, b, best) = (next_a, next_b, next);
    }
    (a, b)
}

/// −t·ln p − (1 − t)·ln(1 − p) of p = 1 / (1 + eˣ).
fn cross_entropy(x: f64, t: f64) -> f64 {
    if x >= 0.0 { t * x + ln_1p(exp(-x)) } else { (t - 1.0) * x + ln_1p(exp(x)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random::stream;

    #[test]
    fn platt_finds_the_sigmoid_that_made_the_labels() {
        let mut random = stream(3, "test", 0);
        let f: Vec<f64> = (0..20_000).map(|_| 2.0 * random.normal()).collect();
        let y: Vec<f64> = f.iter().map(|f| f64::from(u8::from(random.uniform() < sigmoid(1.5 * f - 0.4)))).collect();
        let (a, b) = platt(&f, &LabelledRows { y: &y, weights: None });
        assert!((a + 1.5).abs() < 0.06 && (b - 0.4).abs() < 0.06, "{a} {b}");
    }

    #[test]
    fn a_higher_decision_is_a_higher_probability_whatever_few_rows_say() {
        let f: Vec<f64> = (0..20).map(|at| f64::from(at) - 10.0).collect();
        let y: Vec<f64> = (0..20).map(|at| f64::from(u8::from(at < 2))).collect();
        let (a, b) = platt(&f, &LabelledRows { y: &y, weights: None });
        assert!(a < 0.0 && (a * 10.0).abs() <= LEAST_CHANGE, "{a}");
        let probabilities: Vec<f64> = f.iter().map(|f| sigmoid(-(a * f + b))).collect();
        assert!(probabilities.windows(2).all(|two| two[0] < two[1]));
        assert!(probabilities.iter().all(|p| (p - 3.0 / 22.0).abs() < 0.002), "{probabilities:?}");
    }
}
