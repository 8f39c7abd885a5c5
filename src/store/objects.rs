//! The blob store: whole contents under `objects/ab/cdef…`, read-only files named by their hash.
//!
//! Invariants: a blob under its final name is complete and durable; what is read is checked against its name; two
//! writers of the same content don't disturb each other. A [`Batch`] puts many blobs for the price of one sync of
//! the file system.

use super::Hash;
use super::atomic::{replace, temporary_name};
use crate::error::{Error, Result};
use crate::progress::Progress;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A content that is in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub hash: Hash,
    /// Its length in bytes.
    pub size: u64,
}

/// The blobs of one project.
#[derive(Debug, Clone)]
pub struct Store {
    objects: PathBuf,
    temporary: PathBuf,
}

const BUFFER: usize = 1 << 18;

impl Store {
    /// The store in `objects`; half-written blobs lie in `temporary`, which is on the same file system.
    pub fn new(objects: PathBuf, temporary: PathBuf) -> Self {
        Store { objects, temporary }
    }

    /// Where the blob lies, whether it exists or not.
    pub fn path(&self, hash: &Hash) -> PathBuf {
        let hex = hash.to_string();
        self.objects.join(&hex[..2]).join(&hex[2..])
    }

    /// Whether the blob is there (its content is not looked at).
    pub fn has(&self, hash: &Hash) -> bool {
        self.path(hash).is_file()
    }

    /// The blob's content, checked.
    pub fn read(&self, hash: &Hash) -> Result<Vec<u8>> {
        let path = self.path(hash);
        let bytes = std::fs::read(&path).map_err(|e| self.missing(hash, e))?;
        if Hash::of(&bytes) != *hash {
            return Err(damaged(hash, &path));
        }
        Ok(bytes)
    }

    /// Checks the blob's content against its name.
    pub fn verify(&self, hash: &Hash) -> Result<()> {
        let path = self.path(hash);
        let mut file = File::open(&path).map_err(|e| self.missing(hash, e))?;
        let found = copy_hashing(&mut file, &mut std::io::sink()).map_err(|e| Error::io("read", &path, e))?;
        if found.hash == *hash { Ok(()) } else { Err(damaged(hash, &path)) }
    }

    /// Stores `bytes`, durably when it returns.
    pub fn put(&self, bytes: &[u8]) -> Result<Stored> {
        let batch = self.batch();
        let stored = batch.put(bytes)?;
        batch.commit()?;
        Ok(stored)
    }

    /// Writes the blob's content to `target`, checked on the way, replacing what is there in one step.
    pub fn export(&self, hash: &Hash, target: &Path, executable: bool) -> Result<()> {
        let source = self.path(hash);
        let mut from = File::open(&source).map_err(|e| self.missing(hash, e))?;
        let folder = target.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(|e| Error::io("create", folder, e))?;
        // Content that is not what its name says never gets the target's name.
        let whole = |stored: Stored| {
            if stored.hash == *hash { Ok(()) } else { Err(std::io::Error::from(std::io::ErrorKind::InvalidData)) }
        };
        let written = replace(target, |to| {
            from.rewind()?;
            whole(copy_hashing(&mut from, to)?)?;
            if executable { make_executable(to) } else { Ok(()) }
        });
        written.map_err(|e| match e.kind() {
            std::io::ErrorKind::InvalidData => damaged(hash, &source),
            _ => Error::io("write", target, e),
        })
    }

