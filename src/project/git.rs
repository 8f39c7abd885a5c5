//! What this program needs to know of the git repository around a project, read from git's files: running git in a repository that
//! came from a stranger would run what its configuration says.

use crate::error::Result;
use crate::store::open_plain;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

/// More bytes than a reference, or a file of packed ones, or an index has.
const MOST_REFERENCE: u64 = 4096;
const MOST_PACKED: u64 = 1 << 28;
const MOST_INDEX: u64 = 1 << 30;
/// References that lead to others, one after the other, as git follows them.
const MOST_STEPS: usize = 5;

/// A git repository with files checked out.
#[derive(Debug)]
pub struct GitRepository {
    /// The folder of the files.
    worktree: PathBuf,
    /// The folder of `HEAD` and the index.
    own: PathBuf,
    /// The folder of references, which worktrees share.
    common: PathBuf,
}

impl GitRepository {
    /// The repository that a folder lies in.
    pub fn around(folder: &Path) -> Option<Self> {
        let worktree = worktree_around(folder)?;
        let dot_git = worktree.join(".git");
        let own = match dot_git.is_dir() {
            true => dot_git,
            false => {
                let text = text_of(&dot_git, MOST_REFERENCE)?;
                worktree.join(text.strip_prefix("gitdir:")?.trim())
            }
        };
        let common =
            text_of(&own.join("commondir"), MOST_REFERENCE).map_or_else(|| own.clone(), |c| own.join(c.trim()));
        Some(GitRepository { worktree, own, common })
    }

    /// The commit that is checked out; none before the first one.
    pub fn head(&self) -> Option<String> {
        let mut text = text_of(&self.own.join("HEAD"), MOST_REFERENCE)?;
        for _ in 0..MOST_STEPS {
            let Some(reference) = text.strip_prefix("ref:").map(str::trim) else { return commit(&text) };
            if !is_reference(reference) {
                return None;
            }
            match text_of(&self.common.join(reference), MOST_REFERENCE) {
                Some(next) => text = next,
                None => return self.packed(reference),
            }
        }
        None
    }

    fn packed(&self, reference: &str) -> Option<String> {
        let text = text_of(&self.common.join("packed-refs"), MOST_PACKED)?;
        text.lines().find_map(|line| {
            line.split_once(' ').filter(|(_, name)| *name == reference).and_then(|(hash, _)| commit(hash))
        })
    }

    /// Whom the repository's own configuration calls the user.
    pub fn user(&self) -> Option<String> {
        git_user(&self.common.join("config"))
    }

    /// The files that git tracks.
    pub fn tracked(&self) -> Result<TrackedFiles> {
        let mut bytes = Vec::new();
        // An index that is reached through a link is not read: any file may be tracked.
        let Ok(index) = open_plain(&self.own.join("index")) else {
            return Ok(TrackedFiles { worktree: self.worktree.clone(), paths: None });
        };
        if let Some(file) = index {
            let read = file.take(MOST_INDEX).read_to_end(&mut bytes);
            read.map_err(|e| crate::error::Error::io("read", self.own.join("index"), e))?;
        }
        let sha256 = text_of(&self.common.join("config"), MOST_PACKED)
            .is_some_and(|text| text.to_lowercase().contains("objectformat") && text.to_lowercase().contains("sha256"));
        let paths =
            if bytes.is_empty() { Some(BTreeSet::new()) } else { index_paths(&bytes, if sha256 { 32 } else { 20 }) };
        Ok(TrackedFiles { worktree: self.worktree.clone(), paths })
    }
}

/// `user.name` in a file of git's configuration.
pub fn git_user(config: &Path) -> Option<String> {
    let text = text_of(config, MOST_PACKED)?;
    let mut section = "";
    let name = text.lines().map(str::trim).filter_map(|line| {
        if line.starts_with('[') {
            section = line;
            return None;
        }
        let (key, value) = line.split_once('=')?;
        (section.eq_ignore_ascii_case("[user]") && key.trim().eq_ignore_ascii_case("name")).then(|| value.trim())
    });
    name.last().map(|name| name.trim_matches('"').to_owned()).filter(|name| !name.is_empty())
}

/// The files that git tracks, whatever repository each lies in: one may lie inside another. Each index is read once.
#[derive(Debug, Default)]
pub struct TrackedAnywhere {
    /// Folder → the worktree around it.
    worktrees: BTreeMap<PathBuf, Option<PathBuf>>,
    /// Worktree → its files.
    known: BTreeMap<PathBuf, TrackedFiles>,
}

impl TrackedAnywhere {
    /// Whether git tracks the file at this absolute path. Where a repository can't be read, it may track any file.
    pub fn has(&mut self, path: &Path) -> Result<bool> {
        let folder = path.parent().unwrap_or(path);
        if !self.worktrees.contains_key(folder) {
            self.worktrees.insert(folder.to_owned(), worktree_around(folder));
        }
        let Some(worktree) = self.worktrees.get(folder).cloned().flatten() else { return Ok(false) };
        if !self.known.contains_key(&worktree) {
            let files = match GitRepository::around(&worktree) {
                Some(git) => git.tracked()?,
                None => TrackedFiles { worktree: worktree.clone(), paths: None },
            };
            self.known.insert(worktree.clone(), files);
        }
        Ok(self.known.get(&worktree).is_some_and(|files| files.has(path)))
    }
}

