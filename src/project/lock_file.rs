//! `mlops.lock`: which version of each dataset the project stands on. One line per dataset, `NAME HASH`, sorted, so
//! that git merges changes of different datasets by itself. Invariant: written whole, by rename.

use super::read_text::text_of;
use super::{Name, Project};
use crate::error::{Error, Result};
use crate::store::{Hash, read_plain, read_short_plain, write_atomic};
use std::collections::BTreeMap;
use std::path::Path;

/// The hint when the file is damaged.
const RESTORE: &str = "restore the file with git, or run `mlops data add` after removing the line";

/// Longest `mlops.lock`, bytes: a hundred thousand datasets.
const LONGEST: u64 = 16 << 20;

/// The parsed lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockFile {
    /// Dataset → hash of its manifest.
    pub versions: BTreeMap<Name, Hash>,
}

impl LockFile {
    /// Reads `mlops.lock`; a missing file is an empty one.
    pub fn read(project: &Project) -> Result<Self> {
        let path = project.lock_path();
        read_short_plain(&path, LONGEST)?
            .map_or_else(|| Ok(LockFile::default()), |bytes| LockFile::parse(&bytes, &path))
    }

    fn parse(bytes: &[u8], path: &Path) -> Result<Self> {
        let text = text_of(bytes, path).map_err(|e| e.hint(RESTORE))?;
        let mut versions = BTreeMap::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = format!("{} line {}", path.display(), at + 1);
            if line.starts_with("<<<<<<<") || line.starts_with("=======") || line.starts_with(">>>>>>>") {
                return Err(Error::invalid("an unresolved merge conflict")
                    .at(place)
                    .hint("keep one of the two lines, then run again"));
            }
            let (name, hash) =
                line.split_once(' ').ok_or_else(|| Error::invalid("expected NAME HASH").at(&place).hint(RESTORE))?;
            let name = Name::parse(name).map_err(|e| e.at(&place))?;
            let hash = Hash::parse(hash.trim()).map_err(|e| e.at(&place).hint(RESTORE))?;
            if versions.insert(name, hash).is_some() {
                return Err(Error::invalid("the dataset is listed twice").at(place).hint("keep one of the lines"));
            }
        }
        Ok(LockFile { versions })
    }

    /// Replaces `mlops.lock` in one step; an unchanged content is not written.
    pub fn write(&self, project: &Project) -> Result<()> {
        let text: String = self.versions.iter().map(|(name, hash)| format!("{name} {hash}\n")).collect();
        let path = project.lock_path();
        if read_plain(&path).is_ok_and(|old| old.is_some_and(|old| old == text.as_bytes())) {
            return Ok(());
        }
        write_atomic(&path, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_line_is_named() {
        let e = LockFile::parse(b"flights xyz\n", Path::new("mlops.lock")).unwrap_err();
        assert!(e.message().starts_with("mlops.lock line 1"), "{e}");
        let e = LockFile::parse(b"<<<<<<< HEAD\n", Path::new("mlops.lock")).unwrap_err();
        assert!(e.message().contains("merge conflict"), "{e}");
    }
}
