//! The metrics by name: of which task each is, whether more of it is better, and which are recorded without being asked for.
//!
//! Names and meanings are scikit-learn's; `metric_values` computes them.

use crate::error::{Error, Result};
use crate::learn::task::Task;

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
    /// Mean squared distance of probability and label; of several classes the sum over them.
    Brier,
    /// Share of negatives that are called so.
    Specificity,
    /// The greatest distance of the ROC curve from the diagonal: Kolmogorov and Smirnov's of the two classes' probabilities.
    Ks,
    /// Mean over the classes of the area under the ROC curve of one against the rest.
    AucOvrMacro,
    /// The same, each class weighted by its rows.
    AucOvrWeighted,
    /// Mean over all pairs of classes of the area under the ROC curve of one against the other (Hand & Till 2001).
    AucOvoMacro,
    /// The same, each pair weighted by its rows.
    AucOvoWeighted,
    /// Mean over the classes of their average precision.
    AveragePrecisionMacro,
    /// The same, each class weighted by its rows.
    AveragePrecisionWeighted,
    /// Mean over the classes of their precision.
    PrecisionMacro,
    /// Mean over the classes of their recall.
    RecallMacro,
    /// Mean over the classes of their F1.
    F1Macro,
    /// Precision of the classes, weighted by their rows.
    PrecisionWeighted,
    /// Recall of the classes, weighted by their rows.
    RecallWeighted,
    /// F1 of the classes, weighted by their rows.
    F1Weighted,
    /// Precision of all calls together, which is the accuracy.
    PrecisionMicro,
    /// Recall of all calls together, which is the accuracy.
    RecallMicro,
    /// F1 of all calls together, which is the accuracy.
    F1Micro,
    /// Mean recall of the classes that have rows.
    BalancedAccuracy,
    /// Matthews' correlation of labels and calls, −1 to 1.
    Mcc,
    /// Cohen's kappa: agreement beyond what chance gives.
    Kappa,
    /// Share of rows whose class is among the two most probable.
    Top2,
    /// Among the three most probable.
    Top3,
    /// Among the five most probable.
    Top5,
    /// Root of the mean squared error, in the unit of the label.
    Rmse,
    /// Mean absolute error, in the unit of the label.
    Mae,
    /// Share of the label's variance that is explained; 0 is what the mean gives, 1 is perfect.
    R2,
    /// Median absolute error, in the unit of the label.
    MedianAe,
    /// Mean absolute error as a share of the label.
    Mape,
    /// The largest absolute error.
    MaxError,
    /// As R², but a constant error costs nothing.
    ExplainedVariance,
    /// Root of the mean squared error of ln(1 + number); of numbers above −1.
    Rmsle,
    /// Mean Poisson deviance; of labels from 0 on and predictions above 0.
    PoissonDeviance,
    /// Mean gamma deviance; of labels and predictions above 0.
    GammaDeviance,
    /// Mean pinball loss of the 0.1 quantile.
    Pinball10,
    /// Mean pinball loss of the median: half the mean absolute error.
    Pinball50,
    /// Mean pinball loss of the 0.9 quantile.
    Pinball90,
}

/// Which of two values is the better one.
#[derive(Clone, Copy, PartialEq)]
enum Better {
    More,
    Less,
}

const BINARY: &[Task] = &[Task::Binary];
const MULTICLASS: &[Task] = &[Task::Multiclass];
const CLASSES: &[Task] = &[Task::Binary, Task::Multiclass];
const NUMBERS: &[Task] = &[Task::Regression];

