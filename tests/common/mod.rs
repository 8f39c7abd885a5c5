//! A project in a temporary directory, driven through the real binary. Every test file uses it.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

pub mod faults;
pub mod fuzzing;
pub mod loans;
pub mod server;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A folder that goes away with the test. Links in its path are resolved, so that it equals what mlops prints.
pub struct TestProject {
    _folder: TempDir,
    root: PathBuf,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl TestProject {
    /// An initialised project.
    pub fn new() -> Self {
        let project = TestProject::empty();
        project.ok(&["init"]);
        project
    }

    /// An empty folder.
    pub fn empty() -> Self {
        let folder = tempfile::Builder::new().prefix("mlops-").tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("trial");
        std::fs::create_dir(&root).unwrap();
        TestProject { _folder: folder, root }
    }

    /// An initialised project with these definitions after `[project]`.
    pub fn with(definitions: &str) -> Self {
        let project = TestProject::new();
        project.define(definitions);
        project
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Replaces `mlops.toml`.
    pub fn define(&self, definitions: &str) {
        self.write("mlops.toml", format!("[project]\nname = \"trial\"\nseed = 7\n\n{definitions}"));
    }

    /// Runs git in the project's folder; what it prints.
    pub fn git(&self, args: &[&str]) -> String {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]).args(args).current_dir(self.root());
        let output = Output::of(git.env("GIT_CONFIG_NOSYSTEM", "1"));
        assert_eq!(output.code, 0, "git {args:?}\n{output}");
        output.stdout
    }

    /// Writes a file, making its folders.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn read(&self, relative: &str) -> String {
        std::fs::read_to_string(self.path(relative)).unwrap_or_else(|e| panic!("{relative}: {e}"))
    }

    pub fn read_bytes(&self, relative: &str) -> Vec<u8> {
        std::fs::read(self.path(relative)).unwrap_or_else(|e| panic!("{relative}: {e}"))
    }

    pub fn remove(&self, relative: &str) {
        let path = self.path(relative);
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
    }

    /// The binary in the project's folder, without anything of the caller's environment that it reads.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mlops"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MLOPS_")) {
            command.env_remove(name);
        }
        command.args(args).current_dir(&self.root).env("NO_COLOR", "1").env("USER", "tester").stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        Output::of(&mut self.command(args))
    }

    /// Runs and expects exit code 0.
    pub fn ok(&self, args: &[&str]) -> Output {
        let output = self.run(args);
        assert_eq!(output.code, 0, "mlops {args:?}\n{output}");
        output
    }

    /// Runs and expects this exit code.
    pub fn fails(&self, code: i32, args: &[&str]) -> Output {
        let output = self.run(args);
        assert_eq!(output.code, code, "mlops {args:?}\n{output}");
        output
    }

    /// Runs with `--json`, expects exit code 0 and one JSON document.
    pub fn json(&self, args: &[&str]) -> Value {
        self.ok(&[args, &["--json"]].concat()).json()
    }

    /// Everything under a folder of the project: path → content. `.mlops` and `.git` are passed over.
    pub fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let base = self.path(folder);
        let own = |e: &walkdir::DirEntry| e.depth() == 0 || !matches!(e.file_name().to_str(), Some(".mlops" | ".git"));
        let entries = walkdir::WalkDir::new(&base).into_iter().filter_entry(own).map(Result::unwrap);
        let files = entries.filter(|e| !e.file_type().is_dir());
        let name = |path: &Path| path.strip_prefix(&base).unwrap().to_str().unwrap().to_owned();
        files.map(|e| (name(e.path()), std::fs::read(e.path()).unwrap())).collect()
    }

    /// Everything a command can leave behind: folders, files, links, blobs and the rows of every database, as path →
    /// what is there. Only what a refused command may write is passed over: the log of commands, the cache of file
    /// stats, locks.
    pub fn disk(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for entry in walkdir::WalkDir::new(&self.root).into_iter().map(Result::unwrap) {
            let path = entry.path();
            let name = path.strip_prefix(&self.root).unwrap().to_string_lossy().into_owned();
            let passed_over = name.starts_with(".mlops/locks/") || name.ends_with("-wal") || name.ends_with("-shm");
            if !passed_over {
                let content = match () {
                    () if entry.file_type().is_dir() => "folder".to_owned(),
                    () if entry.file_type().is_symlink() => {
                        format!("link to {}", std::fs::read_link(path).unwrap().display())
                    }
                    () if !entry.file_type().is_file() => "special".to_owned(),
                    () => rows_of(path).unwrap_or_else(|| blake3::hash(&std::fs::read(path).unwrap()).to_string()),
                };
                found.insert(name, content);
            }
        }
        found
    }

    /// Runs and expects that it is refused: this exit code, an error with a hint, no panic, and the disk as it was.
    pub fn refuses(&self, code: i32, args: &[&str]) -> Output {
        let before = self.disk();
        let output = self.fails(code, args);
        assert!(!output.stderr.contains("panicked"), "mlops {args:?}\n{output}");
        let after = self.disk();
        let changed: Vec<&String> =
            before.keys().chain(after.keys()).filter(|k| before.get(*k) != after.get(*k)).collect();
        assert!(changed.is_empty(), "mlops {args:?} changed {changed:?}\n{output}");
        let hinted = ["hint: ", "try '--help'"].iter().any(|part| output.stderr.contains(part));
        assert!(output.stderr.starts_with("error: ") && hinted, "mlops {args:?}: no hint\n{output}");
        output
    }

    /// Where the blob of this content lies.
    pub fn blob(&self, content: &[u8]) -> PathBuf {
        let hex = blake3::hash(content).to_hex();
        self.path(".mlops/objects").join(&hex[..2]).join(&hex[2..])
    }

    /// Every blob's file.
    pub fn blobs(&self) -> Vec<PathBuf> {
        let found = walkdir::WalkDir::new(self.path(".mlops/objects")).into_iter().map(Result::unwrap);
        found.filter(|e| e.file_type().is_file()).map(|e| e.path().to_owned()).collect()
    }
}

