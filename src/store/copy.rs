//! Copying while hashing, and making what was written durable.

use super::Hash;
use super::atomic::sync_path;
use crate::error::{Error, Result};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// A content that is in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The hash, which is its name.
    pub hash: Hash,
    /// Its length in bytes.
    pub size: u64,
}

const BUFFER: usize = 1 << 18;

/// Copies everything, hashing what passes.
pub(super) fn copy_hashing(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<Stored> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0u8; BUFFER];
    let mut size = 0u64;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        hasher.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
        size += count as u64;
    }
    Ok(Stored { hash: hasher.finalize().into(), size })
}

/// A new read-only file: only the handle that is returned can write to it.
pub(super) fn create_read_only(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o444);
    options.open(path)
}

#[cfg(unix)]
pub(super) fn make_executable(file: &File) -> std::io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

#[cfg(not(unix))]
pub(super) fn make_executable(_: &File) -> std::io::Result<()> {
    Ok(())
}

/// From this many files on, one sync of the whole file system is cheaper than one a file.
#[cfg(target_os = "linux")]
const MANY: usize = 8;

/// Makes files or folders, all on the file system of `folder`, durable.
pub(super) fn sync_all<'a>(folder: &Path, paths: impl ExactSizeIterator<Item = &'a PathBuf>) -> Result<()> {
    #[cfg(target_os = "linux")]
    if paths.len() >= MANY {
        let dir = File::open(folder).map_err(|e| Error::io("sync", folder, e))?;
        return rustix::fs::syncfs(&dir).map_err(|e| Error::io("sync", folder, e.into()));
    }
    let _ = folder;
    for path in paths {
        sync_path(path).map_err(|e| Error::io("sync", path, e))?;
    }
    Ok(())
}
