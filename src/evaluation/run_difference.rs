//! In what two runs differ that went into them: versions of data, definitions key by key, parameters, seed, what they ran on.

use crate::error::Result;
use crate::ledger::{InputKind, Ledger, RunRow};
use crate::model::{self, RecordedDefinitions};
use crate::project::{self, Project};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Something that two runs do not have alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunChange {
    /// What: `set.late.split.test`, `max_iter`, `flights`.
    pub name: String,
    /// In the first; none where it is not there.
    pub from: Option<String>,
    /// In the second.
    pub to: Option<String>,
}

/// How two runs differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunDiff {
    /// The first run.
    pub from: String,
    /// The second.
    pub to: String,
    /// Whether nothing differs.
    pub same: bool,
    /// Whether they made the same model.
    pub same_model: bool,
    /// Versions of datasets, by name; hashes.
    pub data: Vec<RunChange>,
    /// Keys of the recipe, the set and the views.
    pub definitions: Vec<RunChange>,
    /// Parameters of the estimator that came out, also those that a search chose.
    pub parameters: Vec<RunChange>,
    /// Seed, git commit, version of the program, platform.
    pub environment: Vec<RunChange>,
    /// What is not known of a run because it is from before that was kept.
    pub unknown: Vec<String>,
}

/// Compares what two runs were made of.
pub fn diff(project: &Project, ledger: &Ledger, from: &RunRow, to: &RunRow) -> Result<RunDiff> {
    let (a, b) = (Ingredients::of(project, ledger, from)?, Ingredients::of(project, ledger, to)?);
    let data = changes(&a.data, &b.data);
    let mut unknown = Vec::new();
    let mut definitions = Vec::new();
    match (&a.definitions, &b.definitions) {
        (Some(a), Some(b)) => definitions = changes(&written(a)?, &written(b)?),
        _ => {
            for (run, kept) in [(from, &a.definitions), (to, &b.definitions)] {
                if kept.is_none() {
                    unknown.push(format!(
                        "run {} is from before definitions were kept: only their hashes are known",
                        run.id.short()
                    ));
                }
            }
            definitions.extend(changes(&a.hashes, &b.hashes));
        }
    }
    let parameters = changes(&from.params, &to.params);
    let environment = changes(&a.environment, &b.environment);
    let same = [&data, &definitions, &parameters, &environment].iter().all(|changes| changes.is_empty());
    Ok(RunDiff {
        from: format!("{} {}", from.name, from.id.short()),
        to: format!("{} {}", to.name, to.id.short()),
        same,
        same_model: from.model.is_some() && from.model == to.model,
        data,
        definitions,
        parameters,
        environment,
        unknown,
    })
}

/// What went into a run.
struct Ingredients {
    data: BTreeMap<String, String>,
    hashes: BTreeMap<String, String>,
    definitions: Option<RecordedDefinitions>,
    environment: BTreeMap<String, String>,
}

impl Ingredients {
    fn of(project: &Project, ledger: &Ledger, run: &RunRow) -> Result<Ingredients> {
        let artifacts = ledger.run_artifacts(&run.id)?;
        let (mut data, mut hashes) = (BTreeMap::new(), BTreeMap::new());
        for input in ledger.run_inputs(&run.id)? {
            match input.kind {
                InputKind::Dataset => data.insert(input.name, input.hash.short()),
                // The name of a recipe or set says nothing: two recipes may mean the same.
                InputKind::Set => hashes.insert("set".to_owned(), input.hash.short()),
                InputKind::Recipe => hashes.insert("recipe".to_owned(), input.hash.short()),
            };
        }
        let mut environment = model::environment_of(project, &artifacts)?.unwrap_or_default();
        environment.extend(run.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
        environment.extend(run.commit.as_ref().map(|commit| ("commit".to_owned(), commit.chars().take(12).collect())));
        Ok(Ingredients { data, hashes, definitions: model::definitions_of(project, &artifacts)?, environment })
    }
}

/// The definitions key by key: `set.split.test` → `0.2`. The recipe and its set go without their names, so that two recipes of one set
/// differ only in what they say.
pub(super) fn written(kept: &RecordedDefinitions) -> Result<BTreeMap<String, String>> {
    let mut flat = BTreeMap::new();
    let definitions = &kept.definitions;
    if let Some(recipe) = definitions.train.get(&kept.recipe) {
        flatten("recipe", &project::canonical(recipe)?, &mut flat);
        if let Some(set) = definitions.set.get(&recipe.set) {
            flatten("set", &project::canonical(set)?, &mut flat);
        }
    }
    flatten("feature", &project::canonical(&definitions.feature)?, &mut flat);
    flatten("entity", &project::canonical(&definitions.entity)?, &mut flat);
    flatten("data", &project::canonical(&definitions.data)?, &mut flat);
    flatten("project.seed", &project::canonical(&definitions.project.seed)?, &mut flat);
    flatten("split", &project::canonical(&kept.split)?, &mut flat);
    flatten("from", &project::canonical(&kept.from)?, &mut flat);
    Ok(flat)
}

fn flatten(path: &str, value: &Value, flat: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(key, value)| flatten(&format!("{path}.{key}"), value, flat));
        }
        Value::Null => {}
        Value::String(text) => drop(flat.insert(path.to_owned(), text.clone())),
        other => drop(flat.insert(path.to_owned(), other.to_string())),
    }
}

/// What is not the same in both.
pub(super) fn changes(from: &BTreeMap<String, String>, to: &BTreeMap<String, String>) -> Vec<RunChange> {
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let change = |name: &String| {
        let (before, after) = (from.get(name).cloned(), to.get(name).cloned());
        (before != after).then(|| RunChange { name: name.clone(), from: before, to: after })
    };
    names.into_iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn definitions_are_compared_key_by_key() {
        let flat = |value: Value| {
            let mut all = BTreeMap::new();
            flatten("set", &value, &mut all);
            all
        };
        let a = flat(json!({ "split": { "by": "hash", "test": 0.2 }, "features": ["a", "b"], "none": null }));
        let b = flat(json!({ "split": { "by": "hash", "test": 0.3 }, "features": ["a", "b"], "label": "y" }));
        let found: Vec<String> =
            changes(&a, &b).into_iter().map(|c| format!("{} {:?} {:?}", c.name, c.from, c.to)).collect();
        assert_eq!(found, ["set.label None Some(\"y\")", "set.split.test Some(\"0.2\") Some(\"0.3\")"]);
    }
}
