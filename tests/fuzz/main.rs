//! Everything that reads bytes from outside gets bytes that nobody would send: it returns or refuses, and never panics,
//! hangs or takes memory without bound. What can be written is the same when it is read again.
//!
//! `FUZZ_SECONDS` is the time of each target. A finding lies in the target's `tmp` folder; put into
//! `tests/fuzz/seeds/TARGET/` it is tried first, every time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

use common::fuzzing::{Counting, Target};
use common::server::{Connection, Server};
use common::{TestProject, loans};
use mlops::data::{
    Column, Frame, Manifest, Value, collect, encode, frame_from, key_of_values, read_file, sql, sql_condition,
};
use mlops::features::expression::{Kind, Program, evaluate_columns};
use mlops::features::{OnlineStore, load_view};
use mlops::model::{Scorer, load, save};
use mlops::predictions::{self, LateLabels, Query};
use mlops::progress::Progress;
use mlops::project::{Definitions, Format, LockFile, Name, Project, Reference, Span, parse_time, time_text};
use mlops::store::{Hash, Store};
use polars::prelude::{DataFrame, IntoLazy};
use std::cell::RefCell;
use std::path::Path;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn texts(seeds: &[&str]) -> Vec<Vec<u8>> {
    seeds.iter().map(|s| s.as_bytes().to_vec()).collect()
}

/// As the binary does: a panic that becomes an error is not told.
fn quiet() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !mlops::data::inside_polars() {
                report(panic);
            }
        }));
    });
}

const MORE: &str = r#"
[retrain.late]
train = "late"
model = "late"
window = "30d"
holdout = "5d"
triggers = { new_rows = 10, drift = true }
gate = { metric = "auc", min_gain = -0.5 }
[monitor.late]
drift = { test = "psi" }
[serve.late]
model = "late@champion"
"#;

#[test]
fn definitions() {
    let seeds = texts(&["[project]\nname = \"x\"\nseed = 7\n", loans::DEFINITIONS, MORE]);
    let words =
        &["[data.x]\n", "path = \"a\"\n", "key = [\"k\"]\n", "\"3h\"", "{}", "[]", "''", "\"\"\"", "1979-05-27"];
    Target { name: "definitions", seeds, words }.fuzz(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return false };
        let Ok(read) = Definitions::parse(text) else { return false };
        let written = toml::to_string(&read).unwrap();
        let again = Definitions::parse(&written).unwrap_or_else(|e| panic!("{e}\n{written}"));
        assert_eq!(toml::to_string(&again).unwrap(), written);
        true
    });
}

#[test]
fn lock_file() {
    let trial = TestProject::new();
    let project = Project::open(trial.root()).unwrap();
    let hash = Hash::of(b"x");
    let seeds = texts(&[&format!("loans {hash}\nsales {hash}\n"), &format!("# head\n\nloans {hash}")]);
    Target { name: "lock_file", seeds, words: &["<<<<<<< HEAD\n", "=======\n", "\r\n", " ", "a "] }.fuzz(|bytes| {
        trial.write("mlops.lock", bytes);
        let Ok(read) = LockFile::read(&project) else { return false };
        read.write(&project).unwrap();
        assert_eq!(LockFile::read(&project).unwrap(), read);
        true
    });
}

/// Reads bytes as a file of this ending.
fn table(project: &TestProject, ending: &str, bytes: &[u8]) -> Option<DataFrame> {
    let name = format!("t.{ending}");
    project.write(&name, bytes);
    read_file(&project.path(&name)).and_then(|t| t.collect()).ok()
}

/// What a table is as ours; columns of other types are not looked at.
fn frame(table: &DataFrame) -> Option<Frame> {
    frame_from(table).ok()
}

const CSV: &str = "id,at,x,word\n1,2024-01-01T00:00:00Z,0.5,\"a, b\"\n2,2024-01-02T00:00:00Z,,\"c\"\"d\"\n3,,nan,\n";
const JSONL: &str =
    "{\"id\":1,\"at\":\"2024-01-01T00:00:00Z\",\"x\":0.5,\"b\":true}\n{\"id\":2,\"x\":null,\"word\":\"ü\\u0000\"}\n";

