//! Files of the project that were damaged or written by nobody's hand: `mlops.toml`, `mlops.lock`, the ledger, a newer
//! ledger, and answers of a server that speaks nonsense. Each error has its place and a hint, and leaves the file as it is.

use crate::common::loans;
use crate::common::{Output, TestProject};
use std::io::{Read, Write};
use std::net::TcpListener;

const WRITERS: [&[&str]; 6] = [
    &["data", "add"],
    &["feature", "apply"],
    &["feature", "materialize"],
    &["feature", "join", "late"],
    &["run", "train", "late"],
    &["model", "register", "late", "other"],
];

fn all() -> impl Iterator<Item = &'static [&'static str]> {
    loans::READERS.into_iter().chain(WRITERS)
}

#[test]
fn a_damaged_lock_file_is_named_with_its_line() {
    let project = loans::project();
    let whole = project.read("mlops.lock");
    let line = |at: usize| whole.lines().nth(at).unwrap().to_owned();
    let hash = "0".repeat(64);
    for (content, part) in [
        (format!("{}\nsales\n", line(0)).into_bytes(), "mlops.lock line 2: expected NAME HASH"),
        (format!("{}\nsales xyz\n", line(0)).into_bytes(), "mlops.lock line 2"),
        (format!("{}\nsales {}\n", line(0), &hash[1..]).into_bytes(), "mlops.lock line 2"),
        (format!("{}\nsales {}0\n", line(0), hash).into_bytes(), "mlops.lock line 2"),
        (format!("{}\nSales {hash}\n", line(0)).into_bytes(), "mlops.lock line 2: \"Sales\" is not a name"),
        (format!("{}\n../sales {hash}\n", line(0)).into_bytes(), "mlops.lock line 2: \"../sales\" is not a name"),
        (format!("{whole}{}\n", line(0)).into_bytes(), "mlops.lock line 3: the dataset is listed twice"),
        (format!("{}\n<<<<<<< HEAD\n", line(0)).into_bytes(), "mlops.lock line 2: an unresolved merge conflict"),
        (format!("{}\n=======\n", line(0)).into_bytes(), "mlops.lock line 2: an unresolved merge conflict"),
        ([line(0).as_bytes(), b"\nsales \xff\xfe\n"].concat(), "mlops.lock line 2: the text is not UTF-8"),
        ([line(0).as_bytes(), b"\n\0\0\0\0"].concat(), "mlops.lock line 2"),
        (whole.encode_utf16().flat_map(u16::to_le_bytes).collect(), "mlops.lock line 1"),
    ] {
        project.write("mlops.lock", &content);
        for args in
            [&["data", "status"][..], &["data", "add"], &["data", "checkout"], &["run", "train", "late"], &["status"]]
        {
            if args[0] == "run" {
                // A run that could not begin is recorded as such; what it would have made is not there.
                project.fails(2, args).says(&[part, "hint: "]);
            } else {
                project.refuses(2, args).says(&[part]);
            }
        }
        assert_eq!(std::fs::read(project.path("mlops.lock")).unwrap(), content);
    }
    project.write("mlops.lock", &whole);
    project.ok(&["run", "train", "late"]);
}

#[test]
fn a_lock_file_of_versions_that_are_not_here_says_where_they_might_be() {
    let project = loans::project();
    project.write("mlops.lock", format!("loans {0}\nsales {0}\n", "0".repeat(64)));
    project.refuses(2, &["data", "checkout"]).says(&["loans", "000000000000"]);
    project.refuses(2, &["feature", "join", "late"]).says(&["000000000000"]);
    project.ok(&["data", "status"]);
    project.ok(&["status"]);
    project.ok(&["data", "add"]);
    project.ok(&["feature", "join", "late"]);
}

