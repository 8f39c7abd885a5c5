//! Putting a version's files into the workspace, exactly. Local changes that no version holds are never overwritten
//! without force; content is verified on its way.

use super::manifest::{FileEntry, Manifest};
use super::version::{current_version, manifest_of, resolve};
use super::workspace_files::scan_pattern;
use crate::error::{Error, Result};
use crate::ledger::{DatasetVersion, Ledger};
use crate::progress::Progress;
use crate::project::{self, GitRepository, Lock, LockFile, Project, Reference};
use crate::store::Hash;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeSet;
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
    let mut versions = Vec::new();
    if what.is_empty() {
        for name in LockFile::read(project)?.versions.keys() {
            versions.push(current_version(project, &ledger, name)?);
        }
    }
    for reference in what {
        versions.push(resolve(project, &ledger, reference)?);
    }
    let plans =
        versions.into_iter().map(|v| plan(project, &mut ledger, v, force, progress)).collect::<Result<Vec<_>>>()?;
    let mut datasets = Vec::new();
    let mut lock_file = LockFile::read(project)?;
    for plan in &plans {
        datasets.push(plan.carry_out(project, progress)?);
        lock_file.versions.insert(plan.version.name.clone(), plan.version.hash);
    }
    lock_file.write(project)?;
    Ok(CheckoutOutcome { datasets })
}

struct Plan {
    version: DatasetVersion,
    base: PathBuf,
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
    let base = found.base;
    let write: Vec<_> = target.files().iter().filter(|f| now.get(&f.path) != Some(f)).cloned().collect();
    let remove: Vec<_> = now.files().iter().filter(|f| target.get(&f.path).is_none()).map(|f| f.path.clone()).collect();
    let touched = || write.iter().map(|f| f.path.as_str()).chain(remove.iter().map(String::as_str));
    stays_inside(project, &base, touched())?;
    nothing_in_the_way(&base, &write, &touched().collect())?;
    if !force {
        nothing_is_lost(project, &version, &base, &now, touched())?;
    }
    for file in &write {
        if !project.store().has(&file.hash) {
            project.store().read(&file.hash)?;
        }
    }
    Ok(Plan { version, base, write, remove })
}

fn in_the_way(place: &Path, what: &str) -> Error {
    Error::conflict(format!("{} is {what}", place.display())).hint("move it away, then check out again")
}

/// Refuses what `--force` doesn't replace either: a folder where a file is to be, with something in it that stays, and a file or a link
/// to nothing where a folder is to be.
fn nothing_in_the_way(base: &Path, write: &[FileEntry], touched: &BTreeSet<&str>) -> Result<()> {
    let mut folders = BTreeSet::new();
    for file in write {
        let full = Project::inside(base, &file.path)?;
        if std::fs::symlink_metadata(&full).is_ok_and(|found| found.is_dir()) {
            let mut inside = files_under(&full).into_iter();
            if let Some(other) = inside.find(|name| !touched.contains(format!("{}/{name}", file.path).as_str())) {
                return Err(in_the_way(&full, &format!("a folder that holds {other}, and a file is to be there")));
            }
        }
        folders.extend(full.ancestors().skip(1).take_while(|folder| folder.starts_with(base)).map(Path::to_owned));
    }
    for folder in folders {
        let Ok(found) = std::fs::symlink_metadata(&folder) else { continue };
        let goes = folder.strip_prefix(base).is_ok_and(|name| touched.contains(name.to_string_lossy().as_ref()));
        if found.is_symlink() && folder.canonicalize().is_err() {
            return Err(in_the_way(&folder, "a link to nothing, and a folder is to be there"));
        }
        if found.is_file() && !goes {
            return Err(in_the_way(&folder, "a file, and a folder is to be there"));
        }
    }
    Ok(())
}

