//! Encoding a category by the target of its rows, cross-fitted: a training row gets the value fitted on the other folds, so that no
//! row sees its own target; all other rows get the value fitted on all training rows. `target_encode` and `weight_of_evidence` say
//! what the value is.

use super::column_statistics::categories;
use crate::data::{Column, Value};
use crate::error::Result;
use crate::learn::{Target, Task, folds};
use serde::{Deserialize, Serialize};

/// The values of one output column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Means {
    /// Of each category.
    pub(super) of: Vec<f64>,
    /// Of missing values and categories that training did not see.
    pub(super) other: f64,
}

impl Means {
    /// The value of a row's category, from its place.
    pub(super) fn value(&self, place: Option<usize>) -> f64 {
        place.and_then(|place| self.of.get(place).copied()).unwrap_or(self.other)
    }

    /// Whether these fit a number of categories, with finite values only.
    pub(super) fn all_fit(means: &[Means], categories: usize) -> bool {
        let fits = |means: &Means| {
            means.of.len() == categories && means.of.iter().chain([&means.other]).all(|x| x.is_finite())
        };
        !means.is_empty() && means.iter().all(fits)
    }
}

/// The categories of a column, and each row's place among them.
pub(super) struct Grouped {
    pub names: Vec<String>,
    pub places: Vec<Option<usize>>,
}

/// What is fitted on all rows, and what the training rows get.
pub(super) struct CrossFitted {
    pub names: Vec<String>,
    pub means: Vec<Means>,
    pub training: Vec<Column>,
}

/// Fits on a column of texts. `means` gives the values of one output from its target and some rows.
pub(super) fn cross_fit(
    column: &Column,
    target: &Target,
    parts: usize,
    seed: u64,
    means: impl Fn(&Grouped, &[f64], &[usize]) -> Means,
) -> Result<CrossFitted> {
    let names = categories(column, usize::MAX, 1);
    let place = |row: usize| match column.get(row) {
        Value::Text(text) => names.binary_search_by(|name| name.as_str().cmp(text)).ok(),
        _ => None,
    };
    let places: Vec<Option<usize>> = (0..column.len()).map(place).collect();
    let grouped = Grouped { names, places };
    let all: Vec<usize> = (0..column.len()).collect();
    let outputs = outputs(target);
    let fitted: Vec<Means> = outputs.iter().map(|y| means(&grouped, y, &all)).collect();
    let cut = match target.task() {
        Task::Regression => folds::random(target.len(), parts, seed)?,
        _ => folds::stratified(target.values(), parts, seed)?,
    };
    let mut training = vec![vec![0.0; column.len()]; outputs.len()];
    for fold in cut {
        for (y, out) in outputs.iter().zip(&mut training) {
            let means = means(&grouped, y, &fold.train);
            fold.validation.iter().for_each(|row| out[*row] = means.value(grouped.places[*row]));
        }
    }
    let training = training.into_iter().map(Column::floats).collect();
    Ok(CrossFitted { names: grouped.names, means: fitted, training })
}

/// What is encoded: the target of two classes and of numbers, or for each of several classes whether it is the row's.
fn outputs(target: &Target) -> Vec<Vec<f64>> {
    match target.task() {
        Task::Multiclass => (0..target.classes())
            .map(|class| target.values().iter().map(|y| f64::from(u8::from(*y == class as f64))).collect())
            .collect(),
        _ => vec![target.values().to_vec()],
    }
}
