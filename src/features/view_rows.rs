//! From a view's definition to its columns and rows: the dataset or query it names, over the versions in `mlops.lock`.

use super::compiled_view::{CompiledView, ViewShape};
use super::events::Events;
use super::expression::Program;
use crate::data::{self, Kind, Table, current_version, table_of};
use crate::error::{Error, Result};
use crate::ledger::{Ledger, SchemaColumn};
use crate::project::{Definitions, FeatureDef, Name, Project};
use polars::prelude::DataFrame;

/// A view ready to be looked up in.
pub struct Loaded {
    /// What it computes.
    pub view: CompiledView,
    /// Its rows, in order of key and time.
    pub events: Events,
}

/// The datasets a view reads.
pub fn used_datasets(definitions: &Definitions, view: &FeatureDef) -> Vec<Name> {
    match (&view.source, &view.sql) {
        (Some(source), _) => vec![source.clone()],
        (None, Some(query)) => {
            let words = Program::names(query);
            definitions.data.keys().filter(|name| words.iter().any(|w| w == name.as_str())).cloned().collect()
        }
        (None, None) => Vec::new(),
    }
}

/// Reads a view's rows.
pub fn load_view(project: &Project, ledger: &Ledger, name: &Name) -> Result<Loaded> {
    load(project, ledger, name).map_err(|e| e.at(format!("view {name}")))
}

/// What a view computes, by the types of its columns. No row is read.
pub fn compile_view(project: &Project, ledger: &Ledger, name: &Name) -> Result<CompiledView> {
    let compiled = open(project, ledger, name).and_then(|(_, shape)| shape.compile());
    compiled.map_err(|e| e.at(format!("view {name}")))
}

/// The view's table, of which no row is read yet, and its shape.
fn open(project: &Project, ledger: &Ledger, name: &Name) -> Result<(Table, ViewShape)> {
    let definitions = project.definitions();
    let definition = definitions.view(name)?;
    let mut tables = Vec::new();
    for dataset in used_datasets(definitions, definition) {
        let version = current_version(project, ledger, &dataset)?;
        let table = table_of(project, &version)?;
        let rows = if definition.sql.is_some() { table.lazy_without_nan()? } else { table.lazy() };
        tables.push((dataset.to_string(), rows));
    }
    let lazy = match (&definition.sql, tables.first()) {
        (Some(query), _) => data::sql(query, &tables)?,
        (None, Some((_, table))) => table.clone(),
        (None, None) => return Err(Error::invalid("it has neither source nor sql")),
    };
    let table = Table::of(lazy)?;
    let columns = kinds(table.schema());
    let shape = ViewShape::new(definitions, name, definition, &columns)?;
    Ok((table, shape))
}

fn load(project: &Project, ledger: &Ledger, name: &Name) -> Result<Loaded> {
    let definition = project.definitions().view(name)?;
    let (table, shape) = open(project, ledger, name)?;
    let keys: Vec<String> = shape.keys.iter().map(|(name, _)| name.clone()).collect();
    let mut needed: Vec<&str> = keys.iter().map(String::as_str).collect();
    needed.push(&definition.event_time);
    needed.extend(definition.created_time.as_deref());
    needed.extend(shape.columns.iter().map(|(n, _)| n.as_str()));
    needed.sort_unstable();
    needed.dedup();
    for column in &needed {
        if !table.names().any(|n| n == *column) {
            return Err(Error::unknown("column", column, table.names()));
        }
    }
    let rows: DataFrame =
        data::collect(table.lazy().select(needed.iter().map(|n| data::exact_column(n)).collect::<Vec<_>>()))?;
    let names: Vec<String> = shape.columns.iter().map(|(n, _)| n.clone()).collect();
    let created_time = definition.created_time.as_deref();
    let events = Events::new(&rows, &keys, &definition.event_time, created_time, shape.as_of_created, &names)?;
    Ok(Loaded { view: shape.compile()?, events })
}

/// Our types of a table's columns.
pub(super) fn kinds(schema: &[SchemaColumn]) -> Vec<(String, Kind)> {
    schema.iter().map(|c| (c.name.clone(), Kind::of_type(&c.kind))).collect()
}
