//! `cross`: one category of the categories of several columns, as `Oslo & male`, so that a learner can tell what only their
//! combination says. A text column `A*B` beside those that are read, for `one_hot`, `target_encode` and the like to encode.
//!
//! Combinations are those of the training rows. Any other is missing, and so is one of which a part is missing. A `&` within a part is
//! doubled, so that different combinations never have one name.

use super::computation::{Computation, Places};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use super::working_column::Working;
use crate::data::{Column, Value};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// It has no parameters.
pub(super) const PARAMETERS: &[&str] = &[];

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cross {
    /// The columns that are read, and kept.
    pub columns: Vec<String>,
    /// The combinations, sorted by name.
    pub categories: Vec<String>,
}

impl Cross {
    /// Fits on columns of texts.
    pub(super) fn fit(read: &[&Working]) -> Result<Cross> {
        if read.len() < 2 {
            return Err(Error::invalid("it crosses two columns or more").hint("give columns = [\"a\", \"b\"]"));
        }
        let text = |column: &&Working| -> Result<Column> {
            Ok(column.texts().map_err(|e| e.at(format!("column \"{}\"", column.name)))?.clone())
        };
        let columns: Vec<Column> = read.iter().map(text).collect::<Result<_>>()?;
        let rows = columns.first().map_or(0, Column::len);
        let seen: BTreeSet<String> =
            (0..rows).filter_map(|row| combination(columns.iter().map(|column| column.get(row)))).collect();
        Ok(Cross {
            columns: read.iter().map(|column| column.name.clone()).collect(),
            categories: seen.into_iter().collect(),
        })
    }

    /// The place of a row's combination.
    pub(super) fn place<'a>(&self, cells: impl Iterator<Item = Value<'a>>, places: &Places) -> Option<usize> {
        places.get(&combination(cells)?).copied()
    }

    /// The columns that were read, and that of the combinations.
    pub(super) fn columns(&self, mut columns: Vec<Column>, places: &Places) -> Vec<Column> {
        let rows = columns.first().map_or(0, Column::len);
        let word = |row: usize| {
            let place = self.place(columns.iter().map(|column| column.get(row)), places)?;
            self.categories.get(place).map(String::as_str)
        };
        let crossed = Column::texts((0..rows).map(word));
        columns.push(crossed);
        columns
    }
}

/// The name of a combination; none if a part is missing.
fn combination<'a>(cells: impl Iterator<Item = Value<'a>>) -> Option<String> {
    let mut name = String::new();
    for (at, cell) in cells.enumerate() {
        let Value::Text(text) = cell else { return None };
        if at > 0 {
            name.push_str(" & ");
        }
        name.push_str(&text.replace('&', "&&"));
    }
    Some(name)
}

impl FittedStep for Cross {
    fn inputs(&self) -> Vec<&str> {
        self.columns.iter().map(String::as_str).collect()
    }

    fn takes(&self) -> Content {
        Content::Text
    }

    fn outputs(&self) -> Vec<Output> {
        let text = |name: String, role: OutputRole| Output { name, content: Content::Text, role };
        let kept = self.columns.iter().map(|name| text(name.clone(), OutputRole::Unchanged));
        kept.chain([text(self.columns.join("*"), OutputRole::Quantity)]).collect()
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Cross(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        if self.columns.len() < 2 { Err("it crosses fewer than two columns") } else { Ok(()) }
    }

    fn categories(&self) -> &[String] {
        &self.categories
    }
}
