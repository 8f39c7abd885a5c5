//! `mlops serve` and `mlops model predict --url` through the binary.

use crate::common::loans::{self, HOURS, asked, loan};
use crate::common::server::Server;
use crate::common::{Output, TestProject};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Mutex;

fn story() -> (TestProject, Server) {
    let project = loans::project();
    let server = Server::start(&project, &["late"]);
    (project, server)
}

/// What the model is asked of one loan.
fn one() -> Map<String, Value> {
    let mut row = loan(HOURS, usize::MAX);
    row.remove("late");
    row
}

fn probability(prediction: &Value) -> u64 {
    prediction["probability"].as_f64().unwrap().to_bits()
}

#[test]
fn health_ping_version_and_metrics_are_answered() {
    let (_project, server) = story();
    for path in ["/health", "/ping"] {
        assert_eq!(server.get(path).expect(200).body, "\n", "as MLflow's scoring server");
    }
    assert_eq!(server.get("/version").expect(200).body.trim(), env!("CARGO_PKG_VERSION"));
    server.predict(&asked(&[one(), one()]));
    server.post("/invocations", "application/json", "{").expect(400);
    let metrics = server.get("/metrics").expect(200);
    assert!(metrics.headers["content-type"].starts_with("text/plain; version=0.0.4"));
    for line in [
        "mlops_requests_total{route=\"/invocations\",status=\"200\"} 1",
        "mlops_requests_total{route=\"/invocations\",status=\"400\"} 1",
        "mlops_rows_total{deployment=\"late\"} 2",
        "mlops_log_errors_total{deployment=\"late\"} 0",
        "mlops_request_duration_seconds_bucket{le=\"+Inf\"} 5",
    ] {
        assert!(metrics.body.lines().any(|l| l == line), "{line} is not in\n{}", metrics.body);
    }
    assert!(metrics.body.contains("mlops_model_info{deployment=\"late\",arm=\"champion\",version=\"1\",hash=\""));
    server.stop_clean();
}

#[test]
fn every_shape_of_invocations_gives_the_same_answer() {
    let (_project, server) = story();
    let row = one();
    let expected = probability(&server.predict(&asked(std::slice::from_ref(&row)))[0]);
    let cell = |name: &str| row[name].clone();
    // Rows without names come in the order the model's metadata gives.
    let metadata = server.get("/v2/models/late").expect(200).json();
    let order: Vec<&str> = metadata["inputs"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap()).collect();
    let cells: Vec<Value> = order.iter().map(|name| cell(name)).collect();
    let columns: Map<String, Value> = row.iter().map(|(n, v)| (n.clone(), json!([v]))).collect();
    for body in [
        json!({ "dataframe_split": { "columns": order, "data": [cells] } }),
        json!({ "dataframe_split": { "index": [7], "columns": order, "data": [cells] } }),
        json!({ "dataframe_records": [row] }),
        json!({ "instances": [row] }),
        json!({ "instances": [cells] }),
        json!({ "inputs": [row] }),
        json!({ "inputs": columns }),
        json!({ "inputs": row }),
        json!({ "dataframe_records": [row], "params": { "anything": 1 } }),
    ] {
        let answers = server.predict(&body);
        assert_eq!((answers.len(), probability(&answers[0])), (1, expected), "{body}");
    }
    for kind in ["text/csv", "text/csv; charset=utf-8", "text/csv;charset=UTF-8"] {
        let answer = server.post("/invocations", kind, loans::csv(std::slice::from_ref(&row))).expect(200).json();
        assert_eq!(probability(&answer["predictions"][0]), expected);
    }
}

#[test]
fn an_answer_has_id_probability_and_prediction_and_its_request_an_id() {
    let (_project, server) = story();
    let reply = server.post("/invocations", "application/json", asked(&loans::loans(0..3, usize::MAX)).to_string());
    let request = reply.headers["x-request-id"].clone();
    for (at, prediction) in reply.json()["predictions"].as_array().unwrap().iter().enumerate() {
        assert_eq!(prediction["id"], format!("{request}-{at}"));
        let probability = prediction["probability"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&probability));
        assert_eq!(prediction["prediction"], if probability >= 0.5 { "true" } else { "false" });
    }
}

