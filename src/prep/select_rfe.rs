//! `select_rfe`: leaves out, round after round, the columns that matter least to a model fitted on those that are left (recursive feature
//! elimination), until `n_features_to_select` remain.
//!
//! Rounds are those of scikit-learn's `RFE`: `step` columns go at a time, or a share of all; `n_features_to_select` is a number, a share, or by
//! default half of the columns. Of columns that matter equally the first goes first. For a linear model of several classes a column matters by
//! the sizes of its weights together, there by their squares.

use super::column_importance::{importance, parse_model};
use super::number_columns::NumberColumns;
use super::select::Select;
use crate::error::{Error, Result};
use crate::learn::params::{Amount, ParamReader};
use crate::learn::{Estimator, Target};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["model", "params", "n_features_to_select", "step"];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct RfeParams {
    model: Estimator,
    keep: Amount,
    step: Amount,
}

impl RfeParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<RfeParams> {
        let amount = |name: &str, default: Amount| match reader.raw(name) {
            None => Ok(default),
            Some(value) => reader.amount(name, 1, 1).map_err(|_| {
                Error::invalid(format!("select_rfe parameter \"{name}\" is {value}"))
                    .hint("it takes a number of columns, 1 or more, or a share of them between 0 and 1")
            }),
        };
        Ok(RfeParams {
            model: parse_model(reader)?,
            keep: amount("n_features_to_select", Amount::Share(0.5))?,
            step: amount("step", Amount::Rows(1))?,
        })
    }

    /// Fits on columns of numbers.
    pub(super) fn fit(&self, x: &NumberColumns, target: &Target, seed: u64) -> Result<Select> {
        let columns = x.columns.len();
        let count = |amount: Amount| match amount {
            Amount::Rows(count) => count,
            Amount::Share(share) => (share * columns as f64) as usize,
        };
        let (wanted, step) = (count(self.keep).max(1), count(self.step).max(1));
        let mut left: Vec<usize> = (0..columns).collect();
        while left.len() > wanted {
            let scores = importance(&self.model, x, &left, target, seed)?;
            let mut order: Vec<usize> = (0..left.len()).collect();
            order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
            let gone = &order[..step.min(left.len() - wanted)];
            left = left.iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, column)| *column).collect();
        }
        let keep: Vec<bool> = (0..columns).map(|at| left.contains(&at)).collect();
        Select::new(x.names.clone(), &keep)
    }
}
