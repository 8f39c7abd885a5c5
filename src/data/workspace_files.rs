//! What lies in the workspace for a dataset: the files its path names, with hashes. An unchanged file (same size,
//! times, inode as remembered) is not read again.

use super::manifest::{FileEntry, Manifest};
use super::table_files::{TableContent, TableFile};
use crate::error::{Error, Result};
use crate::ledger::{FileStat, Ledger};
use crate::progress::Progress;
use crate::project::Project;
use crate::store::{Batch, Hash, Store};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The files a dataset's path names.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The folder the paths in the manifest are relative to.
    pub base: PathBuf,
    /// Absolute paths with their path relative to `base`, sorted.
    pub files: Vec<(PathBuf, String)>,
}

/// Finds the files of `path` (a file, a folder or a glob, relative to the root). Nothing there is an empty scan.
pub fn scan(project: &Project, path: &str) -> Result<Scan> {
    let relative = project.relative(project.root(), path)?;
    if relative.contains(['*', '?', '[', '{']) {
        return scan_glob(project, &relative);
    }
    let full = project.root().join(&relative);
    refuse_link(project, &full)?;
    if full.is_file() {
        let name = relative.rsplit('/').next().unwrap_or(&relative).to_owned();
        let base = full.parent().unwrap_or(project.root()).to_owned();
        return Ok(Scan { base, files: vec![(full, name)] });
    }
    if relative.is_empty() {
        return Err(Error::invalid("the whole project can't be a dataset").hint("name a folder inside it"));
    }
    Ok(Scan { files: walk(project, &full, |_| true)?, base: full })
}

fn scan_glob(project: &Project, pattern: &str) -> Result<Scan> {
    let fixed: Vec<&str> = pattern.split('/').take_while(|part| !part.contains(['*', '?', '[', '{'])).collect();
    let base = project.root().join(fixed.join("/"));
    refuse_link(project, &base)?;
    let glob = globset::GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|e| Error::invalid(format!("\"{pattern}\" is not a glob: {e}")).hint("for example data/*.parquet"))?
        .compile_matcher();
    let root = project.root().to_owned();
    let matches = |full: &Path| full.strip_prefix(&root).is_ok_and(|relative| glob.is_match(relative));
    Ok(Scan { files: walk(project, &base, matches)?, base })
}

/// Files under `base`, sorted. Hidden ones and those of `.mlops` and `.git` are passed over; links are refused when
/// they lead out of the project.
fn walk(project: &Project, base: &Path, keep: impl Fn(&Path) -> bool) -> Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    if !base.exists() {
        return Ok(files);
    }
    let visible = |e: &walkdir::DirEntry| e.depth() == 0 || !e.file_name().to_string_lossy().starts_with('.');
    for entry in walkdir::WalkDir::new(base).into_iter().filter_entry(visible) {
        let entry = entry.map_err(|e| Error::io("list", base, e.into()))?;
        let path = entry.path();
        if entry.file_type().is_dir() || !keep(path) {
            continue;
        }
        if entry.file_type().is_symlink() {
            refuse_link(project, path)?;
            if !path.is_file() {
                continue;
            }
        } else if !entry.file_type().is_file() {
            continue;
        }
        let relative = path.strip_prefix(base).unwrap_or(path);
        let name = relative.to_str().ok_or_else(|| {
            Error::invalid(format!("{} is not UTF-8", path.display()))
                .hint("rename the file: names in a manifest are UTF-8")
        })?;
        files.push((path.to_owned(), name.to_owned()));
    }
    files.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(files)
}

fn refuse_link(project: &Project, path: &Path) -> Result<()> {
    match path.canonicalize() {
        Ok(real) if !real.starts_with(project.root()) => {
            Err(Error::invalid(format!("{} links to {}, out of the project", path.display(), real.display()))
                .hint("copy the file into the project, or remove the link"))
        }
        _ => Ok(()),
    }
}

/// A file as `stat` sees it.
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

    /// The manifest of what lies there. With a batch, contents that the store lacks are put into it.
    pub fn manifest(
        &self,
        project: &Project,
        ledger: &mut Ledger,
        batch: Option<&Batch>,
        progress: &Progress,
    ) -> Result<Manifest> {
        let store = project.store();
        let (known, seen) = rayon::join(
            || ledger.file_stats(&self.base.to_string_lossy()),
            || self.files.par_iter().map(|(path, _)| look(path)).collect::<Result<Vec<_>>>(),
        );
        let (known, seen) = (known?, seen?);
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
                    None => read_one(path, name, batch, now),
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
        Manifest::new(read.into_iter().map(|(entry, _)| entry).collect())
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
    (same && (batch.is_none() || store.has(&old.hash))).then_some(old.hash)
}

type Read = (FileEntry, Option<(String, FileStat)>);

fn read_one(path: &Path, name: &str, batch: Option<&Batch>, now: i64) -> Result<Read> {
    let seen = look(path)?;
    let stored = match batch {
        Some(batch) => batch.put_file(path)?,
        None => Store::hash_file(path)?,
    };
    let after = look(path)?;
    let quiet = (after.size, after.mtime, after.ctime) == (seen.size, seen.mtime, seen.ctime);
    if batch.is_some() && !quiet {
        return Err(Error::conflict(format!("{} changed while it was read", path.display()))
            .hint("wait until whatever writes it is done, then run the command again"));
    }
    let settled = now.saturating_sub(seen.mtime.max(seen.ctime)) > GRAIN_NANOS;
    let stat =
        FileStat { size: stored.size, mtime: seen.mtime, ctime: seen.ctime, inode: seen.inode, hash: stored.hash };
    let entry = FileEntry { size: stored.size, ..seen.entry(name, stored.hash) };
    Ok((entry, (settled && quiet).then(|| (path.to_string_lossy().into_owned(), stat))))
}
