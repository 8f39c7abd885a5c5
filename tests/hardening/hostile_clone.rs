//! A project that came from a stranger: manifests that name files they should not, links and pipes in places of files, datasets in git's
//! own folder. Nothing outside the data is written, nothing is executed, and what a user edited stays.
#![cfg(unix)]

use crate::common::fuzzing::Random;
use crate::common::{Output, TestProject, loans};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const DEFINITIONS: &str = "[data.t]\npath = \"data\"\n";

fn recorded() -> TestProject {
    let project = TestProject::with(DEFINITIONS);
    project.write("data/a.csv", "id,x\n1,2\n");
    project.ok(&["data", "add"]);
    project
}

#[test]
fn no_file_is_written_through_a_link_below_a_dataset() {
    for target in ["../.git/hooks", "../.mlops", "../src"] {
        let project = TestProject::with("[data.d]\npath = \"data/*/pre-commit\"\n");
        project.write("data/sub/pre-commit", "#!/bin/sh\n");
        project.ok(&["data", "add"]);
        std::fs::remove_dir_all(project.path("data/sub")).unwrap();
        for folder in [".git/hooks", "src"] {
            std::fs::create_dir_all(project.path(folder)).unwrap();
        }
        symlink(target, project.path("data/sub")).unwrap();
        for args in [&["data", "checkout", "d"][..], &["data", "checkout", "d", "--force"]] {
            project.refuses(2, args).says(&["data/sub is a link"]);
        }
    }
}

/// Puts a manifest of an attacker in place of the version in `mlops.lock`.
fn forge(project: &TestProject, pattern: &str, kind: &str, file: &str, content: &str) {
    let blob = |bytes: &[u8]| {
        let path = project.blob(bytes);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        blake3::hash(bytes).to_string()
    };
    let content_hash = blob(content.as_bytes());
    let manifest = format!(
        "{{\"mlops_manifest\":2,\"path\":{pattern:?},\"kind\":\"{kind}\"}}\n\
         {{\"path\":{file:?},\"executable\":true,\"size\":{},\"hash\":\"{content_hash}\"}}\n",
        content.len()
    );
    let hash = blob(manifest.as_bytes());
    project.write("mlops.lock", format!("t {hash}\n"));
    let ledger = rusqlite::Connection::open(project.path(".mlops/ledger.db")).unwrap();
    ledger.execute("UPDATE dataset_version SET hash = ?1", [&hash]).unwrap();
}

#[test]
fn a_manifest_writes_only_what_its_pattern_matches() {
    for (pattern, kind, file, said) in [
        ("data", "folder", "../.git/hooks/pre-commit", "can't be a file of this dataset"),
        (".git/hooks", "folder", "pre-commit", "can't be a file of this dataset"),
        (".git/hooks/pre-commit", "file", "pre-commit", "can't be a file of this dataset"),
        ("", "folder", ".git/hooks/pre-commit", "can't be a file of this dataset"),
        ("", "folder", "mlops.toml", "can't be a file of this dataset"),
        ("data", "folder", ".bashrc", "can't be a file of this dataset"),
        ("data/*.csv", "glob", "run.sh", "can't be a file of this dataset"),
        ("**", "glob", ".mlops/x", "can't be a file of this dataset"),
        ("../outside", "folder", "x", "not a path inside"),
        ("/tmp", "folder", "x", "not a path inside"),
    ] {
        let project = recorded();
        project.git(&["init", "-q"]);
        forge(&project, pattern, kind, file, "#!/bin/sh\ntouch /tmp/owned\n");
        for args in [&["data", "checkout"][..], &["data", "checkout", "--force"], &["data", "checkout", "t@1"]] {
            let output = project.run(args);
            assert!(output.code >= 2 && !output.stderr.contains("panicked"), "{pattern} {file}: {output}");
            output.says(&[said]);
        }
        assert!(!project.path(".git/hooks/pre-commit").exists() && !project.path(".mlops/x").exists());
        assert!(project.read("mlops.toml").contains("[data.t]"));
    }
}

#[test]
fn files_that_git_tracks_are_replaced_only_by_force() {
    let project = TestProject::with("[data.t]\npath = \"src\"\n");
    project.write("src/main.py", "print('hi')\n");
    project.ok(&["data", "add"]);
    project.write("src/main.py", "print('mine')\n");
    project.ok(&["data", "add"]);
    project.git(&["init", "-q"]);
    project.git(&["add", "src"]);
    project.refuses(2, &["data", "checkout", "t@1"]).says(&["main.py is tracked by git", "--force"]);
    assert_eq!(project.read("src/main.py"), "print('mine')\n");
    project.ok(&["data", "checkout", "t@1", "--force"]);
    assert_eq!(project.read("src/main.py"), "print('hi')\n");
}

