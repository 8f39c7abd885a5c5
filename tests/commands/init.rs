//! `mlops init`, finding the root, the operation log, and what every command shares.

use crate::common::TestProject;
use std::io::Read;
use std::process::Stdio;

#[test]
fn init_says_what_to_type_next() {
    let folder = TestProject::empty();
    folder.ok(&["init"]).shows(&[
        "mlops.toml",
        "mlops.lock",
        ".mlops/",
        ".gitignore",
        "mlops data add",
        "mlops status",
    ]);
    assert_eq!(folder.read(".gitignore"), "/.mlops/\n");
    assert_eq!(folder.read("mlops.lock"), "");
    assert!(folder.read("mlops.toml").contains("name = \"trial\""));
}

#[test]
fn init_twice_changes_nothing() {
    let project = TestProject::new();
    project.write("mlops.toml", project.read("mlops.toml") + "\n# mine\n");
    let before = project.files("");
    project.ok(&["init"]).shows(&["nothing was changed"]);
    let outcome = project.json(&["init"]);
    assert_eq!(outcome["created"], serde_json::json!([]));
    assert_eq!(project.files(""), before);
}

#[test]
fn init_writes_the_schema_that_the_first_line_names_and_refreshes_it() {
    const SCHEMA: &str = include_str!("../../docs/reference/mlops.schema.json");
    let project = TestProject::new();
    let first = project.read("mlops.toml").lines().next().unwrap().to_owned();
    let named = first.strip_prefix("#:schema ").unwrap();
    assert_eq!(project.read(named), SCHEMA);
    project.write(named, "{}");
    project.ok(&["init"]);
    assert_eq!(project.read(named), SCHEMA, "one of an older mlops");
}

#[test]
fn init_keeps_the_lines_of_a_gitignore() {
    let folder = TestProject::empty();
    folder.write(".gitignore", "*.pyc");
    folder.ok(&["init"]);
    assert_eq!(folder.read(".gitignore"), "*.pyc\n/.mlops/\n");
}

#[test]
fn init_makes_another_folder_a_project_and_logs_it_there() {
    let folder = TestProject::empty();
    folder.ok(&["init", "some/where"]);
    assert!(folder.path("some/where/mlops.toml").is_file());
    assert!(!folder.path("mlops.toml").exists());
    let log = folder.json(&["-C", "some/where", "log"]);
    assert_eq!(log["operations"][0]["command"], "init some/where");
}

#[test]
fn the_template_of_init_is_accepted_with_every_example_switched_on() {
    let project = TestProject::new();
    let text = project.read("mlops.toml");
    let switched = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(code) if code.starts_with('[') || code.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) => {
            code
        }
        _ => line,
    });
    project.write("mlops.toml", switched.collect::<Vec<_>>().join("\n"));
    // `payments` is what the example of a view speaks of without defining it.
    let error = project.fails(2, &["data", "list", "--json"]).error();
    assert!(error["message"].as_str().unwrap().contains("dataset \"payments\" is not known"), "{error}");
    project.write("mlops.toml", project.read("mlops.toml") + "\n[data.payments]\npath = \"payments.csv\"\n");
    assert_eq!(project.json(&["data", "list"])["datasets"].as_array().unwrap().len(), 2);
}

#[test]
fn works_with_and_without_git() {
    let plain = TestProject::empty();
    assert_eq!(plain.json(&["init"])["git"], false);
    plain.write("a.csv", "x\n1\n");
    plain.ok(&["data", "add", "a.csv"]);
    assert_eq!(plain.json(&["data", "log", "a"])["versions"][0]["commit"], serde_json::Value::Null);

    let git = TestProject::empty();
    let commit = "0123456789abcdef0123456789abcdef01234567";
    git.write(".git/HEAD", "ref: refs/heads/main\n");
    git.write(".git/refs/heads/main", format!("{commit}\n"));
    assert_eq!(git.json(&["init"])["git"], true);
    git.write("a.csv", "x\n1\n");
    git.ok(&["data", "add", "a.csv"]);
    assert_eq!(git.json(&["data", "log", "a"])["versions"][0]["commit"], commit);
}

#[test]
fn root_is_found_from_a_subfolder() {
    let project = TestProject::new();
    project.write("data/raw/a.csv", "x\n1\n");
    project.ok(&["-C", "data/raw", "data", "add", "a.csv"]);
    assert!(project.read("mlops.toml").contains("path = \"data/raw/a.csv\""));
    let mut command = project.command(&["data", "status", "--json"]);
    let status = crate::common::Output::of(command.current_dir(project.path("data/raw")));
    assert_eq!(status.json()["clean"], true);
}

#[test]
fn outside_a_project_the_way_in_is_shown() {
    let folder = TestProject::empty();
    for args in [&["status"][..], &["data", "add", "x"], &["data", "list"], &["log"], &["fsck"]] {
        folder.fails(2, args).says(&["error: no mlops.toml", "hint: run `mlops init`"]);
    }
    let error = folder.fails(2, &["status", "--json"]).error();
    assert_eq!(error["kind"], "not_found");
    assert!(error["hint"].as_str().unwrap().contains("mlops init"));
    folder.fails(2, &["-C", "nowhere", "status"]).says(&["nowhere"]);
    assert!(folder.files("").is_empty(), "a failed command leaves nothing behind");
}

#[test]
fn a_new_project_is_told_what_to_type() {
    let project = TestProject::new();
    project.ok(&["status"]).shows(&["trial", "next:", "mlops data add"]);
    project.ok(&["data", "status"]).shows(&["no datasets yet", "mlops data add"]);
    project.ok(&["data", "list"]).shows(&["no datasets yet", "mlops data add"]);
    project.fails(2, &["data", "add"]).says(&["nothing to add", "hint: name a file or folder"]);
    project.ok(&["data", "validate"]).shows(&["no contracts"]);
    project.ok(&["fsck"]).shows(&["healthy"]);
}

