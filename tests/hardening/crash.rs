//! Every writing command is killed, torn or refused at every step at which it changes the disk. Afterwards `fsck` is
//! healthy, and the same command, given again, ends where it would have ended.
//!
//! A step is a call that changes a file system, of any thread (`tests/faults/faults.c`, which is loaded before libc). By
//! default some ten steps of each command are tried, others in each run of the day; `CRASH_STEPS=all` tries all of them.
//! A command that writes and has no scene here fails `every_command_that_writes_has_a_scene`.

#![cfg(target_os = "linux")]

use crate::common::faults::{faulty, faulty_command};
use crate::common::loans;
use crate::common::server::Server;
use crate::common::{Output, TestProject};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

const DEFINITIONS: &str = r#"
[data.visits]
path = "visits.csv"
key = ["id"]
expect = [{ column = "id", not_null = true }]

[data.prices]
path = "prices"

[entity.shop]
keys = ["shop"]

[feature.price]
source = "prices"
entity = "shop"
event_time = "at"
columns = ["price"]
windows = [{ column = "price", agg = ["mean"], over = ["7d"] }]

[set.sale]
spine = "visits"
event_time = "at"
label = "bought"
features = ["age", "shop", "price:*"]
split = { by = "hash", test = 0.3 }

[train.sale]
set = "sale"
model = "logistic"

[monitor.sale]

[retrain.sale]
train = "sale"
model = "sale"
holdout = "5d"
triggers = { new_rows = 1 }
gate = { metric = "auc", min_gain = -1.0 }
"#;

/// A day's visits to three shops.
fn visits(days: std::ops::Range<u32>) -> String {
    let mut rows = String::from("id,at,shop,age,bought\n");
    for day in days {
        for visit in 0..8 {
            let (id, age) = (day * 8 + visit, 20 + (day * 7 + visit * 13) % 50);
            let bought = u32::from((age + visit * 5) % 3 == 0);
            rows += &format!("{id},2026-03-{:02}T{:02}:00:00Z,s{},{age},{bought}\n", day + 1, 8 + visit, visit % 3);
        }
    }
    rows
}

fn prices() -> String {
    let row = |day: u32, shop: u32| format!("s{shop},2026-03-{:02}T00:00:00Z,{}\n", day + 1, 10 + day * shop);
    let rows = (0..20).flat_map(|day| (0..3).map(move |shop| row(day, shop)));
    format!("shop,at,price\n{}", rows.collect::<String>())
}

/// Sales of which the price can be learned.
fn sales() -> String {
    let row = |at: u32| format!("{},s{},{}\n", at * 7 % 31, at % 3, at * 7 % 31 * (1 + at % 3));
    format!("amount,shop,price\n{}", (0..60).map(row).collect::<String>())
}

fn defined() -> TestProject {
    let project = TestProject::with(DEFINITIONS);
    project.write("visits.csv", visits(0..12));
    project.write("prices/a.csv", prices());
    project
}

fn added() -> TestProject {
    let project = defined();
    project.ok(&["data", "add"]);
    project
}

fn applied() -> TestProject {
    let project = added();
    project.ok(&["feature", "apply"]);
    project
}

fn trained() -> TestProject {
    let project = applied();
    project.ok(&["run", "train", "sale"]);
    project
}

fn registered() -> TestProject {
    let project = trained();
    project.ok(&["model", "register", "sale", "sale", "--alias", "champion"]);
    project
}

/// A deployment that has answered every visit.
fn asked() -> TestProject {
    let project = registered();
    project.ok(&["feature", "materialize"]);
    let mut line = String::new();
    let mut server = project.command(&["serve", "sale", "--port", "0"]);
    let mut server = server.stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(server.stdout.take().unwrap()), &mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    project.ok(&["model", "predict", "--url", &url, "--input", "visits.csv", "--output", "answers.csv"]);
    server.kill().unwrap();
    server.wait().unwrap();
    project
}

/// A command and the project it is given in.
struct Scene {
    before: fn() -> TestProject,
    change: fn(&TestProject),
    command: &'static [&'static str],
}

const NOTHING: fn(&TestProject) = |_| ();

