//! From a reference to a recorded version, its manifest and its table.

use super::csv::KnownForm;
use super::format::{by_ending, format_of};
use super::manifest::{FileEntry, Manifest};
use super::path_pattern::is_plain;
use super::table::{Table, open_each, open_known_files, read_known_file};
use super::table_files::{TableContent, TableFile};
use super::workspace_files::pattern_of;
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::{DatasetVersion, Ledger};
use crate::project::{CsvForm, DataDef, Format, LockFile, Name, Project, Reference, Selector};
use crate::store::{Hash, Store};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

/// The recorded version a reference names. A bare name is the version in `mlops.lock`.
pub fn resolve(project: &Project, ledger: &Ledger, reference: &Reference) -> Result<DatasetVersion> {
    if let Some((name, selector)) = reference.named() {
        let versions = ledger.dataset_versions(name)?;
        let found = match selector {
            Selector::Bare if !versions.is_empty() => return current_version(project, ledger, name),
            Selector::Bare | Selector::Latest => versions.first(),
            Selector::Version(number) => versions.iter().find(|v| v.version == *number),
            Selector::Alias(prefix) => {
                let mut found = versions.iter().filter(|v| v.hash.to_string().starts_with(prefix.as_str()));
                let (first, others) = (found.next(), found.count());
                if others > 0 {
                    let count = others + 1;
                    return Err(Error::invalid(format!("{prefix} begins the hashes of {count} versions of {name}"))
                        .hint("write more of the hash"));
                }
                first
            }
        };
        if let Some(version) = found {
            return Ok(version.clone());
        }
        if let Some(newest) = versions.first() {
            return Err(Error::not_found(format!("dataset \"{name}\" has no version \"{}\"", reference.text()))
                .hint(format!("versions go from 1 to {}; see `mlops data log {name}`", newest.version)));
        }
        if reference.hash_prefix().is_none() {
            project.dataset(name)?;
            return Err(Error::not_found(format!("dataset \"{name}\" has no version yet"))
                .hint(format!("record one with `mlops data add {name}`")));
        }
    }
    let prefix = reference.hash_prefix().unwrap_or_default();
    let mut found = ledger.datasets_by_hash(prefix)?;
    found.dedup_by(|a, b| a.hash == b.hash);
    match (found.len(), found.pop()) {
        (1, Some(version)) => Ok(version),
        (0, _) => Err(Error::not_found(format!("no dataset version has a hash that begins with {prefix}"))
            .hint("`mlops data list` and `mlops data log NAME` show them")),
        (n, _) => {
            Err(Error::invalid(format!("{prefix} begins the hashes of {n} versions")).hint("write more of the hash"))
        }
    }
}

/// The version `mlops.lock` names.
pub fn current_version(project: &Project, ledger: &Ledger, name: &Name) -> Result<DatasetVersion> {
    let lock = LockFile::read(project)?;
    let hash = lock.versions.get(name).ok_or_else(|| {
        Error::not_found(format!("dataset \"{name}\" has no version yet"))
            .hint(format!("record one with `mlops data add {name}`"))
    })?;
    let versions = ledger.dataset_versions(name)?;
    versions.into_iter().find(|v| v.hash == *hash).ok_or_else(|| {
        Error::not_found(format!("version {} of \"{name}\", named in mlops.lock, is not in this ledger", hash.short()))
            .hint("it was recorded on another machine: copy the whole .mlops folder from there; or, where its files are here, record them: mlops data add")
    })
}

/// The files of the version with this hash.
pub fn manifest_of(project: &Project, hash: &Hash) -> Result<Manifest> {
    Manifest::decode(&project.store().read(hash)?)
}

/// The version's rows as a table, its blobs verified first.
pub fn table_of(project: &Project, version: &DatasetVersion) -> Result<Table> {
    table_with(project, version, &BTreeSet::new())
}

/// The same; columns of CSV files that are called like one of `texts` are texts.
fn table_with(project: &Project, version: &DatasetVersion, texts: &BTreeSet<String>) -> Result<Table> {
    let (files, format, csv) = files_of(project, version)?;
    let known = KnownForm::of(&csv)?.with_texts(texts);
    open_known_files(&files, format, &known).map_err(|e| e.at(format!("dataset {}", version.name)))
}

/// Each file of the version as a table of its own, with its name.
pub(super) fn tables_of(project: &Project, version: &DatasetVersion) -> Result<Vec<(String, Table)>> {
    let (files, format, csv) = files_of(project, version)?;
    open_each(&files, format, &KnownForm::of(&csv)?).map_err(|e| e.at(format!("dataset {}", version.name)))
}

/// The version's files from the store, their format, and how CSV files among them are written.
fn files_of(project: &Project, version: &DatasetVersion) -> Result<(Vec<TableFile>, Format, CsvForm)> {
    let manifest = manifest_of(project, &version.hash)?;
    let store = project.store();
    let file = |entry: &FileEntry| {
        let content = TableContent::Blob(store.open(&entry.hash)?);
        Ok(TableFile { name: entry.path.clone(), content })
    };
    let files = manifest.files().par_iter().map(file).collect::<Result<Vec<TableFile>>>()?;
    let declared = project.definitions().data.get(&version.name).and_then(|d| d.format);
    let format = format_of(declared, files.iter().map(|f| f.name.as_str())).ok_or_else(|| {
        Error::invalid(format!("dataset \"{}\" is not a table", version.name))
            .hint("give its format in mlops.toml: csv, parquet or jsonl")
    })?;
    Ok((files, format, manifest.csv_form().clone()))
}

