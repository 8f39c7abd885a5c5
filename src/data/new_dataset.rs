//! `data add PATH` on a path that no `[data.NAME]` names yet: the definition is appended to `mlops.toml` once everything
//! else succeeded.

use super::csv;
use super::format::format_of;
use super::workspace_files::scan;
use crate::error::{Error, Result};
use crate::project::{DataDef, Definitions, Format, Name, Project, quoted_key, text_with_tables};
use std::path::Path;

/// Finds or makes the dataset whose path is `path` (relative to `from`), called `name` or like the file; returns the project with it.
/// Nothing is written.
pub fn register_path(project: Project, from: &Path, path: &str, name: Option<&Name>) -> Result<(Project, Name)> {
    let relative = project.relative(from, path)?;
    let known = &project.definitions().data;
    if let Some((known, _)) = known.iter().find(|(_, d)| d.path.trim_end_matches('/') == relative) {
        let known = known.clone();
        return match name.filter(|wanted| **wanted != known) {
            None => Ok((project, known)),
            Some(_) => Err(Error::conflict(format!("{path} is the dataset \"{known}\" already"))
                .hint("leave --name out, or rename it in mlops.toml")),
        };
    }
    let found = scan(&project, &relative)?;
    found.lacks_nothing()?;
    if found.files.is_empty() {
        let missing =
            Error::not_found(format!("{path} is neither a file, a folder or a glob that matches, nor a dataset"));
        let known: Vec<&str> = known.keys().map(Name::as_str).collect();
        return Err(missing.did_you_mean(path, &known, || "`mlops data list` shows the datasets there are".to_owned()));
    }
    let name = free_name(&project, &relative, name)?;
    let mut definitions = project.definitions().clone();
    let mut definition = DataDef::at(relative);
    let files = found.table_files();
    if format_of(None, files.iter().map(|file| file.name.as_str())) == Some(Format::Csv) {
        let recognised = csv::recognise(&files);
        definition.separator = recognised.separator;
        definition.decimal = recognised.decimal;
    }
    definitions.data.insert(name.clone(), definition);
    let project = project.with_definitions(definitions);
    Ok((project, name))
}

/// The text of `mlops.toml` with the definitions that it lacks; none if it lacks none.
pub(super) fn text_with_new_definitions(project: &Project) -> Result<Option<String>> {
    let file = project.definitions_path();
    let known = Definitions::read(&file)?;
    let new = project.definitions().data.iter().filter(|(name, _)| !known.data.contains_key(*name));
    let tables: String = new.map(|(name, definition)| table_of_new(name, definition)).collect();
    if tables.is_empty() { Ok(None) } else { text_with_tables(&file, &tables).map(Some) }
}

/// The table of a dataset that was made by [`register_path`], as text of `mlops.toml`.
pub fn table_of_new(name: &Name, definition: &DataDef) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned());
    let mut text = format!("\n[data.{}]\npath = {}\n", quoted_key(name), quoted(&definition.path));
    for (key, mark) in [("separator", definition.separator), ("decimal", definition.decimal)] {
        if let Some(mark) = mark {
            text += &format!("{key} = {}\n", quoted(&mark.to_string()));
        }
    }
    text
}

/// The file's or folder's own name, unless it is taken.
fn free_name(project: &Project, relative: &str, wanted: Option<&Name>) -> Result<Name> {
    let plain: Vec<&str> = relative.split('/').filter(|part| !part.contains(['*', '?', '[', '{'])).collect();
    let last = plain.last().copied().unwrap_or("data");
    let stem = Path::new(last).file_stem().and_then(|s| s.to_str()).unwrap_or(last);
    let from_stem = || Name::from_stem(stem).map_err(|e| e.hint("give it another name with --name"));
    let name = wanted.map_or_else(from_stem, |name| Ok(name.clone()))?;
    if project.definitions().data.contains_key(&name) {
        return Err(Error::conflict(format!("a dataset \"{name}\" with another path is defined already"))
            .hint("give it another name with --name"));
    }
    Ok(name)
}
