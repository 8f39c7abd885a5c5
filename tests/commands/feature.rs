//! `mlops feature …` through the binary.

use crate::common::{TestProject, loans};
use mlops::project::time_text;
use proptest::prelude::*;
use serde_json::{Value, json};

const WEATHER: &str = "\
station,at,temp
a,2013-01-01T00:00:00Z,1
a,2013-01-01T02:00:00Z,3
b,2013-01-01T01:00:00Z,7
a,2013-01-01T05:00:00Z,6
";
const TRIPS: &str = "\
id,station,at,late
1,a,2013-01-01T02:00:00Z,0
2,b,2013-01-01T00:30:00Z,1
3,a,2013-01-01T04:00:00Z,1
4,c,2013-01-01T04:00:00Z,0
5,b,2013-01-01T09:00:00Z,1
6,,2013-01-01T04:00:00Z,0
";
const DEFINITIONS: &str = r#"
[data.weather]
path = "weather.csv"

[data.trips]
path = "trips.csv"
key = ["id"]

[entity.station]
keys = ["station"]

[feature.weather]
source = "weather"
entity = "station"
event_time = "at"
ttl = "3h"
columns = ["temp"]

[set.trips]
spine = "trips"
event_time = "at"
label = "late"
features = ["id", "weather:*"]
"#;

/// Weather by station and trips that ask for it, added.
fn weather() -> TestProject {
    let project = TestProject::with(DEFINITIONS);
    project.write("weather.csv", WEATHER);
    project.write("trips.csv", TRIPS);
    project.ok(&["data", "add"]);
    project
}

/// The same with one thing in the definitions put otherwise.
fn weather_with(old: &str, new: &str) -> TestProject {
    let project = weather();
    assert!(DEFINITIONS.contains(old), "{old}");
    project.define(&DEFINITIONS.replace(old, new));
    project
}

