//! Types of keys: rows, requests and the command line find a view's rows by keys of the view's own type, or are refused.

use crate::common::TestProject;
use crate::common::server::Server;
use serde_json::{Value, json};

const DEFINITIONS: &str = "[data.orders]\npath = \"orders.FORMAT\"\n[data.zips]\npath = \"zips.FORMAT\"\n\
    [entity.zip]\nkeys = [\"zip\"]\n\
    [feature.z]\nsource = \"zips\"\nentity = \"zip\"\nevent_time = \"t\"\ncolumns = [\"income\"]\n\
    [set.s]\nspine = \"orders\"\nlabel = \"y\"\nevent_time = \"at\"\nfeatures = [\"z:income\"]\n\
    [train.l]\nset = \"s\"\nmodel = \"logistic\"\n";

/// Incomes by zip code, and orders with them; codes are texts in JSON Lines and numbers in CSV, as they are written there.
fn project(format: &str) -> TestProject {
    let project = TestProject::with(&DEFINITIONS.replace("FORMAT", format));
    let zips = [(if format == "csv" { "7" } else { "007" }, 1.0), ("42", 9.0)];
    let rows = zips.iter().map(|(zip, income)| match format {
        "csv" => format!("{zip},{income},2024-01-01T00:00:00Z\n"),
        _ => json!({ "zip": zip, "income": income, "t": "2024-01-01T00:00:00Z" }).to_string() + "\n",
    });
    let head = if format == "csv" { "zip,income,t\n" } else { "" };
    project.write(&format!("zips.{format}"), head.to_owned() + &rows.collect::<String>());
    let orders = (0..40).map(|i| {
        let (zip, at, y) =
            (zips[i % 2].0, format!("2024-01-{:02}T00:00:00Z", i % 20 + 2), usize::from(i % 2 == 0 || i % 7 == 0));
        match format {
            "csv" => format!("{zip},{at},{y}\n"),
            _ => json!({ "zip": zip, "at": at, "y": y }).to_string() + "\n",
        }
    });
    let head = if format == "csv" { "zip,at,y\n" } else { "" };
    project.write(&format!("orders.{format}"), head.to_owned() + &orders.collect::<String>());
    project.ok(&["data", "add"]);
    project.ok(&["feature", "apply"]);
    project
}

fn served(format: &str) -> (TestProject, Server) {
    let project = project(format);
    project.ok(&["feature", "materialize"]);
    project.ok(&["run", "train", "l"]);
    project.ok(&["model", "register", "l", "m"]);
    let server = Server::start(&project, &["m"]);
    (project, server)
}

fn probabilities(answer: &Value) -> Vec<f64> {
    answer["predictions"].as_array().unwrap().iter().map(|p| p["probability"].as_f64().unwrap()).collect()
}

fn records(zip: &Value, rows: usize) -> Value {
    json!({ "dataframe_records": vec![json!({ "zip": zip, "at": "2024-01-25T00:00:00Z" }); rows] })
}

#[test]
fn a_text_key_of_digits_is_found_by_csv_as_by_json_and_not_by_a_number() {
    let (_project, server) = served("jsonl");
    let known = |zip: &str| probabilities(&server.json(200, "/invocations", &records(&json!(zip), 1)))[0];
    assert!(known("007") > known("42"), "the incomes are looked up");
    for rows in [1, 20] {
        for zip in ["007", "42", "7"] {
            let body = "zip,at\n".to_owned() + &format!("{zip},2024-01-25T00:00:00Z\n").repeat(rows);
            let answer = server.post("/invocations", "text/csv", body).expect(200).json();
            assert_eq!(probabilities(&answer), vec![known(zip); rows], "{zip}");
        }
        let refused = server.json(400, "/invocations", &records(&json!(42), rows));
        assert!(refused.to_string().contains("column \\\"zip\\\": a number where a text is expected"), "{refused}");
    }
}

#[test]
fn a_number_key_is_not_found_by_a_text_or_a_boolean() {
    let (_project, server) = served("csv");
    let body = "zip,at\n7,2024-01-25T00:00:00Z\n";
    let csv = server.post("/invocations", "text/csv", body).expect(200).json();
    assert_eq!(probabilities(&csv), probabilities(&server.json(200, "/invocations", &records(&json!(7.0), 1))));
    let code = server.post("/invocations", "text/csv", "zip,at\n007,2024-01-25T00:00:00Z\n").expect(400);
    assert!(code.body.contains("column \\\"zip\\\": a text where a number is expected"), "{code:?}");
    for (zip, found) in [(json!("007"), "text"), (json!(true), "boolean")] {
        for rows in [1, 20] {
            let refused = server.json(400, "/invocations", &records(&zip, rows));
            let said = format!("column \\\"zip\\\": a {found} where a number is expected");
            assert!(refused.to_string().contains(&said), "{refused}");
        }
    }
}

#[test]
fn rows_are_not_joined_by_keys_of_another_type() {
    let project = project("jsonl");
    project.write("orders.csv", "zip,at,y\n7,2024-01-10T00:00:00Z,0\n42,2024-01-10T00:00:00Z,1\n");
    project.define(&DEFINITIONS.replace("orders.FORMAT", "orders.csv").replace("FORMAT", "jsonl"));
    project.ok(&["data", "add"]);
    let said = ["key \"zip\" is a number in the rows and a text in view \"z\"", "CSV makes numbers of digits"];
    project.refuses(2, &["feature", "join", "s"]).says(&said);
    project.write("orders.csv", "zip,at,y\n007,2024-01-10T00:00:00Z,0\n008,2024-01-10T00:00:00Z,1\n");
    project.ok(&["data", "add"]);
    assert_eq!(
        project.json(&["feature", "join", "s"])["views"][0]["missing"],
        1,
        "a zero in front makes a code a text"
    );
    project.write("orders.csv", "zip,at,y\n,2024-01-10T00:00:00Z,0\n,2024-01-10T00:00:00Z,1\n");
    project.ok(&["data", "add"]);
    assert_eq!(project.json(&["feature", "join", "s"])["views"][0]["missing"], 2, "no key is a key of any type");
}

#[test]
fn keys_of_the_command_line_are_read_as_the_view_has_them() {
    for (format, found, missing) in [("jsonl", "007", "7"), ("csv", "7", "8")] {
        let project = project(format);
        project.ok(&["feature", "materialize"]);
        let status =
            |zip: &str| project.json(&["feature", "get", "z", &format!("zip={zip}")])["features"][0]["status"].clone();
        assert_eq!((status(found), status(missing)), (json!("PRESENT"), json!("NOT_FOUND")), "{format}");
    }
    project("csv").fails(2, &["feature", "get", "z", "zip=abc"]).says(&["key \"zip\"", "\"abc\" is no number"]);
}

#[test]
fn texts_of_digits_are_texts_in_a_csv_file_too() {
    let (project, server) = served("jsonl");
    project.write("ask.csv", "zip,at\n42,2024-01-25T00:00:00Z\n");
    project.ok(&["model", "predict", "m@1", "--input", "ask.csv", "--output", "answers.jsonl"]);
    let batch: Value = serde_json::from_str(project.read("answers.jsonl").trim()).unwrap();
    let online = server.post("/invocations", "text/csv", project.read("ask.csv")).expect(200).json();
    assert_eq!(batch["probability"].as_f64(), Some(probabilities(&online)[0]));
    assert_eq!(batch["zip"], "42");
}