/// The rows of a database's tables as a hash; none if the file is none that can be read.
fn rows_of(path: &Path) -> Option<String> {
    if path.extension()? != "db" {
        return None;
    }
    let database = rusqlite::Connection::open(path).ok()?;
    let mut tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").ok()?;
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).ok()?.collect::<Result<_, _>>().ok()?;
    let mut hasher = blake3::Hasher::new();
    for table in tables.iter().filter(|t| !["operation", "file_stat"].contains(&t.as_str())) {
        let mut rows = database.prepare(&format!("SELECT * FROM \"{table}\"")).ok()?;
        let width = rows.column_count();
        let mut rows = rows.query([]).ok()?;
        while let Some(row) = rows.next().ok()? {
            let cells = (0..width).map(|at| row.get::<_, rusqlite::types::Value>(at)).collect::<Result<Vec<_>, _>>();
            hasher.update(format!("{table} {:?}\n", cells.ok()?).as_bytes());
        }
    }
    Some(hasher.finalize().to_string())
}

impl Output {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the binary runs");
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output as one JSON document.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("not JSON: {e}\n{self}"))
    }

    /// The error on standard error, printed with `--json`.
    pub fn error(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stderr).unwrap_or_else(|e| panic!("not JSON: {e}\n{self}"));
        value["error"].clone()
    }

    /// Expects that standard error has all these parts.
    pub fn says(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in\n{self}");
        }
        self
    }

    /// Expects that standard output has all these parts.
    pub fn shows(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.stdout.contains(part), "{part:?} is not in\n{self}");
        }
        self
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit code {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

/// Holds a file of the repository equal to what the code makes; `UPDATE=1` writes it anew.
pub fn hold_equal(relative: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(relative);
    if std::env::var_os("UPDATE").is_some_and(|v| v == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        return std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if let Some((at, (old, new))) = kept.lines().zip(made.lines()).enumerate().find(|(_, (a, b))| a != b) {
        panic!("{relative} line {}:\n- {old}\n+ {new}\nrun with UPDATE=1 to write it anew", at + 1);
    }
    assert!(kept == made, "{relative} is not what the code makes; run with UPDATE=1 to write it anew");
}
