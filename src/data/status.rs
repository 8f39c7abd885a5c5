//! How the workspace differs from the versions in `mlops.lock`.

use super::manifest::Manifest;
use super::version::manifest_of;
use super::workspace_files::scan;
use crate::error::{ErrorKind, Result};
use crate::progress::Progress;
use crate::project::{LockFile, Name, Project};
use crate::store::Hash;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a dataset's files in the workspace compare with its version in `mlops.lock`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DatasetState {
    /// The files are those of the version.
    Unchanged,
    /// Some file is new, gone, renamed or has other content, or CSV files are to be read otherwise.
    Changed,
    /// Never added.
    New,
    /// No file is in the workspace.
    Missing,
    /// `mlops.lock` names it and `mlops.toml` does not define it.
    Undefined,
    /// The version was recorded on another machine, and its files are not here.
    Unfetched,
    /// The version was recorded on another machine, and its files are here: git brought them.
    Unrecorded,
    /// Its files can't be looked at: `problem` says why.
    Unreadable,
}

impl DatasetState {
    /// The word in JSON and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            DatasetState::Unchanged => "unchanged",
            DatasetState::Changed => "changed",
            DatasetState::New => "new",
            DatasetState::Missing => "missing",
            DatasetState::Undefined => "undefined",
            DatasetState::Unfetched => "unfetched",
            DatasetState::Unrecorded => "unrecorded",
            DatasetState::Unreadable => "unreadable",
        }
    }
}

/// One dataset's state.
#[derive(Debug, Clone, Serialize)]
pub struct DatasetStatus {
    /// The dataset.
    pub name: Name,
    /// How its files compare with the version.
    pub state: DatasetState,
    /// The version in `mlops.lock`.
    pub locked: Option<Hash>,
    /// Files that are new.
    pub added: Vec<String>,
    /// Files whose content differs.
    pub changed: Vec<String>,
    /// Files that are gone.
    pub removed: Vec<String>,
    /// Files whose content is now under another name.
    pub renamed: Vec<(String, String)>,
    /// The version that the files are, if it is another one than `mlops.lock` names.
    pub recorded_as: Option<u32>,
    /// Whether `mlops.toml` says now that its CSV files are written another way.
    pub csv_form_changed: bool,
    /// Why its files can't be looked at.
    pub problem: Option<StatusProblem>,
}

/// Why a dataset's files can't be looked at.
#[derive(Debug, Clone, Serialize)]
pub struct StatusProblem {
    /// What is wrong, and where.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

/// Every dataset's state.
#[derive(Debug, Serialize)]
pub struct StatusOutcome {
    /// Whether everything is unchanged.
    pub clean: bool,
    /// One entry a dataset, sorted.
    pub datasets: Vec<DatasetStatus>,
}

/// Compares every dataset of `mlops.toml` and `mlops.lock` with the workspace.
pub fn status(project: &Project, progress: &Progress) -> Result<StatusOutcome> {
    let lock = LockFile::read(project)?;
    let mut ledger = project.ledger()?;
    let mut datasets = Vec::new();
    for (name, definition) in &project.definitions().data {
        let locked = lock.versions.get(name).copied();
        let kept = locked.filter(|hash| project.store().has(hash));
        let (found, before) = rayon::join(
            || scan(project, &definition.path),
            || kept.map_or(Ok(Manifest::default()), |hash| manifest_of(project, &hash)),
        );
        let before = before?;
        let found = match found {
            // What is wrong with one dataset hides nothing of the others.
            Err(e) if e.kind() == ErrorKind::Invalid => {
                let mut entry = compare(name.clone(), &before, &before);
                entry.locked = locked;
                entry.state = DatasetState::Unreadable;
                let hint = e.hint_text().map(str::to_owned);
                entry.problem = Some(StatusProblem { message: e.message().to_owned(), hint });
                datasets.push(entry);
                continue;
            }
            found => found?,
        };
        let now = found.manifest(project, &mut ledger, None, progress)?.written_as(definition.csv_form());
        let mut entry = compare(name.clone(), &before, &now);
        entry.locked = locked;
        let versions = ledger.dataset_versions(name)?;
        let is_known = |hash: &Hash| versions.iter().any(|version| version.hash == *hash);
        entry.state = match locked {
            None => DatasetState::New,
            Some(hash) if !is_known(&hash) && Hash::of(&now.encode()?) == hash => DatasetState::Unrecorded,
            Some(hash) if kept.is_none() || !is_known(&hash) => DatasetState::Unfetched,
            Some(_) if now.files().is_empty() => DatasetState::Missing,
            Some(_) if before.files() == now.files() && !entry.csv_form_changed => DatasetState::Unchanged,
            Some(_) => DatasetState::Changed,
        };
        if entry.state == DatasetState::Changed && !entry.csv_form_changed {
            let hash = Hash::of(&now.encode()?);
            entry.recorded_as = versions.iter().find(|version| version.hash == hash).map(|version| version.version);
        }
        datasets.push(entry);
    }
    for (name, hash) in lock.versions.iter().filter(|(name, _)| !project.definitions().data.contains_key(*name)) {
        let mut entry = compare(name.clone(), &Manifest::default(), &Manifest::default());
        entry.locked = Some(*hash);
        entry.state = DatasetState::Undefined;
        datasets.push(entry);
    }
    Ok(StatusOutcome { clean: datasets.iter().all(|d| d.state == DatasetState::Unchanged), datasets })
}

/// Files added, changed, removed and renamed between two manifests.
pub(super) fn compare(name: Name, before: &Manifest, now: &Manifest) -> DatasetStatus {
    let mut status = DatasetStatus {
        name,
        state: DatasetState::Unchanged,
        locked: None,
        added: Vec::new(),
        changed: Vec::new(),
        removed: Vec::new(),
        renamed: Vec::new(),
        recorded_as: None,
        csv_form_changed: before.csv_form() != now.csv_form() && !before.files().is_empty(),
        problem: None,
    };
    if before.files() == now.files() {
        return status;
    }
    let mut gone: BTreeMap<Hash, Vec<&str>> = BTreeMap::new();
    for old in before.files().iter().filter(|f| now.get(&f.path).is_none()).rev() {
        gone.entry(old.hash).or_default().push(&old.path);
    }
    for file in now.files() {
        match before.get(&file.path) {
            Some(old) if old == file => {}
            Some(_) => status.changed.push(file.path.clone()),
            None => match gone.get_mut(&file.hash).and_then(Vec::pop) {
                Some(old) => status.renamed.push((old.to_owned(), file.path.clone())),
                None => status.added.push(file.path.clone()),
            },
        }
    }
    status.removed = gone.into_values().flatten().map(str::to_owned).collect();
    status.removed.sort();
    status
}
