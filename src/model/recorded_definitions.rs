//! The definitions that a run was trained by, as they stood then, and what it ran on: the artifacts `definitions.json` and
//! `environment.json`. A run can so be trained again and compared with another one after `mlops.toml` has changed.
//!
//! Only what the run depends on is kept: its recipe, set, views, entities and the datasets that these read.

use crate::error::{Error, Result};
use crate::features::{SetOptions, used_datasets};
use crate::ledger::ArtifactRow;
use crate::project::{Definitions, Name, Project, ProjectDef, Split};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The artifacts' names.
pub(super) const DEFINITIONS: &str = "definitions.json";
pub(super) const ENVIRONMENT: &str = "environment.json";

/// What a run was trained by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordedDefinitions {
    /// The recipe.
    pub recipe: Name,
    /// The recipe and all that it depends on.
    pub definitions: Definitions,
    /// A split in place of the set's own, as a retraining has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// Only rows from this instant on were taken, microseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
}

impl RecordedDefinitions {
    /// How the set was built otherwise than its definition says.
    pub fn set_options(&self) -> SetOptions {
        SetOptions { split: self.split.clone(), from: self.from }
    }
}

/// What a recipe of the project depends on now.
pub(super) fn of(project: &Project, recipe: &Name, options: &SetOptions) -> Result<RecordedDefinitions> {
    let all = project.definitions();
    let mut kept = Definitions { project: ProjectDef { name: None, seed: all.project.seed }, ..Definitions::default() };
    let train = all.recipe(recipe)?;
    let set = all.set(&train.set)?;
    kept.train.insert(recipe.clone(), train.clone());
    kept.set.insert(train.set.clone(), set.clone());
    let mut datasets = vec![set.spine.clone()];
    for view in set.views() {
        let name = Name::parse(view)?;
        let view = all.view(&name)?;
        datasets.extend(used_datasets(all, view));
        kept.entity.insert(view.entity.clone(), all.entity(&view.entity)?.clone());
        kept.feature.insert(name, view.clone());
    }
    for name in datasets {
        kept.data.insert(name.clone(), all.dataset(&name)?.clone());
    }
    Ok(RecordedDefinitions {
        recipe: recipe.clone(),
        definitions: kept,
        split: options.split.clone(),
        from: options.from,
    })
}

/// The definitions that a run keeps; none of a run from before runs kept any.
pub fn definitions_of(project: &Project, artifacts: &[ArtifactRow]) -> Result<Option<RecordedDefinitions>> {
    read(project, artifacts, DEFINITIONS)
}

/// What this program is and runs on.
pub fn environment() -> BTreeMap<String, String> {
    let platform = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    [("mlops", env!("CARGO_PKG_VERSION").to_owned()), ("platform", platform)].map(|(k, v)| (k.to_owned(), v)).into()
}

/// What a run ran on; none of a run from before runs kept it.
pub fn environment_of(project: &Project, artifacts: &[ArtifactRow]) -> Result<Option<BTreeMap<String, String>>> {
    read(project, artifacts, ENVIRONMENT)
}

fn read<T: for<'a> Deserialize<'a>>(project: &Project, artifacts: &[ArtifactRow], name: &str) -> Result<Option<T>> {
    let Some(kept) = artifacts.iter().find(|artifact| artifact.name == name) else { return Ok(None) };
    let bytes = project.store().read(&kept.hash)?;
    serde_json::from_slice(&bytes).map(Some).map_err(|e| Error::corrupt(format!("{name}: {e}")).caused_by(e))
}
