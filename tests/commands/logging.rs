//! The log on standard error: what `-v` adds, what a server says of its requests, and what is never said.

use crate::common::loans::{self, HOURS, asked};
use crate::common::server::Server;
use crate::common::{Output, TestProject};
use serde_json::Value;

/// Every line of standard error as a JSON object.
fn lines(output: &Output) -> Vec<Value> {
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}\n{output}"));
    output.stderr.lines().map(parse).collect()
}

fn with_message<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["message"] == message).collect()
}

const BROKEN: &str = "[data.a]\npath = \"a.csv\"\npath = \"b.csv\"\n";

#[test]
fn what_lies_behind_an_error_is_shown_with_v_only() {
    let project = TestProject::with(BROKEN);
    let plain = project.fails(2, &["status"]);
    assert!(!plain.stderr.contains("caused by:"), "{plain}");
    let more = project.fails(2, &["status", "-v"]);
    more.says(&["error: ", "\ncaused by: TOML parse error at line 7", "\nhint: "]);
    assert_eq!(
        more.stderr
            .replace(&more.stderr[more.stderr.find("caused by").unwrap()..more.stderr.find("hint").unwrap()], ""),
        plain.stderr
    );
    let error = project.fails(2, &["status", "--json"]).error();
    assert!(error.get("causes").is_none(), "{error}");
    let error = project.fails(2, &["status", "--json", "-v"]).error();
    assert!(error["causes"][0].as_str().unwrap().starts_with("TOML parse error"), "{error}");
}

#[test]
fn v_says_what_is_done_and_vv_how_beside_the_same_result() {
    let project = TestProject::with("[data.a]\npath = \"a.csv\"\n");
    project.write("a.csv", "x\n1\n");
    let told = project.ok(&["-v", "data", "add"]);
    told.says(&[" INFO mlops::data::add: dataset recorded", "dataset=a", "version=1"]).shows(&["a@1"]);
    assert!(!told.stderr.contains("DEBUG"), "{told}");
    project.ok(&["data", "add", "-vv"]).says(&["DEBUG mlops::progress: step ended", "adding a › hashing 1/1"]);
    assert_eq!(project.ok(&["data", "add"]).stderr, "");
    let json = project.ok(&["data", "add", "--json", "-vv"]);
    assert_eq!(json.json()["datasets"][0]["version"], 1);
    let line = with_message(&lines(&json), "dataset recorded")[0].clone();
    assert_eq!((&line["level"], &line["dataset"], &line["changed"]), (&"INFO".into(), &"a".into(), &false.into()));
    assert_eq!(project.ok(&["data", "add", "-q", "-v"]).stderr, "", "quiet wins");
}

#[test]
fn a_server_logs_its_requests_and_never_a_token_a_body_or_a_foreign_path() {
    let project = loans::project();
    let args = ["serve", "late", "--port", "0", "-vv", "--log-format", "json"];
    let mut command = project.command(&args);
    command.env("MLOPS_TOKEN", "the-servers-token");
    let server = Server::of(command);
    let row = asked(&loans::loans(HOURS..HOURS + 1, usize::MAX)).to_string();
    let send = |token: &str, path: &str, body: &str| {
        let headers = [("Content-Type", "application/json"), ("Authorization", token)];
        server.connect().request("POST", path, &headers, body.as_bytes()).status
    };
    assert_eq!(send("Bearer the-servers-token", "/invocations", &row), 200);
    assert_eq!(send("Bearer a-clients-guess", "/invocations", &row), 401);
    assert_eq!(send("Bearer the-servers-token", "/no/such/place?key=from-a-path", "{}"), 404);
    assert_eq!(send("Bearer the-servers-token", "/invocations", "{}"), 400);
    assert_eq!(server.get("/health").status, 200);
    let output = server.stop();
    let told = lines(&output);
    for secret in ["the-servers-token", "a-clients-guess", "from-a-path", "such/place", &row] {
        assert!(!output.stderr.contains(secret), "{secret}\n{output}");
    }
    let requests: Vec<(&str, &str, u64)> = with_message(&told, "request")
        .into_iter()
        .map(|r| (r["level"].as_str().unwrap(), r["route"].as_str().unwrap(), r["status"].as_u64().unwrap()))
        .collect();
    let expected = [
        ("INFO", "/invocations", 200),
        ("INFO", "/invocations", 401),
        ("DEBUG", "other", 404),
        ("INFO", "/invocations", 400),
        ("DEBUG", "/health", 200),
    ];
    assert_eq!(requests, expected, "{output}");
    for message in ["model loaded", "listening", "a request was refused", "stopped"] {
        assert_eq!(with_message(&told, message).len(), 1, "{message}\n{output}");
    }
    assert!(told.iter().all(|line| line["timestamp"].is_string() && line["target"].is_string()), "{output}");
}

#[test]
fn trouble_of_a_server_is_logged_without_being_asked_for() {
    let project = loans::project();
    let server = Server::start(&project, &["late"]);
    project.remove(".mlops/predictions/late");
    let rows = asked(&loans::loans(HOURS..HOURS + 1, usize::MAX));
    let reply = server.post("/invocations", "application/json", rows.to_string()).expect(503);
    assert!(!reply.body.contains("predictions"), "no path of the server is told: {reply:?}");
    let metrics = server.get("/metrics").body;
    assert!(metrics.contains("mlops_log_errors_total{deployment=\"late\"} 1"), "{metrics}");
    let output = server.stop();
    output.says(&[" WARN mlops::serve::reply: a request failed", "error=\"cannot ", ".mlops/predictions/late"]);
    assert_eq!(output.stderr.lines().count(), 1, "{output}");
}
