//! Tests on counts by category: Pearson's chi-square, the G-test and the z-test of one proportion.
//!
//! As `scipy.stats.power_divergence` with the reference counts, scaled to the size of the current sample, as what is
//! expected. Evidently scales for its `chisquare` and not for its `g_test`, which then fails on samples of different
//! sizes; here both are scaled. A single category gives 1 where SciPy gives NaN.

use super::special::{chi_square_tail, normal_tail};

/// P-value of Pearson's chi-square, in 0..=1; 0 for a category the reference does not have.
pub(super) fn chi_square(counts: &[(u64, u64)]) -> f64 {
    goodness_of_fit(counts, |observed, expected| (observed - expected) * (observed - expected) / expected)
}

/// P-value of the log-likelihood ratio, in 0..=1; 0 for a category the reference does not have.
pub(super) fn g_test(counts: &[(u64, u64)]) -> f64 {
    goodness_of_fit(
        counts,
        |observed, expected| {
            if observed == 0.0 { 0.0 } else { 2.0 * observed * (observed / expected).ln() }
        },
    )
}

fn goodness_of_fit(counts: &[(u64, u64)], term: impl Fn(f64, f64) -> f64) -> f64 {
    if counts.len() < 2 {
        return 1.0;
    }
    let (n, m) = totals(counts);
    let statistic: f64 = counts.iter().map(|&(r, c)| term(c as f64, r as f64 * (m / n))).sum();
    chi_square_tail(statistic, counts.len() as f64 - 1.0)
}

/// Two-sided p-value for the share of the first category against all others, in 0..=1.
pub(super) fn z_test(counts: &[(u64, u64)]) -> f64 {
    let (Some(&(first_r, first_c)), (n, m)) = (counts.first(), totals(counts)) else { return 1.0 };
    if counts.len() < 2 {
        return 1.0;
    }
    let (rest_r, rest_c) = (n - first_r as f64, m - first_c as f64);
    let pooled = (rest_r + rest_c) / (n + m);
    let z = (rest_r / n - rest_c / m) / (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    2.0 * normal_tail(z.abs())
}

/// Sizes of both samples.
fn totals(counts: &[(u64, u64)]) -> (f64, f64) {
    let (n, m) = counts.iter().fold((0, 0), |(n, m), (r, c)| (n + r, m + c));
    (n as f64, m as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_on_one_side_are_as_in_evidently() {
        assert_eq!(chi_square(&[(10, 8), (10, 8), (0, 8)]), 0.0);
        assert_eq!(g_test(&[(10, 8), (10, 8), (0, 8)]), 0.0);
        assert!((chi_square(&[(10, 8), (10, 8), (10, 0)]) - 0.018_315_638_888_734_182).abs() < 1e-15);
        assert!((z_test(&[(10, 8), (10, 8), (0, 8)]) - 0.262_873_385_619_782_7).abs() < 1e-12);
        assert!((z_test(&[(10, 0), (0, 8)]) - 2.209_049_699_852_805e-5).abs() < 1e-15);
    }

    #[test]
    fn one_category_shows_no_drift() {
        assert_eq!((chi_square(&[(10, 8)]), g_test(&[(10, 8)]), z_test(&[(10, 8)])), (1.0, 1.0, 1.0));
    }
}
