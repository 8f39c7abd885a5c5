//! What a model must beat: always saying the same. Of classes that is the most frequent one of the training rows, with the shares of all as
//! probabilities; of numbers their mean. The sentence that a person wants first comes from here.

use super::evaluated_run::EvaluatedRun;
use crate::document::Verdict;
use crate::document::plot;
use crate::error::Result;
use crate::learn::class_rows;
use crate::learn::{self, Decision, Metric, MetricValues, Predictions, Target, Task};
use crate::model::KeptPart;

/// The baseline beside the model, on the same rows.
pub(super) struct Baseline {
    /// `always guessing "no"`.
    pub name: String,
    /// Its metrics.
    pub metrics: MetricValues,
    /// The model's.
    pub of_model: MetricValues,
    /// How many rows.
    pub rows: usize,
    /// The share of rows that the model is wrong in, or its mean error.
    pub model_loss: f64,
    /// The baseline's.
    pub loss: f64,
}

/// What every row of a training part says on average, for so many rows.
fn average(train: &Target, rows: usize) -> Predictions {
    let count = train.len().max(1) as f64;
    let share = |class: usize| train.values().iter().filter(|value| **value == class as f64).count() as f64 / count;
    let one: Vec<f64> = match train.task() {
        Task::Regression => vec![train.values().iter().fold(0.0, |sum, value| sum + value) / count],
        Task::Binary => vec![share(1)],
        Task::Multiclass => (0..train.classes()).map(share).collect(),
    };
    Predictions::new(one.len(), one.iter().copied().cycle().take(rows * one.len()).collect())
}

/// The loss of each row: 1 for a wrong class, the size of the error for a number.
pub(super) fn row_losses(truth: &Target, predictions: &Predictions, threshold: f64) -> Vec<f64> {
    let loss = |(y, row): (&f64, &[f64])| {
        let first = row.first().copied().unwrap_or(f64::NAN);
        let called = match truth.task() {
            Task::Regression => return (y - first).abs(),
            Task::Binary => usize::from(first >= threshold),
            Task::Multiclass => class_rows::largest(row),
        };
        if *y == called as f64 { 0.0 } else { 1.0 }
    };
    truth.values().iter().zip(predictions.iter()).map(loss).collect()
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |sum, value| sum + value) / values.len() as f64
}

impl Baseline {
    /// The baseline on the rows that the model is judged by. It knows the training labels or, where they are not here, those of these rows.
    pub(super) fn of(run: &EvaluatedRun, judged: &KeptPart) -> Result<Baseline> {
        let (truth, decision) = (run.target(judged), run.signature().decision());
        let train = run.training_labels().filter(|train| !train.is_empty()).unwrap_or_else(|| truth.clone());
        let said = average(&train, truth.len());
        let one = said.iter().next().map(<[f64]>::to_vec).unwrap_or_default();
        // Whatever the model's threshold is: who always says the same says the most frequent class.
        let usual = Decision { threshold: 0.5, ..decision };
        let class = |at: usize| run.signature().classes.get(at).map_or("", String::as_str);
        let name = match run.task() {
            Task::Regression => format!("always guessing {}", plot::number(one.first().copied().unwrap_or(f64::NAN))),
            Task::Binary => {
                format!("always guessing \"{}\"", class(usize::from(one.first().is_some_and(|p| *p >= 0.5))))
            }
            Task::Multiclass => format!("always guessing \"{}\"", class(class_rows::largest(&one))),
        };
        let losses = |predictions: &Predictions, threshold: f64| mean(&row_losses(&truth, predictions, threshold));
        Ok(Baseline {
            name,
            rows: truth.len(),
            metrics: learn::evaluate(&truth, &said, usual)?,
            of_model: learn::evaluate(&truth, &judged.predictions, decision)?,
            model_loss: losses(&judged.predictions, decision.threshold),
            loss: losses(&said, usual.threshold),
        })
    }

