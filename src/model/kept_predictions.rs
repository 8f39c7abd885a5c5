//! What a run's model said of rows that it had not learned from, kept as the artifact `predictions.parquet`: rows of validation and test by
//! the finished model, and training rows by the model of the fold that did not see them. Whatever is asked later (a curve, a slice, how
//! two runs differ) is computed from these.
//!
//! A row is named by its place in the training set, whose hash the run has. For example, of two classes:
//!
//! | part | row | fold | label | output |
//! | --- | --- | --- | --- | --- |
//! | test | 17 | | 1 | 0.83 |
//! | cv | 4 | 2 | 0 | 0.11 |
//!
//! `label` is the place of the class, or the number; outputs of several classes are `output_0`, `output_1`, …. A part that has more than
//! [`MOST_NUMBERS`] outputs keeps an even sample of its rows, the same on each machine.

use super::fitting::Judged;
use crate::data::{
    self, Column, Frame, TableContent, TableFile, Value, column_to, frame_from, from_polars, open_files,
};
use crate::error::{Error, Result};
use crate::learn::{Fold, Predictions, Target, Task, random};
use crate::ledger::ArtifactRow;
use crate::project::{Format, Project};
use polars::prelude::DataFrame;

/// The artifact's name.
pub(super) const PREDICTIONS: &str = "predictions.parquet";

/// The most outputs that are kept of a part: 4 MB of them.
pub const MOST_NUMBERS: usize = 500_000;

/// Which rows were predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptRows {
    /// By which candidates of a search are compared.
    Validation,
    /// On which the finished model is measured.
    Test,
    /// Training rows, each by the model of another fold.
    Folds,
}

impl KeptRows {
    const ALL: [KeptRows; 3] = [KeptRows::Validation, KeptRows::Test, KeptRows::Folds];

    /// The word in the file, and in front of the metrics.
    pub fn name(self) -> &'static str {
        match self {
            KeptRows::Validation => "validation",
            KeptRows::Test => "test",
            KeptRows::Folds => "cv",
        }
    }
}

/// The kept rows of a part.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptPart {
    /// Which.
    pub which: KeptRows,
    /// The place of each row in the training set.
    pub rows: Vec<usize>,
    /// The fold that each row was predicted in, of rows of folds.
    pub folds: Option<Vec<u32>>,
    /// The place of each row's class, or its number.
    pub labels: Vec<f64>,
    /// What the model said.
    pub predictions: Predictions,
}

impl KeptPart {
    /// Rows of no fold; all lists are of one length.
    pub(super) fn new(which: KeptRows, rows: Vec<usize>, labels: Vec<f64>, predictions: Predictions) -> KeptPart {
        KeptPart { which, rows, folds: None, labels, predictions }
    }

    /// The predictions of the training rows, each by the model of the fold that did not see it; `train` are their places in the set.
    pub(super) fn of_folds(train: &[usize], target: &Target, folds: &[Fold], scores: &[Judged]) -> KeptPart {
        let seen = || folds.iter().flat_map(|fold| fold.validation.iter().copied());
        let numbers = folds.iter().enumerate();
        let numbers = numbers.flat_map(|(at, fold)| std::iter::repeat_n(at as u32, fold.validation.len())).collect();
        let outputs = scores.first().map_or(1, |score| score.predictions.outputs());
        let values = scores.iter().flat_map(|score| score.predictions.values().iter().copied()).collect();
        KeptPart {
            which: KeptRows::Folds,
            rows: seen().map(|row| train[row]).collect(),
            folds: Some(numbers),
            labels: seen().map(|row| target.values()[row]).collect(),
            predictions: Predictions::new(outputs, values),
        }
    }

    /// The labels as a target of this task with so many classes.
    pub fn target(&self, task: Task, classes: usize) -> Target {
        Target::new(task, classes, self.labels.clone())
    }

    /// These of its rows, in this order.
    pub fn select(&self, places: &[usize]) -> KeptPart {
        let outputs = self.predictions.outputs();
        let numbers = |at: &usize| self.predictions.values()[at * outputs..(at + 1) * outputs].iter().copied();
        KeptPart {
            which: self.which,
            rows: places.iter().map(|at| self.rows[*at]).collect(),
            folds: self.folds.as_ref().map(|folds| places.iter().map(|at| folds[*at]).collect()),
            labels: places.iter().map(|at| self.labels[*at]).collect(),
            predictions: Predictions::new(outputs, places.iter().flat_map(numbers).collect()),
        }
    }

    /// The same in the order of the training set.
    pub fn sorted(&self) -> KeptPart {
        let mut places: Vec<usize> = (0..self.rows.len()).collect();
        places.sort_by_key(|at| self.rows[*at]);
        self.select(&places)
    }

    /// At most [`MOST_NUMBERS`] outputs: an even sample of the rows.
    pub(super) fn bounded(self, seed: u64) -> KeptPart {
        let most = (MOST_NUMBERS / self.predictions.outputs()).max(1);
        if self.rows.len() <= most {
            return self;
        }
        let purpose = format!("kept predictions of {}", self.which.name());
        self.select(&random::stream(seed, &purpose, 0).sample(self.rows.len(), most))
    }
}