    /// Begins to put several blobs; they are in the store after [`Batch::commit`].
    pub fn batch(&self) -> Batch<'_> {
        Batch { store: self, pending: Mutex::new(BTreeMap::new()) }
    }

    /// Every blob's name, sorted. Files that are not blobs are passed over.
    pub fn list(&self) -> Result<Vec<Hash>> {
        let mut found = BTreeSet::new();
        for entry in walkdir::WalkDir::new(&self.objects).min_depth(2).max_depth(2) {
            let entry = entry.map_err(|e| Error::invalid(format!("cannot list {}: {e}", self.objects.display())))?;
            let folder =
                entry.path().parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
            if let Ok(hash) = Hash::parse(&(folder + &entry.file_name().to_string_lossy())) {
                found.insert(hash);
            }
        }
        Ok(found.into_iter().collect())
    }

    /// Verifies every blob; the names of those whose content is damaged or unreadable.
    pub fn verify_all(&self, progress: &Progress) -> Result<(usize, Vec<(Hash, Error)>)> {
        use rayon::prelude::*;
        let all = self.list()?;
        let step = progress.step("verifying blobs", Some(all.len() as u64));
        let bad = all
            .par_iter()
            .map(|hash| {
                step.check()?;
                let result = self.verify(hash).err().map(|e| (*hash, e));
                step.advance(1);
                Ok(result)
            })
            .collect::<Result<Vec<_>>>()?;
        Ok((all.len(), bad.into_iter().flatten().collect()))
    }

    /// Removes leftovers of interrupted writes that are older than a day.
    pub fn sweep_temporary(&self) -> usize {
        let day = std::time::Duration::from_secs(86_400);
        let Ok(entries) = std::fs::read_dir(&self.temporary) else { return 0 };
        let old = |e: &std::fs::DirEntry| {
            e.metadata().and_then(|m| m.modified()).ok().and_then(|t| t.elapsed().ok()).is_some_and(|age| age > day)
        };
        entries.flatten().filter(old).filter(|e| std::fs::remove_file(e.path()).is_ok()).count()
    }

    fn missing(&self, hash: &Hash, error: std::io::Error) -> Error {
        if error.kind() == std::io::ErrorKind::NotFound {
            return Error::corrupt(format!("blob {} is not in the store", hash.short()))
                .hint("make it again (`mlops data add`, `mlops run train`), or copy .mlops/objects from a machine that has it");
        }
        Error::io("read", self.path(hash), error)
    }
}

fn damaged(hash: &Hash, path: &Path) -> Error {
    Error::corrupt(format!(
        "blob {} is damaged: {} does not have the content its name says",
        hash.short(),
        path.display()
    ))
    .hint("remove the file and make it again (`mlops data add`, `feature join`, `run train`); `mlops fsck` shows all damage")
}

/// Blobs on their way into the store. Dropping it without commit leaves the store as it was.
#[derive(Debug)]
pub struct Batch<'a> {
    store: &'a Store,
    pending: Mutex<BTreeMap<Hash, PathBuf>>,
}