#[test]
fn csv() {
    quiet();
    let trial = TestProject::empty();
    let seeds = texts(&[CSV, "a\n1\n", "a,b\r\n\"x\r\ny\",2\r\n", "\u{feff}a,b\n1,2"]);
    Target { name: "csv", seeds, words: &[",", "\"", "\n", "\r\n", "\"\"", "2024-01-01", "true", "\t", ";"] }
        .fuzz(|bytes| table(&trial, "csv", bytes).is_some_and(|t| frame(&t).is_some()));
}

#[test]
fn json_lines() {
    quiet();
    let trial = TestProject::empty();
    let seeds = texts(&[JSONL, "{}\n{\"a\":[1,{\"b\":2}]}\n", "{\"a\":1e400}\n{\"a\":18446744073709551615}"]);
    let words = &["{", "}", "\"a\":", ",", "[", "]", "null", "\\ud800", "\n", "\"\""];
    Target { name: "json_lines", seeds, words }.fuzz(|bytes| {
        let Some(mut read) = table(&trial, "jsonl", bytes) else { return false };
        if let Ok(written) = encode(&mut read, Format::Jsonl) {
            let again = table(&trial, "jsonl", &written).expect("what was written is read");
            assert_eq!(again.height(), read.height());
            if let (Some(a), Some(b)) = (frame(&read), frame(&again)) {
                assert_eq!(format!("{a:?}"), format!("{b:?}"));
            }
        }
        true
    });
}

/// Reads bytes as a Parquet file. Polars can end the process; the input lies where it was then.
fn parquet(name: &str, bytes: &[u8]) -> Option<DataFrame> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}-last.parquet"));
    std::fs::write(&path, bytes).unwrap();
    let read = read_file(&path).and_then(|t| t.collect()).ok();
    std::fs::remove_file(&path).unwrap();
    read
}

/// Reads, writes and reads again.
fn parquet_twice(name: &str, bytes: &[u8]) -> bool {
    let Some(mut read) = parquet(name, bytes) else { return false };
    let ours = frame(&read);
    if let Ok(written) = encode(&mut read, Format::Parquet) {
        let again = parquet(name, &written).expect("what was written is read");
        assert_eq!(format!("{:?}", frame(&again)), format!("{ours:?}"));
    }
    true
}

fn parquet_files() -> Vec<Vec<u8>> {
    quiet();
    let trial = TestProject::empty();
    let whole = |ending, text: &str| encode(&mut table(&trial, ending, text.as_bytes()).unwrap(), Format::Parquet);
    vec![whole("csv", CSV).unwrap(), whole("jsonl", JSONL).unwrap()]
}

#[test]
fn parquet_footer() {
    // The input is the footer; the pages before it are whole.
    let files = parquet_files();
    let cut = |file: &[u8]| {
        let length = u32::from_le_bytes(file[file.len() - 8..][..4].try_into().unwrap()) as usize;
        file.len() - 8 - length
    };
    let pages = files[0][..cut(&files[0])].to_vec();
    let seeds = files.iter().map(|file| file[cut(file)..].to_vec()).collect();
    let words = ["PAR1", "PARE", "id", "\u{0}\u{0}\u{0}\u{0}"];
    Target { name: "parquet_footer", seeds, words: &words }
        .fuzz(|footer| parquet_twice("parquet_footer", &[&pages, footer].concat()));
}

#[test]
fn parquet_pages() {
    Target { name: "parquet_pages", seeds: parquet_files(), words: &[] }
        .fuzz(|file| parquet_twice("parquet_pages", file));
}

