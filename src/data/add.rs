//! Recording a new version: contents into the store, manifest into the store, then the ledger's row and
//! `mlops.lock`. Contracts are checked before anything is recorded.

use super::contracts::{CheckOutcome, broken_error, check_key, check_tables};
use super::csv::KnownForm;
use super::format::format_of;
use super::new_dataset::{register_path, text_with_new_definitions};
use super::schema_diff::{SchemaDiff, schema_diff};
use super::table::{one_table, open_each};
use super::workspace_files::{Scan, pattern_of, scan};
use crate::error::{Error, Result};
use crate::ledger::{DatasetVersion, Ledger, SchemaColumn};
use crate::progress::Progress;
use crate::project::{
    self, DataDef, GitRepository, Lock, LockFile, Name, Project, Severity, TrackedAnywhere, write_definitions,
};
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
    /// What to call a new dataset; the path's own name without it.
    pub name: Option<Name>,
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
    /// What its columns are, against the version before.
    pub schema: Option<SchemaDiff>,
    /// Whether git keeps files of it, too.
    pub tracked_by_git: bool,
    /// Of a first version: other datasets whose path means some of its files as well.
    pub also_in: Vec<Name>,
}

/// What was added.
#[derive(Debug, Serialize)]
pub struct AddOutcome {
    /// One entry a dataset.
    pub datasets: Vec<Added>,
    /// Lines that `.gitignore` got, so that git leaves the data alone.
    pub ignored: Vec<String>,
}

/// Records a version of each dataset. All or none: the first broken contract or unreadable file leaves ledger and
/// lock file as they were.
pub fn add(project: Project, from: &Path, options: &AddOptions, progress: &Progress) -> Result<(Project, AddOutcome)> {
    add_defined(project, &options.message, progress, |project| {
        let (project, names) = define(project, from, options)?;
        let text = text_with_new_definitions(&project)?;
        Ok(Additions { project, names, text })
    })
}

/// What is to be added.
pub struct Additions {
    /// The project with the definitions that are new.
    pub project: Project,
    /// The datasets.
    pub names: Vec<Name>,
    /// What `mlops.toml` says with the new definitions; none if there are none.
    pub text: Option<String>,
}

/// The same, where `define` says what is meant. It is asked under the lock, so two commands that define something do not lose each
/// other's definitions; `mlops.toml` is written once everything else succeeded.
pub fn add_defined(
    project: Project,
    message: &str,
    progress: &Progress,
    define: impl FnOnce(Project) -> Result<Additions>,
) -> Result<(Project, AddOutcome)> {
    let lock = Lock::acquire(&project, "data")?;
    // Another command may have defined datasets while this one waited for the lock.
    let Additions { project, names, text } = define(project.reopened()?)?;
    let mut ledger = project.ledger()?;
    let mut lock_file = LockFile::read(&project)?;
    if GitRepository::around(project.root()).is_some() {
        project::can_ignore(project.root())?;
    }
    let mut prepared = Vec::new();
    let mut tracked = TrackedAnywhere::default();
    for name in &names {
        let step = progress.step(format!("adding {name}"), None);
        let locked = lock_file.versions.get(name).copied();
        prepared.push(prepare(&project, &mut ledger, name, (message, locked), &mut tracked, &step)?);
    }
    if let Some(text) = text {
        write_definitions(&project.definitions_path(), &text)?;
    }
    let mut datasets = Vec::new();
    let lines: Vec<String> = prepared.iter().flat_map(|(_, notices)| notices.ignore.clone()).collect();
    let (versions, notices): (Vec<_>, Vec<_>) = prepared.into_iter().unzip();
    for (recorded, notices) in ledger.record_datasets(&versions)?.into_iter().zip(notices) {
        let before = lock_file.versions.insert(recorded.name.clone(), recorded.hash);
        datasets.push(Added {
            changed: before != Some(recorded.hash),
            name: recorded.name,
            version: recorded.version,
            hash: recorded.hash,
            files: recorded.files,
            bytes: recorded.bytes,
            rows: recorded.rows,
            warnings: notices.warnings,
            schema: notices.schema,
            tracked_by_git: notices.tracked_by_git,
            also_in: notices.also_in,
        });
    }
    lock_file.write(&project)?;
    // All is recorded: that git would keep the data as well is no reason to say that it is not.
    let ignored = if lines.is_empty() { Ok(lines) } else { project::ignore(project.root(), &lines) };
    let ignored = ignored.unwrap_or_else(|e| {
        tracing::warn!(error = e.with_causes(), ".gitignore can't be written");
        Vec::new()
    });
    drop(lock);
    for Added { name, version, hash, changed, files, bytes, .. } in &datasets {
        tracing::info!(dataset = %name, version, hash = hash.short(), changed, files, bytes, "dataset recorded");
    }
    Ok((project, AddOutcome { datasets, ignored }))
}

