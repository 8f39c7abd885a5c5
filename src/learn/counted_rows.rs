//! The metrics of rows of which each counts as often as a draw has it. What doesn't change from draw to draw is computed once: losses
//! row by row, calls, and the order of the rows by probability. So a draw costs one pass over the rows.

use crate::learn::class_metrics::{
    Confusion, ThresholdStep, area_under_roc, average_precision, away_from_ends, largest_gap,
};
use crate::learn::class_rows::largest;
use crate::learn::metric::Metric;
use crate::learn::metric_values::{Decision, evaluate_with};
use crate::learn::task::{Predictions, Target, Task};
use crate::math::ln;

/// Rows with all that metrics of any draw are computed from.
pub(super) struct CountedRows<'a> {
    truth: &'a Target,
    predictions: &'a Predictions,
    decision: Decision<'a>,
    /// Of each class that a curve is asked for, the rows by falling probability. Of two classes only the second.
    orders: Vec<Vec<u32>>,
    /// The place of the class that each row is called.
    called: Vec<usize>,
    /// What each row adds to `log_loss` and `brier`, or to `mae` and `rmse`.
    losses: [Vec<f64>; 2],
}

impl<'a> CountedRows<'a> {
    /// Prepares these metrics; predictions fit the target.
    pub(super) fn new(
        truth: &'a Target,
        predictions: &'a Predictions,
        decision: Decision<'a>,
        metrics: &[Metric],
    ) -> CountedRows<'a> {
        let task = truth.task();
        let curves = [Metric::Auc, Metric::AveragePrecision, Metric::Ks, Metric::AucOvrMacro];
        let outputs = if metrics.iter().any(|metric| curves.contains(metric)) { predictions.outputs() } else { 0 };
        let order = |output: usize| {
            let p = predictions.column(output);
            let mut rows: Vec<u32> = (0..p.len() as u32).collect();
            rows.sort_by(|a, b| p[*b as usize].total_cmp(&p[*a as usize]));
            rows
        };
        let call = |row: &[f64]| match task {
            Task::Multiclass => largest(row),
            Task::Binary => usize::from(row.iter().any(|p| *p >= decision.threshold)),
            Task::Regression => 0,
        };
        let rows = || truth.values().iter().zip(predictions.iter());
        let losses = [0, 1].map(|which| rows().map(|(y, row)| loss(task, which, *y, row)).collect());
        let orders = if task == Task::Regression { Vec::new() } else { (0..outputs).map(order).collect() };
        CountedRows { truth, predictions, decision, orders, called: predictions.iter().map(call).collect(), losses }
    }

    /// The value of a metric where row `i` counts `counts[i]` times.
    pub(super) fn value(&self, metric: Metric, counts: &[u32]) -> f64 {
        let rows = counts.iter().map(|count| u64::from(*count)).sum::<u64>() as f64;
        match (metric, self.truth.task()) {
            (Metric::Auc, _) => area_under_roc(&self.steps(0, 1.0, counts)),
            (Metric::AveragePrecision, _) => average_precision(&self.steps(0, 1.0, counts)),
            (Metric::Ks, _) => largest_gap(&self.steps(0, 1.0, counts)),
            (Metric::AucOvrMacro, _) => {
                let areas =
                    (0..self.orders.len()).map(|class| area_under_roc(&self.steps(class, class as f64, counts)));
                areas.fold(0.0, |sum, area| sum + area) / self.orders.len() as f64
            }
            (Metric::LogLoss | Metric::Mae, _) => self.sum(0, counts) / rows,
            (Metric::Brier, Task::Binary) => self.sum(1, counts) / rows,
            (Metric::Rmse, _) => (self.sum(1, counts) / rows).sqrt(),
            (Metric::R2, _) => self.r2(counts, rows),
            (Metric::Accuracy, _) => {
                let right = self.truth.values().iter().zip(&self.called).zip(counts);
                let right = right.filter(|((y, called), _)| **y == **called as f64);
                right.map(|(_, count)| u64::from(*count)).sum::<u64>() as f64 / rows
            }
            (Metric::Precision, _) => self.confusion(1, counts).precision(),
            (Metric::Recall, _) => self.confusion(1, counts).recall(),
            (Metric::F1, _) => self.confusion(1, counts).f1(),
            (Metric::PrecisionMacro, Task::Multiclass) => self.macro_mean(counts, Confusion::precision),
            (Metric::RecallMacro, Task::Multiclass) => self.macro_mean(counts, Confusion::recall),
            (Metric::F1Macro, Task::Multiclass) => self.macro_mean(counts, Confusion::f1),
            _ => self.of_written_out_rows(metric, counts),
        }
    }

    /// One step for each distinct probability of an output, the highest first; `class` are the positive rows.
    fn steps(&self, output: usize, class: f64, counts: &[u32]) -> Vec<ThresholdStep> {
        let (values, outputs) = (self.predictions.values(), self.predictions.outputs());
        let mut steps: Vec<ThresholdStep> = Vec::new();
        let (mut positives, mut negatives) = (0, 0);
        for row in self.orders.get(output).into_iter().flatten().map(|row| *row as usize) {
            if counts[row] == 0 {
                continue;
            }
            let is = self.truth.values()[row] == class;
            *(if is { &mut positives } else { &mut negatives }) += u64::from(counts[row]);
            let step = ThresholdStep { threshold: values[row * outputs + output], positives, negatives };
            match steps.last_mut() {
                Some(last) if last.threshold == step.threshold => *last = step,
                _ => steps.push(step),
            }
        }
        steps
    }

    fn sum(&self, which: usize, counts: &[u32]) -> f64 {
        self.losses[which].iter().zip(counts).fold(0.0, |sum, (loss, count)| sum + loss * f64::from(*count))
    }

    fn r2(&self, counts: &[u32], rows: f64) -> f64 {
        let labels = || self.truth.values().iter().zip(counts).map(|(y, count)| (*y, f64::from(*count)));
        let mean = labels().fold(0.0, |sum, (y, count)| sum + y * count) / rows;
        let spread = labels().fold(0.0, |sum, (y, count)| sum + (y - mean) * (y - mean) * count);
        if spread > 0.0 { 1.0 - self.sum(1, counts) / spread } else { f64::NAN }
    }

    fn confusion(&self, class: usize, counts: &[u32]) -> Confusion {
        let rows = self.truth.values().iter().zip(&self.called).zip(counts);
        Confusion::counted(rows.map(|((y, called), count)| (*y == class as f64, *called == class, u64::from(*count))))
    }

    fn macro_mean(&self, counts: &[u32], value: fn(&Confusion) -> f64) -> f64 {
        let classes = (0..self.truth.classes()).map(|class| self.confusion(class, counts)).filter(Confusion::occurs);
        let (sum, count) = classes.fold((0.0, 0.0), |(sum, count), class| (sum + value(&class), count + 1.0));
        sum / count
    }

    /// By the plain definition, for metrics that are rarely asked for.
    fn of_written_out_rows(&self, metric: Metric, counts: &[u32]) -> f64 {
        let times = |(row, count): (usize, &u32)| std::iter::repeat_n(row, *count as usize);
        let rows: Vec<usize> = counts.iter().enumerate().flat_map(times).collect();
        let outputs = self.predictions.outputs();
        let numbers = |row: &usize| self.predictions.values()[row * outputs..(row + 1) * outputs].iter().copied();
        let predictions = Predictions::new(outputs, rows.iter().flat_map(numbers).collect());
        let found = evaluate_with(&self.truth.select(&rows), &predictions, self.decision, &[metric]);
        found.ok().and_then(|found| found.get(metric)).unwrap_or(f64::NAN)
    }
}