#[test]
fn manifests() {
    let hash = Hash::of(b"x");
    let file = |path| format!("{{\"path\":\"{path}\",\"size\":1,\"hash\":\"{hash}\"}}\n");
    let seeds = texts(&[
        &format!("{{\"mlops_manifest\":2,\"path\":\"d\",\"kind\":\"folder\"}}\n{}{}", file("a/b.csv"), file("c")),
        &format!("{{\"mlops_manifest\":2,\"path\":\"d/*.csv\",\"kind\":\"glob\"}}\n{}", file("b.csv")),
        &format!("{{\"mlops_manifest\":2,\"path\":\"d/b.csv\",\"kind\":\"file\"}}\n{}", file("b.csv")),
    ]);
    Target {
        name: "manifests",
        seeds,
        words: &[
            "../",
            "/",
            ".git/hooks/",
            ".mlops",
            "mlops.toml",
            "*",
            "\\u0000",
            "\\\\",
            "\"executable\":true,",
            "\n",
        ],
    }
    .fuzz(|bytes| {
        let Ok(read) = Manifest::decode(bytes) else { return false };
        assert_eq!(Manifest::decode(&read.encode().unwrap()).unwrap(), read);
        let base = read.pattern().base();
        let full = |path: &str| if base.is_empty() { path.to_owned() } else { format!("{base}/{path}") };
        let inside = |path: &str| Project::inside(Path::new("/r"), path).is_ok();
        assert!(read.files().iter().all(|f| inside(&f.path)), "a path leads out");
        let reserved = |path: &str| mlops::project::reserved(&full(path)).is_some();
        assert!(!read.files().iter().any(|f| reserved(&f.path)), "a path is git's or the project's own");
        true
    });
}

/// Manifest and tensors.
type Blobs = (Vec<u8>, Vec<u8>);

/// Bundles of three kinds.
fn bundles() -> (TestProject, Vec<Blobs>) {
    let trial = loans::project_with(
        "\n[train.forest]\nset = \"late\"\nmodel = \"forest\"\nparams = { n_estimators = 2, max_depth = 3 }\n\
         [train.boosting]\nset = \"late\"\nmodel = \"boosting\"\nparams = { max_iter = 2 }\n",
    );
    let store = Project::open(trial.root()).unwrap().store();
    let bundle = |recipe: &str| {
        let hash = trial.json(&["run", "train", recipe])["model"].as_str().unwrap().to_owned();
        let manifest = store.read(&Hash::parse(&hash).unwrap()).unwrap();
        let parsed: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        let tensors = store.read(&Hash::parse(parsed["tensor_blob"].as_str().unwrap()).unwrap()).unwrap();
        (manifest, tensors)
    };
    let made = ["late", "forest", "boosting"].map(bundle).to_vec();
    (trial, made)
}

/// Puts a blob where its hash says, without waiting for the disk.
fn put(trial: &TestProject, bytes: &[u8]) -> Hash {
    let path = trial.blob(bytes);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    Hash::of(bytes)
}

/// Loads a bundle, predicts with it, and saves it again.
fn use_bundle(trial: &TestProject, store: &Store, manifest: &[u8]) -> bool {
    let hash = put(trial, manifest);
    let loaded = load(store, &hash);
    store.delete(&hash).unwrap();
    let Ok(bundle) = loaded else { return false };
    let features = bundle.features.features.clone();
    let Ok(scorer) = Scorer::new(bundle) else { return false };
    let columns = features.iter().map(|f| {
        let text = matches!(f.kind, Kind::Text);
        let column = if text {
            Column::texts([Some("car"), None, Some("new")])
        } else {
            Column::floats(vec![0.0, f64::NAN, 1e300])
        };
        (f.name.clone(), column)
    });
    let _ = scorer.request_columns();
    if let Ok(frame) = Frame::new(columns.collect()) {
        let signature = &scorer.bundle.signature;
        let _ = scorer.score_frame(&frame).map(|scores| scores.iter().for_each(|p| drop(signature.answer(p))));
    }
    let (first, _) = save(store, &scorer.bundle).unwrap();
    let again = load(store, &first).expect("what was saved is loaded");
    assert_eq!(save(store, &again).unwrap().0, first);
    true
}

