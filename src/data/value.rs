//! One cell, as the row programs of serving see it.

use super::kind::{Family, Kind};
use crate::error::{Error, Result};
use crate::project::{parse_time, time_text};

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Missing.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number, exact.
    Integer(i128),
    /// A number; never NaN.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// An instant, microseconds UTC.
    Time(i64),
    /// Floats.
    Vector(&'a [f64]),
}

impl<'a> Value<'a> {
    /// A float, or missing if it is NaN.
    pub fn number(x: f64) -> Self {
        if x.is_nan() { Value::Null } else { Value::Float(x) }
    }

    /// The number in it, booleans as 0 and 1; NaN for anything else.
    pub fn as_number(self) -> f64 {
        match self {
            Value::Boolean(b) => f64::from(u8::from(b)),
            Value::Integer(n) => n as f64,
            Value::Float(x) => x,
            _ => f64::NAN,
        }
    }

    /// The family of its type; `None` where it is missing.
    pub fn family(self) -> Option<Family> {
        match self {
            Value::Null => None,
            Value::Boolean(_) | Value::Integer(_) | Value::Float(_) => Some(Family::Number),
            Value::Text(_) => Some(Family::Text),
            Value::Time(_) => Some(Family::Time),
            Value::Vector(_) => Some(Family::Vector),
        }
    }

    /// Whether it can be equal to a key of this type: a boolean is no number, and a text no time.
    pub fn is_key_of(self, kind: Kind) -> bool {
        match self {
            Value::Null => true,
            Value::Boolean(_) => kind == Kind::Boolean,
            _ => kind != Kind::Boolean && self.family() == Some(kind.family()),
        }
    }

    /// The cell as one of a column of this type, so that a number looks the same however it was written: 5.0 among whole
    /// numbers is 5, 5 among floats is 5.0. Other values stay as they are.
    pub fn among(self, kind: Kind) -> Self {
        match (kind, self) {
            (Kind::Float, Value::Boolean(_) | Value::Integer(_)) => Value::Float(self.as_number()),
            (Kind::Integer, Value::Boolean(b)) => Value::Integer(i128::from(b)),
            (Kind::Integer, Value::Float(x)) => whole(x).map_or(self, Value::Integer),
            (Kind::Boolean, Value::Integer(n @ (0 | 1))) => Value::Boolean(n == 1),
            (Kind::Boolean, Value::Float(x)) if x == 0.0 || x == 1.0 => Value::Boolean(x == 1.0),
            _ => self,
        }
    }

    /// The cell as JSON; times as RFC 3339.
    pub fn to_json(self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(b) => b.into(),
            Value::Integer(n) => match (i64::try_from(n), u64::try_from(n)) {
                (Ok(n), _) => n.into(),
                (_, Ok(n)) => n.into(),
                // Beyond 64 bits JSON's readers lose digits.
                _ => n.to_string().into(),
            },
            Value::Float(x) => float(x),
            Value::Text(t) => t.into(),
            Value::Time(t) => time_text(t).into(),
            Value::Vector(v) => v.iter().map(|x| float(*x)).collect(),
        }
    }

    /// A JSON value as a cell. Texts stay texts; nested values are refused.
    pub fn from_json(value: &'a serde_json::Value) -> Result<Self> {
        match value {
            serde_json::Value::Null => Ok(Value::Null),
            serde_json::Value::Bool(b) => Ok(Value::Boolean(*b)),
            serde_json::Value::Number(n) => Ok(match (n.as_i64(), n.as_u64()) {
                (Some(n), _) => Value::Integer(n.into()),
                (_, Some(n)) => Value::Integer(n.into()),
                _ => Value::number(n.as_f64().unwrap_or(f64::NAN)),
            }),
            serde_json::Value::String(s) => Ok(Value::Text(s)),
            _ => Err(Error::invalid("a list or object where one value is expected")),
        }
    }
}

/// A cell that outlives what it was taken from.
#[derive(Debug, Clone, PartialEq)]
pub enum OwnedValue {
    /// A text.
    Text(Box<str>),
    /// Floats.
    Vector(Vec<f64>),
    /// Any other cell.
    Other(Value<'static>),
}

impl OwnedValue {
    /// A copy of a cell.
    pub fn of(value: Value) -> Self {
        match value {
            Value::Text(text) => OwnedValue::Text(text.into()),
            Value::Vector(values) => OwnedValue::Vector(values.to_vec()),
            Value::Null => OwnedValue::Other(Value::Null),
            Value::Boolean(b) => OwnedValue::Other(Value::Boolean(b)),
            Value::Integer(n) => OwnedValue::Other(Value::Integer(n)),
            Value::Float(x) => OwnedValue::Other(Value::Float(x)),
            Value::Time(t) => OwnedValue::Other(Value::Time(t)),
        }
    }

    /// The cell.
    pub fn value(&self) -> Value<'_> {
        match self {
            OwnedValue::Text(text) => Value::Text(text),
            OwnedValue::Vector(values) => Value::Vector(values),
            OwnedValue::Other(value) => *value,
        }
    }
}

fn float(x: f64) -> serde_json::Value {
    serde_json::Number::from_f64(x).map_or(serde_json::Value::Null, serde_json::Value::Number)
}

/// The whole number that a float is, if it is one.
pub(super) fn whole(x: f64) -> Option<i128> {
    const LARGEST: f64 = (1u128 << 126) as f64;
    (x.fract() == 0.0 && x.abs() < LARGEST).then_some(x as i128)
}

/// A text cell as an instant, where an instant is expected.
pub fn time_of(value: Value) -> Result<Option<i64>> {
    match value {
        Value::Null => Ok(None),
        Value::Time(t) => Ok(Some(t)),
        Value::Text(text) => parse_time(text).map(Some),
        _ => Err(Error::invalid("a number where a time is expected").hint("write RFC 3339: 2013-04-01T06:00:00Z")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_json_keep_all_their_bits() {
        for text in ["9007199254740993", "-9223372036854775808", "18446744073709551615", "0.1", "true", "null", "\"a\""]
        {
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(Value::from_json(&json).unwrap().to_json().to_string(), text);
        }
        assert_eq!(Value::Integer(1 << 100).to_json(), "1267650600228229401496703205376");
    }

    #[test]
    fn a_number_among_others_looks_as_they_do() {
        assert_eq!(Value::Integer(5).among(Kind::Float), Value::Float(5.0));
        assert_eq!(Value::Float(5.0).among(Kind::Integer), Value::Integer(5));
        assert_eq!(Value::Float(5.5).among(Kind::Integer), Value::Float(5.5));
        assert_eq!(Value::Float(1.0).among(Kind::Boolean), Value::Boolean(true));
        assert_eq!(Value::Text("5").among(Kind::Integer), Value::Text("5"));
    }
}
