//! Every writing command is killed, torn or refused at every step at which it changes the disk. Afterwards `fsck` is
//! healthy, and the same command, given again, ends where it would have ended.
//!
//! A step is a call that changes a file system, of any thread (`tests/faults/faults.c`, which is loaded before libc). By
//! default some ten steps of each command are tried, others in each run of the day; `CRASH_STEPS=all` tries all of them.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use common::faults::faulty;
use common::{Output, TestProject};
use serde_json::{Value, json};
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

fn scene(before: fn() -> TestProject, change: fn(&TestProject), command: &'static [&'static str]) -> Scene {
    Scene { before, change, command }
}

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
    })
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
        assert!(broken.stderr.starts_with("error: "), "{place}\n{broken}");
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

fn survives(scene: Scene) {
    for fault in FAULTS_TRIED {
        at_every_step(&scene, fault);
    }
}

#[test]
fn init_survives() {
    survives(scene(TestProject::empty, NOTHING, &["init"]));
}

#[test]
fn data_add_survives() {
    survives(scene(defined, NOTHING, &["data", "add"]));
}

#[test]
fn data_add_of_a_new_path_survives() {
    survives(scene(added, |p| p.write("more/new.csv", "x\n1\n"), &["data", "add", "more"]));
}

#[test]
fn data_add_of_a_second_version_survives() {
    survives(scene(added, |p| p.write("prices/b.csv", prices()), &["data", "add", "-m", "more"]));
}

#[test]
fn data_checkout_survives() {
    let two_versions = || {
        let project = added();
        project.write("prices/b.csv", prices());
        project.remove("prices/a.csv");
        project.ok(&["data", "add"]);
        project
    };
    survives(scene(two_versions, |p| p.remove("visits.csv"), &["data", "checkout", "prices@1", "visits@1"]));
}

#[test]
fn feature_apply_survives() {
    survives(scene(added, NOTHING, &["feature", "apply"]));
}

#[test]
fn feature_materialize_survives() {
    survives(scene(applied, NOTHING, &["feature", "materialize"]));
}

#[test]
fn feature_join_survives() {
    survives(scene(applied, NOTHING, &["feature", "join", "sale", "--output", "sale.csv"]));
}

#[test]
fn run_train_survives() {
    survives(scene(applied, NOTHING, &["run", "train", "sale"]));
}

#[test]
fn model_register_survives() {
    survives(scene(trained, NOTHING, &["model", "register", "sale", "sale", "--alias", "champion"]));
}

#[test]
fn model_alias_survives() {
    survives(scene(registered, NOTHING, &["model", "alias", "sale", "canary", "sale@1"]));
}

#[test]
fn model_predict_survives() {
    survives(scene(registered, NOTHING, &["model", "predict", "sale", "-i", "visits.csv", "-o", "out.parquet"]));
}

#[test]
fn monitor_labels_survives() {
    survives(scene(asked, NOTHING, &["monitor", "labels", "sale", "--input", "visits.csv", "--key", "id"]));
}

#[test]
fn monitor_report_survives() {
    survives(scene(asked, NOTHING, &["monitor", "report", "sale", "--output", "report.html"]));
}

#[test]
fn retrain_survives() {
    survives(scene(registered, |p| p.write("visits.csv", visits(0..20)), &["retrain", "sale"]));
}
