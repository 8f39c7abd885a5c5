//! How good predictions are, in scikit-learn's numbers.
//!
//! Invariant: ties are exact: rows of equal probability count as one step, so their order changes nothing. What is not
//! defined is NaN: areas under curves without both classes, R² of equal numbers, everything for no rows. `precision`,
//! `recall` and `f1` are 0 where they would divide by 0, as scikit-learn's `zero_division=0`.

use crate::error::{Error, Result};
use crate::learn::class_metrics::{
    Confusion, area_under_roc, average_precision, away_from_ends, brier, log_loss, steps,
};
use crate::learn::task::{Predictions, Target, Task};
use crate::math::ln;

/// A number that says how good predictions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Area under the ROC curve, 0 to 1; 0.5 is chance.
    Auc,
    /// Area under the precision-recall curve, by steps.
    AveragePrecision,
    /// Mean of −ln of the probability given to the true class.
    LogLoss,
    /// Share of rows whose class is right.
    Accuracy,
    /// Share of positives among the rows called positive.
    Precision,
    /// Share of positives that are called so.
    Recall,
    /// Harmonic mean of precision and recall.
    F1,
    /// Mean squared distance of probability and label.
    Brier,
    /// Mean over the classes of the area under the ROC curve of one against the rest.
    AucOvrMacro,
    /// Mean over the classes of their precision.
    PrecisionMacro,
    /// Mean over the classes of their recall.
    RecallMacro,
    /// Mean over the classes of their F1.
    F1Macro,
    /// Root of the mean squared error, in the unit of the label.
    Rmse,
    /// Mean absolute error, in the unit of the label.
    Mae,
    /// Share of the label's variance that is explained; 0 is what the mean gives, 1 is perfect.
    R2,
}

const BINARY: [Metric; 8] = [
    Metric::Auc,
    Metric::AveragePrecision,
    Metric::LogLoss,
    Metric::Accuracy,
    Metric::Precision,
    Metric::Recall,
    Metric::F1,
    Metric::Brier,
];
const MULTICLASS: [Metric; 6] = [
    Metric::AucOvrMacro,
    Metric::LogLoss,
    Metric::Accuracy,
    Metric::PrecisionMacro,
    Metric::RecallMacro,
    Metric::F1Macro,
];
const REGRESSION: [Metric; 3] = [Metric::Rmse, Metric::Mae, Metric::R2];

impl Metric {
    /// The metric by which models of this task are compared when the recipe names none.
    pub fn default_for(task: Task) -> Metric {
        match task {
            Task::Binary => Metric::Auc,
            Task::Multiclass => Metric::LogLoss,
            Task::Regression => Metric::Rmse,
        }
    }

