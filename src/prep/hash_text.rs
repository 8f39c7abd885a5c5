//! `hash_text`: the terms of a text fall in a fixed number of columns, decided by their hash, and are counted there with their sign. Nothing is
//! learned, so terms that training never saw count too; two terms may share a column.
//!
//! The numbers are those of scikit-learn's `HashingVectorizer`, with 1024 columns by default, not 2²⁰, for the columns are kept whole. A
//! missing text is 0 everywhere.

use super::computation::{Computation, OfText, Places};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use super::hash::MOST_FEATURES;
use super::murmur_hash::hashed;
use super::text_terms::{NORMS, Norm, TextTerms};
use crate::error::Result;
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] =
    &["n_features", "analyzer", "ngram_range", "lowercase", "binary", "norm", "alternate_sign"];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct HashTextParams {
    terms: TextTerms,
    features: usize,
    binary: bool,
    norm: Norm,
    signed: bool,
}

impl HashTextParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<HashTextParams> {
        Ok(HashTextParams {
            terms: TextTerms::parse(reader)?,
            features: reader.integer("n_features", 1024, 1, MOST_FEATURES)?,
            binary: reader.flag("binary", false)?,
            norm: reader.choice("norm", Norm::L2, NORMS)?,
            signed: reader.flag("alternate_sign", true)?,
        })
    }

    /// The step for a column of texts; nothing of it is fitted.
    pub(super) fn fit(&self, name: &str) -> HashText {
        let HashTextParams { terms, features, binary, norm, signed } = self.clone();
        HashText { column: name.to_owned(), terms, features, binary, norm, signed }
    }
}

/// The step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HashText {
    /// The column that is read; columns `COLUMN=N` take its place.
    pub column: String,
    /// How texts are cut.
    pub terms: TextTerms,
    /// How many columns.
    pub features: usize,
    /// Whether a column is 1 if any term falls in it.
    pub binary: bool,
    /// How the row is made of like size.
    pub norm: Norm,
    /// Whether half of the terms count as -1.
    pub signed: bool,
}

impl OfText for HashText {
    fn values(&self, text: Option<&str>, _: &Places, out: &mut [f64]) {
        let Some(text) = text else { return };
        let mut count = |term: &str| {
            let (column, sign) = hashed(term, self.features, self.signed);
            if let Some(cell) = out.get_mut(column) {
                *cell = if self.binary { 1.0 } else { *cell + sign };
            }
        };
        self.terms.each(text, &mut count);
        self.norm.apply(out);
    }
}

impl FittedStep for HashText {
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
        let sound = self.terms.is_sound() && (1..=MOST_FEATURES).contains(&self.features);
        sound.then_some(()).ok_or("its number of columns, or of characters, is out of range")
    }
}
