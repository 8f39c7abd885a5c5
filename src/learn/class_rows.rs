//! Rows with their true class and what a model says of them, and every metric of classes computed from them, by scikit-learn's formulas.
//!
//! What depends on calls only is computed from three counts a class: its rows, the rows called so, and those that are both. For
//! example, of labels a, a, b and calls a, b, b the class `a` has 2 rows, 1 call, 1 right; `accuracy` is 2/3 and Cohen's kappa 0.4.

use crate::learn::class_metrics::{
    ClassTally, Confusion, ThresholdStep, area_under_roc, average_precision, away_from_ends, brier, largest_gap,
    log_loss, steps,
};
use crate::learn::metric::Metric;
use crate::learn::task::{Predictions, Target, Task};
use crate::math::ln;
use std::cell::OnceCell;

/// Rows of two or more classes with their predictions.
pub(super) struct ClassRows<'a> {
    task: Task,
    y: &'a [f64],
    predictions: &'a Predictions,
    tallies: Vec<ClassTally>,
    curve: OnceCell<Vec<ThresholdStep>>,
}

/// The place of the largest number, the first of equals.
pub fn largest(scores: &[f64]) -> usize {
    let best = scores.iter().enumerate().reduce(|best, other| if other.1 > best.1 { other } else { best });
    best.map_or(0, |(place, _)| place)
}