/// The joined rows of a set, as JSON objects.
fn rows(project: &TestProject, set: &str) -> Vec<Value> {
    project.ok(&["feature", "join", set, "--output", "joined.jsonl"]);
    project.read("joined.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn column(rows: &[Value], name: &str) -> Vec<Value> {
    rows.iter().map(|row| row.get(name).unwrap_or_else(|| panic!("no {name} in {row}")).clone()).collect()
}

/// The online value of a feature.
fn online(project: &TestProject, args: &[&str], name: &str) -> Value {
    let got = project.json(&[&["feature", "get"], args].concat());
    let found = got["features"].as_array().unwrap().iter().find(|f| f["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {got}"))["value"].clone()
}

#[test]
fn plan_names_what_was_added_changed_and_removed_and_apply_settles_it() {
    let project = weather();
    let plan = project.json(&["feature", "plan"]);
    assert_eq!((&plan["clean"], &plan["views"][0]["action"]), (&json!(false), &json!("add")));
    project.fails(1, &["feature", "plan", "--exit-code"]).shows(&["+ add weather"]);
    assert_eq!(project.json(&["feature", "apply"])["views"][0]["action"], "add");
    assert_eq!(project.json(&["feature", "plan", "--exit-code"])["clean"], true);

    project.define(&DEFINITIONS.replace("ttl = \"3h\"", "ttl = \"4h\""));
    project.fails(1, &["feature", "plan", "--exit-code"]).shows(&["~ change weather (ttl)"]);
    project.define(&DEFINITIONS.replace("keys = [\"station\"]", "keys = [\"station\", \"temp\"]"));
    project.ok(&["feature", "plan"]).shows(&["~ change weather (entity keys)"]);

    project.define("[data.weather]\npath = \"weather.csv\"\n");
    project.fails(1, &["feature", "plan", "--exit-code"]).shows(&["- remove weather"]);
    assert_eq!(project.json(&["feature", "apply"])["views"][0]["action"], "remove");
    assert_eq!(project.json(&["feature", "plan", "--exit-code"]), json!({ "clean": true, "views": [] }));
}

#[test]
fn apply_refuses_a_view_that_its_data_contradicts_and_records_none() {
    for (old, new, parts) in [
        ("columns = [\"temp\"]", "columns = [\"tmep\"]", ["\"tmep\"", "did you mean \"temp\"?"]),
        ("event_time = \"at\"\nttl", "event_time = \"ta\"\nttl", ["\"ta\"", "did you mean \"at\"?"]),
        ("event_time = \"at\"\nttl", "event_time = \"temp\"\nttl", ["\"temp\" is integer", "a time is needed"]),
        ("keys = [\"station\"]", "keys = [\"staton\"]", ["\"staton\"", "did you mean \"station\"?"]),
        ("columns = [\"temp\"]", "columns = [\"temp\"]\nderive = { warm = \"tmp > 3\" }", ["derive warm", "\"temp\"?"]),
        ("columns = [\"temp\"]", "columns = [\"temp\"]\nderive = { warm = \"sqr(temp)\" }", ["\"sqr\"", "\"sqrt\"?"]),
        ("columns = [\"temp\"]", "columns = [\"temp\", \"temp\"]", ["two features", "\"temp\""]),
        (
            "columns = [\"temp\"]",
            "windows = [{ column = \"station\", agg = [\"mean\"], over = [\"1h\"] }]",
            ["\"station\"", "only count works on it"],
        ),
    ] {
        let project = weather_with(old, new);
        project.fails(2, &["feature", "apply"]).says(&["view weather"]).says(&parts);
        assert_eq!(project.json(&["feature", "plan"])["views"][0]["action"], "add", "{new}");
    }
}

#[test]
fn conditions_and_labels_compare_times_with_literals_and_texts() {
    let project = weather();
    for (at, text) in [
        "at < '2013-01-01 04:00'",
        "at < TIMESTAMP '2013-01-01T04:00:00Z'",
        "at < TIMESTAMP '2013-01-01 06:00:00+02:00'",
        "at >= DATE '2013-01-01' AND NOT (at >= '2013-01-01 04:00')",
    ]
    .iter()
    .enumerate()
    {
        let set = format!("early{at}");
        project.define(&format!(
            "{DEFINITIONS}\n[set.{set}]\nspine = \"trips\"\nlabel = \"late\"\nfeatures = [\"*\"]\nwhere = \"{text}\"\n"
        ));
        let joined = project.ok(&["feature", "join", &set]);
        joined.shows(&["2 rows"]);
        assert_eq!(joined.stderr, "", "{text}");
    }
}

#[test]
fn join_takes_the_newest_row_within_the_ttl_and_reports_how_rows_fared() {
    let project = weather();
    let joined = project.json(&["feature", "join", "trips"]);
    assert_eq!(joined["set"], "trips");
    assert_eq!(joined["rows"], 6);
    assert_eq!(joined["views"], json!([{ "view": "weather", "matched": 2, "expired": 1, "missing": 3 }]));
    assert_eq!(joined["hash"].as_str().unwrap().len(), 64);
    let rows = rows(&project, "trips");
    assert_eq!(column(&rows, "id"), [1, 2, 3, 4, 5, 6].map(Value::from));
    assert_eq!(
        column(&rows, "weather__temp"),
        [json!(3), json!(null), json!(3), json!(null), json!(null), json!(null)]
    );
    assert_eq!(column(&rows, "__label"), [0, 1, 1, 0, 1, 0].map(Value::from));
    assert_eq!(rows[0]["__time"], "2013-01-01T02:00:00Z");
}

#[test]
fn a_row_exactly_as_old_as_the_ttl_counts_and_one_exactly_as_old_as_a_window_does_not() {
    let project = weather_with(
        "columns = [\"temp\"]",
        "columns = [\"temp\"]\nwindows = [{ column = \"temp\", agg = [\"count\", \"sum\"], over = [\"3h\"] }]",
    );
    project.write(
        "trips.csv",
        "id,station,at,late\n1,a,2013-01-01T05:00:00Z,0\n2,b,2013-01-01T04:00:00Z,1\n3,b,2013-01-01T04:00:01Z,1\n",
    );
    project.ok(&["data", "add"]);
    let rows = rows(&project, "trips");
    assert_eq!(column(&rows, "weather__temp"), [json!(6), json!(7), json!(null)]);
    assert_eq!(column(&rows, "weather__temp_count_3h"), [1, 0, 0].map(Value::from));
    assert_eq!(column(&rows, "weather__temp_sum_3h"), [json!(6.0), json!(null), json!(null)]);
}

#[test]
fn of_rows_of_one_instant_the_one_created_last_counts_then_the_last_row() {
    let project = weather_with("ttl = \"3h\"", "created_time = \"made\"");
    project.write(
        "weather.csv",
        "station,at,made,temp\n\
         a,2013-01-01T00:00:00Z,2013-01-01T01:00:00Z,1\na,2013-01-01T00:00:00Z,2013-01-01T00:30:00Z,2\n\
         b,2013-01-01T00:00:00Z,2013-01-01T00:00:00Z,3\nb,2013-01-01T00:00:00Z,2013-01-01T00:00:00Z,4\n",
    );
    project.write("trips.csv", "id,station,at,late\n1,a,2013-01-01T02:00:00Z,0\n2,b,2013-01-01T02:00:00Z,1\n");
    project.ok(&["data", "add"]);
    assert_eq!(column(&rows(&project, "trips"), "weather__temp"), [1, 4].map(Value::from));
}

#[test]
fn a_row_created_later_is_not_known_yet_unless_the_view_says_as_of_event() {
    for (rule, expected) in [("", json!(1)), ("as_of = \"event\"", json!(9))] {
        let project = weather_with("ttl = \"3h\"", &format!("created_time = \"made\"\n{rule}"));
        project.write(
            "weather.csv",
            "station,at,made,temp\na,2013-01-01T00:00:00Z,2013-01-01T00:00:00Z,1\na,2013-01-01T01:00:00Z,2013-01-01T08:00:00Z,9\n",
        );
        project.write("trips.csv", "id,station,at,late\n1,a,2013-01-01T02:00:00Z,0\n");
        project.ok(&["data", "add"]);
        assert_eq!(rows(&project, "trips")[0]["weather__temp"], expected, "{rule}");
    }
}

#[test]
fn a_set_is_joined_once_and_anew_when_its_data_or_definition_changes() {
    let project = weather();
    let hash = |p: &TestProject| p.json(&["feature", "join", "trips"])["hash"].as_str().unwrap().to_owned();
    let first = hash(&project);
    let blobs = project.blobs().len();
    assert_eq!((hash(&project), project.blobs().len()), (first.clone(), blobs));
    project.define(&DEFINITIONS.replace("ttl = \"3h\"", "ttl = \"9h\""));
    let second = hash(&project);
    assert_ne!(second, first);
    project.define(DEFINITIONS);
    assert_eq!(hash(&project), first, "definitions as before are the same set");
    project.write("weather.csv", WEATHER.replace(",6\n", ",8\n"));
    project.ok(&["data", "add"]);
    assert_ne!(hash(&project), first);
}

#[test]
fn a_kept_set_is_read_back_as_it_was_joined() {
    let project = weather_with(
        "features = [\"id\"",
        "split = { by = \"time\", test = \"2013-01-01T04:00:00Z\" }\nfeatures = [\"id\"",
    );
    let first = (project.json(&["feature", "join", "trips"]), rows(&project, "trips"));
    assert_eq!((project.json(&["feature", "join", "trips"]), rows(&project, "trips")), first);
}

#[test]
fn join_writes_csv_parquet_and_json_lines_with_the_same_cells() {
    let project = weather();
    let mut tables = Vec::new();
    for ending in ["csv", "parquet", "jsonl"] {
        let output = format!("out.{ending}");
        assert_eq!(project.json(&["feature", "join", "trips", "-o", &output])["output"], *output);
        let table = mlops::data::read_file(&project.path(&output)).unwrap();
        assert_eq!(table.names().collect::<Vec<_>>(), ["id", "weather__temp", "__label", "__time", "__split"]);
        let frame = mlops::data::frame_from(&table.collect().unwrap()).unwrap();
        tables.push(frame.select_columns(&["id", "weather__temp", "__label", "__time"].map(str::to_owned)).unwrap());
    }
    let cells: Vec<Vec<Value>> = tables
        .iter()
        .map(|t| t.columns().iter().flat_map(|(_, c)| (0..t.rows()).map(|row| c.get(row).to_json())).collect())
        .collect();
    assert_eq!(cells[0], cells[1]);
    assert_eq!(cells[1], cells[2]);
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_anything_is_joined() {
    let project = weather();
    let (files, blobs) = (project.files(""), project.blobs());
    project.fails(2, &["feature", "join", "trips", "-o", "out.xlsx"]).says(&["out.xlsx", ".parquet"]);
    assert_eq!((project.files(""), project.blobs()), (files, blobs));
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let project = weather();
    project.fails(2, &["feature", "join", "trisp"]).says(&["set \"trisp\"", "did you mean \"trips\"?"]);
    project.fails(2, &["feature", "materialize", "wether"]).says(&["view \"wether\"", "did you mean \"weather\"?"]);
    project
        .fails(2, &["feature", "get", "wether", "station=a"])
        .says(&["view \"wether\"", "did you mean \"weather\"?"]);
    project.fails(2, &["feature", "get", "weather", "staton=a"]).says(&["key \"staton\"", "did you mean \"station\"?"]);
    project.fails(2, &["feature", "get", "weather", "station"]).says(&["not KEY=VALUE"]);
    for (feature, parts) in [
        ("wether:*", ["view \"wether\"", "did you mean \"weather\"?"]),
        ("weather:tmp", ["feature \"tmp\"", "did you mean \"temp\"?"]),
        ("ids", ["column \"ids\"", "did you mean \"id\"?"]),
    ] {
        project.define(&DEFINITIONS.replace("weather:*", feature));
        project.fails(2, &["feature", "join", "trips"]).says(&["set trips"]).says(&parts);
    }
    for (key, parts) in [
        ("where = \"lte > 0\"", ["\"lte\"", "did you mean \"late\"?"]),
        ("where = \"late >\"", ["late >", "expression"]),
        ("derive = { x = \"idd + 1\" }", ["\"idd\"", "did you mean \"id\"?"]),
        ("split = { by = \"column\", column = \"prt\" }", ["\"prt\"", "known: "]),
        ("split = { by = \"hash\", test = 0.5, key = [\"di\"] }", ["\"di\"", "did you mean \"id\"?"]),
    ] {
        project.define(&DEFINITIONS.replace("label = \"late\"", &format!("label = \"late\"\n{key}")));
        project.fails(2, &["feature", "join", "trips"]).says(&["set trips"]).says(&parts);
    }
    project.define(&DEFINITIONS.replace("label = \"late\"", "label = \"lte > 0\""));
    project.fails(2, &["feature", "join", "trips"]).says(&["set trips", "\"lte\"", "did you mean \"late\"?"]);
}

#[test]
fn a_time_split_puts_each_row_where_its_time_says() {
    let split = "split = { by = \"time\", validation = \"2013-01-01T02:00:00Z\", test = \"2013-01-01T04:00:00Z\", end = \"2013-01-01T09:00:00Z\" }";
    let project = weather_with("label = \"late\"", &format!("label = \"late\"\n{split}"));
    let joined = project.json(&["feature", "join", "trips"]);
    assert_eq!(joined["parts"], json!({ "train": 1, "validation": 1, "test": 3, "none": 1 }));
    let parts = column(&rows(&project, "trips"), "__split");
    assert_eq!(parts, ["validation", "train", "test", "test", "none", "test"].map(Value::from));
}

#[test]
fn a_column_split_takes_its_words_and_refuses_others() {
    let project = weather_with("label = \"late\"", "label = \"late\"\nsplit = { by = \"column\", column = \"part\" }");
    project.write("trips.csv", "id,station,at,late,part\n1,a,2013-01-01T02:00:00Z,0,test\n2,a,2013-01-01T02:00:00Z,1,train\n3,a,2013-01-01T02:00:00Z,1,\n");
    project.ok(&["data", "add"]);
    assert_eq!(column(&rows(&project, "trips"), "__split"), ["test", "train", "none"].map(Value::from));
    project.write(
        "trips.csv",
        "id,station,at,late,part\n1,a,2013-01-01T02:00:00Z,0,test\n2,a,2013-01-01T02:00:00Z,1,trian\n",
    );
    project.ok(&["data", "add"]);
    project.fails(2, &["feature", "join", "trips"]).says(&[
        "row 2",
        "\"trian\"",
        "\"part\"",
        "train, validation or test",
    ]);
}

#[test]
fn in_a_hash_split_a_row_keeps_its_part_when_others_come_or_go() {
    let project =
        weather_with("label = \"late\"", "label = \"late\"\nsplit = { by = \"hash\", validation = 0.2, test = 0.3 }");
    let table = |ids: &mut dyn Iterator<Item = usize>| {
        ids.fold("id,station,at,late\n".to_owned(), |text, id| {
            text + &format!("{id},a,2013-01-01T02:00:00Z,{}\n", id % 2)
        })
    };
    let parts = |project: &TestProject, text: String| -> Vec<(Value, Value)> {
        project.write("trips.csv", text);
        project.ok(&["data", "add"]);
        let rows = rows(project, "trips");
        column(&rows, "id").into_iter().zip(column(&rows, "__split")).collect()
    };
    let all = parts(&project, table(&mut (0..400)));
    let share = |part: &str| all.iter().filter(|(_, p)| p == part).count();
    assert!((50..110).contains(&share("validation")) && (85..155).contains(&share("test")), "{all:?}");
    let some = parts(&project, table(&mut (0..400).rev().filter(|id| id % 3 == 0)));
    assert!(some.iter().all(|row| all.contains(row)));
}

#[test]
fn splits_that_make_no_sense_are_refused() {
    for (split, parts) in [
        ("{ by = \"hash\", test = 1.5 }", ["shares from 0 to 1", "set trips"]),
        ("{ by = \"hash\", test = 0.5, validation = 0.5 }", ["leave some for training", "set trips"]),
        ("{ by = \"time\", test = \"soon\" }", ["\"soon\" is not a time", "write 2013-04-01"]),
        ("{ by = \"moon\" }", ["moon", "mlops.toml line"]),
    ] {
        let project = weather_with("label = \"late\"", &format!("label = \"late\"\nsplit = {split}"));
        project.fails(2, &["feature", "join", "trips"]).says(&parts);
    }
}

#[test]
fn a_set_without_event_time_cannot_have_views_or_a_split_by_time() {
    let project = weather_with("event_time = \"at\"\nlabel", "label");
    project.fails(2, &["feature", "join", "trips"]).says(&["event_time", "hint: "]);
    let project = weather_with(
        "event_time = \"at\"\nlabel = \"late\"\nfeatures = [\"id\", \"weather:*\"]",
        "split = { by = \"time\" }\nfeatures = [\"id\"]",
    );
    project.fails(2, &["feature", "join", "trips"]).says(&["event_time", "hint: "]);
}

#[test]
fn a_set_without_a_label_is_joined() {
    let project = weather_with("label = \"late\"\n", "");
    let rows = rows(&project, "trips");
    assert_eq!(rows.len(), 6);
    assert!(rows[0].get("__label").is_none());
}

#[test]
fn a_star_takes_every_column_but_label_time_key_and_split() {
    let project =
        weather_with("features = [\"id\", \"weather:*\"]", "features = [\"*\"]\nsplit = { by = \"hash\", test = 0.2 }");
    let row = rows(&project, "trips")[0].clone();
    let names: Vec<&String> = row.as_object().unwrap().keys().collect();
    assert_eq!(names, ["station", "__label", "__time", "__split"]);
}

#[test]
fn a_star_leaves_out_the_key_and_the_sets_own_split_whatever_the_rows_are_split_by() {
    for split in [
        "",
        "split = { by = \"time\", test = \"2013-01-02\" }\n",
        "split = { by = \"hash\", test = 0.2, key = [\"station\"] }\n",
    ] {
        let project =
            weather_with("features = [\"id\", \"weather:*\"]", &format!("features = [\"*\", \"weather:*\"]\n{split}"));
        let names: Vec<String> = rows(&project, "trips")[0].as_object().unwrap().keys().cloned().collect();
        assert!(!names.contains(&"id".to_owned()), "{split}: {names:?}");
        assert_eq!(names.contains(&"station".to_owned()), !split.contains("station"), "{split}: {names:?}");
    }
}

#[test]
fn derived_features_read_each_other_in_any_order_and_a_circle_is_refused() {
    let project =
        weather_with("columns = [\"temp\"]", "columns = [\"temp\"]\nderive = { b = \"a * 2\", a = \"temp + 1\" }");
    let row = rows(&project, "trips")[0].clone();
    assert_eq!((&row["weather__a"], &row["weather__b"]), (&json!(4.0), &json!(8.0)));
    project.define(
        &DEFINITIONS.replace("columns = [\"temp\"]", "columns = [\"temp\"]\nderive = { b = \"a * 2\", a = \"b + 1\" }"),
    );
    project.fails(2, &["feature", "apply"]).says(&["view weather", "derive"]);
}

#[test]
fn a_view_of_a_query_joins_what_the_query_gives() {
    let project = weather_with(
        "source = \"weather\"\nentity = \"station\"\nevent_time = \"at\"",
        "sql = \"SELECT station, temp * 2 AS temp, at + INTERVAL '1 hour' AS known FROM weather WHERE temp > 1\"\nentity = \"station\"\nevent_time = \"known\"",
    );
    let temps = column(&rows(&project, "trips"), "weather__temp");
    assert_eq!(temps, [json!(null), json!(null), json!(6), json!(null), json!(null), json!(null)]);
    project.define(&DEFINITIONS.replace("source = \"weather\"", "sql = \"SELECT * FROM read_csv('/etc/passwd')\""));
    project.fails(2, &["feature", "apply"]).says(&["view weather", "read_csv", "not allowed"]);
}

#[test]
fn materialize_wants_the_definition_applied_and_get_answers_as_of_a_time() {
    let project = weather_with("columns = [\"temp\"]", "columns = [\"temp\"]\nonline = { history = \"1d\" }");
    project.fails(2, &["feature", "materialize"]).says(&["view \"weather\"", "mlops feature apply"]);
    project.ok(&["feature", "apply"]);
    let filled = project.json(&["feature", "materialize"]);
    assert_eq!(filled["views"], json!([{ "view": "weather", "up_to": "2013-01-01T05:00:00Z", "rows": 4, "keys": 2 }]));
    for (at, value) in
        [("2013-01-01T05:00:00Z", json!(6)), ("2013-01-01T04:59:59Z", json!(3)), ("2013-01-01T09:00:00Z", json!(null))]
    {
        assert_eq!(online(&project, &["weather", "station=a", "--at", at], "temp"), value, "{at}");
    }
    let got = project.json(&["feature", "get", "weather", "station=zz", "--at", "2013-01-01T05:00:00Z"]);
    assert_eq!(
        got,
        json!({ "view": "weather", "features": [{ "name": "temp", "value": null, "status": "NOT_FOUND" }] })
    );
    project.fails(2, &["feature", "get", "weather", "station=a", "--at", "noon"]).says(&["\"noon\" is not a time"]);
}

#[test]
fn an_older_materialization_never_removes_newer_rows() {
    let project = weather_with("columns = [\"temp\"]", "columns = [\"temp\"]\nonline = { history = \"1d\" }");
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    project.ok(&["feature", "materialize", "--to", "2013-01-01T01:00:00Z"]);
    assert_eq!(online(&project, &["weather", "station=a", "--at", "2013-01-01T06:00:00Z"], "temp"), json!(6));
    project.ok(&["feature", "materialize", "--to", "2013-01-01T05:00:00Z"]);
    assert_eq!(online(&project, &["weather", "station=a", "--at", "2013-01-01T03:00:00Z"], "temp"), json!(3));
}

#[test]
fn rows_that_were_corrected_or_withdrawn_leave_the_online_store() {
    let project = weather_with("columns = [\"temp\"]", "columns = [\"temp\"]\nonline = { history = \"1d\" }");
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    let newest = project.json(&["feature", "get", "weather", "station=a", "--at", "2013-01-01T06:00:00Z"]);
    assert_eq!(newest["features"][0]["value"], json!(6));
    let kept = WEATHER.lines().filter(|line| !line.ends_with(",6") && !line.starts_with("b,"));
    project.write("weather.csv", kept.collect::<Vec<_>>().join("\n").replace(",3", ",30"));
    project.ok(&["data", "add"]);
    // The older time does not take the store back, but what it holds is what the data say now.
    for to in [&["--to", "2013-01-01T01:00:00Z"][..], &[]] {
        project.ok(&[&["feature", "materialize"][..], to].concat());
        assert_eq!(online(&project, &["weather", "station=a", "--at", "2013-01-01T04:00:00Z"], "temp"), json!(30));
        assert_eq!(online(&project, &["weather", "station=b", "--at", "2013-01-01T04:00:00Z"], "temp"), json!(null));
    }
    assert_eq!(project.json(&["feature", "materialize"])["views"][0]["up_to"], json!("2013-01-01T02:00:00Z"));
}

#[test]
fn a_column_whose_type_changed_is_filled_anew_by_any_materialization() {
    let project = weather_with("columns = [\"temp\"]", "columns = [\"temp\"]\nonline = { history = \"1d\" }");
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    project.write("weather.csv", WEATHER.replace(",3", ",three"));
    project.ok(&["data", "add"]);
    project.fails(2, &["feature", "get", "weather", "station=a"]).says(&[
        "view \"weather\" was filled with other columns",
        "temp integer",
        "temp text",
        "mlops feature materialize",
    ]);
    project.ok(&["feature", "materialize", "--to", "2013-01-01T01:00:00Z"]);
    assert_eq!(online(&project, &["weather", "station=a", "--at", "2013-01-01T03:00:00Z"], "temp"), json!("three"));
    // Whole numbers are numbers: a store of them answers who takes others.
    project.write("weather.csv", WEATHER);
    project.ok(&["data", "add"]);
    project.ok(&["feature", "materialize"]);
    project.write("weather.csv", WEATHER.replace(",3", ",3.5"));
    project.ok(&["data", "add"]);
    assert_eq!(online(&project, &["weather", "station=a", "--at", "2013-01-01T03:00:00Z"], "temp"), json!(3.0));
}

#[test]
fn a_key_that_left_the_data_leaves_the_online_store() {
    let project = weather_with("ttl = \"3h\"\n", "");
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    project.write("weather.csv", WEATHER.replace("b,2013-01-01T01:00:00Z,7\n", ""));
    project.ok(&["data", "add"]);
    project.ok(&["feature", "materialize"]);
    assert_eq!(online(&project, &["weather", "station=b"], "temp"), json!(null));
}

#[test]
fn a_view_that_is_not_kept_online_is_left_out_unless_named() {
    let project = weather_with("columns = [\"temp\"]", "columns = [\"temp\"]\nonline = false");
    project.ok(&["feature", "apply"]);
    assert_eq!(project.json(&["feature", "materialize"])["views"], json!([]));
    assert_eq!(project.json(&["feature", "materialize", "weather"])["views"][0]["rows"], 2);
}

#[test]
fn a_number_key_is_looked_up_by_its_text() {
    let project = TestProject::with(&DEFINITIONS.replace("keys = [\"station\"]", "keys = [\"station\", \"gate\"]"));
    project.write("weather.csv", "station,gate,at,temp\na,7,2013-01-01T00:00:00Z,1\na,8,2013-01-01T00:00:00Z,2\n");
    project.ok(&["data", "add", "weather"]);
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    let at = ["--at", "2013-01-01T01:00:00Z"];
    assert_eq!(online(&project, &[&["weather", "gate=8", "station=a"][..], &at].concat(), "temp"), json!(2));
    project.fails(2, &["feature", "get", "weather", "gate=8"]).says(&["key \"station\" is missing", "station=VALUE"]);
}

#[test]
fn a_damaged_online_store_is_an_error_of_the_environment() {
    let project = weather();
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    project.remove(".mlops/features");
    project.write(".mlops/features/online.db", "this is no database, whatever its name says");
    project.fails(3, &["feature", "get", "weather", "station=a"]).says(&["online store", "mlops feature materialize"]);
}

#[test]
fn a_damaged_joined_set_is_named_and_joined_anew_once_its_blob_is_gone() {
    let project = weather();
    let before = project.blobs();
    let joined = project.json(&["feature", "join", "trips"]);
    let blob = project.blobs().into_iter().find(|b| !before.contains(b)).unwrap();
    std::fs::remove_file(&blob).unwrap();
    std::fs::write(&blob, "PAR1 no longer a set PAR1").unwrap();
    let hash = joined["hash"].as_str().unwrap();
    let failed = project.fails(3, &["feature", "join", "trips"]);
    failed.says(&[&format!("set {}", &hash[..12]), "is damaged", "hint: remove the file"]);
    std::fs::remove_file(&blob).unwrap();
    assert_eq!(project.json(&["feature", "join", "trips"]), joined);
}

const HOUR: i64 = 3_600_000_000;
const START: i64 = 1_356_998_400_000_000;

#[derive(Debug, Clone)]
struct Event {
    key: Option<u8>,
    hour: i64,
    delay: i64,
    x: Option<i32>,
}

#[derive(Debug, Clone)]
struct Rule {
    ttl: Option<i64>,
    created: bool,
    as_of_event: bool,
    history: bool,
    only_windows: bool,
}

const OVER: [i64; 2] = [2, 5];
const AGGS: [&str; 6] = ["count", "sum", "mean", "min", "max", "std"];

impl Rule {
    fn definitions(&self) -> String {
        let line = |on: bool, text: &str| if on { format!("{text}\n") } else { String::new() };
        let windows =
            format!("windows = [{{ column = \"x\", agg = {AGGS:?}, over = [\"{}h\", \"{}h\"] }}]\n", OVER[0], OVER[1]);
        let view = [
            self.ttl.map_or_else(String::new, |h| format!("ttl = \"{h}h\"\n")),
            line(self.created, "created_time = \"made\""),
            line(self.as_of_event, "as_of = \"event\""),
            line(self.history, "online = { history = \"30d\" }"),
            line(!self.only_windows, "columns = [\"x\"]"),
            windows,
        ];
        format!(
            "[data.events]\npath = \"events.jsonl\"\n[data.spine]\npath = \"spine.jsonl\"\n[entity.k]\nkeys = [\"k\"]\n\
             [feature.v]\nsource = \"events\"\nentity = \"k\"\nevent_time = \"at\"\n{}\
             [set.s]\nspine = \"spine\"\nevent_time = \"at\"\nfeatures = [\"id\", \"v:*\"]\n",
            view.concat()
        )
    }

    /// The features of `key` at `hour`, by looking at every row.
    fn expected(&self, events: &[Event], key: Option<u8>, hour: i64) -> Vec<(String, Value)> {
        let known = |e: &&(usize, &Event)| {
            let created = e.1.hour + e.1.delay;
            key.is_some()
                && e.1.key == key
                && e.1.hour <= hour
                && (!self.created || self.as_of_event || created <= hour)
        };
        let mut rows: Vec<(usize, &Event)> = events.iter().enumerate().collect();
        rows = rows.iter().filter(known).copied().collect();
        rows.sort_by_key(|(at, e)| (e.hour, if self.created { e.hour + e.delay } else { 0 }, *at));
        let mut features = Vec::new();
        if !self.only_windows {
            let newest = rows.last().filter(|(_, e)| self.ttl.is_none_or(|ttl| e.hour >= hour - ttl));
            features.push(("x".to_owned(), newest.and_then(|(_, e)| e.x).map_or(Value::Null, |x| json!(x))));
        }
        for over in OVER {
            let numbers: Vec<f64> =
                rows.iter().filter(|(_, e)| e.hour > hour - over).filter_map(|(_, e)| e.x.map(f64::from)).collect();
            for agg in AGGS {
                features.push((format!("x_{agg}_{over}h"), aggregate(agg, &numbers)));
            }
        }
        features
    }
}

fn aggregate(agg: &str, x: &[f64]) -> Value {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    match agg {
        "count" => json!(x.len()),
        "std" if x.len() < 2 => Value::Null,
        "std" => json!((x.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)).sqrt()),
        _ if x.is_empty() => Value::Null,
        "sum" => json!(mean * n).as_f64().map(|s| json!(s.round())).unwrap(),
        "mean" => json!(mean),
        "min" => json!(x.iter().copied().fold(f64::INFINITY, f64::min)),
        _ => json!(x.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = (proptest::option::weighted(0.9, 0..3u8), 0..12i64, 0..5i64, proptest::option::weighted(0.8, -9..9i32));
    proptest::collection::vec(event.prop_map(|(key, hour, delay, x)| Event { key, hour, delay, x }), 1..25).prop_map(
        |mut events| {
            // Types come from values: one row is whole.
            events[0] = Event { key: Some(0), hour: events[0].hour, delay: 0, x: Some(4) };
            events
        },
    )
}

fn rule() -> impl Strategy<Value = Rule> {
    (proptest::option::of(1..8i64), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(ttl, created, as_of_event, history, only_windows)| Rule {
            ttl,
            created,
            as_of_event: created && as_of_event,
            history,
            only_windows,
        },
    )
}

fn time(hour: i64) -> String {
    time_text(START + hour * HOUR)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_join_is_what_looking_at_every_row_gives_and_the_online_store_agrees(
        events in events(),
        rule in rule(),
        asked in proptest::collection::vec((proptest::option::weighted(0.9, 0..4u8), 0..14i64), 1..12),
    ) {
        // Without history the store answers from the newest row on.
        let newest = events.iter().map(|e| e.hour).max().unwrap();
        let asked: Vec<(Option<u8>, i64)> =
            asked.into_iter().map(|(key, hour)| (key, if rule.history { hour } else { newest + hour })).collect();
        let project = TestProject::with(&rule.definitions());
        let line = |v: Value| format!("{v}\n");
        let key = |k: &Option<u8>| k.map(|k| format!("k{k}"));
        let event = |e: &Event| line(json!({ "k": key(&e.key), "at": time(e.hour), "made": time(e.hour + e.delay), "x": e.x }));
        project.write("events.jsonl", events.iter().map(event).collect::<String>());
        let row = |(at, (k, hour)): (usize, &(Option<u8>, i64))| line(json!({ "id": at, "k": key(k).or((at == 0).then(|| "k0".into())), "at": time(*hour) }));
        project.write("spine.jsonl", asked.iter().enumerate().map(row).collect::<String>());
        project.ok(&["data", "add"]);
        let joined = rows(&project, "s");
        prop_assert_eq!(column(&joined, "id"), (0..asked.len()).map(|at| json!(at)).collect::<Vec<_>>());
        project.ok(&["feature", "apply"]);
        project.ok(&["feature", "materialize"]);
        for (at, (k, hour)) in asked.iter().enumerate() {
            let k = if at == 0 { k.or(Some(0)) } else { *k };
            let expected = rule.expected(&events, k, *hour);
            for (name, value) in &expected {
                prop_assert_eq!(&joined[at][format!("v__{name}")], value, "{} of row {} offline", name, at);
            }
            if let (Some(k), true) = (k, at < 2) {
                let got = project.json(&["feature", "get", "v", &format!("k=k{k}"), "--at", &time(*hour)]);
                let got: Vec<(String, Value)> = got["features"].as_array().unwrap().iter().map(|f| (f["name"].as_str().unwrap().to_owned(), f["value"].clone())).collect();
                prop_assert_eq!(&got, &expected, "row {} online", at);
            }
        }
    }
}

#[test]
fn a_row_without_a_created_time_counts_where_its_event_time_decides() {
    for (as_of, value) in [("event", 2), ("created", 1)] {
        let project = TestProject::with(&format!(
            "[data.ev]\npath = \"ev.csv\"\n[data.sp]\npath = \"sp.csv\"\nkey = [\"id\"]\n[entity.e]\nkeys = [\"k\"]\n\
             [feature.f]\nsource = \"ev\"\nentity = \"e\"\nevent_time = \"et\"\ncreated_time = \"ct\"\nas_of = \"{as_of}\"\n\
             columns = [\"v\"]\nwindows = [{{ column = \"v\", agg = [\"count\"], over = [\"1d\"] }}]\n\
             [set.z]\nspine = \"sp\"\nevent_time = \"t\"\nfeatures = [\"f:*\"]\n"
        ));
        project
            .write("ev.csv", "k,et,ct,v\na,2020-01-01T00:00:00Z,2020-01-01T00:00:00Z,1\na,2020-01-01T01:00:00Z,,2\n");
        project.write("sp.csv", "id,k,t\n1,a,2020-01-01T02:00:00Z\n");
        project.ok(&["data", "add"]);
        project.ok(&["feature", "join", "z", "--output", "o.jsonl"]);
        let row: Value = serde_json::from_str(project.read("o.jsonl").trim()).unwrap();
        assert_eq!((&row["f__v"], &row["f__v_count_1d"]), (&json!(value), &json!(value)), "{as_of}: {row}");
    }
}

#[test]
fn folds_keep_the_groups_of_a_split_whole() {
    let project = TestProject::new();
    // What a customer buys says nothing of another one; `x` names the customer.
    let row = |i: usize| {
        let customer = i % 40;
        format!("{i},{customer},{},{}\n", customer * 37 % 101, loans::chance(customer) > 0.5)
    };
    project.write("visits.csv", format!("id,customer,x,bought\n{}", (0..800).map(row).collect::<String>()));
    let auc = |split: &str| {
        project.define(&format!(
            "[data.visits]\npath = \"visits.csv\"\n[set.s]\nspine = \"visits\"\nlabel = \"bought\"\nfeatures = [\"x\"]\nsplit = {{ {split} }}\n\
             [train.m]\nset = \"s\"\nmodel = \"tree\"\ncv = {{ folds = 4 }}\n"
        ));
        project.ok(&["data", "add"]);
        project.json(&["run", "train", "m"])["metrics"]["cv.auc"].as_f64().unwrap()
    };
    assert!(auc("by = \"hash\", key = [\"id\"], test = 0.2") > 0.99);
    let grouped = auc("by = \"group\", columns = [\"customer\"], test = 0.2");
    assert!(grouped < 0.9, "{grouped}");
    // Kept and read again, the set has the same groups.
    assert_eq!(auc("by = \"group\", columns = [\"customer\"], test = 0.2").to_bits(), grouped.to_bits());
    project.define(
        "[data.visits]\npath = \"visits.csv\"\n[set.s]\nspine = \"visits\"\nlabel = \"bought\"\nfeatures = [\"x\"]\nsplit = { by = \"group\", columns = [\"bought\"], test = 0.001 }\n",
    );
    project.ok(&["feature", "join", "s"]).says(&["a part of the split got no rows"]);
}

#[test]
fn splits_by_class_and_by_group_keep_their_promises() {
    let project = TestProject::new();
    let rows: String = (0..600)
        .map(|i| format!("{i},{},{},{}\n", i % 40, i * 37 % 101, if i % 6 == 0 { "yes" } else { "no" }))
        .collect();
    project.write("visits.csv", format!("id,customer,x,bought\n{rows}"));
    let with = |split: &str| {
        project.define(&format!(
            "[data.visits]\npath = \"visits.csv\"\nkey = [\"id\"]\n[set.s]\nspine = \"visits\"\nlabel = \"bought\"\nfeatures = [\"*\"]\nsplit = {{ {split} }}\n"
        ));
        project.ok(&["data", "add"]);
        project.json(&["feature", "join", "s", "--output", "joined.csv"])
    };
    let column = |name: &str| {
        let table = mlops::data::read_file(&project.path("joined.csv")).unwrap().collect().unwrap();
        let column = table.column(name).unwrap().clone();
        (0..table.height()).map(|at| column.get(at).unwrap().to_string().replace('"', "")).collect::<Vec<String>>()
    };
    let joined = with("by = \"stratified\", validation = 0.1, test = 0.2");
    assert_eq!(joined["parts"], json!({"train": 420, "validation": 60, "test": 120, "none": 0}));
    let (parts, labels) = (column("__split"), column("__label"));
    let in_test =
        |class: &str| parts.iter().zip(&labels).filter(|(part, label)| *part == "test" && *label == class).count();
    assert_eq!((in_test("yes"), in_test("no")), (20, 100), "a sixth in each part");

    let joined = with("by = \"group\", columns = [\"customer\"], test = 0.3");
    assert_eq!(joined["features"], 1, "the group is no feature: {joined}");
    let recipe = "[train.m]\nset = \"s\"\nmodel = \"tree\"\ncv = { folds = 3 }\n";
    project.write("mlops.toml", project.read("mlops.toml") + recipe);
    project.ok(&["run", "train", "m"]);
    let test = joined["parts"]["test"].as_u64().unwrap();
    assert!(test % 15 == 0 && (60..330).contains(&test), "whole groups of 15 rows: {test}");
    project.define("[data.visits]\npath = \"visits.csv\"\n[set.s]\nspine = \"visits\"\nfeatures = [\"x\"]\nsplit = { by = \"group\", columns = [\"nobody\"], test = 0.3 }\n");
    project.refuses(2, &["feature", "join", "s"]).says(&["nobody"]);
    project.define("[data.visits]\npath = \"visits.csv\"\n[set.s]\nspine = \"visits\"\nfeatures = [\"x\"]\nsplit = { by = \"stratified\", test = 0.3 }\n");
    project.refuses(2, &["feature", "join", "s"]).says(&["needs the set's label"]);
}
