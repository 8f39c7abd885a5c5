//! A file that a command writes for people: a page, a picture. It must not take the place of the project's own files.

use crate::data;
use crate::document::Document;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::store::write_atomic;
use std::path::{Path, PathBuf};

/// Endings of files that hold pages and pictures.
const ENDINGS: [&str; 6] = ["html", "htm", "md", "markdown", "txt", "svg"];

/// Where a page or picture is written to; checked before the long work that makes it.
pub struct PageFile {
    path: PathBuf,
}

impl PageFile {
    /// Checks the place: its folder is there, it is outside of `.mlops` and `.git`, it is no other kind of file, and no file of a dataset.
    pub fn new(project: &Project, folder: &Path, file: &Path, endings: &[&str]) -> Result<PageFile> {
        let path = folder.join(file);
        let shown = path.display();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        if !endings.contains(&ending.as_str()) || !ENDINGS.contains(&ending.as_str()) {
            let wanted: Vec<String> = endings.iter().map(|ending| format!(".{ending}")).collect();
            return Err(Error::invalid(format!("{shown} does not end in {}", wanted.join(" or ")))
                .hint(format!("write to a file that ends in {}", wanted.join(" or "))));
        }
        if path.components().any(|part| [".mlops", ".git"].iter().any(|own| part.as_os_str() == *own)) {
            return Err(
                Error::invalid(format!("{shown} is no place for a page")).hint("write it outside of .mlops and .git")
            );
        }
        if std::fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(Error::conflict(format!("{shown} is not a plain file, and would be replaced by one"))
                .hint("write to another file, or remove it first"));
        }
        if let Some(parent) = path.parent().filter(|parent| !parent.is_dir()) {
            return Err(Error::not_found(format!("there is no folder {}", parent.display()))
                .hint("make it first, or write elsewhere"));
        }
        if let Some(name) = data::owner_of(project, &path)? {
            return Err(Error::conflict(format!("{shown} belongs to dataset \"{name}\""))
                .hint("write to a file that is not data"));
        }
        Ok(PageFile { path })
    }

    /// Writes a text, in one step.
    pub fn write(&self, text: &str) -> Result<()> {
        write_atomic(&self.path, text.as_bytes())
    }

    /// Writes a document as its ending says.
    pub fn write_document(&self, document: &Document) -> Result<()> {
        let ending = self.path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "md" | "markdown" => self.write(&document.to_markdown()),
            "txt" => self.write(&document.to_text(false)),
            _ => self.write(&document.to_html()),
        }
    }

    /// The path, for messages.
    pub fn shown(&self) -> String {
        self.path.display().to_string()
    }
}
