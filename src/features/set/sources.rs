//! What a set is made of: its definition, views and the versions they read, known before any row is read.

use super::stored;
use super::training_set::SetOptions;
use crate::data::{Table, current_version};
use crate::error::{Error, Result};
use crate::features::expression::Program;
use crate::features::feature_plan::{FeaturePlan, feature_plan};
use crate::features::view_rows::{Loaded, kinds, load_view, used_datasets};
use crate::ledger::Ledger;
use crate::progress::Progress;
use crate::project::{Name, Project, SetDef, Split};
use crate::store::Hash;

/// What the set's definition needs, before any row is read.
pub(super) struct Sources {
    pub(super) definition: SetDef,
    pub(super) views: Vec<Name>,
    pub(super) inputs: Vec<(Name, Hash)>,
    pub(super) from: Option<i64>,
    /// Columns that `*` leaves out because they name or divide the rows: the dataset's key, and what the set's own split goes by,
    /// also where another split takes its place.
    pub(super) kept_out: Vec<String>,
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
    let mut kept_out = definitions.data.get(&definition.spine).map(|data| data.key.clone()).unwrap_or_default();
    kept_out.extend(split_key(project, &definition));
    if let Some(Split::Column { column }) = &definition.split {
        kept_out.push(column.clone());
    }
    kept_out.sort();
    kept_out.dedup();
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
    Ok(Sources { definition, views, inputs, from: options.from, kept_out })
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
pub(super) fn plan_of(project: &Project, sources: &Sources, table: &Table, loaded: &[Loaded]) -> Result<FeaturePlan> {
    let definition = &sources.definition;
    let mut reserved = definition.label.as_deref().map(Program::names).unwrap_or_default();
    reserved.extend(definition.weight.as_deref().map(Program::names).unwrap_or_default());
    reserved.extend(definition.event_time.clone());
    reserved.extend(sources.kept_out.clone());
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

/// The key that a split by hashes goes by.
pub(super) fn split_key(project: &Project, definition: &SetDef) -> Vec<String> {
    match &definition.split {
        Some(Split::Hash { key: Some(key), .. } | Split::Stratified { key: Some(key), .. }) => key.clone(),
        Some(Split::Group { columns, .. }) => columns.clone(),
        Some(Split::Hash { .. } | Split::Stratified { .. }) => {
            project.definitions().data.get(&definition.spine).map(|d| d.key.clone()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}