#[test]
fn definitions_that_can_not_be_read_are_named_with_their_line() {
    let project = TestProject::new();
    let deep = |open: &str, close: &str| {
        format!("[data.d]\npath = \"d\"\nkey = {}{}\n", open.repeat(100_000), close.repeat(100_000))
    };
    for (content, parts) in [
        (b"[project\n".to_vec(), &["line 1"][..]),
        (b"[project]\nname = \"x\n".to_vec(), &["line 2"]),
        (b"[project]\nname = \"x\"\nname = \"y\"\n".to_vec(), &["line 3", "duplicate"]),
        (b"[project]\nseed = 1e400\n".to_vec(), &["line 2"]),
        (b"[project]\nseed = -1\n".to_vec(), &["line 2"]),
        (b"[project]\nseed = 99999999999999999999\n".to_vec(), &["line 2"]),
        (b"[project]\nname = 7\n".to_vec(), &["line 2", "string"]),
        (b"[data.d]\npath = \"d\"\n[data.d]\npath = \"e\"\n".to_vec(), &["line 3"]),
        (b"\0\0\0\0".to_vec(), &["line 1"]),
        (b"[project]\nname = \"\xff\"\n".to_vec(), &["line 2", "UTF-8"]),
        (b"{\"project\": {}}".to_vec(), &["line 1"]),
        (b"<<<<<<< HEAD\n[project]\n".to_vec(), &["line 1"]),
        (deep("[", "]").into_bytes(), &["line 3"]),
        (deep("{a=", "}").into_bytes(), &["line 3"]),
        (format!("[data{}]\n", ".a".repeat(100_000)).into_bytes(), &["recursion limit"]),
    ] {
        project.write("mlops.toml", &content);
        for args in [&["status"][..], &["data", "add"], &["data", "list"], &["fsck"]] {
            let said = project.refuses(2, args);
            said.says(&["mlops.toml"]).says(parts);
            assert!(said.stderr.len() < 2000, "a message is for people: {} bytes for {parts:?}", said.stderr.len());
        }
    }
}

#[test]
fn expressions_that_nest_or_go_on_without_end_are_refused() {
    let nested = format!("{}amount{}", "(".repeat(100_000), ")".repeat(100_000));
    let nots = format!("{}amount > 1", "not ".repeat(50_000));
    let minuses = format!("{}amount", "- ".repeat(50_000));
    let sum = format!("amount{}", " + amount".repeat(50_000));
    let ands = format!("amount > 1{}", " and amount > 1".repeat(50_000));
    let cases = format!("{}1{}", "case when amount > 1 then ".repeat(20_000), " end".repeat(20_000));
    let calls = format!("{}amount{}", "abs(".repeat(50_000), ")".repeat(50_000));
    let project = loans::project();
    for text in [nested, nots, minuses, sum, ands, cases, calls] {
        for (key, value) in [
            ("label = \"late = 1\"", format!("label = \"{text}\"")),
            ("event_time = \"at\"\nlabel", format!("event_time = \"at\"\nwhere = \"{text}\"\nlabel")),
            ("derive = { share = \"amount / sales__turnover\" }", format!("derive = {{ share = \"{text}\" }}")),
        ] {
            assert!(loans::DEFINITIONS.contains(key));
            project.define(&loans::DEFINITIONS.replace(key, &value));
            let said = project.refuses(2, &["feature", "join", "late"]);
            said.says(&["set late"]);
            assert!(said.stderr.len() < 30_000, "{} bytes", said.stderr.len());
        }
        project.define(&loans::DEFINITIONS.replace(
            "source = \"sales\"",
            &format!(
                "sql = \"select shop, known_at, turnover, {text} as x from (select *, turnover as amount from sales)\""
            ),
        ));
        project.refuses(2, &["feature", "apply"]).says(&["view sales"]);
    }
}

/// Operators in a row nest on the left as deep as they are many; what is short enough to be read must not end in a
/// stack that is used up, on any thread.
#[test]
fn expressions_with_many_operators_in_a_row_are_answered_or_refused() {
    let project = loans::project();
    for terms in [60, 120, 1400] {
        let sum = format!("amount{}", "+amount".repeat(terms));
        let powers = format!("amount{}", "*1".repeat(terms));
        let ands = format!("amount>1{}", " and amount>1".repeat(terms.min(750)));
        let list = format!("amount in (1{})", ",1".repeat(terms * 3));
        let unions = format!("select * from sales{}", " union all select * from sales".repeat(terms));
        for text in [sum, powers, ands, list] {
            assert!(text.len() <= 10_000);
            let what = format!("{terms} of {}", &text[..20]);
            for (key, value) in [
                ("event_time = \"at\"\nlabel", format!("event_time = \"at\"\nwhere = \"({text}) is not null\"\nlabel")),
                ("label = \"late = 1\"", format!("label = \"({text}) is null\"")),
                ("derive = { share = \"amount / sales__turnover\" }", format!("derive = {{ share = \"{text}\" }}")),
            ] {
                project.define(&loans::DEFINITIONS.replace(key, &value));
                let output = answers(&project, &["feature", "join", "late"], &what);
                assert!(output.code == 0 || terms > 60 && output.code == 2, "{what}\n{output}");
            }
        }
        project.define(&loans::DEFINITIONS.replace("source = \"sales\"", &format!("sql = \"{unions}\"")));
        answers(&project, &["feature", "apply"], &format!("{terms} unions"));
    }
}

