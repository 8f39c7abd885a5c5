//! What a set is made of: its definition, views and the versions they read, known before any row is read; and the hash of
//! all that, which names the set.

use super::build::SetOptions;
use super::stored;
use crate::data::{Table, current_version};
use crate::error::{Error, Result};
use crate::features::expression::Program;
use crate::features::resolve::{FeaturePlan, feature_plan};
use crate::features::source::{Loaded, kinds, load_view, used_datasets};
use crate::ledger::Ledger;
use crate::progress::Progress;
use crate::project::{FeatureDef, Name, Project, SetDef, Split};
use crate::store::Hash;
use serde::Serialize;

/// Version of what a joined set looks like; part of its hash.
const FORMAT: u32 = 2;

/// What the set's definition needs, before any row is read.
pub(super) struct Sources {
    pub(super) definition: SetDef,
    pub(super) views: Vec<Name>,
    pub(super) inputs: Vec<(Name, Hash)>,
    pub(super) from: Option<i64>,
}

#[derive(Serialize)]
struct Identity<'a> {
    format: u32,
    set: &'a SetDef,
    views: Vec<(&'a Name, &'a FeatureDef, &'a Vec<String>)>,
    data: &'a [(Name, Hash)],
    seed: u64,
    from: Option<i64>,
}

/// The views and versions that a set over this spine reads.
pub(super) fn sources(
    project: &Project,
    ledger: &Ledger,
    name: &Name,
    options: &SetOptions,
    spine: (Name, Hash),
) -> Result<Sources> {
    let definitions = project.definitions();
    let mut definition = definitions.set(name)?.clone();
    if let Some(split) = &options.split {
        definition.split = Some(split.clone());
    }
    let mut views: Vec<Name> = Vec::new();
    for view in definition.views() {
        let view = Name::parse(view)?;
        definitions.view(&view).map_err(|e| e.at(format!("set {name}")))?;
        views.push(view);
    }
    let mut inputs = vec![spine];
    for view in &views {
        for dataset in used_datasets(definitions, definitions.view(view)?) {
            let version = current_version(project, ledger, &dataset)?;
            inputs.push((version.name, version.hash));
        }
    }
    inputs.sort();
    inputs.dedup();
    Ok(Sources { definition, views, inputs, from: options.from })
}

/// The hash of everything that decides what the joined set is.
pub(super) fn identity(project: &Project, sources: &Sources) -> Result<Hash> {
    let definitions = project.definitions();
    let mut views = Vec::new();
    for name in &sources.views {
        let view = definitions.view(name)?;
        views.push((name, view, &definitions.entity(&view.entity)?.keys));
    }
    Hash::of_json(&Identity {
        format: FORMAT,
        set: &sources.definition,
        views,
        data: &sources.inputs,
        seed: definitions.project.seed,
        from: sources.from,
    })
}

/// Reads the views' rows.
pub(super) fn load_views(
    project: &Project,
    ledger: &Ledger,
    views: &[Name],
    progress: &Progress,
) -> Result<Vec<Loaded>> {
    let load = |view: &Name| {
        let _step = progress.step(format!("reading {view}"), None);
        load_view(project, ledger, view)
    };
    views.iter().map(load).collect()
}

/// What the set's features mean over a spine with the table's columns.
pub(super) fn plan_of(project: &Project, definition: &SetDef, table: &Table, loaded: &[Loaded]) -> Result<FeaturePlan> {
    let mut reserved = definition.label.as_deref().map(Program::names).unwrap_or_default();
    reserved.extend(definition.event_time.clone());
    reserved.extend(split_key(project, definition));
    if let Some(Split::Column { column }) = &definition.split {
        reserved.push(column.clone());
    }
    let shapes: Vec<_> = loaded.iter().map(|l| l.view.shape.clone()).collect();
    if !shapes.is_empty() && definition.event_time.is_none() {
        return Err(Error::invalid("features of views need the set's event_time")
            .hint("name the spine's time column: event_time = \"…\""));
    }
    let plan = feature_plan(definition, &kinds(table.schema()), &reserved, &shapes)?;
    if plan.features.is_empty() {
        return Err(Error::invalid("nothing to learn from: the spine has no column beside label, time and key")
            .hint("add columns, or features of views"));
    }
    let mut names = plan.inputs.iter().chain(&plan.features).map(|i| i.name.as_str());
    match names.find(|name| stored::OWN_COLUMNS.contains(name)) {
        Some(name) => Err(Error::invalid(format!("\"{name}\" is a name that joined sets use themselves"))
            .hint("rename the column, or leave it out of features")),
        None => Ok(plan),
    }
}

/// The key that a split by hash goes by.
pub(super) fn split_key(project: &Project, definition: &SetDef) -> Vec<String> {
    match &definition.split {
        Some(Split::Hash { key: Some(key), .. }) => key.clone(),
        Some(Split::Hash { .. }) => {
            project.definitions().data.get(&definition.spine).map(|d| d.key.clone()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}