fn worktree_around(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// Which files git tracks.
#[derive(Debug)]
pub struct TrackedFiles {
    worktree: PathBuf,
    /// Relative to the worktree; none if the index can't be read, and any file may be tracked.
    paths: Option<BTreeSet<Vec<u8>>>,
}

impl TrackedFiles {
    /// Whether git tracks the file at this absolute path.
    pub fn has(&self, path: &Path) -> bool {
        let Ok(relative) = path.strip_prefix(&self.worktree) else { return false };
        let Some(paths) = &self.paths else { return true };
        let relative = relative.to_string_lossy().replace('\\', "/");
        let parts = relative.match_indices('/').map(|(at, _)| at + 1);
        // A sparse index names folders, with a slash at their end.
        let mut folders = parts.filter_map(|end| relative.as_bytes().get(..end));
        paths.contains(relative.as_bytes()) || folders.any(|folder| paths.contains(folder))
    }
}

fn text_of(path: &Path, most: u64) -> Option<String> {
    let mut bytes = Vec::new();
    open_plain(path).ok()??.take(most).read_to_end(&mut bytes).ok()?;
    String::from_utf8(bytes).ok()
}

fn commit(text: &str) -> Option<String> {
    let text = text.trim();
    (matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_owned())
}

/// Whether git would take this for the name of a reference.
fn is_reference(name: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    name.strip_prefix("refs/").is_some_and(|rest| rest.split('/').all(plain))
        && !name.contains("..")
        && !name
            .bytes()
            .any(|byte| byte <= b' ' || matches!(byte, b'\\' | b'~' | b'^' | b':' | b'?' | b'*' | b'[' | 127))
}

/// The paths of an index of version 2, 3 or 4 (gitformat-index); none if it can't be read or shares entries with another file.
fn index_paths(bytes: &[u8], hash: usize) -> Option<BTreeSet<Vec<u8>>> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let version = number(4).filter(|version| bytes.starts_with(b"DIRC") && (2..=4).contains(version))?;
    let mut at = 12;
    let mut path: Vec<u8> = Vec::new();
    let mut paths = BTreeSet::new();
    for _ in 0..number(8)? {
        let start = at;
        let flags = at + 40 + hash;
        let extended = version >= 3 && bytes.get(flags)? & 0x40 != 0;
        at = flags + if extended { 4 } else { 2 };
        if version == 4 {
            let (cut, length) = offset(bytes.get(at..)?)?;
            at += length;
            path.truncate(path.len().checked_sub(cut)?);
        } else {
            path.clear();
        }
        let name = bytes.get(at..)?;
        let length = name.iter().position(|byte| *byte == 0)?;
        path.extend_from_slice(name.get(..length)?);
        at += length + 1;
        if version < 4 {
            at = start + (at - start).next_multiple_of(8);
        }
        paths.insert(path.clone());
    }
    let shared = bytes.get(at..at + 4) == Some(b"link");
    (!shared).then_some(paths)
}

/// A number as git packs offsets: seven bits a byte, and one added for each byte that follows.
fn offset(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0usize;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        value = (value << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
        value += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_those_that_git_takes() {
        for good in ["refs/heads/main", "refs/heads/a/b-c", "refs/remotes/origin/HEAD"] {
            assert!(is_reference(good), "{good}");
        }
        for bad in
            ["HEAD", "../x", "refs/../x", "refs/heads/", "refs/heads/.x", "refs/heads/x.lock", "refs/a b", "/refs/x"]
        {
            assert!(!is_reference(bad), "{bad}");
        }
        assert_eq!(commit(&"a".repeat(40)), Some("a".repeat(40)));
        assert_eq!(commit("root:x:0:0"), None);
    }

    #[test]
    fn the_user_is_whom_the_configuration_names_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let of = |text: &str| {
            std::fs::write(&path, text).unwrap();
            git_user(&path)
        };
        let text = "[core]\n\tname = no\n[user]\n\temail = a@b\n\tname = Ada\n[User]\nname=\"Ada Lovelace\"\n";
        assert_eq!(of(text).as_deref(), Some("Ada Lovelace"));
        assert_eq!((of("[user]\nname =\n"), of("name = x\n"), of("")), (None, None, None));
    }

    #[test]
    fn every_version_of_an_index_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let git = |args: &[&str]| {
            let mut command = std::process::Command::new("git");
            command.args(args).current_dir(folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
            command.output().is_ok_and(|output| output.status.success())
        };
        assert!(git(&["init", "-q"]), "this test needs git, as the repository does");
        std::fs::create_dir_all(folder.path().join("data/deep")).unwrap();
        let files = ["a", "data/b.csv", "data/b.csv.gz", "data/deep/ü.csv", "z z"];
        for file in files {
            std::fs::write(folder.path().join(file), file).unwrap();
        }
        std::fs::write(folder.path().join("untracked"), "").unwrap();
        assert!(git(&["add", "a", "data", "z z"]));
        for version in ["2", "4"] {
            assert!(git(&["update-index", "--index-version", version]));
            let tracked = GitRepository::around(folder.path()).unwrap().tracked().unwrap();
            assert!(files.iter().all(|file| tracked.has(&folder.path().join(file))), "version {version}");
            assert!(!tracked.has(&folder.path().join("untracked")) && !tracked.has(&folder.path().join("data")));
            assert!(!tracked.has(Path::new("/elsewhere")));
        }
        let bytes = std::fs::read(folder.path().join(".git/index")).unwrap();
        for end in 0..bytes.len() - 20 {
            index_paths(&bytes[..end], 20);
        }
    }
}
