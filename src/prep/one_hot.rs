//! `one_hot`: one column a category, 1 where it is the row's. A category that training did not see has no 1 anywhere, and neither has a
//! missing one.
//!
//! With `min_frequency`, or `handle_unknown = "infrequent_if_exist"`, rare categories share a column `COLUMN__infrequent`, as in
//! scikit-learn's `OneHotEncoder`: those of fewer rows than `min_frequency` (or a smaller share of the rows), and the rarest of those that
//! would make more than `max_categories` columns in all. There a missing category is one of its own; here it is none.

use super::column_statistics::{categories, counts};
use super::computation::{Computation, OfCategory, Places};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::data::Column;
use crate::error::{Error, Result};
use crate::learn::params::{Amount, ParamReader};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["max_categories", "min_count", "min_frequency", "handle_unknown"];

/// How many categories get a column when the recipe doesn't say; the most frequent ones do.
const MAX_CATEGORIES: usize = 200;

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct OneHotParams {
    most: usize,
    least: usize,
    pool: Option<Pool>,
}

/// Rare categories share a column.
#[derive(Debug, Clone, PartialEq)]
struct Pool {
    /// Those of fewer rows are rare.
    least: Amount,
    /// Those that training did not see count as rare.
    unknown: bool,
}

impl OneHotParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<OneHotParams> {
        let choices = [("ignore", false), ("infrequent_if_exist", true)];
        let unknown = reader.choice("handle_unknown", false, &choices)?;
        let pooled = unknown || reader.raw("min_frequency").is_some();
        if pooled && reader.raw("min_count").is_some() {
            return Err(Error::invalid("min_count drops rare categories, and they are to share a column")
                .hint("give min_frequency alone, with what min_count says"));
        }
        let least = reader.amount("min_frequency", 1, 1)?;
        Ok(OneHotParams {
            most: reader.integer("max_categories", MAX_CATEGORIES, 1, usize::MAX)?,
            least: reader.integer("min_count", 1, 1, usize::MAX)?,
            pool: pooled.then_some(Pool { least, unknown }),
        })
    }

    /// What an estimator that takes numbers only gets.
    pub(super) fn needed() -> OneHotParams {
        OneHotParams { most: MAX_CATEGORIES, least: 1, pool: None }
    }

    /// Fits on a column of texts.
    pub(super) fn fit(&self, name: &str, column: &Column) -> OneHot {
        let column_name = name.to_owned();
        let Some(pool) = &self.pool else {
            let categories = categories(column, self.most, self.least as u64);
            return OneHot { column: column_name, categories, infrequent: Vec::new(), unknown_is_infrequent: false };
        };
        let rare = self.rare(pool, column);
        let (infrequent, frequent): (Vec<&str>, Vec<&str>) =
            counts(column).into_keys().partition(|word| rare.contains(word));
        let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
        OneHot {
            column: column_name,
            categories: owned(frequent),
            infrequent: owned(infrequent),
            unknown_is_infrequent: pool.unknown,
        }
    }

    /// The categories that share a column.
    fn rare<'a>(&self, pool: &Pool, column: &'a Column) -> BTreeSet<&'a str> {
        let counted = counts(column);
        let least = match pool.least {
            Amount::Rows(rows) => rows as f64,
            Amount::Share(share) => share * column.len() as f64,
        };
        let mut rare: BTreeSet<&str> =
            counted.iter().filter(|(_, n)| (**n as f64) < least).map(|(word, _)| *word).collect();
        // As scikit-learn: the shared column is counted even where nothing is rare yet.
        if counted.len() - rare.len() + 1 > self.most {
            let mut by_count: Vec<(&str, u64)> = counted.into_iter().collect();
            // Stable: of equally frequent ones the first by name is rarer.
            by_count.sort_by_key(|(_, n)| *n);
            let kept = self.most - 1;
            rare.extend(by_count.iter().take(by_count.len() - kept).map(|(word, _)| *word));
        }
        rare
    }
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OneHot {
    /// The column that is read; columns `COLUMN=CATEGORY` take its place.
    pub column: String,
    /// The categories, sorted by name.
    pub categories: Vec<String>,
    /// Categories that share a last column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub infrequent: Vec<String>,
    /// Whether those that training did not see count as these.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unknown_is_infrequent: bool,
}

impl OneHot {
    /// How many columns it writes.
    fn width(&self) -> usize {
        self.categories.len() + usize::from(!self.infrequent.is_empty())
    }
}

impl OfCategory for OneHot {
    fn unknown(&self) -> Option<usize> {
        (self.unknown_is_infrequent && !self.infrequent.is_empty()).then_some(self.categories.len())
    }

    fn values(&self, place: Option<usize>, out: &mut [f64]) {
        if let Some(cell) = place.and_then(|place| out.get_mut(place)) {
            *cell = 1.0;
        }
    }

    fn columns(&self, places: &[Option<usize>]) -> Option<Vec<Vec<f64>>> {
        let mut columns = vec![vec![0.0; places.len()]; self.width()];
        for (row, place) in places.iter().enumerate() {
            if let Some(column) = place.and_then(|place| columns.get_mut(place)) {
                column[row] = 1.0;
            }
        }
        Some(columns)
    }
}

impl FittedStep for OneHot {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Text
    }

    fn outputs(&self) -> Vec<Output> {
        let name = |category: &String| format!("{}={category}", self.column);
        let shared = (!self.infrequent.is_empty()).then(|| format!("{}__infrequent", self.column));
        Output::numbers(self.categories.iter().map(name).chain(shared), OutputRole::Flag)
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Category(self)
    }

    fn categories(&self) -> &[String] {
        &self.categories
    }

    fn places(&self) -> Places {
        let shared = self.infrequent.iter().map(|name| (name.clone(), self.categories.len()));
        shared.chain(self.categories.iter().cloned().enumerate().map(|(place, name)| (name, place))).collect()
    }
}
