//! A model takes features of the views that it was trained with, and of no others that are called the same.

use crate::common::loans;
use crate::common::server::Server;
use serde_json::{Value, json};

fn row() -> Value {
    json!({ "amount": 100.0, "purpose": "car", "shop": "north", "at": "2024-01-10T00:00:00Z" })
}

fn trained() -> crate::common::TestProject {
    let project = loans::project();
    project.ok(&["feature", "materialize"]);
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late"]);
    project
}

/// Defines the view's rows otherwise, under the same names.
fn redefine(project: &crate::common::TestProject) {
    let view = "source = \"sales\"\nentity = \"shop\"";
    let other = "sql = \"SELECT shop, known_at, turnover * 1000 AS turnover FROM sales\"\nentity = \"shop\"";
    let definitions = project.read("mlops.toml");
    assert!(definitions.contains(view));
    project.write("mlops.toml", definitions.replace(view, other));
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
}

#[test]
fn a_server_refuses_features_of_another_definition_and_says_so_at_its_start() {
    let project = trained();
    let server = Server::start(&project, &["late"]);
    let before = server.predict(&json!({ "dataframe_records": [row()] }));
    redefine(&project);
    std::thread::sleep(std::time::Duration::from_millis(200));
    for rows in [1, 20] {
        let refused = server.post(
            "/invocations",
            "application/json",
            json!({ "dataframe_records": vec![row(); rows] }).to_string(),
        );
        assert_eq!(refused.status, 503, "{refused:?}");
    }
    server.predict(&json!({ "dataframe_records": [{ "amount": 1.0, "purpose": "car", "at": "2024-01-10T00:00:00Z",
        "sales__turnover": 5.0, "sales__turnover_mean_2d": 5.0, "sales__turnover_count_2d": 2 }] }));
    let end = server.stop();
    assert!(
        end.stderr.contains("view \\\"sales\\\" was filled by another definition")
            || end.stderr.contains("view \"sales\" was filled by another definition"),
        "{end}"
    );
    let started = Server::start(&project, &["late"]).stop();
    assert!(started.stderr.contains("was filled by another definition"), "{started}");
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late"]);
    let server = Server::start(&project, &["late@2"]);
    let after = server.predict(&json!({ "dataframe_records": [row()] }));
    assert_eq!(after.len(), before.len());
    server.stop_clean();
}

#[test]
fn two_models_that_mean_two_things_by_a_view_are_never_given_each_others_rows() {
    let project = trained();
    redefine(&project);
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "other"]);
    let server = Server::start(&project, &["late@1", "other"]);
    let inputs =
        |name: &str, kind: &str| json!({ "name": name, "shape": [1], "datatype": kind, "data": [row()[name]] });
    let body = json!({ "inputs": [inputs("amount", "FP64"), inputs("purpose", "BYTES"), inputs("shop", "BYTES"),
        inputs("at", "BYTES")] });
    for _ in 0..3 {
        let status =
            |name: &str| server.post(&format!("/v2/models/{name}/infer"), "application/json", body.to_string()).status;
        assert_eq!((status("other"), status("late")), (200, 503), "the store has the rows of the newer definition");
    }
}

#[test]
fn batch_prediction_refuses_a_view_of_another_definition_too() {
    let project = trained();
    project.write("ask.jsonl", row().to_string());
    project.ok(&["model", "predict", "late", "--input", "ask.jsonl", "--output", "before.jsonl"]);
    redefine(&project);
    project
        .refuses(2, &["model", "predict", "late", "--input", "ask.jsonl", "--output", "after.jsonl"])
        .says(&["view \"sales\" has other rows than when the model was trained"]);
}

#[test]
fn a_model_computes_its_own_windows_from_the_same_rows() {
    let project = trained();
    project.write("ask.jsonl", row().to_string());
    project.ok(&["model", "predict", "late", "--input", "ask.jsonl", "--output", "before.jsonl"]);
    project.write("mlops.toml", project.read("mlops.toml").replace("over = [\"2d\"]", "over = [\"3d\"]"));
    project.ok(&["feature", "apply"]);
    project.ok(&["model", "predict", "late", "--input", "ask.jsonl", "--output", "after.jsonl"]);
    assert_eq!(project.read("before.jsonl"), project.read("after.jsonl"));
}

