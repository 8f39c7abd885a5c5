//! Many blobs on their way into the store: written one by one, made durable and given their names together.

use super::atomic::temporary_name;
use super::blobs::Store;
use super::copy::{Stored, copy_hashing, create_read_only, sync_all};
use super::plain_files::plain_folder;
use super::{BlobState, Hash};
use crate::error::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Blobs on their way into the store. Dropping it without commit leaves the store as it was.
#[derive(Debug)]
pub struct Batch<'a> {
    store: &'a Store,
    pending: Mutex<BTreeMap<Hash, PathBuf>>,
}

impl Store {
    /// Stores `bytes`, durably when it returns.
    pub fn put(&self, bytes: &[u8]) -> Result<Stored> {
        let batch = self.batch();
        let stored = batch.put(bytes)?;
        batch.commit()?;
        Ok(stored)
    }

    /// Begins to put several blobs; they are in the store after [`Batch::commit`].
    pub fn batch(&self) -> Batch<'_> {
        Batch { store: self, pending: Mutex::new(BTreeMap::new()) }
    }
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

    /// Puts the content of the file at `path`, read once: it is hashed while it is copied.
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
            let target = self.store.files.path(hash);
            let folder = target.parent().unwrap_or(&self.store.files.folder).to_owned();
            if folders.last() != Some(&folder) {
                plain_folder(&folder)?;
                folders.insert(folder);
            }
            std::fs::rename(temporary, &target).map_err(|e| Error::io("write", &target, e))?;
        }
        folders.insert(self.store.files.folder.clone());
        sync_all(&self.store.files.folder, folders.iter())
    }

    /// Whether the content is on its way or in the store. One that is damaged there is put anew, in its place.
    fn knows(&self, hash: &Hash) -> bool {
        lock(&self.pending).contains_key(hash)
            || (self.store.has(hash) && matches!(self.store.state(hash), Ok(BlobState::Present)))
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
