//! Files that the documents name are there.

use std::path::{Path, PathBuf};

/// The paths under `src/` and `tests/` that stand in backticks. Words in capitals (`src/cli/GROUP/NAME.rs`) and patterns stand
/// for any name.
fn paths(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_path = |path: &&str| ["src/", "tests/"].iter().any(|folder| path.starts_with(folder)) && path.contains('.');
    let is_plain =
        |path: &&str| path.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "/._-".contains(c));
    quoted.filter(is_path).filter(is_plain).collect()
}

#[test]
fn paths_are_read() {
    assert_eq!(
        paths("`src/lib.rs`, `src/cli/NAME.rs`, `src/cli/`, src/x.rs and `tests/common/mod.rs`"),
        ["src/lib.rs", "tests/common/mod.rs"]
    );
}

#[test]
fn files_that_documents_name_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents: Vec<PathBuf> = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    let docs = walkdir::WalkDir::new(root.join("docs")).into_iter().map(Result::unwrap);
    documents.extend(docs.map(|entry| entry.into_path()).filter(|path| path.extension().is_some_and(|e| e == "md")));
    let (mut named, mut missing) = (0, Vec::new());
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        for path in paths(&text) {
            named += 1;
            if !root.join(path).exists() {
                missing.push(format!("{}: {path}", document.strip_prefix(root).unwrap().display()));
            }
        }
    }
    assert!(named > 20, "no paths are found any more");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The modules that a room's page lists: `//! - `a`, `b`: what they are for; `c`: …`.
fn listed(page: &str) -> Vec<&str> {
    let lines = page.lines().filter_map(|line| line.strip_prefix("//! - `"));
    let heads = lines.filter_map(|line| line.split_once("`:").map(|(names, _)| names));
    heads
        .flat_map(|names| names.split("`, `"))
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect()
}

/// Pages of rooms that need no list: their files are all of one kind, which the page names.
const ALIKE: [&str; 10] = [
    "cli",
    "cli/data",
    "cli/feature",
    "cli/model",
    "cli/monitor",
    "cli/run",
    "document/plot",
    "project/definitions",
    "serve/dialect",
    "monitor/statistics",
];

#[test]
fn every_file_of_a_room_is_on_the_rooms_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut missing) = (0, Vec::new());
    for entry in walkdir::WalkDir::new(&root).into_iter().map(Result::unwrap) {
        let path = entry.path();
        let (folder, stem) = (path.parent().unwrap(), path.file_stem().unwrap().to_str().unwrap());
        let room = folder.strip_prefix(&root).unwrap_or(Path::new("")).to_str().unwrap();
        let is_test = stem == "tests" || stem.ends_with("_tests");
        if path.extension().is_none_or(|e| e != "rs")
            || stem == "mod"
            || is_test
            || room.is_empty()
            || ALIKE.contains(&room)
        {
            continue;
        }
        files += 1;
        let page = std::fs::read_to_string(folder.join("mod.rs")).unwrap();
        let said = page.lines().filter(|line| line.starts_with("//!")).any(|line| line.contains(&format!("`{stem}`")));
        if !said {
            missing.push(format!("src/{room}/mod.rs does not say what `{stem}` is for"));
        }
    }
    assert!(files > 150, "only {files} files are found");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn modules_that_the_page_of_a_room_lists_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut named, mut missing) = (0, Vec::new());
    for entry in walkdir::WalkDir::new(&root).into_iter().map(Result::unwrap).filter(|e| e.file_name() == "mod.rs") {
        let (page, folder) = (std::fs::read_to_string(entry.path()).unwrap(), entry.path().parent().unwrap());
        for name in listed(&page) {
            named += 1;
            if !folder.join(format!("{name}.rs")).exists() && !folder.join(name).exists() {
                missing.push(format!("{}: {name}", entry.path().strip_prefix(&root).unwrap().display()));
            }
        }
    }
    assert!(named > 60, "only {named} modules are found");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