impl Batch<'_> {
    /// Puts `bytes`.
    pub fn put(&self, bytes: &[u8]) -> Result<Stored> {
        let stored = Stored { hash: Hash::of(bytes), size: bytes.len() as u64 };
        if !self.knows(&stored.hash) {
            let temporary = self.store.temporary.join(temporary_name());
            let written = create_read_only(&temporary).and_then(|mut f| f.write_all(bytes));
            self.keep(stored.hash, temporary, written)?;
        }
        Ok(stored)
    }

    /// Puts the content of the file at `path`, read once: hashed while it is copied.
    pub fn put_file(&self, path: &Path) -> Result<Stored> {
        const SMALL: u64 = 1 << 20;
        let mut from = File::open(path).map_err(|e| Error::io("read", path, e))?;
        let length = from.metadata().map_err(|e| Error::io("read", path, e))?.len();
        if length <= SMALL {
            // The size is known: `File::read_to_end` would ask for it and for the position again.
            let mut bytes = Vec::with_capacity(length as usize + 1);
            (&mut from).take(u64::MAX).read_to_end(&mut bytes).map_err(|e| Error::io("read", path, e))?;
            return self.put(&bytes);
        }
        let temporary = self.store.temporary.join(temporary_name());
        let mut to = create_read_only(&temporary).map_err(|e| Error::io("write", &temporary, e))?;
        match copy_hashing(&mut from, &mut to) {
            Ok(stored) if self.knows(&stored.hash) => {
                let _ = std::fs::remove_file(&temporary);
                Ok(stored)
            }
            Ok(stored) => self.keep(stored.hash, temporary, Ok(())).map(|()| stored),
            Err(e) => {
                let _ = std::fs::remove_file(&temporary);
                Err(Error::io("copy", path, e))
            }
        }
    }

    /// Makes everything durable and gives it its names.
    pub fn commit(self) -> Result<()> {
        let pending = std::mem::take(&mut *lock(&self.pending));
        if pending.is_empty() {
            return Ok(());
        }
        let result = self.publish(&pending);
        if result.is_err() {
            remove(pending.values());
        }
        result
    }

    fn publish(&self, pending: &BTreeMap<Hash, PathBuf>) -> Result<()> {
        sync_all(&self.store.temporary, pending.values())?;
        let mut folders = BTreeSet::new();
        for (hash, temporary) in pending {
            let target = self.store.path(hash);
            let folder = target.parent().unwrap_or(&self.store.objects).to_owned();
            if folders.last() != Some(&folder) {
                std::fs::create_dir_all(&folder).map_err(|e| Error::io("create", &folder, e))?;
                folders.insert(folder);
            }
            std::fs::rename(temporary, &target).map_err(|e| Error::io("write", &target, e))?;
        }
        folders.insert(self.store.objects.clone());
        sync_all(&self.store.objects, folders.iter())
    }

    fn knows(&self, hash: &Hash) -> bool {
        lock(&self.pending).contains_key(hash) || self.store.has(hash)
    }

    fn keep(&self, hash: Hash, temporary: PathBuf, written: std::io::Result<()>) -> Result<()> {
        if let Err(e) = written {
            let _ = std::fs::remove_file(&temporary);
            return Err(Error::io("write", &temporary, e));
        }
        if let Some(other) = lock(&self.pending).insert(hash, temporary) {
            let _ = std::fs::remove_file(other);
        }
        Ok(())
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        remove(lock(&self.pending).values());
    }
}

fn remove<'a>(files: impl Iterator<Item = &'a PathBuf>) {
    for file in files {
        let _ = std::fs::remove_file(file);
    }
}

/// The data behind a poisoned mutex is still whole here: every critical section is one map operation.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// From this many files on, one sync of the whole file system is cheaper than one a file.
#[cfg(target_os = "linux")]
const MANY: usize = 8;

/// Makes files or folders, all on the file system of `folder`, durable.
fn sync_all<'a>(folder: &Path, paths: impl ExactSizeIterator<Item = &'a PathBuf>) -> Result<()> {
    #[cfg(target_os = "linux")]
    if paths.len() >= MANY {
        let dir = File::open(folder).map_err(|e| Error::io("sync", folder, e))?;
        return rustix::fs::syncfs(&dir).map_err(|e| Error::io("sync", folder, e.into()));
    }
    let _ = folder;
    for path in paths {
        File::open(path).and_then(|f| f.sync_all()).map_err(|e| Error::io("sync", path, e))?;
    }
    Ok(())
}

/// A new file that nobody writes to by mistake: only the handle returned does.
fn create_read_only(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o444);
    options.open(path)
}

#[cfg(unix)]
fn make_executable(file: &File) -> std::io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &File) -> std::io::Result<()> {
    Ok(())
}

/// Copies everything, hashing what passes.
fn copy_hashing(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<Stored> {
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

impl Store {
    /// The hash of a file's content, read without storing it.
    pub fn hash_file(path: &Path) -> Result<Stored> {
        let mut file = File::open(path).map_err(|e| Error::io("read", path, e))?;
        copy_hashing(&mut file, &mut std::io::sink()).map_err(|e| Error::io("read", path, e))
    }
}