/// The names of the columns with outputs.
fn output_names(outputs: usize) -> Vec<String> {
    if outputs == 1 { vec!["output".to_owned()] } else { (0..outputs).map(|at| format!("output_{at}")).collect() }
}

/// The parts as a Parquet file. Equal parts give equal bytes.
pub(super) fn write(parts: &[KeptPart]) -> Result<Vec<u8>> {
    let outputs = parts.first().map_or(1, |part| part.predictions.outputs());
    let names = parts.iter().flat_map(|part| std::iter::repeat_n(Some(part.which.name()), part.rows.len()));
    let rows = parts.iter().flat_map(|part| part.rows.iter().map(|row| Some(*row as i128)));
    let fold = |part: &KeptPart, at: usize| Some(i128::from(*part.folds.as_ref()?.get(at)?));
    let folds = parts.iter().flat_map(|part| (0..part.rows.len()).map(move |at| fold(part, at)));
    let labels = parts.iter().flat_map(|part| part.labels.iter().copied());
    let mut columns = vec![
        column_to("part", &Column::texts(names)),
        column_to("row", &Column::integers(rows)),
        column_to("fold", &Column::integers(folds)),
        column_to("label", &Column::floats(labels.collect())),
    ];
    for (at, name) in output_names(outputs).iter().enumerate() {
        let values = parts.iter().flat_map(|part| part.predictions.column(at));
        columns.push(column_to(name, &Column::floats(values.collect())));
    }
    let height = parts.iter().map(|part| part.rows.len()).sum();
    let mut table = DataFrame::new(height, columns).map_err(from_polars)?;
    data::encode(&mut table, Format::Parquet)
}

/// The predictions that a run keeps; none of a run from before runs kept any. `outputs` is how many numbers its model gives for a row.
pub fn predictions_of(project: &Project, artifacts: &[ArtifactRow], outputs: usize) -> Result<Option<Vec<KeptPart>>> {
    let Some(kept) = artifacts.iter().find(|artifact| artifact.name == PREDICTIONS) else { return Ok(None) };
    read(project, kept, outputs).map(Some).map_err(|e| e.at(PREDICTIONS))
}

fn read(project: &Project, kept: &ArtifactRow, outputs: usize) -> Result<Vec<KeptPart>> {
    let content = TableContent::Blob(project.store().open(&kept.hash)?);
    let file = TableFile { name: PREDICTIONS.to_owned(), content };
    let frame = frame_from(&open_files(&[file], Format::Parquet)?.collect()?)?;
    let numbers = |name: &str| -> Result<Vec<f64>> {
        let column = frame.column(name)?.numbers();
        column
            .map(|values| values.into_owned())
            .ok_or_else(|| Error::corrupt(format!("column \"{name}\" has no numbers")))
    };
    let (rows, folds, labels) = (numbers("row")?, numbers("fold")?, numbers("label")?);
    let names = output_names(outputs);
    let columns = names.iter().map(|name| numbers(name)).collect::<Result<Vec<_>>>()?;
    // A place or a fold that no set can have would be looked for for ever.
    let most = u32::MAX as f64;
    if rows.iter().any(|row| !(0.0..most).contains(row)) || folds.iter().any(|fold| *fold > frame.rows() as f64) {
        return Err(Error::corrupt("a row or a fold is out of range"));
    }
    let mut parts = Vec::new();
    for which in KeptRows::ALL {
        let places = places_of(&frame, which)?;
        if places.is_empty() {
            continue;
        }
        let values = places.iter().flat_map(|at| columns.iter().map(|column| column[*at])).collect();
        let of_folds = || places.iter().map(|at| folds[*at] as u32).collect();
        parts.push(KeptPart {
            which,
            rows: places.iter().map(|at| rows[*at] as usize).collect(),
            folds: (which == KeptRows::Folds).then(of_folds),
            labels: places.iter().map(|at| labels[*at]).collect(),
            predictions: Predictions::new(outputs, values),
        });
    }
    Ok(parts)
}

/// The places of a part's rows in the file.
fn places_of(frame: &Frame, which: KeptRows) -> Result<Vec<usize>> {
    let names = frame.column("part")?;
    Ok((0..frame.rows()).filter(|at| names.get(*at) == Value::Text(which.name())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(rows: usize) -> KeptPart {
        let values = (0..rows).map(|row| row as f64).collect();
        KeptPart::new(KeptRows::Test, (0..rows).collect(), vec![1.0; rows], Predictions::new(1, values))
    }

    #[test]
    fn a_large_part_keeps_an_even_sample_and_a_small_one_every_row() {
        assert_eq!(part(20).bounded(7), part(20));
        let kept = part(MOST_NUMBERS + 300_000).bounded(7);
        assert_eq!(kept.rows.len(), MOST_NUMBERS);
        assert!(
            kept.rows.is_sorted() && kept.rows.iter().zip(kept.predictions.values()).all(|(row, p)| *row as f64 == *p)
        );
        let middle = kept.rows.iter().filter(|row| **row < 400_000).count() as f64 / MOST_NUMBERS as f64;
        assert!((middle - 0.5).abs() < 0.01, "{middle}");
        assert_eq!(kept, part(MOST_NUMBERS + 300_000).bounded(7));
    }
}
