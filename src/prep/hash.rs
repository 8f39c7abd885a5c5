//! `hash`: a category falls in one of a fixed number of columns, decided by its hash, with 1 or -1 there. Nothing is learned, so a category
//! that training never saw has a place too; two categories may share one.
//!
//! The numbers are those of scikit-learn's `FeatureHasher` for rows `{"COLUMN": "CATEGORY"}`: the text `COLUMN=CATEGORY` is hashed. The
//! default of `n_features` is 64, not 2²⁰, for the columns are kept whole. A missing category is 0 everywhere.

use super::computation::{Computation, OfText, Places};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use super::murmur_hash::hashed;
use crate::error::Result;
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["n_features", "alternate_sign"];

/// The most columns; a table keeps all of them.
pub(super) const MOST_FEATURES: usize = 1 << 16;

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct HashParams {
    features: usize,
    signed: bool,
}

impl HashParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<HashParams> {
        Ok(HashParams {
            features: reader.integer("n_features", 64, 1, MOST_FEATURES)?,
            signed: reader.flag("alternate_sign", true)?,
        })
    }

    /// The step for a column of texts; nothing of it is fitted.
    pub(super) fn fit(&self, name: &str) -> HashCategory {
        HashCategory { column: name.to_owned(), features: self.features, signed: self.signed }
    }
}

/// The step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HashCategory {
    /// The column that is read; columns `COLUMN=N` take its place.
    pub column: String,
    /// How many columns.
    pub features: usize,
    /// Whether half of the categories give -1.
    pub signed: bool,
}

impl OfText for HashCategory {
    fn values(&self, text: Option<&str>, _: &Places, out: &mut [f64]) {
        let Some(text) = text else { return };
        let (column, sign) = hashed(&format!("{}={text}", self.column), self.features, self.signed);
        if let Some(cell) = out.get_mut(column) {
            *cell = sign;
        }
    }
}

impl FittedStep for HashCategory {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Text
    }

    fn outputs(&self) -> Vec<Output> {
        Output::numbers((0..self.features).map(|at| format!("{}={at}", self.column)), OutputRole::Flag)
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Text(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        (1..=MOST_FEATURES).contains(&self.features).then_some(()).ok_or("its number of columns is out of range")
    }
}
