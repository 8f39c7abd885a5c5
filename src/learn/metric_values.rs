//! How good predictions are, in scikit-learn's numbers.
//!
//! Invariant: ties are exact: rows of equal probability count as one step, so their order changes nothing. What is not
//! defined is NaN: areas under curves without both classes, R² of equal numbers, everything for no rows. `precision`,
//! `recall` and `f1` are 0 where they would divide by 0, as scikit-learn's `zero_division=0`.

use crate::error::{Error, Result};
use crate::learn::class_rows::ClassRows;
use crate::learn::metric::Metric;
use crate::learn::number_metrics;
use crate::learn::task::{Predictions, Target, Task};

/// Names and values in a fixed order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetricValues(Vec<(String, f64)>);

impl MetricValues {
    /// The value of a metric.
    pub fn get(&self, metric: Metric) -> Option<f64> {
        self.iter().find(|(name, _)| *name == metric.name()).map(|(_, value)| value)
    }

    /// All names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> + Clone {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }
}

/// What turns probabilities into a class: the threshold of two classes, and the names under which classes are reported.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// Probability from which a row is called the second of two classes.
    pub threshold: f64,
    /// Names of the classes; empty for regression.
    pub classes: &'a [String],
}

/// The usual metrics of the target's task, and for several classes the `f1.CLASS` of each.
///
/// Errors: predictions of another number of rows or outputs than the target has.
pub fn evaluate(truth: &Target, predictions: &Predictions, decision: Decision) -> Result<MetricValues> {
    evaluate_with(truth, predictions, decision, &[])
}

