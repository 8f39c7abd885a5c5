//! One logged prediction as it is read, borrowed from its line.

use super::logged_line::{LoggedValue, PredictionStatus};
use crate::data::Value;
use crate::error::Result;
use crate::features::LookupStatus;
use crate::model::Answer;
use crate::project::parse_time;
use crate::store::Hash;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// A prediction being read, borrowed from its line.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Record<'a> {
    /// The row's id: the request's, and the row's number in it.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// When it was answered, RFC 3339.
    #[serde(borrow)]
    pub at: Cow<'a, str>,
    /// The deployment.
    #[serde(borrow)]
    pub deployment: Cow<'a, str>,
    /// Which of the deployment's models answered.
    #[serde(borrow)]
    pub arm: Cow<'a, str>,
    /// The reference of the model.
    #[serde(borrow)]
    pub model: Cow<'a, str>,
    /// The registered version, if it was one.
    pub version: Option<u32>,
    /// The bundle's hash.
    pub hash: Hash,
    /// The row's own time, RFC 3339, if the request brought one.
    #[serde(borrow, deserialize_with = "borrowed")]
    pub time: Option<Cow<'a, str>>,
    /// Columns of the request that are neither features nor the time.
    #[serde(borrow, deserialize_with = "cells")]
    pub key: Vec<(Cow<'a, str>, LoggedCell<'a>)>,
    /// The features as used.
    #[serde(borrow, deserialize_with = "cells")]
    pub features: Vec<(Cow<'a, str>, LoggedCell<'a>)>,
    /// What the model said.
    pub outputs: Answer,
    /// Microseconds from the request's arrival to its answer.
    pub latency_us: u64,
    /// The views that had no features for the row, and why.
    #[serde(borrow, default)]
    pub lookups: BTreeMap<Cow<'a, str>, LookupStatus>,
    /// How it ended.
    pub status: PredictionStatus,
}

/// A logged value.
#[derive(Debug, Clone, PartialEq)]
pub enum LoggedCell<'a> {
    /// Missing.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number, exact.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A list of numbers.
    Vector(Vec<f64>),
}

impl Record<'_> {
    /// When it was answered, microseconds UTC.
    pub fn answered(&self) -> Result<i64> {
        parse_time(&self.at)
    }

    /// The time of the row, microseconds UTC: its own, else when it was answered.
    pub fn row_time(&self) -> Result<i64> {
        parse_time(self.time.as_deref().unwrap_or(&self.at))
    }

    /// What the request brought under this name, be it a feature or not.
    pub fn asked(&self, name: &str) -> Option<&LoggedCell<'_>> {
        let mut cells = self.key.iter().chain(&self.features);
        cells.find(|(known, _)| known == name).map(|(_, cell)| cell)
    }
}

impl LoggedCell<'_> {
    /// The same as a value of a column.
    pub fn value(&self) -> Value<'_> {
        match self {
            LoggedCell::Null => Value::Null,
            LoggedCell::Boolean(truth) => Value::Boolean(*truth),
            LoggedCell::Integer(number) => Value::Integer(*number),
            LoggedCell::Float(x) => Value::number(*x),
            LoggedCell::Text(text) => Value::Text(text),
            LoggedCell::Vector(values) => Value::Vector(values),
        }
    }
}

impl Serialize for LoggedCell<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        LoggedValue(self.value()).serialize(to)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for LoggedCell<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        from.deserialize_any(OneCell)
    }
}

struct OneCell;

impl<'de> Visitor<'de> for OneCell {
    type Value = LoggedCell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a number, a text, a boolean, a list of numbers or null")
    }

    fn visit_unit<E>(self) -> std::result::Result<Self::Value, E> {
        Ok(LoggedCell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Self::Value, E> {
        Ok(LoggedCell::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Self::Value, E> {
        Ok(LoggedCell::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Self::Value, E> {
        Ok(LoggedCell::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Self::Value, E> {
        Ok(LoggedCell::Float(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element::<Option<f64>>()? {
            values.push(value.unwrap_or(f64::NAN));
        }
        Ok(LoggedCell::Vector(values))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> std::result::Result<Self::Value, E> {
        Ok(LoggedCell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Self::Value, E> {
        Ok(LoggedCell::Text(Cow::Owned(text.to_owned())))
    }
}

/// A text or null, which serde would copy.
fn borrowed<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<Cow<'de, str>>, D::Error> {
    Ok(Option::<BorrowedText>::deserialize(from)?.map(|text| text.0))
}

/// Names with their values.
type Cells<'a> = Vec<(Cow<'a, str>, LoggedCell<'a>)>;

/// A map in the order in which it is written.
fn cells<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Cells<'de>, D::Error> {
    from.deserialize_map(AllCells)
}

struct AllCells;

impl<'de> Visitor<'de> for AllCells {
    type Value = Cells<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of numbers, texts, booleans and nulls")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let mut cells = Vec::with_capacity(map.size_hint().unwrap_or(16));
        while let Some((name, cell)) = map.next_entry::<BorrowedText, LoggedCell>()? {
            cells.push((name.0, cell));
        }
        Ok(cells)
    }
}

/// A text that is copied only if it is written with escapes.
#[derive(Deserialize)]
struct BorrowedText<'a>(#[serde(borrow)] Cow<'a, str>);