    /// The answer in one sentence; an alert where the model is no better than always saying the same.
    pub(super) fn verdict(&self, task: Task, rows: &str) -> Verdict {
        let metric = Metric::default_for(task);
        let value = |of: &MetricValues| of.get(metric).unwrap_or(f64::NAN);
        let (mine, its) = (value(&self.of_model), value(&self.metrics));
        let gain = metric.gain(its, mine);
        let (model, other) = (self.model_loss, self.loss);
        let sentence = match task {
            Task::Regression => {
                let (model, other) = (plot::number(model), plot::number(other));
                format!("off by {model} on average in {rows}; {} is off by {other}", self.name)
            }
            _ => format!(
                "wrong in {} {rows}; {} is wrong in {}",
                one_of(model, self.rows),
                self.name,
                one_of(other, self.rows)
            ),
        };
        let measured = format!("{} {}", metric.name(), plot::number(mine));
        if gain.is_nan() {
            return match model < other {
                true => Verdict::Ok(sentence),
                false => Verdict::Alert(format!("{sentence}: this model is no better than its baseline")),
            };
        }
        match (gain > 0.0, model < other) {
            (false, _) => {
                let its = plot::number(its);
                Verdict::Alert(format!(
                    "{sentence}: this model loses to its baseline ({measured}, the baseline has {its})"
                ))
            }
            (true, true) => Verdict::Ok(format!("{sentence} ({measured})")),
            (true, false) if task == Task::Regression => {
                Verdict::Ok(format!("{sentence}, but large errors are fewer ({measured})"))
            }
            (true, false) => {
                Verdict::Ok(format!("{sentence}; it is no more often right, but orders the rows ({measured})"))
            }
        }
    }
}

/// A share of so many rows in words: `1 of 12` below a tenth, else `24 of 100`; of few rows their number.
fn one_of(share: f64, rows: usize) -> String {
    match share {
        share if share.is_nan() => "none of 0".to_owned(),
        share if share <= 0.0 => format!("none of {rows}"),
        share if rows <= 100 => format!("{} of {rows}", (share * rows as f64).round()),
        share if share < 0.1 => format!("1 of {}", (1.0 / share).round()),
        share => format!("{} of 100", (100.0 * share).round()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_said_as_a_person_would() {
        assert_eq!([1.0 / 12.0, 0.2353, 0.0].map(|share| one_of(share, 204)), ["1 of 12", "24 of 100", "none of 204"]);
        assert_eq!([0.5, 1.0].map(|share| one_of(share, 2)), ["1 of 2", "2 of 2"]);
    }

    #[test]
    fn always_saying_the_same_is_the_shares_or_the_mean() {
        let classes = Target::new(Task::Multiclass, 3, vec![0.0, 2.0, 2.0, 1.0]);
        assert_eq!(average(&classes, 2).values(), [0.25, 0.25, 0.5, 0.25, 0.25, 0.5]);
        assert_eq!(average(&Target::new(Task::Regression, 0, vec![1.0, 5.0]), 1).values(), [3.0]);
        let binary = Target::new(Task::Binary, 2, vec![0.0, 1.0]);
        assert_eq!(row_losses(&binary, &Predictions::new(1, vec![0.4, 0.4]), 0.4), [1.0, 0.0]);
    }

    fn verdict(task: Task, model: (f64, f64), base: (f64, f64)) -> Verdict {
        let values = |value: f64| {
            let (y, p) = match task {
                Task::Regression => (vec![0.0, 2.0], vec![value, 2.0 + value]),
                // Of these four an AUC of `value`, which is 0, 0.5 or 1.
                _ => (vec![0.0, 1.0], vec![0.5, value]),
            };
            let decision = Decision { threshold: 0.5, classes: &[] };
            learn::evaluate(&Target::new(task, 2, y), &Predictions::new(1, p), decision).unwrap()
        };
        let (of_model, metrics) = (values(model.1), values(base.1));
        let name = "always guessing \"no\"".to_owned();
        Baseline { name, metrics, of_model, rows: 600, model_loss: model.0, loss: base.0 }.verdict(task, "test rows")
    }

    #[test]
    fn a_model_that_loses_is_called_that() {
        let Verdict::Ok(good) = verdict(Task::Binary, (1.0 / 12.0, 1.0), (1.0 / 6.0, 0.5)) else { panic!() };
        assert_eq!(good, "wrong in 1 of 12 test rows; always guessing \"no\" is wrong in 17 of 100 (auc 1)");
        let Verdict::Alert(bad) = verdict(Task::Binary, (0.3, 0.0), (0.2, 0.5)) else { panic!() };
        assert!(bad.contains("this model loses to its baseline (auc 0, the baseline has 0.5)"), "{bad}");
        let Verdict::Ok(ordered) = verdict(Task::Binary, (0.2, 1.0), (0.2, 0.5)) else { panic!() };
        assert!(ordered.contains("no more often right, but orders the rows"), "{ordered}");
        assert!(matches!(verdict(Task::Regression, (2.0, 2.0), (1.0, 1.0)), Verdict::Alert(_)));
    }
}
