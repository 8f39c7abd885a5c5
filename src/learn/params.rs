//! Reading parameters of estimators and of preparation from a JSON object: unknown names and values out of
//! range are errors with a hint.
//!
//! Names, defaults and meanings are scikit-learn's. What is read once here is never checked again while fitting.

use crate::error::{Error, Result};
use serde_json::{Map, Value};

/// The parameters of one model or step, as given.
pub struct ParamReader<'a> {
    model: &'a str,
    values: &'a Map<String, Value>,
}

impl<'a> ParamReader<'a> {
    /// Accepts `values` if every name is one of `known`.
    pub fn new(model: &'a str, values: &'a Map<String, Value>, known: &[&str]) -> Result<Self> {
        match values.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Error::unknown(&format!("{model} parameter"), name, known.iter().copied())),
            None => Ok(ParamReader { model, values }),
        }
    }

    /// A finite number that passes `accepts`; `takes` says in words which those are.
    pub fn number(&self, name: &str, default: f64, takes: &str, accepts: fn(f64) -> bool) -> Result<f64> {
        let Some(value) = self.values.get(name) else { return Ok(default) };
        match value.as_f64() {
            Some(number) if number.is_finite() && accepts(number) => Ok(number),
            _ => Err(self.wrong(name, value, takes)),
        }
    }

    /// A whole number from `low` to `high`.
    pub fn integer(&self, name: &str, default: usize, low: usize, high: usize) -> Result<usize> {
        let Some(value) = self.values.get(name) else { return Ok(default) };
        match whole(value) {
            Some(number) if (low..=high).contains(&number) => Ok(number),
            _ if high == usize::MAX => Err(self.wrong(name, value, &format!("a whole number, {low} or more"))),
            _ => Err(self.wrong(name, value, &format!("a whole number from {low} to {high}"))),
        }
    }

    /// A whole number, `low` or more, or null (or the word "none") for no limit.
    pub fn limit(&self, name: &str, default: Option<usize>, low: usize) -> Result<Option<usize>> {
        let Some(value) = self.values.get(name) else { return Ok(default) };
        match whole(value) {
            Some(number) if number >= low => Ok(Some(number)),
            _ if is_none(value) => Ok(None),
            _ => Err(self.wrong(name, value, &format!("a whole number, {low} or more, or null for no limit"))),
        }
    }

    /// True or false.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool> {
        let Some(value) = self.values.get(name) else { return Ok(default) };
        value.as_bool().ok_or_else(|| self.wrong(name, value, "true or false"))
    }

    /// The value that its word stands for among `choices`; null stands for "none" where that is one of the words.
    pub fn choice<T: Copy>(&self, name: &str, default: T, choices: &[(&str, T)]) -> Result<T> {
        let Some(value) = self.values.get(name) else { return Ok(default) };
        let word = if value.is_null() { Some("none") } else { value.as_str() };
        match choices.iter().find(|choice| Some(choice.0) == word) {
            Some((_, choice)) => Ok(*choice),
            None => {
                let words: Vec<&str> = choices.iter().map(|choice| choice.0).collect();
                Err(self.wrong(name, value, &format!("one of {}", words.join(", "))))
            }
        }
    }

    /// A number of rows, `low` or more, or a share of them between 0 and 1.
    pub fn amount(&self, name: &str, default: usize, low: usize) -> Result<Amount> {
        let Some(value) = self.values.get(name) else { return Ok(Amount::Rows(default)) };
        match (whole(value), value.as_f64()) {
            (Some(rows), _) if rows >= low => Ok(Amount::Rows(rows)),
            (_, Some(share)) if share > 0.0 && share < 1.0 => Ok(Amount::Share(share)),
            _ => Err(self.wrong(name, value, &format!("a number of rows, {low} or more, or a share between 0 and 1"))),
        }
    }

    /// The value as it is given.
    pub fn raw(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// How many features a node may look at.
    pub fn features(&self, name: &str, default: FeatureLimit) -> Result<FeatureLimit> {
        let Some(value) = self.values.get(name) else { return Ok(default) };
        match (value.as_u64(), value.as_f64(), value.as_str()) {
            (Some(count), _, _) if count >= 1 => Ok(FeatureLimit::Count(count as usize)),
            (None, Some(share), _) if share > 0.0 && share <= 1.0 => Ok(FeatureLimit::Share(share)),
            (_, _, Some("sqrt")) => Ok(FeatureLimit::Sqrt),
            (_, _, Some("log2")) => Ok(FeatureLimit::Log2),
            _ if is_none(value) => Ok(FeatureLimit::All),
            _ => Err(self.wrong(name, value, "\"sqrt\", \"log2\", a count, a share up to 1.0, or null for all")),
        }
    }

    /// The same, or none for "auto": what is usual for the task.
    pub fn features_or_auto(&self, name: &str, default: Option<FeatureLimit>) -> Result<Option<FeatureLimit>> {
        match self.values.get(name).map(Value::as_str) {
            None => Ok(default),
            Some(Some("auto")) => Ok(None),
            Some(_) => self.features(name, FeatureLimit::All).map(Some),
        }
    }

    fn wrong(&self, name: &str, value: &Value, takes: &str) -> Error {
        Error::invalid(format!("{} parameter \"{name}\" is {value}", self.model)).hint(format!("it takes {takes}"))
    }
}

