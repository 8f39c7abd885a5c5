//! `tfidf`: a text becomes one number a term: how often the term occurs in it, times a weight that is high for terms of few texts.
//!
//! The numbers are those of scikit-learn's `TfidfVectorizer`: weight ln((1 + n) / (1 + d)) + 1 for a term in d of n texts (without
//! `smooth_idf`, ln(n / d) + 1); with `sublinear_tf` the count c becomes 1 + ln c; the row is divided by its length (`norm`). Only terms
//! of at least `min_df` and at most `max_df` texts count (whole numbers of texts, or shares), and of those the `max_features` most frequent: 1000 by
//! default, for the columns are kept whole; of equally frequent ones the first by name. A missing text is 0 everywhere, and no text.

use super::computation::{Computation, OfText, Places};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use super::hash::MOST_FEATURES;
use super::text_terms::{NORMS, Norm, TextTerms};
use crate::data::{Column, Value};
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use crate::math::ln;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &[
    "analyzer",
    "ngram_range",
    "lowercase",
    "min_df",
    "max_df",
    "max_features",
    "binary",
    "norm",
    "use_idf",
    "smooth_idf",
    "sublinear_tf",
];

/// A number of texts, or a share of all.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Documents {
    Count(u64),
    Share(f64),
}

impl Documents {
    fn parse(reader: &ParamReader, name: &str, default: Documents) -> Result<Documents> {
        let Some(value) = reader.raw(name) else { return Ok(default) };
        match (value.as_u64(), value.as_f64()) {
            (Some(count), _) if count >= 1 => Ok(Documents::Count(count)),
            (None, Some(share)) if (0.0..=1.0).contains(&share) => Ok(Documents::Share(share)),
            _ => Err(Error::invalid(format!("tfidf parameter \"{name}\" is {value}"))
                .hint("it takes a number of texts, 1 or more, or a share of them from 0.0 to 1.0")),
        }
    }

    fn of(self, all: u64) -> f64 {
        match self {
            Documents::Count(count) => count as f64,
            Documents::Share(share) => share * all as f64,
        }
    }
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct TfidfParams {
    terms: TextTerms,
    least: Documents,
    most: Documents,
    features: usize,
    use_idf: bool,
    smooth: bool,
    counting: TermCounting,
}

impl TfidfParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<TfidfParams> {
        Ok(TfidfParams {
            terms: TextTerms::parse(reader)?,
            least: Documents::parse(reader, "min_df", Documents::Count(1))?,
            most: Documents::parse(reader, "max_df", Documents::Share(1.0))?,
            features: reader.integer("max_features", 1000, 1, MOST_FEATURES)?,
            use_idf: reader.flag("use_idf", true)?,
            smooth: reader.flag("smooth_idf", true)?,
            counting: TermCounting {
                binary: reader.flag("binary", false)?,
                sublinear: reader.flag("sublinear_tf", false)?,
                norm: reader.choice("norm", Norm::L2, NORMS)?,
            },
        })
    }

    /// Fits on a column of texts; an error if no term is left.
    pub(super) fn fit(&self, name: &str, column: &Column) -> Result<Tfidf> {
        // Of each term: how many texts have it, how often it occurs, and the last row that had it.
        let mut found: BTreeMap<String, (u64, u64, usize)> = BTreeMap::new();
        let mut texts = 0;
        for row in 0..column.len() {
            let Value::Text(text) = column.get(row) else { continue };
            texts += 1;
            self.terms.each(text, |term| match found.get_mut(term) {
                Some((in_texts, in_all, last)) => {
                    *in_texts += u64::from(*last != row);
                    (*in_all, *last) = (*in_all + 1, row);
                }
                None => drop(found.insert(term.to_owned(), (1, 1, row))),
            });
        }
        let (least, most) = (self.least.of(texts), self.most.of(texts));
        let counts = |d: u64| least <= d as f64 && d as f64 <= most;
        let mut kept: Vec<(String, u64, u64)> = found
            .into_iter()
            .filter(|(_, (in_texts, ..))| counts(*in_texts))
            .map(|(term, (in_texts, in_all, _))| (term, in_texts, in_all))
            .collect();
        kept.sort_by_key(|(_, _, in_all)| std::cmp::Reverse(*in_all));
        kept.truncate(self.features);
        kept.sort();
        if kept.is_empty() {
            return Err(Error::invalid(format!("no term is left of {texts} texts"))
                .hint("look at min_df, max_df and ngram_range; words of one letter are no terms, analyzer = \"char\" has them"));
        }
        let n = texts as f64;
        let weight = |d: f64| match (self.use_idf, self.smooth) {
            (false, _) => 1.0,
            (true, true) => ln((1.0 + n) / (1.0 + d)) + 1.0,
            (true, false) => ln(n / d) + 1.0,
        };
        Ok(Tfidf {
            column: name.to_owned(),
            terms: self.terms.clone(),
            counting: self.counting.clone(),
            weights: kept.iter().map(|(_, in_texts, _)| weight(*in_texts as f64)).collect(),
            vocabulary: kept.into_iter().map(|(term, ..)| term).collect(),
        })
    }
}

/// How the counts of a text's terms become numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TermCounting {
    /// Whether a term counts once, however often it occurs.
    pub binary: bool,
    /// Whether a count c becomes 1 + ln c.
    pub sublinear: bool,
    /// How the row is made of like size.
    pub norm: Norm,
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tfidf {
    /// The column that is read; columns `COLUMN=TERM` take its place.
    pub column: String,
    /// How texts are cut.
    pub terms: TextTerms,
    /// How counts become numbers.
    pub counting: TermCounting,
    /// The terms, sorted by name.
    pub vocabulary: Vec<String>,
    /// The weight of each.
    pub weights: Vec<f64>,
}

impl OfText for Tfidf {
    fn values(&self, text: Option<&str>, places: &Places, out: &mut [f64]) {
        let Some(text) = text else { return };
        self.terms.each(text, |term| {
            if let Some(count) = places.get(term).and_then(|place| out.get_mut(*place)) {
                *count += 1.0;
            }
        });
        for (value, weight) in out.iter_mut().zip(&self.weights).filter(|(value, _)| **value > 0.0) {
            let count = if self.counting.binary { 1.0 } else { *value };
            *value = weight * if self.counting.sublinear { 1.0 + ln(count) } else { count };
        }
        self.counting.norm.apply(out);
    }
}

impl FittedStep for Tfidf {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Text
    }

    fn outputs(&self) -> Vec<Output> {
        Output::numbers(self.vocabulary.iter().map(|term| format!("{}={term}", self.column)), OutputRole::Flag)
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Text(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let fits = self.weights.len() == self.vocabulary.len() && self.weights.iter().all(|w| w.is_finite());
        (fits && self.terms.is_sound()).then_some(()).ok_or("its weights do not fit its terms")
    }

    fn categories(&self) -> &[String] {
        &self.vocabulary
    }
}
