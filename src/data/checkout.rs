//! Putting a version's files into the workspace, exactly. Everything is looked at first; then all files are written under
//! `.mlops/tmp`, each checked against its hash; only then are old files removed and the new ones given their names. So an interruption, a
//! full disk or a damaged content leaves the workspace as it was.

use super::checkout_guards::{in_the_way, nothing_in_the_way, nothing_is_lost, stays_inside};
use super::manifest::FileEntry;
use super::version::{current_version, manifest_of, resolve};
use super::workspace_files::{Scan, scan_pattern};
use crate::error::{Error, Result};
use crate::ledger::{DatasetVersion, Ledger};
use crate::progress::Progress;
use crate::project::{Lock, LockFile, Project, Reference};
use crate::store::Hash;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// One dataset's part of the outcome.
#[derive(Debug, Serialize)]
pub struct CheckedOut {
    /// The dataset.
    pub name: String,
    /// The version's number.
    pub version: u32,
    /// Its hash.
    pub hash: Hash,
    /// Files written.
    pub written: usize,
    /// Files removed.
    pub removed: usize,
}

/// What was checked out.
#[derive(Debug, Serialize)]
pub struct CheckoutOutcome {
    /// One entry a dataset.
    pub datasets: Vec<CheckedOut>,
}

/// Checks out the versions; none named means every one in `mlops.lock`. `force` overwrites local changes.
pub fn checkout(project: &Project, what: &[Reference], force: bool, progress: &Progress) -> Result<CheckoutOutcome> {
    let _lock = Lock::acquire(project, "data")?;
    let mut ledger = project.ledger()?;
    let versions = versions(project, &ledger, what)?;
    let plans =
        versions.into_iter().map(|v| plan(project, &mut ledger, v, force, progress)).collect::<Result<Vec<_>>>()?;
    refuse_contradictions(&plans)?;
    let folder = project.store().temporary_folder()?;
    let staged =
        plans.iter().enumerate().map(|(at, plan)| plan.stage(project, &folder.path().join(at.to_string()), progress));
    let staged: Vec<Vec<PathBuf>> = staged.collect::<Result<_>>()?;
    if !force {
        plans.iter().try_for_each(Plan::looks_as_before)?;
    }
    let mut datasets = Vec::new();
    let mut lock_file = LockFile::read(project)?;
    for (plan, staged) in plans.iter().zip(&staged) {
        datasets.push(plan.carry_out(project, staged)?);
        lock_file.versions.insert(plan.version.name.clone(), plan.version.hash);
    }
    lock_file.write(project)?;
    Ok(CheckoutOutcome { datasets })
}

/// The versions that are meant, each dataset once.
fn versions(project: &Project, ledger: &Ledger, what: &[Reference]) -> Result<Vec<DatasetVersion>> {
    if what.is_empty() {
        let locked = LockFile::read(project)?.versions;
        return locked.keys().map(|name| current_version(project, ledger, name)).collect();
    }
    let mut versions: Vec<DatasetVersion> = Vec::new();
    for reference in what {
        let version = resolve(project, ledger, reference)?;
        match versions.iter().find(|other| other.name == version.name) {
            None => versions.push(version),
            Some(other) if other.hash == version.hash => {}
            Some(other) => {
                let (name, one, two) = (&version.name, other.version, version.version);
                return Err(Error::invalid(format!("{name}@{one} and {name}@{two} can't both be checked out"))
                    .hint("name one of them"));
            }
        }
    }
    Ok(versions)
}

struct Plan {
    version: DatasetVersion,
    /// What was found in the workspace.
    found: Scan,
    /// All files of the version.
    target: Vec<FileEntry>,
    write: Vec<FileEntry>,
    remove: Vec<String>,
}

fn plan(
    project: &Project,
    ledger: &mut Ledger,
    version: DatasetVersion,
    force: bool,
    progress: &Progress,
) -> Result<Plan> {
    project.dataset(&version.name)?;
    let target = manifest_of(project, &version.hash)?;
    // Where the version's files were, whatever the dataset's path is today.
    let found = scan_pattern(project, target.pattern().clone())?;
    if found.base.is_file() {
        return Err(in_the_way(&found.base, "a file, and a folder is to be there"));
    }
    let now = found.manifest(project, ledger, None, progress)?;
    let write: Vec<_> = target.files().iter().filter(|f| now.get(&f.path) != Some(f)).cloned().collect();
    let remove: Vec<_> = now.files().iter().filter(|f| target.get(&f.path).is_none()).map(|f| f.path.clone()).collect();
    let touched = || write.iter().map(|f| f.path.as_str()).chain(remove.iter().map(String::as_str));
    stays_inside(project, &found.base, touched())?;
    nothing_in_the_way(&found.base, &write, &touched().collect())?;
    if !force {
        nothing_is_lost(project, ledger, &version, &found.base, &now, touched())?;
    }
    Ok(Plan { version, found, target: target.files().to_vec(), write, remove })
}