#[test]
fn files_that_a_repository_inside_the_project_tracks_are_replaced_only_by_force() {
    let project = TestProject::with("[data.t]\npath = \"data\"\n");
    project.write("data/sub/a.csv", "x\n1\n");
    project.ok(&["data", "add"]);
    project.write("data/sub/a.csv", "x\n2\n");
    project.ok(&["data", "add"]);
    project.git(&["init", "-q"]);
    project.git(&["init", "-q", "data/sub"]);
    project.git(&["-C", "data/sub", "add", "a.csv"]);
    project.refuses(2, &["data", "checkout", "t@1"]).says(&["a.csv is tracked by git", "--force"]);
    // A repository that can't be read may track any file.
    project.remove("data/sub/.git");
    project.write("data/sub/.git", "gitdir of a stranger");
    project.refuses(2, &["data", "checkout", "t@1"]).says(&["a.csv is tracked by git"]);
}

#[test]
fn temporary_files_lie_in_no_folder_that_a_link_leads_to() {
    let outside = tempfile::tempdir().unwrap();
    let project = TestProject::with("[data.t]\npath = \"data\"\n");
    project.write("data/a.csv", "x\n1\n");
    project.ok(&["data", "add"]);
    for (link, inside) in [("data/.mlops/tmp", true), ("data/.mlops", false)] {
        project.remove("data");
        let folder = outside.path().join("tmp");
        let _ = std::fs::create_dir(&folder);
        let link = project.path(link);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(if inside { &folder } else { outside.path() }, &link).unwrap();
        // A folder that nobody can write to: a temporary file there would be an error.
        let readonly = |mode| {
            let mode = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(mode);
            std::fs::set_permissions(&folder, mode).unwrap();
        };
        readonly(0o555);
        let before = std::fs::metadata(&folder).unwrap().modified().unwrap();
        project.ok(&["data", "checkout"]);
        assert_eq!(std::fs::metadata(&folder).unwrap().modified().unwrap(), before, "nothing was written there");
        readonly(0o755);
        assert_eq!(project.read("data/a.csv"), "x\n1\n");
    }
}

#[test]
fn a_dataset_is_never_in_gits_or_the_projects_own_folder() {
    for path in
        [".git", ".git/hooks", ".mlops/objects", "data/../.git/config", ".hidden/x.csv", "mlops.toml", "data/.x"]
    {
        let project = TestProject::with(&format!("[data.t]\npath = {path:?}\n"));
        project.git(&["init", "-q"]);
        project.write(".hidden/x.csv", "x\n1\n");
        project.refuses(2, &["data", "add"]);
        project.run(&["data", "status"]).shows(&["unreadable"]);
        project.refuses(2, &["data", "validate"]);
    }
}

#[test]
fn a_link_to_a_secret_is_no_data() {
    for target in [".git/config", ".mlops/ledger.db", "/etc/passwd", "../outside"] {
        let project = TestProject::with(DEFINITIONS);
        project.git(&["init", "-q"]);
        std::fs::write(project.root().parent().unwrap().join("outside"), "secret").unwrap();
        project.write("data/a.csv", "id\n1\n");
        let target = if target.starts_with('/') { PathBuf::from(target) } else { project.path(target) };
        symlink(target, project.path("data/b.csv")).unwrap();
        project.refuses(2, &["data", "add"]).says(&["links to"]);
    }
}

#[test]
fn an_edited_file_that_todays_path_does_not_match_is_kept() {
    let project = TestProject::with("[data.t]\npath = \"data/*.csv\"\n");
    project.write("data/a.csv", "id\n1\n");
    project.ok(&["data", "add"]);
    project.define("[data.t]\npath = \"data/*.txt\"\n");
    project.write("data/b.txt", "x");
    project.ok(&["data", "add"]);
    project.write("data/a.csv", "my own work\n");
    project.ok(&["data", "status"]);
    project.refuses(2, &["data", "checkout", "t@1"]).says(&["a.csv has local changes that no version holds"]);
    assert_eq!(project.read("data/a.csv"), "my own work\n");
    project.ok(&["data", "checkout", "t@1", "--force"]);
    assert_eq!(project.read("data/a.csv"), "id\n1\n");
    assert_eq!(project.read("data/b.txt"), "x", "of another path than the version's");
}