fn ledger_files(project: &TestProject) -> Vec<Option<Vec<u8>>> {
    ["ledger.db", "ledger.db-wal"]
        .map(|f| std::fs::read(project.path(".mlops").join(f)).ok().filter(|b| !b.is_empty()))
        .to_vec()
}

/// Everything of the ledger in its one file.
fn settled(project: &TestProject) -> Vec<u8> {
    let path = project.path(".mlops/ledger.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(connection);
    for file in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(project.path(".mlops").join(file));
    }
    std::fs::read(path).unwrap()
}

#[test]
fn a_ledger_of_a_newer_version_is_refused_by_every_command_and_left_as_it_is() {
    let project = loans::project();
    settled(&project);
    let connection = rusqlite::Connection::open(project.path(".mlops/ledger.db")).unwrap();
    connection.pragma_update(None, "user_version", 9999).unwrap();
    drop(connection);
    let before = ledger_files(&project);
    for args in all().chain([
        &["log"][..],
        &["serve", "late", "--port", "0"],
        &["model", "predict", "late", "--input", "loans.csv"],
        &["monitor", "drift", "--reference", "loans", "--current", "loans.csv"],
        &["data", "checkout"],
    ]) {
        project.refuses(2, args).says(&["version 9999", "install the newer mlops"]);
        assert_eq!(ledger_files(&project), before, "{args:?} wrote to a ledger it does not understand");
    }
    let checked = project.run(&["fsck"]);
    assert!([2, 3].contains(&checked.code), "{checked}");
    checked.says(&["hint: "]);
    assert_eq!(ledger_files(&project), before);
}

/// The command may do without what is damaged; else it says so and what to do, and never falls over.
fn answers(project: &TestProject, args: &[&str], what: &str) -> Output {
    let output = project.run(args);
    assert!(
        !output.stderr.contains("panicked") && [0, 1, 2, 3].contains(&output.code),
        "{what}, mlops {args:?}\n{output}"
    );
    let told = output.code < 2 || output.stderr.contains("error: ") && output.stderr.contains("hint: ");
    assert!(told, "{what}, mlops {args:?}\n{output}");
    output
}

#[test]
fn a_ledger_that_is_cut_or_overwritten_is_named_and_left_as_it_is() {
    let project = loans::project();
    let whole = settled(&project);
    let half = whole.len() / 2;
    for (what, bytes) in [
        ("text", b"this is no ledger".repeat(500)),
        ("zeros", vec![0; whole.len()]),
        ("half", whole[..half].to_vec()),
        ("one page", whole[..4096].to_vec()),
        ("no head", [&[0xA5; 100][..], &whole[100..]].concat()),
        ("no schema", [&whole[..100], &[0xA5; 3996][..], &whole[4096..]].concat()),
    ] {
        project.write(".mlops/ledger.db", &bytes);
        for args in all().chain([&["log"][..], &["fsck"], &["data", "checkout"]]) {
            let output = answers(&project, args, what);
            assert!(
                output.code != 0 || args == ["fsck"] || args == ["data", "checkout"],
                "{what}, {args:?}: a ledger of {what} works\n{output}"
            );
        }
        project.fails(3, &["fsck"]).says(&["hint: "]);
        assert_eq!(project.read_bytes(".mlops/ledger.db"), bytes, "{what}");
    }
    project.write(".mlops/ledger.db", &whole);
    project.ok(&["fsck"]);
    project.ok(&["status"]);
}

#[test]
fn a_byte_that_is_flipped_anywhere_in_the_ledger_never_ends_in_a_panic() {
    let project = loans::project();
    let whole = settled(&project);
    for at in (0..whole.len()).step_by(whole.len() / 40).chain([16, 18, 20, 24, 28, 44, 56, 60, 100, 103, 105, 107]) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        project.write(".mlops/ledger.db", &bytes);
        for file in ["ledger.db-wal", "ledger.db-shm"] {
            let _ = std::fs::remove_file(project.path(".mlops").join(file));
        }
        for args in
            [&["status"][..], &["run", "list"], &["model", "show", "late"], &["data", "log", "loans"], &["fsck"]]
        {
            answers(&project, args, &format!("byte {at}"));
        }
    }
}

