//! What happens on bad days: many commands at once, a clock that jumps, Ctrl-C and SIGKILL at work, a full disk, a
//! project that can't be written, a ledger that is gone.

#![cfg(target_os = "linux")]

use crate::common::faults::faulty;
use crate::common::loans::{self, asked, loans as rows};
use crate::common::server::Server;
use crate::common::{Output, TestProject};
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const YEAR: i64 = 365 * 86_400;

/// A recipe that is at work for longer than any test waits, and one more monitor.
const LONG: &str = r#"
[train.long]
set = "late"
model = "forest"
params = { n_estimators = 100000 }
"#;

const RETRAIN: &str = r#"
[retrain.late]
train = "late"
model = "late"
holdout = "2d"
triggers = { new_rows = 10 }
gate = { metric = "auc", min_gain = -1.0 }
"#;

/// Gives both lists of commands at once, each in its order; all succeed.
fn at_once(project: &TestProject, lists: [Vec<Vec<&str>>; 2]) {
    std::thread::scope(|scope| {
        for list in &lists {
            scope.spawn(move || list.iter().for_each(|args| drop(project.ok(args))));
        }
    });
}

fn count(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

fn state_of<'a>(status: &'a Value, dataset: &str) -> &'a Value {
    &status["datasets"].as_array().unwrap().iter().find(|d| d["name"] == dataset).unwrap()["state"]
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

