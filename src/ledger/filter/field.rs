//! What a condition can be about: a metric, a parameter, a tag, an attribute of the run itself, a dataset it used.

use super::cursor::{Cursor, is_plain};
use crate::error::{Error, Result};

/// What is compared: numbers and texts are compared in different ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    Number(NumberField),
    Text(TextField),
}

/// What is compared with a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NumberField {
    /// The last value of a metric.
    Metric(String),
    /// When the run began, in milliseconds since 1970.
    Start,
    /// When it ended, in milliseconds since 1970.
    End,
}

/// What is compared with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TextField {
    Param(String),
    Tag(String),
    Id,
    Name,
    Status,
    User,
    DatasetName,
    DatasetDigest,
    DatasetContext,
}

const ENTITIES: [&str; 12] = [
    "metrics",
    "params",
    "tags",
    "attributes",
    "datasets",
    "metric",
    "param",
    "parameter",
    "parameters",
    "tag",
    "attribute",
    "dataset",
];

/// The attributes, for a hint.
const ATTRIBUTES: [&str; 6] = ["run_id", "run_name", "status", "user_id", "start_time", "end_time"];

impl Field {
    /// Reads a field: entity and key are parted at the first dot.
    pub fn read(cursor: &mut Cursor) -> Result<Self> {
        cursor.skip_blanks();
        let start = cursor.place();
        let plain_entity = |c: char| is_plain(c) && c != '.';
        let Some(first) = cursor.part(plain_entity)? else {
            return Err(cursor
                .error(format!("{} where a field should stand", cursor.shown()))
                .hint("write metrics.NAME, params.NAME, tags.NAME or attributes.NAME"));
        };
        // As in MLflow, `"run name"` in quotes is a whole field.
        if !cursor.take(".") {
            return Field::attribute(&first).map_err(|e| placed(cursor, start, e));
        }
        let Some(key) = cursor.part(is_plain)? else {
            return Err(cursor
                .error(format!("{} where a name should stand", cursor.shown()))
                .hint("write a name with blanks or other signs in backticks: metrics.`my loss`"));
        };
        Field::of(&first, key).map_err(|e| placed(cursor, start, e))
    }

    fn of(entity: &str, key: String) -> Result<Self> {
        match entity {
            "metric" | "metrics" => Ok(Field::Number(NumberField::Metric(key))),
            "param" | "params" | "parameter" | "parameters" => Ok(Field::Text(TextField::Param(key))),
            "tag" | "tags" => Ok(Field::Text(TextField::Tag(key))),
            "attribute" | "attributes" | "attr" | "run" => Field::attribute(&key),
            "dataset" | "datasets" => match key.as_str() {
                "name" => Ok(Field::Text(TextField::DatasetName)),
                "digest" => Ok(Field::Text(TextField::DatasetDigest)),
                "context" => Ok(Field::Text(TextField::DatasetContext)),
                _ => Err(unknown("of a dataset", &key, &["name", "digest", "context"])),
            },
            other => {
                let otherwise = || "write metrics, params, tags, attributes or datasets".to_owned();
                let error = Error::invalid(format!("\"{other}\" is not known before a dot"));
                Err(error.did_you_mean(other, &ENTITIES, otherwise))
            }
        }
    }

    fn attribute(key: &str) -> Result<Self> {
        match key {
            "run_id" => Ok(Field::Text(TextField::Id)),
            "run_name" | "run name" | "Run name" | "Run Name" => Ok(Field::Text(TextField::Name)),
            "status" => Ok(Field::Text(TextField::Status)),
            "user_id" => Ok(Field::Text(TextField::User)),
            "start_time" | "created" | "Created" => Ok(Field::Number(NumberField::Start)),
            "end_time" => Ok(Field::Number(NumberField::End)),
            _ => Err(unknown("of a run", key, &ATTRIBUTES)),
        }
    }
}

impl TextField {
    /// Whether `is null` finds the runs that lack it.
    pub fn takes_null(&self) -> bool {
        matches!(self, TextField::Param(_) | TextField::Tag(_))
    }

    /// Whether it is compared with a list.
    pub fn takes_list(&self) -> bool {
        matches!(self, TextField::Id) || self.is_of_dataset()
    }

    /// Whether it is something of a dataset, of which a run has several.
    pub fn is_of_dataset(&self) -> bool {
        matches!(self, TextField::DatasetName | TextField::DatasetDigest | TextField::DatasetContext)
    }
}

fn unknown(whose: &str, key: &str, known: &[&str]) -> Error {
    let otherwise = || format!("known: {}", known.join(", "));
    Error::invalid(format!("\"{key}\" is not an attribute {whose}")).did_you_mean(key, known, otherwise)
}

fn placed(cursor: &Cursor, place: usize, error: Error) -> Error {
    let placed = cursor.error_at(place, error.message());
    match error.hint_text() {
        Some(hint) => placed.hint(hint),
        None => placed,
    }
}
