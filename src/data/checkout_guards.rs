//! What a checkout may not do: destroy what no version holds, write where something stands in the way or through a link, replace what
//! git tracks.

use super::manifest::{FileEntry, Manifest};
use super::version::manifest_of;
use crate::error::{Error, Result};
use crate::ledger::{DatasetVersion, Ledger};
use crate::project::{self, LockFile, Project, TrackedAnywhere};
use crate::store::{BlobState, Hash};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(super) fn in_the_way(place: &Path, what: &str) -> Error {
    Error::conflict(format!("{} is {what}", place.display())).hint("move it away, then check out again")
}

/// Refuses what `--force` doesn't replace either: a folder where a file is to be, with something in it that stays, and a file or a link
/// to nothing where a folder is to be.
pub(super) fn nothing_in_the_way(base: &Path, write: &[FileEntry], touched: &BTreeSet<&str>) -> Result<()> {
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
pub(super) fn nothing_is_lost<'a>(
    project: &Project,
    ledger: &Ledger,
    version: &DatasetVersion,
    base: &Path,
    now: &Manifest,
    touched: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let mut tracked = TrackedAnywhere::default();
    let (mut changed, mut in_git, mut links) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let touched: BTreeSet<&str> = touched.collect();
    let contents = touched.iter().filter_map(|path| Some(now.get(path)?.hash)).collect();
    let held = held(project, ledger, version, contents)?;
    for path in touched.iter().copied() {
        let full = Project::inside(base, path)?;
        let Ok(found) = std::fs::symlink_metadata(&full) else { continue };
        // A folder in a file's place may go if all that is in it does.
        if found.is_dir() && files_under(&full).iter().all(|name| touched.contains(format!("{path}/{name}").as_str())) {
            continue;
        }
        if !now.get(path).is_some_and(|file| held.contains(&file.hash)) {
            let set = if found.is_symlink() { &mut links } else { &mut changed };
            set.insert(path);
        } else if tracked.has(&full)? {
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

/// Those of the contents that a version names: one of this dataset, as a rule. The store has each of them as it was: one that is damaged
/// there is an error, because the workspace may hold the only sound copy.
fn held(
    project: &Project,
    ledger: &Ledger,
    version: &DatasetVersion,
    contents: BTreeSet<Hash>,
) -> Result<BTreeSet<Hash>> {
    let locked = LockFile::read(project)?.versions.get(&version.name).copied();
    let own = ledger.dataset_versions(&version.name)?.into_iter().map(|own| own.hash);
    let others =
        || ledger.all_dataset_versions().map(|all| all.into_iter().map(|other| other.hash).collect::<Vec<_>>());
    let mut missing = contents.clone();
    let mut looked_at = BTreeSet::new();
    for manifest in locked.into_iter().chain([version.hash]).chain(own) {
        forget_named(project, manifest, &mut missing, &mut looked_at);
    }
    if !missing.is_empty() {
        for manifest in others()? {
            forget_named(project, manifest, &mut missing, &mut looked_at);
        }
    }
    let held: BTreeSet<Hash> = contents.difference(&missing).copied().collect();
    let store = project.store();
    let unsound = held.par_iter().find_map_first(|hash| match store.state(hash) {
        Ok(BlobState::Present) => None,
        _ => Some(*hash),
    });
    match unsound {
        None => Ok(held),
        Some(hash) => Err(Error::corrupt(format!(
            "dataset \"{}\": a file would be replaced whose content {} is damaged or missing in .mlops",
            version.name,
            hash.short()
        ))
        .hint("`mlops fsck` names the damaged file: remove it, then keep the content with `mlops data add`")),
    }
}

/// Takes what a version names from `missing`. A manifest that can't be read holds nothing.
fn forget_named(project: &Project, manifest: Hash, missing: &mut BTreeSet<Hash>, looked_at: &mut BTreeSet<Hash>) {
    if missing.is_empty() || !looked_at.insert(manifest) {
        return;
    }
    let Ok(manifest) = manifest_of(project, &manifest) else { return };
    manifest.files().iter().for_each(|file| {
        missing.remove(&file.hash);
    });
}

/// Everything in a folder that is no folder, by its name relative to it.
fn files_under(folder: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| !entry.file_type().is_dir());
    entries.filter_map(|entry| Some(entry.path().strip_prefix(folder).ok()?.to_string_lossy().into_owned())).collect()
}

/// Refuses to write through links: what is written there would lie elsewhere, in git's own folder even.
pub(super) fn stays_inside<'a>(project: &Project, base: &Path, files: impl Iterator<Item = &'a str>) -> Result<()> {
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
