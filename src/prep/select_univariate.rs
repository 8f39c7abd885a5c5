//! `select_univariate`: keeps the columns that by themselves say most about the target.
//!
//! Scores are those of scikit-learn: `f_classif` (one-way analysis of variance) and `chi2` for targets of classes, `f_regression` (from the
//! correlation) for numbers; without `score_func` the F test for the task. Rows where the column is missing don't count for it; an
//! F test of a constant column has no score. `chi2` takes counts and shares, which are 0 or more.

use super::best_columns::BestColumns;
use super::column_statistics::mean;
use super::number_columns::NumberColumns;
use super::select::Select;
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use crate::learn::{Target, Task};
use rayon::prelude::*;

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["score_func", "k", "percentile"];

/// How a column is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScoreFunction {
    FClassif,
    FRegression,
    Chi2,
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct UnivariateParams {
    /// None: the F test of the task.
    score: Option<ScoreFunction>,
    best: BestColumns,
}

impl UnivariateParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<UnivariateParams> {
        let choices = [
            ("f_classif", Some(ScoreFunction::FClassif)),
            ("f_regression", Some(ScoreFunction::FRegression)),
            ("chi2", Some(ScoreFunction::Chi2)),
        ];
        Ok(UnivariateParams { score: reader.choice("score_func", None, &choices)?, best: BestColumns::parse(reader)? })
    }

    /// Fits on columns of numbers.
    pub(super) fn fit(&self, x: &NumberColumns, target: &Target) -> Result<Select> {
        let regression = target.task() == Task::Regression;
        let usual = if regression { ScoreFunction::FRegression } else { ScoreFunction::FClassif };
        let score = self.score.unwrap_or(usual);
        if regression != (score == ScoreFunction::FRegression) {
            return Err(Error::invalid("this score_func is not for a target of this kind").hint(
                "f_classif and chi2 are for classes, f_regression is for numbers; without score_func it is chosen",
            ));
        }
        if score == ScoreFunction::Chi2 {
            let below = |column: &[f64]| column.iter().any(|x| *x < 0.0);
            if let Some((name, _)) = x.names.iter().zip(&x.columns).find(|(_, column)| below(column)) {
                return Err(Error::invalid(format!("column \"{name}\" has values below 0, which chi2 does not take"))
                    .hint("give score_func = \"f_classif\", or scale the columns first: method = \"minmax\""));
            }
        }
        let score = |column: &[f64]| {
            let known: Vec<(f64, f64)> =
                column.iter().copied().zip(target.values().iter().copied()).filter(|(x, _)| x.is_finite()).collect();
            match score {
                ScoreFunction::FClassif => f_classif(&known, target.classes()),
                ScoreFunction::FRegression => f_regression(&known),
                ScoreFunction::Chi2 => chi2(&known, target.classes()),
            }
        };
        let scores: Vec<f64> = x.columns.par_iter().map(|column| score(column)).collect();
        Select::new(x.names.clone(), &self.best.keep(&scores))
    }
}

/// Count and sum of the values of each class.
fn by_class(known: &[(f64, f64)], classes: usize, center: f64) -> Vec<(f64, f64)> {
    let mut sums = vec![(0.0, 0.0); classes];
    for (x, y) in known {
        if let Some(sum) = sums.get_mut(*y as usize) {
            *sum = (sum.0 + 1.0, sum.1 + (x - center));
        }
    }
    sums
}

/// The variance between classes over the variance within them.
fn f_classif(known: &[(f64, f64)], classes: usize) -> f64 {
    let values: Vec<f64> = known.iter().map(|(x, _)| *x).collect();
    let center = mean(&values);
    let sums = by_class(known, classes, center);
    let there: Vec<&(f64, f64)> = sums.iter().filter(|(count, _)| *count > 0.0).collect();
    let count = known.len() as f64;
    let total = values.iter().fold(0.0, |sum, x| sum + (x - center) * (x - center));
    let rest = there.iter().fold(0.0, |sum, (_, s)| sum + s);
    let between = there.iter().fold(0.0, |sum, (n, s)| sum + s * s / n) - rest * rest / count;
    let groups = there.len() as f64;
    (between / (groups - 1.0)) / ((total - between) / (count - groups))
}

/// r² / (1 - r²) · (n - 2), r the correlation with the target.
fn f_regression(known: &[(f64, f64)]) -> f64 {
    let (x, y): (Vec<f64>, Vec<f64>) = known.iter().copied().unzip();
    let (mean_x, mean_y) = (mean(&x), mean(&y));
    let (xx, xy, yy) = known.iter().fold((0.0, 0.0, 0.0), |(xx, xy, yy), (x, y)| {
        let (x, y) = (x - mean_x, y - mean_y);
        (xx + x * x, xy + x * y, yy + y * y)
    });
    let r = xy / (xx.sqrt() * yy.sqrt());
    let share = r * r;
    // Rounding may take it beyond 1.
    if share >= 1.0 { f64::INFINITY } else { share / (1.0 - share) * (known.len() as f64 - 2.0) }
}

/// The sum over classes of (observed - expected)² / expected, of the column's sum in the class.
fn chi2(known: &[(f64, f64)], classes: usize) -> f64 {
    let sums = by_class(known, classes, 0.0);
    let total = sums.iter().fold(0.0, |sum, (_, s)| sum + s);
    let there = sums.iter().filter(|(count, _)| *count > 0.0);
    there.fold(0.0, |sum, (count, observed)| {
        let expected = count / known.len() as f64 * total;
        sum + (observed - expected) * (observed - expected) / expected
    })
}
