//! Tables as the world sends them: what is wrong is refused with its place and leaves the disk as it was, what is legal
//! works.

use crate::common::TestProject;
use mlops::data::{encode, read_file};
use mlops::project::Format;
use serde_json::{Value, json};

fn add_refused(name: &str, content: impl AsRef<[u8]>, parts: &[&str]) {
    let project = TestProject::new();
    project.write(name, content);
    project.refuses(2, &["data", "add", name]).says(&[name]).says(parts);
}

fn rows_of(name: &str, content: impl AsRef<[u8]>) -> Value {
    let project = TestProject::new();
    project.write(name, content);
    project.json(&["data", "add", name])["datasets"][0]["rows"].clone()
}

/// A project with the table `d` and a recipe of each kind of estimator over all its columns but the label `y`.
fn trial(table: &str) -> TestProject {
    let project = TestProject::with(
        "[data.d]\npath = \"d.csv\"\n[set.s]\nspine = \"d\"\nlabel = \"y\"\nfeatures = [\"*\"]\n\
         [train.logistic]\nset = \"s\"\nmodel = \"logistic\"\n[train.tree]\nset = \"s\"\nmodel = \"tree\"\n\
         [train.forest]\nset = \"s\"\nmodel = \"forest\"\nparams = { n_estimators = 2 }\n\
         [train.svm]\nset = \"s\"\nmodel = \"svm\"\n\
         [train.boosting]\nset = \"s\"\nmodel = \"boosting\"\nparams = { max_iter = 5, min_samples_leaf = 2 }\n",
    );
    project.write("d.csv", table);
    project.ok(&["data", "add"]);
    project
}

const ESTIMATORS: [&str; 5] = ["logistic", "svm", "tree", "forest", "boosting"];

/// Trains and predicts the training table itself.
fn predicted(project: &TestProject, recipe: &str) -> Vec<Value> {
    project.ok(&["run", "train", recipe]);
    let lines = project.ok(&["model", "predict", recipe, "-i", "d.csv"]).stdout;
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.iter().all(|row| row["probability"].is_f64()), "{recipe}: {lines}");
    rows
}

#[test]
fn a_csv_row_with_too_few_or_too_many_cells_is_named() {
    add_refused("t.csv", "a,b\n1,2\n3\n", &["row 2 (line 3) has 1 cell, the header has 2"]);
    add_refused("t.csv", "a,b\n1,2\n3,4,5\n", &["row 2 (line 3) has 3 cells, the header has 2"]);
    add_refused("t.csv", "a,b\n\"x\n\ny\",2\n\n3\n", &["row 2 (line 6) has 1 cell"]);
}

#[test]
fn quotes_that_do_not_pair_are_named_with_row_and_column() {
    add_refused("t.csv", "a,b\n1,\"2\n3,4\n", &["row 1 (line 2), column \"b\": the quote is never closed", "doubled"]);
    add_refused("t.csv", "a,b\n1,2\n5\" pipe,4\n", &["row 2 (line 3), column \"a\": a quote inside a cell"]);
    add_refused("t.csv", "a,b\n1,\"2\"x\n", &["row 1 (line 2), column \"b\": text after the closing quote"]);
    add_refused("t.csv", "a,\"b\n1,2\n", &["the header: the quote is never closed"]);
}