/// What a project holds, whenever and by however many tries it was made.
fn state(project: &TestProject) -> Value {
    let pick = |list: &Value, keys: &[&str]| -> Vec<Value> {
        let row = |row: &Value| keys.iter().map(|key| row[*key].clone()).collect::<Value>();
        list.as_array().unwrap().iter().map(row).collect()
    };
    let mut models: Vec<String> = pick(&project.json(&["run", "list", "-n", "1000"])["runs"], &["model"])
        .iter()
        .map(Value::to_string)
        .filter(|m| !m.contains("null"))
        .collect();
    models.sort();
    models.dedup();
    let files = project.files("").into_iter().filter(|(name, _)| !name.ends_with(".html"));
    json!({
        "files": files.map(|(name, content)| (name, blake3::hash(&content).to_string())).collect::<Vec<_>>(),
        "data": pick(&project.json(&["data", "list"])["datasets"], &["name", "hash", "versions"]),
        "views": project.json(&["feature", "plan"]),
        "runs": models,
        "models": pick(&project.json(&["model", "list"])["models"], &["name", "version", "hash", "aliases"]),
        "labels": labels(project),
        "verdicts": verdicts(project),
    })
}

/// The labels that came, by prediction.
fn labels(project: &TestProject) -> BTreeSet<String> {
    let path = ".mlops/predictions/sale/labels";
    let text = if project.path(path).exists() { project.read(path) } else { String::new() };
    loans::lines(&text).iter().map(|line| format!("{} {}", line["id"], line["label"])).collect()
}

/// What monitors said. A verdict that is recorded and then not heard is given once more.
fn verdicts(project: &TestProject) -> BTreeSet<String> {
    let status = project.json(&["status"]);
    let checks = status["checks"].as_array().unwrap().iter();
    checks.map(|c| format!("{} {} {}", c["monitor"], c["kind"], c["passed"])).collect()
}

fn copy(from: &Path) -> TestProject {
    let project = TestProject::empty();
    for entry in walkdir::WalkDir::new(from).into_iter().map(Result::unwrap) {
        let to = project.root().join(entry.path().strip_prefix(from).unwrap());
        match entry.file_type().is_dir() {
            true => std::fs::create_dir_all(to).unwrap(),
            false => drop(std::fs::copy(entry.path(), to).unwrap()),
        }
    }
    project
}

/// How many steps the command has in this project.
fn steps(template: &Path, args: &[&str]) -> usize {
    let project = copy(template);
    let count = project.path("../count");
    faulty(&project, args, &[("FAULT_COUNT", count.to_str().unwrap())]);
    std::fs::read(count).unwrap().len()
}

/// The steps to try: all, or some that differ from day to day.
fn chosen(steps: usize) -> Vec<usize> {
    if std::env::var_os("CRASH_STEPS").is_some_and(|v| v == "all") {
        return (1..=steps).collect();
    }
    let stride = steps.div_ceil(10).max(1);
    let day = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400;
    (1 + day as usize % stride..=steps).step_by(stride).collect()
}

/// Tries the command with a fault at one step after the other.
fn at_every_step(scene: &Scene, fault: &str) {
    let template = (scene.before)();
    (scene.change)(&template);
    let reference = copy(template.root());
    let clean = reference.run(scene.command);
    let expected = state(&reference);
    let steps = steps(template.root(), scene.command);
    assert!(steps > 5, "{:?} writes {steps} times: the faults are not loaded", scene.command);
    let chosen = chosen(steps);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(step) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    one_step(scene, fault, *step, template.root(), &clean, &expected);
                }
            });
        }
    });
}

/// Whether an error stands on standard error; warnings of the log may stand before it.
fn says_why(output: &Output) -> bool {
    output.stderr.lines().any(|line| line.starts_with("error: "))
}