/// A file outside the project which nothing may change, and what it holds.
fn victim(project: &TestProject) -> PathBuf {
    let victim = project.root().parent().unwrap().join("victim");
    std::fs::write(&victim, "precious\n").unwrap();
    victim
}

fn unharmed(victim: &Path) {
    assert_eq!(std::fs::read_to_string(victim).unwrap(), "precious\n");
}

const COMMANDS: [&[&str]; 7] = [
    &["data", "add"],
    &["data", "status"],
    &["data", "checkout"],
    &["log"],
    &["fsck"],
    &["status"],
    &["feature", "apply"],
];

#[test]
fn links_in_place_of_the_projects_files_are_never_followed() {
    for place in [
        ".mlops/ledger.db",
        ".mlops/ledger.db-wal",
        ".mlops/locks/data.lock",
        "mlops.lock",
        ".mlops/locks",
        ".mlops/objects",
        ".mlops/tmp",
        ".mlops/features",
        ".mlops/predictions",
        ".mlops/features/online.db",
    ] {
        let project = recorded();
        let victim = victim(&project);
        let inside = project.root().parent().unwrap().join("folder");
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(inside.join(".tmp-1-1"), "old").unwrap();
        let path = project.path(place);
        let was_folder = path.is_dir();
        if std::fs::symlink_metadata(&path).is_ok() {
            project.remove(place);
        }
        symlink(if was_folder { &inside } else { &victim }, &path).unwrap();
        project.write("data/a.csv", "id,x\n1,3\n");
        let refused = COMMANDS.map(|args| project.run(args)).into_iter().filter(|output| output.code >= 2);
        let refused: Vec<Output> =
            refused.inspect(|o| assert!(!o.stderr.contains("panicked"), "{place}: {o}")).collect();
        let named = |output: &Output| output.stderr.contains("is a link, not a f");
        assert!(place.ends_with("online.db") || refused.iter().any(named), "{place}: {refused:?}");
        unharmed(&victim);
        let entries: Vec<_> = std::fs::read_dir(&inside).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(entries, [".tmp-1-1"], "{place}");
    }
}

#[test]
fn a_pipe_in_place_of_a_file_makes_nobody_wait() {
    for place in ["mlops.lock", ".mlops/ledger.db", ".mlops/locks/data.lock", ".mlops/mlops.schema.json"] {
        let project = recorded();
        if project.path(place).exists() {
            project.remove(place);
        }
        let made = Command::new("mkfifo").arg(project.path(place)).status().unwrap();
        assert!(made.success());
        let args: &[&str] = if place.ends_with("json") { &["init"] } else { &["data", "add"] };
        project.fails(3, args).says(&["is a pipe or a device", "hint: "]);
    }
}

#[test]
fn a_blob_that_is_a_link_or_a_device_is_damaged() {
    for target in ["/dev/zero", "/etc/passwd"] {
        let project = recorded();
        let blob = project.blob(b"id,x\n1,2\n");
        std::fs::remove_file(&blob).unwrap();
        symlink(target, &blob).unwrap();
        project.fails(3, &["fsck"]).shows(&["damaged"]);
        project.write("data/a.csv", "id,x\n1,9\n");
        project.fails(3, &["data", "checkout", "--force"]).says(&["is a link"]);
    }
}

#[test]
fn init_does_not_copy_what_gitignore_links_to() {
    let project = TestProject::empty();
    let victim = victim(&project);
    symlink(&victim, project.path(".gitignore")).unwrap();
    project.fails(3, &["init"]).says(&[".gitignore is a link"]);
    unharmed(&victim);
    assert!(std::fs::symlink_metadata(project.path(".gitignore")).unwrap().is_symlink());
}

#[test]
fn the_definitions_may_be_a_link_in_the_project_and_not_out_of_it() {
    let project = recorded();
    std::fs::rename(project.path("mlops.toml"), project.path("definitions.toml")).unwrap();
    symlink("definitions.toml", project.path("mlops.toml")).unwrap();
    project.ok(&["data", "status"]);
    let outside = project.root().parent().unwrap().join("outside.toml");
    std::fs::rename(project.path("definitions.toml"), &outside).unwrap();
    project.remove("mlops.toml");
    symlink(&outside, project.path("mlops.toml")).unwrap();
    project.refuses(2, &["data", "status"]).says(&["links out of the project"]);
}

