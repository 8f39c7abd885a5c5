//! `svd`: columns projected on the directions in which they are largest, `svd0`, `svd1` …, without subtracting their means; for one-hot
//! columns and terms of texts, where 0 means nothing.
//!
//! The numbers are those of scikit-learn's `TruncatedSVD(algorithm="arpack")`: right singular vectors, from the eigenvectors of XᵀX, with the
//! sign that makes the entry of greatest size positive. Its default algorithm starts from random numbers and comes near these.

use super::number_columns::NumberColumns;
use super::pca::at_most;
use super::projection::{Projection, products};
use super::symmetric_eigen::symmetric_eigen;
use crate::error::Result;
use crate::learn::params::ParamReader;

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["n_components"];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct SvdParams {
    components: usize,
}

impl SvdParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<SvdParams> {
        Ok(SvdParams { components: reader.integer("n_components", 2, 1, usize::MAX)? })
    }

    /// Fits on columns of numbers.
    pub(super) fn fit(&self, x: &NumberColumns) -> Result<Projection> {
        let count = at_most(self.components, x.rows().min(x.columns.len()), x)?;
        let zeros = vec![0.0; x.columns.len()];
        let found = symmetric_eigen(products(x, &zeros)?);
        let directions: Vec<Vec<f64>> = found.into_iter().take(count).map(|(_, vector)| vector).collect();
        Ok(Projection::new(x, "svd", zeros, &directions))
    }
}