#[test]
fn bundle_manifests() {
    let (trial, made) = bundles();
    let store = Project::open(trial.root()).unwrap().store();
    let seeds = made.into_iter().map(|(manifest, _)| manifest).collect();
    let words = &["null", "\"offset\": 1", "\"dtype\": \"f64\"", "[]", "{}", "\"\"", "true"];
    Target { name: "bundle_manifests", seeds, words }.fuzz(|manifest| use_bundle(&trial, &store, manifest));
}

#[test]
fn bundle_tensors() {
    let (trial, made) = bundles();
    let store = Project::open(trial.root()).unwrap().store();
    let seeds = made.iter().map(|(_, tensors)| tensors.clone()).collect();
    let whole: Vec<(String, String)> = made
        .iter()
        .map(|(manifest, tensors)| (String::from_utf8(manifest.clone()).unwrap(), Hash::of(tensors).to_string()))
        .collect();
    Target { name: "bundle_tensors", seeds, words: &[] }.fuzz(|tensors| {
        let hash = put(&trial, tensors);
        let ok = whole.iter().any(|(manifest, old)| {
            use_bundle(&trial, &store, manifest.replace(old.as_str(), &hash.to_string()).as_bytes())
        });
        store.delete(&hash).unwrap();
        ok
    });
}

const EXPRESSIONS: [&str; 8] = [
    "a / nullif(b, 0)",
    "case when a > 1 and w = 'x' then b else -a end",
    "coalesce(a, b, 0) between 1 and 2",
    "w in ('x', 'y') or not (a is null)",
    "round(sqrt(abs(a)), 2) + ln(b) * exp(a) % 3",
    "upper(trim(w)) like 'X%'",
    "extract(hour from t) + extract(dow from t)",
    "t - t > 5",
];
const SQL: &[&str] = &[
    "(",
    ")",
    " and ",
    " or ",
    " not ",
    " null ",
    "case when ",
    " end",
    " is null",
    "'",
    "\"",
    "--",
    "/*",
    " cast(a as int)",
    "extract(",
    " between ",
    "::",
    " in ",
    ",",
    "concat(",
    "length(",
    "power(",
    "least(",
    "date_trunc('day', t)",
];

#[test]
fn expressions() {
    let columns: Vec<(String, Kind)> = [("a", Kind::Float), ("b", Kind::Float), ("w", Kind::Text), ("t", Kind::Time)]
        .map(|(name, kind)| (name.to_owned(), kind))
        .to_vec();
    let numbers = [0.0, -0.0, 1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -1e-320, 9.2e18];
    let (a, b) = (Column::floats(numbers.to_vec()), Column::floats(numbers.iter().rev().copied().collect()));
    let words =
        [Some("x"), None, Some(""), Some("ß"), Some("X y"), Some("%_"), Some("x"), Some("1"), Some("2024-01-01")];
    let (w, t) = (
        Column::texts(words),
        Column::times(vec![0, i64::MAX, Column::NO_TIME, -1, 1 << 60, 1, 2, -(1 << 60), i64::MIN + 1]),
    );
    Target { name: "expressions", seeds: texts(&EXPRESSIONS), words: SQL }.fuzz(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return false };
        let _ = Program::names(text);
        let Ok(program) = Program::parse(text, &columns) else { return false };
        let slots = [&a, &b, &w, &t];
        let all = evaluate_columns(&program, &slots, numbers.len());
        for row in 0..numbers.len() {
            let cells: Vec<Value> = slots.iter().map(|c| c.get(row)).collect();
            let (one, of_all) = (program.evaluate(&cells), all.get(row));
            let same = match (one, of_all) {
                (Value::Float(x), Value::Float(y)) => x.to_bits() == y.to_bits(),
                (x, y) => x == y,
            };
            assert!(same, "row {row}: {one:?} and {of_all:?}");
        }
        true
    });
}

