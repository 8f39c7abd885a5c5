//! What a view means, as a hash: of the whole definition, and of what decides its features' values.

use crate::error::Result;
use crate::project::{self, Definitions, FeatureDef, Name};
use crate::store::Hash;
use serde_json::{Value, json};

/// Tag of the identity of views.
const FORMAT: &str = "view/1";

/// The hash of what a view means.
pub(super) fn definition_hash(definitions: &Definitions, name: &Name, view: &FeatureDef) -> Result<Hash> {
    project::identity(FORMAT, &meaning(definitions, name, view)?)
}

/// What a view means: its definition, with the keys of its entity in place of the entity's name.
pub(super) fn meaning(definitions: &Definitions, name: &Name, view: &FeatureDef) -> Result<Value> {
    let mut meaning = project::canonical(&view.without_defaults())?;
    meaning["entity"] = json!({ "keys": definitions.entity(&view.entity)?.keys });
    meaning["name"] = json!(name);
    project::canonical(&meaning)
}

/// The hash of what decides the values of a view's features: all but how far back the online store keeps rows. A model keeps it, and
/// takes features from an online store that was filled by this definition only.
pub(super) fn value_hash(definitions: &Definitions, name: &Name, view: &FeatureDef) -> Result<Hash> {
    hash_of_keys(definitions, name, view, |key| key != "online")
}

/// The hash of what decides a view's rows. From the same rows a model computes its own columns and windows, whatever the view has today.
pub(super) fn rows_hash(definitions: &Definitions, name: &Name, view: &FeatureDef) -> Result<Hash> {
    let of_rows = ["name", "source", "sql", "entity", "event_time", "created_time"];
    hash_of_keys(definitions, name, view, |key| of_rows.contains(&key))
}

fn hash_of_keys(
    definitions: &Definitions,
    name: &Name,
    view: &FeatureDef,
    keep: impl Fn(&str) -> bool,
) -> Result<Hash> {
    let mut meaning = meaning(definitions, name, view)?;
    if let Some(keys) = meaning.as_object_mut() {
        keys.retain(|key, _| keep(key));
    }
    project::identity(FORMAT, &meaning)
}