#[test]
fn the_sweep_removes_only_old_files_of_its_own_names() {
    let project = recorded();
    for name in [".tmp-1-1", "notes.txt", ".tmp-x-1", ".tmp-1"] {
        project.write(&format!(".mlops/tmp/{name}"), "old");
        let touched =
            Command::new("touch").args(["-d", "3 days ago"]).arg(project.path(".mlops/tmp").join(name)).status();
        assert!(touched.unwrap().success());
    }
    let victim = victim(&project);
    symlink(&victim, project.path(".mlops/tmp/.tmp-2-2")).unwrap();
    project.ok(&["fsck"]);
    let left = project.path(".mlops/tmp");
    let mut left: Vec<String> =
        std::fs::read_dir(left).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, [".tmp-1", ".tmp-2-2", ".tmp-x-1", "notes.txt"]);
    unharmed(&victim);
}

#[test]
fn the_commit_is_read_as_git_would() {
    let project = recorded();
    project.git(&["init", "-q", "-b", "main"]);
    let commit = |project: &TestProject| project.json(&["data", "log", "t"])["versions"][0]["commit"].clone();
    for head in ["/etc/passwd\n", "ref: ../../victim\n", "ref: refs/../../../victim\n", "not a commit\n"] {
        project.write(".git/HEAD", head);
        std::fs::write(project.root().parent().unwrap().join("victim"), "a".repeat(40)).unwrap();
        project.write("data/a.csv", format!("id,x\n1,{}\n", head.len()));
        project.ok(&["data", "add"]);
        assert!(!commit(&project).to_string().contains("aaaa"), "{head}");
    }
}

/// What is put in a place of `.mlops`.
const INSTEAD: [&str; 7] = ["link", "link to a folder", "dangling link", "pipe", "device", "folder", "nonsense"];

fn put(project: &TestProject, place: &Path, what: &str, victim: &Path, folder: &Path) {
    if std::fs::symlink_metadata(place).is_ok_and(|found| found.is_dir()) {
        std::fs::remove_dir_all(place).unwrap();
    } else {
        let _ = std::fs::remove_file(place);
    }
    match what {
        "link" => symlink(victim, place).unwrap(),
        "link to a folder" => symlink(folder, place).unwrap(),
        "dangling link" => symlink(project.root().parent().unwrap().join("made"), place).unwrap(),
        "device" => symlink("/dev/full", place).unwrap(),
        "folder" => std::fs::create_dir(place).unwrap(),
        "pipe" => assert!(Command::new("mkfifo").arg(place).status().unwrap().success()),
        _ => std::fs::write(place, b"\0nonsense\xff\n").unwrap(),
    }
}

#[test]
fn whatever_lies_in_the_folder_nothing_outside_is_touched_and_nobody_waits() {
    let random = Random::new(7);
    for round in 0..20 {
        let project = loans::project();
        project.ok(&["feature", "materialize"]);
        let victim = victim(&project);
        let folder = project.root().parent().unwrap().join("folder");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(".tmp-1-1"), "old").unwrap();
        let entries = walkdir::WalkDir::new(project.path(".mlops")).into_iter().map(|e| e.unwrap().into_path());
        let places: Vec<PathBuf> = entries.chain([project.path("mlops.lock")]).collect();
        for _ in 0..1 + random.below(3) {
            let place = &places[random.below(places.len())];
            if place.parent().unwrap().symlink_metadata().is_ok_and(|found| found.is_dir()) {
                put(&project, place, INSTEAD[random.below(INSTEAD.len())], &victim, &folder);
            }
        }
        project.write("loans.csv", project.read("loans.csv") + "9999,2024-01-17T00:00:00Z,north,1,car,0\n");
        for args in COMMANDS.iter().copied().chain([
            &["feature", "materialize"][..],
            &["data", "checkout", "--force"],
            &["init"],
        ]) {
            let output = project.run(args);
            assert!(
                (0..=3).contains(&output.code) && !output.stderr.contains("panicked"),
                "round {round} {args:?}: {output}"
            );
        }
        unharmed(&victim);
        let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, [".tmp-1-1"], "round {round}");
        assert!(!project.root().parent().unwrap().join("made").exists(), "round {round}");
    }
}
