//! `mlops retrain` through the binary.

use crate::common::TestProject;
use crate::common::loans::{self, HOURS, asked};
use crate::common::server::Server;
use serde_json::{Value, json};

/// The story with a monitor, and a retraining with these keys more.
fn story(keys: &str) -> TestProject {
    let monitor = "[monitor.late]\nperformance = { metric = \"auc\", min = 0.6, chunk = \"1d\" }\n";
    let retrain = "[retrain.late]\ntrain = \"late\"\nmodel = \"late\"\nmonitor = \"late\"\nholdout = \"2d\"\n";
    loans::project_with(&format!("{monitor}\n{retrain}{keys}\n"))
}

/// Loans of `days` more days arrive, of another world from `turned` on.
fn arrive(project: &TestProject, days: usize, turned: usize) {
    project.write("loans.csv", loans::csv(&loans::loans(0..HOURS + days * 24, turned)));
}

/// The days after the beginning are asked about and their labels arrive.
fn serve_and_label(project: &TestProject, turned: usize) {
    let server = Server::start(project, &["late"]);
    let rows = loans::loans(HOURS..HOURS + 96, turned);
    server.predict(&asked(&rows));
    server.stop_clean();
    project.write("labels.csv", loans::csv(&rows));
    project.ok(&["monitor", "labels", "late", "--input", "labels.csv"]);
}

fn champion(project: &TestProject) -> String {
    let models = project.json(&["status"])["models"].clone();
    let found = models.as_array().unwrap().iter().find(|m| m["aliases"].to_string().contains("champion"));
    format!("late@{}", found.unwrap()["version"])
}

fn reason<'a>(outcome: &'a Value, trigger: &str) -> &'a Value {
    let reasons = outcome["reasons"].as_array().unwrap();
    reasons.iter().find(|r| r["trigger"] == trigger).unwrap_or_else(|| panic!("{trigger} is not in {outcome}"))
}