#[test]
fn other_encodings_than_utf_8_are_named() {
    let utf16: Vec<u8> = "\u{feff}a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let swapped: Vec<u8> = utf16.chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    for name in ["t.csv", "t.jsonl"] {
        add_refused(name, &utf16, &["UTF-16", "iconv"]);
        add_refused(name, &swapped, &["UTF-16", "iconv"]);
    }
    add_refused("t.csv", b"a,b\n1,tea\n2,caf\xe9\n", &["row 2 (line 3), column \"b\": the text is not UTF-8", "iconv"]);
    add_refused("t.jsonl", b"{\"a\": 1}\n{\"a\": \"caf\xe9\"}\n", &["line 2", "JSON"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name() {
    for (name, content) in [("t.csv", "\u{feff}a,b\n1,2\n"), ("t.jsonl", "\u{feff}{\"a\": 1, \"b\": 2}\n")] {
        let project = TestProject::new();
        project.write(name, content);
        let table = read_file(&project.path(name)).unwrap();
        assert_eq!(table.names().collect::<Vec<_>>(), ["a", "b"], "{name}");
        assert_eq!(table.collect().unwrap().height(), 1);
    }
}

#[test]
fn two_columns_of_one_name_are_refused() {
    add_refused("t.csv", "a,b,a\n1,2,3\n", &["two columns are called \"a\"", "rename"]);
    add_refused("t.jsonl", "{\"a\": 1}\n{\"a\": 1, \"b\": 2, \"a\": 3}\n", &["line 2", "\"a\" is there twice"]);
}

/// Two columns, one of them 16-bit floats, as pyarrow 26 writes them.
const HALF: &[u8] = include_bytes!("half.parquet");

#[test]
fn a_column_of_16_bit_floats_is_named() {
    add_refused("t.parquet", HALF, &["column \"h\" has 16-bit floats", "32-bit"]);
}

#[test]
fn quoted_line_ends_crlf_and_a_missing_last_line_end_are_read() {
    let project = TestProject::new();
    project.write("t.csv", "a,b\r\n\"x\r\ny, z\",1\r\n\"say \"\"hi\"\"\",2\r\nw,3");
    assert_eq!(project.json(&["data", "add", "t.csv"])["datasets"][0]["rows"], 3);
    let frame = mlops::data::frame_from(&read_file(&project.path("t.csv")).unwrap().collect().unwrap()).unwrap();
    let cells: Vec<Value> = (0..3).map(|row| frame.get("a").unwrap().get(row).to_json()).collect();
    assert_eq!(cells, ["x\r\ny, z", "say \"hi\"", "w"].map(Value::from));
    assert_eq!(frame.get("b").unwrap().get(2).to_json(), json!(3));
    add_refused("t.csv", "a,b\r1,2\r", &["carriage return", "line feed"]);
}

#[test]
fn files_without_rows_are_tables_unless_nothing_says_their_columns() {
    add_refused("t.csv", "", &["the file is empty"]);
    add_refused("t.parquet", "", &["parquet", "write the file again"]);
    assert_eq!(rows_of("t.csv", "a,b\n"), 0);
    assert_eq!(rows_of("t.csv", "a,b"), 0);
    assert_eq!(rows_of("t.jsonl", ""), 0);
    assert_eq!(rows_of("t.jsonl", "\n\n"), 0);
}

#[test]
fn json_lines_that_are_no_objects_or_nest_too_deep_are_named() {
    let deep = format!("{{\"a\": {}{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    add_refused("t.jsonl", format!("{{\"a\": 1}}\n{deep}"), &["line 2", "recursion limit"]);
    for bad in
        ["[1]", "1", "null", "\"a\"", "{\"a\": NaN}", "{\"a\": Infinity}", "{\"a\": 1e999}", "{\"a\": 1", "{a: 1}"]
    {
        add_refused("t.jsonl", format!("{{\"a\": 1}}\n\n{bad}\n"), &["line 3", "JSON object"]);
    }
}

#[test]
fn very_long_lines_are_read() {
    let long = "x".repeat(3_000_000);
    assert_eq!(rows_of("t.csv", format!("a,b\n{long},1\n\"{long}\n{long}\",2\n")), 2);
    assert_eq!(rows_of("t.jsonl", format!("{{\"a\": \"{long}\"}}\n")), 1);
}

#[test]
fn a_column_of_mixed_types_is_read_as_text_and_whole_numbers_beyond_64_bits_as_they_can_be() {
    let project = TestProject::new();
    project.write("t.csv", "a,b,c\n1,99999999999999999999,2013-01-01\nx,1,soon\n2.5,2,\n");
    project.write(
        "u.jsonl",
        "{\"a\": 1, \"b\": 18446744073709551615}\n{\"a\": \"x\", \"b\": 1}\n{\"a\": true, \"b\": 2}\n",
    );
    project.ok(&["data", "add", "t.csv", "u.jsonl"]);
    for name in ["t.csv", "u.jsonl"] {
        let frame = mlops::data::frame_from(&read_file(&project.path(name)).unwrap().collect().unwrap()).unwrap();
        assert_eq!((frame.get("a").unwrap().kind().name(), frame.rows()), ("text", 3), "{name}");
        assert_eq!(frame.get("a").unwrap().get(0).to_json(), "1");
        assert!((0..3).all(|row| !frame.get("b").unwrap().get(row).to_json().is_null()), "{name}");
    }
}

fn parquet() -> Vec<u8> {
    let project = TestProject::new();
    let table = (0..200).fold("a,b,c\n".to_owned(), |t, i| t + &format!("{i},{}.5,word{}\n", i * 3, i % 7));
    project.write("t.csv", table);
    encode(&mut read_file(&project.path("t.csv")).unwrap().collect().unwrap(), Format::Parquet).unwrap()
}

#[test]
fn a_truncated_parquet_file_is_refused() {
    let whole = parquet();
    for length in [1, 4, 11, 12, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        add_refused("t.parquet", &whole[..length], &["t.parquet", "write the file again"]);
    }
}

#[test]
fn a_flipped_byte_in_the_footer_of_a_parquet_file_never_ends_in_a_panic() {
    let whole = parquet();
    let project = TestProject::new();
    let footer = whole.len() - 8 - u32::from_le_bytes(whole[whole.len() - 8..][..4].try_into().unwrap()) as usize;
    for at in (footer..whole.len()).step_by(29).chain([2, 8, whole.len() / 3]) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        project.write("t.parquet", &bytes);
        let before = project.disk();
        let output = project.run(&["model", "predict", "--url", "http://127.0.0.1:1", "-i", "t.parquet"]);
        assert!([2, 3].contains(&output.code) && !output.stderr.contains("panicked"), "byte {at}\n{output}");
        assert!(output.code == 3 || output.stderr.contains("t.parquet"), "byte {at}\n{output}");
        assert!(project.disk() == before, "byte {at}");
    }
}

#[test]
fn nan_is_missing_and_infinities_are_refused_by_name_where_they_cannot_be_learned_from() {
    let project = trial("x,z,y\nNaN,1,0\n2,2,1\nnan,3,0\n4,4,1\n1,5,0\n5,6,1\n");
    for recipe in ESTIMATORS {
        predicted(&project, recipe);
    }
    let joined = project.ok(&["feature", "join", "s", "-o", "out.jsonl"]);
    assert_eq!(joined.code, 0);
    let first: Value = serde_json::from_str(project.read("out.jsonl").lines().next().unwrap()).unwrap();
    assert_eq!(first["x"], Value::Null);

    let project = trial("x,z,y\n1,1,0\ninf,2,1\n3,3,0\n-inf,4,1\n");
    for recipe in ESTIMATORS {
        let failed = project.fails(2, &["run", "train", recipe]);
        failed.says(&["column \"x\" is inf", "row 2", "hint: "]);
    }
}

#[test]
fn labels_of_one_class_none_or_many_are_refused() {
    for (labels, parts) in [
        (["1", "1", "1", "1"], &["all 4 labels are of one class", "two classes"][..]),
        (["a", "a", "a", "a"], &["set s: label", "only one class, \"a\""]),
        (["", "", "", ""], &["set s: label", "no row has a label"]),
        (["2013-01-01", "2013-01-02", "2013-01-03", "2013-01-04"], &["a time can't be a label"]),
    ] {
        let table = labels.iter().enumerate().fold("x,y\n".to_owned(), |t, (i, y)| t + &format!("{i},{y}\n"));
        let project = trial(&table);
        project.fails(2, &["run", "train", "tree"]).says(parts).says(&["hint: "]);
        assert_eq!(project.json(&["run", "list"])["runs"][0]["status"], "failed");
    }
}

#[test]
fn rows_without_a_label_are_left_out_of_training() {
    let project = trial("x,y\n1,0\n2,1\n3,\n4,0\n5,1\n");
    let run = project.json(&["run", "train", "tree"]);
    assert_eq!((&run["rows"]["train"], &run["rows"]["none"]), (&json!(4), &json!(1)));
}

#[test]
fn a_table_without_rows_or_features_is_nothing_to_learn_from() {
    let project = trial("x,y\n");
    project.fails(2, &["run", "train", "tree"]).says(&["hint: "]);
    let project = trial("y\n0\n1\n");
    project.fails(2, &["run", "train", "tree"]).says(&["nothing to learn from", "hint: "]);
}

#[test]
fn constant_and_empty_columns_are_learned_with() {
    let table = (0..20).fold("same,none,word,x,y\n".to_owned(), |t, i| t + &format!("7,,w,{i},{}\n", u8::from(i > 9)));
    let project = trial(&table);
    for recipe in ESTIMATORS {
        let right = predicted(&project, recipe).iter().filter(|r| r["prediction"] == *r["y"].to_string()).count();
        assert!(right >= 18, "{recipe}: {right}");
    }
}

#[test]
fn names_with_quotes_line_ends_and_nothing_in_them_are_columns_like_others() {
    let table = (0..20).fold("\"say \"\"hi\"\"\",\"two\nlines\",,\"a,b\",ü,y\n".to_owned(), |t, i| {
        t + &format!("{i},{},{},w{},{i},{}\n", i * 2, i % 3, i % 2, u8::from(i > 9))
    });
    let project = trial(&table);
    for recipe in ["logistic", "tree"] {
        predicted(&project, recipe);
    }
    let shown = project.json(&["model", "show", "tree"]);
    assert_eq!(shown["request"], json!(["say \"hi\"", "two\nlines", "", "a,b", "ü"]));
    project.ok(&["run", "train", "tree"]);
}

#[test]
fn columns_called_like_a_joined_sets_own_are_refused() {
    for name in ["__label", "__split", "__time"] {
        let project = trial(&format!("x,{name},y\n1,2,0\n2,3,1\n"));
        project.refuses(2, &["feature", "join", "s"]).says(&[name, "rename"]);
    }
}

#[test]
fn a_column_called_like_a_views_feature_is_refused() {
    let project = trial("x,v__x,at,y\n1,2,2013-01-01,0\n2,3,2013-01-02,1\n");
    project.define(
        "[data.d]\npath = \"d.csv\"\n[entity.e]\nkeys = [\"x\"]\n[feature.v]\nsource = \"d\"\nentity = \"e\"\nevent_time = \"at\"\n\
         columns = [\"x\"]\n[set.s]\nspine = \"d\"\nevent_time = \"at\"\nlabel = \"y\"\nfeatures = [\"*\", \"v:*\"]\n",
    );
    project.refuses(2, &["feature", "join", "s"]).says(&["\"v__x\"", "feature of view v", "rename"]);
}

#[test]
fn ten_thousand_columns_are_learned_with() {
    let names: Vec<String> = (0..10_000).map(|i| format!("c{i}")).collect();
    let row = |r: usize| (0..10_000).map(|c| (c * 7 + r * 13) % 10).fold(String::new(), |t, v| t + &format!("{v},"));
    let table =
        (0..12).fold(format!("{},y\n", names.join(",")), |t, r| t + &row(r) + if r % 2 == 0 { "0\n" } else { "1\n" });
    let project = trial(&table);
    assert_eq!(project.json(&["run", "train", "tree"])["rows"]["train"], 12);
}

#[test]
fn a_hundred_thousand_categories_are_learned_with() {
    let table = (0..100_000)
        .fold("word,x,y\n".to_owned(), |t, i| t + &format!("w{i},{},{}\n", i % 100, u8::from(i % 100 > 49)));
    let project = trial(&table);
    let run = project.json(&["run", "train", "tree"]);
    assert!(run["metrics"]["train.auc"].as_f64().unwrap() > 0.95, "{run}");
}

#[test]
fn files_whose_names_make_no_dataset_name_are_refused_or_renamed() {
    let project = TestProject::new();
    project.write("dir/a\nb.csv", "x\n1\n");
    assert_eq!(project.json(&["data", "add", "dir/a\nb.csv"])["datasets"][0]["name"], "a_b");
    project.ok(&["data", "status"]);
    let long = format!("{}.csv", "n".repeat(251));
    project.write(&long, "x\n1\n");
    assert_eq!(project.json(&["data", "add", &long])["datasets"][0]["name"].as_str().unwrap().len(), 100);
    project.write("___.csv", "x\n1\n");
    project.refuses(2, &["data", "add", "___.csv"]).says(&["not a name", "--name"]);
    project.write("Twin.csv", "x\n1\n");
    project.write("twin.csv", "x\n2\n");
    project.ok(&["data", "add", "Twin.csv"]);
    project.refuses(2, &["data", "add", "twin.csv"]).says(&["\"twin\"", "another path"]);
}

#[test]
fn columns_called_as_preparation_calls_its_own_are_named_where_both_would_be_there() {
    let table = (0..20).fold("c,\"c=a\",x,x__missing,y\n".to_owned(), |t, i| {
        let x = if i % 4 == 0 { String::new() } else { i.to_string() };
        t + &format!("{},{},{x},{},{}\n", ["a", "b"][i % 2], i * 3 % 7, i * 5 % 11, u8::from(i > 9))
    });
    let project = trial(&table);
    for recipe in ["tree", "forest", "boosting"] {
        predicted(&project, recipe);
    }
    for recipe in ["logistic", "svm"] {
        project.fails(2, &["run", "train", recipe]).says(&["preparation writes a column", "rename the column"]);
    }
}

#[test]
fn the_ends_of_the_range_of_numbers_are_learned_with() {
    let table = (0..24).fold("x,z,w,y\n".to_owned(), |t, i| {
        let x = ["1.7e308", "-1.7e308", "5e-324", "1e307"][i % 4];
        t + &format!("{x},{},-0.0,{}\n", if i % 3 == 0 { "1e308".to_owned() } else { i.to_string() }, u8::from(i > 11))
    });
    let project = trial(&table);
    for recipe in ["tree", "forest", "boosting"] {
        predicted(&project, recipe);
    }
    // A linear model either learns or says which column is too large for it.
    for recipe in ["logistic", "svm"] {
        let output = project.run(&["run", "train", recipe]);
        assert!(!output.stderr.contains("panicked"), "{output}");
        if output.code == 0 {
            predicted(&project, recipe);
        } else {
            assert_eq!(output.code, 2, "{output}");
            output.says(&["column \"", "row ", "hint: "]);
        }
    }
}

#[test]
fn drift_of_hostile_columns_is_a_verdict_or_says_why_not() {
    use mlops::data::columns_of;
    use mlops::monitor::statistics::Test;
    use mlops::monitor::{DriftOptions, drift};
    use mlops::progress::Progress;
    let project = TestProject::new();
    let column = |name: &str, cell: &dyn Fn(usize) -> String| (name.to_owned(), (0..30).map(cell).collect::<Vec<_>>());
    let columns = [
        column("none", &|_| String::new()),
        column("nan", &|i| if i == 0 { "1".into() } else { "NaN".into() }),
        column("inf", &|i| ["inf", "-inf", "1"][i % 3].into()),
        column("same", &|_| "7".into()),
        column("huge", &|i| format!("{}1.7e308", if i % 2 == 0 { "" } else { "-" })),
        column("tiny", &|i| format!("{i}e-320")),
        column("word", &|i| format!("w{}", i % 3)),
        column("empty word", &|i| if i % 2 == 0 { "\"\"".into() } else { "x".into() }),
        column("mixed", &|i| if i == 7 { "seven".into() } else { i.to_string() }),
        column("time", &|i| format!("2013-01-{:02}", i + 1)),
        column("yes", &|i| (i % 2 == 0).to_string()),
    ];
    let table = |rows: std::ops::Range<usize>| {
        let head: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let line = |row: usize| columns.iter().map(|(_, cells)| cells[row].clone()).collect::<Vec<_>>().join(",");
        std::iter::once(head.join(",")).chain(rows.map(line)).map(|line| line + "\n").collect::<String>()
    };
    project.write("a.csv", table(0..30));
    project.write("b.csv", table(10..30));
    project.write("one.csv", table(7..8));
    for (reference, current) in
        [("a.csv", "a.csv"), ("a.csv", "b.csv"), ("b.csv", "a.csv"), ("a.csv", "one.csv"), ("one.csv", "b.csv")]
    {
        let output = project.run(&["monitor", "drift", "--reference", reference, "--current", current, "--json"]);
        assert!([0, 1].contains(&output.code) || output.stderr.contains("\"hint\""), "{output}");
        assert!(reference != current || output.json()["drifted"] == false, "{output}");
        let open = |name: &str| columns_of(read_file(&project.path(name)).unwrap()).unwrap();
        let (a, b) = (open(reference), open(current));
        for ((name, _), test) in columns.iter().flat_map(|c| Test::ALL.map(|test| (c, test))) {
            let options = DriftOptions {
                columns: Some(vec![name.clone()]),
                tests: [(name.clone(), test)].into(),
                ..DriftOptions::default()
            };
            match drift(a.as_ref(), b.as_ref(), &options, &Progress::quiet()) {
                Ok(found) => {
                    let column = &found.columns[0];
                    assert!(column.score.is_finite(), "{name} {test}: {column:?}");
                    assert!(reference != current || !column.drifted, "{name} {test}: {column:?}");
                }
                Err(e) => {
                    assert!(e.message().contains(&format!("\"{name}\"")), "{name} {test}: {e}");
                    assert!(e.hint_text().is_some(), "{name} {test}: {e}");
                }
            }
        }
    }
}