fn end(child: Child) -> Output {
    let output = child.wait_with_output().unwrap();
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The newest run of the project.
fn newest(project: &TestProject) -> Value {
    project.json(&["run", "list", "-n", "1"])["runs"][0].clone()
}

/// A training that has begun and will not end by itself.
fn training(project: &TestProject) -> Child {
    let mut command = project.command(&["run", "train", "long"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while newest(project)["recipe"] != "long" {
        if child.try_wait().unwrap().is_some() {
            panic!("{}", end(child));
        }
    }
    child
}

#[test]
fn two_writers_at_once_lose_nothing() {
    let project = loans::project();
    let names = ["a0.csv", "a1.csv", "a2.csv", "b0.csv", "b1.csv", "b2.csv"];
    names.iter().for_each(|name| project.write(name, format!("x\n{name}\n")));
    let add = |names: &[&'static str]| names.iter().map(|n| vec!["data", "add", n]).collect::<Vec<_>>();
    at_once(&project, [add(&names[..3]), add(&names[3..])]);
    let data = project.json(&["data", "list"])["datasets"].clone();
    assert_eq!(count(&data), 8, "{data}");
    let pinned = project.read("mlops.lock");
    assert_eq!(pinned.lines().count(), 8, "{pinned}");
    assert!(names.iter().all(|n| project.read("mlops.toml").contains(n)));

    let train = |seed| vec![vec!["run", "train", "late", "--seed", seed]; 2];
    at_once(&project, [train("1"), train("2")]);
    let runs = project.json(&["run", "list"])["runs"].clone();
    assert_eq!(count(&runs), 5);
    assert!(runs.as_array().unwrap().iter().all(|r| r["status"] == "finished"), "{runs}");

    let ids: Vec<String> = runs.as_array().unwrap().iter().map(|r| r["run"].as_str().unwrap().to_owned()).collect();
    let register = |id| vec![vec!["model", "register", id, "twin"], vec!["model", "register", id, "late"]];
    let one = ids.iter().find(|id| project.json(&["run", "show", id])["seed"] == 1).unwrap();
    let two = ids.iter().find(|id| project.json(&["run", "show", id])["seed"] == 2).unwrap();
    at_once(&project, [register(one), register(two)]);
    let models = project.json(&["model", "list"])["models"].clone();
    let named = |name: &str| models.as_array().unwrap().iter().filter(|m| m["name"] == name).count();
    assert_eq!((named("twin"), named("late")), (2, 3), "{models}");

    let alias =
        |alias, targets: [&'static str; 2]| targets.map(|to| vec!["model", "alias", "twin", alias, to]).to_vec();
    at_once(&project, [alias("left", ["twin@1", "twin@2"]), alias("right", ["twin@2", "twin@1"])]);
    let models = project.json(&["model", "list"])["models"].clone();
    let aliases = |version: u32| {
        let found = models.as_array().unwrap().iter().find(|m| m["name"] == "twin" && m["version"] == version);
        found.unwrap()["aliases"].clone()
    };
    assert_eq!((aliases(1), aliases(2)), (json!(["right"]), json!(["left"])));

    at_once(&project, [vec![vec!["feature", "materialize"]; 2], vec![vec!["feature", "materialize"]; 2]]);
    assert_eq!(count(&project.json(&["status"])["materialized"]), 1);
    project.ok(&["fsck"]);
}

#[test]
fn two_writers_of_labels_lose_nothing() {
    let project = loans::project();
    let server = Server::start(&project, &["late@champion", "--name", "late"]);
    server.predict(&asked(&rows(0..60, usize::MAX)));
    server.stop_clean();
    project.write("left.csv", loans::csv(&rows(0..30, usize::MAX)));
    project.write("right.csv", loans::csv(&rows(30..60, usize::MAX)));
    let labels = |file| vec![vec!["monitor", "labels", "late", "--input", file, "--key", "id"]; 2];
    at_once(&project, [labels("left.csv"), labels("right.csv")]);
    let again = project.json(&["monitor", "labels", "late", "--input", "left.csv", "--key", "id"]);
    assert_eq!((&again["labelled"], &again["predictions"]), (&json!(60), &json!(60)), "{again}");
    let kept = project.read(".mlops/predictions/late/labels");
    assert_eq!(kept.lines().count(), 60, "none is written twice");

    // The newest label wins by the order of writing, whatever the clock says.
    let turned = rows(0..1, 0);
    project.write("turned.csv", loans::csv(&turned));
    let args = ["monitor", "labels", "late", "--input", "turned.csv", "--key", "id"];
    let behind = faulty(&project, &args, &[("FAULT_CLOCK", &(-YEAR).to_string())]);
    assert_eq!(behind.code, 0, "{behind}");
    let lines = loans::lines(&project.read(".mlops/predictions/late/labels"));
    assert!(lines[60]["at"].as_str() < lines[0]["at"].as_str(), "{lines:?}");
    let own_name = if turned[0]["late"] == 1 { "true" } else { "false" };
    assert_eq!(lines[60]["label"], own_name, "the class under its own name");
    let same = project.json(&args);
    assert_eq!(same["matched"], 1);
    assert_eq!(project.read(".mlops/predictions/late/labels").lines().count(), 61, "it is the label by now");
}

#[test]
fn two_of_every_other_writing_command_at_once_both_succeed() {
    let project = loans::project_with(&format!("{LONG}{RETRAIN}"));
    project.write("rows.csv", loans::csv(&rows(0..50, usize::MAX)));
    let twice = |args: &[&'static str]| {
        at_once(&project, [vec![args.to_vec(); 2], vec![args.to_vec(); 2]]);
        project.ok(&["fsck"]);
    };
    project.define(&format!("{LONG}{RETRAIN}{}", loans::DEFINITIONS.replace("over = [\"2d\"]", "over = [\"3d\"]")));
    twice(&["feature", "apply"]);
    assert_eq!(project.json(&["feature", "plan"])["clean"], true);
    twice(&["feature", "join", "late", "--output", "joined.parquet"]);
    let joined = project.read_bytes("joined.parquet");
    twice(&["feature", "join", "late", "--output", "joined.parquet"]);
    assert_eq!(project.read_bytes("joined.parquet"), joined);
    twice(&["model", "predict", "late", "--input", "rows.csv", "--output", "scored.csv"]);
    assert_eq!(project.read("scored.csv").lines().count(), 51);

    project.write("sales2.csv", "x\n1\n");
    project.ok(&["data", "add", "sales2.csv"]);
    project.write("sales2.csv", "x\n2\n");
    project.ok(&["data", "add", "sales2.csv"]);
    let turn = |version| vec![vec!["data", "checkout", version]; 2];
    at_once(&project, [turn("sales2@1"), turn("sales2@2")]);
    // Whoever came last: the file and `mlops.lock` say the same.
    assert_eq!(state_of(&project.json(&["data", "status"]), "sales2"), "unchanged");

    project.define(&format!("{LONG}{RETRAIN}{}", loans::DEFINITIONS));
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    let server = Server::start(&project, &["late@champion", "--name", "late"]);
    server.predict(&asked(&rows(0..60, usize::MAX)));
    server.stop_clean();
    project.write("labels.csv", loans::csv(&rows(0..60, usize::MAX)));
    project.ok(&["monitor", "labels", "late", "--input", "labels.csv", "--key", "id"]);
    let checks = || project.json(&["status"])["checks"].as_array().unwrap().clone();
    twice(&["monitor", "performance", "late"]);
    assert!(count(&json!(checks())) == 4 && checks().iter().all(|c| c["kind"] == "performance"));
    twice(&["monitor", "report", "late", "--output", "report.html"]);
    assert!(project.read("report.html").trim_end().ends_with("</html>"));
    let drift = ["monitor", "drift", "--reference", "loans", "--current", "loans.csv"];
    twice(&drift);
    assert!(checks().iter().all(|c| c["kind"] == "drift"));

    project.write("loans.csv", loans::csv(&rows(0..loans::HOURS + 96, usize::MAX)));
    at_once(&project, [vec![vec!["retrain", "late"]], vec![vec!["retrain", "late"]]]);
    let models = project.json(&["model", "list"])["models"].clone();
    let champions = models.as_array().unwrap().iter().filter(|m| m["aliases"] == json!(["champion"]));
    assert_eq!(champions.count(), 1, "{models}");
    // The second one waited, and found that the first had left nothing to do.
    let ended = project.json(&["status"])["retrainings"].clone();
    assert_eq!((&ended[0]["decision"], &ended[1]["decision"]), (&json!("not triggered"), &json!("promote")), "{ended}");
    project.ok(&["fsck"]);

    let folder = TestProject::empty();
    at_once(&folder, [vec![vec!["init"]; 2], vec![vec!["init"]; 2]]);
    assert_eq!(folder.read(".gitignore"), "/.mlops/\n");
    folder.ok(&["fsck"]);
}

#[test]
fn ten_readers_of_different_kinds_beside_a_writer_never_fail() {
    let project = loans::project();
    project.write("rows.csv", loans::csv(&rows(0..20, usize::MAX)));
    let readers: [&[&str]; 10] = [
        &["status"],
        &["data", "status"],
        &["data", "diff", "loans@1"],
        &["run", "compare", "late", "late"],
        &["model", "show", "late@champion"],
        &["lineage", "loans"],
        &["log"],
        &["feature", "get", "sales", "shop=north"],
        &["model", "predict", "late@champion", "--input", "rows.csv"],
        &["fsck"],
    ];
    // Writing goes on until every reader has read at least three times beside it.
    let read: Vec<AtomicUsize> = readers.iter().map(|_| AtomicUsize::new(0)).collect();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (project, read, done) = (&project, &read, &done);
        for (args, read) in readers.iter().zip(read) {
            scope.spawn(move || {
                // Whatever fails must not leave the writer waiting.
                let _ended = Ended(done);
                while !done.load(Ordering::Relaxed) {
                    let output = project.ok(args);
                    assert!(!output.stdout.is_empty(), "{args:?}");
                    read.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut round = 0;
        while !done.load(Ordering::Relaxed) && (round < 3 || read.iter().any(|r| r.load(Ordering::Relaxed) < 3)) {
            project.write("sales2.csv", format!("x\n{round}\n"));
            project.ok(&["data", "add", "sales2.csv"]);
            project.ok(&["run", "train", "late"]);
            project.ok(&["model", "register", "late", "late", "--alias", "champion"]);
            project.ok(&["feature", "materialize"]);
            round += 1;
        }
        done.store(true, Ordering::Relaxed);
    });
}

/// Says so when a thread is over, also by a panic.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_clock_that_jumps_changes_no_order() {
    let project = loans::project();
    let jumps: [&[(&str, &str)]; 4] = [
        &[("FAULT_CLOCK", "31536000")],
        &[("FAULT_CLOCK", "-31536000")],
        &[("FAULT_CLOCK", "31536000"), ("FAULT_CLOCK_AT", "1")],
        &[("FAULT_CLOCK", "-31536000"), ("FAULT_CLOCK_AT", "2")],
    ];
    let mut runs = vec![newest(&project)["run"].clone()];
    for (at, jump) in jumps.iter().enumerate() {
        let ok = |args: &[&str]| {
            let output = faulty(&project, args, jump);
            assert_eq!(output.code, 0, "{args:?} {jump:?}\n{output}");
            output
        };
        // Same length, other content: the times of the file alone tell.
        for content in ["x\n1\n", "x\n2\n"] {
            project.write("numbers.csv", content.replace('x', &format!("x{at}")));
            ok(&["data", "add", "numbers.csv"]);
            let state = ok(&["data", "status", "--json"]).json();
            assert_eq!(state_of(&state, "numbers"), "unchanged", "{state}");
        }
        project.write("numbers.csv", format!("x{at}\n3\n"));
        let state = ok(&["data", "status", "--json"]).json();
        assert_eq!(state_of(&state, "numbers"), "changed", "{jump:?} {state}");
        let trained = ok(&["run", "train", "late", "--seed", &at.to_string(), "--json"]).json();
        runs.push(trained["run"].clone());
        ok(&["model", "register", trained["run"].as_str().unwrap(), "late", "--alias", "champion"]);
    }
    runs.reverse();
    let listed = project.json(&["run", "list"])["runs"].clone();
    assert_eq!(listed.as_array().unwrap().iter().map(|r| r["run"].clone()).collect::<Vec<_>>(), runs);
    assert_eq!(project.json(&["run", "show", "late"])["run"], runs[0], "a recipe means its newest run");
    let versions = project.json(&["data", "log", "numbers"])["versions"].clone();
    let numbers: Vec<u64> = versions.as_array().unwrap().iter().map(|v| v["version"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=8).rev().collect::<Vec<_>>());
    project.ok(&["fsck"]);
    project.ok(&["status"]);
}

#[test]
fn an_interrupted_training_is_recorded_and_works_the_next_time() {
    let project = loans::project_with(LONG);
    let blobs = project.blobs().len();
    let child = training(&project);
    signal(&child, "-INT");
    let output = end(child);
    assert_eq!(output.code, 130, "{output}");
    output.says(&["interrupted"]);
    let run = newest(&project);
    assert_eq!((&run["status"], &run["model"]), (&json!("interrupted"), &Value::Null), "{run}");
    assert!(run["error"].as_str().unwrap().contains("interrupted"), "{run}");
    assert!(project.blobs().len() <= blobs + 1, "no more than the training set");
    project.ok(&["fsck"]);
    project.define(&format!("{}{}", loans::DEFINITIONS, LONG.replace("100000", "10")));
    project.ok(&["run", "train", "long"]);
}

#[test]
fn a_query_that_goes_on_and_on_ends_at_the_first_ctrl_c() {
    let project = loans::project();
    // Nine million rows, each put together and searched: most of a minute.
    let sql = "select a.shop, a.known_at, a.turnover from sales a join sales b on a.one = b.one \
        where upper(concat(a.shop, b.shop)) like '%S1%S7%' \
        and replace(concat(b.shop, a.shop), 's', 't') not like '%t12%t4%' order by a.turnover";
    let rows: String = (0..3000).map(|i| format!("s{i},{},5,1\n", loans::time(i))).collect();
    project.write("sales.csv", format!("shop,known_at,turnover,one\n{rows}"));
    project.define(&loans::DEFINITIONS.replace("source = \"sales\"", &format!("sql = \"{sql}\"")));
    project.ok(&["data", "add", "sales"]);
    let mut child = project.command(&["feature", "apply"]);
    child.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = child.spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    signal(&child, "-INT");
    let output = end(child);
    assert_eq!(output.code, 130, "{output}");
    output.says(&["interrupted"]);
    assert_eq!(project.json(&["feature", "plan"])["clean"], false);
    project.ok(&["fsck"]);
}

/// The command is interrupted at each of its steps; what it says and leaves is as if it had not been given, or done.
fn interrupted(project: &TestProject, args: &[&str], output: Option<&str>) {
    let mut stopped = 0;
    for step in ["1", "2", "3", "5", "8", "13"] {
        let broken = faulty(project, args, &[("FAULT_AT", step), ("FAULT_DO", "interrupt")]);
        if broken.code == 130 {
            stopped += 1;
            broken.says(&["interrupted"]);
            assert!(output.is_none_or(|o| !project.path(o).exists()), "half-done at step {step}");
        }
        assert!([0, 130].contains(&broken.code), "{args:?} at step {step}\n{broken}");
        project.ok(&["fsck"]);
        let _ = output.map(|o| std::fs::remove_file(project.path(o)));
    }
    assert!(stopped > 0, "{args:?} never stopped");
    project.ok(args);
}

#[test]
fn an_interrupted_join_leaves_nothing() {
    let project = loans::project();
    interrupted(
        &project,
        &["feature", "join", "late", "--input", "loans.csv", "--output", "joined.csv"],
        Some("joined.csv"),
    );
}

#[test]
fn an_interrupted_drift_check_leaves_nothing() {
    let project = loans::project();
    project.write("other.csv", loans::csv(&rows(300..400, usize::MAX)));
    interrupted(&project, &["monitor", "drift", "--reference", "loans.csv", "--current", "other.csv"], None);
}

#[test]
fn an_interrupted_checkout_filling_prediction_and_retraining_leave_nothing_half_done() {
    let project = loans::project_with(RETRAIN);
    project.write("rows.csv", loans::csv(&rows(0..400, usize::MAX)));
    interrupted(
        &project,
        &["model", "predict", "late", "--input", "rows.csv", "--output", "scored.csv"],
        Some("scored.csv"),
    );
    interrupted(&project, &["feature", "materialize"], None);
    (0..20).for_each(|at| project.write(&format!("tree/{at}.csv"), format!("x\n{at}\n")));
    interrupted(&project, &["data", "add", "tree"], None);
    project.remove("tree");
    interrupted(&project, &["data", "checkout"], Some("tree/0.csv"));
    assert_eq!(project.files("tree").len(), 20);
    project.write("loans.csv", loans::csv(&rows(0..loans::HOURS + 96, usize::MAX)));
    interrupted(&project, &["retrain", "late"], None);
    assert_eq!(state_of(&project.json(&["data", "status"]), "loans"), "unchanged");
}

#[test]
fn ctrl_c_ends_a_server_as_sigterm_does() {
    let project = loans::project();
    let server = Server::start(&project, &["late"]);
    server.predict(&asked(&rows(0..3, usize::MAX)));
    let sent = Command::new("kill").args(["-INT", &server.process().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = server.wait();
    assert!(output.code == 0 && output.stderr.is_empty(), "{output}");
    assert_eq!(project.json(&["status"])["deployments"][0]["state"], "stopped");
    assert_eq!(loans::log(&project, "late").len(), 3);
}

#[test]
fn a_killed_run_is_not_at_work_for_ever() {
    let project = loans::project_with(LONG);
    let mut child = training(&project);
    assert_eq!(newest(&project)["status"], "running");
    assert_eq!(project.json(&["status"])["runs"][0]["status"], "running");
    child.kill().unwrap();
    child.wait().unwrap();
    let run = newest(&project);
    assert_eq!(run["status"], "died");
    assert_eq!(project.json(&["status"])["runs"][0]["status"], "died");
    let id = run["run"].as_str().unwrap();
    assert_eq!(project.json(&["run", "show", id])["status"], "died");
    project.fails(2, &["model", "register", id, "late"]).says(&["is died and has no model"]);
    project.ok(&["run", "compare", id, "late"]);
    project.ok(&["run", "train", "late"]);
    assert_eq!(newest(&project)["status"], "finished");
    project.ok(&["fsck"]);
    let alive =
        project.files(".mlops/locks").into_keys().filter(|name| name.starts_with("run-") && name.ends_with(".lock"));
    assert_eq!(alive.count(), 1, "only the killed one left its lock");
}

/// Commands that write much or little, and what a file of theirs is called.
const WRITERS: [&[&str]; 8] = [
    &["data", "add", "big.csv"],
    &["run", "train", "late"],
    &["model", "register", "late", "other"],
    &["feature", "materialize"],
    &["feature", "join", "late", "--input", "big2.csv", "--output", "joined.csv"],
    &["model", "predict", "late", "--input", "big2.csv", "--output", "scored.csv"],
    &["monitor", "drift", "--reference", "loans", "--current", "loans.csv"],
    &["data", "checkout", "loans@1", "--force"],
];

/// The story with files that need room.
fn roomy() -> TestProject {
    let project = loans::project();
    let big: String = (0..400_000).map(|n| format!("{}\n", loans::chance(n))).collect();
    project.write("big.csv", format!("x\n{big}"));
    project.write("big2.csv", loans::csv(&rows(0..1400, usize::MAX)));
    project.write("loans.csv", loans::csv(&rows(0..500, usize::MAX)));
    project.ok(&["data", "add", "loans"]);
    project
}

/// What must not hang on whether there was room.
fn kept(project: &TestProject) -> Value {
    json!([
        project.json(&["model", "list"])["models"],
        project.json(&["data", "list"])["datasets"],
        project.json(&["feature", "plan"]),
        project.read("mlops.lock"),
        project.read("mlops.toml"),
    ])
}

#[test]
fn a_disk_that_fills_up_leaves_all_files_of_a_checkout_as_they_were() {
    let project = TestProject::with("[data.tree]\npath = \"tree\"\n");
    for version in 1..=2 {
        for at in 0..12 {
            project.write(&format!("tree/{at}.csv"), format!("x\n{}", format!("{version}{at}\n").repeat(100)));
        }
        project.write(&format!("tree/only{version}.csv"), "x\n1\n");
        project.ok(&["data", "add"]);
        project.remove(&format!("tree/only{version}.csv"));
    }
    project.ok(&["data", "checkout"]);
    let before = project.files("tree");
    let mut refused = 0;
    for space in ["0", "100", "1000", "3000"] {
        let output = faulty(&project, &["data", "checkout", "tree@1"], &[("FAULT_SPACE", space)]);
        if output.code == 3 {
            refused += 1;
            assert_eq!(project.files("tree"), before, "{space} bytes\n{output}");
        }
        project.ok(&["data", "checkout", "tree@2"]);
    }
    assert!(refused > 1);
    project.ok(&["data", "checkout", "tree@1"]);
}

#[test]
fn a_disk_that_fills_up_is_an_error_and_the_command_works_again_with_space() {
    let project = roomy();
    for args in WRITERS {
        let mut refused = 0;
        for space in ["0", "100", "5000", "60000", "1000000"] {
            let before = kept(&project);
            let output = faulty(&project, args, &[("FAULT_SPACE", space)]);
            assert!(!output.stderr.contains("panicked"), "{args:?} with {space} bytes\n{output}");
            if output.code == 3 {
                refused += 1;
                // SQLite can't make the file beside its own.
                let told = ["No space left", "disk is full", "unable to open database file"]
                    .iter()
                    .any(|t| output.stderr.contains(t));
                assert!(told && output.stderr.contains("hint: "), "{args:?} with {space} bytes\n{output}");
                assert_eq!(kept(&project), before, "{args:?} with {space} bytes\n{output}");
                let half = ["joined.csv", "scored.csv"].iter().any(|f| project.path(f).exists());
                assert!(!half, "{args:?} with {space} bytes left half a file");
            } else {
                assert_eq!(output.code, 0, "{args:?} with {space} bytes\n{output}");
            }
            project.ok(&["fsck"]);
            if output.code == 0 {
                break;
            }
        }
        assert!(refused > 0, "{args:?} needs no space");
        project.ok(args);
        for made in ["joined.csv", "scored.csv"] {
            let _ = std::fs::remove_file(project.path(made));
        }
    }
    project.ok(&["fsck"]);
}

#[test]
fn files_that_may_not_grow_are_an_error_and_the_command_works_again_without_the_limit() {
    let project = roomy();
    for (args, blocks) in [(WRITERS[0], 1024), (WRITERS[1], 1), (WRITERS[4], 16), (WRITERS[5], 16)] {
        let before = kept(&project);
        let limit = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &limit, env!("CARGO_BIN_EXE_mlops")]).args(args).current_dir(project.root());
        let refused = Output::of(&mut command);
        assert_eq!(refused.code, 3, "{args:?}\n{refused}");
        let told = ["File too large", "disk is full", "disk I/O"].iter().any(|t| refused.stderr.contains(t));
        assert!(told && !refused.stderr.contains("panicked"), "{args:?}\n{refused}");
        project.ok(&["fsck"]);
        assert_eq!(kept(&project), before, "{args:?}\n{refused}");
        project.ok(args);
        project.ok(&["fsck"]);
    }
}

#[test]
fn too_few_files_that_may_be_open_are_no_damage() {
    let project = roomy();
    project.ok(&["data", "add"]);
    project.ok(&["feature", "apply"]);
    let (mut refused, mut done) = (0, 0);
    for most in 6..24 {
        for args in
            [&["data", "validate"][..], &["data", "status"], &["feature", "join", "late"], &["fsck"], &["run", "list"]]
        {
            let limit = format!("ulimit -n {most}; exec \"$0\" \"$@\"");
            let mut command = Command::new("sh");
            command.args(["-c", &limit, env!("CARGO_BIN_EXE_mlops")]).args(args).current_dir(project.root());
            let output = Output::of(&mut command);
            // Below the first few the loader itself can't open its libraries.
            if output.code == 127 {
                continue;
            }
            assert!([0, 3].contains(&output.code), "{most} files, {args:?}\n{output}");
            let wrong =
                ["damaged", "contradicts", "missing", "panicked"].iter().find(|word| output.stderr.contains(**word));
            assert!(wrong.is_none() && !output.stdout.contains("damaged"), "{most} files, {args:?}\n{output}");
            *(if output.code == 0 { &mut done } else { &mut refused }) += 1;
        }
    }
    assert!(refused > 0 && done > 0, "{refused} refused, {done} done");
    project.ok(&["fsck"]);
}

/// A folder of its own, small disk that goes away with the test.
struct SmallDisk(std::path::PathBuf);

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).stderr(Stdio::null()).status();
    }
}

/// The same on a file system that is full in earnest.
#[test]
#[ignore = "mounts a file system, which only root may: cargo test --test hardening bad_days -- --ignored"]
fn as_root_a_full_file_system_is_an_error_and_works_again_with_space() {
    let project = roomy();
    let (store, aside) = (project.path(".mlops"), project.path("../aside"));
    // 1 MiB is left.
    let size = (1 << 20) + project.files(".mlops").values().map(|f| f.len().next_multiple_of(4096)).sum::<usize>();
    std::fs::rename(&store, &aside).unwrap();
    std::fs::create_dir(&store).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&store);
    assert!(mount.status().is_ok_and(|s| s.success()), "a small file system can not be mounted here");
    let _disk = SmallDisk(store.clone());
    assert!(Command::new("cp").arg("-r").arg(aside.join(".")).arg(&store).status().unwrap().success());
    let before = kept(&project);
    project.fails(3, WRITERS[0]).says(&["No space left", "hint: "]);
    project.ok(&["fsck"]);
    assert_eq!(kept(&project), before);
    // All that is left, to the last byte.
    let rest = store.join("rest");
    drop(std::fs::write(&rest, vec![0; 8 << 20]));
    let refused = project.fails(3, WRITERS[1]);
    assert!(["No space left", "disk is full", "disk I/O"].iter().any(|t| refused.stderr.contains(t)), "{refused}");
    project.ok(&["fsck"]);
    assert_eq!(kept(&project), before);
    std::fs::remove_file(rest).unwrap();
    project.ok(WRITERS[1]);
    project.write("big.csv", "x\n1\n");
    project.ok(WRITERS[0]);
    project.ok(&["fsck"]);
}

#[test]
fn a_project_that_can_not_be_written_can_be_read() {
    let project = loans::project();
    for args in loans::READERS.into_iter().chain([&["fsck"][..]]) {
        let writable = project.ok(args);
        let output = faulty(&project, args, &[("FAULT_AT", "1"), ("FAULT_DO", "readonly")]);
        assert_eq!((output.code, &output.stdout), (0, &writable.stdout), "{args:?}\n{output}");
    }
    let writers: [&[&str]; 3] = [&["data", "add"], &["run", "train", "late"], &["model", "register", "late", "other"]];
    for args in writers {
        let output = faulty(&project, args, &[("FAULT_AT", "1"), ("FAULT_DO", "readonly")]);
        assert_eq!(output.code, 3, "{args:?}\n{output}");
        let told = ["Read-only file system", "unable to open database file"].iter().any(|t| output.stderr.contains(t));
        assert!(told && output.stderr.starts_with("error: "), "{args:?}\n{output}");
    }
}

#[test]
fn folders_that_are_gone_are_made_again_or_named() {
    let project = loans::project();
    project.remove(".mlops/reports");
    project.remove(".mlops/tmp");
    project.remove(".mlops/locks");
    project.ok(&["status"]);
    project.remove(".mlops/tmp");
    let output = faulty(&project, &["status"], &[("FAULT_AT", "1"), ("FAULT_DO", "readonly")]);
    assert!(output.code == 0 || output.stderr.contains(".mlops/tmp"), "{output}");
    project.ok(&["run", "train", "late"]);
}

#[test]
fn a_deleted_ledger_is_noticed() {
    let project = loans::project();
    for file in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(project.path(".mlops").join(file));
    }
    // What the ledger knew is gone; the contents are not, and what to do is said.
    project.fails(3, &["fsck"]).shows(&["dataset loans: mlops.lock names version"]).says(&["mlops data add"]);
    project.ok(&["status"]);
    project.fails(2, &["model", "show", "late"]).says(&["late"]);
    project.fails(2, &["run", "train", "late"]).says(&["hint: "]);
    project.ok(&["data", "add"]);
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late", "--alias", "champion"]);
    project.ok(&["fsck"]);
}
