//! Looking a view's features up by name.

use super::lookup::OnlineStore;
use crate::data::{Value, key_of_values};
use crate::error::{Error, Result};
use crate::features::source::load_view;
use crate::features::view::LookupStatus;
use crate::project::{Name, Project};
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

/// A view's features of one key as of `at` (microseconds), in the view's order. Keys are texts; one that the data has as a
/// number is read as one.
pub fn get_online(project: &Project, view: &Name, keys: &[(String, String)], at: i64) -> Result<Vec<OnlineValue>> {
    let loaded = load_view(project, &project.ledger()?, view)?;
    let shape = &loaded.view.shape;
    if let Some((unknown, _)) = keys.iter().find(|(k, _)| !shape.keys.contains(k)) {
        return Err(Error::unknown("key", unknown, shape.keys.iter().map(String::as_str)));
    }
    let text = |name: &String| {
        let found = keys.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
        found.ok_or_else(|| Error::invalid(format!("key \"{name}\" is missing")).hint(format!("give {name}=VALUE")))
    };
    let texts = shape.keys.iter().map(text).collect::<Result<Vec<&str>>>()?;
    let online = OnlineStore::open(project)?;
    let as_texts = key_of_values(texts.iter().map(|t| Value::Text(t)));
    let as_numbers = key_of_values(texts.iter().map(|t| number_of(t)));
    let mut entity = None;
    for key in [as_texts, as_numbers].into_iter().flatten() {
        entity = entity.or(online.entity(shape, &key)?);
    }
    let mut values = Vec::new();
    let status = match &entity {
        Some(entity) => entity.compute(&loaded.view, at, &mut values),
        None => loaded.view.compute(None, at, &mut values),
    };
    let named = loaded.view.outputs().iter().zip(&values);
    Ok(named.map(|((name, _), value)| OnlineValue { name: name.clone(), value: value.to_json(), status }).collect())
}

/// The text as the number it reads as, whole ones exactly; a text if it is none.
fn number_of(text: &str) -> Value<'_> {
    let whole = text.parse::<i128>().map(Value::Integer);
    whole.unwrap_or_else(|_| text.parse::<f64>().map_or(Value::Text(text), Value::number))
}