fn one_step(scene: &Scene, fault: &str, step: usize, template: &Path, clean: &Output, expected: &Value) {
    let place = format!("mlops {:?}, {fault} at step {step}", scene.command);
    let project = copy(template);
    let broken = faulty(&project, scene.command, &[("FAULT_AT", &step.to_string()), ("FAULT_DO", fault)]);
    assert!(!broken.stderr.contains("panicked"), "{place}\n{broken}");
    let allowed: &[i32] = match fault {
        // The number of steps varies a little with the threads' race: the last ones may not be reached.
        "kill" | "tear" => &[-1, clean.code],
        // What is only a convenience (the log of commands, the cache of file stats) may be lost without a word.
        _ => &[3, clean.code],
    };
    assert!(allowed.contains(&broken.code), "{place}\n{broken}");
    if broken.code == 3 {
        assert!(says_why(&broken), "{place}\n{broken}");
    }
    if project.path("mlops.toml").exists() {
        let checked = project.run(&["fsck"]);
        assert_eq!(checked.code, 0, "{place}: not healthy\n{checked}\nafter\n{broken}");
    }
    let again = project.run(scene.command);
    assert_eq!(again.code, clean.code, "{place}: repeated\n{again}\nafter\n{broken}");
    let ended = state(&project);
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&ended[key], value, "{place}: repeated, it ends elsewhere in {key}\nafter\n{broken}");
    }
    project.ok(&["fsck"]);
}

const FAULTS_TRIED: [&str; 5] = ["kill", "tear", "full", "fail", "readonly"];

fn survives(scene: &Scene) {
    for fault in FAULTS_TRIED {
        at_every_step(scene, fault);
    }
}

fn two_versions() -> TestProject {
    let project = added();
    project.write("prices/b.csv", prices());
    project.remove("prices/a.csv");
    project.ok(&["data", "add"]);
    project
}

/// A new dataset in a repository of git, whose `.gitignore` gets a line.
fn in_git(project: &TestProject) {
    project.git(&["init", "-q"]);
    project.write("more/new.csv", "x\n1\n");
}

fn labelled() -> TestProject {
    let project = asked();
    project.ok(&["monitor", "labels", "sale", "--input", "visits.csv", "--key", "id"]);
    project
}

/// One test a scene, and the list of all of them.
macro_rules! scenes {
    ($($name:ident: $before:expr, $change:expr, $command:expr;)*) => {
        const SCENES: &[&[&str]] = &[$(&$command,)*];
        $(#[test]
        fn $name() {
            survives(&Scene { before: $before, change: $change, command: &$command });
        })*
    };
}

scenes! {
    init_survives: TestProject::empty, NOTHING, ["init"];
    train_survives: TestProject::empty, |p| p.write("sales.csv", sales()), ["train", "sales.csv", "--target", "price"];
    data_add_survives: defined, NOTHING, ["data", "add"];
    data_add_of_a_new_path_survives: added, |p| p.write("more/new.csv", "x\n1\n"), ["data", "add", "more"];
    data_add_inside_git_survives: added, in_git, ["data", "add", "more"];
    data_add_of_a_second_version_survives:
        added, |p| p.write("prices/b.csv", prices()), ["data", "add", "-m", "more"];
    data_checkout_survives:
        two_versions, |p| p.remove("visits.csv"), ["data", "checkout", "prices@1", "visits@1"];
    feature_apply_survives: added, NOTHING, ["feature", "apply"];
    feature_materialize_survives: applied, NOTHING, ["feature", "materialize"];
    feature_join_survives: applied, NOTHING, ["feature", "join", "sale", "--output", "sale.csv"];
    run_train_survives: applied, NOTHING, ["run", "train", "sale"];
    model_register_survives: trained, NOTHING, ["model", "register", "sale", "sale", "--alias", "champion"];
    model_alias_survives: registered, NOTHING, ["model", "alias", "sale", "canary", "sale@1"];
    model_predict_survives:
        registered, NOTHING, ["model", "predict", "sale", "-i", "visits.csv", "-o", "out.parquet"];
    monitor_labels_survives:
        asked, NOTHING, ["monitor", "labels", "sale", "--input", "visits.csv", "--key", "id"];
    monitor_drift_survives: asked, NOTHING, ["monitor", "drift", "sale"];
    monitor_performance_survives: labelled, NOTHING, ["monitor", "performance", "sale"];
    monitor_report_survives: asked, NOTHING, ["monitor", "report", "sale", "--output", "report.html"];
    retrain_survives: registered, |p| p.write("visits.csv", visits(0..20)), ["retrain", "sale"];
}