#[test]
fn sql_of_views_and_conditions() {
    quiet();
    let trial = TestProject::empty();
    let loans = table(&trial, "csv", CSV.as_bytes()).unwrap();
    let seeds = texts(&[
        "select id, avg(x) as x from loans group by id order by id",
        "select a.id, b.word from loans a left join loans b on a.id = b.id where a.x > 0 limit 5",
        "with c as (select id from loans) select count(*) as n from c",
        "x > 15 and word = 'a'",
        "case when x is null then 0 else 1 end",
    ]);
    Target { name: "sql", seeds, words: SQL }.fuzz(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return false };
        let query = sql(text, &[("loans".to_owned(), loans.clone().lazy())]).and_then(collect);
        let lazy = loans.clone().lazy();
        let condition = sql_condition(text, &lazy).and_then(|c| collect(lazy.select([c])));
        query.is_ok() || condition.is_ok()
    });
}

#[test]
fn names_references_spans_and_times() {
    let seeds = texts(&[
        "loans",
        "loans@latest",
        "loans@v3",
        "late@champion",
        "3f2a91bc",
        "3h",
        "30d",
        "2024-02-29",
        "2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00.123456+02:00",
        "1970-01-01 00:00:00",
        "My File (1)",
    ]);
    Target { name: "names", seeds, words: &["@", "-", ":", "Z", "+00:00", "T", ".", "é", "9999999999"] }.fuzz(
        |bytes| {
            let Ok(text) = std::str::from_utf8(bytes) else { return false };
            let name = Name::parse(text);
            if let Ok(name) = &name {
                assert_eq!(Name::parse(name.as_str()).unwrap(), *name);
            }
            if let Ok(name) = Name::from_stem(text) {
                assert_eq!(Name::parse(name.as_str()).unwrap(), name);
            }
            let span = Span::parse(text);
            if let Ok(span) = &span {
                assert_eq!(Span::parse(&span.to_string()).unwrap().micros(), span.micros());
            }
            let time = parse_time(text);
            if let Ok(time) = time {
                assert_eq!(parse_time(&time_text(time)).unwrap(), time);
            }
            let _ = Hash::parse(text);
            Reference::parse(text).is_ok() || span.is_ok() || time.is_ok() || name.is_ok()
        },
    );
}

/// Sends bodies to a server: it answers all of them, none with an error of its own.
fn requests(name: &str, path: &str, content_type: &str, seeds: &[&str], words: &[&str]) {
    let trial = loans::project();
    let server = Server::start(&trial, &["late@champion", "--name", "late"]);
    let connection: RefCell<Connection> = RefCell::new(server.connect());
    Target { name, seeds: texts(seeds), words }.fuzz(|body| {
        let reply = connection.borrow_mut().request("POST", path, &[("Content-Type", content_type)], body);
        assert!(reply.status < 500, "{reply:?}");
        if reply.headers.get("connection").is_some_and(|c| c == "close") {
            connection.replace(server.connect());
        }
        reply.status == 200
    });
    drop(connection);
    server.stop_clean();
}

const RECORD: &str = r#"{"id":"L1","at":"2024-01-09T00:00:00Z","shop":"north","amount":5.5,"purpose":"car"}"#;

#[test]
fn invocations_json() {
    let records = format!("{{\"dataframe_records\":[{RECORD},{RECORD}]}}");
    let split = r#"{"dataframe_split":{"columns":["id","at","shop","amount","purpose"],"data":[["L1","2024-01-09T00:00:00Z","north",5.5,null]]}}"#;
    let words =
        ["null", "[", "]", "{", "}", "\"inputs\":", "\"instances\":", "\"index\":[0],", "1e999", "\\ud800", ","];
    requests("invocations_json", "/invocations", "application/json", &[&records, split], &words);
}

