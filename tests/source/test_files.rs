//! Test files are modules of a few binaries, because each binary links Polars. A file that no `main.rs` names would never
//! run; a test outside a binary would neither.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// Names of the entries of a folder, sorted.
fn entries(folder: &Path) -> BTreeSet<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    std::fs::read_dir(folder).unwrap().map(name).collect()
}

/// Folders under `tests/` that are a test binary.
fn binaries() -> Vec<String> {
    entries(&tests()).into_iter().filter(|name| tests().join(name).join("main.rs").is_file()).collect()
}

#[test]
fn every_test_file_is_a_module_of_its_binary() {
    for binary in binaries() {
        let folder = tests().join(&binary);
        let main = std::fs::read_to_string(folder.join("main.rs")).unwrap();
        let declared: BTreeSet<String> =
            main.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).map(str::to_owned).collect();
        for file in entries(&folder).iter().filter_map(|name| name.strip_suffix(".rs")).filter(|name| *name != "main") {
            assert!(declared.contains(file), "tests/{binary}/{file}.rs is not named in tests/{binary}/main.rs");
        }
    }
}

#[test]
fn test_binaries_are_few_and_none_is_switched_off() {
    assert!(binaries().len() <= 5, "{:?}: each links Polars; make a module of one of them", binaries());
    let loose: Vec<String> = entries(&tests()).into_iter().filter(|name| name.ends_with(".rs")).collect();
    assert!(loose.is_empty(), "{loose:?}: make each a module of a test binary");
    let manifest = std::fs::read_to_string(tests().parent().unwrap().join("Cargo.toml")).unwrap();
    for switch in ["autotests", "[[test]]", "test = false", "harness = false"] {
        assert!(!manifest.contains(switch), "Cargo.toml says {switch}: a test could be left out");
    }
}

#[test]
fn files_with_tests_in_the_source_are_compiled() {
    let mut folders = vec![tests().parent().unwrap().join("src")];
    while let Some(folder) = folders.pop() {
        let here = entries(&folder);
        let parent = ["mod.rs", "lib.rs"].iter().find(|name| here.contains(**name));
        let parent = parent.map(|name| std::fs::read_to_string(folder.join(name)).unwrap()).unwrap_or_default();
        for name in &here {
            let path = folder.join(name);
            if path.is_dir() {
                folders.push(path);
            } else if let Some(module) = name.strip_suffix(".rs").filter(|m| !["mod", "lib", "main"].contains(m)) {
                assert!(parent.contains(&format!("mod {module};")), "{} is named by no mod.rs", path.display());
            }
        }
    }
}