const SERVE: [&str; 4] = ["serve", "sale", "--port", "0"];

/// The help of each command has an example; those that the program counts among the changing ones are held against
/// what is tried here.
#[test]
fn every_command_that_writes_has_a_scene() {
    fn leaves(command: &clap::Command, path: &[&str], found: &mut Vec<(Vec<String>, String)>) {
        for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
            leaves(sub, &[path, &[sub.get_name()]].concat(), found);
        }
        if !command.has_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            found.push((path.iter().map(|p| (*p).to_owned()).collect(), help));
        }
    }
    let mut found = Vec::new();
    leaves(&mlops::cli::tree(), &[], &mut found);
    let mut writing = 0;
    for (path, help) in found {
        let called = format!("mlops {}", path.join(" "));
        // The shortest form of an example that the parser takes.
        let examples: Vec<&str> =
            help.lines().map(str::trim).filter(|l| *l == called || l.starts_with(&format!("{called} "))).collect();
        let read = |line: &&str| {
            let code = line.split("  ").next().unwrap().split(['|', '>', '#', ';']).next().unwrap();
            let words: Vec<&str> = code.split_whitespace().skip(1).map(|w| w.trim_matches(['"', '\''])).collect();
            mlops::cli::changes(&words).ok()
        };
        let changes = examples.iter().find_map(read).unwrap_or_else(|| panic!("no example of {called} can be read"));
        if changes {
            writing += 1;
            let tried = SCENES
                .iter()
                .chain(&[&SERVE[..]])
                .any(|scene| scene.starts_with(&path.iter().map(String::as_str).collect::<Vec<_>>()));
            assert!(tried, "{called} writes and has no scene in tests/hardening/crash.rs");
        }
    }
    assert!(writing > 10, "{writing}");
}

/// A server from its start over one answer to its end by SIGTERM: how it ended, and the ids it gave away.
fn served(project: &TestProject, faults: &[(&str, &str)]) -> (Output, Vec<String>) {
    let server = match Server::of_or_end(faulty_command(project, &SERVE, faults)) {
        Ok(server) => server,
        Err(end) => return (end, Vec::new()),
    };
    let question = json!({ "dataframe_records": [{ "id": 1, "at": "2026-03-05T08:00:00Z", "shop": "s1", "age": 30 }] });
    let mut ids = Vec::new();
    for _ in 0..3 {
        let mut connection = server.connect();
        let headers = [("Content-Type", "application/json")];
        let sent = connection.ask("POST", "/invocations", &headers, question.to_string().as_bytes());
        let Ok(reply) = sent.and_then(|()| connection.reply()) else { break };
        assert!([200, 503].contains(&reply.status), "{reply:?}");
        if reply.status == 200 {
            ids.push(reply.json()["predictions"][0]["id"].as_str().unwrap().to_owned());
        }
    }
    (server.stop(), ids)
}

