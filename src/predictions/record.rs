//! One logged prediction: a line of JSON, as it is written ([`Line`]) and as it is read ([`Record`]).

use crate::data::Value;
use crate::error::{Error, Result};
use crate::model::Answer;
use crate::project::{parse_time, time_text};
use crate::store::Hash;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// How a prediction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PredictionStatus {
    /// The answer was given to whoever asked.
    Answered,
    /// The model gave no answer; no monitor counts such a line.
    Failed,
}

/// The id of a row: its request's, and its number in it, as `REQUEST-ROW`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PredictionId<'a> {
    /// The request's id.
    pub request: &'a str,
    /// The row's number, from 0.
    pub row: usize,
}

impl fmt::Display for PredictionId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}-{}", self.request, self.row)
    }
}

impl Serialize for PredictionId<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A prediction being written. The id comes first: [`super::find`] looks for lines by it.
#[derive(Serialize)]
pub struct Line<'a, K, F> {
    /// The row's id.
    pub id: PredictionId<'a>,
    /// When it was answered, RFC 3339.
    pub at: &'a str,
    /// The deployment.
    pub deployment: &'a str,
    /// Which of the deployment's models answered: `champion` where there is one.
    pub arm: &'a str,
    /// The reference of the model.
    pub model: &'a str,
    /// The registered version, if it is one.
    pub version: Option<u32>,
    /// The bundle's hash.
    pub hash: &'a str,
    /// The row's own time, RFC 3339, if the request brought one.
    pub time: Option<&'a str>,
    /// Columns of the request that are neither features nor the time: a map.
    pub key: K,
    /// The features as used: a map.
    pub features: F,
    /// What the model said.
    pub outputs: &'a Answer,
    /// Microseconds from the request's arrival to its answer.
    pub latency_us: u64,
    /// How it ended.
    pub status: PredictionStatus,
}

impl<K: Serialize, F: Serialize> Line<'_, K, F> {
    /// Puts the line, with its end, behind `out`.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        serde_json::to_writer(&mut *out, self).map_err(|e| Error::invalid(format!("cannot log the answer: {e}")))?;
        out.push(b'\n');
        Ok(())
    }
}

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

/// A value as it is written.
#[derive(Debug, Clone, Copy)]
pub struct LoggedValue<'a>(pub Value<'a>);

impl Serialize for LoggedValue<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => to.serialize_unit(),
            Value::Boolean(truth) => to.serialize_bool(truth),
            Value::Integer(number) => match (i64::try_from(number), u64::try_from(number)) {
                (Ok(number), _) => to.serialize_i64(number),
                (_, Ok(number)) => to.serialize_u64(number),
                // Beyond 64 bits readers of JSON lose digits.
                _ => to.collect_str(&number),
            },
            // What is not finite becomes null.
            Value::Float(x) => to.serialize_f64(x),
            Value::Text(text) => to.serialize_str(text),
            Value::Time(t) => to.serialize_str(&time_text(t)),
            Value::Vector(values) => to.collect_seq(values),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Predicted;
    use std::collections::BTreeMap;

    #[test]
    fn what_is_written_is_read() {
        let outputs = Answer {
            probability: Some(0.25),
            prediction: Predicted::Class("no".to_owned()),
            probabilities: Vec::new(),
        };
        let hash = Hash::of(b"bundle");
        let key = BTreeMap::from([("id", LoggedCell::Text("L\n7".into())), ("paid", LoggedCell::Null)]);
        let wide = i128::from(i64::MAX) - 1;
        let features = BTreeMap::from([("amount", LoggedCell::Float(12.5)), ("wide", LoggedCell::Integer(wide))]);
        let line = Line {
            id: PredictionId { request: "00ff", row: 0 },
            at: "2013-04-01T00:00:00.000001Z",
            deployment: "late",
            arm: "champion",
            model: "late@1",
            version: Some(1),
            hash: &hash.to_string(),
            time: Some("2013-03-31T00:00:00Z"),
            key: &key,
            features: &features,
            outputs: &outputs,
            latency_us: 7,
            status: PredictionStatus::Answered,
        };
        let mut text = Vec::new();
        line.write(&mut text).unwrap();
        assert!(text.starts_with(b"{\"id\":\"00ff-0\",") && text.ends_with(b"}\n"));
        let read: Record = serde_json::from_slice(&text).unwrap();
        assert_eq!(
            (read.id.as_ref(), read.arm.as_ref(), read.hash, read.version),
            ("00ff-0", "champion", hash, Some(1))
        );
        assert_eq!((read.asked("id"), read.asked("amount")), (Some(&key["id"]), Some(&LoggedCell::Float(12.5))));
        assert_eq!(read.asked("wide"), Some(&LoggedCell::Integer(wide)), "no bit is lost");
        assert_eq!((read.asked("paid"), read.asked("other")), (Some(&LoggedCell::Null), None));
        assert_eq!((&read.outputs, read.status), (&outputs, PredictionStatus::Answered));
        assert_eq!(read.answered().unwrap() - read.row_time().unwrap(), 86_400_000_001);
        assert!(matches!(read.at, Cow::Borrowed(_)), "nothing is copied that need not be");
    }
}
