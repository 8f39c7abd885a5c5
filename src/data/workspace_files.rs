//! What lies in the workspace for a dataset: the files its path names, with hashes. An unchanged file (same size,
//! times, inode as remembered) is not read again.

use super::manifest::{FileEntry, Manifest};
use super::path_pattern::{PathKind, PathPattern, is_glob};
use super::table_files::{TableContent, TableFile};
use crate::error::{Error, Result};
use crate::ledger::{FileStat, Ledger};
use crate::progress::Progress;
use crate::project::{self, Project};
use crate::store::{Batch, Hash, Store};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The files a dataset's path names.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The path, and what it names.
    pub pattern: PathPattern,
    /// The folder the paths in the manifest are relative to.
    pub base: PathBuf,
    /// Absolute paths with their path relative to `base`, sorted.
    pub files: Vec<(PathBuf, String)>,
    /// What each looked like when it was found.
    seen: Vec<Seen>,
    /// What a version would lack without a word: links that lead to nothing or to a folder.
    lacking: Vec<PathBuf>,
}

/// Finds the files of `path` (a file, a folder or a glob, relative to the root). Nothing there is an empty scan. What is there by just
/// that name is meant, even if the name looks like a glob.
pub fn scan(project: &Project, path: &str) -> Result<Scan> {
    scan_pattern(project, pattern_of(project, path)?)
}

/// What `path` names: one file, a folder or the files of a glob.
pub(super) fn pattern_of(project: &Project, path: &str) -> Result<PathPattern> {
    let relative = project.relative(project.root(), path)?;
    if let Some(reason) = project::reserved(&relative) {
        return Err(Error::invalid(format!("{path} can't be data: {reason}")).hint("put data into a folder of its own"));
    }
    let full = project.root().join(&relative);
    let kind = match is_glob(&relative) && !full.exists() {
        true => PathKind::Glob,
        false if full.is_file() || (full.is_symlink() && !full.exists()) => PathKind::File,
        false if relative.is_empty() => {
            return Err(Error::invalid("the whole project can't be a dataset").hint("name a folder inside it"));
        }
        // Nothing is there: what looks like the name of a file is one.
        false if !full.is_dir() && full.extension().is_some() => PathKind::File,
        false => PathKind::Folder,
    };
    Ok(PathPattern::new(&relative, kind))
}

/// Finds the files that a version's path names now.
pub(super) fn scan_pattern(project: &Project, pattern: PathPattern) -> Result<Scan> {
    let relative = pattern.base();
    if let Some(reason) = project::reserved(&relative) {
        return Err(
            Error::corrupt(format!("a version of files under {relative}: {reason}")).hint("it was not made by mlops")
        );
    }
    let base =
        if relative.is_empty() { project.root().to_owned() } else { Project::inside(project.root(), &relative)? };
    refuse_link(project, &base)?;
    let mut lacking = Vec::new();
    let files = match pattern.file_name() {
        Some(name) => one_file(project, &base, name, &mut lacking)?,
        None => walk(project, &base, pattern.matcher()?, &mut lacking)?,
    };
    let seen = files.par_iter().map(|(path, _)| look(path)).collect::<Result<_>>()?;
    Ok(Scan { pattern, base, files, seen, lacking })
}

fn one_file(project: &Project, base: &Path, name: &str, lacking: &mut Vec<PathBuf>) -> Result<Vec<(PathBuf, String)>> {
    let full = base.join(name);
    refuse_link(project, &full)?;
    if full.is_symlink() && !full.exists() {
        lacking.push(full.clone());
    }
    Ok(if full.is_file() { vec![(full, name.to_owned())] } else { Vec::new() })
}

