//! The curves by which a model of two classes is looked at, as points: ROC, precision and recall, calibration, gain. Of several classes
//! each one against the rest has them. For example, of the probabilities 0.9, 0.6, 0.6, 0.1 of rows that are positive, positive,
//! negative, negative the ROC curve goes (0, 0), (0, ½), (½, 1), (1, 1).

use crate::learn::class_metrics::{ThresholdStep, steps};

/// Most points of a curve: more can't be told apart in a picture.
const MOST_POINTS: usize = 400;
/// Groups of equal size into which calibration puts the rows.
const GROUPS: usize = 10;

/// Rows by probability, ready for every curve.
#[derive(Debug, Clone)]
pub struct ClassCurves {
    steps: Vec<ThresholdStep>,
    rows: Vec<(f64, bool)>,
}

/// Rows of about the same probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationGroup {
    /// Their mean probability.
    pub said: f64,
    /// The share of them that is positive.
    pub was: f64,
    /// How many.
    pub rows: usize,
}

impl ClassCurves {
    /// Rows come as probability and whether they are positive; none without both kinds.
    pub fn new(rows: impl Iterator<Item = (f64, bool)>) -> Option<ClassCurves> {
        let mut rows: Vec<(f64, bool)> = rows.collect();
        let steps = steps(rows.iter().copied());
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let curves = ClassCurves { steps, rows };
        (curves.positives() > 0.0 && curves.negatives() > 0.0).then_some(curves)
    }

    fn positives(&self) -> f64 {
        self.steps.last().map_or(0.0, |last| last.positives as f64)
    }

    fn negatives(&self) -> f64 {
        self.steps.last().map_or(0.0, |last| last.negatives as f64)
    }

    /// The share of positive rows.
    pub fn share(&self) -> f64 {
        self.positives() / (self.positives() + self.negatives())
    }

    /// Share of negatives called positive, and share of positives called so, from the highest threshold to the lowest.
    pub fn roc(&self) -> Vec<(f64, f64)> {
        let point =
            |step: &ThresholdStep| (step.negatives as f64 / self.negatives(), step.positives as f64 / self.positives());
        thinned(std::iter::once((0.0, 0.0)).chain(self.steps.iter().map(point)).collect())
    }

    /// Recall and precision, from the highest threshold to the lowest.
    pub fn precision_recall(&self) -> Vec<(f64, f64)> {
        let point = |step: &ThresholdStep| {
            let called = (step.positives + step.negatives) as f64;
            (step.positives as f64 / self.positives(), step.positives as f64 / called)
        };
        let first = self.steps.first().map(|step| (0.0, point(step).1));
        thinned(first.into_iter().chain(self.steps.iter().map(point)).collect())
    }

    /// The share of rows taken, those of the highest probability first, and the share of all positives among them.
    pub fn gain(&self) -> Vec<(f64, f64)> {
        let all = self.positives() + self.negatives();
        let point = |step: &ThresholdStep| {
            ((step.positives + step.negatives) as f64 / all, step.positives as f64 / self.positives())
        };
        thinned(std::iter::once((0.0, 0.0)).chain(self.steps.iter().map(point)).collect())
    }

    /// The share of rows taken and how many times more positives are among them than among all.
    pub fn lift(&self) -> Vec<(f64, f64)> {
        self.gain().into_iter().filter(|(taken, _)| *taken > 0.0).map(|(taken, found)| (taken, found / taken)).collect()
    }

    /// Ten groups of about equal size, by rising probability; equal probabilities stay together.
    pub fn calibration(&self) -> Vec<CalibrationGroup> {
        let mut groups = Vec::new();
        let (mut from, count) = (0, self.rows.len());
        for group in 1..=GROUPS {
            let mut to = count * group / GROUPS;
            while to < count && to > 0 && self.rows[to].0 == self.rows[to - 1].0 {
                to += 1;
            }
            let rows = self.rows.get(from..to).unwrap_or_default();
            if !rows.is_empty() {
                let said = rows.iter().fold(0.0, |sum, (p, _)| sum + p) / rows.len() as f64;
                let was = rows.iter().filter(|(_, positive)| *positive).count() as f64 / rows.len() as f64;
                groups.push(CalibrationGroup { said, was, rows: rows.len() });
            }
            from = from.max(to);
        }
        groups
    }
}

/// At most [`MOST_POINTS`] of the points, always the first and the last.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let last = points.len().saturating_sub(1);
    let every = points.len().div_ceil(MOST_POINTS).max(1);
    points.into_iter().enumerate().filter(|(at, _)| at % every == 0 || *at == last).map(|(_, point)| point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [(f64, bool); 4] = [(0.9, true), (0.6, true), (0.6, false), (0.1, false)];

    #[test]
    fn curves_go_step_by_step_and_ties_are_one() {
        let curves = ClassCurves::new(ROWS.into_iter()).unwrap();
        assert_eq!(curves.roc(), [(0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 1.0)]);
        assert_eq!(curves.precision_recall(), [(0.0, 1.0), (0.5, 1.0), (1.0, 2.0 / 3.0), (1.0, 0.5)]);
        assert_eq!(curves.gain(), [(0.0, 0.0), (0.25, 0.5), (0.75, 1.0), (1.0, 1.0)]);
        assert_eq!(curves.lift()[0], (0.25, 2.0));
        assert!(ClassCurves::new([(0.5, true)].into_iter()).is_none(), "one class has no curve");
    }

    #[test]
    fn calibration_groups_hold_every_row_once_and_keep_ties_together() {
        let rows = (0..1000).map(|row| (f64::from(row / 7) / 143.0, row % 3 == 0));
        let groups = ClassCurves::new(rows).unwrap().calibration();
        assert_eq!(groups.iter().map(|group| group.rows).sum::<usize>(), 1000);
        assert!(groups.len() == 10 && groups.is_sorted_by(|a, b| a.said < b.said), "{groups:?}");
        let two = ClassCurves::new(ROWS.into_iter()).unwrap().calibration();
        assert_eq!(two.iter().map(|group| (group.rows, group.was)).collect::<Vec<_>>(), [(1, 0.0), (2, 0.5), (1, 1.0)]);
    }

    #[test]
    fn a_long_curve_keeps_its_ends() {
        let curve = ClassCurves::new((0..5001).map(|row| (f64::from(row), row % 2 == 0))).unwrap().roc();
        assert!(curve.len() <= MOST_POINTS + 1 && curve[0] == (0.0, 0.0) && curve[curve.len() - 1] == (1.0, 1.0));
    }
}
