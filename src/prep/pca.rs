//! `pca`: columns become their principal components `pca0`, `pca1` …: uncorrelated sums of them, the first with the most variance.
//!
//! The components are scikit-learn's `PCA`: eigenvectors of the covariance matrix (dividing by n - 1) in falling order of variance, with the
//! sign that makes the entry of greatest size positive. `n_components` is their number, or a share of the variance that they must hold
//! together; without it as many as there are columns (or rows, if fewer). `whiten` divides each by its standard deviation. All values
//! must be known; scale the columns first if their units differ.

use super::column_statistics::mean;
use super::number_columns::NumberColumns;
use super::projection::{Projection, products};
use super::symmetric_eigen::symmetric_eigen;
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["n_components", "whiten"];

/// How many components.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Components {
    All,
    Count(usize),
    /// Those that hold this share of the variance.
    Share(f64),
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct PcaParams {
    components: Components,
    whiten: bool,
}

impl PcaParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<PcaParams> {
        let components = match reader.raw("n_components") {
            None => Components::All,
            Some(value) => match (value.as_u64(), value.as_f64()) {
                (Some(count), _) if count >= 1 => Components::Count(usize::try_from(count).unwrap_or(usize::MAX)),
                (None, Some(share)) if share > 0.0 && share < 1.0 => Components::Share(share),
                _ => {
                    return Err(Error::invalid(format!("pca parameter \"n_components\" is {value}")).hint(
                        "it takes a number of components, 1 or more, or a share of the variance between 0 and 1",
                    ));
                }
            },
        };
        Ok(PcaParams { components, whiten: reader.flag("whiten", false)? })
    }

    /// Fits on columns of numbers.
    pub(super) fn fit(&self, x: &NumberColumns) -> Result<Projection> {
        let means: Vec<f64> = x.columns.iter().map(|column| mean(column)).collect();
        let mut covariance = products(x, &means)?;
        let degrees = (x.rows().max(2) - 1) as f64;
        covariance.iter_mut().flatten().for_each(|sum| *sum /= degrees);
        let found: Vec<(f64, Vec<f64>)> = symmetric_eigen(covariance);
        let most = x.rows().min(found.len());
        let count = match self.components {
            Components::All => most,
            Components::Count(count) => at_most(count, most, x)?,
            Components::Share(share) => enough(&found, share).min(most),
        };
        let direction = |(variance, vector): &(f64, Vec<f64>)| {
            let deviation = if self.whiten { variance.max(0.0).sqrt().max(f64::EPSILON) } else { 1.0 };
            vector.iter().map(|weight| weight / deviation).collect()
        };
        let directions: Vec<Vec<f64>> = found[..count].iter().map(direction).collect();
        Ok(Projection::new(x, "pca", means, &directions))
    }
}

/// The count, if there are as many directions.
pub(super) fn at_most(count: usize, most: usize, x: &NumberColumns) -> Result<usize> {
    if count <= most {
        return Ok(count);
    }
    let (rows, columns) = (x.rows(), x.columns.len());
    Err(Error::invalid(format!("n_components = {count} of {columns} columns and {rows} training rows"))
        .hint(format!("it takes up to {most} here")))
}

/// How many components hold more than a share of the variance.
fn enough(found: &[(f64, Vec<f64>)], share: f64) -> usize {
    let total = found.iter().fold(0.0, |sum, (variance, _)| sum + variance.max(0.0));
    let mut held = 0.0;
    let below = found.iter().take_while(|(variance, _)| {
        held += variance.max(0.0) / total;
        held <= share
    });
    below.count() + 1
}
