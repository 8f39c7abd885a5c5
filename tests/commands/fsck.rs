//! `mlops fsck` finds what was broken on purpose, says what it affects and exits with 3.

use crate::common::TestProject;
use std::path::Path;

const CONTENT: &[u8] = b"id,x\n1,10\n2,20\n";

fn project() -> TestProject {
    let project = TestProject::with("[data.a]\npath = \"a.csv\"\n");
    project.write("a.csv", CONTENT);
    project.ok(&["data", "add"]);
    project
}

/// Changes a blob's file; blobs are read-only.
fn overwrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_whole_project_is_healthy() {
    let project = project();
    let found = project.json(&["fsck"]);
    assert_eq!((&found["healthy"], &found["blobs"]), (&true.into(), &2.into()), "the file and its manifest");
}

#[test]
fn a_flipped_byte_is_found_and_the_dataset_named() {
    let project = project();
    overwrite(&project.blob(CONTENT), |bytes| bytes[3] ^= 1);
    project.fails(3, &["fsck"]).shows(&["damaged", "dataset a@1", "a.csv"]).says(&["error: ", "hint: "]);
    let output = project.fails(3, &["fsck", "--json"]);
    assert_eq!(output.json()["healthy"], false);
    assert_eq!(output.error()["kind"], "corrupt");
}

#[test]
fn a_damaged_blob_is_not_checked_out_and_mended_by_adding_again() {
    let project = project();
    let blob = project.blob(CONTENT);
    overwrite(&blob, |bytes| bytes[3] ^= 1);
    project.remove("a.csv");
    project.fails(3, &["data", "checkout"]).says(&["damaged", "hint: "]);
    assert!(!project.path("a.csv").exists(), "nothing is better than something wrong");
    std::fs::remove_file(&blob).unwrap();
    project.write("a.csv", CONTENT);
    project.ok(&["data", "add"]);
    project.ok(&["fsck"]);
    project.remove("a.csv");
    project.ok(&["data", "checkout"]);
    assert_eq!(project.read("a.csv").as_bytes(), CONTENT);
}

#[test]
fn a_missing_blob_is_found() {
    let project = project();
    std::fs::remove_file(project.blob(CONTENT)).unwrap();
    project.fails(3, &["fsck"]).shows(&["dataset a@1", "a.csv is missing"]);
}

#[test]
fn every_damaged_blob_is_found_wherever_the_damage_is() {
    for at in 0..2 {
        for change in
            [|b: &mut Vec<u8>| b.truncate(b.len() / 2), |b: &mut Vec<u8>| b.clear(), |b: &mut Vec<u8>| b.push(0)]
        {
            let project = project();
            let mut blobs = project.blobs();
            blobs.sort();
            overwrite(&blobs[at], change);
            project.fails(3, &["fsck"]).shows(&["dataset a@1"]);
        }
    }
}

#[test]
fn a_ledger_of_nonsense_is_an_error_and_not_a_panic() {
    let project = project();
    for file in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(project.path(".mlops").join(file));
    }
    project.write(".mlops/ledger.db", vec![0xA5; 8192]);
    project.fails(3, &["fsck"]).shows(&["damaged ledger"]);
    project.fails(3, &["status"]).says(&["ledger", "hint: "]);
    project.fails(3, &["data", "add"]).says(&["ledger"]);
}