#[test]
fn how_long_rows_are_kept_online_changes_no_value() {
    let project = trained();
    let server = Server::start(&project, &["late"]);
    let before = server.predict(&json!({ "dataframe_records": [row()] }));
    project.write("mlops.toml", project.read("mlops.toml").replace("history = \"60d\"", "history = \"90d\""));
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    std::thread::sleep(std::time::Duration::from_millis(200));
    let after = server.predict(&json!({ "dataframe_records": [row()] }));
    assert_eq!(before[0]["probability"], after[0]["probability"]);
    server.stop_clean();
}

#[test]
fn a_server_says_at_its_start_that_a_view_is_not_in_the_online_store() {
    let project = loans::project();
    project.ok(&["run", "train", "late"]);
    project.remove(".mlops/features/online.db");
    let started = Server::start(&project, &["late"]).stop();
    assert!(started.stderr.contains("the view is not in the online store"), "{started}");
}

#[test]
fn what_was_not_found_or_is_too_old_is_said_in_the_answer_logged_and_counted() {
    let project = trained();
    let server = Server::start(&project, &["late"]);
    let asked = |shop: &str, at: &str| json!({ "amount": 100.0, "purpose": "car", "shop": shop, "at": at });
    let rows = [
        asked("north", "2024-01-10T00:00:00Z"),
        asked("nowhere", "2024-01-10T00:00:00Z"),
        asked("north", "2034-01-10T00:00:00Z"),
        json!({ "amount": 1.0, "purpose": "car", "shop": "nowhere", "at": "2024-01-10T00:00:00Z",
            "sales__turnover": 5.0, "sales__turnover_mean_2d": 5.0, "sales__turnover_count_2d": 2 }),
    ];
    let expected = [Value::Null, json!({ "sales": "NOT_FOUND" }), json!({ "sales": "OUTSIDE_MAX_AGE" }), Value::Null];
    // Few rows go one by one, many as columns.
    for times in [1, 10] {
        let many: Vec<&Value> = rows.iter().cycle().take(rows.len() * times).collect();
        let answers = server.predict(&json!({ "dataframe_records": many }));
        let said: Vec<&Value> = answers.iter().map(|answer| &answer["lookups"]).collect();
        assert_eq!(said, expected.iter().cycle().take(said.len()).collect::<Vec<_>>());
    }
    let inputs =
        |name: &str, kind: &str| json!({ "name": name, "shape": [1], "datatype": kind, "data": [rows[1][name]] });
    let body = json!({ "inputs": [inputs("amount", "FP64"), inputs("purpose", "BYTES"), inputs("shop", "BYTES"),
        inputs("at", "BYTES")] });
    let reply = server.post("/v2/models/late/infer", "application/json", body.to_string()).json();
    assert_eq!(reply["parameters"], json!({ "sales:NOT_FOUND": 1 }));
    let page = server.get("/metrics").body;
    for (status, rows) in [("PRESENT", 22), ("NOT_FOUND", 12), ("OUTSIDE_MAX_AGE", 11)] {
        let line =
            format!("mlops_feature_lookups_total{{deployment=\"late\",view=\"sales\",status=\"{status}\"}} {rows}");
        assert!(page.lines().any(|found| found == line), "{line} is not in {page}");
    }
    server.stop_clean();
    let files = project.files(".mlops/predictions/late");
    let (_, lines) = files.iter().find(|(name, _)| name.ends_with(".jsonl")).unwrap();
    let lines = String::from_utf8_lossy(lines);
    assert_eq!(lines.matches("\"lookups\":{\"sales\":\"NOT_FOUND\"}").count(), 12);
    // Who looks at drift is told that some of it is of rows without features.
    let drift = project.run(&["monitor", "drift", "late", "--json"]).json();
    let lookups = &drift["lookups"]["sales"];
    assert_eq!((&lookups["NOT_FOUND"], &lookups["OUTSIDE_MAX_AGE"]), (&json!(12), &json!(11)), "{drift}");
    project.run(&["monitor", "drift", "late"]).shows(&["rows answered without features of view sales: 12 (NOT_FOUND)"]);
}

