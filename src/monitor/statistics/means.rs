//! Mean and standard deviation, and Student's t-test with equal variances: `scipy.stats.ttest_ind`.

use super::pairs::pairs;
use super::special::student_two_sided;

/// Mean of a sample that is not empty, summed in ascending order.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Σ (x - mean)², in a second pass so that a large mean costs no digits.
fn squares(values: &[f64], mean: f64) -> f64 {
    values.iter().map(|value| (value - mean) * (value - mean)).sum()
}

/// Standard deviation with divisor n (`numpy.std`).
pub(super) fn deviation(values: &[f64]) -> f64 {
    (squares(values, mean(values)) / values.len() as f64).sqrt()
}

/// Two-sided p-value, in 0..=1; 1 when both samples are one and the same constant. Both slices ascending.
///
/// `None` when there are fewer than three values in all; NaN when their squares are beyond all numbers.
pub(super) fn t_test(reference: &[f64], current: &[f64]) -> Option<f64> {
    if reference.len() + current.len() < 3 {
        return None;
    }
    let (n, m) = (reference.len() as f64, current.len() as f64);
    // Not by the means: those of one constant differ by rounding when it occurs another number of times.
    if pairs(reference, current).take(2).count() == 1 {
        return Some(1.0);
    }
    let (mean_r, mean_c) = (mean(reference), mean(current));
    let degrees = n + m - 2.0;
    let pooled = (squares(reference, mean_r) + squares(current, mean_c)) / degrees;
    if !pooled.is_finite() {
        return Some(f64::NAN);
    }
    if mean_r == mean_c {
        return Some(1.0);
    }
    let t = (mean_r - mean_c) / (pooled * (1.0 / n + 1.0 / m)).sqrt();
    Some(student_two_sided(t, degrees))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_equal_or_not() {
        assert_eq!(t_test(&[5.0, 5.0], &[5.0]), Some(1.0));
        assert_eq!(t_test(&[5.0, 5.0], &[6.0, 6.0]), Some(0.0));
        assert_eq!(t_test(&[5.0], &[6.0]), None);
    }
}