/// The datasets that are named, all of them if none is. A path that belongs to no dataset is defined as a new
/// one in the project that is returned; `mlops.toml` is written later.
fn define(mut project: Project, from: &Path, options: &AddOptions) -> Result<(Project, Vec<Name>)> {
    let AddOptions { what, name, .. } = options;
    if name.is_some() && what.len() != 1 {
        return Err(Error::invalid(format!("--name is for one new dataset, and {} are meant", what.len()))
            .hint("mlops data add PATH --name NAME"));
    }
    let mut names = Vec::new();
    for what in what {
        let known = Name::parse(what).ok().filter(|n| project.definitions().data.contains_key(n));
        let name = match known {
            Some(known) if name.as_ref().is_some_and(|wanted| *wanted != known) => {
                return Err(Error::conflict(format!("{what} is a dataset already")).hint("leave --name out"));
            }
            Some(known) => known,
            None => {
                let (opened, name) = register_path(project, from, what, options.name.as_ref())?;
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
    (message, locked): (&str, Option<Hash>),
    tracked: &mut TrackedAnywhere,
    progress: &Progress,
) -> Result<(DatasetVersion, Notices)> {
    let definition = project.dataset(name)?;
    let found = scan(project, &definition.path)?;
    if found.files.is_empty() {
        return Err(Error::not_found(format!("dataset \"{name}\": nothing matches {}", definition.path))
            .hint("put the files there, or mend the path in mlops.toml"));
    }
    let versions = ledger.dataset_versions(name)?;
    let before = versions.iter().find(|version| Some(version.hash) == locked).or(versions.first());
    let (rows, schema, mut notices) =
        inspect(&found, definition, before, progress).map_err(|e| e.at(format!("dataset {name}")))?;
    if let Some(tracked) = tracked_by_git(project, &found, tracked)? {
        notices.tracked_by_git = tracked;
        let names = found.files.iter().map(|(_, name)| name.as_str());
        notices.ignore = if tracked { Vec::new() } else { found.pattern.ignore_lines(names) };
    }
    if versions.is_empty() {
        notices.also_in = others_with_files_of(project, name, &found)?;
    }
    let store = project.store();
    let batch = store.batch();
    let manifest = found.manifest(project, ledger, Some(&batch), progress)?.written_as(definition.csv_form());
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
    Ok((version, notices))
}

/// The other datasets whose path means a file of this one.
fn others_with_files_of(project: &Project, name: &Name, found: &Scan) -> Result<Vec<Name>> {
    let mut others = Vec::new();
    for (other, definition) in project.definitions().data.iter().filter(|(other, _)| *other != name) {
        let pattern = pattern_of(project, &definition.path)?;
        let (base, matches) = (project.root().join(pattern.base()), pattern.matcher()?);
        let has = |path: &Path| {
            let inner = path.strip_prefix(&base).ok().and_then(Path::to_str);
            inner.is_some_and(|inner| matches(&inner.replace('\\', "/")))
        };
        if found.files.iter().any(|(path, _)| has(path)) {
            others.push(other.clone());
        }
    }
    Ok(others)
}

/// Whether git tracks a file of a dataset; none where there is no git, or nothing of the project is to change.
fn tracked_by_git(project: &Project, found: &Scan, tracked: &mut TrackedAnywhere) -> Result<Option<bool>> {
    if project.is_rehearsal() || GitRepository::around(project.root()).is_none() {
        return Ok(None);
    }
    for (path, _) in &found.files {
        if tracked.has(path)? {
            return Ok(Some(true));
        }
    }
    Ok(Some(false))
}

/// What to say of a version beside that it is there.
#[derive(Default)]
struct Notices {
    warnings: Vec<CheckOutcome>,
    schema: Option<SchemaDiff>,
    tracked_by_git: bool,
    also_in: Vec<Name>,
    /// Lines for `.gitignore`.
    ignore: Vec<String>,
}

type Inspected = (Option<u64>, Vec<SchemaColumn>, Notices);

/// Rows and columns, if the files are a table, whether the contracts hold, and what is new since the version `before`.
fn inspect(
    found: &Scan,
    definition: &DataDef,
    before: Option<&DatasetVersion>,
    progress: &Progress,
) -> Result<Inspected> {
    let Some(format) = format_of(definition.format, found.files.iter().map(|(_, name)| name.as_str())) else {
        if definition.expect.is_empty() {
            return Ok((None, Vec::new(), Notices::default()));
        }
        return Err(
            Error::invalid("it has contracts but is not a table").hint("give its format: csv, parquet or jsonl")
        );
    };
    let files = found.table_files();
    let tables = open_each(&files, format, &KnownForm::of(&definition.csv_form())?)?;
    let checks = check_tables(&tables, &definition.expect, progress)?;
    let table = one_table(tables, format)?;
    check_key(definition, &table)?;
    let rows = table.rows()?;
    let (warned, blocked): (Vec<_>, Vec<_>) =
        checks.into_iter().filter(|c| !c.passed).partition(|c| c.severity == Severity::Warn);
    if !blocked.is_empty() {
        return Err(broken_error(&blocked));
    }
    let schema = before.filter(|before| before.rows.is_some()).map(|before| schema_diff(before, &table)).transpose()?;
    let notices =
        Notices { warnings: warned, schema: schema.filter(|diff| !diff.columns.is_empty()), ..Notices::default() };
    Ok((Some(rows), table.schema().to_vec(), notices))
}