#[test]
fn nothing_is_trained_when_no_trigger_fires() {
    let project = story("triggers = { new_rows = 50 }");
    let runs = project.json(&["run", "list"]);
    let quiet = project.json(&["retrain", "late"]);
    assert_eq!((&quiet["triggered"], &quiet["decision"]), (&json!(false), &json!("keep")));
    assert_eq!(
        (&quiet["champion"], &quiet["challenger"], &quiet["promoted"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(reason(&quiet, "new_rows")["fired"], false);
    assert_eq!(project.json(&["run", "list"]), runs);
    project.ok(&["retrain", "late"]).shows(&["quiet", "new_rows: 0 new rows in \"loans\"", "no trigger fired"]);
    assert_eq!(project.json(&["status"])["retrainings"][0]["decision"], "not triggered");
}

#[test]
fn new_rows_are_recorded_and_trigger_from_their_number_on() {
    let project = story("triggers = { new_rows = 48 }");
    arrive(&project, 1, usize::MAX);
    let quiet = project.json(&["retrain", "late"]);
    assert_eq!((&quiet["triggered"], &quiet["merged"]), (&json!(false), &json!(["loans@2"])));
    arrive(&project, 2, usize::MAX);
    let fired = project.json(&["retrain", "late"]);
    assert_eq!((&fired["triggered"], &fired["merged"]), (&json!(true), &json!(["loans@3"])));
    assert!(reason(&fired, "new_rows")["found"].as_str().unwrap().starts_with("48 new rows"));
    let [from, to, rows] = fired["holdout"].as_array().unwrap().as_slice() else { panic!("{fired}") };
    assert_eq!((from, to, rows), (&json!(loans::time(HOURS)), &json!(loans::time(HOURS + 47)), &json!(48)));
    for side in ["champion", "challenger"] {
        assert!(fired[side]["metrics"]["auc"].is_number(), "{side}");
    }
    assert!(fired["challenger"]["run"].is_string());
}

#[test]
fn no_trigger_defined_means_new_data() {
    let project = story("");
    assert_eq!(project.json(&["retrain", "late"])["triggered"], false);
    arrive(&project, 2, usize::MAX);
    assert_eq!(reason(&project.json(&["retrain", "late"]), "new_rows")["fired"], true);
}

#[test]
fn drift_and_performance_trigger_through_the_monitor() {
    let project = story("triggers = { drift = true, performance = true }");
    let dry = ["retrain", "late", "--dry-run"];
    project.fails(2, &dry).says(&["\"late\"", "nothing was served yet"]);
    serve_and_label(&project, HOURS);
    arrive(&project, 4, HOURS);
    let outcome = project.json(&dry);
    assert_eq!(
        (&reason(&outcome, "drift")["fired"], &reason(&outcome, "performance")["fired"]),
        (&json!(true), &json!(true))
    );
    project.ok(&dry).shows(&["fired", "drift: ", "performance: ", "dry run"]);

    project.define(
        &project
            .read("mlops.toml")
            .replace("monitor = \"late\"\n", "")
            .replace("[project]\nname = \"trial\"\nseed = 7\n", ""),
    );
    project.fails(2, &dry).says(&["monitor", "hint: "]);
}

#[test]
fn a_better_challenger_takes_the_alias_over() {
    let project = story("window = \"4d\"");
    let server = Server::start(&project, &["late"]);
    arrive(&project, 6, HOURS);
    let outcome = project.json(&["retrain", "late"]);
    let auc = |side: &str| outcome[side]["metrics"]["auc"].as_f64().unwrap();
    assert!(auc("challenger") > auc("champion"), "{outcome}");
    assert_eq!((&outcome["decision"], &outcome["promoted"]), (&json!("promote"), &json!("late@2")));
    assert_eq!(outcome["champion"]["model"], "late@1");
    assert_eq!(champion(&project), "late@2");
    assert_eq!(outcome["warnings"], json!([]), "the champion has not seen the rows held back");
    // What runs follows the alias; what is started now serves the new one.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while server.get("/v2/models/late/versions/2/ready").status != 200 {
        assert!(std::time::Instant::now() < until, "the server does not follow");
        std::thread::yield_now();
    }
    Server::start(&project, &["late"]).get("/v2/models/late/versions/2/ready").expect(200);
    assert_eq!(project.json(&["retrain", "late"])["triggered"], false, "the new champion knows these rows");
}

#[test]
fn the_gate_keeps_a_challenger_that_is_not_better_by_enough() {
    let project = story("gate = { metric = \"log_loss\", min_gain = 1000.0 }");
    arrive(&project, 6, HOURS);
    let outcome = project.json(&["retrain", "late"]);
    assert_eq!(
        (&outcome["triggered"], &outcome["decision"], &outcome["promoted"]),
        (&json!(true), &json!("keep"), &Value::Null)
    );
    assert!(outcome["because"].as_str().unwrap().contains("log_loss"), "{outcome}");
    assert_eq!(champion(&project), "late@1");
    project.define(&project.read("mlops.toml").split_once("seed = 7\n").unwrap().1.replace("log_loss", "luck"));
    project.fails(2, &["retrain", "late"]).says(&["\"luck\""]);
}

#[test]
fn a_dry_run_compares_and_changes_nothing() {
    let project = story("window = \"4d\"");
    arrive(&project, 6, HOURS);
    let known = || ["model", "run", "data"].map(|room| project.json(&[room, "list"]));
    let before =
        (known(), project.json(&["log"]), project.blobs(), project.read("mlops.lock"), project.read("mlops.toml"));
    let outcome = project.json(&["retrain", "late", "--dry-run"]);
    assert_eq!((&outcome["decision"], &outcome["promoted"]), (&json!("promote"), &Value::Null));
    assert_eq!((&outcome["dry_run"], &outcome["merged"]), (&json!(true), &json!(["loans@2"])));
    let after =
        (known(), project.json(&["log"]), project.blobs(), project.read("mlops.lock"), project.read("mlops.toml"));
    assert_eq!(after, before);
    assert_eq!(project.files(".mlops/tmp").len(), 0, "what it wrote is gone");
    assert_eq!(project.json(&["retrain", "late"])["promoted"], "late@2", "the trigger is still there for the real one");
}

#[test]
fn force_retrains_without_a_trigger_and_says_what_the_champion_had_seen() {
    let project = story("triggers = { new_rows = 1000 }");
    let definitions = project.read("mlops.toml").split_once("seed = 7\n").unwrap().1.to_owned();
    project.define(&definitions.replace("test = \"2024-01-15\"", "test = \"2024-01-17T12:00:00Z\""));
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late", "--alias", "champion"]);
    let outcome = project.json(&["retrain", "late", "--force"]);
    assert_eq!((&outcome["triggered"], &reason(&outcome, "new_rows")["fired"]), (&json!(true), &json!(false)));
    assert!(outcome["challenger"]["run"].is_string());
    assert!(
        outcome["warnings"][0].as_str().unwrap().contains("the champion learned from rows up to 2024-01-17"),
        "{outcome}"
    );
}

#[test]
fn without_a_champion_the_first_model_is_promoted() {
    let project = story("alias = \"chosen\"");
    let outcome = project.json(&["retrain", "late"]);
    assert_eq!((&outcome["champion"], &outcome["decision"]), (&Value::Null, &json!("promote")));
    assert_eq!(reason(&outcome, "no champion")["fired"], true);
    let promoted = outcome["promoted"].as_str().unwrap();
    project.ok(&["model", "show", "late@chosen"]).shows(&[promoted]);
    assert_eq!(champion(&project), "late@1", "other aliases stay");
}

#[test]
fn what_is_not_defined_or_broken_is_said() {
    let project = story("");
    project.fails(2, &["retrain", "lat"]).says(&["\"lat\"", "did you mean \"late\"?"]);
    arrive(&project, 2, usize::MAX);
    let lock = project.read("mlops.lock");
    project.define(
        &project
            .read("mlops.toml")
            .split_once("seed = 7\n")
            .unwrap()
            .1
            .replace("key = [\"id\"]", "key = [\"id\"]\nexpect = [{ column = \"late\", in = [0] }]"),
    );
    project.fails(1, &["retrain", "late"]).says(&["late"]);
    assert_eq!(project.read("mlops.lock"), lock, "data that breaks its contract is not recorded");
    assert_eq!(champion(&project), "late@1");
}

#[test]
fn a_challenger_has_the_features_that_the_definition_says_whatever_the_split() {
    let project = story("triggers = { new_rows = 24 }");
    let definitions = project.read("mlops.toml");
    let start = definitions.find("[set.late]").unwrap();
    let set = &definitions[start..start + definitions[start..].find("\n[").unwrap()];
    let lines: Vec<String> = set
        .lines()
        .map(|line| match line.split(' ').next().unwrap() {
            "features" => "features = [\"*\"]".to_owned(),
            "split" => "split = { by = \"hash\", key = [\"shop\", \"id\"], test = 0.3 }".to_owned(),
            "derive" => String::new(),
            _ => line.to_owned(),
        })
        .collect();
    assert!(lines.iter().any(|line| line.contains("hash")), "{set}");
    project.write("mlops.toml", definitions.replace(set, &lines.join("\n")));
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late"]);
    project.ok(&["model", "alias", "late", "champion", "late@2"]);
    arrive(&project, 3, usize::MAX);
    project.ok(&["retrain", "late"]);
    let features = |model: &str| {
        let shown = project.json(&["model", "show", model]);
        let list = shown["features"]["features"].as_array().unwrap().iter().map(|f| f["name"].to_string());
        list.collect::<Vec<String>>()
    };
    assert_eq!(features("late@2"), features("late@3"));
    assert!(
        !features("late@3").iter().any(|name| name.contains("id") || name.contains("shop")),
        "{:?}",
        features("late@3")
    );
}

#[test]
fn a_recipe_that_searches_on_the_validation_part_can_be_retrained() {
    let project = story("triggers = { new_rows = 24 }");
    let search = "search = { method = \"grid\", space = { max_depth = [2, 3] } }";
    let definitions = project.read("mlops.toml");
    let start = definitions.find("[train.late]").unwrap();
    let end = start + definitions[start + 1..].find("\n[").map_or(definitions.len() - start, |at| at + 1);
    let recipe = format!("[train.late]\nset = \"late\"\nmodel = \"tree\"\n{search}\n");
    project.write("mlops.toml", format!("{}{recipe}{}", &definitions[..start], &definitions[end..]));
    arrive(&project, 3, usize::MAX);
    let outcome = project.json(&["retrain", "late"]);
    let run = project.json(&["run", "show", outcome["challenger"]["run"].as_str().unwrap()]);
    assert!(run["metrics"]["validation.auc"].is_number() && run["metrics"]["test.auc"].is_number(), "{run}");
}
