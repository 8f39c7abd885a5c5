//! What is predicted: the task, the target to learn from, and the predictions of a model.
//!
//! All three are numbers only. A class is its place (0, 1, 2 …) in the list of classes that the model's signature keeps.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The kind of thing that is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// One of two classes.
    Binary,
    /// One of several classes.
    Multiclass,
    /// A number.
    Regression,
}

impl Task {
    /// Every task.
    pub const ALL: [Task; 3] = [Task::Binary, Task::Multiclass, Task::Regression];

    /// The word in `mlops.toml`, JSON and bundles.
    pub fn name(self) -> &'static str {
        match self {
            Task::Binary => "binary",
            Task::Multiclass => "multiclass",
            Task::Regression => "regression",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Result<Task> {
        let found = Task::ALL.into_iter().find(|task| task.name() == word);
        found.ok_or_else(|| Error::unknown("task", word, Task::ALL.map(Task::name)))
    }

    /// Numbers a model of this task gives for a row: the probability of the second of two classes, the probability of
    /// each of several, or one number.
    pub fn outputs(self, classes: usize) -> usize {
        if self == Task::Multiclass { classes } else { 1 }
    }
}

/// What is to be learned: a value a row, and how much each row counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    task: Task,
    classes: usize,
    values: Vec<f64>,
    weights: Option<Vec<f64>>,
}

impl Target {
    /// A target of `classes` classes (0 for regression). `values` are places of classes, or numbers; NaN is not known.
    pub fn new(task: Task, classes: usize, values: Vec<f64>) -> Target {
        Target { task, classes, values, weights: None }
    }

    /// The same with a weight a row: a row of weight 2 counts as two rows.
    pub fn with_weights(self, weights: Vec<f64>) -> Target {
        Target { weights: Some(weights), ..self }
    }

    /// What kind of thing it is.
    pub fn task(&self) -> Task {
        self.task
    }

    /// How many classes there are; 0 for regression.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The value of each row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The weight of each row, where they differ.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// How much a row counts; `row` is below `len()`.
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// How much all rows count.
    pub fn weight_sum(&self) -> f64 {
        let sum = |weights: &Vec<f64>| weights.iter().fold(0.0, |sum, weight| sum + weight);
        self.weights.as_ref().map_or(self.values.len() as f64, sum)
    }

    /// How much the rows of each class count.
    pub fn class_totals(&self) -> Vec<f64> {
        let mut totals = vec![0.0; self.classes];
        for (row, class) in self.values.iter().enumerate() {
            totals[*class as usize] += self.weight(row);
        }
        totals
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The target of these rows, in this order; each index is below `len()`.
    pub fn select(&self, rows: &[usize]) -> Target {
        let pick = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
        Target { values: pick(&self.values), weights: self.weights.as_deref().map(pick), ..*self }
    }
}

/// What a model says of some rows: `outputs` numbers a row, one row after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    outputs: usize,
    values: Vec<f64>,
}

impl Predictions {
    /// Predictions of `outputs` numbers a row, at least 1; as many values as make whole rows.
    pub fn new(outputs: usize, values: Vec<f64>) -> Predictions {
        Predictions { outputs: outputs.max(1), values }
    }

    /// Numbers a row.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.outputs
    }

    /// The numbers of each row.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f64]> + Clone {
        self.values.chunks_exact(self.outputs)
    }

    /// All numbers, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The numbers of one output, a row each; `output` is below `outputs()`.
    pub fn column(&self, output: usize) -> Vec<f64> {
        self.values.iter().skip(output).step_by(self.outputs).copied().collect()
    }
}
