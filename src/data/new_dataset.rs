//! `data add PATH` on a path that no `[data.NAME]` names yet: the definition is appended to `mlops.toml` once everything
//! else succeeded.

use super::workspace_files::scan;
use crate::error::{Error, Result};
use crate::project::{DataDef, Definitions, Name, Project, quoted_key, text_with_tables};
use std::path::Path;

/// Finds or makes the dataset whose path is `path` (relative to `from`); returns the project with it. Nothing is written.
pub fn register_path(project: Project, from: &Path, path: &str) -> Result<(Project, Name)> {
    let relative = project.relative(from, path)?;
    let known = &project.definitions().data;
    if let Some((name, _)) = known.iter().find(|(_, d)| d.path.trim_end_matches('/') == relative) {
        let name = name.clone();
        return Ok((project, name));
    }
    let found = scan(&project, &relative)?;
    found.lacks_nothing()?;
    if found.files.is_empty() {
        let missing =
            Error::not_found(format!("{path} is neither a file, a folder or a glob that matches, nor a dataset"));
        let known: Vec<&str> = known.keys().map(Name::as_str).collect();
        return Err(match crate::error::nearest(path, &known) {
            Some(near) => missing.hint(format!("did you mean \"{near}\"?")),
            None => missing.hint("`mlops data list` shows the datasets there are"),
        });
    }
    let name = free_name(&project, &relative)?;
    let mut definitions = project.definitions().clone();
    let definition = DataDef::at(relative);
    definitions.data.insert(name.clone(), definition);
    let project = project.with_definitions(definitions);
    Ok((project, name))
}

/// The text of `mlops.toml` with the definitions that it lacks; none if it lacks none.
pub(super) fn text_with_new_definitions(project: &Project) -> Result<Option<String>> {
    let file = project.definitions_path();
    let known = Definitions::read(&file)?;
    let new = project.definitions().data.iter().filter(|(name, _)| !known.data.contains_key(*name));
    let tables: String = new
        .map(|(name, d)| format!("\n[data.{}]\npath = {}\n", quoted_key(name), toml::Value::String(d.path.clone())))
        .collect();
    if tables.is_empty() { Ok(None) } else { text_with_tables(&file, &tables).map(Some) }
}

/// The file's or folder's own name, unless it is taken.
fn free_name(project: &Project, relative: &str) -> Result<Name> {
    let plain: Vec<&str> = relative.split('/').filter(|part| !part.contains(['*', '?', '[', '{'])).collect();
    let last = plain.last().copied().unwrap_or("data");
    let stem = Path::new(last).file_stem().and_then(|s| s.to_str()).unwrap_or(last);
    let name = Name::from_stem(stem).map_err(|e| {
        e.hint(format!("define the dataset yourself in mlops.toml: [data.NAME] with path = \"{relative}\""))
    })?;
    if project.definitions().data.contains_key(&name) {
        return Err(Error::conflict(format!("a dataset \"{name}\" with another path is defined already"))
            .hint(format!("define it under another name in mlops.toml: [data.NAME] with path = \"{relative}\"")));
    }
    Ok(name)
}
