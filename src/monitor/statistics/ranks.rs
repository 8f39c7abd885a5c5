//! Tests on the ranks of both samples taken together, ties sharing their mean rank.
//!
//! Anderson-Darling: `scipy.stats.anderson_ksamp` with midranks (Scholz & Stephens 1987). Mann-Whitney:
//! `scipy.stats.mannwhitneyu(alternative="less")`, exact for a small sample without ties. Cramér-von Mises: Evidently's
//! copy of `scipy.stats.cramervonmises_2samp`. Rank sums are exact integers, so sizes in the millions lose no digits.

use super::cramer_von_mises;
use super::pairs::pairs;
use super::special::normal_tail;

/// Anderson-Darling p-value by interpolation in the published table, hence within 0.001..=0.25.
///
/// `None` when all values are equal or there are fewer than four, where the statistic does not exist.
pub(super) fn anderson(reference: &[f64], current: &[f64]) -> Option<f64> {
    let (n, m) = (reference.len() as f64, current.len() as f64);
    let all = n + m;
    if all < 4.0 {
        return None;
    }
    let (mut below, mut below_reference, mut statistic) = (0.0, 0.0, 0.0);
    let mut distinct = 0;
    for pair in pairs(reference, current) {
        let (r, both) = (pair.reference as f64, (pair.reference + pair.current) as f64);
        let (rank, rank_reference) = (below + both / 2.0, below_reference + r / 2.0);
        // The two samples differ from what is expected by the same amount, so one sum serves for both.
        let excess = all * rank_reference - rank * n;
        statistic += both / all * excess * excess / (rank * (all - rank) - all * both / 4.0);
        below += both;
        below_reference += r;
        distinct += 1;
    }
    if distinct < 2 {
        return None;
    }
    statistic *= (1.0 / n + 1.0 / m) * (all - 1.0) / all;
    Some(anderson_p((statistic - 1.0) / anderson_variance(n, m).sqrt()))
}

/// The variance of the statistic for two samples (Scholz & Stephens, equation 4, k = 2).
fn anderson_variance(n: f64, m: f64) -> f64 {
    let all = n + m;
    let inverses = 1.0 / n + 1.0 / m;
    let (mut h, mut g) = (0.0, 0.0);
    let mut i = 2.0;
    while i < all {
        h += 1.0 / (all + 1.0 - i);
        g += h / i;
        i += 1.0;
    }
    h += 1.0;
    let a = 4.0 * g - 6.0 + (10.0 - 6.0 * g) * inverses;
    let b = 4.0 * (2.0 * g - 4.0) + 16.0 * h + (2.0 * g - 14.0 * h - 4.0) * inverses - 8.0 * h + 4.0 * g - 6.0;
    let c = 4.0 * (6.0 * h + 2.0 * g - 2.0) + 2.0 * (4.0 * h - 4.0 * g + 6.0) + (2.0 * h - 6.0) * inverses + 4.0 * h;
    let d = 4.0 * (2.0 * h + 6.0) - 8.0 * h;
    (((a * all + b) * all + c) * all + d) / ((all - 1.0) * (all - 2.0) * (all - 3.0))
}

/// The parabola through ln p over the critical values for two samples, as SciPy fits it.
fn anderson_p(statistic: f64) -> f64 {
    const FIT: [f64; 3] = [0.018_198_094_574_111_343, -1.008_226_564_465_251_5, -1.077_770_279_820_486];
    const SMALLEST_CRITICAL: f64 = 0.325;
    const LARGEST_CRITICAL: f64 = 6.546;
    if statistic < SMALLEST_CRITICAL {
        0.25
    } else if statistic > LARGEST_CRITICAL {
        0.001
    } else {
        ((FIT[0] * statistic + FIT[1]) * statistic + FIT[2]).exp()
    }
}

/// Cramér-von Mises p-value, in 0..=1; 1 when both samples are one and the same constant, where SciPy's midranks see
/// drift in samples of different sizes. `None` when a sample has fewer than two values.
pub(super) fn cramer_von_mises(reference: &[f64], current: &[f64]) -> Option<f64> {
    if reference.len() < 2 || current.len() < 2 {
        return None;
    }
    if pairs(reference, current).take(2).count() == 1 {
        return Some(1.0);
    }
    let (mut below_r, mut below_c) = (0u64, 0u64);
    let (mut sum_r, mut sum_c) = (0u128, 0u128);
    for pair in pairs(reference, current) {
        let (r, c) = (pair.reference as u64, pair.current as u64);
        let twice_rank = 2 * (below_r + below_c) + r + c + 1;
        sum_r += squares(twice_rank, below_r, r);
        sum_c += squares(twice_rank, below_c, c);
        (below_r, below_c) = (below_r + r, below_c + c);
    }
    let four_u = u128::from(below_r) * sum_r + u128::from(below_c) * sum_c;
    Some(cramer_von_mises::p_value(below_r, below_c, four_u))
}

/// Σ (2·rank - 2i)² over the next `count` places i of one sample, all of the same rank.
fn squares(twice_rank: u64, below: u64, count: u64) -> u128 {
    (below + 1..=below + count).map(|i| u128::from(twice_rank.abs_diff(2 * i)).pow(2)).sum()
}

