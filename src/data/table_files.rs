//! The files of a table, before they are opened.

use crate::error::{Error, Result};
use crate::store::Blob;
use std::fs::File;
use std::path::PathBuf;

/// A file of a table: where its content is and what to call it in messages.
#[derive(Debug, Clone)]
pub struct TableFile {
    /// The name people know.
    pub name: String,
    /// Its content.
    pub content: TableContent,
}

/// Where the content of a table's file is.
#[derive(Debug, Clone)]
pub enum TableContent {
    /// In a file of the person's.
    Path(PathBuf),
    /// In the store.
    Blob(Blob),
}

impl TableContent {
    /// The content from its beginning. It is opened anew by each reader, and closed after it.
    pub(super) fn open(&self) -> Result<File> {
        match self {
            TableContent::Path(path) => File::open(path).map_err(|e| Error::io("read", path, e)),
            TableContent::Blob(blob) => blob.open(),
        }
    }
}