impl<'a> ClassRows<'a> {
    /// `truth` is of classes, and `predictions` are of its rows.
    pub(super) fn new(truth: &'a Target, predictions: &'a Predictions, threshold: f64) -> ClassRows<'a> {
        let (task, y) = (truth.task(), truth.values());
        let called = |row: &[f64]| match task {
            Task::Multiclass => largest(row),
            _ => usize::from(row.iter().any(|p| *p >= threshold)),
        };
        let tallies = ClassTally::count(truth.classes(), y.iter().zip(predictions.iter().map(called)));
        ClassRows { task, y, predictions, tallies, curve: OnceCell::new() }
    }

    /// How often this class is right and wrong; `class` is below their number.
    pub(super) fn of_class(&self, class: usize) -> Confusion {
        self.tallies[class].against_the_rest(self.y.len() as u64)
    }

    /// The value of a metric; NaN where it is not defined for these rows.
    pub(super) fn value(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Auc => area_under_roc(self.curve()),
            Metric::AveragePrecision => average_precision(self.curve()),
            Metric::Ks => largest_gap(self.curve()),
            Metric::LogLoss => self.log_loss(),
            Metric::Brier => self.brier(),
            Metric::Accuracy | Metric::PrecisionMicro | Metric::RecallMicro | Metric::F1Micro => self.accuracy(),
            Metric::Precision => self.of_class(1).precision(),
            Metric::Recall => self.of_class(1).recall(),
            Metric::F1 => self.of_class(1).f1(),
            Metric::Specificity => self.of_class(1).specificity(),
            Metric::PrecisionMacro => self.macro_mean(Confusion::precision),
            Metric::RecallMacro => self.macro_mean(Confusion::recall),
            Metric::F1Macro => self.macro_mean(Confusion::f1),
            Metric::PrecisionWeighted => self.weighted_mean(|class| self.of_class(class).precision()),
            Metric::RecallWeighted => self.weighted_mean(|class| self.of_class(class).recall()),
            Metric::F1Weighted => self.weighted_mean(|class| self.of_class(class).f1()),
            Metric::BalancedAccuracy => mean(
                self.tallies.iter().filter(|class| class.rows > 0).map(|class| class.right as f64 / class.rows as f64),
            ),
            Metric::Mcc => self.correlation(),
            Metric::Kappa => self.kappa(),
            Metric::Top2 => self.top(2),
            Metric::Top3 => self.top(3),
            Metric::Top5 => self.top(5),
            Metric::AucOvrMacro => mean((0..self.tallies.len()).map(|class| area_under_roc(&self.steps_of(class)))),
            Metric::AucOvrWeighted => self.weighted_mean(|class| area_under_roc(&self.steps_of(class))),
            Metric::AveragePrecisionMacro => {
                mean((0..self.tallies.len()).map(|class| match self.tallies[class].rows {
                    // As scikit-learn: the curve of a class without rows has no area.
                    0 => 0.0,
                    _ => average_precision(&self.steps_of(class)),
                }))
            }
            Metric::AveragePrecisionWeighted => self.weighted_mean(|class| average_precision(&self.steps_of(class))),
            Metric::AucOvoMacro => mean(self.pairs().into_iter().map(|(area, _)| area)),
            Metric::AucOvoWeighted => {
                let pairs = self.pairs();
                let (sum, weight) =
                    pairs.iter().fold((0.0, 0.0), |(sum, all), (area, rows)| (sum + area * rows, all + rows));
                sum / weight
            }
            _ => f64::NAN,
        }
    }

    /// The curve of the second of two classes.
    fn curve(&self) -> &[ThresholdStep] {
        self.curve.get_or_init(|| {
            let scores = self.predictions.iter().map(|row| row.first().copied().unwrap_or(f64::NAN));
            steps(scores.zip(self.y.iter().map(|y| *y == 1.0)))
        })
    }

    /// The curve of one of several classes against the rest.
    fn steps_of(&self, class: usize) -> Vec<ThresholdStep> {
        let is = |y: &f64| *y == class as f64;
        match self.task {
            Task::Multiclass => steps(self.predictions.iter().map(|p| p[class]).zip(self.y.iter().map(is))),
            _ => {
                let sign = if class == 1 { 1.0 } else { -1.0 };
                steps(self.predictions.values().iter().map(|p| sign * p).zip(self.y.iter().map(is)))
            }
        }
    }

    fn accuracy(&self) -> f64 {
        self.tallies.iter().map(|class| class.right).sum::<u64>() as f64 / self.y.len() as f64
    }

    fn log_loss(&self) -> f64 {
        if self.task == Task::Binary {
            return log_loss(self.y, self.predictions.values());
        }
        let rows = self.y.iter().zip(self.predictions.iter());
        rows.fold(0.0, |sum, (y, p)| sum - ln(away_from_ends(p[*y as usize]))) / self.y.len() as f64
    }

    fn brier(&self) -> f64 {
        if self.task == Task::Binary {
            return brier(self.y, self.predictions.values());
        }
        let distance = |y: usize, row: &[f64]| {
            let each = row.iter().enumerate().map(|(class, p)| if class == y { p - 1.0 } else { *p });
            each.fold(0.0, |sum, d| sum + d * d)
        };
        let rows = self.y.iter().zip(self.predictions.iter());
        rows.fold(0.0, |sum, (y, row)| sum + distance(*y as usize, row)) / self.y.len() as f64
    }

    /// The mean over the classes that some row has or is called; nothing can be said of the others.
    fn macro_mean(&self, value: fn(&Confusion) -> f64) -> f64 {
        let there = (0..self.tallies.len()).map(|class| self.of_class(class)).filter(Confusion::occurs);
        mean(there.map(|class| value(&class)))
    }

    /// The mean over the classes that have rows, each as often as it has.
    fn weighted_mean(&self, value: impl Fn(usize) -> f64) -> f64 {
        let with_rows = self.tallies.iter().enumerate().filter(|(_, class)| class.rows > 0);
        with_rows.fold(0.0, |sum, (at, class)| sum + value(at) * class.rows as f64) / self.y.len() as f64
    }

    /// Sums over the classes: rows × calls, calls², rows².
    fn products(&self) -> (f64, f64, f64) {
        let product = |a: u64, b: u64| a as f64 * b as f64;
        self.tallies.iter().fold((0.0, 0.0, 0.0), |(both, called, rows), class| {
            (
                both + product(class.rows, class.called),
                called + product(class.called, class.called),
                rows + product(class.rows, class.rows),
            )
        })
    }

    /// Matthews' correlation (Gorodkin 2004 for several classes); 0 where calls or labels are all the same.
    fn correlation(&self) -> f64 {
        let count = self.y.len() as f64;
        if count == 0.0 {
            return f64::NAN;
        }
        let right = self.tallies.iter().map(|class| class.right).sum::<u64>() as f64;
        let (both, called, rows) = self.products();
        let spread = (count * count - called) * (count * count - rows);
        if spread == 0.0 { 0.0 } else { (right * count - both) / spread.sqrt() }
    }

    /// Cohen's kappa (1960); not defined where all labels and calls are one class.
    fn kappa(&self) -> f64 {
        let count = self.y.len() as f64;
        let right = self.tallies.iter().map(|class| class.right).sum::<u64>() as f64;
        let by_chance = count - self.products().0 / count;
        if by_chance == 0.0 { f64::NAN } else { 1.0 - (count - right) / by_chance }
    }

    /// The share of rows whose class is among the `most` most probable; of equal ones the later class counts as more probable.
    fn top(&self, most: usize) -> f64 {
        let is_in = |(y, row): (&f64, &[f64])| {
            let own = *y as usize;
            let before = row.iter().enumerate().filter(|(at, p)| **p > row[own] || **p == row[own] && *at > own);
            before.count() < most
        };
        self.y.iter().zip(self.predictions.iter()).filter(|row| is_in(*row)).count() as f64 / self.y.len() as f64
    }

    /// For each pair of classes that have rows: the mean area of one against the other, and their rows.
    fn pairs(&self) -> Vec<(f64, f64)> {
        let with_rows: Vec<usize> = (0..self.tallies.len()).filter(|class| self.tallies[*class].rows > 0).collect();
        let area = |class: usize, other: usize| {
            let rows = self.y.iter().zip(self.predictions.iter());
            let either = rows.filter(|(y, _)| **y == class as f64 || **y == other as f64);
            area_under_roc(&steps(either.map(|(y, p)| (p[class], *y == class as f64))))
        };
        let mut pairs = Vec::new();
        for (at, &a) in with_rows.iter().enumerate() {
            for &b in &with_rows[at + 1..] {
                let rows = self.tallies[a].rows + self.tallies[b].rows;
                pairs.push(((area(a, b) + area(b, a)) / 2.0, rows as f64));
            }
        }
        pairs
    }
}

/// The mean of these values in their order; NaN for none.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}
