//! Recording a new version: contents into the store, manifest into the store, then the ledger's row and
//! `mlops.lock`. Contracts are checked before anything is recorded.

use super::contracts::{CheckOutcome, broken_error, check_tables};
use super::format::format_of;
use super::new_dataset::{register_path, write_new_definitions};
use super::table::{one_table, open_each};
use super::workspace_files::{Scan, scan};
use crate::error::{Error, Result};
use crate::ledger::{DatasetVersion, Ledger, SchemaColumn};
use crate::progress::Progress;
use crate::project::{DataDef, GitRepository, Lock, LockFile, Name, Project, Severity};
use crate::store::Hash;
use serde::Serialize;
use std::path::Path;

/// What to add and how.
#[derive(Debug, Default)]
pub struct AddOptions {
    /// Names of `mlops.toml`, or paths relative to the working directory; empty means every dataset.
    pub what: Vec<String>,
    /// The person's message, kept with the version.
    pub message: String,
}

/// One dataset's part of the outcome.
#[derive(Debug, Clone, Serialize)]
pub struct Added {
    /// The dataset.
    pub name: Name,
    /// The version's number.
    pub version: u32,
    /// The hash of its manifest.
    pub hash: Hash,
    /// Files in it.
    pub files: u64,
    /// Bytes of all files together.
    pub bytes: u64,
    /// Rows, if it is a table.
    pub rows: Option<u64>,
    /// Whether it differs from the version `mlops.lock` named before.
    pub changed: bool,
    /// Contracts of severity `warn` that are broken.
    pub warnings: Vec<CheckOutcome>,
}

/// What was added.
#[derive(Debug, Serialize)]
pub struct AddOutcome {
    /// One entry a dataset.
    pub datasets: Vec<Added>,
}

/// Records a version of each dataset. All or none: the first broken contract or unreadable file leaves ledger and
/// lock file as they were.
pub fn add(project: Project, from: &Path, options: &AddOptions, progress: &Progress) -> Result<(Project, AddOutcome)> {
    let lock = Lock::acquire(&project, "data")?;
    // Another command may have defined datasets while this one waited for the lock.
    let mut project = project.reopened()?;
    let names;
    (project, names) = define(project, from, &options.what)?;
    let mut ledger = project.ledger()?;
    let mut prepared = Vec::new();
    for name in &names {
        let step = progress.step(format!("adding {name}"), None);
        prepared.push(prepare(&project, &mut ledger, name, &options.message, &step)?);
    }
    write_new_definitions(&project)?;
    let mut lock_file = LockFile::read(&project)?;
    let mut datasets = Vec::new();
    let (versions, warnings): (Vec<_>, Vec<_>) = prepared.into_iter().unzip();
    for (recorded, warnings) in ledger.record_datasets(&versions)?.into_iter().zip(warnings) {
        let before = lock_file.versions.insert(recorded.name.clone(), recorded.hash);
        datasets.push(Added {
            changed: before != Some(recorded.hash),
            name: recorded.name,
            version: recorded.version,
            hash: recorded.hash,
            files: recorded.files,
            bytes: recorded.bytes,
            rows: recorded.rows,
            warnings,
        });
    }
    lock_file.write(&project)?;
    drop(lock);
    for Added { name, version, hash, changed, files, bytes, .. } in &datasets {
        tracing::info!(dataset = %name, version, hash = hash.short(), changed, files, bytes, "dataset recorded");
    }
    Ok((project, AddOutcome { datasets }))
}

/// The datasets that `what` names, all of them if it is empty. A path that belongs to no dataset is defined as a new
/// one in the project that is returned; `mlops.toml` is written later.
fn define(mut project: Project, from: &Path, what: &[String]) -> Result<(Project, Vec<Name>)> {
    let mut names = Vec::new();
    for what in what {
        let known = Name::parse(what).ok().filter(|n| project.definitions().data.contains_key(n));
        let name = match known {
            Some(name) => name,
            None => {
                let (opened, name) = register_path(project, from, what)?;
                project = opened;
                name
            }
        };
        names.push(name);
    }
    if what.is_empty() {
        names.extend(project.definitions().data.keys().cloned());
    }
    if names.is_empty() {
        return Err(Error::invalid("nothing to add").hint("name a file or folder, or define [data.NAME] in mlops.toml"));
    }
    Ok((project, names))
}

/// Stores contents and manifest and says what the ledger's row will be.
fn prepare(
    project: &Project,
    ledger: &mut Ledger,
    name: &Name,
    message: &str,
    progress: &Progress,
) -> Result<(DatasetVersion, Vec<CheckOutcome>)> {
    let definition = project.dataset(name)?;
    let found = scan(project, &definition.path)?;
    if found.files.is_empty() {
        return Err(Error::not_found(format!("dataset \"{name}\": nothing matches {}", definition.path))
            .hint("put the files there, or mend the path in mlops.toml"));
    }
    let (rows, schema, warnings) =
        inspect(&found, definition, progress).map_err(|e| e.at(format!("dataset {name}")))?;
    let store = project.store();
    let batch = store.batch();
    let manifest = found.manifest(project, ledger, Some(&batch), progress)?;
    let hash = batch.put(&manifest.encode()?)?.hash;
    batch.commit()?;
    let version = DatasetVersion {
        name: name.clone(),
        version: 0,
        hash,
        created: 0,
        files: manifest.files().len() as u64,
        bytes: manifest.bytes(),
        rows,
        schema,
        message: message.to_owned(),
        commit: GitRepository::around(project.root()).and_then(|git| git.head()),
    };
    Ok((version, warnings))
}

type Inspected = (Option<u64>, Vec<SchemaColumn>, Vec<CheckOutcome>);

/// Rows and columns, if the files are a table, and whether the contracts hold.
fn inspect(found: &Scan, definition: &DataDef, progress: &Progress) -> Result<Inspected> {
    let Some(format) = format_of(definition.format, found.files.iter().map(|(_, name)| name.as_str())) else {
        if definition.expect.is_empty() {
            return Ok((None, Vec::new(), Vec::new()));
        }
        return Err(
            Error::invalid("it has contracts but is not a table").hint("give its format: csv, parquet or jsonl")
        );
    };
    let files = found.table_files();
    let tables = open_each(&files, format)?;
    let checks = check_tables(&tables, &definition.expect, progress)?;
    let table = one_table(tables, format)?;
    let rows = table.rows()?;
    let (warned, blocked): (Vec<_>, Vec<_>) =
        checks.into_iter().filter(|c| !c.passed).partition(|c| c.severity == Severity::Warn);
    match blocked.first() {
        Some(_) => Err(broken_error(&blocked)),
        None => Ok((Some(rows), table.schema().to_vec(), warned)),
    }
}
