//! The two-sample Kolmogorov-Smirnov test: `scipy.stats.ks_2samp(method="auto")`, Evidently's `ks`.

use super::kolmogorov_distribution::{one_sample_tail, two_sample_tail};
use super::pairs::pairs;

/// Up to this size of the larger sample the p-value is exact, as in SciPy.
const EXACT_UP_TO: usize = 10_000;

/// The two-sided p-value, in 0..=1. Both slices ascending and not empty.
pub(super) fn p_value(reference: &[f64], current: &[f64]) -> f64 {
    let (n, m) = (reference.len(), current.len());
    let gap = largest_gap(reference, current);
    if n.max(m) <= EXACT_UP_TO {
        return two_sample_tail(n, m, gap);
    }
    let (n, m) = (n as f64, m as f64);
    let size = (n * m / (n + m)).round_ties_even().max(1.0);
    one_sample_tail(size as u64, gap as f64 / (n * m))
}

/// The statistic D times n·m: an integer, so nothing is lost to rounding (sizes up to 3·10⁹).
fn largest_gap(reference: &[f64], current: &[f64]) -> i64 {
    let (n, m) = (reference.len() as i64, current.len() as i64);
    let (mut difference, mut largest) = (0i64, 0i64);
    for pair in pairs(reference, current) {
        difference += pair.reference as i64 * m - pair.current as i64 * n;
        largest = largest.max(difference.abs());
    }
    largest
}
