//! `mlops status` and `mlops log` through the binary.

use crate::common::TestProject;
use crate::common::loans::{self, HOURS};
use crate::common::server::Server;
use serde_json::{Value, json};

/// What status says to type next.
fn next(project: &TestProject) -> Vec<String> {
    let status = project.json(&["status"]);
    status["next"].as_array().unwrap().iter().map(|n| n.as_str().unwrap().to_owned()).collect()
}

#[test]
fn next_steps_lead_from_nothing_to_a_served_model() {
    let project = TestProject::new();
    assert_eq!(next(&project), ["mlops data add PATH"]);
    project.define(loans::DEFINITIONS);
    let full = loans::project();
    for file in ["loans.csv", "sales.csv"] {
        project.write(file, full.read(file));
    }
    assert_eq!(next(&project)[0], "mlops data add loans sales");
    // Each step that status names is taken as it stands.
    for (step, fill) in [
        ("mlops data add loans sales", None),
        ("mlops feature apply", None),
        ("mlops run train late", None),
        ("mlops model register", Some("late")),
        ("mlops serve late", None),
    ] {
        let named = next(&project).remove(0);
        assert!(named.starts_with(step), "{named} is not {step}");
        let command = named.trim_start_matches("mlops ").replace("NAME", fill.unwrap_or_default());
        let words: Vec<&str> = command.split(' ').collect();
        if words[0] == "serve" {
            assert_eq!(Server::start(&project, &words[1..]).stop().code, 0);
        } else {
            project.ok(&words);
        }
    }
    assert_eq!(next(&project), [""; 0]);
    project.ok(&["status"]).shows(&[
        "loans",
        "unchanged",
        "model late@1 is champion",
        "deployment late of late@1 stopped",
    ]);
}

#[test]
fn what_changed_is_named_with_the_step_that_mends_it() {
    let project = loans::project();
    project.write("loans.csv", loans::csv(&loans::loans(0..HOURS + 1, usize::MAX)));
    let status = project.json(&["status"]);
    let states: Vec<&Value> = status["datasets"].as_array().unwrap().iter().map(|d| &d["state"]).collect();
    assert_eq!(states, ["changed", "unchanged"]);
    assert_eq!(next(&project)[0], "mlops data add loans");
    let definitions = project.read("mlops.toml").split_once("seed = 7\n").unwrap().1.to_owned();
    project.define(&definitions.replace("over = [\"2d\"]", "over = [\"3d\"]"));
    assert_eq!(project.json(&["status"])["views_to_apply"], json!(["sales"]));
    project.ok(&["status"]).shows(&["changed", "views to apply: sales", "mlops feature apply"]);
    project.remove("sales.csv");
    project.ok(&["status"]).shows(&["missing"]);
}

#[test]
fn status_shows_the_newest_runs_models_checks_and_what_serves() {
    let project = loans::project();
    let server = Server::start(&project, &["late"]);
    let status = project.json(&["status"]);
    assert_eq!((&status["project"], &status["root"]), (&json!("trial"), &json!(project.root())));
    assert_eq!((&status["runs"][0]["recipe"], &status["models"][0]["aliases"]), (&json!("late"), &json!(["champion"])));
    assert_eq!(status["materialized"][0]["view"], "sales");
    let deployment = &status["deployments"][0];
    assert_eq!((&deployment["address"], &deployment["stopped"]), (&json!(server.url()), &Value::Null));
    assert_eq!((&deployment["process"], &deployment["state"]), (&json!(server.process()), &json!("serving")));
    project.ok(&["status"]).shows(&[&format!("on {}", server.url())]);
    server.stop_clean();
    project.ok(&["status"]).shows(&["stopped 20"]);
}

#[test]
fn a_server_of_another_version_than_the_champion_is_remarked() {
    let project = loans::project();
    let server = Server::start(&project, &["late@1"]);
    let shown = || project.ok(&["status"]).stdout;
    assert!(!shown().contains("the champion is"));
    project.ok(&["run", "train", "late", "--seed", "8"]);
    project.ok(&["model", "register", "late", "late", "--alias", "champion"]);
    assert!(shown().contains(", the champion is late@2"), "{}", shown());
    server.stop_clean();
    assert!(!shown().contains("the champion is"));
}