/// Refuses to replace or remove what no version holds, what is no file, and what git tracks.
fn nothing_is_lost<'a>(
    project: &Project,
    version: &DatasetVersion,
    base: &Path,
    now: &Manifest,
    touched: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let tracked = GitRepository::around(project.root()).map(|git| git.tracked()).transpose()?;
    let (mut changed, mut in_git, mut links) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let touched: BTreeSet<&str> = touched.collect();
    for path in touched.iter().copied() {
        let full = Project::inside(base, path)?;
        let Ok(found) = std::fs::symlink_metadata(&full) else { continue };
        // A folder in a file's place may go if all that is in it does.
        if found.is_dir() && files_under(&full).iter().all(|name| touched.contains(format!("{path}/{name}").as_str())) {
            continue;
        }
        if !now.get(path).is_some_and(|file| project.store().has(&file.hash)) {
            let set = if found.is_symlink() { &mut links } else { &mut changed };
            set.insert(path);
        } else if tracked.as_ref().is_some_and(|tracked| tracked.has(&full)) {
            in_git.insert(path);
        }
    }
    let named = |lost: &BTreeSet<&str>| {
        let first = lost.first().copied().unwrap_or_default();
        let more = if lost.len() > 1 { format!(" and {} more", lost.len() - 1) } else { String::new() };
        format!("dataset \"{}\": {first}{more}", version.name)
    };
    if !changed.is_empty() {
        return Err(Error::conflict(format!("{} has local changes that no version holds", named(&changed)))
            .hint(format!("keep them with `mlops data add {}`, or drop them with --force", version.name)));
    }
    if !links.is_empty() {
        return Err(Error::conflict(format!("{} is a link, and no version holds what it leads to", named(&links)))
            .hint("remove the link, or replace it by the file with --force"));
    }
    if !in_git.is_empty() {
        return Err(Error::conflict(format!("{} is tracked by git, which would see it changed", named(&in_git)))
            .hint("replace it with --force, or let git forget it first: git rm --cached FILE"));
    }
    Ok(())
}

/// Everything in a folder that is no folder, by its name relative to it.
fn files_under(folder: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| !entry.file_type().is_dir());
    entries.filter_map(|entry| Some(entry.path().strip_prefix(folder).ok()?.to_string_lossy().into_owned())).collect()
}

/// Refuses to write through links: what is written there would lie elsewhere, in git's own folder even.
fn stays_inside<'a>(project: &Project, base: &Path, files: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut folders: BTreeSet<PathBuf> = BTreeSet::from([base.to_owned()]);
    for path in files {
        let full = Project::inside(base, path)?;
        folders.extend(full.parent().map(Path::to_owned));
    }
    for folder in folders {
        let below = folder.ancestors().take_while(|part| *part != base && part.starts_with(base));
        if let Some(link) = below.filter(|part| part.is_symlink()).last() {
            return Err(Error::invalid(format!(
                "{} is a link, and files are not written through links",
                link.display()
            ))
            .hint("remove the link, or put a folder in its place"));
        }
        let there = folder.ancestors().find_map(|f| Some((f, f.canonicalize().ok()?)));
        let Some((found, real)) = there else { continue };
        let reason = match real.strip_prefix(project.root()) {
            Ok(inside) => project::reserved(&inside.to_string_lossy()),
            Err(_) => Some("that is out of the project".to_owned()),
        };
        if let Some(reason) = reason {
            return Err(Error::invalid(format!("{} links to {}: {reason}", found.display(), real.display()))
                .hint("remove the link, or put a folder in its place"));
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
    fn carry_out(&self, project: &Project, progress: &Progress) -> Result<CheckedOut> {
        let store = project.store();
        // First, because a file may take the place of a folder or the other way round.
        for path in &self.remove {
            let full = Project::inside(&self.base, path)?;
            std::fs::remove_file(&full).map_err(|e| Error::io("remove", &full, e))?;
            let empty = full.ancestors().skip(1).take_while(|d| *d != self.base);
            for folder in empty {
                if std::fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
        for file in &self.write {
            remove_empty_folders(&Project::inside(&self.base, &file.path)?);
        }
        let step = progress.step("writing files", Some(self.write.len() as u64));
        self.write.par_iter().try_for_each(|file| {
            step.check()?;
            store.export(&file.hash, &Project::inside(&self.base, &file.path)?, file.executable)?;
            step.advance(1);
            Ok::<(), Error>(())
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
