//! What every command is given, and how it ends.

use super::ui::Ui;
use crate::document::{Document, TestCase};
use crate::error::Result;
use crate::project::Project;
use crate::store::write_atomic;
use std::path::{Path, PathBuf};

/// How a command ended when nothing failed.
pub enum Outcome {
    /// Everything is as it should be.
    Done,
    /// A check did not hold.
    CheckFailed,
}

impl Outcome {
    /// `Done` if the check holds.
    pub(super) fn of(holds: bool) -> Self {
        if holds { Outcome::Done } else { Outcome::CheckFailed }
    }
}

/// What every command gets: the terminal and where it was started.
pub struct Context {
    pub(super) ui: Ui,
    pub(super) folder: PathBuf,
}

impl Context {
    /// The project that the folder lies in.
    pub(super) fn project(&self) -> Result<Project> {
        Project::find(&self.folder)
    }

    /// Writes what was checked as JUnit XML, if `--junit` names a file; `title` says of what.
    pub(super) fn write_junit(&self, file: Option<&Path>, title: &str, cases: Vec<TestCase>) -> Result<()> {
        let Some(file) = file else { return Ok(()) };
        let document = Document { title: title.to_owned(), cases, ..Document::default() };
        write_atomic(&self.folder.join(file), document.to_junit().as_bytes())
    }
}
