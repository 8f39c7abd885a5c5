//! Why a model answers a row as it does: how much each feature moves the answer, from the mean over the training rows to this
//! row's. What moves the columns that preparation made of a feature is added up to what the feature moves.

use super::answer::Answer;
use super::predict::{add_predictions, no_infinite_input, warn_of_replaced};
use super::scorer::{Scorer, UsedFeatures, not_finite};
use crate::data::{Column, Frame, OwnedValue, from_polars};
use crate::error::Result;
use crate::features::{self, score_frame};
use crate::learn::explain::ContributionScale;
use crate::learn::{Task, class_rows};
use crate::ledger::Ledger;
use crate::progress::Progress;
use crate::project::Project;
use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// How a model came to its answer for a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The class whose probability is explained; none for a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// What base and contributions add up to.
    pub scale: ContributionScale,
    /// Whether this is what the model says before its calibration.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub before_calibration: bool,
    /// What the model says where nothing is known: the mean over its training rows.
    pub base: f64,
    /// Each feature with what it adds, the largest first. A column that preparation made of several features stands by its own name.
    #[serde(serialize_with = "as_map")]
    pub contributions: Vec<(String, f64)>,
}

impl Explanation {
    /// Base and contributions together.
    pub fn total(&self) -> f64 {
        self.contributions.iter().fold(self.base, |sum, (_, by)| sum + by)
    }
}

/// A row's answer with its explanation.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedRow {
    /// What the model answers.
    #[serde(flatten)]
    pub answer: Answer,
    /// Why.
    #[serde(flatten)]
    pub explanation: Explanation,
    /// The features as the model used them.
    #[serde(skip)]
    pub features: Vec<(String, OwnedValue)>,
}

/// Explains the rows of a table; features of views are joined as known at each row's time.
pub fn explain_table(
    project: &Project,
    ledger: &Ledger,
    scorer: &Scorer,
    table: &DataFrame,
    progress: &Progress,
) -> Result<Vec<ExplainedRow>> {
    no_infinite_input(&scorer.bundle.features, table)?;
    let (frame, _) = score_frame(project, ledger, &scorer.bundle.features, table, progress)?;
    let signature = &scorer.bundle.signature;
    let predictions = scorer.score_frame(&frame)?;
    let answers: Vec<Answer> = predictions.iter().map(|numbers| signature.answer(numbers)).collect();
    if let Some((row, error)) = not_finite(&answers) {
        return Err(error.at(format!("row {}", row + 1)));
    }
    let explanations = scorer.explain(&frame, progress)?;
    let row = |(row, (answer, explanation))| {
        let value = |(name, column): &(String, Column)| (name.clone(), OwnedValue::of(column.get(row)));
        ExplainedRow { answer, explanation, features: frame.columns().iter().map(value).collect() }
    };
    Ok(answers.into_iter().zip(explanations).enumerate().map(row).collect())
}

/// The table with the answers added, and with `base` and `contribution_FEATURE` for each feature.
pub fn add_explanations(table: &DataFrame, rows: &[ExplainedRow]) -> Result<DataFrame> {
    let answers: Vec<Answer> = rows.iter().map(|row| row.answer.clone()).collect();
    let mut out = add_predictions(table, None, &answers)?;
    let names = mean_contributions(rows).into_iter().map(|(name, _)| format!("contribution_{name}"));
    let names: Vec<String> = std::iter::once("base".to_owned()).chain(names).collect();
    warn_of_replaced(table, names.iter().map(String::as_str));
    let base: Vec<f64> = rows.iter().map(|row| row.explanation.base).collect();
    out.with_column(Series::new("base".into(), base).into_column()).map_err(from_polars)?;
    for (name, _) in mean_contributions(rows) {
        let of_row =
            |row: &ExplainedRow| row.explanation.contributions.iter().find(|(n, _)| *n == name).map(|(_, by)| *by);
        let values: Vec<Option<f64>> = rows.iter().map(of_row).collect();
        out.with_column(Series::new(format!("contribution_{name}").into(), values).into_column())
            .map_err(from_polars)?;
    }
    Ok(out)
}

