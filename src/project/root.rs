//! The opened project: its root folder, its definitions, the folders under `.mlops`.

use super::{Definitions, Name};
use crate::error::{Error, Result};
use crate::store::{Store, plain_folder};
use std::path::{Component, Path, PathBuf};

/// A project, found from any folder inside it.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
    definitions: Definitions,
    /// Where a rehearsal writes; none if this is none.
    rehearsal: Option<PathBuf>,
}

const FOLDERS: [&str; 6] = ["objects", "features", "predictions", "reports", "tmp", "locks"];

impl Project {
    /// Opens the project that `start` lies in: the nearest folder upwards with an `mlops.toml`.
    pub fn find(start: &Path) -> Result<Self> {
        let start = start.canonicalize().map_err(|e| Error::io("open", start, e))?;
        // One that is no file is refused when it is read.
        let has_definitions =
            |dir: &&Path| dir.join("mlops.toml").symlink_metadata().is_ok_and(|found| !found.is_dir());
        let root = start.ancestors().find(has_definitions).ok_or_else(|| {
            Error::not_found(format!("no mlops.toml in {} or any folder above it", start.display()))
                .hint("run `mlops init` in the folder that should become a project")
        })?;
        Project::open(root)
    }

    /// Opens the project whose `mlops.toml` lies in `root`.
    pub fn open(root: &Path) -> Result<Self> {
        let definitions = Definitions::read(&root.join("mlops.toml"))?;
        let project = Project { root: root.to_owned(), definitions, rehearsal: None };
        project.make_folders()?;
        Ok(project)
    }

    /// The same project with other definitions, for what-if work such as a retraining window.
    pub fn with_definitions(&self, definitions: Definitions) -> Self {
        Project { root: self.root.clone(), definitions, rehearsal: self.rehearsal.clone() }
    }

    /// The same project as `mlops.toml` defines it now.
    pub fn reopened(&self) -> Result<Self> {
        Ok(Project { rehearsal: self.rehearsal.clone(), ..Project::open(&self.root)? })
    }

    /// The same project in a rehearsal: blobs, `mlops.lock` and the ledger are written in `folder`, which has a copy of the
    /// two last; blobs and predictions are read in their own places too.
    pub fn rehearsed_in(&self, folder: &Path) -> Result<Self> {
        let (root, definitions) = (self.root.clone(), self.definitions.clone());
        let rehearsal = Project { root, definitions, rehearsal: Some(folder.to_owned()) };
        rehearsal.make_folders()?;
        Ok(rehearsal)
    }

    fn make_folders(&self) -> Result<()> {
        plain_folder(&self.root.join(".mlops"))?;
        for folder in FOLDERS {
            plain_folder(&self.dir(folder))?;
        }
        Ok(())
    }

    /// The root folder, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether all that is written lies in a folder that goes away.
    pub fn is_rehearsal(&self) -> bool {
        self.rehearsal.is_some()
    }

    /// What `mlops.toml` defines.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// The name in `[project]`, else the folder's name.
    pub fn name(&self) -> String {
        let folder = || self.root.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        self.definitions.project.name.clone().unwrap_or_else(folder)
    }

    /// A folder under `.mlops`, or where a rehearsal has it.
    pub fn dir(&self, folder: &str) -> PathBuf {
        match &self.rehearsal {
            Some(rehearsal) if folder != "predictions" => rehearsal.join(folder),
            _ => self.own_dir(folder),
        }
    }

    fn own_dir(&self, folder: &str) -> PathBuf {
        self.root.join(".mlops").join(folder)
    }

    /// Where `mlops.toml` lies.
    pub fn definitions_path(&self) -> PathBuf {
        self.root.join("mlops.toml")
    }

    /// Where `mlops.lock` lies.
    pub fn lock_path(&self) -> PathBuf {
        self.rehearsal.as_ref().unwrap_or(&self.root).join("mlops.lock")
    }

    /// The blob store.
    pub fn store(&self) -> Store {
        let store = Store::new(self.dir("objects"), self.dir("tmp"));
        if self.rehearsal.is_some() { store.before(self.own_dir("objects")) } else { store }
    }

    /// A path given by the user, relative to `from` (the working directory), as a path relative to the root with
    /// `/` between its parts. A path that leads out of the project is refused.
    pub fn relative(&self, from: &Path, path: &str) -> Result<String> {
        let outside = || {
            Error::invalid(format!("{path} lies outside the project {}", self.root.display()))
                .hint("copy or move it into the project first")
        };
        let joined = from.join(path);
        let mut parts: Vec<String> = Vec::new();
        let base = joined.strip_prefix(&self.root).map_err(|_| outside())?;
        for component in base.components() {
            match component {
                Component::Normal(part) => parts.push(utf8(part)?),
                Component::ParentDir => {
                    parts.pop().ok_or_else(outside)?;
                }
                Component::CurDir => {}
                Component::RootDir | Component::Prefix(_) => return Err(outside()),
            }
        }
        if parts.first().is_some_and(|p| p == ".mlops" || p == ".git") {
            return Err(Error::invalid(format!("{path} belongs to {} itself", parts[0])).hint("name a file of yours"));
        }
        Ok(parts.join("/"))
    }

    /// The path of a stored, relative name inside `folder`, refused unless it stays there.
    pub fn inside(folder: &Path, relative: &str) -> Result<PathBuf> {
        let plain = !relative.is_empty() && Path::new(relative).components().all(|c| matches!(c, Component::Normal(_)));
        if !plain || relative.contains('\0') {
            return Err(Error::invalid(format!("{relative:?} is not a path inside {}", folder.display()))
                .hint("name a file or folder below it"));
        }
        Ok(folder.join(relative))
    }

    /// The definition of dataset `name`, or an error that offers the nearest.
    pub fn dataset(&self, name: &Name) -> Result<&super::DataDef> {
        self.definitions.dataset(name)
    }
}

fn utf8(part: &std::ffi::OsStr) -> Result<String> {
    let text = part.to_str();
    text.map(str::to_owned).ok_or_else(|| {
        Error::invalid(format!("{part:?} is not UTF-8")).hint("rename the file: names in a manifest are UTF-8")
    })
}
