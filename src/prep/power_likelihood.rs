//! The power λ under which a bent column is likeliest to be normal.
//!
//! With ψ the bent values and L the logarithms that λ multiplies, the log-likelihood is (λ - 1) Σ ±L - n/2 · ln var(ψ), its slope
//! Σ ±L - n · cov(ψ, dψ/dλ) / var(ψ). The slope falls through 0 at the maximum. ψ = L · (e^z - 1) / z with z = λL, and dψ/dλ =
//! L² · (z·e^z - e^z + 1) / z². All are multiplied by e^-m, m the largest z, which cancels in the quotient: no size of z overflows.

use super::column_statistics::{deviation, mean};
use super::power::Signed;
use crate::math::{exp, exp_m1};

/// Powers are looked for up to this size.
const LARGEST_POWER: f64 = 128.0;

/// The power for these known values with these logarithms; 1 of a constant column.
pub(super) fn best_power(known: &[f64], logarithms: &[Signed]) -> f64 {
    let (count, center) = (known.len() as f64, mean(known));
    let variance = deviation(known, center).powi(2);
    let rounding = count * f64::EPSILON * variance + (count * center * f64::EPSILON).powi(2);
    // As scikit-learn: a variance that is only rounding is that of a constant.
    if known.len() < 2 || variance <= rounding {
        return 1.0;
    }
    let (mut low, mut high) = (-2.0, 2.0);
    let (mut at_low, mut at_high) = (slope(logarithms, low), slope(logarithms, high));
    while at_low < 0.0 && low > -LARGEST_POWER {
        (high, at_high, low) = (low, at_low, low * 2.0);
        at_low = slope(logarithms, low);
    }
    while at_high > 0.0 && high < LARGEST_POWER {
        (low, at_low, high) = (high, at_high, high * 2.0);
        at_high = slope(logarithms, high);
    }
    if at_low.is_nan() || at_high.is_nan() {
        return 1.0;
    }
    if at_low <= 0.0 || at_high >= 0.0 {
        return if at_low <= 0.0 { low } else { high };
    }
    zero(logarithms, (low, at_low), (high, at_high))
}

/// Where the slope is 0, between a place where it is above and one where it is below: the line between the two ends, whose height is
/// halved at an end that stays twice (the Illinois method).
fn zero(logarithms: &[Signed], mut low: (f64, f64), mut high: (f64, f64)) -> f64 {
    let mut side = 0;
    for _ in 0..100 {
        let width = high.0 - low.0;
        let at = low.0 + width * (low.1 / (low.1 - high.1));
        let at = if at > low.0 && at < high.0 { at } else { low.0 + width / 2.0 };
        if width <= 4.0 * f64::EPSILON * (1.0 + at.abs()) {
            return at;
        }
        let found = slope(logarithms, at);
        if found > 0.0 {
            high.1 = if side == 1 { high.1 / 2.0 } else { high.1 };
            (low, side) = ((at, found), 1);
        } else if found < 0.0 {
            low.1 = if side == -1 { low.1 / 2.0 } else { low.1 };
            (high, side) = ((at, found), -1);
        } else {
            return at;
        }
    }
    low.0 + (high.0 - low.0) / 2.0
}

/// The slope of the log-likelihood at a power.
fn slope(logarithms: &[Signed], lambda: f64) -> f64 {
    let count = logarithms.len() as f64;
    let exponents = logarithms.iter().map(|l| l.exponent(lambda) * l.logarithm);
    let largest = exponents.fold(0.0, f64::max);
    let bent: Vec<(f64, f64)> = logarithms.iter().map(|l| bent(*l, lambda, largest)).collect();
    let (sum, sum_slope) = bent.iter().fold((0.0, 0.0), |(a, b), (y, d)| (a + y, b + d));
    let (mean, mean_slope) = (sum / count, sum_slope / count);
    let (variance, covariance) =
        bent.iter().fold((0.0, 0.0), |(v, c), (y, d)| (v + (y - mean) * (y - mean), c + (y - mean) * (d - mean_slope)));
    let signed = logarithms.iter().fold(0.0, |sum, l| sum + if l.negative { -l.logarithm } else { l.logarithm });
    signed - count * covariance / variance
}

/// A bent value and its slope by λ, both times e^-largest.
fn bent(signed: Signed, lambda: f64, largest: f64) -> (f64, f64) {
    let (l, z) = (signed.logarithm, signed.exponent(lambda) * signed.logarithm);
    let shrink = exp(-largest);
    let (first, second) = if z.abs() < 0.5 {
        let ratio = if z == 0.0 { 1.0 } else { exp_m1(z) / z };
        // The sum of z^k / (k! (k + 2)).
        let (mut term, mut sum) = (1.0, 0.0);
        for k in 0..20 {
            sum += term / f64::from(k + 2);
            term *= z / f64::from(k + 1);
        }
        (ratio * shrink, sum * shrink)
    } else {
        let grown = exp(z - largest);
        ((grown - shrink) / z, (z * grown - grown + shrink) / (z * z))
    };
    let sign = if signed.negative { -1.0 } else { 1.0 };
    // A negative number's exponent falls as λ rises, and its bent value is negative: the slope keeps its sign.
    (sign * l * first, l * l * second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random;
    use crate::math::{ln, ln_1p, pow};

    /// The log-likelihood as the formula has it, without the detours against overflow.
    fn likelihood(values: &[f64], lambda: f64) -> f64 {
        let bent: Vec<f64> = values
            .iter()
            .map(|x| match *x < 0.0 {
                true => -(pow(1.0 - x, 2.0 - lambda) - 1.0) / (2.0 - lambda),
                false => (pow(1.0 + x, lambda) - 1.0) / lambda,
            })
            .collect();
        let signed = values.iter().fold(0.0, |sum, x| sum + x.signum() * ln_1p(x.abs()));
        (lambda - 1.0) * signed - values.len() as f64 * ln(deviation(&bent, mean(&bent)))
    }

    #[test]
    fn no_power_near_the_best_is_likelier() {
        let mut normal = random::stream(5, "test", 0);
        for shape in [0.5, 1.0, 2.0] {
            let values: Vec<f64> = (0..500).map(|_| normal.normal() * shape + normal.normal().powi(2)).collect();
            let signed = |x: &f64| Signed { logarithm: ln_1p(x.abs()), negative: *x < 0.0 };
            let logarithms: Vec<Signed> = values.iter().map(signed).collect();
            let best = best_power(&values, &logarithms);
            let top = likelihood(&values, best);
            for away in [1e-3, 1e-2, 0.3] {
                assert!(likelihood(&values, best - away) < top && likelihood(&values, best + away) < top, "{best}");
            }
            assert!(slope(&logarithms, best - 1e-10) > 0.0 && slope(&logarithms, best + 1e-10) < 0.0, "{best}");
            let rise = (likelihood(&values, 0.701) - likelihood(&values, 0.699)) / 0.002;
            assert!(
                (slope(&logarithms, 0.7) - rise).abs() < 1e-3 * (1.0 + rise.abs()),
                "the slope is that of the formula"
            );
        }
    }

    #[test]
    fn values_of_any_size_have_a_power() {
        for values in [vec![1e300, 1.0, 5.0], vec![-1e300, 1e300, 0.0], vec![5e-324, 1e-300], vec![3.0; 4], vec![1.0]] {
            let signed = |x: &f64| Signed { logarithm: ln_1p(x.abs()), negative: *x < 0.0 };
            let best = best_power(&values, &values.iter().map(signed).collect::<Vec<_>>());
            assert!(best.is_finite(), "{values:?}: {best}");
        }
    }
}