#[test]
fn a_wrong_key_is_named_with_its_line() {
    let project = TestProject::new();
    project.write("mlops.toml", "[project]\nname = \"x\"\n\n[data.a]\npth = \"a.csv\"\n");
    project.fails(2, &["status"]).says(&["mlops.toml line", "pth"]);
}

#[test]
fn a_newer_ledger_is_refused_and_left_alone() {
    let project = TestProject::new();
    let path = project.path(".mlops/ledger.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 9999).unwrap();
    drop(connection);
    project.fails(2, &["status"]).says(&["version 9999", "hint: install the newer mlops"]);
    project.write("a.csv", "x\n1\n");
    project.fails(2, &["data", "add", "a.csv"]).says(&["version 9999"]);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 9999);
}

#[test]
fn what_changes_something_is_logged_with_who_and_how_it_ended() {
    let project = TestProject::new();
    project.write("a.csv", "x\n1\n");
    project.ok(&["data", "add", "a.csv", "-m", "first"]);
    project.fails(2, &["data", "add", "b.csv"]);
    project.ok(&["data", "status"]);
    project.ok(&["data", "list"]);
    let operations = project.json(&["log"])["operations"].clone();
    let commands: Vec<&str> = operations.as_array().unwrap().iter().map(|o| o["command"].as_str().unwrap()).collect();
    assert_eq!(commands, ["data add b.csv", "data add a.csv -m first", "init"], "reading is not logged");
    assert!(operations[0]["outcome"].as_str().unwrap().starts_with("not_found: "), "{operations}");
    assert_eq!(operations[1]["outcome"], "done");
    assert_eq!(operations[1]["actor"], "tester");
    let mut command = project.command(&["data", "add", "a.csv"]);
    assert_eq!(crate::common::Output::of(command.env("MLOPS_ACTOR", "ci")).code, 0);
    let newest = project.json(&["log", "-n", "1"])["operations"].clone();
    assert_eq!(newest.as_array().unwrap().len(), 1);
    assert_eq!(newest[0]["actor"], "ci");
    project.ok(&["log"]).shows(&["data add a.csv", "tester", "ci"]);
}

#[test]
fn json_is_one_document_and_quiet_is_silent() {
    let project = TestProject::new();
    project.write("a.csv", "x\n1\n");
    let output = project.ok(&["data", "add", "a.csv", "--json"]);
    assert!(output.json()["datasets"].is_array());
    assert_eq!(output.stderr, "");
    let quiet = project.ok(&["-q", "data", "add", "a.csv"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    project.fails(2, &["-q", "data", "add", "nowhere.csv"]).says(&["error: "]);
}

#[test]
fn colour_is_only_where_it_is_asked_for() {
    let project = TestProject::new();
    assert!(!project.ok(&["status"]).stdout.contains('\u{1b}'));
    assert!(project.ok(&["--color", "always", "status"]).stdout.contains('\u{1b}'));
    assert!(project.fails(2, &["--color", "always", "data", "log", "x"]).stderr.contains('\u{1b}'));
    assert!(!project.fails(2, &["data", "log", "x"]).stderr.contains('\u{1b}'));
}

#[test]
fn a_reader_who_leaves_early_is_no_error_and_the_work_is_done() {
    let project = TestProject::new();
    project.write("a.csv", "x\n1\n");
    let mut command = project.command(&["data", "add", "a.csv", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let status = child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((status.code(), said.as_str()), (Some(0), ""));
    assert_eq!(project.json(&["log"])["operations"][0]["outcome"], "done");
}

#[test]
fn threads_are_a_positive_number() {
    let project = TestProject::new();
    project.ok(&["--threads", "1", "status"]);
    project.fails(2, &["--threads", "0", "status"]).says(&["--threads 0: 1 to 1024 can be asked for"]);
    project.fails(2, &["--threads", "many", "status"]).says(&["many"]);
    let mut command = project.command(&["status"]);
    assert_eq!(crate::common::Output::of(command.env("MLOPS_THREADS", "2")).code, 0);
}

/// The first Ctrl-C asks for an end between two steps. While another command holds the lock, this one waits for its
/// turn, and so it is sure to be at work when the signal comes.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_with_130_and_leaves_nothing_half_done() {
    let project = TestProject::new();
    project.write("a.csv", "x\n1\n");
    let files = project.files("");
    let lock = std::fs::File::create(project.path(".mlops/locks/data.lock")).unwrap();
    lock.lock().unwrap();
    let mut command = project.command(&["data", "add", "a.csv"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let waits = |folder: &str| {
        let open = std::fs::read_dir(folder).into_iter().flatten().flatten();
        open.filter_map(|e| std::fs::read_link(e.path()).ok()).any(|p| p.ends_with("locks/data.lock"))
    };
    while !waits(&format!("/proc/{}/fd", child.id())) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was interrupted");
        std::thread::yield_now();
    }
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    // The signal's handler runs in a thread of its own: wait until that thread has seen it.
    let pending = format!("/proc/{}/status", child.id());
    let seen = |text: &str| text.lines().filter(|l| l.starts_with("ShdPnd")).all(|l| l.ends_with("0000000000000000"));
    while !std::fs::read_to_string(&pending).is_ok_and(|text| seen(&text)) {
        std::thread::yield_now();
    }
    drop(lock);
    let status = child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted"), "{said}");
    assert_eq!(project.files(""), files);
    assert!(project.blobs().is_empty());
}