/// Every metric with its name, the tasks for which it is defined, and which value is better.
const TABLE: [(Metric, &str, &[Task], Better); 44] = [
    (Metric::Auc, "auc", BINARY, Better::More),
    (Metric::AveragePrecision, "average_precision", BINARY, Better::More),
    (Metric::LogLoss, "log_loss", CLASSES, Better::Less),
    (Metric::Accuracy, "accuracy", CLASSES, Better::More),
    (Metric::Precision, "precision", BINARY, Better::More),
    (Metric::Recall, "recall", BINARY, Better::More),
    (Metric::F1, "f1", BINARY, Better::More),
    (Metric::Brier, "brier", CLASSES, Better::Less),
    (Metric::Specificity, "specificity", BINARY, Better::More),
    (Metric::Ks, "ks", BINARY, Better::More),
    (Metric::AucOvrMacro, "auc_ovr_macro", MULTICLASS, Better::More),
    (Metric::AucOvrWeighted, "auc_ovr_weighted", MULTICLASS, Better::More),
    (Metric::AucOvoMacro, "auc_ovo_macro", MULTICLASS, Better::More),
    (Metric::AucOvoWeighted, "auc_ovo_weighted", MULTICLASS, Better::More),
    (Metric::AveragePrecisionMacro, "average_precision_macro", MULTICLASS, Better::More),
    (Metric::AveragePrecisionWeighted, "average_precision_weighted", MULTICLASS, Better::More),
    (Metric::PrecisionMacro, "precision_macro", CLASSES, Better::More),
    (Metric::RecallMacro, "recall_macro", CLASSES, Better::More),
    (Metric::F1Macro, "f1_macro", CLASSES, Better::More),
    (Metric::PrecisionWeighted, "precision_weighted", CLASSES, Better::More),
    (Metric::RecallWeighted, "recall_weighted", CLASSES, Better::More),
    (Metric::F1Weighted, "f1_weighted", CLASSES, Better::More),
    (Metric::PrecisionMicro, "precision_micro", CLASSES, Better::More),
    (Metric::RecallMicro, "recall_micro", CLASSES, Better::More),
    (Metric::F1Micro, "f1_micro", CLASSES, Better::More),
    (Metric::BalancedAccuracy, "balanced_accuracy", CLASSES, Better::More),
    (Metric::Mcc, "mcc", CLASSES, Better::More),
    (Metric::Kappa, "kappa", CLASSES, Better::More),
    (Metric::Top2, "top_2", MULTICLASS, Better::More),
    (Metric::Top3, "top_3", MULTICLASS, Better::More),
    (Metric::Top5, "top_5", MULTICLASS, Better::More),
    (Metric::Rmse, "rmse", NUMBERS, Better::Less),
    (Metric::Mae, "mae", NUMBERS, Better::Less),
    (Metric::R2, "r2", NUMBERS, Better::More),
    (Metric::MedianAe, "median_ae", NUMBERS, Better::Less),
    (Metric::Mape, "mape", NUMBERS, Better::Less),
    (Metric::MaxError, "max_error", NUMBERS, Better::Less),
    (Metric::ExplainedVariance, "explained_variance", NUMBERS, Better::More),
    (Metric::Rmsle, "rmsle", NUMBERS, Better::Less),
    (Metric::PoissonDeviance, "poisson_deviance", NUMBERS, Better::Less),
    (Metric::GammaDeviance, "gamma_deviance", NUMBERS, Better::Less),
    (Metric::Pinball10, "pinball_10", NUMBERS, Better::Less),
    (Metric::Pinball50, "pinball_50", NUMBERS, Better::Less),
    (Metric::Pinball90, "pinball_90", NUMBERS, Better::Less),
];

impl Metric {
    /// The metric by which models of this task are compared when the recipe names none.
    pub fn default_for(task: Task) -> Metric {
        match task {
            Task::Binary => Metric::Auc,
            Task::Multiclass => Metric::LogLoss,
            Task::Regression => Metric::Rmse,
        }
    }

