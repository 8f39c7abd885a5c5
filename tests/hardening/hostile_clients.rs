//! Clients that take what they can: memory, connections, the log. Others are answered all the same.

use crate::common::fuzzing::Random;
use crate::common::server::{Connection, Server};
use crate::common::{TestProject, loans};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn served(args: &[&str]) -> (TestProject, Server) {
    let project = loans::project();
    project.ok(&["feature", "materialize"]);
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late"]);
    let server = Server::start(&project, &[&["late"], args].concat());
    (project, server)
}

fn row() -> Value {
    json!({ "amount": 100.0, "purpose": "car", "shop": "north", "at": "2024-01-10T00:00:00Z" })
}

fn logged(project: &TestProject) -> usize {
    project.files(".mlops/predictions").values().map(|text| text.iter().filter(|byte| **byte == b'\n').count()).sum()
}

#[test]
fn long_names_and_many_of_them_are_refused_before_anything_is_built() {
    let (project, server) = served(&[]);
    let mut long = row();
    long["x".repeat(1 << 20)] = json!(1);
    let said = server.json(400, "/invocations", &json!({ "dataframe_records": vec![long; 10] })).to_string();
    assert!(said.contains("has 1048576 bytes, 1024 are the most") && said.len() < 500, "{said}");
    let mut wide = row();
    (0..2000).for_each(|at| wide[format!("{}{at}", "n".repeat(500))] = Value::Null);
    let names: Vec<&String> = wide.as_object().unwrap().keys().collect();
    let cells = vec![wide.as_object().unwrap().values().collect::<Vec<_>>(); 1000];
    let body = json!({ "dataframe_split": { "columns": names, "data": cells } });
    let said = server.json(400, "/invocations", &body).to_string();
    assert!(said.contains("more than a request may write to the log"), "{said}");
    assert_eq!(logged(&project), 0);
    server.predict(&json!({ "dataframe_records": [row()] }));
    server.stop_clean();
}

#[test]
fn an_answer_that_is_not_finite_is_refused_and_nothing_is_logged() {
    let (project, server) = served(&[]);
    for huge in [1e308, -1e308] {
        for rows in [1, 20] {
            let mut one = row();
            one["amount"] = json!(huge);
            one["sales__turnover"] = json!(1e-300);
            let reply = server.post(
                "/invocations",
                "application/json",
                json!({ "dataframe_records": vec![one; rows] }).to_string(),
            );
            if reply.status == 200 {
                assert!(!reply.body.contains("null"), "{reply:?}");
            } else {
                assert!(reply.status == 400 && reply.body.contains("not a finite number"), "{reply:?}");
            }
        }
    }
    server.stop_clean();
    assert!(
        !project
            .files(".mlops/predictions")
            .values()
            .any(|log| String::from_utf8_lossy(log).contains("\"probability\":null"))
    );
}

#[test]
fn bodies_of_all_connections_share_a_memory() {
    let (_project, server) = served(&["--body-memory", "1"]);
    let mut held: Vec<Connection> = Vec::new();
    for _ in 0..2 {
        let mut connection = server.connect();
        let head = "POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n";
        connection.send(head.as_bytes()).unwrap();
        let _ = connection.send(&vec![b' '; 600_000]);
        held.push(connection);
        std::thread::sleep(Duration::from_millis(300));
    }
    let refused = held[1].reply().unwrap();
    assert_eq!((refused.status, refused.headers["retry-after"].as_str()), (503, "1"), "{refused:?}");
    server.predict(&json!({ "dataframe_records": [row()] }));
    drop(held);
    server.stop_clean();
}

#[test]
fn silent_connections_leave_room_for_health_and_go_away() {
    let (_project, server) = served(&["--connections-per-peer", "20"]);
    let silent: Vec<TcpStream> =
        (0..200).map(|_| TcpStream::connect(server.url().trim_start_matches("http://")).unwrap()).collect();
    // Those without a place are closed at once; the last ones may be in the places of probes for two seconds.
    std::thread::sleep(Duration::from_secs(3));
    server.get("/health").expect(200);
    let busy = server.get("/v2").expect(503);
    assert_eq!((busy.headers["connection"].as_str(), busy.headers["retry-after"].as_str()), ("close", "1"));
    drop(silent);
    std::thread::sleep(Duration::from_millis(500));
    server.predict(&json!({ "dataframe_records": [row()] }));
    server.stop_clean();
}

#[test]
fn a_client_that_reads_nothing_loses_its_connection() {
    let (_project, server) = served(&["--timeout", "2s"]);
    let mut greedy = TcpStream::connect(server.url().trim_start_matches("http://")).unwrap();
    let body = json!({ "dataframe_records": vec![row(); 2000] }).to_string();
    let request = format!(
        "POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    greedy.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    // Until nothing more goes through in either direction.
    while greedy.write_all(request.as_bytes()).is_ok() {}
    std::thread::sleep(Duration::from_secs(5));
    greedy.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut rest = Vec::new();
    let ended = greedy.read_to_end(&mut rest);
    assert!(ended.is_ok() || ended.is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset), "it was closed");
    server.predict(&json!({ "dataframe_records": [row()] }));
    server.stop_clean();
}

#[test]
fn what_was_not_answered_is_not_in_the_log() {
    let (project, server) = served(&[]);
    for _ in 0..20 {
        let mut gone = server.connect();
        gone.ask("POST", "/invocations", &[("Content-Type", "application/json")], b"{\"dataframe_records\": [{}")
            .unwrap();
        drop(gone);
    }
    server.predict(&json!({ "dataframe_records": [row()] }));
    let metrics = server.get("/metrics").expect(200).body;
    assert!(metrics.contains("mlops_requests_in_flight 1\n"), "only this one is at work: {metrics}");
    server.stop_clean();
    assert_eq!(logged(&project), 1);
}

#[test]
fn requests_with_flipped_bytes_are_answered_or_closed_and_the_server_lives() {
    let (_project, server) = served(&["--timeout", "5s"]);
    let body = json!({ "dataframe_records": [row()] }).to_string();
    let tensors = json!({ "inputs": [
        { "name": "amount", "shape": [1], "datatype": "FP64", "data": [1.5] },
        { "name": "purpose", "shape": [1], "datatype": "BYTES", "data": ["car"] },
        { "name": "shop", "shape": [1], "datatype": "BYTES", "data": ["north"] },
        { "name": "at", "shape": [1], "datatype": "BYTES", "data": ["2024-01-10T00:00:00Z"] } ] });
    let tensors = tensors.to_string();
    let csv = "amount,purpose,shop,at\n1.5,car,north,2024-01-10T00:00:00Z\n".to_owned();
    let whole = [
        ("/invocations", "application/json", body),
        ("/v2/models/late/infer", "application/json", tensors),
        ("/invocations", "text/csv", csv),
    ];
    let random = Random::new(5);
    for round in 0..400 {
        let (path, kind, body) = &whole[round % whole.len()];
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let mut bytes = head.into_bytes();
        for _ in 0..1 + random.below(6) {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => drop(bytes.remove(at)),
                1 => bytes.insert(at, random.next() as u8),
                _ => bytes[at] = random.next() as u8,
            }
        }
        let mut stream = TcpStream::connect(server.url().trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(&bytes).unwrap();
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 "),
            "round {round}: {}",
            String::from_utf8_lossy(&answer)
        );
        assert!(!answer.starts_with(b"HTTP/1.1 500"), "round {round}: {}", String::from_utf8_lossy(&answer));
    }
    server.get("/health").expect(200);
    server.predict(&json!({ "dataframe_records": [row()] }));
    server.stop_clean();
}