    /// The metrics of a task, in the order in which they are shown.
    pub fn of(task: Task) -> &'static [Metric] {
        match task {
            Task::Binary => &BINARY,
            Task::Multiclass => &MULTICLASS,
            Task::Regression => &REGRESSION,
        }
    }

    /// The metrics that a narrow table shows of a task.
    pub fn headline(task: Task) -> &'static [Metric] {
        match task {
            Task::Binary => &[Metric::Auc, Metric::LogLoss, Metric::Brier, Metric::Accuracy],
            Task::Multiclass => &[Metric::AucOvrMacro, Metric::LogLoss, Metric::Accuracy, Metric::F1Macro],
            Task::Regression => &REGRESSION,
        }
    }

    /// The name in files, JSON and tables.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Auc => "auc",
            Metric::AveragePrecision => "average_precision",
            Metric::LogLoss => "log_loss",
            Metric::Accuracy => "accuracy",
            Metric::Precision => "precision",
            Metric::Recall => "recall",
            Metric::F1 => "f1",
            Metric::Brier => "brier",
            Metric::AucOvrMacro => "auc_ovr_macro",
            Metric::PrecisionMacro => "precision_macro",
            Metric::RecallMacro => "recall_macro",
            Metric::F1Macro => "f1_macro",
            Metric::Rmse => "rmse",
            Metric::Mae => "mae",
            Metric::R2 => "r2",
        }
    }

    /// Every metric, each once.
    pub fn all() -> impl Iterator<Item = Metric> {
        let more = MULTICLASS.into_iter().chain(REGRESSION).filter(|metric| !BINARY.contains(metric));
        BINARY.into_iter().chain(more)
    }

    /// The metric of this name, whatever its task.
    pub fn named(name: &str) -> Option<Metric> {
        Metric::all().find(|metric| metric.name() == name)
    }

    /// The metric called `name`; an error if there is none. Where the task is known, it has to be one of that task.
    pub fn parse(name: &str, task: Option<Task>) -> Result<Metric> {
        let of_task = |metric: &Metric| task.is_none_or(|task| Metric::of(task).contains(metric));
        match (Metric::named(name), task) {
            (Some(metric), _) if of_task(&metric) => Ok(metric),
            (Some(_), Some(task)) => {
                let names: Vec<&str> = Metric::of(task).iter().map(|metric| metric.name()).collect();
                Err(Error::invalid(format!("metric \"{name}\" is not defined for the task {}", task.name()))
                    .hint(format!("choose one of {}", names.join(", "))))
            }
            _ => Err(Error::unknown("metric", name, Metric::all().filter(of_task).map(Metric::name))),
        }
    }

    /// Whether more of it is better.
    pub fn higher_is_better(self) -> bool {
        !matches!(self, Metric::LogLoss | Metric::Brier | Metric::Rmse | Metric::Mae)
    }

    /// How much better `new` is than `old`: above 0 if it is better, NaN if one of the two is not defined.
    pub fn gain(self, old: f64, new: f64) -> f64 {
        if self.higher_is_better() { new - old } else { old - new }
    }
}

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

/// All metrics of the target's task, and for several classes the `f1.CLASS` of each.
///
/// Errors: predictions of another number of rows or outputs than the target has.
pub fn evaluate(truth: &Target, predictions: &Predictions, decision: Decision) -> Result<MetricValues> {
    let (rows, outputs) = (truth.len(), truth.task().outputs(truth.classes()));
    if rows != predictions.rows() {
        return Err(Error::invalid(format!("{rows} labels, but {} predictions", predictions.rows())));
    }
    if outputs != predictions.outputs() {
        return Err(Error::invalid(format!("{outputs} numbers a row are expected, not {}", predictions.outputs())));
    }
    let values = match truth.task() {
        Task::Binary => binary(truth.values(), predictions.values(), decision.threshold),
        Task::Multiclass => return Ok(multiclass(truth.values(), predictions, decision.classes)),
        Task::Regression => regression(truth.values(), predictions.values()).to_vec(),
    };
    let names = Metric::of(truth.task()).iter().map(|metric| metric.name().to_owned());
    Ok(MetricValues(names.zip(values).collect()))
}

/// Metrics in the order of `BINARY`; positive is p ≥ threshold.
fn binary(y: &[f64], p: &[f64], threshold: f64) -> Vec<f64> {
    let at = Confusion::new(y.iter().zip(p).map(|(y, p)| (*y == 1.0, *p >= threshold)));
    let steps = steps(y.iter().zip(p).map(|(y, p)| (*p, *y == 1.0)));
    let (auc, average_precision) = (area_under_roc(&steps), average_precision(&steps));
    vec![auc, average_precision, log_loss(y, p), at.accuracy(), at.precision(), at.recall(), at.f1(), brier(y, p)]
}

/// The place of the largest number, the first of equals.
pub fn largest(scores: &[f64]) -> usize {
    let best = scores.iter().enumerate().reduce(|best, other| if other.1 > best.1 { other } else { best });
    best.map_or(0, |(place, _)| place)
}

