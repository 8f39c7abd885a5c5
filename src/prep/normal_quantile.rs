//! The quantile of the standard normal distribution: the number below which a given share of it lies.
//!
//! A rational approximation (Acklam, 2003; relative error 1.2e-9), and one step of Halley's method with `erfc`, which takes it to the last
//! places. Equal to SciPy's `norm.ppf` to 1e-14.

use crate::math::{exp, ln};

const CENTRE_ABOVE: [f64; 6] = [
    -3.969683028665376e1,
    2.209460984245205e2,
    -2.759285104469687e2,
    1.38357751867269e2,
    -3.066479806614716e1,
    2.506628277459239,
];
const CENTRE_BELOW: [f64; 6] =
    [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1.0];
const TAIL_ABOVE: [f64; 6] = [
    -7.784894002430293e-3,
    -3.223964580411365e-1,
    -2.400758277161838,
    -2.549732539343734,
    4.374664141464968,
    2.938163982698783,
];
const TAIL_BELOW: [f64; 5] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1.0];

/// From this share on the tail's approximation is for the other side.
const TAIL: f64 = 0.02425;

fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

/// The number below which a share of the standard normal distribution lies; the share is above 0 and below 1.
pub(super) fn normal_quantile(share: f64) -> f64 {
    if share > 0.5 {
        return -normal_quantile(1.0 - share);
    }
    let near = if share < TAIL {
        let q = (-2.0 * ln(share)).sqrt();
        polynomial(&TAIL_ABOVE, q) / polynomial(&TAIL_BELOW, q)
    } else {
        let q = share - 0.5;
        q * polynomial(&CENTRE_ABOVE, q * q) / polynomial(&CENTRE_BELOW, q * q)
    };
    let error = 0.5 * libm::erfc(-near / std::f64::consts::SQRT_2) - share;
    let step = error * std::f64::consts::TAU.sqrt() * exp(near * near / 2.0);
    near - step / (1.0 + near * step / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.norm.ppf` of SciPy 1.17.
    #[test]
    fn quantiles_are_scipys() {
        for (share, expected) in [
            (1e-7, -5.1993375821928165),
            (1e-3, -3.090232306167813),
            (0.02425, -1.972961051311885),
            (0.25, -0.6744897501960817),
            (0.5, 0.0),
            (0.9, 1.2815515655446004),
            (0.999999, 4.753424308817087),
        ] {
            let found = normal_quantile(share);
            assert!((found - expected).abs() <= 1e-13 * (1.0 + expected.abs()), "{share}: {found}, not {expected}");
        }
    }
}
