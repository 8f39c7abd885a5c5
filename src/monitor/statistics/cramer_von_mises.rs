//! The distribution of the two-sample Cramér-von Mises criterion.
//!
//! Exact up to 20 values a side (Xiao, Gordon & Yakovlev 2006), else the limiting distribution (Csörgő & Faraway 1996,
//! equation 1.3) at the criterion normalised by its mean and variance (Anderson 1962). The series stops where
//! SciPy's `_cdf_cvm_inf` does. In the exact case counts are integers, as in `scipy.stats.cramervonmises_2samp`;
//! Evidently's copy counts in floats too short for them: for many sizes it fails, for others the fourth digit is off.

use super::special::{bessel_k_quarter_damped, ln_gamma};

/// Up to this size of the larger sample the p-value is exact.
const EXACT_UP_TO: u64 = 20;

/// P(T ≥ observed) for samples of `n` and `m` values; `four_u` is four times Anderson's U (an integer despite midranks).
pub(super) fn p_value(n: u64, m: u64, four_u: u128) -> f64 {
    if n.max(m) <= EXACT_UP_TO { exact(n, m, four_u) } else { limiting(n, m, four_u) }
}

fn limiting(n: u64, m: u64, four_u: u128) -> f64 {
    let (k, all) = (i128::from(n) * i128::from(m), i128::from(n + m));
    let numerator = 3 * four_u as i128 - 2 * k * (4 * k - 1);
    let (n, m, k, all) = (n as f64, m as f64, k as f64, all as f64);
    let t = numerator as f64 / (12.0 * k * all);
    let mean = (1.0 + 1.0 / all) / 6.0;
    let variance = (all + 1.0) * (4.0 * k * all - 3.0 * (n * n + m * m) - 2.0 * k) / (45.0 * all * all * 4.0 * k);
    let normalised = 1.0 / 6.0 + (t - mean) / (45.0 * variance).sqrt();
    if normalised < 0.003 { 1.0 } else { (1.0 - limiting_cdf(normalised)).clamp(0.0, 1.0) }
}

/// P(T < x) for infinitely large samples.
fn limiting_cdf(x: f64) -> f64 {
    let mut sum = 0.0;
    let mut k = 0.0;
    loop {
        let y: f64 = 4.0 * k + 1.0;
        let factor = (ln_gamma(k + 0.5) - ln_gamma(k + 1.0)).exp() / (std::f64::consts::PI.powf(1.5) * x.sqrt());
        let term = factor * y.sqrt() * bessel_k_quarter_damped(y * y / (16.0 * x));
        sum += term;
        if term.is_nan() || term < 1e-7 {
            return sum;
        }
        k += 1.0;
    }
}

/// Counts, over all ways of mixing the samples, those with a criterion at least as large as the one observed.
fn exact(n: u64, m: u64, four_u: u128) -> f64 {
    let multiple = n / gcd(n, m) * m;
    let (a, b) = (multiple / n, multiple / m);
    let least = {
        let (k, all, multiple) = (i128::from(n * m), i128::from(n + m), i128::from(multiple));
        (multiple * multiple * all * (3 * four_u as i128 - 2 * k * (4 * k - 1))).div_euclid(12 * k * k)
    };
    let mut columns: Vec<Frequencies> = vec![Vec::new(); n as usize + 1];
    columns[0].push((0, 1));
    for u in 0..=m {
        let mut left = Vec::new();
        for (v, column) in columns.iter_mut().enumerate() {
            let step = (a * v as u64).abs_diff(b * u).pow(2);
            left = merged(&left, column);
            left.iter_mut().for_each(|(value, _)| *value += step);
            column.clone_from(&left);
        }
    }
    let (mut extreme, mut total) = (0u64, 0u64);
    for (value, count) in &columns[n as usize] {
        total += count;
        extreme += if i128::from(*value) >= least { *count } else { 0 };
    }
    extreme as f64 / total as f64
}

/// Values of the criterion, ascending, with the number of ways to get each.
type Frequencies = Vec<(u64, u64)>;

fn merged(a: &Frequencies, b: &Frequencies) -> Frequencies {
    let mut all = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let Some(value) = a.peek().into_iter().chain(b.peek()).map(|(value, _)| *value).min() {
        let count = [a.next_if(|(v, _)| *v == value), b.next_if(|(v, _)| *v == value)].into_iter().flatten();
        all.push((value, count.map(|(_, count)| count).sum()));
    }
    all
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