/// What the user calls a table: a file if there is one of that name, else a dataset reference.
pub fn read_table(project: &Project, ledger: &Ledger, from: &Path, text: &str) -> Result<Table> {
    read_table_with(project, ledger, from, text, &ReadAs::default())
}

/// As what CSV is read for a model.
#[derive(Debug, Default)]
pub struct ReadAs {
    /// Columns that it takes as texts: in a CSV file digits are such texts too.
    pub texts: BTreeSet<String>,
    /// How the files were written that it learned from.
    pub csv: CsvForm,
}

/// The same, for a model.
pub fn read_table_with(project: &Project, ledger: &Ledger, from: &Path, text: &str, read_as: &ReadAs) -> Result<Table> {
    read_table_hashed(project, ledger, from, text, read_as).map(|(table, _)| table)
}

/// The same, and the hash of its content: of the file's bytes, or the version's.
pub fn read_table_hashed(
    project: &Project,
    ledger: &Ledger,
    from: &Path,
    text: &str,
    read_as: &ReadAs,
) -> Result<(Table, Hash)> {
    let path = from.join(text);
    if path.is_file() {
        return Ok((file_table(project, &path, read_as)?, Store::hash_file(&path)?.hash));
    }
    let reference = Reference::parse(text).map_err(|_| {
        Error::not_found(format!("{text} is neither a file nor a dataset")).hint("`mlops data list` shows the datasets")
    })?;
    let version = resolve(project, ledger, &reference).map_err(|e| match by_ending(text) {
        Some(_) if e.kind() == ErrorKind::NotFound => no_file(&path, text),
        _ => e,
    })?;
    Ok((table_with(project, &version, &read_as.texts)?, version.hash))
}

/// The error of a name that looks like a file's and is none.
fn no_file(path: &Path, text: &str) -> Error {
    let folder = path.parent().and_then(|folder| std::fs::read_dir(folder).ok());
    let names = folder.into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names: Vec<String> = names.collect();
    let (known, name) = (names.iter().map(String::as_str).collect::<Vec<_>>(), path.file_name().unwrap_or_default());
    let otherwise = || "`mlops data list` shows the datasets".to_owned();
    Error::not_found(format!("there is no file {text}, and no dataset of that name")).did_you_mean(
        &name.to_string_lossy(),
        &known,
        otherwise,
    )
}

/// A file as a table. If it belongs to a dataset it is written as that says.
pub fn read_project_file(project: &Project, path: &Path) -> Result<Table> {
    file_table(project, path, &ReadAs::default())
}

/// One that belongs to a dataset is written as that says, another CSV file as those that the model learned from.
fn file_table(project: &Project, path: &Path, read_as: &ReadAs) -> Result<Table> {
    if let Some((name, definition)) = owner(project, path)? {
        let known = KnownForm::of(&definition.csv_form())?.with_texts(&read_as.texts);
        return read_known_file(path, &known).map_err(|e| e.at(format!("dataset {name}")));
    }
    let is_csv = path.to_str().and_then(by_ending) == Some(Format::Csv);
    let known = match is_csv && !read_as.csv.is_empty() {
        true => KnownForm::of(&read_as.csv)?.of_others(),
        false => KnownForm::default(),
    };
    let is_said = known.is_said();
    read_known_file(path, &known.with_texts(&read_as.texts)).map_err(|e| match (is_said, e.hint_text()) {
        (true, Some(hint)) => {
            let hint = format!("{hint}. {AS_OTHERS}");
            e.hint(hint)
        }
        (true, None) => e.hint(AS_OTHERS),
        (false, _) => e,
    })
}

/// Why a file is read as it is, and how to read it otherwise.
const AS_OTHERS: &str = "It is read as the files of the dataset that it is meant for; a file that is written another way is read by \
    its own keys: path, separator, decimal, dates under [data.NAME] in mlops.toml";

/// The dataset that a file belongs to.
fn owner<'a>(project: &'a Project, path: &Path) -> Result<Option<(&'a Name, &'a DataDef)>> {
    for (name, definition) in &project.definitions().data {
        if has_file(project, definition, path)? {
            return Ok(Some((name, definition)));
        }
    }
    Ok(None)
}

/// The dataset that a text means: by its name, or as the file of one.
pub fn dataset_of(project: &Project, from: &Path, text: &str) -> Result<Option<Name>> {
    let path = from.join(text);
    if !path.is_file() {
        let named = Reference::parse(text).ok().and_then(|reference| reference.named().map(|(name, _)| name.clone()));
        return Ok(named.filter(|name| project.definitions().data.contains_key(name)));
    }
    Ok(owner(project, &path)?.map(|(name, _)| name.clone()))
}

/// The dataset that a file belongs to, whether it is there yet or not.
pub fn owner_of(project: &Project, path: &Path) -> Result<Option<Name>> {
    for (name, definition) in &project.definitions().data {
        if has_file(project, definition, path)? {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

/// Whether a file belongs to a dataset, by its own name or that of the file that it links to.
pub(super) fn has_file(project: &Project, definition: &DataDef, path: &Path) -> Result<bool> {
    let pattern = pattern_of(project, &definition.path)?;
    let base = project.root().join(pattern.base());
    let matches = pattern.matcher()?;
    let real = path.canonicalize().ok();
    let is_own = |path: &Path| {
        let name = path.strip_prefix(&base).ok().and_then(Path::to_str);
        name.is_some_and(|name| is_plain(name) && matches(name))
    };
    // The one file of a dataset may be a link to this one.
    let only = pattern.file_name().and_then(|name| base.join(name).canonicalize().ok());
    Ok(is_own(path) || real.as_deref().is_some_and(is_own) || (only.is_some() && only == real))
}