/// Files under `base` whose names relative to it `keep` takes, sorted. Hidden ones are passed over; links are refused when they lead out
/// of the project.
fn walk(
    project: &Project,
    base: &Path,
    keep: impl Fn(&str) -> bool,
    lacking: &mut Vec<PathBuf>,
) -> Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    if !base.exists() {
        return Ok(files);
    }
    let visible = |e: &walkdir::DirEntry| e.depth() == 0 || !e.file_name().to_string_lossy().starts_with('.');
    for entry in walkdir::WalkDir::new(base).into_iter().filter_entry(visible) {
        let entry = entry.map_err(|e| Error::io("list", base, e.into()))?;
        let path = entry.path();
        let relative = path.strip_prefix(base).unwrap_or(path);
        if entry.file_type().is_dir() || !keep(&relative.to_string_lossy()) {
            continue;
        }
        if entry.file_type().is_symlink() {
            refuse_link(project, path)?;
            if !path.is_file() {
                lacking.push(path.to_owned());
                continue;
            }
        } else if !entry.file_type().is_file() {
            // Pipes, sockets and devices hold no data.
            continue;
        }
        let name = relative.to_str().ok_or_else(|| {
            Error::invalid(format!("{} is not UTF-8", path.display()))
                .hint("rename the file: names in a manifest are UTF-8")
        })?;
        files.push((path.to_owned(), name.to_owned()));
    }
    files.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(files)
}

/// Refuses a link out of the project, or to what can't be data.
fn refuse_link(project: &Project, path: &Path) -> Result<()> {
    let Ok(real) = path.canonicalize() else { return Ok(()) };
    let Ok(relative) = real.strip_prefix(project.root()) else {
        return Err(Error::invalid(format!("{} links to {}, out of the project", path.display(), real.display()))
            .hint("copy the file into the project, or remove the link"));
    };
    match project::reserved(&relative.to_string_lossy()) {
        Some(reason) => Err(Error::invalid(format!("{} links to {}: {reason}", path.display(), relative.display()))
            .hint("copy the file, or remove the link")),
        None => Ok(()),
    }
}

/// A file as `stat` sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    size: u64,
    mtime: i64,
    ctime: i64,
    inode: i64,
    executable: bool,
}

impl Seen {
    /// The manifest's line for the file, if its content has this hash.
    fn entry(&self, name: &str, hash: Hash) -> FileEntry {
        FileEntry { path: name.to_owned(), executable: self.executable, size: self.size, hash }
    }
}

#[cfg(unix)]
fn look(path: &Path) -> Result<Seen> {
    use std::os::unix::fs::MetadataExt;
    let m = std::fs::metadata(path).map_err(|e| Error::io("read", path, e))?;
    Ok(Seen {
        size: m.len(),
        mtime: m.mtime().saturating_mul(1_000_000_000).saturating_add(m.mtime_nsec()),
        ctime: m.ctime().saturating_mul(1_000_000_000).saturating_add(m.ctime_nsec()),
        inode: m.ino() as i64,
        executable: m.mode() & 0o100 != 0,
    })
}

#[cfg(not(unix))]
fn look(path: &Path) -> Result<Seen> {
    let m = std::fs::metadata(path).map_err(|e| Error::io("read", path, e))?;
    let mtime = m.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| d.as_nanos() as i64);
    Ok(Seen { size: m.len(), mtime, ctime: 0, inode: 0, executable: false })
}

/// A file changed so shortly before it was read could change again without a new time stamp.
const GRAIN_NANOS: i64 = 2_000_000_000;

impl Scan {
    /// The files as those of a table.
    pub(super) fn table_files(&self) -> Vec<TableFile> {
        let file = |(path, name): &(PathBuf, String)| TableFile {
            name: name.clone(),
            content: TableContent::Path(path.clone()),
        };
        self.files.iter().map(file).collect()
    }

    /// Refuses to pass over what a version would lack without a word.
    pub(super) fn lacks_nothing(&self) -> Result<()> {
        let Some(path) = self.lacking.first() else { return Ok(()) };
        let shown = path.display();
        Err(match std::fs::read_link(path) {
            Ok(target) if path.is_dir() => Error::invalid(format!("{shown} links to the folder {}", target.display()))
                .hint("copy its files, or remove the link: links to files are followed, those to folders are not"),
            target => {
                let target = target.unwrap_or_default();
                Error::invalid(format!("{shown} links to {}, which is not there", target.display()))
                    .hint("bring the file, or remove the link")
            }
        })
    }

