//! From a reference to a recorded version, its manifest and its table.

use super::csv::KnownForm;
use super::format::format_of;
use super::manifest::{FileEntry, Manifest};
use super::table::{Table, open_known_files, read_known_file};
use super::table_files::{TableContent, TableFile};
use super::workspace_files::scan;
use crate::error::{Error, Result};
use crate::ledger::{DatasetVersion, Ledger};
use crate::project::{CsvForm, DataDef, LockFile, Name, Project, Reference, Selector};
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
            .hint("it was recorded on another machine: bring its .mlops/objects, or check out another mlops.lock")
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
    let known = KnownForm::of(manifest.csv_form())?.with_texts(texts);
    open_known_files(&files, format, &known).map_err(|e| e.at(format!("dataset {}", version.name)))
}

/// What the user calls a table: a file if there is one of that name, else a dataset reference.
pub fn read_table(project: &Project, ledger: &Ledger, from: &Path, text: &str) -> Result<Table> {
    read_table_hashed(project, ledger, from, text).map(|(table, _)| table)
}

/// The same, for a model that takes these columns as texts: in a CSV file digits are such texts too.
pub fn read_table_with(
    project: &Project,
    ledger: &Ledger,
    from: &Path,
    text: &str,
    texts: &BTreeSet<String>,
) -> Result<Table> {
    named_table(project, ledger, from, text, texts).map(|(table, _)| table)
}

/// The same, and the hash of its content: of the file's bytes, or the version's.
pub fn read_table_hashed(project: &Project, ledger: &Ledger, from: &Path, text: &str) -> Result<(Table, Hash)> {
    named_table(project, ledger, from, text, &BTreeSet::new())
}

fn named_table(
    project: &Project,
    ledger: &Ledger,
    from: &Path,
    text: &str,
    texts: &BTreeSet<String>,
) -> Result<(Table, Hash)> {
    let path = from.join(text);
    if path.is_file() {
        return Ok((file_table(project, &path, texts)?, Store::hash_file(&path)?.hash));
    }
    let reference = Reference::parse(text).map_err(|_| {
        Error::not_found(format!("{text} is neither a file nor a dataset")).hint("`mlops data list` shows the datasets")
    })?;
    let version = resolve(project, ledger, &reference)?;
    Ok((table_with(project, &version, texts)?, version.hash))
}

/// A file as a table. If it belongs to a dataset it is written as that says.
pub fn read_project_file(project: &Project, path: &Path) -> Result<Table> {
    file_table(project, path, &BTreeSet::new())
}

fn file_table(project: &Project, path: &Path, texts: &BTreeSet<String>) -> Result<Table> {
    read_known_file(path, &KnownForm::of(&form_of_file(project, path))?.with_texts(texts))
}

/// How a file is written that belongs to a dataset: as the dataset's keys say. Of another one nothing is known.
fn form_of_file(project: &Project, path: &Path) -> CsvForm {
    let said = |definition: &&DataDef| !definition.csv_form().is_empty();
    let mut definitions = project.definitions().data.values().filter(said);
    let found = definitions.find(|definition| has_file(project, definition, path));
    found.map_or_else(CsvForm::default, DataDef::csv_form)
}

/// Whether a file belongs to a dataset.
pub(super) fn has_file(project: &Project, definition: &DataDef, path: &Path) -> bool {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    scan(project, &definition.path).is_ok_and(|found| found.files.iter().any(|(file, _)| *file == real))
}
