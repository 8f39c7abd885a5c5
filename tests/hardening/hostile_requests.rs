//! What a server and the files it leaves are given on purpose: the answer is 4xx and says what and where, and the
//! server goes on.

use crate::common::TestProject;
use crate::common::loans::{self, HOURS, asked};
use crate::common::server::{Connection, Reply, Server};
use serde_json::{Value, json};

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

fn good() -> Value {
    asked(&loans::loans(HOURS..HOURS + 1, usize::MAX))
}

/// Expects that the server still answers as it should, without having failed in between.
fn goes_on(server: Server) {
    assert_eq!(server.predict(&good()).len(), 1);
    let metrics = server.get("/metrics").body;
    for line in metrics.lines().filter(|l| l.starts_with("mlops_requests_total")) {
        assert!(!line.contains("status=\"5"), "{line}");
    }
    server.stop_clean();
}

fn start(project: &TestProject) -> Server {
    Server::start(project, &["late"])
}

/// The message of a refusal.
fn message(reply: &Reply) -> String {
    assert!((400..500).contains(&reply.status), "{reply:?}");
    let said = reply.json();
    let text = said["message"].as_str().or(said["error"].as_str()).unwrap_or_else(|| panic!("{reply:?}"));
    assert!(text.len() < 1000, "a message is for people: {text}");
    text.to_owned()
}