#[test]
fn the_open_inference_protocol_is_spoken() {
    let (_project, server) = story();
    assert_eq!(server.get("/v2").expect(200).json()["name"], "mlops");
    assert_eq!(server.get("/v2/").expect(200).json()["extensions"], json!([]));
    assert_eq!(server.get("/v2/health/live").expect(200).json(), json!({ "live": true }));
    assert_eq!(server.get("/v2/health/ready").expect(200).json(), json!({ "ready": true }));
    for path in ["/v2/models/late", "/v2/models/late/versions/1"] {
        let metadata = server.get(path).expect(200).json();
        assert_eq!((&metadata["name"], &metadata["versions"]), (&json!("late"), &json!(["1"])));
        assert_eq!(metadata["inputs"][0], json!({ "name": "amount", "datatype": "FP64", "shape": [-1] }));
        assert_eq!(metadata["outputs"][0]["name"], "probability");
        let ready = server.get(&format!("{path}/ready")).expect(200).json();
        assert_eq!(ready, json!({ "name": "late", "ready": true }));
    }
    let row = one();
    let expected = probability(&server.predict(&asked(std::slice::from_ref(&row)))[0]);
    let tensor = |name: &str, shape: Value, kind: &str| json!({ "name": name, "shape": shape, "datatype": kind, "data": [row[name]] });
    let inputs = [
        tensor("amount", json!([1]), "FP64"),
        tensor("purpose", json!([1, 1]), "BYTES"),
        tensor("shop", json!([1]), "BYTES"),
        tensor("at", json!([1]), "BYTES"),
    ];
    for path in ["/v2/models/late/infer", "/v2/models/late/versions/1/infer"] {
        let answer = server.json(200, path, &json!({ "id": "mine", "inputs": inputs, "outputs": [] }));
        let named = [("model_name", "late"), ("model_version", "1"), ("id", "mine")];
        named.iter().for_each(|(key, value)| assert_eq!(answer[key], *value));
        let [p, class] = answer["outputs"].as_array().unwrap().as_slice() else { panic!("{answer}") };
        assert_eq!((&p["name"], &p["datatype"], &p["shape"]), (&json!("probability"), &json!("FP64"), &json!([1])));
        assert_eq!(p["data"][0].as_f64().unwrap().to_bits(), expected);
        assert_eq!((&class["name"], &class["datatype"]), (&json!("prediction"), &json!("BYTES")));
    }
    let answer = server.json(200, "/v2/models/late/infer", &json!({ "inputs": inputs }));
    assert!(!answer["id"].as_str().unwrap().is_empty(), "an id is made when none is given");
    for path in ["/v2/models/other", "/v2/models/late/versions/9", "/v2/models/other/ready"] {
        assert!(server.get(path).expect(404).json()["error"].as_str().unwrap().contains("\"late\" version 1"));
    }
    server.json(404, "/v2/models/other/infer", &json!({ "inputs": inputs }));
}