/// Mann-Whitney p-value against "the reference tends to be smaller", in 0..=1.
pub(super) fn mann_whitney(reference: &[f64], current: &[f64]) -> f64 {
    let (n, m) = (reference.len() as u64, current.len() as u64);
    let (mut below, mut twice_rank_sum, mut ties) = (0u64, 0u128, 0.0);
    for pair in pairs(reference, current) {
        let both = (pair.reference + pair.current) as u64;
        twice_rank_sum += pair.reference as u128 * u128::from(2 * below + both + 1);
        let t = both as f64;
        ties += t * t * t - t;
        below += both;
    }
    // Twice the number of pairs in which the current value is the larger one, ties counting half.
    let twice_u = 2 * u128::from(n) * u128::from(m) + u128::from(n) * u128::from(n + 1) - twice_rank_sum;
    if ties == 0.0 && (n <= 8 || m <= 8) && n.max(m) <= EXACT_UP_TO {
        return exact_tail(n.min(m) as usize, n.max(m) as usize, (twice_u / 2) as usize);
    }
    let (n, m, all) = (n as f64, m as f64, (n + m) as f64);
    let spread = (n * m / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)))).max(0.0).sqrt();
    if spread == 0.0 {
        return 1.0;
    }
    normal_tail((twice_u as f64 / 2.0 - n * m / 2.0 - 0.5) / spread)
}

/// Beyond this size counting stops paying off (SciPy would run out of time or memory) and the normal tail serves.
const EXACT_UP_TO: u64 = 100_000;

/// P(U ≥ u) without ties, n ≤ 8 values against m ≤ [`EXACT_UP_TO`].
///
/// The counts are the coefficients of the Gaussian binomial ∏ (1 - xᵐ⁺ⁱ) / (1 - xⁱ), i = 1..n. Each of them fits 128
/// bits, so arithmetic modulo 2¹²⁸ gives them exactly.
fn exact_tail(n: usize, m: usize, u: usize) -> f64 {
    let most = n * m;
    let upper = u.max(most - u);
    let mut ways = vec![0u128; most - upper + 1];
    ways[0] = 1;
    for i in 1..=n {
        for place in (m + i..ways.len()).rev() {
            ways[place] = ways[place].wrapping_sub(ways[place - m - i]);
        }
        for place in i..ways.len() {
            ways[place] = ways[place].wrapping_add(ways[place - i]);
        }
    }
    let total = (1..=n).fold(1u128, |total, i| total * (m + i) as u128 / i as u128);
    let tail = ways.iter().sum::<u128>() as f64 / total as f64;
    if u == upper { tail } else { 1.0 - tail + ways[most - upper] as f64 / total as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{found:e}, expected {expected:e}");
    }

    #[test]
    fn small_samples_equal_scipy() {
        let (a, b): (&[f64], &[f64]) =
            (&[1.0, 2.0, 2.25, 2.75, 10.0, 10.0], &[0.5, 1.25, 3.75, 4.75, 6.25, 7.0, 8.5, 9.25, 13.0]);
        close(mann_whitney(a, b), 0.3398590879328094);
        close(mann_whitney(b, a), 0.7022227757482571);
        close(cramer_von_mises(a, b).unwrap(), 0.4865134865134865);
        close(anderson(a, b).unwrap(), 0.25);
        let (a, b): (&[f64], &[f64]) = (&[1.0, 2.0, 3.0], &[2.5, 3.5, 4.5, 5.0]);
        close(mann_whitney(a, b), 0.05714285714285714);
        close(mann_whitney(b, a), 0.9714285714285714);
        close(cramer_von_mises(a, b).unwrap(), 0.11428571428571428);
        close(anderson(a, b).unwrap(), 0.06593069627452046);
        let (a, b): (&[f64], &[f64]) = (
            &[0.0, 1.3, 2.6, 3.9000000000000004, 5.2, 6.5, 7.800000000000001],
            &[
                0.05,
                0.75,
                1.45,
                2.1499999999999995,
                2.8499999999999996,
                3.55,
                4.249999999999999,
                4.949999999999999,
                5.6499999999999995,
                6.35,
                7.05,
                7.749999999999999,
            ],
        );
        close(mann_whitney(a, b), 0.516432483924744);
        close(mann_whitney(b, a), 0.516432483924744);
        close(cramer_von_mises(a, b).unwrap(), 0.9985115503691355);
        close(anderson(a, b).unwrap(), 0.25);
        let (a, b): (&[f64], &[f64]) = (
            &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0],
            &[
                0.25,
                0.95,
                1.65,
                2.3499999999999996,
                3.05,
                3.75,
                4.449999999999999,
                5.1499999999999995,
                5.85,
                6.55,
                7.25,
                7.949999999999999,
                8.649999999999999,
                9.35,
                10.049999999999999,
                10.75,
                11.45,
                12.149999999999999,
                12.85,
                13.549999999999999,
            ],
        );
        close(mann_whitney(a, b), 0.8837897469057455);
        close(mann_whitney(b, a), 0.12179724958351706);
        close(cramer_von_mises(a, b).unwrap(), 0.31311981746280726);
        close(anderson(a, b).unwrap(), 0.23921347574422686);
    }

    #[test]
    fn no_statistic_is_no_number() {
        assert_eq!(anderson(&[1.0, 1.0], &[1.0, 1.0]), None);
        assert_eq!(anderson(&[1.0], &[2.0]), None);
        assert_eq!(cramer_von_mises(&[1.0], &[2.0, 3.0]), None);
        assert_eq!(mann_whitney(&[1.0, 1.0], &[1.0]), 1.0);
    }
}
