//! `select_model`: keeps the columns that matter to a model fitted on all of them: those that matter at least as much as a threshold, and at
//! most `max_features` of them.
//!
//! Columns are chosen as scikit-learn's `SelectFromModel` chooses by its model: `threshold` is a number, or `"mean"` (the default),
//! `"median"` or either times a number, `"1.25*mean"`, of all columns'. What matters to a model is the share of gain of trees, the size of the
//! weight of linear models; scale the columns for those.

use super::column_importance::{importance, parse_model};
use super::column_statistics::{mean, median};
use super::number_columns::NumberColumns;
use super::select::Select;
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use crate::learn::{Estimator, Target};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["model", "params", "threshold", "max_features"];

/// From what on a column is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
enum ImportanceThreshold {
    Number(f64),
    TimesMean(f64),
    TimesMedian(f64),
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectModelParams {
    model: Estimator,
    threshold: ImportanceThreshold,
    most: Option<usize>,
}

impl SelectModelParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<SelectModelParams> {
        let threshold = match reader.raw("threshold") {
            None => ImportanceThreshold::TimesMean(1.0),
            Some(value) => threshold(value).ok_or_else(|| {
                Error::invalid(format!("select_model parameter \"threshold\" is {value}"))
                    .hint("it takes a number, \"mean\", \"median\", or one times a number: \"1.25*mean\"")
            })?,
        };
        Ok(SelectModelParams { model: parse_model(reader)?, threshold, most: reader.limit("max_features", None, 1)? })
    }

    /// Fits on columns of numbers.
    pub(super) fn fit(&self, x: &NumberColumns, target: &Target, seed: u64) -> Result<Select> {
        let all: Vec<usize> = (0..x.columns.len()).collect();
        let scores = importance(&self.model, x, &all, target, seed)?;
        let limit = match self.threshold {
            ImportanceThreshold::Number(limit) => limit,
            ImportanceThreshold::TimesMean(times) => times * mean(&scores),
            ImportanceThreshold::TimesMedian(times) => times * median(&scores),
        };
        let mut order = all;
        // Stable: of columns that matter equally the first are kept.
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        let mut keep = vec![false; scores.len()];
        let most = self.most.unwrap_or(usize::MAX);
        order.iter().take(most).for_each(|at| keep[*at] = scores[*at] >= limit);
        Select::new(x.names.clone(), &keep)
    }
}

fn threshold(value: &serde_json::Value) -> Option<ImportanceThreshold> {
    if let Some(number) = value.as_f64() {
        return Some(ImportanceThreshold::Number(number));
    }
    let (times, word) = match value.as_str()?.split_once('*') {
        Some((times, word)) => (times.trim().parse::<f64>().ok().filter(|x| x.is_finite())?, word.trim()),
        None => (1.0, value.as_str()?),
    };
    match word {
        "mean" => Some(ImportanceThreshold::TimesMean(times)),
        "median" => Some(ImportanceThreshold::TimesMedian(times)),
        _ => None,
    }
}
