//! The metrics of numbers, by scikit-learn's formulas. Sums run in the order of the rows. For example, of the labels 1, 2, 4 and the
//! predictions 1, 3, 2 the errors are 0, −1, 2: `mae` 1, `median_ae` 1, `max_error` 2, `rmse` √(5/3).

use crate::learn::metric::Metric;
use crate::math::{ln, ln_1p};

/// The value of a metric of numbers; NaN for no rows, for a metric of classes, and where it is not defined.
pub(super) fn value(metric: Metric, y: &[f64], p: &[f64]) -> f64 {
    let count = y.len() as f64;
    let sum = |value: &dyn Fn(f64, f64) -> f64| y.iter().zip(p).fold(0.0, |sum, (y, p)| sum + value(*y, *p));
    let mean = |value: &dyn Fn(f64, f64) -> f64| sum(value) / count;
    let pinball = |share: f64| mean(&|y, p| if y >= p { share * (y - p) } else { (1.0 - share) * (p - y) });
    let all = |holds: &dyn Fn(f64, f64) -> bool| y.iter().zip(p).all(|(y, p)| holds(*y, *p));
    match metric {
        Metric::Rmse => mean(&|y, p| (y - p) * (y - p)).sqrt(),
        Metric::Mae => mean(&|y, p| (y - p).abs()),
        Metric::R2 => {
            let middle = mean(&|y, _| y);
            unexplained(sum(&|y, p| (y - p) * (y - p)), sum(&|y, _| (y - middle) * (y - middle)))
        }
        Metric::ExplainedVariance => {
            let (middle, off) = (mean(&|y, _| y), mean(&|y, p| y - p));
            let rest = sum(&|y, p| (y - p - off) * (y - p - off));
            unexplained(rest, sum(&|y, _| (y - middle) * (y - middle)))
        }
        Metric::MedianAe => median(y.iter().zip(p).map(|(y, p)| (y - p).abs()).collect()),
        Metric::Mape => mean(&|y, p| (y - p).abs() / y.abs().max(f64::EPSILON)),
        Metric::MaxError => y.iter().zip(p).map(|(y, p)| (y - p).abs()).reduce(f64::max).unwrap_or(f64::NAN),
        Metric::Rmsle if all(&|y, p| y > -1.0 && p > -1.0) => {
            mean(&|y, p| (ln_1p(y) - ln_1p(p)) * (ln_1p(y) - ln_1p(p))).sqrt()
        }
        Metric::PoissonDeviance if all(&|y, p| y >= 0.0 && p > 0.0) => {
            let logarithm = |y: f64, p: f64| if y == 0.0 { 0.0 } else { y * ln(y / p) };
            mean(&|y, p| 2.0 * (logarithm(y, p) - y + p))
        }
        Metric::GammaDeviance if all(&|y, p| y > 0.0 && p > 0.0) => mean(&|y, p| 2.0 * (ln(p / y) + y / p - 1.0)),
        Metric::Pinball10 => pinball(0.1),
        Metric::Pinball50 => pinball(0.5),
        Metric::Pinball90 => pinball(0.9),
        _ => f64::NAN,
    }
}

/// The share of the spread that is not left; NaN where there is none.
fn unexplained(left: f64, spread: f64) -> f64 {
    if spread > 0.0 { 1.0 - left / spread } else { f64::NAN }
}

/// The middle value, or the mean of the two in the middle; NaN for none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => at(count / 2),
        count => 0.5 * (at(count / 2 - 1) + at(count / 2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `median_absolute_error`, `mean_absolute_percentage_error`, `max_error`, `explained_variance_score`,
    /// `root_mean_squared_log_error`, `mean_poisson_deviance`, `mean_gamma_deviance`, `mean_pinball_loss` of scikit-learn 1.9.1.
    #[test]
    fn metrics_of_numbers_are_those_of_scikit_learn() {
        let (y, p) = ([3.0, 0.5, 2.0, 7.0], [2.5, 0.25, 2.0, 8.0]);
        for (metric, expected) in EXPECTED {
            let found = value(metric, &y, &p);
            assert!((found - expected).abs() < 1e-14, "{}: {found}, not {expected}", metric.name());
        }
    }

    #[test]
    fn a_deviance_of_numbers_that_it_is_not_defined_for_is_not_a_number() {
        assert!(value(Metric::PoissonDeviance, &[1.0], &[0.0]).is_nan());
        assert!(value(Metric::PoissonDeviance, &[0.0], &[1.0]) == 2.0);
        assert!(
            value(Metric::GammaDeviance, &[0.0], &[1.0]).is_nan() && value(Metric::Rmsle, &[-1.0], &[1.0]).is_nan()
        );
        assert!(value(Metric::ExplainedVariance, &[2.0, 2.0], &[1.0, 3.0]).is_nan(), "no variance to explain");
        assert!(value(Metric::MedianAe, &[], &[]).is_nan() && value(Metric::MaxError, &[], &[]).is_nan());
    }

    const EXPECTED: [(Metric, f64); 10] = [
        (Metric::MedianAe, 0.375),
        (Metric::Mape, 0.20238095238095238),
        (Metric::MaxError, 1.0),
        (Metric::ExplainedVariance, 0.9440700808625337),
        (Metric::Rmsle, 0.12742117796548635),
        (Metric::PoissonDeviance, 0.10440925614508909),
        (Metric::GammaDeviance, 0.1665313276353112),
        (Metric::Pinball10, 0.24375000000000002),
        (Metric::Pinball50, 0.21875),
        (Metric::Pinball90, 0.19375),
    ];
}