/// The same and `more` metrics behind them: those of the task that are not usual ones.
pub fn evaluate_with(
    truth: &Target,
    predictions: &Predictions,
    decision: Decision,
    more: &[Metric],
) -> Result<MetricValues> {
    let (rows, outputs) = (truth.len(), truth.task().outputs(truth.classes()));
    if rows != predictions.rows() {
        return Err(Error::invalid(format!("{rows} labels, but {} predictions", predictions.rows())));
    }
    if outputs != predictions.outputs() {
        return Err(Error::invalid(format!("{outputs} numbers a row are expected, not {}", predictions.outputs())));
    }
    let task = truth.task();
    let usual = Metric::of(task);
    let mut asked: Vec<Metric> = Vec::new();
    for metric in more.iter().filter(|metric| metric.is_of(task) && !usual.contains(metric)) {
        if !asked.contains(metric) {
            asked.push(*metric);
        }
    }
    if task == Task::Regression {
        let value = |metric: &Metric| number_metrics::value(*metric, truth.values(), predictions.values());
        let values = usual.iter().chain(&asked).map(|metric| (metric.name().to_owned(), value(metric)));
        return Ok(MetricValues(values.collect()));
    }
    let found = ClassRows::new(truth, predictions, decision.threshold);
    let value = |metric: &Metric| (metric.name().to_owned(), found.value(*metric));
    let mut values: Vec<(String, f64)> = usual.iter().map(value).collect();
    if task == Task::Multiclass {
        let of_class = |(class, name): (usize, &String)| (format!("f1.{name}"), found.of_class(class).f1());
        values.extend(decision.classes.iter().enumerate().map(of_class));
    }
    values.extend(asked.iter().map(value));
    Ok(MetricValues(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::class_metrics::{Confusion, log_loss};
    use crate::learn::random::stream;

    fn evaluate_binary(y: &[f64], p: &[f64], threshold: f64) -> Result<MetricValues> {
        let decision = Decision { threshold, classes: &[] };
        evaluate(&Target::new(Task::Binary, 2, y.to_vec()), &Predictions::new(1, p.to_vec()), decision)
    }

    const Y: [f64; 12] = [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0];
    const P: [f64; 12] = [0.1, 0.4, 0.35, 0.8, 0.7, 0.4, 0.9, 0.55, 0.2, 0.0, 1.0, 0.55];

    /// `roc_auc_score`, `average_precision_score`, `log_loss`, `accuracy_score`, `precision_score`, `recall_score`,
    /// `f1_score` (of p >= 0.5) and `brier_score_loss` of scikit-learn 1.9.1 on Y and P.
    #[test]
    fn metrics_are_those_of_scikit_learn() {
        let third = 2.0 / 3.0;
        let expected = [
            0.777_777_777_777_777_8,
            0.784_722_222_222_222_1,
            0.522_771_718_009_575_9,
            third,
            third,
            third,
            third,
            0.186_458_333_333_333_36,
        ];
        let metrics = evaluate_binary(&Y, &P, 0.5).unwrap();
        for ((name, value), expected) in metrics.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-14, "{name}: {value}, not {expected}");
        }
        let mut p = P;
        p[0] = 1.0;
        assert!((log_loss(&Y, &p) - 3.517_629_457_464_519_5).abs() < 1e-14, "clipped");
        let at = Confusion::counted(Y.iter().zip(&P).map(|(y, p)| (*y == 1.0, *p >= 0.5, 1)));
        assert_eq!([at.true_negative, at.false_positive, at.false_negative, at.true_positive], [4, 2, 2, 4]);
    }

    #[test]
    fn auc_is_the_share_of_ordered_pairs() {
        let mut random = stream(1, "test", 0);
        for round in 1..60 {
            let n = 2 + random.below(60);
            let mut y: Vec<f64> = (0..n).map(|_| random.below(2) as f64).collect();
            (y[0], y[1]) = (0.0, 1.0);
            let p: Vec<f64> = (0..n).map(|_| random.below(round) as f64 / round as f64).collect();
            let (mut right, mut pairs) = (0.0, 0.0);
            for i in (0..n).filter(|&i| y[i] == 1.0) {
                for j in (0..n).filter(|&j| y[j] == 0.0) {
                    pairs += 1.0;
                    right += if p[i] > p[j] { 1.0 } else { f64::from(u8::from(p[i] == p[j])) * 0.5 };
                }
            }
            assert_eq!(evaluate_binary(&y, &p, 0.5).unwrap().get(Metric::Auc), Some(right / pairs));
        }
    }

    #[test]
    fn what_is_not_defined_is_nan_or_zero() {
        let metrics = evaluate_binary(&[0.0, 0.0], &[0.2, 0.3], 0.5).unwrap();
        assert!(metrics.get(Metric::Auc).unwrap().is_nan() && metrics.get(Metric::AveragePrecision).unwrap().is_nan());
        assert_eq!(
            (metrics.get(Metric::Precision), metrics.get(Metric::Recall), metrics.get(Metric::F1)),
            (Some(0.0), Some(0.0), Some(0.0))
        );
        assert_eq!(metrics.get(Metric::Accuracy), Some(1.0));
        assert!(
            evaluate_binary(&[], &[], 0.5)
                .unwrap()
                .iter()
                .all(|(name, value)| value.is_nan() || value == 0.0 && name != "auc")
        );
        assert!(evaluate_binary(&[1.0], &[], 0.5).is_err());
    }

    /// `roc_auc_score(multi_class="ovr")`, `log_loss`, `accuracy_score`, and macro `precision_score`, `recall_score`,
    /// `f1_score` of scikit-learn 1.9.1; then `f1_score(average=None)`.
    #[test]
    fn metrics_of_several_classes_are_those_of_scikit_learn() {
        let y = vec![0.0, 1.0, 2.0, 2.0, 1.0, 0.0, 2.0, 1.0];
        let p = [
            [0.7, 0.2, 0.1],
            [0.2, 0.5, 0.3],
            [0.1, 0.3, 0.6],
            [0.4, 0.35, 0.25],
            [0.3, 0.3, 0.4],
            [0.5, 0.25, 0.25],
            [0.05, 0.15, 0.8],
            [0.1, 0.8, 0.1],
        ];
        let classes = ["a", "b", "c"].map(str::to_owned);
        let decision = Decision { threshold: 0.5, classes: &classes };
        let truth = Target::new(Task::Multiclass, 3, y);
        let found = evaluate(&truth, &Predictions::new(3, p.concat()), decision).unwrap();
        EXPECTED_MULTI.iter().zip(found.iter()).for_each(|((name, value), (found, is))| {
            assert!(*name == found && (value - is).abs() < 1e-14, "{name}: {is}, not {value}");
        });
        assert_eq!(found.iter().count(), EXPECTED_MULTI.len());
    }

    const EXPECTED_MULTI: [(&str, f64); 9] = [
        ("auc_ovr_macro", 0.9111111111111111),
        ("log_loss", 0.6612936496123575),
        ("accuracy", 0.75),
        ("precision_macro", 0.7777777777777777),
        ("recall_macro", 0.7777777777777777),
        ("f1_macro", 0.7555555555555555),
        ("f1.a", 0.8),
        ("f1.b", 0.8),
        ("f1.c", 0.6666666666666666),
    ];

    /// `root_mean_squared_error`, `mean_absolute_error`, `r2_score` of scikit-learn 1.9.1.
    #[test]
    fn metrics_of_numbers_are_those_of_scikit_learn() {
        let regression = |y: &[f64], p: &[f64]| {
            [Metric::Rmse, Metric::Mae, Metric::R2].map(|metric| number_metrics::value(metric, y, p))
        };
        let found = regression(&[3.0, -0.5, 2.0, 7.0, 4.25], &[2.5, 0.0, 2.0, 8.0, 4.0]);
        let expected = [0.5590169943749475, 0.45, 0.9491042345276873];
        assert!(found.iter().zip(expected).all(|(a, b): (&f64, f64)| (a - b).abs() < 1e-15), "{found:?}");
        assert!(regression(&[2.0, 2.0], &[1.0, 3.0])[2].is_nan(), "no variance to explain");
    }
}
