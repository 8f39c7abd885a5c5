//! A training set: features, labels, times and parts of the same rows.

use super::split::Part;
use crate::data::{Column, Frame};
use crate::error::{Error, Result};
use crate::features::feature_plan::FeaturePlan;
use crate::features::join::JoinReport;
use crate::features::label::Labels;
use crate::learn::{Target, Task};
use crate::project::{Name, Split};
use crate::store::Hash;

/// A joined training set.
pub struct TrainingSet {
    /// Its name.
    pub name: Name,
    /// Hash of definition, data and seed.
    pub hash: Hash,
    /// The features, in the plan's order.
    pub frame: Frame,
    /// The label of each row as the data has it; none if the set has no label.
    pub label: Option<Column>,
    /// How much each row counts in training, if the set says it.
    pub weights: Option<Vec<f64>>,
    /// The instant of each row, if the set has an event time.
    pub times: Option<Vec<i64>>,
    /// The part of each row.
    pub parts: Vec<Part>,
    /// A number for the group of each row, where the split keeps groups whole; missing where the row is in none.
    pub groups: Option<Column>,
    /// From a request to the features.
    pub plan: FeaturePlan,
    /// For each view, how many rows found their features.
    pub report: Vec<JoinReport>,
    /// The dataset versions it was joined from.
    pub inputs: Vec<(Name, Hash)>,
}

/// Ways in which a set is built otherwise than `mlops.toml` says.
#[derive(Debug, Clone, Default)]
pub struct SetOptions {
    /// This split in place of the set's own.
    pub split: Option<Split>,
    /// Only rows from this instant on.
    pub from: Option<i64>,
}

impl TrainingSet {
    /// Rows of a part.
    pub fn rows_of(&self, part: Part) -> Vec<usize> {
        self.parts.iter().enumerate().filter(|(_, p)| **p == part).map(|(row, _)| row).collect()
    }

    /// These rows' labels as a target to learn from, with their weights.
    pub fn target(&self, labels: &Labels, rows: &[usize]) -> Target {
        let target = labels.target(rows);
        match &self.weights {
            None => target,
            Some(weights) => target.with_weights(rows.iter().filter_map(|row| weights.get(*row).copied()).collect()),
        }
    }

    /// The labels as the `wanted` task, or as the task they show by themselves.
    pub fn labels(&self, wanted: Option<Task>) -> Result<Labels> {
        let label = self.label.as_ref().ok_or_else(|| {
            Error::invalid(format!("set \"{}\" has no label", self.name)).hint("give label = \"…\" in the set")
        })?;
        Labels::read(label, wanted).map_err(|e| e.at(format!("set {}: label", self.name)))
    }
}