/// A server is begun, asked and ended with a fault at one step after the other. What it acknowledged is in the log, and
/// the next one serves.
#[test]
fn serve_survives() {
    let template = {
        let project = registered();
        project.ok(&["feature", "materialize"]);
        project
    };
    let project = copy(template.root());
    let count = project.path("../count");
    let (end, ids) = served(&project, &[("FAULT_COUNT", count.to_str().unwrap())]);
    assert_eq!((end.code, ids.len()), (0, 3), "{end}");
    let steps = std::fs::read(count).unwrap().len();
    assert!(steps > 5, "{steps}");
    for fault in FAULTS_TRIED {
        for step in chosen(steps) {
            let place = format!("mlops serve, {fault} at step {step}");
            let project = copy(template.root());
            let (end, acknowledged) = served(&project, &[("FAULT_AT", &step.to_string()), ("FAULT_DO", fault)]);
            assert!(!end.stderr.contains("panicked"), "{place}\n{end}");
            let allowed: &[i32] = if ["kill", "tear"].contains(&fault) { &[-1, 0] } else { &[0, 3] };
            assert!(allowed.contains(&end.code), "{place}\n{end}");
            assert!(end.code != 3 || says_why(&end), "{place}\n{end}");
            project.ok(&["fsck"]);
            let (again, more) = served(&project, &[]);
            let is_expected = |line: &str| line.contains("rows are older than what the online store keeps");
            let quiet = again.stderr.lines().all(is_expected);
            assert!(again.code == 0 && quiet && more.len() == 3, "{place}: again\n{again}");
            for id in acknowledged.iter().chain(&more) {
                let found = project.ok(&["lineage", id]);
                assert!(found.stdout.starts_with("prediction"), "{place}: {id} is not in the log\n{found}");
            }
            let logged = project.json(&["monitor", "performance", "sale"])["rows"].as_u64().unwrap();
            assert!(logged >= (acknowledged.len() + more.len()) as u64, "{place}: {logged}");
            let deployments = project.json(&["status"])["deployments"].clone();
            let states: Vec<&Value> = deployments.as_array().unwrap().iter().map(|d| &d["state"]).collect();
            assert!(states[0] == "stopped" && !states.iter().any(|s| **s == "serving"), "{place}: {deployments}");
        }
    }
}

/// A crash of the machine, which no killing shows: what gets a name of ours was synced before it got it, and the folder
/// after it; nothing is written to the ledger about a blob before.
#[test]
fn a_file_is_durable_before_it_has_its_name_and_its_name_before_the_command_ends() {
    type Given = (fn() -> TestProject, &'static [&'static str]);
    let tried: [Given; 6] = [
        (defined, &["data", "add"]),
        (applied, &["feature", "materialize"]),
        (applied, &["feature", "join", "sale"]),
        (applied, &["run", "train", "sale"]),
        (trained, &["model", "register", "sale", "sale", "--alias", "champion"]),
        (two_versions, &["data", "checkout", "prices@1"]),
    ];
    for (before, command) in tried {
        let project = before();
        let trace = project.path("../trace");
        let output = faulty(&project, command, &[("FAULT_TRACE", trace.to_str().unwrap())]);
        assert_eq!(output.code, 0, "{command:?}\n{output}");
        let text = std::fs::read_to_string(trace).unwrap();
        let done: Vec<Vec<&str>> = text.lines().map(|line| line.split(' ').collect()).collect();
        let is = |line: &[&str], what: &str, path: &str| line == [what, path];
        let mut named = 0;
        for (place, line) in done.iter().enumerate().filter(|(_, line)| line[0] == "rename") {
            let (from, to) = (line[1], line[2]);
            let ours = to.contains("/.mlops/objects/") || to.ends_with("/mlops.lock") || to.ends_with("/mlops.toml");
            if !ours {
                continue;
            }
            named += 1;
            let earlier = &done[..place];
            let written = earlier.iter().rposition(|l| is(l, "write", from));
            let synced = earlier.iter().rposition(|l| is(l, "sync", from));
            assert!(synced >= written && synced.is_some(), "{command:?}: {to} has its name before its content\n{text}");
            let folder = Path::new(to).parent().unwrap().to_str().unwrap();
            let kept = done[place..].iter().position(|l| is(l, "sync", folder)).map(|p| p + place);
            assert!(kept.is_some(), "{command:?}: the name {to} is not durable\n{text}");
            // The ledger speaks of a blob once it is there: its next row is written after the folder's sync.
            let ledger = done[place..].iter().position(|l| l[0] == "write" && l[1].contains("/ledger.db"));
            let told = ledger.is_none_or(|p| !to.contains("/objects/") || kept.is_some_and(|kept| p + place > kept));
            assert!(told, "{command:?}: the ledger speaks of {to} before it is durable\n{text}");
        }
        let makes_files = command[0] != "model" && command[1] != "materialize";
        assert!(named > 0 || !makes_files, "{command:?} named nothing: the trace is not what it was\n{text}");
        let ledger = done.iter().rposition(|l| l[0] == "write" && l[1].ends_with("/ledger.db-wal"));
        assert!(ledger.is_some(), "{command:?}\n{text}");
    }
}
