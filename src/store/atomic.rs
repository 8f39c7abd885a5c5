//! Writing so that a crash leaves the old content or the new one: temporary file in the same file system → fsync → rename
//! → fsync of the folder.
//!
//! The temporary file of a target inside a project lies in its `.mlops/tmp`, so a crash leaves nothing among the user's
//! files; [`super::Store::sweep_temporary`] removes what is left there.

use crate::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A name for a temporary file that no other writer uses.
pub(super) fn temporary_name() -> String {
    format!(".tmp-{}-{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// Replaces the file at `path` by `bytes` in one step.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, |file| {
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
        let written = File::create_new(&temporary).and_then(|mut file| write(&mut file));
        let renamed = written.and_then(|value| std::fs::rename(&temporary, path).map(|()| value));
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

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Where temporary files for targets in `folder` lie.
fn staging(folder: &Path) -> PathBuf {
    let project = folder.ancestors().map(|dir| dir.join(".mlops").join("tmp")).find(|tmp| tmp.is_dir());
    project.unwrap_or_else(|| folder.to_owned())
}

/// Makes the names in a folder durable.
pub fn sync_dir(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| Error::io("sync", folder, e))
}

/// Opens a file of lines for appending, made if it is missing. A last line torn by a crash is cut off, so that the next
/// one stands alone: nobody else may be writing to the file.
pub fn append_lines(path: &Path) -> Result<File> {
    let failed = |e: std::io::Error| Error::io("open", path, e);
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path).map_err(failed)?;
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(failed)?;
    let whole = end_of_lines(&text);
    if whole < text.len() {
        file.set_len(whole as u64).map_err(failed)?;
    }
    Ok(file)
}

/// The lines that have their end, each with its number from 1. A torn one behind them was never acknowledged.
pub fn whole_lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = text[..end_of_lines(text)].split(|b| *b == b'\n');
    lines.enumerate().filter(|(_, line)| !line.is_empty()).map(|(at, line)| (at + 1, line))
}

fn end_of_lines(text: &[u8]) -> usize {
    text.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)
}