/// A whole number; 3.0 is one too.
fn whole(value: &Value) -> Option<usize> {
    const EXACT: f64 = (1u64 << 53) as f64;
    match value.as_u64() {
        Some(number) => usize::try_from(number).ok(),
        None => value.as_f64().filter(|x| x.fract() == 0.0 && (0.0..EXACT).contains(x)).map(|x| x as usize),
    }
}

fn is_none(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|word| word.eq_ignore_ascii_case("none"))
}

/// A number of rows, given as such or as a share of all rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// This many.
    Rows(usize),
    /// This share of all, between 0 and 1.
    Share(f64),
}

impl Amount {
    /// How many of `rows` that is, rounded up.
    pub fn of(self, rows: usize) -> u64 {
        match self {
            Amount::Rows(count) => count as u64,
            Amount::Share(share) => (share * rows as f64).ceil() as u64,
        }
    }

    /// As it was given.
    pub fn json(self) -> Value {
        match self {
            Amount::Rows(count) => count.into(),
            Amount::Share(share) => share.into(),
        }
    }
}

/// How many features a node may look at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FeatureLimit {
    /// All of them.
    All,
    /// The square root of their number.
    Sqrt,
    /// The logarithm to base 2 of their number.
    Log2,
    /// This many.
    Count(usize),
    /// This share of them, above 0 and up to 1.
    Share(f64),
}

impl FeatureLimit {
    /// How many of `features` that is: at least 1 and at most all.
    pub fn of(self, features: usize) -> usize {
        let all = features as f64;
        let count = match self {
            FeatureLimit::All => features,
            FeatureLimit::Sqrt => all.sqrt() as usize,
            FeatureLimit::Log2 => all.log2() as usize,
            FeatureLimit::Count(count) => count,
            FeatureLimit::Share(share) => (share * all) as usize,
        };
        count.clamp(1, features.max(1))
    }

    /// As it was given.
    pub fn json(self) -> Value {
        match self {
            FeatureLimit::All => Value::Null,
            FeatureLimit::Sqrt => "sqrt".into(),
            FeatureLimit::Log2 => "log2".into(),
            FeatureLimit::Count(count) => count.into(),
            FeatureLimit::Share(share) => share.into(),
        }
    }
}

/// An object of these entries, in this order.
pub fn object<const N: usize>(entries: [(&str, Value); N]) -> Map<String, Value> {
    entries.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}
