//! Servers that answer a client with what it did not ask for, and names that would steer a terminal.

use crate::common::{Output, TestProject};
use std::io::{Read, Write};
use std::net::TcpListener;

/// Answers every request with these bytes, and says where.
fn answers(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 65536]);
            let _ = stream.write_all(&bytes);
        }
    });
    url
}

fn asked(url: &str) -> Output {
    let project = TestProject::new();
    project.write("rows.csv", "x\n1\n");
    let output = project.fails(2, &["model", "predict", "--url", url, "--input", "rows.csv"]);
    assert!(!output.stderr.contains("panicked"), "{output}");
    output
}

#[test]
fn a_client_goes_where_it_was_sent_and_nowhere_else() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("http://{}/invocations", other.local_addr().unwrap());
    for status in [301, 302, 307, 308] {
        let head = format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n");
        asked(&answers(head.into_bytes())).says(&[&format!("answered {status}"), &place, "hint: "]);
    }
    other.set_nonblocking(true).unwrap();
    assert!(other.accept().is_err(), "nobody came");
}

#[test]
fn what_a_server_says_does_not_steer_the_terminal() {
    let body = "{\"error_code\":\"X\",\"message\":\"\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}txt\"}";
    let reply = format!("HTTP/1.1 400 Bad\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let output = asked(&answers(reply.into_bytes()));
    assert!(!output.stderr.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{output:?}");
    output.says(&["owned", "\u{fffd}"]);
}

#[test]
fn names_and_cells_do_not_steer_the_terminal() {
    let project =
        TestProject::with("[data.t]\npath = \"t.csv\"\nexpect = [{ column = \"\\u001b[31mx\", in = [\"a\"] }]\n");
    project.write("t.csv", "\u{1b}[31mx,\"b\u{7}\"\n\u{1b}[2J\u{202e},\u{9b}1m\n");
    for args in [
        &["data", "validate"][..],
        &["data", "add"],
        &["data", "validate", "--json"],
        &["data", "add", "--json"],
        &["data", "add", "-vv"],
        &["data", "add", "no\u{1b}[31mthing"],
        &["data", "log", "t\u{1b}[31m"],
    ] {
        let output = project.run(args);
        let steers = |text: &str| text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{7f}']);
        assert!(!steers(&output.stdout) && !steers(&output.stderr), "{args:?}: {output:?}");
    }
}
