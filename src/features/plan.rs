//! What changed in the definitions of views since they were applied last. Planning runs nothing and reads no data.

use crate::error::Result;
use crate::project::{Definitions, FeatureDef, Name, Project};
use crate::store::Hash;
use serde::Serialize;

/// One view's part of the plan.
#[derive(Debug, Serialize)]
pub struct PlanEntry {
    /// The view.
    pub view: Name,
    /// `add`, `change`, `remove` or `keep`.
    pub action: &'static str,
    /// Keys of the definition that differ, for a change.
    pub changed: Vec<String>,
    /// The hash of the definition as it is now.
    pub hash: Option<Hash>,
}

/// The whole plan.
#[derive(Debug, Serialize)]
pub struct PlanOutcome {
    /// Whether nothing is to be done.
    pub clean: bool,
    /// One entry a view.
    pub views: Vec<PlanEntry>,
}

/// The identity of a view's definition: its own keys and its entity's.
pub(super) fn definition_hash(definitions: &Definitions, name: &Name, view: &FeatureDef) -> Result<Hash> {
    let entity = definitions.entity(&view.entity)?;
    Hash::of_json(&(name, view, entity))
}

/// Compares the definitions with those applied last.
pub fn plan(project: &Project) -> Result<PlanOutcome> {
    let definitions = project.definitions();
    let applied = project.ledger()?.applied_views()?;
    let mut views = Vec::new();
    for (name, view) in &definitions.feature {
        let hash = definition_hash(definitions, name, view)?;
        let before = applied.iter().find(|row| row.name == *name);
        let (action, changed) = match before {
            None => ("add", Vec::new()),
            Some(row) if row.hash == hash => ("keep", Vec::new()),
            Some(row) => ("change", differing(&row.definition, view)),
        };
        views.push(PlanEntry { view: name.clone(), action, changed, hash: Some(hash) });
    }
    for row in applied.iter().filter(|row| !definitions.feature.contains_key(&row.name)) {
        views.push(PlanEntry { view: row.name.clone(), action: "remove", changed: Vec::new(), hash: None });
    }
    Ok(PlanOutcome { clean: views.iter().all(|v| v.action == "keep"), views })
}

fn differing(before: &str, now: &FeatureDef) -> Vec<String> {
    let old: serde_json::Value = serde_json::from_str(before).unwrap_or_default();
    let new = serde_json::to_value(now).unwrap_or_default();
    let keys = new.as_object().into_iter().flat_map(|o| o.keys());
    let mut changed: Vec<String> = keys.filter(|k| old.get(k.as_str()) != new.get(k.as_str())).cloned().collect();
    if changed.is_empty() {
        changed.push("entity keys".to_owned());
    }
    changed
}

/// Records the definitions as they are; returns the plan that was carried out. Every view's expressions and columns
/// are checked against its data first.
pub fn apply(project: &Project) -> Result<PlanOutcome> {
    let outcome = plan(project)?;
    let mut ledger = project.ledger()?;
    let definitions = project.definitions();
    let changed: Vec<&PlanEntry> = outcome.views.iter().filter(|v| matches!(v.action, "add" | "change")).collect();
    for entry in &changed {
        super::source::load_view(project, &ledger, &entry.view)?;
    }
    for entry in changed {
        let view = definitions.view(&entry.view)?;
        let text = serde_json::to_string(view).map_err(|e| crate::error::Error::invalid(e.to_string()))?;
        if let Some(hash) = &entry.hash {
            ledger.apply_view(&entry.view, hash, &text)?;
        }
    }
    for entry in outcome.views.iter().filter(|v| v.action == "remove") {
        ledger.remove_view(&entry.view)?;
    }
    Ok(outcome)
}
