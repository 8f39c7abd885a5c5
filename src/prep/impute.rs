//! `impute`: missing values become one that was fitted. Of numbers the median, the mean, the most frequent or a constant; a
//! second column may say where they were missing. Of texts the most frequent or a constant. Without a strategy it is the median of
//! numbers and the most frequent of texts.

use super::column_statistics::{counts, mean, median, most_frequent};
use super::computation::Computation;
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::data::{Column, Value};
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["strategy", "value", "indicator"];

/// What a missing value becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strategy {
    Median,
    Mean,
    MostFrequent,
    /// What the recipe gives as `value`.
    Constant,
}

/// The words of the strategies.
const STRATEGIES: &[(&str, Strategy)] = &[
    ("median", Strategy::Median),
    ("mean", Strategy::Mean),
    ("most_frequent", Strategy::MostFrequent),
    ("constant", Strategy::Constant),
];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct ImputeParams {
    /// None: what is usual for the column's type.
    strategy: Option<Strategy>,
    value: Option<serde_json::Value>,
    indicator: bool,
}

impl ImputeParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<ImputeParams> {
        let given = reader.raw("strategy").is_some();
        let strategy = reader.choice("strategy", Strategy::Median, STRATEGIES)?;
        let strategy = given.then_some(strategy);
        let value = reader.raw("value").cloned();
        match &value {
            Some(value) if strategy.is_some_and(|strategy| strategy != Strategy::Constant) => {
                return Err(Error::invalid(format!("value = {value} beside a strategy that has none"))
                    .hint("give strategy = \"constant\", or leave value out"));
            }
            None if strategy == Some(Strategy::Constant) => {
                return Err(Error::invalid("strategy constant needs a value").hint("give value = NUMBER or a text"));
            }
            Some(other) if !other.is_string() && other.as_f64().is_none_or(|x| !x.is_finite()) => {
                return Err(Error::invalid(format!("value = {other}")).hint("it takes a finite number or a text"));
            }
            _ => {}
        }
        let strategy = if value.is_some() { Some(Strategy::Constant) } else { strategy };
        Ok(ImputeParams { strategy, value, indicator: reader.flag("indicator", false)? })
    }

    /// What an estimator that takes no missing values gets: medians, with an indicator where any was missing.
    pub(super) fn needed(values: &[f64]) -> ImputeParams {
        ImputeParams { strategy: None, value: None, indicator: values.iter().any(|x| x.is_nan()) }
    }

    /// Fits on a column of numbers or texts.
    pub(super) fn fit(&self, name: &str, column: &Column) -> Result<Impute> {
        let fill = match column.numbers() {
            Some(values) => Fill::Number(self.number(&values)?),
            None => Fill::Text(self.text(name, column)?),
        };
        Ok(Impute { column: name.to_owned(), fill, indicator: self.indicator && column.kind().is_number() })
    }

    fn number(&self, values: &[f64]) -> Result<f64> {
        match (self.strategy, &self.value) {
            (Some(Strategy::Constant), Some(value)) => value.as_f64().ok_or_else(|| {
                Error::invalid(format!("value = {value}, and it is a column of numbers")).hint("give value = NUMBER")
            }),
            (Some(Strategy::Mean), _) => Ok(mean(values)),
            (Some(Strategy::MostFrequent), _) => Ok(most_frequent(values)),
            _ => Ok(median(values)),
        }
    }

    /// A text given as `value`, else the most frequent; none of a column without texts.
    fn text(&self, name: &str, column: &Column) -> Result<Option<String>> {
        match (&self.value, self.strategy) {
            (Some(serde_json::Value::String(text)), _) => Ok(Some(text.clone())),
            (_, Some(strategy @ (Strategy::Mean | Strategy::Median))) => {
                let word = if strategy == Strategy::Mean { "mean" } else { "median" };
                Err(Error::invalid(format!("strategy {word}, and column \"{name}\" has texts")).hint(
                    "texts take most_frequent or constant; give numbers a step of their own: columns = \"numeric\"",
                ))
            }
            (Some(other), _) => {
                Err(Error::invalid(format!("value = {other}, and it is a column of texts"))
                    .hint("give value = \"TEXT\""))
            }
            (None, _) => {
                let best = counts(column).into_iter().max_by_key(|(word, n)| (*n, std::cmp::Reverse(*word)));
                Ok(best.map(|(word, _)| word.to_owned()))
            }
        }
    }
}

/// What missing values become.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fill {
    /// Of numbers.
    Number(f64),
    /// Of texts; none was seen in training without one.
    Text(Option<String>),
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Impute {
    /// The column that is read and replaced.
    pub column: String,
    /// What missing values become.
    pub fill: Fill,
    /// Whether a second column, `COLUMN__missing`, says where they were.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub indicator: bool,
}

impl Impute {
    /// The value for one cell.
    pub(super) fn value<'a>(&'a self, cell: Value<'a>) -> Value<'a> {
        match (&self.fill, cell) {
            (Fill::Number(fill), Value::Null) => Value::Float(*fill),
            (Fill::Text(Some(fill)), Value::Null) => Value::Text(fill),
            (_, cell) => cell,
        }
    }

    /// The same for all rows, and the indicator.
    pub(super) fn columns(&self, column: Column) -> Vec<Column> {
        let indicator = self.indicator.then(|| Column::floats(column.cells().map(Impute::missing).collect()));
        std::iter::once(self.filled(column)).chain(indicator).collect()
    }

    fn filled(&self, column: Column) -> Column {
        match &self.fill {
            Fill::Number(fill) => {
                let mut values = column.into_numbers().unwrap_or_default();
                values.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = *fill);
                Column::floats(values)
            }
            Fill::Text(None) => column,
            Fill::Text(Some(fill)) => Column::texts(column.cells().map(|cell| match cell {
                Value::Text(text) => Some(text),
                _ => Some(fill.as_str()),
            })),
        }
    }

    /// 1 where a cell is missing, else 0.
    pub(super) fn missing(cell: Value) -> f64 {
        f64::from(u8::from(cell == Value::Null))
    }
}

impl FittedStep for Impute {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        if matches!(self.fill, Fill::Text(_)) { Content::Text } else { Content::Number }
    }

    fn outputs(&self) -> Vec<Output> {
        let filled = Output { name: self.column.clone(), content: self.takes(), role: OutputRole::Filled };
        let indicator = self.indicator.then(|| Output::number(format!("{}__missing", self.column), OutputRole::Flag));
        std::iter::once(filled).chain(indicator).collect()
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Impute(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        match self.fill {
            Fill::Number(fill) if !fill.is_finite() => Err("its fill is not finite"),
            _ => Ok(()),
        }
    }
}
