//! Blobs as files of their own, `objects/ab/cdef…`, read-only and complete: the only place that knows where a blob lies.

use super::Hash;
use super::plain_files::open_plain;
use crate::error::{Error, Result};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The files under `objects/`.
#[derive(Debug, Clone)]
pub(super) struct BlobFiles {
    pub folder: PathBuf,
    /// Another folder of blobs, which is read where this one has none.
    pub behind: Option<PathBuf>,
}

impl BlobFiles {
    /// Where the blob is written to, whether it exists or not.
    pub fn path(&self, hash: &Hash) -> PathBuf {
        path_in(&self.folder, hash)
    }

    pub fn has(&self, hash: &Hash) -> bool {
        self.length(hash).is_some()
    }

    /// The length of the blob's file.
    pub fn length(&self, hash: &Hash) -> Option<u64> {
        self.places(hash).find_map(|path| {
            std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file).map(|found| found.len())
        })
    }

    /// The blob's file, opened; `None` if the blob is not here.
    pub fn open(&self, hash: &Hash) -> Result<Option<File>> {
        self.places(hash).find_map(|path| open_plain(&path).transpose()).transpose()
    }

    /// Where the blob can be read, the nearest first.
    fn places(&self, hash: &Hash) -> impl Iterator<Item = PathBuf> {
        std::iter::once(&self.folder).chain(&self.behind).map(|folder| path_in(folder, hash))
    }

    /// Removes the blob's file and returns whether there was one.
    pub fn delete(&self, hash: &Hash) -> Result<bool> {
        let path = self.path(hash);
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
            Err(e) => Err(Error::io("remove", path, e)),
        }
    }

    /// Every blob's name, sorted. Files that are not blobs are passed over.
    pub fn list(&self) -> Result<BTreeSet<Hash>> {
        let mut found = BTreeSet::new();
        for entry in walkdir::WalkDir::new(&self.folder).min_depth(2).max_depth(2) {
            let entry = entry.map_err(|e| Error::io("list", &self.folder, e.into()))?;
            let folder = entry.path().parent().and_then(std::path::Path::file_name).unwrap_or_default();
            if let Ok(hash) =
                Hash::parse(&format!("{}{}", folder.to_string_lossy(), entry.file_name().to_string_lossy()))
            {
                found.insert(hash);
            }
        }
        Ok(found)
    }
}

fn path_in(folder: &Path, hash: &Hash) -> PathBuf {
    let hex = hash.to_string();
    folder.join(&hex[..2]).join(&hex[2..])
}
