//! Applying the definitions of views, and the plan of it: what changed since they were applied last. Planning runs nothing and
//! reads no data.

use super::view_identity::{definition_hash, meaning};
use crate::error::Result;
use crate::project::{Name, Project};
use crate::store::Hash;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What applying the plan does with a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanAction {
    /// It was never applied.
    Add,
    /// Its definition differs from the one that was applied.
    Change,
    /// It was applied and is no longer defined.
    Remove,
    /// Its definition is the one that was applied.
    Keep,
}

impl PlanAction {
    /// The word in JSON and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            PlanAction::Add => "add",
            PlanAction::Change => "change",
            PlanAction::Remove => "remove",
            PlanAction::Keep => "keep",
        }
    }
}

/// One view's part of the plan.
#[derive(Debug, Serialize)]
pub struct PlanEntry {
    /// The view.
    pub view: Name,
    /// What applying the plan does with it.
    pub action: PlanAction,
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

/// Compares the definitions with those applied last.
pub fn plan(project: &Project) -> Result<PlanOutcome> {
    let definitions = project.definitions();
    let applied = project.ledger()?.applied_views()?;
    let mut views = Vec::new();
    for (name, view) in &definitions.feature {
        let hash = definition_hash(definitions, name, view)?;
        let before = applied.iter().find(|row| row.name == *name);
        let (action, changed) = match before {
            None => (PlanAction::Add, Vec::new()),
            Some(row) if row.hash == hash => (PlanAction::Keep, Vec::new()),
            Some(row) => (PlanAction::Change, differing(&row.definition, &meaning(definitions, name, view)?)),
        };
        views.push(PlanEntry { view: name.clone(), action, changed, hash: Some(hash) });
    }
    for row in applied.iter().filter(|row| !definitions.feature.contains_key(&row.name)) {
        views.push(PlanEntry { view: row.name.clone(), action: PlanAction::Remove, changed: Vec::new(), hash: None });
    }
    Ok(PlanOutcome { clean: views.iter().all(|v| v.action == PlanAction::Keep), views })
}

/// The keys in which a view differs from what was applied.
fn differing(before: &str, now: &Value) -> Vec<String> {
    let old: Value = serde_json::from_str(before).unwrap_or_default();
    let keys: BTreeSet<&String> = [&old, now].into_iter().filter_map(Value::as_object).flat_map(Map::keys).collect();
    let changed = keys.into_iter().filter(|key| old.get(key.as_str()) != now.get(key.as_str()));
    changed.map(|key| if key == "entity" { "entity keys".to_owned() } else { key.clone() }).collect()
}

/// Records the definitions as they are; returns the plan that was carried out. Every view's expressions and columns
/// are checked against its data first.
pub fn apply(project: &Project) -> Result<PlanOutcome> {
    let outcome = plan(project)?;
    let mut ledger = project.ledger()?;
    let definitions = project.definitions();
    let changed: Vec<&PlanEntry> =
        outcome.views.iter().filter(|v| matches!(v.action, PlanAction::Add | PlanAction::Change)).collect();
    for entry in &changed {
        super::view_rows::load_view(project, &ledger, &entry.view)?;
    }
    for entry in changed {
        let view = definitions.view(&entry.view)?;
        let text = meaning(definitions, &entry.view, view)?.to_string();
        if let Some(hash) = &entry.hash {
            ledger.apply_view(&entry.view, hash, &text)?;
        }
    }
    for entry in outcome.views.iter().filter(|v| v.action == PlanAction::Remove) {
        ledger.remove_view(&entry.view)?;
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Definitions;

    const PLAIN: &str = "[data.d]\npath = 'd'\n[entity.e]\nkeys = ['k']\n[feature.v]\nsource = 'd'\nentity = 'e'\n\
        event_time = 't'\ncreated_time = 'c'\nttl = '3h'\ncolumns = ['x', 'y']\n\
        windows = [{ column = 'x', agg = ['mean'], over = ['1h'] }]\nderive = { z = 'x + y' }\n";

    fn hash(text: &str) -> String {
        let definitions = Definitions::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let (name, view) = definitions.feature.iter().next().unwrap();
        definition_hash(&definitions, name, view).unwrap().to_string()
    }

    #[test]
    fn the_identity_of_a_view_is_what_it_was() {
        assert_eq!(hash(PLAIN), "a6e80a96bae50d412d09d03b236ded9897d19b05bd1d0c69b6f872d247575540");
    }

    #[test]
    fn defaults_written_out_another_order_and_another_name_of_the_entity_change_no_identity() {
        let written = format!("{PLAIN}as_of = 'created'\nonline = true\n");
        assert_eq!(hash(&written), hash(PLAIN));
        let lines = PLAIN.replace("ttl = '3h'\ncolumns = ['x', 'y']\n", "columns = ['x', 'y']\nttl = '3h'\n");
        assert_eq!(hash(&lines), hash(PLAIN));
        let renamed = PLAIN.replace("[entity.e]", "[entity.other]").replace("entity = 'e'", "entity = 'other'");
        assert_eq!(hash(&renamed), hash(PLAIN));
    }

    #[test]
    fn every_value_that_means_something_changes_the_identity() {
        for (from, to) in [
            ("[feature.v]", "[feature.w]"),
            ("keys = ['k']", "keys = ['k', 'l']"),
            ("source = 'd'", "sql = 'SELECT * FROM d'"),
            ("event_time = 't'", "event_time = 'u'"),
            ("created_time = 'c'\n", ""),
            ("'3h'", "'4h'"),
            ("['x', 'y']", "['y', 'x']"),
            ("'mean'", "'max'"),
            ("'1h'", "'2h'"),
            ("x + y", "x - y"),
            ("ttl = '3h'", "ttl = '3h'\nas_of = 'event'"),
            ("ttl = '3h'", "ttl = '3h'\nonline = false"),
            ("ttl = '3h'", "ttl = '3h'\nonline = { history = '1d' }"),
        ] {
            assert!(PLAIN.contains(from));
            assert_ne!(hash(&PLAIN.replace(from, to)), hash(PLAIN), "{from} → {to}");
        }
    }

    #[test]
    fn a_plan_names_the_keys_that_differ() {
        let meaning_of = |text: &str| {
            let definitions = Definitions::parse(text).unwrap();
            let (name, view) = definitions.feature.iter().next().unwrap();
            meaning(&definitions, name, view).unwrap()
        };
        let now = meaning_of(&PLAIN.replace("ttl = '3h'\n", "").replace("keys = ['k']", "keys = ['l']"));
        assert_eq!(differing(&meaning_of(PLAIN).to_string(), &now), ["entity keys", "ttl"]);
    }
}