#[test]
fn a_server_that_was_killed_is_not_shown_as_serving() {
    let project = loans::project();
    let server = Server::start(&project, &["late"]);
    let url = server.url();
    server.kill();
    let output = project.ok(&["status"]);
    assert!(!output.stdout.contains(&format!("on {url}")), "{output}");
    output.shows(&["deployment late of late@1 died"]);
    assert_eq!(project.json(&["status"])["deployments"][0]["state"], "died");
}

#[test]
fn status_changes_nothing_and_works_from_a_folder_below() {
    let project = loans::project();
    project.write("sub/folder/file.txt", "x");
    let (files, log) = (project.files(""), project.json(&["log"]));
    let above = project.json(&["status"]);
    assert_eq!(project.json(&["-C", "sub/folder", "status"]), above);
    assert_eq!((project.files(""), project.json(&["log"])), (files, log));
    let outside = TestProject::empty();
    outside.fails(2, &["status"]).says(&["hint: ", "mlops init"]);
    outside.fails(2, &["log"]).says(&["mlops init"]);
}

#[test]
fn log_lists_what_was_done_newest_first_with_who_and_how_it_ended() {
    let project = loans::project();
    project.fails(2, &["model", "register", "nobody", "late"]);
    project.write("rows.csv", loans::csv(&loans::loans(0..3, usize::MAX)));
    project.fails(
        1,
        &["monitor", "drift", "--reference", "loans", "--current", "rows.csv", "--columns", "amount", "--share", "0"],
    );
    let operations = project.json(&["log"])["operations"].as_array().unwrap().clone();
    let of = |at: usize, key: &str| operations[at][key].as_str().unwrap().to_owned();
    assert_eq!(of(0, "outcome"), "check failed");
    assert!(of(0, "command").starts_with("monitor drift --reference loans"));
    assert_eq!(of(1, "command"), "model register nobody late");
    assert!(of(1, "outcome").starts_with("not_found: "), "{}", of(1, "outcome"));
    assert_eq!(
        (of(2, "command"), of(2, "outcome")),
        ("model register late late --alias champion".to_owned(), "done".to_owned())
    );
    assert_eq!(operations.last().unwrap()["command"], "init");
    assert!(operations.iter().all(|o| o["actor"] == "tester" && o["at"].as_str().unwrap().ends_with('Z')));
    assert_eq!(project.json(&["log", "-n", "2"])["operations"], json!(operations[..2]));
    project.ok(&["log", "-n", "1"]).shows(&["when (UTC)", "tester", "check failed"]);
    project.fails(2, &["log", "-n", "-1"]);
    // Looking is not doing.
    for command in [
        &["status"][..],
        &["log"],
        &["lineage", "late"],
        &["run", "list"],
        &["model", "predict", "late", "--input", "rows.csv"],
    ] {
        project.ok(command);
    }
    assert_eq!(project.json(&["log"])["operations"], json!(operations));
}

#[test]
fn a_definition_that_cannot_be_carried_out_is_refused_before_any_work() {
    let project = crate::common::loans::project();
    let good = project.read("mlops.toml");
    for (wrong, command, said) in [
        (
            "[monitor.m]\nperformance = { metric = \"acu\" }\n",
            &["status"][..],
            "monitor m: performance: metric \"acu\"",
        ),
        ("[monitor.m]\ntests = { amount = \"psy\" }\n", &["status"], "monitor m: tests: column \"amount\""),
        (
            "[train.x]\nset = \"late\"\nmodel = \"tree\"\nprep = [{ op = \"scael\", columns = \"all\" }]\n",
            &["status"],
            "scael",
        ),
        (
            "[train.x]\nset = \"late\"\nmodel = \"tree\"\nparams = { max_dept = 3 }\n",
            &["run", "train", "x"],
            "max_dept",
        ),
        (
            "[retrain.m]\ntrain = \"late\"\nmodel = \"late\"\nholdout = \"3d\"\ngate = { metric = \"acu\" }\n",
            &["retrain", "m"],
            "gate: metric \"acu\"",
        ),
    ] {
        project.write("mlops.toml", format!("{good}\n{wrong}"));
        project.refuses(2, command).says(&[said, "hint: "]);
    }
}