/// What a row adds to the first or second loss of its task.
fn loss(task: Task, which: usize, y: f64, row: &[f64]) -> f64 {
    let first = row.first().copied().unwrap_or(f64::NAN);
    match (task, which) {
        (Task::Regression, 0) => (y - first).abs(),
        (Task::Regression | Task::Binary, 1) => (y - first) * (y - first),
        (Task::Binary, _) => {
            let p = away_from_ends(first);
            if y == 1.0 { -ln(p) } else { -ln(1.0 - p) }
        }
        (Task::Multiclass, 0) => row.get(y as usize).map_or(f64::NAN, |p| -ln(away_from_ends(*p))),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random::stream;

    #[test]
    fn rows_that_count_twice_are_as_rows_that_are_there_twice() {
        let mut random = stream(3, "test", 0);
        let classes: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        for task in Task::ALL {
            let count = [2, 3, 0][Task::ALL.iter().position(|other| *other == task).unwrap()];
            let outputs = task.outputs(count);
            let y: Vec<f64> = (0..40).map(|_| random.below(if count == 0 { 9 } else { count }) as f64).collect();
            let p: Vec<f64> = (0..40 * outputs).map(|_| random.below(11) as f64 / 10.0).collect();
            let counts: Vec<u32> = (0..40).map(|_| random.below(4) as u32).collect();
            let (truth, predictions) = (Target::new(task, count, y), Predictions::new(outputs, p));
            let decision = Decision { threshold: 0.5, classes: if count == 3 { &classes } else { &[] } };
            let metrics: Vec<Metric> = Metric::all().filter(|metric| metric.is_of(task)).collect();
            let rows = CountedRows::new(&truth, &predictions, decision, &metrics);
            for metric in metrics {
                let (fast, plain) = (rows.value(metric, &counts), rows.of_written_out_rows(metric, &counts));
                let close = (fast - plain).abs() <= 1e-12 * plain.abs().max(1.0) || fast.is_nan() && plain.is_nan();
                assert!(close, "{}: {fast} and {plain}", metric.name());
            }
        }
    }
}
