//! How a model treats groups of rows: of two classes how often it calls the second one (the selection rate), and how good it is.
//!
//! The interval of a rate is Wilson's at 95 %, which holds for few rows too. For example, of 34 test rows whose `age_group` is `under 26`
//! 62 % are called `true`, 45 % to 76 %; of the others 52 %.

use super::evaluated_run::EvaluatedRun;
use super::slices::groups;
use crate::error::{Error, Result};
use crate::learn::{self, Metric, Task};
use crate::model::{KeptPart, KeptRows, Predicted};
use serde::Serialize;
use std::collections::BTreeMap;

/// The 97.5 % quantile of the normal distribution.
const TWO_SIDED_95: f64 = 1.959_963_984_540_054;

/// How a model treats the groups of a column's values.
#[derive(Debug, Clone, Serialize)]
pub struct GroupReport {
    /// The column.
    pub column: String,
    /// Which rows are grouped.
    pub part: &'static str,
    /// Of two classes the one whose selection rate is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The groups, then all rows together.
    pub groups: Vec<GroupRow>,
}

/// One group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupRow {
    /// The value, the range of its numbers, or `all`.
    pub value: String,
    /// How many rows.
    pub rows: usize,
    /// The share of the rows that are called the second of two classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection_rate: Option<RateInterval>,
    /// The share of the rows that are of the second of two classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_rate: Option<RateInterval>,
    /// The headline metrics of the task; those that are not defined are left out.
    pub metrics: BTreeMap<&'static str, f64>,
}

/// A share with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RateInterval {
    /// The share.
    pub rate: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl RateInterval {
    /// Wilson's interval (1927) of `hits` of `rows`, which are 1 or more.
    pub fn wilson(hits: usize, rows: usize) -> RateInterval {
        let (n, z) = (rows as f64, TWO_SIDED_95);
        let rate = hits as f64 / n;
        let middle = (rate + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (rate * (1.0 - rate) / n + z * z / (4.0 * n * n)).sqrt();
        RateInterval { rate, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
    }
}

impl EvaluatedRun {
    /// The groups of the values of a feature among the rows of a part; without a part among those by which the model is judged.
    ///
    /// Errors: a column that is no feature, a run without its set or without rows of the part.
    pub fn groups(&self, column: &str, part: Option<KeptRows>) -> Result<GroupReport> {
        let found = match part {
            Some(part) => self.part(part),
            None => self.judged(),
        };
        let part = found.filter(|part| !part.rows.is_empty()).ok_or_else(|| {
            Error::invalid(format!("run {} has no rows that its model did not learn from", self.label()))
                .hint("give the set a split with a test part, or the recipe cv")
        })?;
        let set = self.set.as_ref().ok_or_else(|| {
            Error::not_found(format!("the training set of run {} is not here", self.label()))
                .hint("`mlops feature join` makes it again")
        })?;
        let known = set.frame.columns().iter().map(|(name, _)| name.as_str());
        let values = set.frame.get(column).ok_or_else(|| Error::unknown("feature", column, known))?;
        let mut groups: Vec<GroupRow> = groups(&values.select(&part.rows))
            .into_iter()
            .map(|(value, places)| self.group(value, &part.select(&places)))
            .collect::<Result<_>>()?;
        groups.push(self.group("all".to_owned(), part)?);
        let class = self.signature().classes.get(1).filter(|_| self.task() == Task::Binary).cloned();
        Ok(GroupReport { column: column.to_owned(), part: part.which.name(), class, groups })
    }

    fn group(&self, value: String, rows: &KeptPart) -> Result<GroupRow> {
        let (signature, target) = (self.signature(), self.target(rows));
        let metrics = learn::evaluate(&target, &rows.predictions, signature.decision())?;
        let defined = |metric: &Metric| Some((metric.name(), metrics.get(*metric).filter(|value| value.is_finite())?));
        let count = rows.rows.len();
        let is_binary = self.task() == Task::Binary;
        let second = signature.classes.get(1).cloned().map(Predicted::Class);
        let called = rows.predictions.iter().filter(|numbers| Some(signature.predicted(numbers)) == second).count();
        let positive = rows.labels.iter().filter(|label| **label == 1.0).count();
        Ok(GroupRow {
            value,
            rows: count,
            selection_rate: is_binary.then(|| RateInterval::wilson(called, count)),
            base_rate: is_binary.then(|| RateInterval::wilson(positive, count)),
            metrics: Metric::headline(self.task()).iter().filter_map(defined).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_wilsons() {
        let found = RateInterval::wilson(8, 10);
        assert!((found.low - 0.490_162_5).abs() < 1e-6 && (found.high - 0.943_317_8).abs() < 1e-6, "{found:?}");
        let none = RateInterval::wilson(0, 20);
        assert!(none.low == 0.0 && (none.high - 0.161_125).abs() < 1e-5, "{none:?}");
    }
}