#[test]
fn invocations_csv() {
    let seed = "id,at,shop,amount,purpose\nL1,2024-01-09T00:00:00Z,north,5.5,car\nL2,2024-01-09,\"so\"\"uth\",,\n";
    requests("invocations_csv", "/invocations", "text/csv", &[seed], &[",", "\"", "\n", "\r\n", "nan", "\"\""]);
}

#[test]
fn inference() {
    let input = |name: &str, kind: &str, data: &str| {
        format!("{{\"name\":\"{name}\",\"shape\":[1,1],\"datatype\":\"{kind}\",\"data\":[{data}]}}")
    };
    let inputs = [
        input("id", "BYTES", "\"L1\""),
        input("at", "BYTES", "\"2024-01-09T00:00:00Z\""),
        input("shop", "BYTES", "\"north\""),
        input("amount", "FP64", "5.5"),
        input("purpose", "BYTES", "\"car\""),
    ];
    let seed = format!("{{\"id\":\"r\",\"inputs\":[{}]}}", inputs.join(","));
    let words = ["INT64", "BOOL", "[", "]", "null", "-1", "\"outputs\":[],", "18446744073709551615", ","];
    requests("inference", "/v2/models/late/infer", "application/json", &[&seed], &words);
}

#[test]
fn logged_predictions_and_labels() {
    let trial = loans::project();
    let server = Server::start(&trial, &["late@champion", "--name", "late"]);
    server.predict(&loans::asked(&loans::loans(0..2, usize::MAX)));
    server.stop_clean();
    trial.write("labels.csv", loans::csv(&loans::loans(0..2, usize::MAX)));
    trial.ok(&["monitor", "labels", "late", "--input", "labels.csv", "--key", "id"]);
    let project = Project::open(trial.root()).unwrap();
    let deployment = Name::parse("late").unwrap();
    let folder = ".mlops/predictions/late";
    let files = trial.files(folder);
    let (log, lines) = files.iter().find(|(name, _)| name.ends_with(".jsonl")).unwrap();
    let words = ["null", "{}", "\n", "\"at\":", "-0", "\\u0000"];
    Target { name: "log", seeds: vec![lines.clone()], words: &words }.fuzz(|bytes| {
        trial.write(&format!("{folder}/{log}"), bytes);
        let query = Query { answered_to: Some(1 << 50), ..Query::all(&deployment) };
        let read = predictions::read(&project, &query, &Progress::quiet(), |_| Ok(())).unwrap();
        predictions::find(&project, "0123456789abcdef-0").is_ok() && read.unreadable.lines == 0
    });
    Target { name: "labels", seeds: vec![files["labels"].clone()], words: &words }.fuzz(|bytes| {
        trial.write(&format!("{folder}/labels"), bytes);
        LateLabels::read(&project, &deployment).unwrap().unreadable.lines == 0
    });
}

#[test]
fn rows_of_the_online_store() {
    let trial = loans::project();
    let project = Project::open(trial.root()).unwrap();
    let loaded = load_view(&project, &project.ledger().unwrap(), &Name::parse("sales").unwrap()).unwrap();
    let key = key_of_values([Value::Text("north")]).unwrap();
    let store = rusqlite::Connection::open(trial.path(".mlops/features/online.db")).unwrap();
    store.execute_batch("PRAGMA synchronous = OFF").unwrap();
    let rows: Vec<u8> =
        store.query_row("SELECT rows FROM entity WHERE key = ?1", [key.as_slice()], |row| row.get(0)).unwrap();
    Target { name: "online", seeds: vec![rows], words: &[] }.fuzz(|bytes| {
        store.execute("UPDATE entity SET rows = ?1 WHERE key = ?2", (bytes, key.as_slice())).unwrap();
        let online = OnlineStore::open(&project).unwrap();
        let Ok(Some(entity)) = online.entity(&loaded.view.shape, &key) else { return false };
        for at in [0, 1_705_000_000_000_000, i64::MAX] {
            entity.compute(&loaded.view, at, &mut Vec::new());
        }
        true
    });
}