#[test]
fn features_of_views_are_looked_up_as_of_the_requests_time() {
    let (project, server) = story();
    let mut row = one();
    let looked_up = server.predict(&asked(&[row.clone()]))[0].clone();
    let logged = loans::log(&project, "late").remove(0);
    let get = project.json(&[
        "feature",
        "get",
        "sales",
        &format!("shop={}", row["shop"].as_str().unwrap()),
        "--at",
        &loans::time(HOURS),
    ]);
    assert!(logged["features"]["sales__turnover"].is_number(), "{logged}");
    assert!(get.to_string().contains(&logged["features"]["sales__turnover"].to_string()), "{get}");
    // The same values brought by the request give the same answer; other values another one.
    for (name, value) in logged["features"].as_object().unwrap().iter().filter(|(n, _)| n.starts_with("sales__")) {
        row.insert(name.clone(), value.clone());
    }
    assert_eq!(probability(&server.predict(&asked(&[row.clone()]))[0]), probability(&looked_up));
    row.insert("sales__turnover".to_owned(), json!(1.0));
    assert_ne!(probability(&server.predict(&asked(&[row]))[0]), probability(&looked_up));
    // A shop nobody knows has no sales.
    let mut stranger = one();
    stranger.insert("shop".to_owned(), json!("nowhere"));
    let id = server.predict(&asked(&[stranger]))[0]["id"].clone();
    let log = loans::log(&project, "late");
    let line = log.iter().find(|l| l["id"] == id).unwrap();
    assert_eq!((&line["features"]["sales__turnover"], &line["features"]["share"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_filling_of_the_online_store_reaches_a_running_server() {
    let (project, server) = story();
    let before = server.predict(&asked(&[one()]))[0].clone();
    let sales = project.read("sales.csv");
    project.write("sales.csv", sales + &format!("{},{},5\n", one()["shop"].as_str().unwrap(), loans::time(HOURS)));
    project.ok(&["data", "add", "sales"]);
    project.ok(&["feature", "materialize"]);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while probability(&server.predict(&asked(&[one()]))[0]) == probability(&before) {
        assert!(std::time::Instant::now() < until, "the server still answers from the old rows");
    }
}

#[test]
fn every_answer_is_logged_under_its_id_with_the_features_used() {
    let (project, server) = story();
    let rows = loans::loans(HOURS..HOURS + 70, usize::MAX);
    let answers = server.predict(&asked(&rows));
    let log = loans::log(&project, "late");
    assert_eq!((answers.len(), log.len()), (70, 70), "and in the order of the rows");
    for ((row, answer), line) in rows.iter().zip(&answers).zip(&log) {
        let outputs = json!({ "probability": answer["probability"], "prediction": answer["prediction"] });
        assert_eq!((&answer["id"], &outputs), (&line["id"], &line["outputs"]));
        assert_eq!(
            (&line["deployment"], &line["model"], &line["version"]),
            (&json!("late"), &json!("late@1"), &json!(1))
        );
        assert_eq!(line["key"], json!({ "id": row["id"], "shop": row["shop"] }));
        assert_eq!(line["time"], row["at"]);
        assert_eq!(line["features"]["amount"].as_f64(), row["amount"].as_f64());
        assert_eq!(line["features"]["purpose"], row["purpose"]);
        assert_eq!((&line["arm"], &line["status"]), (&json!("champion"), &json!("answered")));
        assert!(line["latency_us"].is_u64() && line["at"].is_string() && line["hash"].is_string());
    }
    // A refused request leaves no line.
    let mut bad = rows[..2].to_vec();
    bad[1].insert("amount".to_owned(), json!("much"));
    let said = server.json(400, "/invocations", &json!({ "dataframe_records": bad }));
    assert!(said["message"].as_str().unwrap().contains("row 2: column \"amount\""), "{said}");
    assert_eq!(loans::log(&project, "late").len(), 70);
}

#[test]
fn a_deployment_may_have_its_own_name_and_a_definition() {
    let project = loans::project_with("[serve.front]\nmodel = \"late@champion\"\n");
    let server = Server::start(&project, &["front"]);
    server.predict(&asked(&[one()]));
    server.get("/v2/models/front").expect(200);
    server.stop_clean();
    let server = Server::start(&project, &["late@1", "--name", "back"]);
    server.predict(&asked(&[one()]));
    server.stop_clean();
    assert_eq!((loans::log(&project, "front").len(), loans::log(&project, "back").len()), (1, 1));
    project.fails(2, &["serve", "lat", "--port", "0"]).says(&["\"lat\"", "did you mean \"late\"?"]);
    project.fails(2, &["serve", "late@9", "--port", "0"]).says(&["late@9", "versions 1 to 1"]);
    project.fails(2, &["serve", "late", "--name", "../up", "--port", "0"]).says(&["../up"]);
}

#[test]
fn a_port_that_is_taken_is_an_error_of_the_environment() {
    let project = loans::project();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    project.fails(3, &["serve", "late", "--port", &port]).says(&["cannot listen on 127.0.0.1", "hint: "]);
}

#[test]
fn outside_loopback_a_token_is_needed() {
    let project = loans::project();
    project.fails(2, &["serve", "late", "--host", "0.0.0.0", "--port", "0"]).says(&["token", "MLOPS_TOKEN"]);
    let mut command = project.command(&["serve", "late", "--port", "0"]);
    command.env("MLOPS_TOKEN", "secret");
    let server = Server::of(command);
    server.get("/health").expect(200);
    let body = asked(&[one()]).to_string();
    let try_with = |header: Option<&str>| {
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(header.map(|h| ("Authorization", h)));
        server.connect().request("POST", "/invocations", &headers, body.as_bytes()).status
    };
    for wrong in
        [None, Some("Bearer "), Some("Bearer wrong"), Some("Bearer secret2"), Some("secret"), Some("Basic secret")]
    {
        assert_eq!(try_with(wrong), 401, "{wrong:?}");
    }
    for path in ["/metrics", "/version", "/v2/models/late", "/nothing"] {
        server.get(path).expect(401);
    }
    assert_eq!(try_with(Some("Bearer secret")), 200);

    project.write("rows.csv", loans::csv(&loans::loans(0..3, usize::MAX)));
    let predict = ["model", "predict", "--url", &server.url(), "--input", "rows.csv"];
    project.fails(2, &predict).says(&["401", "token"]);
    assert_eq!(Output::of(project.command(&predict).env("MLOPS_TOKEN", "secret")).code, 0);
    server.stop_clean();
    for (name, content) in project.files(".mlops") {
        assert!(!content.windows(6).any(|w| w == b"secret"), "the token is in {name}");
    }
}

#[test]
fn predict_by_url_answers_as_predict_here_in_the_order_of_the_rows() {
    let (project, server) = story();
    let rows = loans::loans(HOURS - 50..HOURS + 50, usize::MAX);
    let expected = loans::batch(&project, &rows);
    let url = server.url();
    for size in ["1", "7", "1000"] {
        let arguments = ["model", "predict", "--url", &url, "--input", "rows.jsonl", "--rows-per-request", size];
        let answers = loans::lines(&project.ok(&arguments).stdout);
        assert_eq!(answers.len(), expected.len());
        for (answer, expected) in answers.iter().zip(&expected) {
            assert_eq!((&answer["id"], probability(answer)), (&expected["id"], probability(expected)));
            assert!(answer["prediction_id"].is_string());
        }
    }
    assert_eq!(loans::log(&project, "late").len(), 300);
    let written = project.json(&["model", "predict", "--url", &url, "--input", "rows.jsonl", "--output", "out.csv"]);
    assert_eq!(written, json!({ "rows": 100, "output": "out.csv" }));
    assert_eq!(project.read("out.csv").lines().count(), 101);
    server.stop_clean();
    project
        .fails(3, &["model", "predict", "--url", &url, "--input", "rows.jsonl"])
        .says(&[&url, "is the server running?"]);
    project.fails(2, &["model", "predict", "--url", "https://x", "--input", "rows.jsonl"]).says(&["http://"]);
}

#[test]
fn predict_by_url_sends_the_digits_of_a_text_column_as_text() {
    let (project, server) = story();
    let index = server.post("/v2/repository/index", "application/json", "{}").json();
    assert_eq!(index, json!([{ "name": "late", "version": "1", "state": "READY", "reason": "" }]));
    let mut rows = loans::loans(HOURS..HOURS + 5, usize::MAX);
    rows.iter_mut().for_each(|row| drop(row.insert("purpose".to_owned(), json!("7"))));
    let expected = loans::batch(&project, &rows);
    project.write("rows.csv", loans::csv(&rows));
    let answers =
        loans::lines(&project.ok(&["model", "predict", "--url", &server.url(), "--input", "rows.csv"]).stdout);
    assert_eq!(
        answers.iter().map(probability).collect::<Vec<_>>(),
        expected.iter().map(probability).collect::<Vec<_>>()
    );
}

#[test]
fn the_first_rows_that_a_server_refuses_are_named_whichever_request_fails_sooner() {
    let (project, server) = story();
    let mut rows = loans::loans(HOURS..HOURS + 60, usize::MAX);
    rows[10..].iter_mut().for_each(|row| drop(row.insert("at".to_owned(), json!("noon"))));
    project.write("rows.jsonl", rows.iter().map(|row| json!(row).to_string() + "\n").collect::<String>());
    let arguments = ["model", "predict", "--url", &server.url(), "--input", "rows.jsonl", "--rows-per-request", "2"];
    for _ in 0..5 {
        project.fails(2, &arguments).says(&["rows 11 to 12"]);
    }
}

#[test]
fn a_request_with_more_keys_than_are_looked_up_at_once_is_answered_as_in_batch() {
    let (project, server) = story();
    let rows = loans::loans(0..600, usize::MAX);
    let answers: Vec<u64> = server.predict(&asked(&rows)).iter().map(probability).collect();
    let expected: Vec<u64> = loans::batch(&project, &rows).iter().map(probability).collect();
    assert_eq!(answers, expected);
}

/// Asks from several threads until a connection breaks; the ids of all answers that came.
fn hammer(server: &Server, until: impl Fn(usize) + Sync) -> BTreeSet<String> {
    let ids = Mutex::new(BTreeSet::new());
    let body = asked(&loans::loans(0..5, usize::MAX)).to_string();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            let mut connection = server.connect();
            let (ids, body, until) = (&ids, &body, &until);
            scope.spawn(move || {
                let headers = [("Content-Type", "application/json")];
                loop {
                    let sent = connection.ask("POST", "/invocations", &headers, body.as_bytes());
                    let Ok(reply) = sent.and_then(|()| connection.reply()) else { return };
                    let answer = reply.expect(200).json();
                    let mut ids = ids.lock().unwrap();
                    ids.extend(
                        answer["predictions"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap().to_owned()),
                    );
                    let count = ids.len();
                    drop(ids);
                    until(count);
                }
            });
        }
    });
    ids.into_inner().unwrap()
}

fn ids(project: &TestProject) -> Vec<String> {
    loans::log(project, "late").iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn sigterm_under_load_loses_nothing_and_ends_with_0() {
    let (project, server) = story();
    let once = std::sync::Once::new();
    let answered = hammer(&server, |count| {
        if count > 300 {
            once.call_once(|| server.terminate());
        }
    });
    let output = server.stop();
    assert!(output.code == 0 && output.stderr.is_empty(), "{output}");
    let logged = ids(&project);
    let distinct: BTreeSet<String> = logged.iter().cloned().collect();
    assert_eq!(distinct.len(), logged.len(), "no id twice");
    assert_eq!(distinct, answered, "what is in flight is answered, and all of it is logged");
    let status = project.json(&["status"]);
    assert!(status["deployments"][0]["stopped"].is_string());
}

#[test]
fn after_kill_9_every_acknowledged_answer_is_in_the_log() {
    let (project, server) = story();
    let once = std::sync::Once::new();
    let process = server.process().to_string();
    let answered = hammer(&server, |count| {
        if count > 300 {
            once.call_once(|| {
                assert!(std::process::Command::new("kill").args(["-KILL", &process]).status().unwrap().success())
            });
        }
    });
    server.kill();
    let files = project.files(".mlops/predictions/late");
    let (name, text) = files.iter().next().unwrap();
    let whole = text.iter().rposition(|b| *b == b'\n').unwrap() + 1;
    let logged: BTreeSet<String> = loans::lines(std::str::from_utf8(&text[..whole]).unwrap())
        .iter()
        .map(|line| line["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(answered.len() > 300 && answered.is_subset(&logged));

    // The crash may have torn a line; a new server goes on and its lines stand alone.
    let torn = [&text[..whole], b"{\"id\":\"torn"].concat();
    project.write(&format!(".mlops/predictions/late/{name}"), torn);
    let server = Server::start(&project, &["late"]);
    let id = server.predict(&asked(&[one()]))[0]["id"].as_str().unwrap().to_owned();
    assert!(project.ok(&["lineage", &id]).stdout.starts_with("prediction"));
    let performance = project.json(&["monitor", "performance", "late"]);
    assert_eq!(performance["rows"], logged.len() + 1);
}

#[test]
fn two_servers_of_one_deployment_log_side_by_side() {
    let (project, first) = story();
    let second = Server::start(&project, &["late"]);
    let answered: Vec<BTreeSet<String>> = std::thread::scope(|scope| {
        let work = [&first, &second].map(|server| {
            scope.spawn(move || {
                let ask = |hour| server.predict(&asked(&loans::loans(hour..hour + 3, usize::MAX)));
                (0..40).flat_map(ask).map(|p| p["id"].as_str().unwrap().to_owned()).collect()
            })
        });
        work.into_iter().map(|w| w.join().unwrap()).collect()
    });
    let logged: BTreeSet<String> = ids(&project).into_iter().collect();
    assert_eq!(logged.len(), 240);
    assert_eq!(logged, answered[0].union(&answered[1]).cloned().collect());
    assert_eq!(project.json(&["monitor", "performance", "late"])["rows"], 240);
    first.stop_clean();
    second.predict(&asked(&[one()]));
    second.stop_clean();
}

/// A second recipe over other features, so that its answers are others.
const SMALL: &str = r#"
[set.small]
spine = "loans"
event_time = "at"
label = "late = 1"
features = ["amount"]
split = { by = "time", test = "2024-01-15" }
[train.small]
set = "small"
model = "logistic"
"#;

/// The story with a second version of `late`, which no alias points at.
fn two_versions() -> TestProject {
    let project = loans::project_with(SMALL);
    project.ok(&["run", "train", "small"]);
    project.ok(&["model", "register", "small", "late"]);
    project
}

/// What a version answers for the loan of [`one`].
fn answer_of(project: &TestProject, version: &str) -> u64 {
    probability(&loans::batch_by(project, version, &[one()])[0])
}

/// Waits until the server's answer is this one.
fn wait_for(server: &Server, answer: u64) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while probability(&server.predict(&asked(&[one()]))[0]) != answer {
        assert!(std::time::Instant::now() < until, "the server does not follow");
        std::thread::yield_now();
    }
}

#[test]
fn a_moved_alias_brings_the_other_model_under_load_and_no_request_fails() {
    let project = two_versions();
    let (first, second) = (answer_of(&project, "late@1"), answer_of(&project, "late@2"));
    assert_ne!(first, second);
    let server = Server::start(&project, &["late@champion"]);
    let body = asked(&[one()]).to_string();
    let seen: Vec<Vec<(String, u64)>> = std::thread::scope(|scope| {
        let ask = || {
            let mut connection = server.connect();
            let mut seen = Vec::new();
            // Each goes on until it has had fifty answers of the second model.
            while seen.iter().filter(|(_, p)| *p == second).count() < 50 {
                let headers = [("Content-Type", "application/json")];
                let reply = connection.request("POST", "/invocations", &headers, body.as_bytes()).expect(200).json();
                let answer = &reply["predictions"][0];
                seen.push((answer["id"].as_str().unwrap().to_owned(), probability(answer)));
                assert!(seen.len() < 200_000, "the server does not follow");
            }
            seen
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        project.ok(&["model", "alias", "late", "champion", "late@2"]);
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for answers in &seen {
        let turned = answers.iter().position(|(_, p)| *p == second).unwrap();
        assert!(answers[..turned].iter().all(|(_, p)| *p == first), "every answer is of one of the two models");
        assert!(answers[turned..].iter().all(|(_, p)| *p == second), "and never of the old one again");
    }
    server.get("/v2/models/late/versions/2").expect(200);
    server.get("/v2/models/late/versions/1").expect(404);
    assert!(server.get("/metrics").body.contains("deployment=\"late\",arm=\"champion\",version=\"2\""));
    let deployments = project.json(&["status"])["deployments"].clone();
    let states: Vec<_> = (0..2).map(|at| (&deployments[at]["model"], &deployments[at]["state"])).collect();
    assert_eq!(states, [(&json!("late@2"), &json!("serving")), (&json!("late@1"), &json!("stopped"))]);
    server.stop_clean();
    // The log names for each answer the model that gave it.
    let log = loans::log(&project, "late");
    assert_eq!(log.len(), seen.iter().map(Vec::len).sum::<usize>());
    for line in &log {
        let expected = if line["model"] == "late@1" { first } else { second };
        assert_eq!(probability(&line["outputs"]), expected, "{line}");
    }
    assert_eq!(project.json(&["monitor", "performance", "late"])["model"], "late@2");
    for line in [&log[0], log.last().unwrap()] {
        let lineage = project.json(&["lineage", line["id"].as_str().unwrap()]);
        let model = format!("model:{}", line["hash"].as_str().unwrap());
        assert!(lineage["nodes"].as_array().unwrap().iter().any(|node| node["id"] == model.as_str()), "{lineage}");
    }
}

#[test]
fn a_model_that_cannot_be_loaded_leaves_the_old_one_answering_and_is_tried_again_and_a_fixed_version_stays() {
    let project = two_versions();
    let (first, third) = (answer_of(&project, "late@1"), answer_of(&project, "late@2"));
    let hash = project.json(&["model", "show", "late@2"])["hash"].as_str().unwrap().to_owned();
    let blob = project.path(&format!(".mlops/objects/{}/{}", &hash[..2], &hash[2..]));
    let bytes = std::fs::read(&blob).unwrap();
    let write = |bytes: &[u8]| {
        let new = project.path("new");
        std::fs::write(&new, bytes).unwrap();
        std::fs::rename(&new, &blob).unwrap();
    };
    let server = Server::start(&project, &["late@champion"]);
    let fixed = Server::start(&project, &["late@1", "--name", "fixed"]);
    write(&bytes[..bytes.len() / 2]);
    project.ok(&["model", "alias", "late", "champion", "late@2"]);
    // Long enough for the server to have looked, more than once.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(3);
    while std::time::Instant::now() < until {
        assert_eq!(probability(&server.predict(&asked(&[one()]))[0]), first);
    }
    // Nothing is written to the ledger.
    write(&bytes);
    wait_for(&server, third);
    assert_eq!(probability(&fixed.predict(&asked(&[one()]))[0]), first);
    fixed.stop_clean();
    let output = server.stop();
    let warnings: Vec<&str> = output.stderr.lines().filter(|line| line.contains(" WARN ")).collect();
    assert!(output.code == 0 && warnings.len() == 1, "{output}");
    assert!(warnings[0].contains("goes on answering") && warnings[0].contains(&hash[..12]), "{output}");
}

#[test]
fn one_server_answers_for_several_models_under_their_names() {
    let project = loans::project_with(&format!("{SMALL}[serve.front]\nmodel = \"small\"\n"));
    project.ok(&["run", "train", "small"]);
    project.ok(&["model", "register", "small", "small"]);
    let server = Server::start(&project, &["late", "small", "front"]);
    let (late, small) = (answer_of(&project, "late"), answer_of(&project, "small"));
    assert_eq!(probability(&server.predict(&asked(&[one()]))[0]), late, "paths without a name mean the first");
    let row = one();
    let tensor = |name: &str, kind: &str| json!({ "name": name, "shape": [1], "datatype": kind, "data": [row[name]] });
    let inputs = [tensor("amount", "FP64"), tensor("purpose", "BYTES"), tensor("shop", "BYTES"), tensor("at", "BYTES")];
    for (name, expected) in [("late", late), ("small", small), ("front", small)] {
        let answer = server.json(200, &format!("/v2/models/{name}/infer"), &json!({ "inputs": inputs }));
        assert_eq!(
            (&answer["model_name"], answer["outputs"][0]["data"][0].as_f64().unwrap().to_bits()),
            (&json!(name), expected)
        );
        let metadata = server.get(&format!("/v2/models/{name}")).expect(200).json();
        assert_eq!(
            (&metadata["name"], metadata["inputs"].as_array().unwrap().len()),
            (&json!(name), if name == "late" { 4 } else { 2 })
        );
    }
    let unknown = server.get("/v2/models/other").expect(404).json();
    assert_eq!(
        unknown["error"],
        "this server has model \"front\" version 1, model \"late\" version 1, model \"small\" version 1"
    );
    let metrics = server.get("/metrics").body;
    for line in ["mlops_rows_total{deployment=\"front\"} 1", "mlops_rows_total{deployment=\"late\"} 2"] {
        assert!(metrics.lines().any(|l| l == line), "{line} is not in\n{metrics}");
    }
    server.stop_clean();
    let logged = ["front", "late", "small"].map(|name| loans::log(&project, name).len());
    assert_eq!(logged, [1, 2, 1]);
    assert!(project.json(&["status"])["deployments"].as_array().unwrap().iter().all(|d| d["state"] == "stopped"));
    project.fails(2, &["serve", "late", "late@1", "--port", "0"]).says(&["two models would be served as \"late\""]);
    project.fails(2, &["serve", "late", "small", "--name", "x", "--port", "0"]).says(&["--name", "hint: "]);
}

/// A loan as anyone might send one: known and unknown shops, times in and out of what is kept, anything missing.
fn any_loan() -> impl Strategy<Value = Map<String, Value>> {
    let shop = prop_oneof![Just(json!("north")), Just(json!("east")), Just(json!("nowhere")), Just(Value::Null)];
    let amount = prop_oneof![
        Just(Value::Null),
        (-1.0e6..1.0e6).prop_map(|x: f64| json!(x)),
        (0..1000).prop_map(|x| json!(x)),
        Just(json!(1e-300))
    ];
    let purpose =
        prop_oneof![Just(Value::Null), Just(json!("car")), Just(json!("food")), "[a-zü ]{1,6}".prop_map(Value::from)];
    (shop, amount, purpose, 0usize..HOURS + 300).prop_map(|(shop, amount, purpose, hour)| {
        let row = json!({ "id": "x", "at": loans::time(hour), "shop": shop, "amount": amount, "purpose": purpose });
        row.as_object().unwrap().clone()
    })
}

/// Every estimator, and among them every step of preparation.
const RECIPES: &str = r#"
[train.tree]
set = "late"
model = "tree"
params = { max_depth = 5, min_samples_leaf = 2 }
[[train.tree.prep]]
op = "impute"
columns = "numeric"
strategy = "mean"
indicator = true
[[train.tree.prep]]
op = "clip"
columns = ["amount"]
low = 0.05
high = 0.9
[[train.tree.prep]]
op = "one_hot"
columns = "categorical"
max_categories = 2

[train.forest]
set = "late"
model = "forest"
params = { n_estimators = 5 }
[[train.forest.prep]]
op = "impute"
columns = "purpose"
value = "none"
[[train.forest.prep]]
op = "ordinal"
columns = "categorical"
[[train.forest.prep]]
op = "scale"
columns = "numeric"
method = "minmax"

[train.svm]
set = "late"
model = "svm"
[[train.svm.prep]]
op = "impute"
columns = "numeric"
strategy = "most_frequent"
[[train.svm.prep]]
op = "one_hot"
columns = "categorical"
min_count = 2
[[train.svm.prep]]
op = "scale"
columns = "numeric"

[train.boosting]
set = "late"
model = "boosting"
params = { max_iter = 10 }
"#;

#[test]
fn serving_equals_batch_bit_for_bit_for_every_estimator_and_preparation() {
    let project = loans::project_with(RECIPES);
    for (recipe, cases) in [("late", 16), ("tree", 5), ("forest", 5), ("svm", 5), ("boosting", 5)] {
        if recipe != "late" {
            project.ok(&["run", "train", recipe]);
        }
        let server = Server::start(&project, &[recipe, "--name", recipe]);
        let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        proptest!(config, |(rows in proptest::collection::vec(any_loan(), 1..90))| {
            let served = server.predict(&json!({ "dataframe_records": rows }));
            let batch = loans::batch_by(&project, recipe, &rows);
            prop_assert_eq!(served.len(), batch.len());
            for ((served, batch), row) in served.iter().zip(&batch).zip(&rows) {
                prop_assert_eq!(probability(served), probability(batch), "{} {:?}", recipe, row);
                prop_assert_eq!(&served["prediction"], &batch["prediction"]);
            }
        });
        server.stop_clean();
    }
}

#[test]
fn files_and_requests_are_read_as_those_that_the_model_learned_from() {
    let project = TestProject::with(
        "[data.t]\npath = \"t.csv\"\nseparator = \";\"\ndecimal = \",\"\nquote = \"'\"\nnull_values = [\"-\"]\ntypes = { member = \"boolean\" }\n\
         [set.s]\nspine = \"t\"\nlabel = \"y\"\nfeatures = [\"x\", \"word\", \"member\"]\n[train.m]\nset = \"s\"\nmodel = \"tree\"\n",
    );
    let row = |i: usize| {
        let x = if i.is_multiple_of(7) { "-".to_owned() } else { format!("{},250", i % 5) };
        let (word, member) = (["NA", "'a;b'", "c"][i % 3], ["yes", "no"][i % 2]);
        (format!("{x};{word};{member}"), usize::from(i.is_multiple_of(3)) ^ usize::from(i.is_multiple_of(7)))
    };
    let rows: String = (0..210).map(row).map(|(row, y)| format!("{row};{y}\n")).collect();
    project.write("t.csv", format!("x;word;member;y\n{rows}"));
    project.ok(&["data", "add"]);
    project.ok(&["run", "train", "m"]);
    project.ok(&["model", "register", "m", "m", "--alias", "champion"]);
    let asked: String = (0..42).map(row).map(|(row, _)| row + "\n").collect();
    let asked = format!("x;word;member\n{asked}");
    project.write("new.csv", &asked);
    let answers = |input: &str| {
        let lines = project.ok(&["model", "predict", "m", "--input", input]).stdout;
        let answer = |line: &str| serde_json::from_str::<Value>(line).unwrap()["probability"].as_f64().unwrap();
        lines.lines().take(42).map(answer).collect::<Vec<f64>>()
    };
    let own = answers("t.csv");
    assert!(own.iter().any(|p| *p > 0.9) && own.iter().any(|p| *p < 0.1), "the model learned something: {own:?}");
    assert_eq!(answers("new.csv"), own);
    let server = Server::start(&project, &["m"]);
    let reply = server.connect().request("POST", "/invocations", &[("Content-Type", "text/csv")], asked.as_bytes());
    let served = reply.expect(200).json();
    let served: Vec<f64> =
        served["predictions"].as_array().unwrap().iter().map(|p| p["probability"].as_f64().unwrap()).collect();
    assert_eq!(served, own);
    // What a file is refused for, a request is refused for too.
    for (cell, said) in [("1.250", "a text where a number is expected"), ("maybe", "\\\"maybe\\\" is no boolean")] {
        let (x, member) = if cell == "maybe" { ("1,5", cell) } else { (cell, "yes") };
        let body = format!("x;word;member\n{x};c;{member}\n");
        let reply = server.post("/invocations", "text/csv", &body);
        assert!(reply.status == 400 && reply.body.contains(said), "{reply:?}");
        project.write("one.csv", body);
        project.fails(2, &["model", "predict", "m", "--input", "one.csv"]);
    }
    // The server says how the model's files are written.
    let by_url = project.ok(&["model", "predict", "--url", &server.url(), "--input", "new.csv"]).stdout;
    let answer = |line: &str| serde_json::from_str::<Value>(line).unwrap()["probability"].as_f64().unwrap();
    assert_eq!(by_url.lines().map(answer).collect::<Vec<f64>>(), own);
    server.stop_clean();
}

#[test]
fn days_of_a_request_are_written_as_those_of_the_files() {
    let project = TestProject::with(
        "[data.t]\npath = \"t.csv\"\ndates = { at = \"%Y-%d-%m\" }\n[data.w]\npath = \"w.csv\"\n[entity.k]\nkeys = [\"k\"]\n\
         [feature.v]\nsource = \"w\"\nentity = \"k\"\nevent_time = \"made\"\ncolumns = [\"x\"]\n\
         [set.s]\nspine = \"t\"\nevent_time = \"at\"\nlabel = \"y\"\nfeatures = [\"v:*\"]\n[train.m]\nset = \"s\"\nmodel = \"tree\"\n",
    );
    let rows: String = (0..80).map(|i| format!("{},2024-{:02}-02,{}\n", i % 2, 1 + i % 28, i % 2)).collect();
    project.write("t.csv", format!("k,at,y\n{rows}"));
    project.write("w.csv", "k,made,x\n0,2024-01-01,5\n1,2024-01-01,9\n");
    project.ok(&["data", "add"]);
    project.ok(&["run", "train", "m"]);
    project.ok(&["model", "register", "m", "m"]);
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    let server = Server::start(&project, &["m"]);
    let ask = |day: &str| server.post("/invocations", "text/csv", format!("k,at\n1,{day}\n"));
    assert_eq!(ask("2024-25-12").status, 200);
    // A form that begins with the year: a day of ISO 8601 would be another one.
    let refused = ask("2024-12-25");
    assert!(refused.status == 400 && refused.body.contains("is no date written as %Y-%d-%m"), "{refused:?}");
    server.stop_clean();
}
