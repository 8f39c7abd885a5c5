//! Columns of numbers projected on a few directions, as `pca` and `svd` fit them: (x - mean) times a matrix.

use super::computation::{Computation, OfNumbers};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use super::number_columns::NumberColumns;
use crate::error::{Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The most columns whose directions are looked for: the time grows with the cube of their number.
const MOST_COLUMNS: usize = 3000;

/// Rows whose products are summed before they are added to those of the rows before.
const BLOCK: usize = 4096;

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// The columns that are read.
    pub columns: Vec<String>,
    /// What the columns that are written are called: `NAME0`, `NAME1` …
    pub name: String,
    /// What is subtracted from each column.
    pub means: Vec<f64>,
    /// For each column that is read, its weight in each that is written.
    pub weights: Vec<Vec<f64>>,
}

impl Projection {
    /// The projection on these directions, each as long as there are columns.
    pub(super) fn new(x: &NumberColumns, name: &str, means: Vec<f64>, directions: &[Vec<f64>]) -> Projection {
        let weights = (0..means.len()).map(|column| directions.iter().map(|d| d[column]).collect());
        Projection { columns: x.names.clone(), name: name.to_owned(), weights: weights.collect(), means }
    }
}

/// The sums of products of each two columns, of which `means` are subtracted: block after block of rows, on any number of threads
/// in the same order. An error if there are too many columns, a value is missing or a sum is not finite.
pub(super) fn products(x: &NumberColumns, means: &[f64]) -> Result<Vec<Vec<f64>>> {
    let count = x.columns.len();
    if count > MOST_COLUMNS {
        return Err(Error::invalid(format!("{count} columns, and it takes up to {MOST_COLUMNS}"))
            .hint("name fewer columns, or select some first"));
    }
    x.all_finite()?;
    let mut sums = vec![vec![0.0; count]; count];
    for start in (0..x.rows()).step_by(BLOCK) {
        let end = (start + BLOCK).min(x.rows());
        let centred: Vec<Vec<f64>> =
            x.columns.par_iter().zip(means).map(|(c, m)| c[start..end].iter().map(|x| x - m).collect()).collect();
        sums.par_iter_mut().enumerate().for_each(|(i, row)| {
            row.iter_mut().take(i + 1).zip(&centred).for_each(|(sum, other)| *sum += dot(&centred[i], other));
        });
    }
    let below = sums.clone();
    for (i, row) in sums.iter_mut().enumerate() {
        row.iter_mut().enumerate().skip(i + 1).for_each(|(j, sum)| *sum = below[j][i]);
    }
    if sums.iter().flatten().any(|sum| !sum.is_finite()) {
        return Err(Error::invalid("its columns are too large: sums of products are not finite")
            .hint("scale them first: op = \"scale\", columns = \"numeric\""));
    }
    Ok(sums)
}

/// Eight sums side by side, added in a stated order: as many as a processor multiplies at once.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = left.remainder().iter().zip(right.remainder()).fold(0.0, |sum, (x, y)| sum + x * y);
    for (x, y) in left.zip(right) {
        sums.iter_mut().zip(x.iter().zip(y)).for_each(|(sum, (x, y))| *sum += x * y);
    }
    sums.iter().fold(rest, |total, sum| total + sum)
}

impl OfNumbers for Projection {
    fn values(&self, x: &[f64], out: &mut [f64]) {
        for ((x, mean), weights) in x.iter().zip(&self.means).zip(&self.weights) {
            let away = x - mean;
            out.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += away * weight);
        }
    }
}

impl FittedStep for Projection {
    fn inputs(&self) -> Vec<&str> {
        self.columns.iter().map(String::as_str).collect()
    }

    fn takes(&self) -> Content {
        Content::Number
    }

    fn outputs(&self) -> Vec<Output> {
        let count = self.weights.first().map_or(0, Vec::len);
        Output::numbers((0..count).map(|at| format!("{}{at}", self.name)), OutputRole::Quantity)
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Numbers(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let count = self.weights.first().map_or(0, Vec::len);
        let fits = self.weights.iter().all(|weights| weights.len() == count && weights.iter().all(|w| w.is_finite()));
        let columns = self.columns.len();
        let finite = self.means.iter().all(|mean| mean.is_finite());
        let sound = fits && finite && count > 0 && self.means.len() == columns && self.weights.len() == columns;
        sound.then_some(()).ok_or("its weights do not fit")
    }
}
