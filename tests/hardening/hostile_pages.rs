//! Web pages of strangers that make a browser ask a server on this machine. A browser says in `Host` and `Origin` for whom it asks.

use crate::common::loans;
use crate::common::server::{Reply, Server};
use serde_json::json;

fn served(args: &[&str], token: Option<&str>) -> (crate::common::TestProject, Server) {
    let project = loans::project();
    project.ok(&["feature", "materialize"]);
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late"]);
    let mut command = project.command(&[&["serve", "late", "--port", "0"], args].concat());
    if let Some(token) = token {
        command.env("MLOPS_TOKEN", token);
    }
    let server = Server::of(command);
    (project, server)
}

fn body() -> String {
    json!({ "dataframe_records": [{ "amount": 100.0, "purpose": "car", "shop": "north", "at": "2024-01-10T00:00:00Z" }] }).to_string()
}

/// Sends a head as it is.
fn raw(server: &Server, head: &str, body: &str) -> Reply {
    let mut connection = server.connect();
    let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    connection.send(request.as_bytes()).unwrap();
    connection.reply().unwrap()
}

const TENSORS: &str = "{\"inputs\":[]}";

#[test]
fn only_those_who_mean_this_machine_are_answered_without_a_token() {
    let (project, server) = served(&["--allow-host", "models.example"], None);
    let json = "Content-Type: application/json";
    for (head, status) in [
        (format!("POST /invocations HTTP/1.1\r\nHost: evil.example\r\n{json}"), 403),
        (format!("POST /invocations HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n{json}"), 403),
        (format!("POST /invocations HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n{json}"), 403),
        (format!("POST http://evil.example/invocations HTTP/1.1\r\nHost: localhost\r\n{json}"), 403),
        ("GET /metrics HTTP/1.1\r\nHost: evil.example".to_owned(), 403),
        // A cluster's probe calls a server by its address.
        ("GET /health HTTP/1.1\r\nHost: 10.1.2.3:8080".to_owned(), 200),
        ("GET /v2/models/late HTTP/1.1\r\nHost: 127.0.0.1.evil.example:80".to_owned(), 403),
        (format!("POST /invocations HTTP/1.1\r\nHost: models.example\r\n{json}"), 200),
        (
            format!("POST /invocations HTTP/1.1\r\nHost: localhost:1\r\nOrigin: http://models.example:3000\r\n{json}"),
            200,
        ),
        (format!("POST /invocations HTTP/1.1\r\nHost: [::1]:8080\r\n{json}"), 200),
        ("POST /invocations HTTP/1.1\r\nHost: 127.0.0.1".to_owned(), 200),
    ] {
        let reply = raw(&server, &head, &body());
        assert_eq!(reply.status, status, "{head}\n{reply:?}");
    }
    server.stop_clean();
    let logged: usize =
        project.files(".mlops/predictions").values().map(|log| log.iter().filter(|b| **b == b'\n').count()).sum();
    assert_eq!(logged, 4, "what was refused is not scored");
}

#[test]
fn bodies_of_other_types_are_refused_on_every_path() {
    let (_project, server) = served(&[], None);
    for path in ["/invocations", "/v2/models/late/infer"] {
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "application/octet-stream",
            "application/json; charset=latin1",
        ] {
            let reply = server.post(path, kind, if path.starts_with("/v2") { TENSORS.to_owned() } else { body() });
            assert_eq!(reply.status, 415, "{path} {kind}: {reply:?}");
        }
        let page = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000");
        assert_eq!(raw(&server, &page, &body()).status, 415, "{path}: a page says what it sends");
    }
    server.stop_clean();
}

#[test]
fn the_heads_of_requests_are_read_as_they_should_be() {
    let (_project, server) = served(&[], Some("s3cret"));
    let with = |line: &str| {
        raw(
            &server,
            &format!("POST /invocations HTTP/1.1\r\nHost: any.example\r\nContent-Type: application/json\r\n{line}"),
            &body(),
        )
    };
    for (line, status) in [
        ("Authorization: Bearer s3cret", 200),
        ("authorization: bearer s3cret", 200),
        ("Authorization: Basic s3cret", 401),
        ("Authorization: Bearer s3cre", 401),
        ("X: y", 401),
        ("Authorization: Bearer s3cret\r\nExpect: foo", 417),
        ("Authorization: Bearer s3cret\r\nContent-Encoding: gzip", 415),
    ] {
        let reply = with(line);
        assert_eq!(reply.status, status, "{line}: {reply:?}");
    }
    server.stop_clean();
}

#[test]
fn beyond_this_machine_a_token_is_needed_or_its_lack_is_said() {
    let project = loans::project();
    project.ok(&["feature", "materialize"]);
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late"]);
    project
        .refuses(2, &["serve", "late", "--host", "0.0.0.0", "--port", "0"])
        .says(&["there is no token", "--no-token"]);
    let server = Server::start(&project, &["late", "--host", "0.0.0.0", "--no-token"]);
    let head = "POST /invocations HTTP/1.1\r\nHost: late.models.svc\r\nContent-Type: application/json";
    assert_eq!(raw(&server, head, &body()).status, 200);
    assert_eq!(raw(&server, &format!("{head}\r\nOrigin: https://evil.example"), &body()).status, 403);
    let end = server.stop();
    assert!(end.code == 0 && end.stderr.contains("whoever reaches this address may ask"), "{end}");
    let mut command = project.command(&["serve", "late", "--port", "0"]);
    let end = crate::common::Output::of(command.env("MLOPS_TOKEN", "two words"));
    assert_eq!(end.code, 2, "{end}");
    end.says(&["MLOPS_TOKEN", "no header can carry", "hint: "]);
}
