//! The blobs of a project, by hash.
//!
//! Invariants: a blob under its final name is complete and durable; what is read is checked against its name; two writers of
//! the same content don't disturb each other. Outside this room only `project::Project` (which folder) and a few hints name `objects`, so that packs and a
//! remote can stand behind the same functions.

use super::atomic::{is_temporary, replace, temporary_name};
use super::blob_files::BlobFiles;
use super::copy::{Stored, copy_hashing, make_executable};
use super::{BlobState, Hash};
use crate::error::{Error, ErrorKind, Result};
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

/// The blobs of one project.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) files: BlobFiles,
    pub(super) temporary: PathBuf,
}

/// A folder that is removed when this is dropped.
#[derive(Debug)]
pub struct TemporaryFolder {
    path: PathBuf,
}

impl TemporaryFolder {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What can't be removed now is swept later.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// A content that was checked, to be opened when it is wanted. It holds no file open: a table may be made of thousands.
#[derive(Debug, Clone)]
pub struct Blob {
    files: BlobFiles,
    hash: Hash,
}

impl Blob {
    /// A file with the content, at its beginning, to be read only.
    pub fn open(&self) -> Result<File> {
        self.files.open(&self.hash)?.ok_or_else(|| BlobState::Elsewhere.error(&self.hash, ""))
    }
}

/// Copies a blob; `InvalidData` if it is not what its name says.
fn copy_checked(from: &mut File, hash: &Hash, to: &mut File, executable: bool) -> std::io::Result<()> {
    from.rewind()?;
    if copy_hashing(from, to)?.hash != *hash {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    if executable { make_executable(to) } else { Ok(()) }
}

/// What a sweep of temporary files did.
#[derive(Debug, Default, Clone, Copy)]
pub struct Swept {
    /// Those that were removed: older than a day.
    pub removed: usize,
    /// Those that were left: somebody may be writing them.
    pub kept: usize,
    /// Bytes of the files among them.
    pub kept_bytes: u64,
}

impl Store {
    /// The store in `objects`; half-written blobs lie in `temporary`, which is on the same file system.
    pub fn new(objects: PathBuf, temporary: PathBuf) -> Self {
        Store { files: BlobFiles { folder: objects, behind: None }, temporary }
    }

    /// The same store, which also reads what only another one's `objects` has.
    pub fn before(mut self, objects: PathBuf) -> Self {
        self.files.behind = Some(objects);
        self
    }

    /// A new, empty folder beside half-written blobs, removed with all that is in it when it is dropped.
    pub fn temporary_folder(&self) -> Result<TemporaryFolder> {
        let path = self.temporary.join(temporary_name());
        std::fs::create_dir(&path).map_err(|e| Error::io("create", &path, e))?;
        Ok(TemporaryFolder { path })
    }

    /// Whether the blob is there (its content is not looked at).
    pub fn has(&self, hash: &Hash) -> bool {
        self.files.has(hash)
    }

    /// The length of the blob's file, if it is there.
    pub fn length(&self, hash: &Hash) -> Option<u64> {
        self.files.length(hash)
    }

    /// Whether the blob is present, elsewhere or damaged. Its content is read for it.
    pub fn state(&self, hash: &Hash) -> Result<BlobState> {
        let mut file = match self.files.open(hash) {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(BlobState::Elsewhere),
            // A link or a pipe in the blob's place.
            Err(e) if e.kind() == ErrorKind::Corrupt => return Ok(BlobState::Damaged),
            Err(e) => return Err(e),
        };
        let found = copy_hashing(&mut file, &mut std::io::sink());
        let found = found.map_err(|e| Error::io("read", self.files.path(hash), e))?;
        Ok(if found.hash == *hash { BlobState::Present } else { BlobState::Damaged })
    }

    /// Checks the blob's content against its name.
    pub fn verify(&self, hash: &Hash) -> Result<()> {
        match self.state(hash)? {
            BlobState::Present => Ok(()),
            state => Err(self.fault(state, hash)),
        }
    }

    /// The blob's content, checked.
    pub fn read(&self, hash: &Hash) -> Result<Vec<u8>> {
        let mut file = self.files.open(hash)?.ok_or_else(|| self.fault(BlobState::Elsewhere, hash))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| Error::io("read", self.files.path(hash), e))?;
        if Hash::of(&bytes) == *hash { Ok(bytes) } else { Err(self.fault(BlobState::Damaged, hash)) }
    }

    /// The blob, checked, to be opened by readers that take a file.
    pub fn open(&self, hash: &Hash) -> Result<Blob> {
        self.verify(hash)?;
        Ok(Blob { files: self.files.clone(), hash: *hash })
    }

    /// Removes the blob and returns whether there was one. The caller makes sure that nothing names it any more.
    pub fn delete(&self, hash: &Hash) -> Result<bool> {
        self.files.delete(hash)
    }

    /// Every blob's name, sorted.
    pub fn list(&self) -> Result<Vec<Hash>> {
        Ok(self.files.list()?.into_iter().collect())
    }

    /// Writes the blob's content to `target`, checked on the way, replacing what is there in one step.
    pub fn export(&self, hash: &Hash, target: &Path, executable: bool) -> Result<()> {
        let mut from = self.files.open(hash)?.ok_or_else(|| self.fault(BlobState::Elsewhere, hash))?;
        // Content that is not what its name says never gets the target's name.
        let written = replace(target, |to| copy_checked(&mut from, hash, to, executable));
        written.map_err(|e| self.write_error(e, hash, target))
    }

    /// The same into a new file of a folder that nobody else looks at, such as a [`TemporaryFolder`]: without a name in between.
    pub fn export_new(&self, hash: &Hash, target: &Path, executable: bool) -> Result<()> {
        let mut from = self.files.open(hash)?.ok_or_else(|| self.fault(BlobState::Elsewhere, hash))?;
        let written = File::create_new(target).and_then(|mut to| copy_checked(&mut from, hash, &mut to, executable));
        written.map_err(|e| self.write_error(e, hash, target))
    }

    fn write_error(&self, error: std::io::Error, hash: &Hash, target: &Path) -> Error {
        match error.kind() {
            std::io::ErrorKind::InvalidData => self.fault(BlobState::Damaged, hash),
            _ => Error::io("write", target, error),
        }
    }

    /// Removes leftovers of interrupted writes that are older than a day.
    pub fn sweep_temporary(&self) -> Swept {
        let day = std::time::Duration::from_secs(86_400);
        let mut swept = Swept::default();
        let Ok(entries) = std::fs::read_dir(&self.temporary) else { return swept };
        let ours = |e: &std::fs::DirEntry| {
            let plain = |kind: std::fs::FileType| kind.is_file() || kind.is_dir();
            is_temporary(&e.file_name().to_string_lossy()) && e.file_type().is_ok_and(plain)
        };
        let old = |e: &std::fs::DirEntry| {
            e.metadata().and_then(|m| m.modified()).ok().and_then(|t| t.elapsed().ok()).is_some_and(|age| age > day)
        };
        let remove = |e: &std::fs::DirEntry| match e.file_type() {
            Ok(kind) if kind.is_dir() => std::fs::remove_dir_all(e.path()),
            _ => std::fs::remove_file(e.path()),
        };
        for entry in entries.flatten().filter(ours) {
            if old(&entry) && remove(&entry).is_ok() {
                swept.removed += 1;
            } else {
                swept.kept += 1;
                swept.kept_bytes += entry.metadata().map_or(0, |found| found.len());
            }
        }
        swept
    }

    /// The hash of a file's content, read without storing it.
    pub fn hash_file(path: &Path) -> Result<Stored> {
        let mut file = File::open(path).map_err(|e| Error::io("read", path, e))?;
        copy_hashing(&mut file, &mut std::io::sink()).map_err(|e| Error::io("read", path, e))
    }

    /// The error when a blob is needed that is not present. Of a damaged one it names the file, for the person to
    /// remove.
    fn fault(&self, state: BlobState, hash: &Hash) -> Error {
        let place = match state {
            BlobState::Damaged => {
                format!(": {} does not have the content its name says", self.files.path(hash).display())
            }
            BlobState::Present | BlobState::Elsewhere => String::new(),
        };
        state.error(hash, &place)
    }
}
