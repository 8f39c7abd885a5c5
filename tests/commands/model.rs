//! `mlops model …` through the binary.

use crate::common::TestProject;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

const DEFINITIONS: &str = r#"
[data.visits]
path = "visits.csv"
key = ["id"]

[set.visits]
spine = "visits"
label = "outcome"
features = ["age", "city"]
split = { by = "hash", test = 0.2 }

[train.logistic]
set = "visits"
model = "logistic"

[train.tree]
set = "visits"
model = "tree"
"#;

/// Sixty visits: the older and those of the north say yes.
fn table() -> String {
    (0..60).fold("id,age,city,outcome\n".to_owned(), |text, id| {
        let (age, city) = (20 + id * 7 % 50, ["north", "south", ""][id % 3]);
        let yes = age + if city == "north" { 15 } else { 0 } + id * 11 % 13 > 52;
        text + &format!("{id},{age},{city},{}\n", if yes { "yes" } else { "no" })
    })
}

fn visits() -> TestProject {
    let project = TestProject::with(DEFINITIONS);
    project.write("visits.csv", table());
    project.ok(&["data", "add"]);
    project
}

fn train(project: &TestProject, recipe: &str) -> Value {
    project.json(&["run", "train", recipe])
}

/// A project with `visits@1` (logistic, champion) and `visits@2` (tree, candidate).
fn registered() -> TestProject {
    let project = visits();
    for (recipe, alias) in [("logistic", "champion"), ("tree", "candidate")] {
        train(&project, recipe);
        project.ok(&["model", "register", recipe, "visits", "--alias", alias]);
    }
    project
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn blob(project: &TestProject, hash: &str) -> PathBuf {
    project.path(".mlops/objects").join(&hash[..2]).join(&hash[2..])
}

#[test]
fn register_counts_versions_and_the_same_model_is_the_same_version() {
    let project = visits();
    let run = train(&project, "logistic");
    let first = project.json(&["model", "register", text(&run, "run"), "visits", "--alias", "champion"]);
    assert_eq!(
        first,
        json!({ "name": "visits", "version": 1, "hash": run["model"], "run": run["run"], "aliases": ["champion"] })
    );
    train(&project, "logistic");
    assert_eq!(project.json(&["model", "register", "logistic", "visits"])["version"], 1, "the same bits");
    train(&project, "tree");
    assert_eq!(project.json(&["model", "register", "tree", "visits"])["version"], 2);
    assert_eq!(project.json(&["model", "register", "tree", "other"])["version"], 1);
    let listed = project.json(&["model", "list", "visits"])["models"].clone();
    let versions: Vec<&Value> = listed.as_array().unwrap().iter().map(|m| &m["version"]).collect();
    assert_eq!(versions, [2, 1]);
    assert_eq!((&listed[0]["aliases"], &listed[1]["aliases"]), (&json!([]), &json!(["champion"])));
    assert_eq!(project.json(&["model", "list"])["models"].as_array().unwrap().len(), 3);
    project.ok(&["model", "list"]).shows(&["visits@1", "champion", "visits@2", "other@1"]);
}

#[test]
fn an_alias_points_at_one_version_and_moves() {
    let project = registered();
    let moved = project.json(&["model", "alias", "visits", "champion", "visits@2"]);
    assert_eq!(moved, json!({ "name": "visits", "alias": "champion", "version": 2, "before": 1 }));
    assert_eq!(project.json(&["model", "show", "visits@champion"])["registered"], json!(["visits", 2]));
    project.ok(&["model", "alias", "visits", "champion", "visits@1"]).shows(&["visits@2 → visits@1"]);
    for number in ["2", "v1"] {
        project.ok(&["model", "alias", "visits", "champion", number]);
    }
    assert_eq!(project.json(&["model", "alias", "visits", "best", "visits@candidate"])["version"], 2);
    let gone = project.json(&["model", "alias", "visits", "best", "--delete"]);
    assert_eq!((&gone["version"], &gone["before"]), (&Value::Null, &json!(2)));
    project.fails(2, &["model", "show", "visits@best"]).says(&["visits@best", "candidate, champion", "1 to 2"]);
}

#[test]
fn an_alias_is_refused_where_it_cannot_point() {
    let project = registered();
    let before = project.json(&["model", "list"]);
    train(&project, "tree");
    project.ok(&["model", "register", "tree", "other"]);
    project.fails(2, &["model", "alias", "visits", "champion"]).says(&["where should the alias point?", "--delete"]);
    project.fails(2, &["model", "alias", "visits", "champion", "visits@9"]).says(&["visits@9", "versions 1 to 2"]);
    project.fails(2, &["model", "alias", "visits", "champion", "nope"]).says(&["\"nope\""]);
    project.fails(2, &["model", "alias", "visits", "latest", "visits@1"]).says(&["latest", "hint: "]);
    project.fails(2, &["model", "alias", "visits", "7", "visits@1"]).says(&["7", "hint: "]);
    project.fails(2, &["model", "alias", "visits", "nope", "--delete"]).says(&["alias \"nope\"", "champion"]);
    project
        .fails(2, &["model", "alias", "visist", "champion", "visits@1"])
        .says(&["visits@1 is not a version", "visist"]);
    for bad in ["a/b", "a\nb", "Champion", "", &"a".repeat(255)] {
        project.fails(2, &["model", "alias", "visits", bad, "visits@1"]).says(&["is not a name"]);
        project.fails(2, &["model", "register", "logistic", bad]).says(&["is not a name"]);
    }
    let after = project.json(&["model", "list", "visits"]);
    assert_eq!(after["models"], before["models"]);
}

#[test]
fn one_model_is_named_by_name_version_alias_run_recipe_hash_and_prefix() {
    let project = registered();
    let shown = project.json(&["model", "show", "visits@1"]);
    let (hash, run) = (text(&shown, "hash").to_owned(), project.json(&["run", "show", "logistic"]));
    assert_eq!(shown["registered"], json!(["visits", 1]));
    let id = text(&run, "run");
    for reference in ["visits", "visits@v1", "visits@champion", &hash, &hash[..10], id, &id[..10], "logistic"] {
        assert_eq!(project.json(&["model", "show", reference]), shown, "{reference}");
    }
    assert_eq!(project.json(&["model", "show", "visits@latest"])["registered"], json!(["visits", 2]));
    assert_eq!(project.json(&["model", "show", "visits@candidate"])["registered"], json!(["visits", 2]));
    project.ok(&["model", "alias", "visits", "champion", "--delete"]);
    assert_eq!(
        project.json(&["model", "show", "visits"])["registered"],
        json!(["visits", 2]),
        "without a champion the newest"
    );
}

#[test]
fn show_says_what_goes_in_and_out_and_what_it_was_made_of() {
    let project = registered();
    let shown = project.json(&["model", "show", "visits"]);
    assert_eq!(shown["estimator"], "logistic");
    assert_eq!(
        shown["signature"],
        json!({ "task": "binary", "label": "outcome", "classes": ["no", "yes"], "threshold": 0.5 })
    );
    assert_eq!(shown["request"], json!(["age", "city"]));
    assert_eq!(shown["features"]["inputs"][1], json!({ "name": "city", "type": "text" }));
    assert_eq!(
        project.read("mlops.lock").trim(),
        format!("visits {}", shown["lineage"]["data"][0][1].as_str().unwrap())
    );
    project.ok(&["model", "show", "visits"]).shows(&[
        "visits@1  logistic",
        "outcome (binary: yes from 0.5)",
        "age, city",
        "test.auc",
    ]);
}

#[test]
fn unknown_models_are_refused_with_the_nearest() {
    let project = registered();
    for command in [
        &["model", "show", "visist"][..],
        &["model", "list", "visist"],
        &["model", "predict", "visist", "-i", "visits"],
    ] {
        project.fails(2, command).says(&["model \"visist\"", "did you mean \"visits\"?"]);
    }
    project.fails(2, &["model", "show", "visits@9"]).says(&["visits@9", "versions 1 to 2"]);
    project.fails(2, &["model", "show", "visits@0"]).says(&["counted from 1"]);
    project.fails(2, &["model", "show", "ffffffffff"]).says(&["model \"ffffffffff\""]);
    project.fails(2, &["model", "show", "a/b"]).says(&["not a reference"]);
    project
        .fails(2, &["model", "register", "logistik", "visits"])
        .says(&["no run \"logistik\"", "did you mean \"logistic\"?"]);
    let error = project.fails(2, &["model", "show", "visist", "--json"]).error();
    assert_eq!((&error["kind"], &error["hint"]), (&json!("not_found"), &json!("did you mean \"visits\"?")));
}

#[test]
fn predict_writes_every_row_in_order_with_probability_and_class() {
    let project = registered();
    let to_stdout = project.ok(&["model", "predict", "visits", "--input", "visits.csv"]).stdout;
    let rows = lines(&to_stdout);
    assert_eq!(rows.len(), 60);
    for (at, row) in rows.iter().enumerate() {
        let probability = row["probability"].as_f64().unwrap();
        assert_eq!(row["id"], at);
        assert!((0.0..=1.0).contains(&probability), "{row}");
        assert_eq!(row["prediction"], if probability >= 0.5 { "yes" } else { "no" });
    }
    let right = rows.iter().filter(|r| r["prediction"] == r["outcome"]).count();
    assert!(right > 45, "{right} of 60");
    for ending in ["csv", "parquet", "jsonl"] {
        let output = format!("scored.{ending}");
        assert_eq!(
            project.json(&["model", "predict", "visits", "-i", "visits.csv", "-o", &output]),
            json!({ "rows": 60, "output": output })
        );
        assert_eq!(project.ok(&["model", "predict", "visits", "-i", &output]).stdout, to_stdout, "{ending}");
    }
    assert_eq!(project.read("scored.jsonl"), to_stdout);
    assert_eq!(project.ok(&["model", "predict", "visits", "-i", "visits@1"]).stdout, to_stdout, "a dataset");
    assert_eq!(project.ok(&["model", "predict", "visits", "-i", "visits.csv", "--json"]).stdout, to_stdout);
}

#[test]
fn predict_needs_only_the_columns_the_model_takes_and_no_row_is_fine() {
    let project = registered();
    project.write("new.jsonl", "{\"city\": \"north\", \"age\": 61}\n{\"city\": null, \"age\": null}\n");
    let rows = lines(&project.ok(&["model", "predict", "visits", "-i", "new.jsonl"]).stdout);
    assert_eq!((rows.len(), &rows[0]["prediction"]), (2, &json!("yes")));
    assert!(rows[1]["probability"].is_f64());
    project.write("none.csv", "age,city\n");
    assert_eq!(project.ok(&["model", "predict", "visits", "-i", "none.csv"]).stdout, "");
    assert_eq!(project.json(&["model", "predict", "visits", "-i", "none.csv", "-o", "none.parquet"])["rows"], 0);
}

#[test]
fn an_unseen_category_is_scored_like_no_known_one() {
    for recipe in ["logistic", "tree"] {
        let project = visits();
        train(&project, recipe);
        project.write("new.csv", "age,city\n40,atlantis\n40,\"a\nb\"\n40,\n");
        let rows = lines(&project.ok(&["model", "predict", recipe, "-i", "new.csv"]).stdout);
        assert_eq!(rows[0]["probability"], rows[1]["probability"], "{recipe}");
        assert_eq!(rows[0]["probability"], rows[2]["probability"], "{recipe}: as one without");
    }
}

#[test]
fn a_missing_column_or_one_of_another_type_is_named_and_nothing_is_written() {
    let project = registered();
    let number = "column \"age\" is text, the model takes a number";
    for (name, content, parts) in [
        ("new.csv", "aeg,city\n40,north\n", ["column \"age\"", "the model takes age, city"]),
        ("new.csv", "age,city\n,north\n40,north\nforty,north\n", [number, "row 3 says \"forty\""]),
        (
            "new.jsonl",
            "{\"age\": 40}\n{\"age\": 40, \"city\": 7}\n",
            ["column \"city\" is number, the model takes a text", "row 2 says 7"],
        ),
        ("new.csv", "age,city\n2013-01-01,north\n", ["column \"age\" is time", "row 1 says \"2013-01-01"]),
        ("new.jsonl", "{\"age\": \"40\", \"city\": \"north\"}\n", [number, "row 1 says \"40\""]),
        ("new.jsonl", "{\"age\": [40], \"city\": \"north\"}\n", [number, "row 1 says \"[40]\""]),
    ] {
        project.write(name, content);
        project
            .refuses(2, &["model", "predict", "visits", "-i", name, "-o", "out.csv"])
            .says(&[name, "hint: "])
            .says(&parts);
    }
}

#[test]
fn inputs_and_outputs_that_cannot_be_are_refused_before_anything_is_written() {
    let project = registered();
    let files = project.files("");
    let predict = |args: &[&str]| project.fails(2, &[&["model", "predict"][..], args].concat());
    predict(&["visits", "-i", "nothing.csv"]).says(&["nothing.csv", "hint: "]);
    predict(&["visits", "-i", "visist"]).says(&["\"visist\"", "did you mean \"visits\"?"]);
    predict(&["visits", "-i", "mlops.toml"]).says(&["mlops.toml", ".parquet"]);
    predict(&["visits", "-i", "visits.csv", "-o", "out.txt"]).says(&["out.txt", ".parquet"]);
    predict(&["visits", "-i", "visits.csv", "-o", "no/such/out.csv"]).says(&["no folder", "no/such"]);
    predict(&["-i", "visits.csv"]).says(&["<MODEL>"]);
    predict(&["visits", "-i", "visits.csv", "--url", "http://127.0.0.1:1"]).says(&["cannot be used with"]);
    assert_eq!(project.files(""), files);
}

/// Changes a blob's file, which is read-only.
fn damage(path: &PathBuf, change: &str) {
    let bytes = std::fs::read(path).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let middle = bytes.len() / 2;
    match change {
        "flip" => std::fs::write(path, [&bytes[..middle], &[bytes[middle] ^ 1], &bytes[middle + 1..]].concat()),
        "truncate" => std::fs::write(path, &bytes[..middle]),
        "empty" => std::fs::write(path, ""),
        _ => std::fs::remove_file(path),
    }
    .unwrap();
}

#[test]
fn a_damaged_bundle_is_an_error_of_the_environment_that_names_model_and_blob() {
    for change in ["flip", "truncate", "empty", "remove"] {
        for part in ["manifest", "tensors"] {
            let project = registered();
            let hash = text(&project.json(&["model", "show", "visits@1"]), "hash").to_owned();
            let manifest: Value = serde_json::from_slice(&std::fs::read(blob(&project, &hash)).unwrap()).unwrap();
            let broken = if part == "manifest" { hash.clone() } else { text(&manifest, "tensor_blob").to_owned() };
            damage(&blob(&project, &broken), change);
            let files = project.files("");
            for command in [
                &["model", "show", "visits@1"][..],
                &["model", "predict", "visits@1", "-i", "visits.csv", "-o", "out.csv"],
                &["model", "register", "logistic", "copy"],
            ] {
                let failed = project.fails(3, command);
                failed.says(&[&format!("model {}", &hash[..12]), &format!("blob {}", &broken[..12]), "hint: "]);
                assert!(!failed.stderr.contains("panicked"), "{failed}");
            }
            assert_eq!(project.files(""), files, "{change} {part}");
            project.ok(&["model", "show", "visits@2"]);
            let checked = project.run(&["fsck"]);
            assert_eq!(checked.code, 3, "{change} {part} {checked}");
        }
    }
}

#[test]
fn a_lost_model_comes_back_by_training_again() {
    let project = registered();
    let hash = text(&project.json(&["model", "show", "visits@1"]), "hash").to_owned();
    damage(&blob(&project, &hash), "remove");
    project.fails(3, &["model", "show", "visits@1"]).says(&["mlops run train"]);
    assert_eq!(train(&project, "logistic")["model"], *hash);
    project.ok(&["model", "show", "visits@1"]);
}

const VIEWS: &str = r#"
[data.readings]
path = "readings.csv"

[data.visits]
path = "visits.csv"

[entity.city]
keys = ["city"]

[feature.air]
source = "readings"
entity = "city"
event_time = "at"
ttl = "2h"
columns = ["dust"]
windows = [{ column = "dust", agg = ["mean", "count"], over = ["3h"] }]

[set.visits]
spine = "visits"
event_time = "at"
label = "ill"
features = ["air:*"]
derive = { hour = "EXTRACT(hour FROM at)", much = "air__dust > 5" }

[train.tree]
set = "visits"
model = "tree"
params = { min_samples_leaf = 1 }
"#;

/// Dust by the hour and visits half an hour later, a tree trained on them.
fn air() -> TestProject {
    let project = TestProject::with(VIEWS);
    let readings = (0..24).map(|h| format!("north,2013-01-01T{h:02}:00:00Z,{}\n", h % 7 * 2)).collect::<String>();
    project.write("readings.csv", format!("city,at,dust\n{readings}"));
    let visits =
        (0..24).map(|h| format!("north,2013-01-01T{h:02}:30:00Z,{}\n", u8::from(h % 7 * 2 > 5))).collect::<String>();
    project.write("visits.csv", format!("city,at,ill\n{visits}"));
    project.ok(&["data", "add"]);
    train(&project, "tree");
    project
}

#[test]
fn features_of_views_are_joined_as_known_at_each_rows_time() {
    let project = air();
    assert_eq!(project.json(&["model", "show", "tree"])["request"], json!(["at", "city"]));
    let rows = lines(&project.ok(&["model", "predict", "tree", "-i", "visits.csv"]).stdout);
    assert!(rows.iter().all(|r| r["prediction"] == *r["ill"].to_string()), "{rows:?}");
    project.write("late.csv", "city,at\nnorth,2013-02-01T00:00:00Z\nnowhere,2013-01-01T04:30:00Z\n");
    let rows = lines(&project.ok(&["model", "predict", "tree", "-i", "late.csv"]).stdout);
    assert_eq!(rows.len(), 2, "rows without features are answered too");
    project.write("late.csv", "city,when\nnorth,2013-02-01T00:00:00Z\n");
    project.fails(2, &["model", "predict", "tree", "-i", "late.csv"]).says(&[
        "late.csv",
        "\"at\"",
        "the model takes at, city",
    ]);
    project.write("late.csv", "town,at\nnorth,2013-02-01T00:00:00Z\n");
    project.fails(2, &["model", "predict", "tree", "-i", "late.csv"]).says(&[
        "late.csv",
        "\"city\"",
        "the model takes at, city",
    ]);
    project.write("late.csv", "city,at\nnorth,noon\n");
    project.fails(2, &["model", "predict", "tree", "-i", "late.csv"]).says(&["late.csv", "\"at\"", "time"]);
}

#[test]
fn a_brought_feature_takes_the_place_of_the_looked_up_one_as_on_a_server() {
    let project = air();
    let predicted = |table: &str| {
        project.write("new.csv", table);
        lines(&project.ok(&["model", "predict", "tree", "-i", "new.csv"]).stdout)[0]["prediction"].clone()
    };
    assert_eq!(predicted("city,at\nnorth,2013-01-01T07:30:00Z\n"), "0");
    let brought = "city,at,air__dust,air__dust_mean_3h\nnorth,2013-01-01T07:30:00Z,12,12\n";
    assert_eq!(predicted(brought), "1");
}