    /// The metrics that are recorded of a task without being asked for, in the order in which they are shown.
    pub fn of(task: Task) -> &'static [Metric] {
        match task {
            Task::Binary => &[
                Metric::Auc,
                Metric::AveragePrecision,
                Metric::LogLoss,
                Metric::Accuracy,
                Metric::Precision,
                Metric::Recall,
                Metric::F1,
                Metric::Brier,
            ],
            Task::Multiclass => &[
                Metric::AucOvrMacro,
                Metric::LogLoss,
                Metric::Accuracy,
                Metric::PrecisionMacro,
                Metric::RecallMacro,
                Metric::F1Macro,
            ],
            Task::Regression => &[Metric::Rmse, Metric::Mae, Metric::R2],
        }
    }

    /// The metrics that a narrow table shows of a task.
    pub fn headline(task: Task) -> &'static [Metric] {
        match task {
            Task::Binary => &[Metric::Auc, Metric::LogLoss, Metric::Brier, Metric::Accuracy],
            Task::Multiclass => &[Metric::AucOvrMacro, Metric::LogLoss, Metric::Accuracy, Metric::F1Macro],
            Task::Regression => Metric::of(task),
        }
    }

    /// Its line in the table.
    fn entry(self) -> &'static (Metric, &'static str, &'static [Task], Better) {
        // The lines stand in the order of the enum; a test holds that.
        &TABLE[self as usize]
    }

    /// The name in files, JSON and tables.
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// Whether it is defined for a task.
    pub fn is_of(self, task: Task) -> bool {
        self.entry().2.contains(&task)
    }

    /// Every metric, each once.
    pub fn all() -> impl Iterator<Item = Metric> {
        TABLE.iter().map(|entry| entry.0)
    }

    /// The metric of this name, whatever its task.
    pub fn named(name: &str) -> Option<Metric> {
        Metric::all().find(|metric| metric.name() == name)
    }

    /// The metric called `name`; an error if there is none. Where the task is known, it has to be one of that task.
    pub fn parse(name: &str, task: Option<Task>) -> Result<Metric> {
        let of_task = |metric: &Metric| task.is_none_or(|task| metric.is_of(task));
        match (Metric::named(name), task) {
            (Some(metric), _) if of_task(&metric) => Ok(metric),
            (Some(_), Some(task)) => {
                let names: Vec<&str> = Metric::all().filter(of_task).map(Metric::name).collect();
                Err(Error::invalid(format!("metric \"{name}\" is not defined for the task {}", task.name()))
                    .hint(format!("choose one of {}", names.join(", "))))
            }
            _ => Err(Error::unknown("metric", name, Metric::all().filter(of_task).map(Metric::name))),
        }
    }

    /// Whether more of it is better.
    pub fn higher_is_better(self) -> bool {
        self.entry().3 == Better::More
    }

    /// How much better `new` is than `old`: above 0 if it is better, NaN if one of the two is not defined.
    pub fn gain(self, old: f64, new: f64) -> f64 {
        if self.higher_is_better() { new - old } else { old - new }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_line_for_each_metric_in_the_order_of_the_enum() {
        for (place, (metric, name, tasks, _)) in TABLE.iter().enumerate() {
            assert_eq!((*metric as usize, Metric::named(name)), (place, Some(*metric)));
            assert!(!tasks.is_empty());
        }
        assert_eq!(Metric::Pinball90 as usize + 1, TABLE.len(), "the last of the enum");
        for task in Task::ALL {
            let shown = Metric::of(task).iter().chain(Metric::headline(task)).chain([&Metric::Rmse]).copied();
            assert!(shown.filter(|metric| *metric != Metric::Rmse).all(|metric| metric.is_of(task)));
            assert!(Metric::default_for(task).is_of(task));
        }
    }

    #[test]
    fn a_metric_is_read_by_its_name_and_refused_for_another_task() {
        assert!(Metric::all().all(|metric| Metric::named(metric.name()) == Some(metric)));
        assert_eq!(Metric::parse("auc", Some(Task::Binary)).unwrap(), Metric::Auc);
        let other = Metric::parse("auc", Some(Task::Regression)).unwrap_err();
        assert_eq!(other.message(), "metric \"auc\" is not defined for the task regression");
        assert_eq!(
            other.hint_text().map(|hint| hint.starts_with("choose one of rmse, mae, r2, median_ae, ")),
            Some(true)
        );
        assert_eq!(Metric::parse("acc", None).unwrap_err().hint_text(), Some("did you mean \"auc\"?"));
        assert_eq!(Metric::Rmse.gain(3.0, 2.0), 1.0);
        assert_eq!(Metric::Auc.gain(0.75, 0.5), -0.25);
    }
}
