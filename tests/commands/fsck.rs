//! `mlops fsck` finds what was broken on purpose, says what it affects and exits with 3.

use crate::common::{TestProject, loans};
use mlops::project::Project;
use mlops::store::Hash;
use mlops::upkeep::roots;
use std::collections::BTreeSet;
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
    project.fails(3, &["fsck"]).shows(&["dataset a@1", "a.csv is not on this machine"]);
}

#[test]
fn the_roots_of_a_project_are_its_blobs_and_no_others() {
    let trial = loans::project();
    let project = Project::open(trial.root()).unwrap();
    let found = roots(&project, &project.ledger().unwrap()).unwrap();
    assert!(found.unread.is_empty(), "{:?}", found.unread);
    let named: BTreeSet<Hash> = found.named.iter().map(|root| root.hash).collect();
    assert_eq!(named.into_iter().collect::<Vec<_>>(), project.store().list().unwrap());
    let roles: BTreeSet<String> = found.named.iter().map(|root| root.role.to_string()).collect();
    for role in ["its manifest", "loans.csv", "its rows", "its bundle", "its tensors", "its content"] {
        assert!(roles.contains(role), "no {role} in {roles:?}");
    }
}

#[test]
fn a_list_that_is_lost_is_told_apart_from_one_that_names_nothing() {
    let trial = project();
    let version = Hash::parse(trial.read("mlops.lock").trim().split_once(' ').unwrap().1).unwrap();
    let project = Project::open(trial.root()).unwrap();
    project.store().delete(&version).unwrap();
    let found = roots(&project, &project.ledger().unwrap()).unwrap();
    assert_eq!((found.unread[0].owner.as_str(), found.unread[0].hash), ("dataset a@1", version));
    trial.fails(3, &["fsck"]).shows(&["dataset a@1", "its manifest", "is not on this machine"]);
    // What only the lock file names is a root too.
    trial.write("mlops.lock", format!("a {version}\nb {}\n", Hash::of(b"elsewhere")));
    let found = roots(&project, &project.ledger().unwrap()).unwrap();
    assert!(found.named.iter().any(|root| root.owner == "mlops.lock dataset b"), "{found:?}");
}

#[test]
fn a_model_is_named_by_everything_that_needs_it() {
    let trial = loans::project();
    let hash = trial.json(&["model", "show", "late"])["hash"].as_str().unwrap().to_owned();
    let manifest = std::fs::read(trial.path(".mlops/objects").join(&hash[..2]).join(&hash[2..])).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let tensors = manifest["tensor_blob"].as_str().unwrap();
    let path = trial.path(".mlops/objects").join(&tensors[..2]).join(&tensors[2..]);
    let whole = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    trial.fails(3, &["fsck"]).shows(&["artifact model", "model late@1", "its tensors", "is not on this machine"]);
    std::fs::write(&path, whole).unwrap();
    trial.ok(&["fsck"]);
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
