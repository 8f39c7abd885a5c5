//! A fitted step of any kind: the columns it reads and writes, and what it makes of them. Plain data, so that a bundle can
//! hold it. Values of a row and of a column go through the same functions, so they agree to the bit.

use super::clip::Clip;
use super::impute::{Fill, Impute};
use super::one_hot::OneHot;
use super::ordinal::Ordinal;
use super::scale::Scale;
use super::target_encode::TargetEncode;
use crate::data::{Column, Value};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Step {
    /// Missing values become one that was fitted.
    Impute(Impute),
    /// Values beyond two ends become the ends.
    Clip(Clip),
    /// `(x - center) / scale`.
    Scale(Scale),
    /// A column a category.
    OneHot(OneHot),
    /// A category's number.
    Ordinal(Ordinal),
    /// The target's mean in the category.
    TargetEncode(TargetEncode),
}

/// What stands in a column between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Number,
    Text,
    /// Numbers of categories, for learners that take categories.
    Category,
}

impl Content {
    /// The word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Content::Number => "numbers",
            Content::Text => "texts",
            Content::Category => "numbered categories",
        }
    }
}

/// The place of each category by its name.
pub(super) type Places = HashMap<String, usize>;

impl Step {
    /// The columns it reads; what it writes takes their place.
    pub fn inputs(&self) -> Vec<&str> {
        vec![match self {
            Step::Impute(step) => &step.column,
            Step::Clip(step) => &step.column,
            Step::Scale(step) => &step.column,
            Step::OneHot(step) => &step.column,
            Step::Ordinal(step) => &step.column,
            Step::TargetEncode(step) => &step.column,
        }]
    }

    /// What it takes.
    pub(super) fn takes(&self) -> Content {
        match self {
            Step::Impute(Impute { fill: Fill::Text(_), .. }) => Content::Text,
            Step::Impute(_) | Step::Clip(_) | Step::Scale(_) => Content::Number,
            Step::OneHot(_) | Step::Ordinal(_) | Step::TargetEncode(_) => Content::Text,
        }
    }

    /// The columns it writes, in order.
    pub(super) fn outputs(&self) -> Vec<(String, Content)> {
        let numbers = |names: Vec<String>| names.into_iter().map(|name| (name, Content::Number)).collect();
        match self {
            Step::Impute(step) => {
                let indicator = step.indicator.then(|| (step.indicator_name(), Content::Number));
                std::iter::once((step.column.clone(), self.takes())).chain(indicator).collect()
            }
            Step::Clip(step) => numbers(vec![step.column.clone()]),
            Step::Scale(step) => numbers(vec![step.column.clone()]),
            Step::OneHot(step) => numbers(step.outputs()),
            Step::Ordinal(step) => vec![(step.column.clone(), Content::Category)],
            Step::TargetEncode(step) => numbers(step.outputs()),
        }
    }

    /// The categories it looks up, in order.
    fn categories(&self) -> &[String] {
        match self {
            Step::OneHot(OneHot { categories, .. })
            | Step::Ordinal(Ordinal { categories, .. })
            | Step::TargetEncode(TargetEncode { categories, .. }) => categories,
            _ => &[],
        }
    }

    /// The places of its categories.
    pub(super) fn places(&self) -> Places {
        self.categories().iter().cloned().enumerate().map(|(place, name)| (name, place)).collect()
    }

    /// An error if what a bundle says of it makes no sense.
    pub(super) fn check(&self) -> Result<()> {
        let column = self.inputs().concat();
        let wrong = |what: &str| Err(Error::corrupt(format!("preparation of \"{column}\": {what}")));
        if self.categories().windows(2).any(|pair| pair[0] >= pair[1]) {
            return wrong("its categories are not sorted");
        }
        match self {
            Step::Impute(Impute { fill: Fill::Number(fill), .. }) if !fill.is_finite() => {
                wrong("its fill is not finite")
            }
            Step::Clip(step) if !step.is_sound() => wrong("its ends are not in order"),
            Step::Scale(step) if !step.is_sound() => wrong("its scale is not above 0"),
            Step::TargetEncode(step) => step.check(),
            _ => Ok(()),
        }
    }

    /// The values it writes for one row.
    pub(super) fn row<'a>(&'a self, cell: Value<'a>, places: &Places, out: &mut Vec<Value<'a>>) {
        let place = || match cell {
            Value::Text(text) => places.get(text).copied(),
            _ => None,
        };
        match self {
            Step::Impute(step) => {
                out.push(step.value(cell));
                out.extend(step.indicator.then(|| Value::Float(Impute::missing(cell))));
            }
            Step::Clip(step) => out.push(Value::number(step.value(cell.as_number()))),
            Step::Scale(step) => out.push(Value::number(step.value(cell.as_number()))),
            Step::OneHot(step) => {
                let start = out.len();
                out.resize(start + step.categories.len(), Value::Float(0.0));
                if let Some(cell) = place().and_then(|place| out.get_mut(start + place)) {
                    *cell = Value::Float(1.0);
                }
            }
            Step::Ordinal(_) => out.push(Value::number(Ordinal::value(place()))),
            Step::TargetEncode(step) => {
                let place = place();
                out.extend(step.means.iter().map(|means| Value::Float(means.value(place))));
            }
        }
    }

    /// The columns it writes for all rows.
    pub(super) fn columns(&self, column: Column, places: &Places) -> Vec<Column> {
        let map = |column: Column, value: &dyn Fn(f64) -> f64| {
            let mut values = column.into_numbers().unwrap_or_default();
            values.iter_mut().for_each(|x| *x = value(*x));
            Column::floats(values)
        };
        match self {
            Step::Impute(step) => {
                let indicator = step.indicator.then(|| Column::floats(column.cells().map(Impute::missing).collect()));
                std::iter::once(step.column(column)).chain(indicator).collect()
            }
            Step::Clip(step) => vec![map(column, &|x| step.value(x))],
            Step::Scale(step) => vec![map(column, &|x| step.value(x))],
            Step::OneHot(step) => step.columns(&places_of(&column, places)),
            Step::Ordinal(_) => {
                vec![Column::floats(places_of(&column, places).into_iter().map(Ordinal::value).collect())]
            }
            Step::TargetEncode(step) => {
                let rows = places_of(&column, places);
                let column = |means: &super::target_encode::Means| {
                    Column::floats(rows.iter().map(|place| means.value(*place)).collect())
                };
                step.means.iter().map(column).collect()
            }
        }
    }
}

/// The place of each row's category: each word of the column's dictionary is looked up once.
fn places_of(column: &Column, places: &Places) -> Vec<Option<usize>> {
    let Some((codes, words)) = column.as_texts() else { return vec![None; column.len()] };
    let known: Vec<Option<usize>> = words.iter().map(|word| places.get(word).copied()).collect();
    codes.iter().map(|code| known.get(*code as usize).copied().flatten()).collect()
}
