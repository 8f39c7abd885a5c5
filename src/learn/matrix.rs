//! A table of numbers, column by column: what every estimator takes.
//!
//! Invariant: every column has the same length, and there are as many names and kinds as columns. A categorical column
//! holds the codes 0, 1, 2 … as f64. NaN is a missing value in both kinds.

use crate::error::{Error, Result};
use rayon::prelude::*;

/// How the numbers of a column are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureKind {
    /// A quantity: order and distance mean something.
    Numeric,
    /// A code 0, 1, 2 … that stands for a category.
    Categorical,
}

/// A table of f64, column-major. NaN is missing.
#[derive(Debug, Clone)]
pub struct Matrix {
    names: Vec<String>,
    kinds: Vec<FeatureKind>,
    columns: Vec<Vec<f64>>,
    rows: usize,
}

impl Matrix {
    /// A matrix of these columns; an error if lengths or counts differ.
    pub fn new(names: Vec<String>, kinds: Vec<FeatureKind>, columns: Vec<Vec<f64>>) -> Result<Matrix> {
        if names.len() != columns.len() || kinds.len() != columns.len() {
            return Err(Error::invalid(format!(
                "a matrix of {} columns was given {} names and {} kinds",
                columns.len(),
                names.len(),
                kinds.len()
            )));
        }
        let rows = columns.first().map_or(0, Vec::len);
        for (name, column) in names.iter().zip(&columns) {
            if column.len() != rows {
                return Err(Error::invalid(format!("column \"{name}\" has {} rows, not {rows}", column.len())));
            }
        }
        Ok(Matrix { names, kinds, columns, rows })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The values of column `j < columns()`, one a row.
    pub fn column(&self, j: usize) -> &[f64] {
        &self.columns[j]
    }

    /// The kind of column `j < columns()`.
    pub fn kind(&self, j: usize) -> FeatureKind {
        self.kinds[j]
    }

    /// The name of column `j < columns()`.
    pub fn name(&self, j: usize) -> &str {
        &self.names[j]
    }

    /// The matrix of these rows, in this order; each index is below `rows()` and may come more than once.
    pub fn select_rows(&self, rows: &[usize]) -> Matrix {
        let columns = self.columns.par_iter().map(|column| rows.iter().map(|&i| column[i]).collect()).collect();
        Matrix { names: self.names.clone(), kinds: self.kinds.clone(), columns, rows: rows.len() }
    }

    /// Writes row `i < rows()` into `out`, one value a column.
    pub fn row_into(&self, i: usize, out: &mut [f64]) {
        for (value, column) in out.iter_mut().zip(&self.columns) {
            *value = column[i];
        }
    }

    /// Rows `first .. first + count`, row-major, into `out`; `out` is cleared first.
    pub fn rows_into(&self, first: usize, count: usize, out: &mut Vec<f64>) {
        let width = self.columns.len();
        out.clear();
        out.resize(count * width, 0.0);
        for (j, column) in self.columns.iter().enumerate() {
            for (i, value) in column[first..first + count].iter().enumerate() {
                out[i * width + j] = *value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(columns: Vec<Vec<f64>>) -> Result<Matrix> {
        let names = (0..columns.len()).map(|j| format!("c{j}")).collect();
        Matrix::new(names, vec![FeatureKind::Numeric; columns.len()], columns)
    }

    #[test]
    fn columns_of_different_lengths_are_refused() {
        assert!(numeric(vec![vec![1.0], vec![1.0, 2.0]]).is_err());
        assert!(Matrix::new(vec![], vec![FeatureKind::Numeric], vec![vec![1.0]]).is_err());
    }

    #[test]
    fn rows_are_selected_in_order() {
        let m = numeric(vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]]).unwrap().select_rows(&[2, 0, 2]);
        assert_eq!(m.column(0), [3.0, 1.0, 3.0]);
        let mut row = [0.0; 2];
        m.row_into(1, &mut row);
        assert_eq!(row, [1.0, 4.0]);
        let mut block = Vec::new();
        m.rows_into(1, 2, &mut block);
        assert_eq!(block, [1.0, 4.0, 3.0, 6.0]);
    }
}
