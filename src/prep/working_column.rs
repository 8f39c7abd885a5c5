//! A column while preparation is fitted: the values of the training rows as the steps so far left them, and what an estimator
//! could still need of it.

use super::fitted_step::{Content, Output, OutputRole, Step};
use super::ordinal::Ordinal;
use super::{impute, one_hot, scale};
use crate::data::{Column, Family};
use crate::error::{Error, Result};
use crate::learn::Needs;
use std::borrow::Cow;

/// A fitted step, and what it writes for the training rows.
pub(super) type FittedColumns = (Step, Vec<Column>);

/// A column as the steps so far left it.
pub(super) struct Working {
    pub name: String,
    pub content: Content,
    pub column: Column,
    /// Whether it is a quantity, a text or a time; indicators and one-hot columns are not.
    pub quantity: bool,
    pub filled: bool,
    pub scaled: bool,
}

impl Working {
    /// A feature.
    pub(super) fn new(name: &str, column: &Column) -> Result<Self> {
        let (content, column) = match (column.kind().family(), column.numbers()) {
            (_, Some(numbers)) => (Content::Number, Column::floats(numbers.into_owned())),
            (Family::Text, None) => (Content::Text, column.clone()),
            (Family::Time, None) => (Content::Time, column.clone()),
            (family, None) => {
                return Err(Error::invalid(format!("\"{name}\" is a {family}, which no step takes yet"))
                    .hint("leave it out of features"));
            }
        };
        Ok(Working { name: name.to_owned(), content, column, quantity: true, filled: false, scaled: false })
    }

    /// A column that a step wrote, which read the columns `before`.
    pub(super) fn written(output: Output, column: Column, before: &[&Working]) -> Self {
        let Output { name, content, role } = output;
        let (mut filled, mut scaled) = (before.iter().all(|b| b.filled), before.iter().all(|b| b.scaled));
        let mut quantity = true;
        match role {
            OutputRole::Flag => (quantity, filled, scaled) = (false, true, true),
            OutputRole::Quantity => (filled, scaled) = (false, false),
            OutputRole::Complete => (filled, scaled) = (true, false),
            OutputRole::Same => {}
            OutputRole::Scaled => scaled = true,
            OutputRole::Filled | OutputRole::Unchanged => {
                if let Some(same) = before.iter().find(|b| b.name == name) {
                    (quantity, filled, scaled) =
                        (same.quantity, same.filled || role == OutputRole::Filled, same.scaled);
                }
            }
        }
        Working { name, content, column, quantity, filled, scaled }
    }

    /// Its values; an error if it has others than numbers.
    pub(super) fn numbers(&self) -> Result<Cow<'_, [f64]>> {
        match (self.column.numbers(), self.content) {
            (Some(values), Content::Number) => Ok(values),
            _ => Err(self.wrong("choose columns = \"numeric\"")),
        }
    }

    /// Itself; an error if it has others than texts.
    pub(super) fn texts(&self) -> Result<&Column> {
        if self.content == Content::Text {
            Ok(&self.column)
        } else {
            Err(self.wrong("choose columns = \"categorical\""))
        }
    }

    /// An error that says what it holds.
    pub(super) fn wrong(&self, hint: &str) -> Error {
        Error::invalid(format!("it is a column of {}", self.content.name())).hint(hint)
    }

    /// A step fitted on it, and what it makes of it.
    pub(super) fn with(&self, step: Step) -> FittedColumns {
        applied(step, vec![self.column.clone()])
    }

    /// Fills missing numbers where the estimator takes none and the recipe left them.
    pub(super) fn fill(&self, needs: Needs) -> Result<Option<FittedColumns>> {
        if !needs.complete || self.filled || self.content != Content::Number {
            return Ok(None);
        }
        let params = impute::ImputeParams::needed(&self.numbers()?);
        Ok(Some(self.with(Step::Impute(params.fit(&self.name, &self.column)?))))
    }

    /// Scales numbers where the estimator wants it and the recipe left it.
    pub(super) fn scale(&self, needs: Needs) -> Result<Option<FittedColumns>> {
        if !needs.scaled || self.scaled || self.content != Content::Number {
            return Ok(None);
        }
        Ok(Some(self.with(Step::Scale(scale::ScaleParams::needed().fit(&self.name, &self.numbers()?)))))
    }

    /// Turns texts into numbers, where the recipe left any.
    pub(super) fn encode(&self, needs: Needs) -> Result<Option<FittedColumns>> {
        if self.content != Content::Text {
            return Ok(None);
        }
        Ok(Some(self.with(match needs.numeric {
            true => Step::OneHot(one_hot::OneHotParams::needed().fit(&self.name, &self.column)),
            false => Step::Ordinal(Ordinal::fit(&self.name, &self.column)),
        })))
    }
}

/// A step, and what it makes of the columns it reads.
pub(super) fn applied(step: Step, columns: Vec<Column>) -> FittedColumns {
    let (places, width) = (step.fitted().places(), step.fitted().outputs().len());
    let made = step.columns(columns, &places, width);
    (step, made)
}
