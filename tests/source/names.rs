//! One name means one thing in the whole source: no public type of a room is called like one of another room, and a function
//! of another room is called by the name of its room (`model::load(…)`, not a bare `load(…)`).

use super::floors::files;
use std::collections::{BTreeMap, BTreeSet};

/// Mathematics is written as in a formula: `ln(x)` means the same in every room.
const FORMULAS: [&str; 1] = ["math"];

/// Associated types that implementing a trait of another crate asks for.
const OF_TRAITS: [&str; 3] = ["Err", "Error", "Value"];

/// The type that a line declares for others to use, if it declares one: `pub struct NAME`, `pub(super) enum NAME` and so on.
fn declared_type(line: &str) -> Option<String> {
    let rest = line.trim_start().strip_prefix("pub")?;
    let rest = match rest.strip_prefix('(') {
        Some(rest) => rest.split_once(')')?.1,
        None => rest,
    };
    let rest = ["struct ", "enum ", "trait ", "type "].iter().find_map(|word| rest.trim_start().strip_prefix(word))?;
    Some(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

/// What the items of a `use crate::…;` name: `data::{Frame, csv::{self, read}}` is `data::Frame`, `data::csv` and
/// `data::csv::read`. An item with another name here (`as`) counts by its own.
fn imported(code: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (at, _) in code.match_indices("use crate::") {
        let rest = &code[at + "use crate::".len()..];
        let text: String =
            rest[..rest.find(';').unwrap_or(rest.len())].split_whitespace().collect::<Vec<_>>().join(" ");
        let (mut prefix, mut opened, mut item) = (Vec::<String>::new(), Vec::new(), String::new());
        for c in text.chars().chain([',']) {
            match c {
                '{' => {
                    let before = prefix.len();
                    prefix.extend(item.trim().split("::").filter(|part| !part.is_empty()).map(str::to_owned));
                    opened.push(before);
                    item.clear();
                }
                ',' | '}' => {
                    let name = item.split(" as ").next().unwrap_or_default().trim();
                    if !name.is_empty() {
                        let path = name.split("::").filter(|part| *part != "self").map(str::to_owned);
                        all.push(prefix.iter().cloned().chain(path).collect());
                    }
                    item.clear();
                    if c == '}' {
                        prefix.truncate(opened.pop().unwrap_or_default());
                    }
                }
                _ => item.push(c),
            }
        }
    }
    all
}

/// The modules that a file declares.
fn modules(code: &str) -> BTreeSet<String> {
    let name = |line: &str| Some(line.split_once("mod ")?.1.strip_suffix(';')?.to_owned());
    code.lines().filter(|line| line.starts_with("pub")).filter_map(name).collect()
}

#[test]
fn declarations_and_imports_are_read() {
    let declared = |line: &str| declared_type(line).unwrap_or_default();
    assert_eq!(declared("    pub(in crate::ledger) struct Row<'a> {"), "Row");
    assert_eq!([declared("struct Row;"), declared("pub fn row()"), declared("pub enum Kind {")], ["", "", "Kind"]);
    let code = "use crate::{error::Result, data::{self, Frame, csv::{read as read_csv}}};\nuse crate::model::load;\n";
    let paths: Vec<String> = imported(code).into_iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["error::Result", "data", "data::Frame", "data::csv::read", "model::load"]);
}

#[test]
fn no_two_rooms_have_a_public_type_of_one_name() {
    let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (room, _, code) in files() {
        for name in code.lines().filter_map(declared_type).filter(|name| !OF_TRAITS.contains(&name.as_str())) {
            owners.entry(name).or_default().insert(room.clone());
        }
    }
    assert!(owners.len() > 200, "types are not found any more");
    let shared: Vec<String> = owners
        .into_iter()
        .filter(|(_, rooms)| rooms.len() > 1)
        .map(|(name, rooms)| format!("{name}: in {}", rooms.into_iter().collect::<Vec<_>>().join(" and ")))
        .collect();
    assert!(shared.is_empty(), "give these types names that say whose they are:\n{}", shared.join("\n"));
}

#[test]
fn a_function_of_another_room_is_called_by_its_rooms_name() {
    let (files, mut wrong) = (files(), Vec::new());
    let face = |room: &str| {
        let names = [format!("{room}.rs"), format!("{room}/mod.rs")];
        files.iter().filter(|(_, name, _)| names.contains(name)).flat_map(|(.., code)| modules(code)).collect()
    };
    for (room, name, code) in &files {
        for path in imported(code) {
            let [other, .., last] = path.as_slice() else { continue };
            let one_word = last.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            let others: BTreeSet<String> = face(other);
            let module = path.len() == 2 && others.contains(last);
            if one_word && !module && other != room && !FORMULAS.contains(&other.as_str()) {
                wrong.push(format!("src/{name}: `{}`; write {other}::{last}(…)", path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