/// Datasets may share files; then their versions have to agree on them.
fn refuse_contradictions(plans: &[Plan]) -> Result<()> {
    if plans.len() < 2 {
        return Ok(());
    }
    let refused = |one: &Plan, two: &Plan, path: &Path| {
        let name = |plan: &Plan| format!("{}@{}", plan.version.name, plan.version.version);
        Err(Error::conflict(format!("{} and {} do not agree on {}", name(one), name(two), path.display()))
            .hint("check out one of them alone"))
    };
    let mut wanted: HashMap<PathBuf, (&Plan, &FileEntry)> = HashMap::new();
    for plan in plans {
        for file in &plan.target {
            let full = plan.found.base.join(&file.path);
            let same = |other: &FileEntry| (other.hash, other.executable) == (file.hash, file.executable);
            match wanted.get(&full) {
                Some((other, entry)) if !same(entry) => return refused(other, plan, &full),
                Some(_) => {}
                None => drop(wanted.insert(full, (plan, file))),
            }
        }
    }
    for plan in plans {
        for path in &plan.remove {
            let full = plan.found.base.join(path);
            if let Some((other, _)) = wanted.get(&full) {
                return refused(other, plan, &full);
            }
        }
    }
    Ok(())
}

/// Removes the folder and those in it, as far as they hold no files.
fn remove_empty_folders(folder: &Path) {
    if std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir()) {
        let entries = walkdir::WalkDir::new(folder).contents_first(true).into_iter().flatten();
        // What can't be removed is named when the file is to be written.
        entries.for_each(|entry| drop(std::fs::remove_dir(entry.path())));
    }
}

impl Plan {
    /// Writes the files into `folder`, checked; where each lies.
    fn stage(&self, project: &Project, folder: &Path, progress: &Progress) -> Result<Vec<PathBuf>> {
        let store = project.store();
        std::fs::create_dir(folder).map_err(|e| Error::io("create", folder, e))?;
        let step = progress.step("writing files", Some(self.write.len() as u64));
        let write = |(at, file): (usize, &FileEntry)| {
            step.check()?;
            let place = folder.join(at.to_string());
            store.export_new(&file.hash, &place, file.executable)?;
            step.advance(1);
            Ok(place)
        };
        self.write.par_iter().enumerate().map(write).collect()
    }

    /// Refuses to go on if a file that is about to go was changed since it was looked at.
    fn looks_as_before(&self) -> Result<()> {
        let touched = self.write.iter().map(|file| file.path.as_str()).chain(self.remove.iter().map(String::as_str));
        self.found.look_as_before(&touched.collect())
    }

    fn carry_out(&self, project: &Project, staged: &[PathBuf]) -> Result<CheckedOut> {
        let (store, base) = (project.store(), &self.found.base);
        // First, because a file may take the place of a folder or the other way round.
        for path in &self.remove {
            let full = Project::inside(base, path)?;
            match std::fs::remove_file(&full) {
                // Another dataset's plan had it too.
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                done => done.map_err(|e| Error::io("remove", &full, e))?,
            }
            let empty = full.ancestors().skip(1).take_while(|d| d != base);
            for folder in empty {
                if std::fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
        let mut folders = BTreeSet::new();
        for file in &self.write {
            let full = Project::inside(base, &file.path)?;
            remove_empty_folders(&full);
            folders.extend(full.parent().map(Path::to_owned));
        }
        for folder in folders {
            std::fs::create_dir_all(&folder).map_err(|e| Error::io("create", folder, e))?;
        }
        self.write.par_iter().zip(staged).try_for_each(|(file, staged)| {
            let full = Project::inside(base, &file.path)?;
            match std::fs::rename(staged, &full) {
                Err(e) if e.kind() == ErrorKind::CrossesDevices => store.export(&file.hash, &full, file.executable),
                done => done.map_err(|e| Error::io("write", &full, e)),
            }
        })?;
        Ok(CheckedOut {
            name: self.version.name.to_string(),
            version: self.version.version,
            hash: self.version.hash,
            written: self.write.len(),
            removed: self.remove.len(),
        })
    }
}