#[test]
fn a_row_without_a_time_means_now_in_a_file_as_in_a_request() {
    let project = trained();
    let answers = |rows: &str| {
        project.write("asked.csv", rows);
        let lines = project.ok(&["model", "predict", "late", "--input", "asked.csv"]).stdout;
        let answer = |line: &str| serde_json::from_str::<Value>(line).unwrap()["probability"].as_f64().unwrap();
        lines.lines().map(answer).collect::<Vec<f64>>()
    };
    let without = "amount,purpose,shop\n100,car,north\n";
    let empty = "amount,purpose,shop,at\n100,car,north,\n";
    let beside = "amount,purpose,shop,at\n100,car,north,\n100,car,north,2024-01-10T00:00:00Z\n";
    let now = answers(without);
    assert_eq!((answers(empty), answers(beside)[0]), (now.clone(), now[0]));
    let server = Server::start(&project, &["late"]);
    for body in [without, empty] {
        let served = server.post("/invocations", "text/csv", body).expect(200).json();
        assert_eq!(served["predictions"][0]["probability"].as_f64(), Some(now[0]));
    }
    server.stop_clean();
}

#[test]
fn a_status_tells_whether_there_are_features() {
    let project = crate::common::TestProject::with(
        "[data.w]\npath = \"w.csv\"\n[entity.k]\nkeys = [\"k\"]\n\
         [feature.late]\nsource = \"w\"\nentity = \"k\"\nevent_time = \"at\"\ncreated_time = \"made\"\n\
         windows = [{ column = \"x\", agg = [\"count\"], over = [\"1d\"] }]\nonline = { history = \"60d\" }\n\
         [feature.old]\nsource = \"w\"\nentity = \"k\"\nevent_time = \"at\"\nttl = \"1h\"\n\
         windows = [{ column = \"x\", agg = [\"count\"], over = [\"7d\"] }]\nonline = { history = \"60d\" }\n",
    );
    project.write(
        "w.csv",
        "k,at,made,x\na,2024-01-01,2024-01-01,1\na,2024-01-10,2024-01-20,2\nb,2024-01-10,2024-01-10,3\n",
    );
    project.ok(&["data", "add"]);
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    for (view, key, at, value, status) in [
        ("late", "k=a", "2024-01-10T12:00:00Z", 0, "OUTSIDE_MAX_AGE"),
        ("late", "k=b", "2024-01-10T12:00:00Z", 1, "PRESENT"),
        ("old", "k=b", "2024-01-11T12:00:00Z", 1, "PRESENT"),
        ("old", "k=b", "2024-01-19T12:00:00Z", 0, "OUTSIDE_MAX_AGE"),
        ("old", "k=c", "2024-01-11T12:00:00Z", 0, "NOT_FOUND"),
    ] {
        let found = project.json(&["feature", "get", view, key, "--at", at]);
        let feature = &found["features"][0];
        assert_eq!((&feature["value"], &feature["status"]), (&json!(value), &json!(status)), "{view} {key} {at}");
    }
    let long_ago = project.json(&["feature", "get", "old", "k=b", "--at", "2023-01-01"]);
    assert_eq!(long_ago["features"][0]["status"], "BEFORE_HISTORY");
    // A store that was filled before the data it is of is remarked.
    let stale = || project.json(&["status"])["stale_views"].as_array().unwrap().len();
    assert_eq!(stale(), 0);
    project.write("w.csv", project.read("w.csv") + "b,2024-01-12,2024-01-12,4\n");
    project.ok(&["data", "add"]);
    assert_eq!(stale(), 2);
    project
        .ok(&["status"])
        .shows(&["the online store of late is older than its data", "mlops feature materialize late old"]);
    project.ok(&["feature", "materialize"]);
    assert_eq!(stale(), 0);
}

#[test]
fn a_view_whose_rows_have_no_time_has_no_rows() {
    let project = crate::common::TestProject::with(
        "[data.w]\npath = \"w.csv\"\ntypes = { at = \"time\" }\n[data.t]\npath = \"t.csv\"\n[entity.k]\nkeys = [\"k\"]\n\
         [feature.v]\nsource = \"w\"\nentity = \"k\"\nevent_time = \"at\"\ncolumns = [\"x\"]\n\
         [set.s]\nspine = \"t\"\nevent_time = \"at\"\nfeatures = [\"v:*\"]\n",
    );
    project.write("w.csv", "k,at,x\na,,5\nb,,6\n");
    project.write("t.csv", "k,at\na,2024-01-01\nb,2024-01-01\n");
    project.ok(&["data", "add"]);
    assert_eq!(project.json(&["feature", "join", "s"])["views"][0]["missing"], 2);
}