/// One record of the story's loan as JSON text, with the amount written as given.
fn amount(text: &str) -> String {
    format!(r#"{{"dataframe_records": [{{"amount": {text}, "purpose": "car", "shop": "north", "at": "2024-01-10"}}]}}"#)
}

#[test]
fn bodies_that_are_no_rows_are_refused_and_say_why() {
    let project = loans::project();
    let server = start(&project);
    let deep = |open: &str, close: &str| format!("{{\"inputs\": {}{}}}", open.repeat(100_000), close.repeat(100_000));
    let records = |rows: &str| format!("{{\"dataframe_records\": {rows}}}");
    let split =
        |columns: &str, data: &str| format!("{{\"dataframe_split\": {{\"columns\": {columns}, \"data\": {data}}}}}");
    let four = r#"["amount", "purpose", "shop", "at"]"#;
    for (body, part) in [
        (String::new(), "not JSON"),
        ("{".to_owned(), "not JSON"),
        (good().to_string()[..60].to_owned(), "not JSON"),
        (good().to_string() + "x", "not JSON"),
        (deep("[", "]"), "row 1 has 1 cells, there are 4 columns"),
        (deep("{\"a\":", "}").replace(":}", ":1}"), "column \"amount\" is missing"),
        (deep("{\"a\":", "}"), "not JSON"),
        ("[".repeat(100_000), "not JSON"),
        (amount("NaN"), "not JSON"),
        (amount("Infinity"), "not JSON"),
        (amount("-Infinity"), "not JSON"),
        (amount("1e999"), "not JSON"),
        (amount("-1e999"), "not JSON"),
        (amount("0x10"), "not JSON"),
        (amount("'1'"), "not JSON"),
        (amount("\"much\""), "column \"amount\": a text where a number is expected"),
        (amount("true").replace("\"car\"", "3"), "\"purpose\": a number where a text is expected"),
        (amount("[1]"), "column \"amount\""),
        (amount("{\"a\": 1}"), "column \"amount\""),
        (amount("1").replace("\"2024-01-10\"", "\"soon\""), "soon"),
        (amount("1").replace("\"2024-01-10\"", "[]"), "column \"at\""),
        (amount("1").replace("\"north\"", "[\"north\"]"), "column \"shop\""),
        (amount("1").replace("purpose", "porpoise"), "column \"purpose\" is missing"),
        ("null".to_owned(), "not an object"),
        ("[1, 2]".to_owned(), "not an object"),
        ("\"text\"".to_owned(), "not an object"),
        ("{}".to_owned(), "exactly one of"),
        (r#"{"inputs": [], "instances": []}"#.to_owned(), "exactly one of"),
        (records("1"), "dataframe_records"),
        (records("[1]"), "dataframe_records"),
        (records("[{}, []]"), "dataframe_records"),
        (records("[{}]"), "is missing"),
        (split(four, "1"), "dataframe_split"),
        (split("[1]", "[[1]]"), "dataframe_split"),
        (split("[\"amount\", \"amount\"]", "[[1, 1]]"), "\"amount\" is there twice"),
        (split(four, "[[1, \"car\", \"north\", null], [1]]"), "row 2 has 1 cells, there are 4 columns"),
        (r#"{"instances": [[1]]}"#.to_owned(), "row 1 has 1 cells"),
        (
            r#"{"inputs": {"amount": [1, 2], "purpose": ["car"]}}"#.to_owned(),
            "\"purpose\" has 1 values, the first has 2",
        ),
        (r#"{"inputs": 1}"#.to_owned(), "inputs"),
    ] {
        let said = message(&server.post("/invocations", "application/json", &body));
        assert!(said.contains(part), "{part:?} is not in {said:?}, for {}", &body[..body.len().min(200)]);
    }
    goes_on(server);
    assert_eq!(loans::log(&project, "late").len(), 1, "what is refused is not logged");
}

#[test]
fn unusual_rows_are_answered() {
    let project = loans::project();
    let server = start(&project);
    let answers =
        |body: &str| server.post("/invocations", "application/json", body).expect(200).json()["predictions"].clone();
    for huge in ["1e308", "-1e308", "1e-999", &"9".repeat(300), "-0.0", "null", "true"] {
        let probability = answers(&amount(huge))[0]["probability"].clone();
        assert!(probability.as_f64().is_some_and(|p| (0.0..=1.0).contains(&p)), "{huge}: {probability}");
    }
    for empty in [
        r#"{"dataframe_records": []}"#,
        r#"{"instances": []}"#,
        r#"{"inputs": {}}"#,
        r#"{"dataframe_split": {"columns": [], "data": []}}"#,
    ] {
        assert_eq!(answers(empty), json!([]), "{empty}");
    }
    let twice = server.post("/invocations", "application/json", amount("5, \"amount\": 7")).expect(400).json();
    assert_eq!(twice["message"], "row 1 has column \"amount\" twice");
    // A column nobody knows is kept in the log and changes nothing.
    let unknown = amount("7, \"note\": \"new\", \"deep\": {\"a\": [1]}");
    assert_eq!(answers(&unknown)[0]["probability"], answers(&amount("7"))[0]["probability"]);
    let many: String = (0..5000).map(|n| format!(", \"c{n}\": {n}")).collect();
    assert_eq!(answers(&amount(&format!("7{many}")))[0]["probability"], answers(&amount("7"))[0]["probability"]);
    goes_on(server);
    let logged = loans::log(&project, "late");
    assert!(logged.iter().any(|line| line["key"] == json!({ "shop": "north", "note": "new" })));
}

#[test]
fn csv_that_is_no_table_is_refused() {
    let project = loans::project();
    let server = start(&project);
    for (body, part) in [
        (&b""[..], "empty"),
        (b"\n\n\n", "empty"),
        (b"amount,purpose\n\xff\xfe,car\n", "not UTF-8"),
        (b"amount,purpose\n\"1,car\n", "quote"),
        (b"amount,purpose\n1,car,more\n", "row 1 has more than 2 cells"),
        (b"amount,amount\n1,1\n", "twice"),
        (b"amount,purpose\nmuch,car\n", "column \"amount\": a text where a number is expected"),
        (b"amount\n1\n", "column \"purpose\" is missing"),
        (b"amount,purpose,at\n1,car,soon\n", "soon"),
        (b"PAR1\x00\n\x00\x00PAR1", "missing"),
    ] {
        let said = message(&server.post("/invocations", "text/csv", body));
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
    let header_only = server.post("/invocations", "text/csv", "amount,purpose\n").expect(200);
    assert_eq!(header_only.json()["predictions"], json!([]));
    // A text column may hold digits: its cells are texts all the same.
    let answer = server.post("/invocations", "text/csv", "amount,purpose,shop\n1,007,north\n").expect(200);
    assert!(answer.json()["predictions"][0]["probability"].is_number());
    let logged = loans::log(&project, "late");
    assert_eq!(logged[0]["features"]["purpose"], "007");
    goes_on(server);
}

#[test]
fn content_that_is_not_taken_is_415() {
    let project = loans::project();
    let server = start(&project);
    let body = good().to_string();
    for kind in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "application/jsonx",
        "multipart/form-data; boundary=x",
        "\u{7f}",
    ] {
        let reply = server.connect().request("POST", "/invocations", &[("Content-Type", kind)], body.as_bytes());
        assert!(matches!(reply.status, 400 | 415), "{kind:?} {reply:?}");
    }
    for kind in [
        "Application/JSON",
        "application/json;charset=UTF-8",
        "application/json ; charset=utf-8",
        "application/json; charset=\"utf-8\"",
    ] {
        server.post("/invocations", kind, &body).expect(200);
    }
    let gzip = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")];
    for path in ["/invocations", "/v2/models/late/infer"] {
        let reply = server.connect().request("POST", path, &gzip, &[0x1f, 0x8b, 8, 0, 0]);
        assert!(reply.status == 415 && message(&reply).contains("gzip"), "{reply:?}");
    }
    message(&server.post("/invocations", "application/json", [0x1f, 0x8b, 8, 0, 0]));
    message(&server.post("/invocations", "application/json", b"{\"inputs\": \"\xff\"}"));
    goes_on(server);
}

#[test]
fn tensors_that_lie_are_refused() {
    let project = loans::project();
    let server = start(&project);
    let tensor = |shape: &str, kind: &str, data: &str| {
        format!(r#"{{"inputs": [{{"name": "amount", "shape": {shape}, "datatype": "{kind}", "data": {data}}}]}}"#)
    };
    let product = format!("[{}, {}]", 1u64 << 33, 1u64 << 33);
    for (body, part) in [
        (tensor("[2]", "FP64", "[1]"), "input \"amount\": 1 values, its shape says 2"),
        (tensor("[18446744073709551615]", "FP64", "[1]"), "its shape says 18446744073709551615"),
        (tensor("[18446744073709551615, 1]", "FP64", "[1]"), "its shape says"),
        (tensor(&product, "FP64", "[1]"), "[n] or [n, 1]"),
        (tensor("[-1]", "FP64", "[1]"), "shape"),
        (tensor("[1.5]", "FP64", "[1]"), "shape"),
        (tensor("[1e30]", "FP64", "[1]"), "shape"),
        (tensor("[99999999999999999999]", "FP64", "[1]"), "shape"),
        (tensor("[]", "FP64", "[]"), "[n] or [n, 1]"),
        (tensor("1", "FP64", "[1]"), "shape"),
        (tensor("[1]", "FP16", "[1]"), "datatype FP16"),
        (tensor("[1]", "fp64", "[1]"), "datatype fp64"),
        (tensor("[1]", "FP64", "1"), "data is a list"),
        (tensor("[1]", "FP64", "[\"x\"]"), "value 1 is not FP64"),
        (tensor("[1]", "FP64", "[[[1]]]"), "value 1 is not FP64"),
        (tensor("[1]", "BYTES", "[1]"), "value 1 is not BYTES"),
        (tensor("[1]", "FP64", "[1]"), "column \"purpose\" is missing"),
        (r#"{"inputs": [{"shape": [1], "datatype": "FP64", "data": [1]}]}"#.to_owned(), "name"),
        (r#"{"inputs": {}}"#.to_owned(), "list of tensors"),
        (r#"{"id": 7, "inputs": []}"#.to_owned(), "id is a text"),
        ("[]".to_owned(), "list of tensors"),
        ("{".to_owned(), "not JSON"),
        ("[".repeat(100_000), "not JSON"),
    ] {
        let reply = server.post("/v2/models/late/infer", "application/json", &body);
        let said = message(&reply);
        assert!(reply.json()["error"].is_string(), "the protocol's own shape: {reply:?}");
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
    let twice = r#"{"inputs": [{"name": "a", "shape": [1], "datatype": "FP64", "data": [1]}, {"name": "a", "shape": [1], "datatype": "FP64", "data": [1]}]}"#;
    assert!(message(&server.post("/v2/models/late/infer", "application/json", twice)).contains("\"a\" is there twice"));
    goes_on(server);
}

#[test]
fn paths_that_lead_nowhere_are_404_and_other_methods_405() {
    let project = loans::project();
    let server = start(&project);
    for path in [
        "/",
        "/nothing",
        "/invocations/",
        "/../../etc/passwd",
        "/v2/models/..",
        "/v2/models/%2e%2e/ready",
        "/v2/models/late%00",
        "/v2/models/%ff",
        "/v2/models/late/versions/..",
        "//",
        "/v2/models/late/versions/99999999999999999999",
        "/health%00",
        "/%",
    ] {
        let reply = server.get(path);
        assert!(matches!(reply.status, 400 | 404), "{path} {reply:?}");
        if !reply.body.is_empty() && reply.status == 404 {
            message(&reply);
        }
    }
    server.get(&format!("/v2/models/{}", "x".repeat(50_000))).expect(404);
    let mut connection = server.connect();
    for (method, path) in [
        ("GET", "/invocations"),
        ("DELETE", "/invocations"),
        ("PUT", "/v2/models/late/infer"),
        ("POST", "/health"),
        ("POST", "/v2/models/late"),
        ("BREW", "/invocations"),
    ] {
        let reply = connection.request(method, path, &JSON, b"").expect(405);
        assert!(message(&reply).contains("method"), "{method} {path}");
    }
    goes_on(server);
}

/// What the server says to raw bytes, if anything, before it closes the connection.
fn raw(server: &Server, bytes: &[u8]) -> Option<Reply> {
    let mut connection = server.connect();
    let _ = connection.send(bytes);
    connection.reply().ok()
}

#[test]
fn what_is_not_http_is_turned_away() {
    let project = loans::project();
    let server = start(&project);
    let header = |text: String| format!("GET /health HTTP/1.1\r\nHost: localhost\r\n{text}\r\n\r\n");
    for bytes in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"hello\r\n\r\n".to_vec(),
        b"GET /health\r\n\r\n".to_vec(),
        b"GET /health HTTP/9.9\r\n\r\n".to_vec(),
        b"GET /hea\x00lth HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"POST /invocations HTTP/1.1\r\nContent-Length: -1\r\n\r\n".to_vec(),
        b"POST /invocations HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello".to_vec(),
        b"POST /invocations HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n".to_vec(),
        b"POST /invocations HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
            .to_vec(),
        header(format!("X-Long: {}", "x".repeat(1 << 20))).into_bytes(),
        header((0..5000).map(|n| format!("X-{n}: 1\r\n")).collect()).into_bytes(),
        format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20)).into_bytes(),
    ] {
        if let Some(reply) = raw(&server, &bytes) {
            assert!((400..500).contains(&reply.status) || reply.status == 505, "{reply:?}");
        }
    }
    goes_on(server);
}

#[test]
fn requests_sent_ahead_are_answered_in_order() {
    let project = loans::project();
    let server = start(&project);
    let mut connection = server.connect();
    for at in 0..50 {
        let (path, body) = if at % 2 == 0 { ("/invocations", good().to_string()) } else { ("/nothing", String::new()) };
        connection.ask("POST", path, &JSON, body.as_bytes()).unwrap();
    }
    for at in 0..50 {
        connection.reply().unwrap().expect(if at % 2 == 0 { 200 } else { 404 });
    }
    goes_on(server);
}

#[cfg(target_os = "linux")]
fn peak_memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process())).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn a_body_that_is_too_large_is_413_before_it_is_read() {
    let project = loans::project();
    let server = start(&project);
    server.predict(&good());
    let before = peak_memory(&server);
    for path in ["/invocations", "/v2/models/late/infer"] {
        let mut connection = server.connect();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            100 << 20
        );
        connection.send(head.as_bytes()).unwrap();
        let reply = connection.reply().unwrap().expect(413);
        assert!(message(&reply).contains("larger than"));
    }
    let sent = server.connect().ask("POST", "/invocations", &JSON, &vec![b' '; 100 << 20]);
    assert!(sent.is_err(), "the connection is closed on whoever sends on");
    assert!(peak_memory(&server) < before + (16 << 20), "{} → {}", before, peak_memory(&server));
    // Without a length it is known only on the way.
    let mut connection = server.connect();
    connection.send(b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    let chunk = [b"100000\r\n".to_vec(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat();
    let sent = (0..100).take_while(|_| connection.send(&chunk).is_ok()).count();
    assert!(sent < 100, "sending ends at the limit");
    goes_on(server);
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_sends_all_of_a_body_that_is_too_large_is_told_so_and_a_long_head_is_refused() {
    let project = loans::project();
    let server = start(&project);
    // It reads nothing before it has sent everything, as many clients do.
    let mut all =
        format!("POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", 24 << 20).into_bytes();
    all.extend(std::iter::repeat_n(b' ', 24 << 20));
    let reply = raw(&server, &all).expect("an answer").expect(413);
    assert!(message(&reply).contains("larger than"));
    let head =
        |bytes: usize| format!("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n", "x".repeat(bytes));
    assert_eq!(raw(&server, head(30_000).as_bytes()).unwrap().status, 200);
    assert_eq!(raw(&server, head(200_000).as_bytes()).unwrap().status, 431);
    goes_on(server);
}

#[test]
fn large_requests_take_bounded_memory_and_do_not_keep_small_ones_waiting() {
    let project = loans::project();
    let server = start(&project);
    let zeros = vec!["0"; 2_000_000].join(",");
    let body = format!("{{\"inputs\": {{\"amount\": [{zeros}]}}}}");
    let mut large: Vec<Connection> = (0..8)
        .map(|_| {
            let mut connection = server.connect();
            connection.ask("POST", "/invocations", &JSON, body.as_bytes()).unwrap();
            connection
        })
        .collect();
    assert_eq!(server.predict(&good()).len(), 1);
    assert!(large.iter().any(|c| !c.has_reply()), "the small one was answered among them");
    for connection in &mut large {
        assert!(message(&connection.reply().unwrap().expect(400)).contains("2000000 rows in one request"));
    }
    assert!(peak_memory(&server) < 600 << 20, "{}", peak_memory(&server));
    goes_on(server);
}

/// A connection that sends what it is given and then says nothing more.
fn silent(server: &Server, bytes: &[u8]) -> Connection {
    let mut connection = server.connect();
    connection.send(bytes).unwrap();
    connection
}

#[test]
fn a_large_request_that_takes_too_long_is_not_in_the_log() {
    let project = loans::project();
    let server = Server::start(&project, &["late", "--timeout", "1s"]);
    let row = asked(&loans::loans(HOURS..HOURS + 1, usize::MAX))["dataframe_records"][0].to_string();
    // As many as a request may have: more than a second's work where nothing is optimised.
    let rows = 100_000;
    let body = format!("{{\"dataframe_records\": [{}]}}", vec![row; rows].join(","));
    let status = server.post("/invocations", "application/json", body).status;
    assert!([200, 408].contains(&status), "{status}");
    // The end waits for the work, which goes on after the 408.
    server.stop_clean();
    assert_eq!(loans::log(&project, "late").len(), if status == 200 { rows } else { 0 });
}

#[test]
fn slow_and_silent_senders_are_given_up_and_block_nobody() {
    let project = loans::project();
    let server = Server::start(&project, &["late", "--timeout", "2s"]);
    let head =
        b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";
    let mut waiting = Vec::new();
    for _ in 0..100 {
        waiting.push(silent(&server, b""));
        waiting.push(silent(&server, &head[..40]));
        waiting.push(silent(&server, &head[..head.len() - 2]));
    }
    let mut half: Vec<Connection> = (0..100).map(|_| silent(&server, &[head, &b"{\"inputs\""[..]].concat())).collect();
    let mut kept = server.connect();
    kept.request("GET", "/health", &[], b"").expect(200);
    assert_eq!(server.predict(&good()).len(), 1, "others are served meanwhile");
    for connection in &mut half {
        assert!(message(&connection.reply().unwrap().expect(408)).contains("2s"));
    }
    for connection in waiting.iter_mut().chain(&mut half).chain([&mut kept]) {
        assert!(connection.is_closed());
    }
    // Byte by byte is no way around the limit.
    let mut drop_by_drop = server.connect();
    let begun = std::time::Instant::now();
    for byte in head.iter().cycle() {
        if drop_by_drop.send(std::slice::from_ref(byte)).is_err() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(begun.elapsed().as_secs() < 30, "the connection is kept for ever");
    }
    goes_on(server);
}

#[test]
fn many_idle_connections_leave_room_for_others() {
    let project = loans::project();
    let server = start(&project);
    let idle: Vec<Connection> = (0..500).map(|_| server.connect()).collect();
    assert_eq!(server.predict(&good()).len(), 1);
    // They do not hold up the end either.
    let begun = std::time::Instant::now();
    server.stop_clean();
    assert!(begun.elapsed().as_secs() < 10);
    drop(idle);
}

#[test]
fn damaged_lines_are_counted_and_named_and_the_rest_is_read() {
    let project = loans::project();
    let server = start(&project);
    let answers = server.predict(&asked(&loans::loans(HOURS..HOURS + 3, usize::MAX)));
    server.stop_clean();
    let name = project.files(".mlops/predictions/late").into_keys().next().unwrap();
    let log = format!(".mlops/predictions/late/{name}");
    let whole = project.read(&log);
    let id = answers[2]["id"].as_str().unwrap();
    for damage in ["garbage", "{\"id\":\"x\"}", "[]", "{\"id\":", "\u{0}\u{0}"] {
        let mut lines: Vec<&str> = whole.lines().collect();
        lines[1] = damage;
        project.write(&log, lines.join("\n") + "\n");
        for (command, key) in [("drift", "rows_current"), ("performance", "rows")] {
            let output = project.run(&["monitor", command, "late", "--json"]);
            assert!(output.code < 2, "{output}");
            let outcome = output.json();
            assert_eq!((&outcome[key], &outcome["unreadable"]["lines"]), (&json!(2), &json!(1)), "{damage:?}");
            assert!(outcome["unreadable"]["first"]["place"].as_str().unwrap().ends_with(&format!("{name} line 2")));
            output.says(&[&name, "line 2", "passed over"]);
        }
        project.ok(&["monitor", "report", "late", "--output", "report.md"]).says(&[&name, "line 2"]);
        assert!(project.read("report.md").contains("lines of the log that could not be read or used"));
        project.ok(&["lineage", id]);
        project.ok(&["status"]);
    }
    project.write(&log, &whole);
    project.write("labels.csv", loans::csv(&loans::loans(HOURS..HOURS + 3, usize::MAX)));
    let labels = ["monitor", "labels", "late", "--input", "labels.csv"];
    assert_eq!(project.json(&labels)["labelled"], 3);
    let kept = project.read(".mlops/predictions/late/labels");
    for (damaged, line, labelled) in [
        (format!("garbage\n{kept}"), "labels line 1", 3),
        (kept.replacen("\"label\":", "\"label\":x", 1), "labels line 1", 2),
        (format!("{kept}{{}}\n"), "labels line 4", 3),
    ] {
        project.write(".mlops/predictions/late/labels", damaged);
        let outcome = project.json(&["monitor", "performance", "late"]);
        assert_eq!((&outcome["labelled"], &outcome["unreadable"]["lines"]), (&json!(labelled), &json!(1)));
        assert!(outcome["unreadable"]["first"]["place"].as_str().unwrap().ends_with(line), "{outcome}");
    }
    // Torn by a crash: the line was never acknowledged, and the next one stands alone.
    let torn = kept.rfind("{").unwrap() + 9;
    project.write(".mlops/predictions/late/labels", &kept[..torn]);
    assert_eq!(project.json(&["monitor", "performance", "late"])["labelled"], 2);
    assert_eq!(project.json(&labels)["labelled"], 3);
    assert_eq!(project.json(&["monitor", "performance", "late"])["labelled"], 3);
    // A class that the model doesn't know is not taken for one it knows.
    let strange = kept
        .lines()
        .next()
        .unwrap()
        .replace("\"label\":\"false\"", "\"label\":\"true\"")
        .replace("\"true\"", "\"maybe\"");
    project.write(".mlops/predictions/late/labels", format!("{kept}{strange}\n"));
    project.fails(2, &["monitor", "performance", "late"]).says(&[
        answers[0]["id"].as_str().unwrap(),
        "\"maybe\" is none of the model's classes \"false\", \"true\"",
        "hint: ",
    ]);
}

#[test]
fn a_damaged_bundle_is_not_served() {
    let project = loans::project();
    let hash = project.json(&["status"])["models"][0]["hash"].as_str().unwrap().to_owned();
    let blob = project.path(&format!(".mlops/objects/{}/{}", &hash[..2], &hash[2..]));
    let bytes = std::fs::read(&blob).unwrap();
    let write = |bytes: &[u8]| {
        std::fs::remove_file(&blob).unwrap();
        std::fs::write(&blob, bytes).unwrap();
    };
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    for damaged in [&flipped[..], &bytes[..bytes.len() / 2], b"", b"not a bundle"] {
        write(damaged);
        project.fails(3, &["serve", "late", "--port", "0"]).says(&[&hash[..12]]);
        project.fails(3, &["model", "predict", "late", "--input", "loans.csv"]).says(&[&hash[..12]]);
    }
    std::fs::remove_file(&blob).unwrap();
    project.run(&["serve", "late", "--port", "0"]).says(&[&hash[..12], "hint: "]);
    std::fs::write(&blob, &bytes).unwrap();
    goes_on(start(&project));
}

#[test]
fn a_deployments_name_is_never_a_path() {
    let project = loans::project();
    let before = project.files(".");
    for name in ["..", "../up", "/tmp/x", "a/b", "a\\b", ".hidden", "", "A", "a b", "ü", "late\n"] {
        for args in [
            &["serve", "late", "--name", name, "--port", "0"][..],
            &["monitor", "drift", name],
            &["monitor", "labels", name, "--input", "loans.csv"],
            &["monitor", "performance", name],
            &["monitor", "report", name],
            &["retrain", name],
            &["serve", name, "--port", "0"],
        ] {
            project.fails(2, args);
        }
    }
    project.define("[serve.\"../up\"]\nmodel = \"late\"\n");
    project.fails(2, &["serve", "late", "--port", "0"]).says(&["../up"]);
    project.define("[monitor.late]\ndeployment = \"../up\"\n");
    project.fails(2, &["monitor", "drift", "late"]).says(&["../up"]);
    project.define("[serve.late]\nmodel = \"late\"\nmodle = \"late\"\n");
    project.fails(2, &["serve", "late", "--port", "0"]).says(&["modle"]);
    project.write("mlops.toml", &before["mlops.toml"]);
    assert_eq!(project.files("."), before);
}
