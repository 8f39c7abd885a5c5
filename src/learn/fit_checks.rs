//! What is refused before any estimator begins: tables without rows, labels and weights that mean nothing, columns that the model
//! can't take.

use crate::error::{Error, Result};
use crate::learn::ensemble;
use crate::learn::learner::Needs;
use crate::learn::matrix::{FeatureKind, Matrix};
use crate::learn::task::{Target, Task};
use rayon::prelude::*;

/// Of numbers to predict the largest, in size: their squares are summed.
const LARGEST_LABEL: f64 = 1e30;

/// Labels and weights.
pub(super) fn check_target(x: &Matrix, target: &Target) -> Result<()> {
    let labels = target.values();
    if x.rows() == 0 || x.columns() == 0 {
        return Err(Error::invalid(format!("nothing to learn from: {} rows, {} columns", x.rows(), x.columns())));
    }
    if x.rows() != labels.len() {
        return Err(Error::invalid(format!("{} rows, but {} labels", x.rows(), labels.len())));
    }
    if x.rows() >= u32::MAX as usize || x.columns() >= ensemble::MAX_FEATURES {
        return Err(Error::invalid(format!("{} rows, {} columns: too many", x.rows(), x.columns())));
    }
    if let Some((i, weight)) =
        target.weights().and_then(|w| w.iter().enumerate().find(|(_, w)| !w.is_finite() || **w < 0.0))
    {
        return Err(
            Error::invalid(format!("the weight of training row {} is {weight}", i + 1)).hint("weights are 0 or more")
        );
    }
    if target.weight_sum() <= 0.0 {
        return Err(
            Error::invalid("no training row has a weight above 0").hint("weights are 0 or more, and some above")
        );
    }
    let is_label = |label: f64| match target.task() {
        Task::Regression => label.abs() <= LARGEST_LABEL,
        _ => label.fract() == 0.0 && (0.0..target.classes() as f64).contains(&label),
    };
    if let Some((i, label)) = labels.iter().enumerate().find(|(_, label)| !is_label(**label)) {
        let hint = match target.task() {
            Task::Regression => {
                format!("labels are numbers up to {LARGEST_LABEL:e}: divide them, or learn their logarithm")
            }
            _ => format!("labels are the places of {} classes", target.classes()),
        };
        return Err(Error::invalid(format!("the label of training row {} is {label}", i + 1)).hint(hint));
    }
    if target.task() != Task::Regression && labels.iter().all(|label| *label == labels[0]) {
        return Err(Error::invalid(format!("all {} labels are of one class", labels.len()))
            .hint("a classifier needs rows of two classes or more: look at the label's definition, the filter, and the split, which may have put the others into another part"));
    }
    Ok(())
}

/// Columns, by what the model needs.
pub(super) fn check_columns(x: &Matrix, needs: Needs, model: &str) -> Result<()> {
    let found = (0..x.columns()).into_par_iter().map(|j| check_column(x, j, needs, model)).collect::<Vec<_>>();
    found.into_iter().collect()
}

fn check_column(x: &Matrix, j: usize, needs: Needs, model: &str) -> Result<()> {
    let name = x.name(j);
    if needs.numeric && x.kind(j) == FeatureKind::Categorical {
        return Err(Error::invalid(format!("column \"{name}\" is categorical and {model} takes numbers only"))
            .hint("encode it one-hot, or use tree, forest or boosting"));
    }
    let wrong = |value: &f64| if value.is_nan() { needs.complete } else { value.is_infinite() };
    match x.column(j).iter().enumerate().find(|(_, value)| wrong(value)) {
        None => Ok(()),
        Some((i, value)) if value.is_nan() => {
            let row = i + 1;
            Err(Error::invalid(format!(
                "column \"{name}\" has no value in training row {row}, {model} takes none missing"
            ))
            .hint("fill missing values in the preparation, or use tree, forest or boosting"))
        }
        Some((i, value)) => Err(Error::invalid(format!("column \"{name}\" is {value} in training row {}", i + 1))
            .hint("infinite values cannot be learned from; clip them or make them missing")),
    }
}
