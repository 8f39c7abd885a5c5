//! Columns that selection kept. Which they are was decided on the training rows (`select_variance`, `select_correlation`,
//! `select_univariate`, `select_mutual_info`, `select_model`, `select_rfe`); a row only loses the others.

use super::computation::Computation;
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The fitted step of every way to select.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Select {
    /// The columns that are read.
    pub columns: Vec<String>,
    /// The places among them of those that are kept, in rising order.
    pub kept: Vec<usize>,
}

impl Select {
    /// Keeps the columns for which `keep` holds; an error if none is left.
    pub(super) fn new(names: Vec<String>, keep: &[bool]) -> Result<Select> {
        let kept: Vec<usize> = (0..names.len()).filter(|at| keep.get(*at) == Some(&true)).collect();
        if kept.is_empty() {
            let what = format!("no column is left of {}: {}", names.len(), names.join(", "));
            return Err(Error::invalid(what).hint("lower the threshold, or leave the step out"));
        }
        Ok(Select { columns: names, kept })
    }

    /// Of one thing a column, those of the kept columns.
    pub(super) fn kept<T>(&self, each: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        let mut next = self.kept.iter().copied().peekable();
        each.enumerate().filter_map(move |(at, one)| next.next_if_eq(&at).map(|_| one))
    }
}

impl FittedStep for Select {
    fn inputs(&self) -> Vec<&str> {
        self.columns.iter().map(String::as_str).collect()
    }

    fn takes(&self) -> Content {
        Content::Number
    }

    fn outputs(&self) -> Vec<Output> {
        self.kept(self.columns.iter()).map(|name| Output::number(name, OutputRole::Unchanged)).collect()
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Select(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let rising = self.kept.windows(2).all(|pair| pair[0] < pair[1]);
        let inside = self.kept.last().is_some_and(|last| *last < self.columns.len());
        (rising && inside).then_some(()).ok_or("what it keeps is not among its columns")
    }
}