    /// Refuses to go on if one of these files looks other than when it was found.
    pub(super) fn look_as_before(&self, names: &BTreeSet<&str>) -> Result<()> {
        let files = self.files.iter().zip(&self.seen).filter(|((_, name), _)| names.contains(name.as_str()));
        for ((path, _), seen) in files {
            if !look(path).is_ok_and(|now| now == *seen) {
                return Err(changed_meanwhile(path));
            }
        }
        Ok(())
    }

    /// The manifest of what lies there. With a batch, contents that the store lacks are put into it, and a file must be what it was when
    /// it was found: what was checked meanwhile is what is recorded.
    pub fn manifest(
        &self,
        project: &Project,
        ledger: &mut Ledger,
        batch: Option<&Batch>,
        progress: &Progress,
    ) -> Result<Manifest> {
        if batch.is_some() {
            self.lacks_nothing()?;
        }
        let store = project.store();
        let (known, seen) = rayon::join(
            || ledger.file_stats(&self.base.to_string_lossy()),
            || self.files.par_iter().map(|(path, _)| look(path)).collect::<Result<Vec<_>>>(),
        );
        let (known, seen) = (known?, seen?);
        if batch.is_some()
            && let Some(at) = (0..seen.len()).find(|at| seen.get(*at) != self.seen.get(*at))
        {
            return Err(changed_meanwhile(&self.files[at].0));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as i64);
        let step = progress.step("hashing", Some(self.files.len() as u64));
        let read = self
            .files
            .par_iter()
            .zip(&seen)
            .map(|((path, name), seen)| {
                step.check()?;
                let entry = match remembered(path, seen, &known, &store, batch) {
                    Some(hash) => Ok((seen.entry(name, hash), None)),
                    None => read_one(path, name, seen, batch, now),
                };
                step.advance(1);
                entry
            })
            .collect::<Result<Vec<_>>>()?;
        drop(step);
        let fresh: Vec<(String, FileStat)> = read.iter().filter_map(|(_, fresh)| fresh.clone()).collect();
        match ledger.remember_files(&fresh) {
            Err(e) if batch.is_some() => return Err(e),
            // A command that only looks may run without the right to write.
            _ => {}
        }
        Manifest::new(self.pattern.clone(), read.into_iter().map(|(entry, _)| entry).collect())
    }
}

/// The hash of a file that looks as it did when its hash was taken; its content is in the store, if it has to be.
fn remembered(
    path: &Path,
    seen: &Seen,
    known: &HashMap<String, FileStat>,
    store: &Store,
    batch: Option<&Batch>,
) -> Option<Hash> {
    let old = known.get(&*path.to_string_lossy())?;
    let same = (old.size, old.mtime, old.ctime, old.inode) == (seen.size, seen.mtime, seen.ctime, seen.inode);
    (same && (batch.is_none() || store.length(&old.hash) == Some(old.size))).then_some(old.hash)
}

fn changed_meanwhile(path: &Path) -> Error {
    Error::conflict(format!("{} changed while it was read", path.display()))
        .hint("wait until whatever writes it is done, then run the command again")
}

type Read = (FileEntry, Option<(String, FileStat)>);

fn read_one(path: &Path, name: &str, seen: &Seen, batch: Option<&Batch>, now: i64) -> Result<Read> {
    let stored = match batch {
        Some(batch) => batch.put_file(path)?,
        None => Store::hash_file(path)?,
    };
    let after = look(path)?;
    let quiet = after == *seen;
    if batch.is_some() && !quiet {
        return Err(changed_meanwhile(path));
    }
    let settled = now.saturating_sub(seen.mtime.max(seen.ctime)) > GRAIN_NANOS;
    let stat =
        FileStat { size: stored.size, mtime: seen.mtime, ctime: seen.ctime, inode: seen.inode, hash: stored.hash };
    let entry = FileEntry { size: stored.size, ..seen.entry(name, stored.hash) };
    Ok((entry, (settled && quiet).then(|| (path.to_string_lossy().into_owned(), stat))))
}
