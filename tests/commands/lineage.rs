//! `mlops lineage` through the binary.

use crate::common::TestProject;
use crate::common::loans::{self, HOURS, asked};
use crate::common::server::Server;
use serde_json::Value;
use std::collections::BTreeSet;

/// Kinds of the nodes of a lineage.
fn kinds(graph: &Value) -> BTreeSet<String> {
    graph["nodes"].as_array().unwrap().iter().map(|n| n["kind"].as_str().unwrap().to_owned()).collect()
}

fn set(kinds: &[&str]) -> BTreeSet<String> {
    kinds.iter().map(|k| (*k).to_owned()).collect()
}

/// Edges as pairs of kinds; both ends are nodes.
fn edges(graph: &Value) -> BTreeSet<(String, String)> {
    let kind = |id: &Value| {
        let node = graph["nodes"].as_array().unwrap().iter().find(|n| n["id"] == *id);
        node.unwrap_or_else(|| panic!("{id} is no node"))["kind"].as_str().unwrap().to_owned()
    };
    graph["edges"].as_array().unwrap().iter().map(|e| (kind(&e[0]), kind(&e[1]))).collect()
}

fn predicted() -> (TestProject, String) {
    let project = loans::project();
    let server = Server::start(&project, &["late", "--name", "front"]);
    let id = server.predict(&asked(&loans::loans(HOURS..HOURS + 2, usize::MAX)))[1]["id"].as_str().unwrap().to_owned();
    server.stop_clean();
    (project, id)
}

#[test]
fn a_prediction_goes_back_to_its_data_and_definitions() {
    let (project, id) = predicted();
    let graph = project.json(&["lineage", &id]);
    assert_eq!(kinds(&graph), set(&["prediction", "deployment", "model", "run", "recipe", "set", "dataset"]));
    assert_eq!(graph["start"], format!("prediction:{id}"));
    let expected = [
        ("dataset", "set"),
        ("set", "run"),
        ("recipe", "run"),
        ("run", "model"),
        ("model", "deployment"),
        ("deployment", "prediction"),
    ];
    assert_eq!(edges(&graph), expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect());
    let names: Vec<&str> = graph["nodes"].as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap()).collect();
    for name in ["loans@1", "sales@1", "front"] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    project.ok(&["lineage", &id]).shows(&[
        "prediction",
        "← deployment front",
        "← dataset loans@1",
        "← dataset sales@1",
    ]);
    let request = id.split_once('-').unwrap().0;
    assert_eq!(
        project.json(&["lineage", request])["start"],
        format!("prediction:{request}-0"),
        "a request's id is its first row"
    );
}

#[test]
fn a_dataset_goes_forward_to_the_models_and_deployments_made_of_it() {
    let (project, _) = predicted();
    let graph = project.json(&["lineage", "loans@1"]);
    assert_eq!(kinds(&graph), set(&["dataset", "set", "run", "model", "version", "deployment"]));
    project.ok(&["lineage", "loans@1"]).shows(&[
        "dataset loans@1",
        "→ set late",
        "→ run late",
        "→ deployment front",
        "→ version late@1 (champion)",
    ]);
    // What only stands beside it is not part of it.
    assert!(!graph.to_string().contains("sales@1"));
}

#[test]
fn every_kind_of_reference_names_its_node() {
    let (project, _) = predicted();
    let model = project.json(&["model", "list"]).to_string();
    let run = project.json(&["run", "list"])["runs"][0]["run"].as_str().unwrap().to_owned();
    let start = |reference: &str| project.json(&["lineage", reference])["start"].as_str().unwrap().to_owned();
    for reference in ["late", "late@1", "late@v1", "late@champion", "late@latest"] {
        assert_eq!(start(reference), "version:late@1");
    }
    assert_eq!(start(&run), format!("run:{run}"));
    assert_eq!(start(&run[..8]), format!("run:{run}"));
    let hash = project.json(&["status"])["models"][0]["hash"].as_str().unwrap().to_owned();
    assert!(model.contains(&hash[..12]));
    assert_eq!(start(&hash[..12]), format!("model:{hash}"));
    assert!(start("front").starts_with("deployment:"));
    assert!(start("sales").starts_with("dataset:"));
    assert_eq!(start("sales"), start("sales@1"));
    let lock = project.read("mlops.lock");
    let dataset = lock.lines().next().unwrap().split_once(' ').unwrap().1;
    assert_eq!(start(dataset), format!("dataset:{dataset}"));
}

#[test]
fn a_retrained_version_has_its_own_line() {
    let (project, _) = predicted();
    project.write("loans.csv", loans::csv(&loans::loans(0..HOURS + 48, usize::MAX)));
    project.ok(&["data", "add"]);
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late"]);
    let names = |reference: &str| project.json(&["lineage", reference])["nodes"].to_string();
    assert!(names("late@2").contains("loans@2") && !names("late@2").contains("loans@1"));
    assert!(names("late@1").contains("loans@1") && !names("late@1").contains("loans@2"));
    assert!(names("sales@1").contains("late@1") && names("sales@1").contains("late@2"));
    assert!(names("loans").contains("loans@2"), "a bare name is the newest version");
}

#[test]
fn what_is_unknown_is_said_with_a_hint() {
    let (project, id) = predicted();
    let unknown = format!("{:0>32}-0", "1");
    for what in ["nobody", "late@9", "late@nobody", "loans@9", "0123456789abcdef", unknown.as_str()] {
        project.fails(2, &["lineage", what]).says(&["error: "]);
    }
    project.fails(2, &["lineage", "nobody"]).says(&["nothing is called \"nobody\"", "hint: "]);
    for what in ["", "../x", "a b", "@", "late@", &id[..16], &format!("{id}0")] {
        project.fails(2, &["lineage", what]);
    }
}
