//! The path of a dataset: a file, a folder, or a glob, relative to the root. A version keeps it, and names no file that it does not match.

use crate::error::{Error, Result};
use crate::project;
use serde::{Deserialize, Serialize};

/// What a path names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PathKind {
    /// One file.
    File,
    /// All files under a folder.
    #[default]
    Folder,
    /// The files that match.
    Glob,
}

/// The path of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathPattern {
    /// As in `mlops.toml`, with `/` between plain parts.
    path: String,
    kind: PathKind,
}

/// Whether a part of a path stands for several names.
pub(super) fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '[', '{'])
}

impl PathPattern {
    /// A path relative to the root.
    pub fn new(path: &str, kind: PathKind) -> Self {
        PathPattern { path: path.to_owned(), kind }
    }

    /// The name of its one file, relative to the base; none if it names several.
    pub fn file_name(&self) -> Option<&str> {
        (self.kind == PathKind::File).then(|| self.path.rsplit('/').next().unwrap_or(&self.path))
    }

    /// The folder that the names of its files are relative to; empty for the root.
    pub fn base(&self) -> String {
        let parts: Vec<&str> = self.path.split('/').collect();
        let count = match self.kind {
            PathKind::File => parts.len() - 1,
            PathKind::Folder => parts.len(),
            PathKind::Glob => parts.iter().take_while(|part| !is_glob(part)).count(),
        };
        parts.into_iter().take(count).collect::<Vec<_>>().join("/")
    }

    /// The lines of `.gitignore` that mean its files, of which these are there now.
    pub fn ignore_lines<'a>(&self, files: impl Iterator<Item = &'a str>) -> Vec<String> {
        match self.kind {
            PathKind::File => project::ignore_line(&self.path).into_iter().collect(),
            PathKind::Folder => project::ignore_line(&self.path).map(|line| line + "/").into_iter().collect(),
            // Git knows no braces, and a pattern for the root may match `mlops.toml` too.
            PathKind::Glob if self.path.contains(['{', '\n']) || self.base().is_empty() => {
                let base = self.base();
                files
                    .filter_map(|name| {
                        project::ignore_line(&if base.is_empty() { name.to_owned() } else { format!("{base}/{name}") })
                    })
                    .collect()
            }
            PathKind::Glob => vec![format!("/{}", self.path)],
        }
    }

    /// Tells which files, by their names relative to the base, are its own: those that it matches and that can be data.
    pub fn matcher(&self) -> Result<impl Fn(&str) -> bool> {
        let glob = match self.kind {
            PathKind::Glob => Some(
                globset::GlobBuilder::new(&self.path)
                    .literal_separator(true)
                    .build()
                    .map_err(|e| {
                        Error::invalid(format!("\"{}\" is not a glob: {e}", self.path))
                            .hint("for example data/*.parquet")
                    })?
                    .compile_matcher(),
            ),
            _ => None,
        };
        let (base, kind, path) = (self.base(), self.kind, self.path.clone());
        Ok(move |name: &str| {
            let full = if base.is_empty() { name.to_owned() } else { format!("{base}/{name}") };
            let matches = match (&glob, kind) {
                (Some(glob), _) => glob.is_match(&full),
                (None, PathKind::File) => full == path,
                (None, _) => true,
            };
            matches && project::reserved(&full).is_none()
        })
    }
}

/// Whether a file of this name lies in the folder that the name is relative to, on every system.
pub(super) fn is_plain(name: &str) -> bool {
    name.split('/').all(|part| !matches!(part, "" | "." | "..")) && !name.contains(['\0', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_its_own_files_only() {
        for (path, kind, base, own, others) in [
            ("data/x.csv", PathKind::File, "data", &["x.csv"][..], &["y.csv", "deep/x.csv", "../x.csv"][..]),
            ("x.csv", PathKind::File, "", &["x.csv"], &["mlops.toml", "/x.csv"]),
            ("data", PathKind::Folder, "data", &["a", "b/c"], &[".a", "b/.c"]),
            ("data/*.csv", PathKind::Glob, "data", &["a.csv"], &["b/a.csv", "a.json", ".a.csv"]),
            ("*", PathKind::Glob, "", &["a"], &["mlops.toml", "mlops.lock", ".git"]),
            ("d/{a,b}/**/*.csv", PathKind::Glob, "d", &["a/x.csv", "b/c/x.csv"], &["c/x.csv", "a/.git/x.csv"]),
        ] {
            let pattern = PathPattern::new(path, kind);
            let matches = pattern.matcher().unwrap();
            assert_eq!(pattern.base(), base);
            assert!(own.iter().all(|name| matches(name)), "{path}");
            assert!(!others.iter().any(|name| matches(name)), "{path}");
        }
        assert!(["../a", "b//c", "b/../c", "", "a\\b", "/a"].iter().all(|name| !is_plain(name)));
    }
}
