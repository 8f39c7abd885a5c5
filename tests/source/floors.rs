//! The floors of the house: a room uses the rooms below it and never one above, and only `cli/` and `main.rs` talk to
//! the terminal, the environment and the process.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The rooms from the bottom up: those that exist.
const ROOMS: &[&str] = &[
    "nearest_name",
    "error",
    "math",
    "progress",
    "store",
    "database",
    "project",
    "ledger",
    "document",
    "learn",
    "data",
    "features",
    "prep",
    "model",
    "upkeep",
    "registry",
    "evaluation",
    "first_model",
    "predictions",
    "pipeline",
    "serve",
    "monitor",
    "retrain",
    "check",
    "cli",
];

/// What only `cli/` and `main.rs` may do.
const TALK: [&str; 7] =
    ["println!", "eprintln!", "print!(", "eprint!(", "env::var", "process::exit", "env::current_dir"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file: its room, its name for messages, its text without comments.
pub fn files() -> Vec<(String, String, String)> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(source()).sort_by_file_name().into_iter().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let name = path.strip_prefix(source()).unwrap().to_str().unwrap().to_owned();
        let room = name.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let text = std::fs::read_to_string(path).unwrap();
        let code: Vec<&str> = text.lines().map(|l| if l.trim_start().starts_with("//") { "" } else { l }).collect();
        files.push((room, name, code.join("\n")));
    }
    assert!(files.len() > 20, "the source is not where it was");
    files
}

/// The rooms that a file's code names: `crate::ROOM…` and `crate::{ROOM…, ROOM…}`.
fn used(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => drop(rooms.insert(word(rest))),
            Some(list) => {
                let mut depth = 0;
                let mut start = 0;
                for (at, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth > 0 => depth -= 1,
                        ',' | '}' if depth == 0 => {
                            rooms.insert(word(list[start..at].trim()));
                            start = at + 1;
                        }
                        _ => {}
                    }
                    if c == '}' && depth == 0 && start > at {
                        break;
                    }
                }
            }
        }
    }
    rooms.remove("");
    rooms
}

#[test]
fn a_list_of_rooms_is_read() {
    let rooms = used("use crate::{data::{Frame, Key}, store, model::load};\nuse crate::error::Result;");
    assert_eq!(rooms.into_iter().collect::<Vec<_>>(), ["data", "error", "model", "store"]);
}

#[test]
fn no_room_uses_one_above_it() {
    let (files, mut wrong) = (files(), Vec::new());
    for (room, name, code) in files.iter().filter(|(room, ..)| room != "main" && room != "lib") {
        let floor = ROOMS.iter().position(|r| r == room);
        if floor.is_none() {
            wrong.push(format!("{name}: room \"{room}\" has no floor; give it one in tests/source/floors.rs"));
        }
        for other in used(code).iter().filter(|other| *other != room) {
            match ROOMS.iter().position(|r| r == other) {
                None => wrong.push(format!("{name}: crate::{other} is not a room")),
                Some(above) if floor.is_some_and(|floor| above > floor) => {
                    wrong.push(format!("{name}: {room} uses {other}, which lies above it"));
                }
                Some(_) => {}
            }
        }
    }
    for room in ROOMS.iter().filter(|room| !files.iter().any(|(there, ..)| there == *room)) {
        wrong.push(format!("{room} has a floor and no source; take it off the list in tests/source/floors.rs"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_cli_and_main_talk_to_terminal_environment_and_process() {
    let mut wrong = Vec::new();
    let talks = |room: &str, name: &str| room == "main" || room == "cli" || name.ends_with("tests.rs");
    for (_, name, code) in files().iter().filter(|(room, name, _)| !talks(room, name)) {
        for (at, line) in code.lines().enumerate() {
            for word in TALK.iter().filter(|word| line.contains(**word)) {
                wrong.push(format!("src/{name}:{}: {word}", at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Unsafe code has its own file, with its reason on top.
#[test]
fn unsafe_code_is_announced_at_the_top_of_its_file() {
    for entry in walkdir::WalkDir::new(source()).into_iter().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(path).unwrap();
            let allows = text.contains("allow(unsafe_code)") || text.contains("expect(unsafe_code");
            let says = text.lines().take_while(|l| l.starts_with("//!")).any(|l| l.contains("unsafe"));
            assert!(!allows || says, "{}: allows unsafe code without saying why in its `//!`", path.display());
        }
    }
}
