//! Looking a view's features up by name.

use super::lookup::OnlineStore;
use crate::data::{Kind, Value, key_of_values};
use crate::error::{Error, Result};
use crate::features::lookup_status::LookupStatus;
use crate::features::view_rows::compile_view;
use crate::project::{Name, Project, parse_time};
use serde::Serialize;

/// A feature looked up by name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OnlineValue {
    /// The feature.
    pub name: String,
    /// Its value.
    pub value: serde_json::Value,
    /// Whether a row was found and was new enough.
    pub status: LookupStatus,
}

/// A view's features of one key as of `at` (microseconds), in the view's order. Keys are texts; each is read as the type that
/// the view has it in.
pub fn get_online(project: &Project, view: &Name, keys: &[(String, String)], at: i64) -> Result<Vec<OnlineValue>> {
    let view = compile_view(project, &project.ledger()?, view)?;
    let shape = &view.shape;
    if let Some((unknown, _)) = keys.iter().find(|(name, _)| !shape.keys.iter().any(|(known, _)| known == name)) {
        return Err(Error::unknown("key", unknown, shape.keys.iter().map(|(name, _)| name.as_str())));
    }
    let parts = shape.keys.iter().map(|(name, kind)| {
        let found = keys.iter().find(|(given, _)| given == name).map(|(_, text)| text);
        let missing = || Error::invalid(format!("key \"{name}\" is missing")).hint(format!("give {name}=VALUE"));
        key_value(found.ok_or_else(missing)?, *kind).map_err(|e| e.at(format!("key \"{name}\"")))
    });
    let key = key_of_values(parts.collect::<Result<Vec<Value>>>()?);
    let online = OnlineStore::open(project)?;
    let entity = key.map(|key| online.entity(shape, &key)).transpose()?.flatten();
    let mut values = Vec::new();
    let status = match &entity {
        Some(entity) => entity.compute(&view, at, &mut values),
        None => view.compute(None, at, &mut values),
    };
    let named = view.outputs().iter().zip(&values);
    Ok(named.map(|((name, _), value)| OnlineValue { name: name.clone(), value: value.to_json(), status }).collect())
}

/// The text as a key of this type, whole numbers exactly.
fn key_value(text: &str, kind: Kind) -> Result<Value<'_>> {
    let value = match kind {
        Kind::Text => Some(Value::Text(text)),
        Kind::Time => return parse_time(text).map(Value::Time),
        Kind::Boolean => match text {
            "true" | "1" => Some(Value::Boolean(true)),
            "false" | "0" => Some(Value::Boolean(false)),
            _ => None,
        },
        Kind::Integer | Kind::Float => {
            let whole = text.parse::<i128>().map(Value::Integer).ok();
            whole.or_else(|| text.parse().ok().map(Value::number)).filter(|value| *value != Value::Null)
        }
        Kind::Vector => None,
    };
    value.ok_or_else(|| Error::invalid(format!("{text:?} is no {}, which the view has there", kind.key_word())))
}