#[test]
fn rows_of_the_ledger_that_make_no_sense_are_an_error_of_the_environment() {
    let project = loans::project();
    let whole = settled(&project);
    for (change, args) in [
        ("UPDATE dataset_version SET hash = 'nonsense' WHERE dataset = 'loans'", &["data", "log", "loans"][..]),
        ("UPDATE dataset_version SET dataset = '../up' WHERE dataset = 'loans'", &["data", "list"]),
        ("UPDATE dataset_version SET columns = '{' WHERE dataset = 'loans'", &["data", "log", "loans"]),
        ("UPDATE run SET status = 'dancing'", &["run", "list"]),
        ("UPDATE run SET model_hash = 'x'", &["run", "list"]),
        ("UPDATE training_set SET blob = 'x'", &["feature", "join", "late"]),
        ("UPDATE feature_view SET definition = '['", &["feature", "plan"]),
        ("UPDATE model_version SET hash = 'x'", &["model", "show", "late"]),
        ("UPDATE model_alias SET alias = '../up'", &["model", "list"]),
        ("UPDATE run SET started = 9223372036854775807", &["run", "list"]),
        ("UPDATE dataset_version SET created = -9223372036854775808", &["data", "log", "loans"]),
        ("DROP TABLE model_alias", &["model", "list"]),
        ("DROP TABLE run_metric", &["run", "list"]),
        ("DELETE FROM run", &["model", "show", "late"]),
    ] {
        project.write(".mlops/ledger.db", &whole);
        let connection = rusqlite::Connection::open(project.path(".mlops/ledger.db")).unwrap();
        connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {change}")).unwrap();
        drop(connection);
        let output = answers(&project, args, change);
        assert!([0, 3].contains(&output.code), "{change}\n{output}");
        for args in all().chain([&["fsck"][..], &["model", "predict", "late", "--input", "loans.csv"]]) {
            answers(&project, args, change);
        }
        settled(&project);
    }
}

/// A server that reads a request and then says `answer`, whatever was asked.
fn says(answer: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = answer.to_vec();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 1 << 16]);
            let _ = stream.write_all(&answer);
        }
    });
    url
}

#[test]
fn a_server_that_is_none_is_an_error_and_no_answer_is_made_up() {
    let project = TestProject::new();
    project.write("rows.csv", "x\n1\n2\n");
    let json = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            .into_bytes()
    };
    let good = "{\"id\": \"a-0\", \"probability\": 0.5, \"prediction\": \"1\"}";
    for answer in [
        b"".to_vec(),
        b"\r\n\r\n".to_vec(),
        b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(),
        b"\xff\xfe\x00\x00".repeat(1000),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"predictions\":".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        [b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-Long: y\r\n".repeat(100_000)].concat(),
        json("200 OK", ""),
        json("200 OK", "null"),
        json("200 OK", "<html></html>"),
        json("200 OK", &"[".repeat(100_000)),
        json("200 OK", "{\"predictions\": []}"),
        json("200 OK", &format!("{{\"predictions\": [{good}]}}")),
        json("200 OK", &format!("{{\"predictions\": [{good}, {good}, {good}]}}")),
        json("200 OK", "{\"predictions\": [1, 2]}"),
        json("200 OK", &format!("{{\"predictions\": [{good}, {{\"id\": \"a\"}}]}}")),
        json("200 OK", &format!("{{\"predictions\": [{good}, {}]}}", good.replace("0.5", "\"much\""))),
        json("200 OK", &format!("{{\"predictions\": [{good}, {}]}}", good.replace("0.5", "1e999"))),
        json("404 Not Found", "nothing here"),
        json("500 Internal Server Error", "{\"message\": 7}"),
        json("503 Service Unavailable", "{\"message\": \"full\"}"),
        json("302 Found", ""),
        json("999 Odd", "{}"),
    ] {
        let url = says(&answer);
        let args = [
            "model",
            "predict",
            "--url",
            &url,
            "--input",
            "rows.csv",
            "--rows-per-request",
            "2",
            "--output",
            "out.csv",
        ];
        let before = project.disk();
        let output = project.run(&args);
        let what = String::from_utf8_lossy(&answer[..answer.len().min(120)]).into_owned();
        assert!([2, 3].contains(&output.code) && !output.stderr.contains("panicked"), "{what}\n{output}");
        output.says(&["error: ", "rows 1 to 2", "hint: "]);
        assert!(output.stderr.len() < 3000, "a message is for people: {what}: {} bytes", output.stderr.len());
        assert_eq!(project.disk(), before, "{what}");
    }
}
