//! The identity of a definition: a hash of its canonical form, by which a changed view, training set or recipe is noticed.
//!
//! The form says what a definition means, not how it was written: keys are sorted, keys that say nothing (absent, null, an
//! empty list or table) are not there, and the caller has taken out keys at their default and put in values that the
//! definition takes from elsewhere, such as the key of a hash split. So an optional key that a later version adds changes no
//! hash. Lists keep their order and numbers their writing (1 and 1.0 may mean different things to an estimator).
//!
//! A tag stands in front, such as `view/1`. It is raised when the same form comes to mean something else.
//!
//! For example, the view
//!
//! ```toml
//! [feature.weather]
//! source = "weather"
//! entity = "airport"
//! event_time = "time_hour"
//! columns = ["temp"]
//! ```
//!
//! is hashed as `{"definition":{"columns":["temp"],"entity":{"keys":["origin"]},"event_time":"time_hour","name":"weather",
//! "source":"weather"},"format":"view/1"}`, in one line.

use crate::error::{Error, Result};
use crate::store::Hash;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The hash of a definition's canonical form under a tag.
pub fn identity(tag: &str, definition: &impl Serialize) -> Result<Hash> {
    let form = json!({ "definition": canonical(definition)?, "format": tag });
    Ok(Hash::of(form.to_string().as_bytes()))
}

/// The canonical form of a value.
pub fn canonical(value: &impl Serialize) -> Result<Value> {
    let value = serde_json::to_value(value)
        .map_err(|e| Error::invalid(format!("not representable as JSON: {e}")).caused_by(e))?;
    Ok(tidied(value))
}

fn tidied(value: Value) -> Value {
    match value {
        Value::Array(list) => Value::Array(list.into_iter().map(tidied).collect()),
        Value::Object(object) => {
            let mut entries: Vec<(String, Value)> =
                object.into_iter().map(|(key, value)| (key, tidied(value))).filter(|(_, value)| says(value)).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(Map::from_iter(entries))
        }
        plain => plain,
    }
}

/// Whether the value of a key says more than that the key is absent.
fn says(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Definitions;

    #[test]
    fn order_of_keys_and_keys_that_say_nothing_change_no_hash() {
        let plain = identity("t/1", &json!({ "a": 1, "b": { "c": [2, 1] } })).unwrap();
        let other = json!({ "b": { "c": [2, 1], "later": null }, "none": [], "empty": { "x": { "y": null } }, "a": 1 });
        assert_eq!(identity("t/1", &other).unwrap(), plain);
        for changed in [
            json!({ "a": 1, "b": { "c": [1, 2] } }),
            json!({ "a": 1.0, "b": { "c": [2, 1] } }),
            json!({ "a": 1, "b": { "c": [2, 1], "d": false } }),
            json!({ "a": 1, "b": { "c": [2, 1, null] } }),
        ] {
            assert_ne!(identity("t/1", &changed).unwrap(), plain, "{changed}");
        }
        assert_ne!(identity("t/2", &json!({ "a": 1, "b": { "c": [2, 1] } })).unwrap(), plain, "another tag");
    }

    /// A key that is added to a section with a default that is not absent, null or empty must be taken out at its default
    /// (`without_defaults`); this fails until it is.
    #[test]
    fn a_definition_of_required_keys_has_no_others_in_its_canonical_form() {
        let text = "[data.d]\npath = 'd'\n[entity.e]\nkeys = ['k']\n\
                    [feature.v]\nsource = 'd'\nentity = 'e'\nevent_time = 't'\ncolumns = ['x']\n\
                    [set.s]\nspine = 'd'\nfeatures = ['v:x']\n[train.r]\nset = 's'\nmodel = 'tree'\n";
        let definitions = Definitions::parse(text).unwrap();
        let view = definitions.feature.values().next().unwrap().without_defaults();
        assert_eq!(
            canonical(&view).unwrap().to_string(),
            r#"{"columns":["x"],"entity":"e","event_time":"t","source":"d"}"#
        );
        let set = definitions.set.values().next().unwrap();
        assert_eq!(canonical(set).unwrap().to_string(), r#"{"features":["v:x"],"spine":"d"}"#);
        let recipe = definitions.train.values().next().unwrap();
        assert_eq!(canonical(recipe).unwrap().to_string(), r#"{"model":"tree","set":"s"}"#);
    }
}
