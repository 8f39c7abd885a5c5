//! What a model says of one row, as every place says it: a server's reply, the prediction log, the client, a table.
//!
//! Two classes: `{"probability": 0.81, "prediction": "yes"}`. Several: `{"prediction": "b", "probabilities": {"a": 0.1, …}}`.
//! Numbers: `{"prediction": 12.5}`. A conformal model adds `lower` and `upper`, or `prediction_set`.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A model's answer for one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Of two classes: the probability of the second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// The class called, or the number.
    pub prediction: Predicted,
    /// Of several classes: the probability of each, in the model's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", serialize_with = "as_map", deserialize_with = "from_map")]
    pub probabilities: Vec<(String, f64)>,
    /// Of a number the lower end of its interval, where the model has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// The upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// The classes among which the true one is with the model's stated probability, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prediction_set: Option<Vec<String>>,
}

/// A class's own name, or a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Predicted {
    /// A number.
    Number(f64),
    /// A class.
    Class(String),
}

impl Answer {
    /// Whether all of its numbers are finite.
    pub fn is_finite(&self) -> bool {
        let called = match &self.prediction {
            Predicted::Number(number) => number.is_finite(),
            Predicted::Class(_) => true,
        };
        let ends = self.lower.is_none_or(f64::is_finite) && self.upper.is_none_or(f64::is_finite);
        called
            && ends
            && self.probability.is_none_or(f64::is_finite)
            && self.probabilities.iter().all(|(_, p)| p.is_finite())
    }

    /// Whether all of its probabilities are from 0 to 1.
    pub fn has_probabilities_in_range(&self) -> bool {
        let of_one = |p: f64| (0.0..=1.0).contains(&p);
        self.probability.is_none_or(of_one) && self.probabilities.iter().all(|(_, p)| of_one(*p))
    }
}

/// The classes of a set as one text of a table or tensor: `["bad","good"]`, since a name may hold any separator.
pub fn set_text(set: &[String]) -> String {
    serde_json::Value::from(set).to_string()
}

impl Predicted {
    /// As JSON; a number that is not finite is null.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Predicted::Number(number) => (*number).into(),
            Predicted::Class(name) => name.as_str().into(),
        }
    }
}

fn as_map<S: Serializer>(entries: &[(String, f64)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(entries.iter().map(|(name, value)| (name, value)))
}

fn from_map<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(String, f64)>, D::Error> {
    from.deserialize_map(Entries)
}

/// Reads a map in the order in which it is written.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, f64)>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of numbers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}
