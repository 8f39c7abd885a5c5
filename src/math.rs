//! Elementary functions that give the same bits on every machine.
//!
//! IEEE 754 fixes `+ - * /` and `sqrt` to the last bit, but not `exp`, `ln` and the like: each C library rounds its own way.
//! Whatever enters a hash (a model, a metric, a feature) takes them from here, from one pinned implementation (`libm`).

/// eˣ.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// eˣ - 1, exact for small x.
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// The natural logarithm.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// ln(1 + x), exact for small x.
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// The logarithm to base 2.
pub fn log2(x: f64) -> f64 {
    libm::log2(x)
}

/// The logarithm to base 10.
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// xʸ.
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// 2/√π · ∫ e^(−t²) from x on: twice the share of the normal distribution above √2·x.
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// The sine of an angle in radians.
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// The cosine of an angle in radians.
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// The hyperbolic tangent.
pub fn tanh(x: f64) -> f64 {
    libm::tanh(x)
}

/// 1 / (1 + e⁻ˣ), exact to the last places on both sides and never an overflow.
pub fn sigmoid(x: f64) -> f64 {
    let e = exp(-x.abs());
    if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// Makes scores into shares that sum to 1: eˣ of each over the sum of all. Subtracting the largest first keeps it finite.
pub fn softmax(scores: &mut [f64]) {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = exp(*score - largest);
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If one of these changes, every model hash does: the implementation is pinned on purpose.
    #[test]
    fn the_bits_are_fixed() {
        let found =
            [exp(0.7), ln(0.7), ln_1p(0.7), log2(0.7), log10(0.7), pow(0.7, 1.3), sin(0.7), cos(0.7), exp_m1(0.7)];
        let expected: [f64; 9] = [
            2.0137527074704766,
            -0.35667494393873245,
            0.5306282510621704,
            -0.5145731728297583,
            -0.1549019599857432,
            0.628_966_409_253_447_7,
            0.644217687237691,
            0.7648421872844885,
            1.0137527074704764,
        ];
        assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits), "{found:?}");
    }

    #[test]
    fn sigmoid_is_symmetric_and_never_overflows() {
        assert_eq!((sigmoid(0.0), sigmoid(1000.0), sigmoid(-1000.0)), (0.5, 1.0, 0.0));
        assert!((sigmoid(-3.0) - 0.047_425_873_177_566_78).abs() < 1e-17);
        assert!(sigmoid(f64::NAN).is_nan());
    }

    #[test]
    fn softmax_gives_shares_whatever_the_size_of_the_scores() {
        for scores in [[1.0, 2.0, 3.0], [1e300, 0.0, -1e300], [-1e3, -1e3, -1e3]] {
            let mut shares = scores;
            softmax(&mut shares);
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-15, "{shares:?}");
        }
        let mut two = [0.4, -0.3];
        softmax(&mut two);
        assert!((two[0] - sigmoid(0.7)).abs() < 1e-15);
    }
}
