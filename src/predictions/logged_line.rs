//! One logged prediction as it is written: a line of JSON. [`super::Record`] reads it.

use crate::data::Value;
use crate::error::{Error, Result};
use crate::features::LackingViews;
use crate::model::Answer;
use crate::project::time_text;
use serde::{Deserialize, Serialize, Serializer};
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

/// A prediction being written. The id comes first: [`super::find()`] looks for lines by it.
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
    /// Views that had no features for the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookups: Option<LackingViews<'a>>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Predicted;
    use crate::predictions::{LoggedCell, Record};
    use crate::store::Hash;
    use std::borrow::Cow;
    use std::collections::BTreeMap;

    #[test]
    fn what_is_written_is_read() {
        let outputs = Answer {
            probability: Some(0.25),
            prediction: Predicted::Class("no".to_owned()),
            probabilities: Vec::new(),
            lower: None,
            upper: None,
            prediction_set: None,
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
            lookups: None,
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