/// Metrics in the order of `MULTICLASS`, then the F1 of each class.
fn multiclass(y: &[f64], predictions: &Predictions, classes: &[String]) -> MetricValues {
    let rows = || y.iter().zip(predictions.iter());
    let called: Vec<usize> = predictions.iter().map(largest).collect();
    let right = y.iter().zip(&called).filter(|(y, called)| **y == **called as f64).count();
    let of_class = |class: usize| {
        let is = |y: f64| y == class as f64;
        let confusion = Confusion::new(y.iter().zip(&called).map(|(y, called)| (is(*y), *called == class)));
        let area = area_under_roc(&steps(rows().map(|(y, p)| (p[class], is(*y)))));
        (area, confusion)
    };
    let each: Vec<(f64, Confusion)> = (0..predictions.outputs()).map(of_class).collect();
    let mean = |values: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        sum / count
    };
    // Of the classes that some row has or is called; nothing can be said of the others.
    let there = || each.iter().map(|(_, at)| at).filter(|at| at.occurs());
    let loss = rows().fold(0.0, |sum, (y, p)| sum - ln(away_from_ends(p[*y as usize])));
    let values = [
        mean(&mut each.iter().map(|(area, _)| *area)),
        loss / y.len() as f64,
        right as f64 / y.len() as f64,
        mean(&mut there().map(Confusion::precision)),
        mean(&mut there().map(Confusion::recall)),
        mean(&mut there().map(Confusion::f1)),
    ];
    let mut metrics: Vec<(String, f64)> =
        MULTICLASS.iter().map(|metric| metric.name().to_owned()).zip(values).collect();
    metrics.extend(classes.iter().zip(&each).map(|(class, (_, at))| (format!("f1.{class}"), at.f1())));
    MetricValues(metrics)
}

/// Metrics in the order of `REGRESSION`.
fn regression(y: &[f64], p: &[f64]) -> [f64; 3] {
    let count = y.len() as f64;
    let sum = |value: &dyn Fn(f64, f64) -> f64| y.iter().zip(p).fold(0.0, |sum, (y, p)| sum + value(*y, *p));
    let mean = sum(&|y, _| y) / count;
    let squares = sum(&|y, p| (y - p) * (y - p));
    let spread = sum(&|y, _| (y - mean) * (y - mean));
    let r2 = if spread > 0.0 { 1.0 - squares / spread } else { f64::NAN };
    [(squares / count).sqrt(), sum(&|y, p| (y - p).abs()) / count, r2]
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let at = Confusion::new(Y.iter().zip(&P).map(|(y, p)| (*y == 1.0, *p >= 0.5)));
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
        let found = regression(&[3.0, -0.5, 2.0, 7.0, 4.25], &[2.5, 0.0, 2.0, 8.0, 4.0]);
        let expected = [0.5590169943749475, 0.45, 0.9491042345276873];
        assert!(found.iter().zip(expected).all(|(a, b): (&f64, f64)| (a - b).abs() < 1e-15), "{found:?}");
        assert!(regression(&[2.0, 2.0], &[1.0, 3.0])[2].is_nan(), "no variance to explain");
    }

    #[test]
    fn a_metric_is_read_by_its_name_and_refused_for_another_task() {
        assert!(Metric::all().all(|metric| Metric::named(metric.name()) == Some(metric)));
        assert_eq!(Metric::parse("auc", Some(Task::Binary)).unwrap(), Metric::Auc);
        let other = Metric::parse("auc", Some(Task::Regression)).unwrap_err();
        assert_eq!(other.message(), "metric \"auc\" is not defined for the task regression");
        assert_eq!(other.hint_text(), Some("choose one of rmse, mae, r2"));
        assert_eq!(Metric::parse("acc", None).unwrap_err().hint_text(), Some("did you mean \"auc\"?"));
        assert_eq!(Metric::Rmse.gain(3.0, 2.0), 1.0);
        assert_eq!(Metric::Auc.gain(0.75, 0.5), -0.25);
    }
}
