//! Writing so that a crash leaves the old content or the new one: temporary file in the same file system → fsync → rename
//! → fsync of the folder.
//!
//! The temporary file of a target inside a project lies in its `.mlops/tmp`, so a crash leaves nothing among the user's
//! files; [`super::Store::sweep_temporary`] removes what is left there.

use crate::error::{Error, Result};
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Tells this process from others: in containers that share a folder each may have the process id 1.
static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());

const TEMPORARY: &str = ".tmp-";

/// A name for a temporary file that no other writer uses.
pub(super) fn temporary_name() -> String {
    format!("{TEMPORARY}{}-{}", *PROCESS, COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// Whether a file has such a name.
pub(super) fn is_temporary(name: &str) -> bool {
    let numbers = name.strip_prefix(TEMPORARY).and_then(|rest| rest.split_once('-'));
    numbers.is_some_and(|(a, b)| [a, b].iter().all(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit())))
}

/// Replaces the file at `path` by `bytes` in one step. Who may read and write it stays as it was.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let before = std::fs::metadata(path).ok().map(|found| found.permissions());
    replace(path, |file| {
        before.clone().map_or(Ok(()), |before| file.set_permissions(before))?;
        file.write_all(bytes)?;
        file.sync_all()
    })
    .map_err(|e| Error::io("write", path, e))?;
    sync_dir(&folder_of(path))
}

/// Replaces the file at `path` by what `write` writes; an error leaves it as it was. What is written is as durable as
/// `write` makes it.
pub(super) fn replace<T>(path: &Path, mut write: impl FnMut(&mut File) -> std::io::Result<T>) -> std::io::Result<T> {
    let mut attempt = |folder: &Path| {
        let temporary = folder.join(temporary_name());
        let mut file = File::create_new(&temporary)?;
        let renamed = write(&mut file).and_then(|value| std::fs::rename(&temporary, path).map(|()| value));
        if renamed.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        renamed
    };
    let folder = folder_of(path);
    match attempt(&staging(&folder)) {
        Err(e) if e.kind() == ErrorKind::CrossesDevices => attempt(&folder),
        done => done,
    }
}

/// Replaces the file at `path` in one step. After a crash of the machine the old content may be back.
pub fn replace_unsynced(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, |file| file.write_all(bytes)).map_err(|e| Error::io("write", path, e))
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Where temporary files for targets in `folder` lie: in the project around it, if its `.mlops` is no link and belongs to whom the folder
/// belongs to. Through a link they would lie anywhere, and another person's could be exchanged before they get their name.
fn staging(folder: &Path) -> PathBuf {
    let own = |project: &Path| {
        let (state, tmp) = (project.join(".mlops"), project.join(".mlops").join("tmp"));
        [&state, &tmp].iter().all(|part| is_folder_of_same_owner(part, folder)).then_some(tmp)
    };
    folder.ancestors().find_map(own).unwrap_or_else(|| folder.to_owned())
}

#[cfg(unix)]
fn is_folder_of_same_owner(part: &Path, folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Ok(found) = std::fs::symlink_metadata(part) else { return false };
    found.is_dir() && std::fs::metadata(folder).is_ok_and(|folder| folder.uid() == found.uid())
}

#[cfg(not(unix))]
fn is_folder_of_same_owner(part: &Path, _: &Path) -> bool {
    std::fs::symlink_metadata(part).is_ok_and(|found| found.is_dir())
}

/// Makes the names in a folder durable.
pub fn sync_dir(folder: &Path) -> Result<()> {
    sync_path(folder).map_err(|e| Error::io("sync", folder, e))
}

/// Makes a file's content, or the names in a folder, durable.
#[cfg(unix)]
pub(super) fn sync_path(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

/// Makes a file's content durable. Folders can't be opened here: their names are as durable as the system makes them.
#[cfg(not(unix))]
pub(super) fn sync_path(path: &Path) -> std::io::Result<()> {
    if path.is_dir() { Ok(()) } else { File::options().write(true).open(path)?.sync_all() }
}