/// The mean size of each feature's contribution over the rows, the largest first.
pub fn mean_contributions(rows: &[ExplainedRow]) -> Vec<(String, f64)> {
    let mut means: BTreeMap<&str, f64> = BTreeMap::new();
    for (name, by) in rows.iter().flat_map(|row| &row.explanation.contributions) {
        *means.entry(name).or_default() += by.abs() / rows.len() as f64;
    }
    let mut means: Vec<(String, f64)> = means.into_iter().map(|(name, mean)| (name.to_owned(), mean)).collect();
    means.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    means
}

fn as_map<S: Serializer>(entries: &[(String, f64)], to: S) -> std::result::Result<S::Ok, S::Error> {
    to.collect_map(entries.iter().map(|(name, by)| (name, by)))
}

impl Scorer {
    /// The explanation of each row's answer: of two classes that of the second, of several that of the class that is called.
    pub fn explain(&self, frame: &Frame, progress: &Progress) -> Result<Vec<Explanation>> {
        let matrix = self.prepared().matrix(frame)?;
        let signature = &self.bundle.signature;
        let predictions = self.bundle.fitted.predict(&matrix);
        let found = self.bundle.fitted.contributions(&matrix, progress)?;
        let mut names: Vec<String> = self.bundle.features.features.iter().map(|feature| feature.name.clone()).collect();
        let place_of = self.places(&matrix_names(&matrix), &mut names);
        // A feature that only goes into columns together with others adds nothing under its own name.
        let is_joint = names.len() > self.bundle.features.features.len();
        let is_shown: Vec<bool> = (0..names.len()).map(|place| !is_joint || place_of.contains(&place)).collect();
        let outputs = found.base.len();
        let explain = |(row, numbers): (usize, &[f64])| {
            let output = if signature.task == Task::Multiclass { class_rows::largest(numbers) } else { 0 };
            let class = match signature.task {
                Task::Regression => None,
                Task::Binary => signature.classes.get(1).cloned(),
                Task::Multiclass => signature.classes.get(output).cloned(),
            };
            let mut moved = vec![0.0; names.len()];
            let first = (row * outputs + output) * found.columns;
            for (place, by) in place_of.iter().zip(&found.values[first..first + found.columns]) {
                moved[*place] += by;
            }
            let each = names.iter().zip(moved).zip(&is_shown).filter(|(_, is_shown)| **is_shown);
            let mut contributions: Vec<(String, f64)> = each.map(|((name, by), _)| (name.clone(), by)).collect();
            contributions.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            Explanation {
                class,
                scale: found.scale,
                before_calibration: found.before_calibration,
                base: found.base[output],
                contributions,
            }
        };
        Ok(predictions.iter().enumerate().map(explain).collect())
    }

    /// The explanations of rows by the features that were used for their answers.
    pub fn explain_used(&self, features: &UsedFeatures, rows: usize) -> Result<Vec<Explanation>> {
        let column = |(at, feature): (usize, &features::Input)| {
            let values = (0..rows).map(|row| features.value(row, at));
            (feature.name.clone(), Column::of_values(feature.kind, values))
        };
        match features {
            UsedFeatures::Columns(frame) => self.explain(frame, &Progress::quiet()),
            UsedFeatures::Rows { .. } => {
                let columns = self.bundle.features.features.iter().enumerate().map(column).collect();
                self.explain(&Frame::new(columns)?, &Progress::quiet())
            }
        }
    }

    /// For each prepared column the place in `names` that it is counted under; a column of several features adds its own name.
    fn places(&self, columns: &[String], names: &mut Vec<String>) -> Vec<usize> {
        let features: Vec<&str> = self.bundle.features.features.iter().map(|feature| feature.name.as_str()).collect();
        let origins = self.bundle.preparation.origins(&features, columns.iter().map(String::as_str));
        let mut place = |(column, origin): (&String, Option<usize>)| {
            origin.unwrap_or_else(|| {
                names.push(column.clone());
                names.len() - 1
            })
        };
        columns.iter().zip(origins).map(&mut place).collect()
    }
}

fn matrix_names(matrix: &crate::learn::Matrix) -> Vec<String> {
    (0..matrix.columns()).map(|j| matrix.name(j).to_owned()).collect()
}
