//! `mlops data …` through the binary.

use crate::common::{Output, TestProject};
use mlops::data::{encode, read_file};
use mlops::project::Format;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: &str = "id,name,age\n1,ada,36\n2,bob,41\n3,cyn,29\n";

/// A project with one dataset `people` with a key, not added yet.
fn people() -> TestProject {
    let project = TestProject::with("[data.people]\npath = \"people.csv\"\nkey = [\"id\"]\n");
    project.write("people.csv", PEOPLE);
    project
}

fn state(project: &TestProject, name: &str) -> Value {
    let status = project.json(&["data", "status"]);
    status["datasets"].as_array().unwrap().iter().find(|d| d["name"] == name).unwrap().clone()
}

#[test]
fn add_records_rows_bytes_files_and_a_hash() {
    let project = people();
    let added = &project.json(&["data", "add", "people"])["datasets"][0];
    assert_eq!(added["name"], "people");
    assert_eq!(added["version"], 1);
    assert_eq!(added["files"], 1);
    assert_eq!(added["rows"], 3);
    assert_eq!(added["bytes"], PEOPLE.len());
    assert_eq!(added["changed"], true);
    let hash = added["hash"].as_str().unwrap();
    assert_eq!(project.read("mlops.lock"), format!("people {hash}\n"));
    project.ok(&["data", "list"]).shows(&["people@1", "people.csv", &hash[..12]]);
}

#[test]
fn add_says_which_columns_changed_and_where_a_text_begins() {
    let project = people();
    project.ok(&["data", "add"]);
    project.write("people.csv", "id,name,age,town\n1,ada,36,Bern\n2,bob,NA,Bonn\n3,cyn,about 30,Graz\n");
    let shown = project.ok(&["data", "add"]);
    shown.shows(&[
        "column \"age\": integer in people@1, text in people@2 (first in row 3: \"about 30\")",
        "column \"town\": new in people@2, text",
    ]);
    project.write("people.csv", "id,age\n1,36\n");
    let schema = &project.json(&["data", "add"])["datasets"][0]["schema"];
    let columns = json!([
        {"column": "name", "from": "text", "to": null},
        {"column": "age", "from": "text", "to": "integer"},
        {"column": "town", "from": "text", "to": null},
    ]);
    assert_eq!(schema, &json!({"since": 2, "columns": columns, "first": []}));
    let again = project.ok(&["data", "add"]);
    assert!(!again.stdout.contains("column"), "{}", again.stdout);
}

#[test]
fn a_version_is_read_as_its_definition_said_then() {
    let keys = "separator = \";\"\ndecimal = \",\"\nencoding = \"latin1\"\nnull_values = [\"-\"]\n";
    let form = "types = { plz = \"text\" }\ndates = { day = \"%d.%m.%Y\" }\n";
    let project = TestProject::with("[data.shops]\npath = \"shops.csv\"\n");
    project.write("shops.csv", b"plz;town;day;turnover\n10115;K\xf6ln;03.10.2024;1,250\n80331;NA;-;-\n");
    project.fails(2, &["data", "add"]).says(&["shops.csv", "the text is not UTF-8", "encoding = \"latin1\""]);
    project.write("mlops.toml", format!("[data.shops]\npath = \"shops.csv\"\n{keys}{form}"));
    project.ok(&["data", "add"]);
    let columns = |version: usize| {
        let versions = project.json(&["data", "log", "shops"]);
        versions["versions"].as_array().unwrap().iter().find(|one| one["version"] == version).unwrap()["schema"].clone()
    };
    let kinds = json!([
        {"name": "plz", "type": "text"}, {"name": "town", "type": "text"},
        {"name": "day", "type": "date"}, {"name": "turnover", "type": "float"},
    ]);
    assert_eq!(columns(1), kinds);
    // Another form is another version, though no file changed.
    project.write("mlops.toml", format!("[data.shops]\npath = \"shops.csv\"\n{keys}"));
    assert_eq!(state(&project, "shops")["state"], "changed");
    project.ok(&["data", "status"]).shows(&["keys in mlops.toml that say how CSV files are written have changed"]);
    project.ok(&["data", "add"]).shows(&["shops@2", "column \"day\": date in shops@1, text in shops@2"]);
    assert_eq!(columns(2)[0], json!({"name": "plz", "type": "integer"}));
    project.ok(&["data", "diff", "shops@1", "shops@2"]).shows(&["CSV files are read another way"]);
    // Each of them is read as its own keys say, and so is the file itself.
    project.ok(&["monitor", "drift", "shops.csv", "shops@2", "--allow-untested"]);
    project.write(
        "mlops.toml",
        format!("[data.shops]\npath = \"shops.csv\"\n{keys}types = {{ turnover = \"integer\" }}\n"),
    );
    project.refuses(2, &["data", "add"]).says(&["shops.csv", "row 1 (line 2)", "\"1,250\" is no integer"]);
    project.write("mlops.toml", "[data.shops]\npath = \"shops.csv\"\nseparator = \"x\"\n");
    project.fails(2, &["status"]).says(&["mlops.toml [data.shops]", "separator"]);
}

#[test]
fn add_twice_changes_nothing() {
    let project = people();
    let first = project.json(&["data", "add"]);
    let (files, blobs) = (project.files(""), project.blobs().len());
    let second = project.json(&["data", "add"]);
    assert_eq!(second["datasets"][0]["changed"], false);
    for key in ["version", "hash", "rows", "files", "bytes"] {
        assert_eq!(second["datasets"][0][key], first["datasets"][0][key], "{key}");
    }
    assert_eq!((project.files(""), project.blobs().len()), (files, blobs));
    assert_eq!(project.json(&["data", "log", "people"])["versions"].as_array().unwrap().len(), 1);
}

#[test]
fn adding_an_unknown_path_defines_the_dataset_once() {
    let project = TestProject::new();
    project.write("raw/Sales 2013.csv", "x\n1\n");
    let added = project.json(&["data", "add", "raw/Sales 2013.csv"]);
    assert_eq!(added["datasets"][0]["name"], "sales_2013");
    let text = project.read("mlops.toml");
    assert!(text.ends_with("\n[data.sales_2013]\npath = \"raw/Sales 2013.csv\"\n"), "{text}");
    project.ok(&["data", "add", "./raw/../raw/Sales 2013.csv"]);
    assert_eq!(project.read("mlops.toml"), text);
}

#[test]
fn a_dataset_that_was_never_added_is_new() {
    let project = people();
    assert_eq!(state(&project, "people")["state"], "new");
    project.ok(&["data", "status"]).shows(&["new", "mlops data add people"]);
    project.fails(2, &["data", "log", "people"]).says(&["no version yet", "mlops data add people"]);
}

#[test]
fn status_lists_what_changed_and_exits_1_only_when_asked() {
    let project = TestProject::with("[data.tree]\npath = \"tree\"\n");
    for name in ["same", "edited", "gone", "old_name"] {
        project.write(&format!("tree/{name}.txt"), name);
    }
    project.ok(&["data", "add"]);
    assert_eq!(project.json(&["data", "status", "--exit-code"])["clean"], true);

    project.write("tree/edited.txt", "other");
    project.write("tree/deep/fresh.txt", "fresh");
    project.remove("tree/gone.txt");
    std::fs::rename(project.path("tree/old_name.txt"), project.path("tree/new_name.txt")).unwrap();
    let tree = state(&project, "tree");
    assert_eq!(tree["state"], "changed");
    assert_eq!(tree["added"], json!(["deep/fresh.txt"]));
    assert_eq!(tree["changed"], json!(["edited.txt"]));
    assert_eq!(tree["removed"], json!(["gone.txt"]));
    assert_eq!(tree["renamed"], json!([["old_name.txt", "new_name.txt"]]));
    project.ok(&["data", "status"]).shows(&["+ deep/fresh.txt", "~ edited.txt", "- gone.txt"]);
    project.fails(1, &["data", "status", "--exit-code"]);
    assert_eq!(project.fails(1, &["data", "status", "--exit-code", "--json"]).json()["clean"], false);
}

#[test]
fn a_change_that_keeps_size_and_time_is_seen_right_after_adding() {
    let project = people();
    project.ok(&["data", "add"]);
    let path = project.path("people.csv");
    let time = std::fs::metadata(&path).unwrap().modified().unwrap();
    project.write("people.csv", PEOPLE.replace("36", "37"));
    std::fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(state(&project, "people")["state"], "changed");
}

#[test]
fn checkout_restores_exactly() {
    let project = TestProject::with("[data.tree]\npath = \"tree\"\n");
    project.write("tree/a.txt", "one");
    project.write("tree/sub/b.bin", [0u8, 255, 10, 13]);
    project.write("tree/empty", "");
    let first = project.files("tree");
    project.ok(&["data", "add"]);
    project.write("tree/a.txt", "two");
    project.remove("tree/sub");
    project.write("tree/c.txt", "three");
    let second = project.files("tree");
    project.ok(&["data", "add"]);

    project.ok(&["data", "checkout", "tree@1"]);
    assert_eq!(project.files("tree"), first);
    assert_eq!(state(&project, "tree")["state"], "unchanged", "mlops.lock follows");
    project.ok(&["data", "checkout", "tree@2"]);
    assert_eq!(project.files("tree"), second);
    assert!(!project.path("tree/sub").exists(), "an empty folder is not left behind");
    project.remove("tree");
    assert_eq!(state(&project, "tree")["state"], "missing");
    project.ok(&["data", "checkout"]);
    assert_eq!(project.files("tree"), second);
}

#[test]
fn checkout_takes_a_hash_prefix_and_a_lost_file_comes_back() {
    let project = people();
    let hash = project.json(&["data", "add"])["datasets"][0]["hash"].as_str().unwrap().to_owned();
    project.remove("people.csv");
    project.ok(&["data", "checkout", &hash[..8]]);
    assert_eq!(project.read("people.csv"), PEOPLE);
}

#[test]
fn a_file_that_became_a_folder_is_checked_out_both_ways() {
    let project = TestProject::with("[data.tree]\npath = \"tree\"\n");
    project.write("tree/a", "file");
    project.write("tree/z", "z");
    let first = project.files("tree");
    project.ok(&["data", "add"]);
    project.remove("tree/a");
    project.write("tree/a/b", "inside");
    let second = project.files("tree");
    project.ok(&["data", "add"]);
    project.ok(&["data", "checkout", "tree@1"]);
    assert_eq!(project.files("tree"), first);
    project.ok(&["data", "checkout", "tree@2"]);
    assert_eq!(project.files("tree"), second);
}

#[cfg(unix)]
#[test]
fn checkout_restores_the_executable_bit() {
    use std::os::unix::fs::PermissionsExt;
    let project = TestProject::with("[data.tools]\npath = \"tools\"\n");
    project.write("tools/run.sh", "#!/bin/sh\n");
    std::fs::set_permissions(project.path("tools/run.sh"), std::fs::Permissions::from_mode(0o755)).unwrap();
    project.write("tools/notes.txt", "plain");
    project.ok(&["data", "add"]);
    project.remove("tools");
    project.ok(&["data", "checkout"]);
    let mode = |name: &str| std::fs::metadata(project.path(name)).unwrap().permissions().mode();
    assert_eq!(mode("tools/run.sh") & 0o111, 0o111);
    assert_eq!(mode("tools/notes.txt") & 0o111, 0);
    assert_ne!(mode("tools/notes.txt") & 0o200, 0, "a file in the workspace can be edited");
}

#[test]
fn checkout_never_overwrites_local_changes_without_force() {
    let project = people();
    project.ok(&["data", "add"]);
    project.write("people.csv", "id,name,age\n9,eve,50\n");
    let lock = project.read("mlops.lock");
    let refused = project.fails(2, &["data", "checkout", "people@1"]);
    refused.says(&["people.csv", "local changes", "hint: ", "--force"]);
    assert!(project.read("people.csv").contains("eve"));
    assert_eq!(project.read("mlops.lock"), lock);
    project.ok(&["data", "checkout", "people@1", "--force"]);
    assert_eq!(project.read("people.csv"), PEOPLE);
}

#[test]
fn checkout_never_removes_a_new_file_without_force() {
    let project = TestProject::with("[data.tree]\npath = \"tree\"\n");
    project.write("tree/a", "a");
    project.ok(&["data", "add"]);
    project.write("tree/unsaved", "hours of work");
    project.fails(2, &["data", "checkout"]).says(&["unsaved"]);
    assert_eq!(project.read("tree/unsaved"), "hours of work");
    project.ok(&["data", "checkout", "--force"]);
    assert!(!project.path("tree/unsaved").exists());
}

#[test]
fn log_lists_versions_newest_first_and_marks_the_locked_one() {
    let project = people();
    project.ok(&["data", "add", "-m", "first"]);
    project.write("people.csv", format!("{PEOPLE}4,dan,19\n"));
    project.ok(&["data", "add", "-m", "with dan"]);
    project.ok(&["data", "checkout", "people@1"]);
    let log = project.json(&["data", "log", "people"]);
    let versions = log["versions"].as_array().unwrap();
    assert_eq!(versions.iter().map(|v| v["version"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(versions[0]["message"], "with dan");
    assert_eq!(versions[1]["rows"], 3);
    assert_eq!(log["locked"], versions[1]["hash"]);
    let shown = project.ok(&["data", "log", "people"]).stdout;
    let marked: Vec<&str> = shown.lines().filter(|l| l.contains('*')).collect();
    assert!(marked.len() == 1 && marked[0].contains("people@1") && marked[0].contains("first"), "{shown}");
    assert_eq!(project.json(&["data", "list"])["datasets"][0]["versions"], 2);
}

#[test]
fn diff_with_a_key_counts_rows_added_removed_changed() {
    let project = people();
    project.ok(&["data", "add"]);
    project.write("people.csv", "id,name,age\n1,ada,37\n3,cyn,29\n4,dan,19\n5,eli,50\n");
    project.ok(&["data", "add"]);
    let diff = project.json(&["data", "diff", "people@1"]);
    assert_eq!((&diff["from"], &diff["to"]), (&json!("people@1"), &json!("people@2")));
    assert_eq!(diff["rows"], json!({ "added": 2, "removed": 1, "changed": 1 }));
    assert_eq!(diff["columns"], json!([{ "column": "age", "changed": 1 }]));
    assert_eq!(diff["schema"], json!([]));
    assert_eq!(diff["files"]["changed"], json!(["people.csv"]));
    let back = project.json(&["data", "diff", "people@2", "people@1"]);
    assert_eq!(back["rows"], json!({ "added": 1, "removed": 2, "changed": 1 }));
    project.ok(&["data", "diff", "people@1"]).shows(&["rows: 2 added, 1 removed, 1 changed"]);
    let same = project.json(&["data", "diff", "people@2"]);
    assert_eq!(same["rows"], json!({ "added": 0, "removed": 0, "changed": 0 }));
}

#[test]
fn a_key_that_is_there_twice_is_matched_row_by_row() {
    let rows_after = |text: &str| {
        let project = TestProject::with("[data.d]\npath = \"d.csv\"\nkey = [\"id\"]\n");
        project.write("d.csv", "id,x\n1,a\n1,b\n1,b\n2,c\n,n\n,n\n");
        project.ok(&["data", "add"]);
        project.write("d.csv", text);
        project.ok(&["data", "add"]);
        project.json(&["data", "diff", "d@1"])["rows"].clone()
    };
    let diff =
        |added: u64, removed: u64, changed: u64| json!({ "added": added, "removed": removed, "changed": changed });
    assert_eq!(rows_after("id,x\n,n\n1,b\n1,a\n,n\n2,c\n1,b\n"), diff(0, 0, 0), "another order");
    assert_eq!(rows_after("id,x\n1,b\n1,b\n1,b\n2,c\n,n\n,n\n"), diff(0, 0, 1));
    assert_eq!(rows_after("id,x\n1,a\n1,b\n2,c\n,n\n,n\n,n\n"), diff(1, 1, 0));
}

#[test]
fn diff_names_columns_that_are_new_gone_or_of_another_type() {
    let project = people();
    project.ok(&["data", "add"]);
    project.write("people.csv", "id,age,city\n1,old,here\n2,41,there\n");
    project.ok(&["data", "add"]);
    let diff = project.json(&["data", "diff", "people@1"]);
    let mut schema = diff["schema"].as_array().unwrap().clone();
    schema.sort_by_key(|c| c["column"].to_string());
    assert_eq!(
        schema,
        [
            json!({ "column": "age", "from": "integer", "to": "text" }),
            json!({ "column": "city", "from": null, "to": "text" }),
            json!({ "column": "name", "from": "text", "to": null }),
        ]
    );
}

#[test]
fn diff_without_a_key_counts_whole_rows_and_keys_can_be_given() {
    let project = TestProject::new();
    project.write("p.csv", PEOPLE);
    project.ok(&["data", "add", "p.csv"]);
    project.write("p.csv", PEOPLE.replace("36", "37"));
    project.ok(&["data", "add", "p"]);
    assert_eq!(project.json(&["data", "diff", "p@1"])["rows"], json!({ "added": 1, "removed": 1, "changed": 0 }));
    let keyed = project.json(&["data", "diff", "p@1", "--keys", "id"]);
    assert_eq!(keyed["rows"], json!({ "added": 0, "removed": 0, "changed": 1 }));
    project.fails(2, &["data", "diff", "p@1", "--keys", "idd"]).says(&["idd", "did you mean \"id\"?"]);
    project.fails(2, &["data", "diff", "p@7"]).says(&["no version", "from 1 to 2"]);
}

#[test]
fn a_share_that_is_just_reached_is_enough_for_every_rule() {
    let project = TestProject::new();
    for rows in [10u64, 20, 30, 70, 100, 1000] {
        let table = |bad: u64| {
            let rows = (0..rows).map(|i| if i < bad { "1\n".to_owned() } else { format!("{}\n", i + 1000) });
            format!("x\n{}", rows.collect::<String>())
        };
        for rule in ["column = \"x\", between = [2, 9000]", "column = \"x\", in = [LIST]", "unique = [\"x\"]"] {
            let list: Vec<String> = (1000..2000).map(|x| x.to_string()).collect();
            let rule = rule.replace("LIST", &list.join(", "));
            project.define(&format!("[data.d]\npath = \"d.csv\"\nexpect = [{{ {rule}, mostly = 0.9 }}]\n"));
            // Of rows that are the same, the first one is not told again.
            let bad = rows / 10 + u64::from(rule.starts_with("unique"));
            project.write("d.csv", table(bad));
            project.ok(&["data", "validate"]);
            project.write("d.csv", table(bad + 1));
            project.fails(1, &["data", "validate"]);
        }
    }
}

const CONTRACTS: &str = r#"
[data.people]
path = "people.csv"
key = ["id"]
expect = [ { column = "id", not_null = true },
           { unique = ["id"] },
           { column = "age", between = [0, 120] },
           { column = "name", matches = "^[a-z]+$", severity = "warn" } ]
"#;

#[test]
fn a_broken_contract_is_refused_with_column_rule_count_and_example_and_leaves_the_disk_as_it_was() {
    let project = TestProject::with(CONTRACTS);
    project.write("people.csv", PEOPLE);
    project.ok(&["data", "add"]);
    project.write("people.csv", format!("{PEOPLE}4,dan,190\n5,eli,-3\n"));
    let (files, blobs) = (project.files(""), project.blobs());
    let refused = project.fails(1, &["data", "add"]);
    refused.says(&["error: ", "people", "\"age\"", "between 0 and 120", "2 of 5 rows", "row 4", "190", "hint: "]);
    assert_eq!(project.fails(1, &["data", "add", "--json"]).error()["kind"], "check");
    assert_eq!(project.files(""), files);
    assert_eq!(project.blobs(), blobs);
    assert_eq!(project.json(&["data", "log", "people"])["versions"].as_array().unwrap().len(), 1);
}

#[test]
fn one_broken_dataset_keeps_the_others_from_being_recorded() {
    let project = TestProject::with(&format!("[data.fine]\npath = \"fine.csv\"\n{CONTRACTS}"));
    project.write("fine.csv", "x\n1\n");
    project.write("people.csv", "id,name,age\n,ada,36\n");
    project.fails(1, &["data", "add"]);
    assert_eq!(project.read("mlops.lock"), "");
    assert_eq!(state(&project, "fine")["state"], "new");
}

#[test]
fn a_contract_of_severity_warn_warns_and_records() {
    let project = TestProject::with(CONTRACTS);
    project.write("people.csv", PEOPLE.replace("bob", "Bob"));
    project.ok(&["data", "add"]).shows(&["people@1", "warning: ", "name", "Bob"]);
    let validated = project.json(&["data", "validate"]);
    assert_eq!(validated["passed"], true);
}

#[test]
fn validate_exits_1_when_broken_and_lists_every_rule() {
    let project = TestProject::with(CONTRACTS);
    project.write("people.csv", "id,name,age\n1,ada,36\n1,bob,400\n,cyn,29\n");
    let output = project.fails(1, &["data", "validate", "--json"]);
    let report = output.json();
    assert_eq!(report["passed"], false);
    let checks = report["checks"].as_array().unwrap();
    assert_eq!(checks.iter().map(|c| c["passed"].as_bool().unwrap()).collect::<Vec<_>>(), [false, false, false, true]);
    let age = &checks[2];
    assert_eq!((&age["dataset"], &age["column"], &age["failed_rows"]), (&json!("people"), &json!("age"), &json!(1)));
    assert_eq!(age["examples"][0]["age"], 400);
    assert_eq!(age["examples"][0]["row"], 2);
    project.fails(1, &["data", "validate", "people"]).shows(&["broken", "holds", "between 0 and 120"]);
    project.write("people.csv", PEOPLE);
    project.ok(&["data", "validate"]);
}

#[test]
fn validate_looks_at_a_recorded_version_by_todays_contracts() {
    let project = people();
    project.ok(&["data", "add"]);
    project.define(CONTRACTS);
    let ages = |reference: &str, code: i32| {
        let report = Output::of(&mut project.command(&["data", "validate", reference, "--json"]));
        assert_eq!(report.code, code, "{report}");
        report.json()["checks"].as_array().unwrap().iter().find(|check| check["column"] == "age").unwrap().clone()
    };
    project.write("people.csv", "id,name,age\n1,ada,36\n2,bob,400\n");
    assert_eq!(
        (ages("people", 1)["failed_rows"].clone(), ages("people@1", 0)["failed_rows"].clone()),
        (json!(1), json!(0))
    );
    let hash = project.json(&["data", "log", "people"])["versions"][0]["hash"].as_str().unwrap().to_owned();
    assert_eq!(ages(&hash, 0)["dataset"], "people@1");
    project.fails(2, &["data", "validate", "people@7"]).says(&["has no version", "go from 1 to 1"]);
}

#[test]
#[cfg(unix)]
fn one_dataset_that_cannot_be_looked_at_hides_nothing_of_the_others() {
    let project = people();
    project.write("other/a.csv", "x\n1\n");
    project.ok(&["data", "add", "other"]);
    project.ok(&["data", "add", "people"]);
    std::os::unix::fs::symlink("/etc/hostname", project.path("other/b.csv")).unwrap();
    let other = state(&project, "other");
    assert_eq!((&other["state"], &other["removed"]), (&json!("unreadable"), &json!([])));
    assert!(other["problem"]["message"].as_str().unwrap().contains("other/b.csv links to /etc/hostname"), "{other}");
    assert_eq!(state(&project, "people")["state"], "unchanged");
    for args in [&["data", "status"][..], &["status"]] {
        project.run(args).shows(&["unreadable", "out of the project", "copy the file into the project", "people"]);
    }
    project.fails(1, &["data", "status", "--exit-code"]);
}

#[test]
fn validate_tells_a_ci_system_which_contract_is_broken() {
    let project = TestProject::with(CONTRACTS);
    project.write("people.csv", "id,name,age\n1,ada,36\n2,Bob,400\n");
    project.fails(1, &["data", "validate", "--junit", "contracts.xml"]).shows(&["broken", "warns"]);
    let junit = project.read("contracts.xml");
    assert!(
        junit.contains("<testsuite name=\"people\" tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"1\">"),
        "{junit}"
    );
    assert!(junit.contains("<testcase classname=\"people\" name=\"age is between 0 and 120\">"), "{junit}");
    assert!(junit.contains("<skipped message=\"warning: column &quot;name&quot;"), "{junit}");
    project.fails(3, &["data", "validate", "--junit", "no/such/folder/contracts.xml"]).says(&["contracts.xml"]);
}

#[test]
fn an_unknown_dataset_gets_the_nearest_name() {
    let project = people();
    project.ok(&["data", "add"]);
    for args in [&["data", "add", "peopel"][..], &["data", "checkout", "peopel"], &["data", "log", "peopel"]] {
        project.fails(2, args).says(&["peopel", "did you mean \"people\"?"]);
    }
    project.fails(2, &["data", "validate", "peopel"]).says(&["did you mean \"people\"?"]);
    project.fails(2, &["data", "diff", "peopel@1"]).says(&["did you mean \"people\"?"]);
}

#[test]
fn a_path_outside_the_project_is_refused() {
    let project = TestProject::new();
    std::fs::write(project.path("../outside.csv"), "x\n1\n").unwrap();
    project.fails(2, &["data", "add", "../outside.csv"]).says(&["outside the project", "hint: "]);
    project.fails(2, &["data", "add", "/etc/hostname"]).says(&["outside the project"]);
    project.fails(2, &["data", "add", ".mlops/ledger.db"]).says(&[".mlops"]);
    project.define("[data.out]\npath = \"../outside.csv\"\n");
    project.fails(2, &["data", "add", "out"]).says(&["outside the project"]);
    assert!(project.blobs().is_empty());
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_project_is_refused_and_one_inside_is_followed() {
    let project = TestProject::new();
    std::fs::write(project.path("../secret.csv"), "x\n1\n").unwrap();
    std::os::unix::fs::symlink(project.path("../secret.csv"), project.path("link.csv")).unwrap();
    project.fails(2, &["data", "add", "link.csv"]).says(&["out of the project"]);
    project.write("tree/a.txt", "a");
    std::os::unix::fs::symlink("a.txt", project.path("tree/b.txt")).unwrap();
    assert_eq!(project.json(&["data", "add", "tree"])["datasets"][0]["files"], 2);
}

#[test]
fn a_lock_file_with_a_merge_conflict_is_named_with_its_line() {
    let project = people();
    project.ok(&["data", "add"]);
    let line = project.read("mlops.lock");
    project.write("mlops.lock", format!("<<<<<<< HEAD\n{line}=======\n{line}>>>>>>> other\n"));
    project.fails(2, &["data", "status"]).says(&["mlops.lock line 1", "merge conflict", "hint: "]);
}

#[test]
fn folders_and_globs_are_one_table() {
    let project = TestProject::with(
        "[data.folder]\npath = \"parts\"\n[data.glob]\npath = \"parts/*.csv\"\n[data.mixed]\npath = \"all\"\n",
    );
    project.write("parts/1.csv", "id,x\n1,0.5\n");
    project.write("parts/2.csv", "id,x\n2,1\n3,2\n");
    project.write("parts/.hidden.csv", "not,this\n");
    project.write("all/1.csv", "x\n1\n");
    project.write("all/readme.txt", "no table");
    let added = project.json(&["data", "add"]);
    let by_name: BTreeMap<&str, &Value> =
        added["datasets"].as_array().unwrap().iter().map(|d| (d["name"].as_str().unwrap(), d)).collect();
    assert_eq!((&by_name["folder"]["files"], &by_name["folder"]["rows"]), (&json!(2), &json!(3)));
    assert_eq!(by_name["glob"]["rows"], 3);
    assert_ne!(by_name["folder"]["hash"], by_name["glob"]["hash"], "a version is of its path, too");
    assert_eq!((&by_name["mixed"]["files"], &by_name["mixed"]["rows"]), (&json!(2), &Value::Null));
    project.write("parts/3.csv", "id,y\n4,1\n");
    project.fails(2, &["data", "add", "glob"]).says(&["3.csv", "\"x\""]);
}

#[test]
fn a_folder_named_twice_in_one_add_is_defined_once() {
    let project = TestProject::new();
    project.write("parts/1.csv", "x\n1\n");
    project.ok(&["data", "add", "parts", "./parts/"]);
    assert_eq!(project.read("mlops.toml").matches("\n[data.parts]").count(), 1);
}

#[test]
fn a_name_that_is_taken_by_another_path_is_refused() {
    let project = people();
    project.write("old/people.csv", PEOPLE);
    project.fails(2, &["data", "add", "old/people.csv"]).says(&["\"people\"", "another path", "hint: "]);
}

#[test]
fn a_quoted_glob_is_taken_as_one_dataset() {
    let project = TestProject::new();
    project.write("data/months/1.csv", "x\n1\n");
    project.write("data/months/2.csv", "x\n2\n");
    let added = project.json(&["data", "add", "data/months/*.csv"]);
    assert_eq!((&added["datasets"][0]["name"], &added["datasets"][0]["rows"]), (&json!("months"), &json!(2)));
    assert!(project.read("mlops.toml").contains("path = \"data/months/*.csv\""));
}

#[test]
fn parquet_and_json_lines_are_tables_with_the_same_columns_as_csv() {
    let project = TestProject::new();
    project.write("p.csv", "id,x,name,at\n1,0.5,a,2013-01-01T00:00:00Z\n2,,b,2013-01-02T12:30:00Z\n");
    let table = read_file(&project.path("p.csv")).unwrap();
    let mut frame = table.collect().unwrap();
    project.write("q.parquet", encode(&mut frame, Format::Parquet).unwrap());
    project.write("r.jsonl", encode(&mut frame, Format::Jsonl).unwrap());
    for file in ["p.csv", "q.parquet", "r.jsonl"] {
        assert_eq!(project.json(&["data", "add", file])["datasets"][0]["rows"], 2, "{file}");
    }
    let columns = |name: &str| project.json(&["data", "log", name])["versions"][0]["schema"].clone();
    let expected = json!([{ "name": "id", "type": "integer" }, { "name": "x", "type": "float" }, { "name": "name", "type": "text" }]);
    for name in ["p", "q", "r"] {
        let columns = columns(name);
        assert_eq!(json!(columns.as_array().unwrap()[..3]), expected, "{name}");
        assert_eq!(columns[3]["name"], "at");
    }
    assert_eq!(columns("p")[3]["type"], columns("q")[3]["type"]);
}

#[test]
fn a_file_that_contradicts_its_format_is_an_error_with_its_name() {
    let project = TestProject::new();
    project.write("bad.parquet", b"PAR1 this is not parquet PAR1");
    project.fails(2, &["data", "add", "bad.parquet"]).says(&["bad.parquet"]);
    project.write("bad.jsonl", "{\"a\": 1}\n{\"a\": \n");
    project.fails(2, &["data", "add", "bad.jsonl"]).says(&["bad.jsonl", "2"]);
    assert!(project.blobs().is_empty());
    assert!(!project.read("mlops.toml").contains("\n[data."), "a refused file is not defined");
}

#[test]
fn nothing_there_is_an_error_with_a_hint() {
    let project = people();
    project.remove("people.csv");
    project.fails(2, &["data", "add", "people"]).says(&["nothing matches people.csv", "hint: "]);
    project.fails(2, &["data", "add", "no/such/*.csv"]).says(&["neither a file", "hint: "]);
}

#[test]
fn concurrent_adds_all_succeed() {
    let project = TestProject::new();
    let names = ["a", "b", "c", "d", "e"];
    for name in names {
        project.write(&format!("{name}.csv"), format!("x\n{name}\n"));
    }
    let files = names.map(|name| format!("{name}.csv"));
    let children = files.clone().map(|file| {
        let mut command = project.command(&["data", "add", &file]);
        std::thread::spawn(move || Output::of(&mut command))
    });
    for (file, child) in files.iter().zip(children) {
        let output = child.join().unwrap();
        assert_eq!(output.code, 0, "{file}\n{output}");
    }
    let status = project.json(&["data", "status"]);
    let found: BTreeSet<&str> =
        status["datasets"].as_array().unwrap().iter().map(|d| d["name"].as_str().unwrap()).collect();
    assert_eq!(found, BTreeSet::from(names));
    assert_eq!(status["clean"], true);
    project.ok(&["fsck"]);
}

#[test]
fn concurrent_adds_of_one_new_file_define_and_record_it_once() {
    let project = TestProject::new();
    project.write("a.csv", "x\n1\n");
    let children: Vec<_> = (0..4)
        .map(|_| {
            let mut command = project.command(&["data", "add", "a.csv"]);
            std::thread::spawn(move || Output::of(&mut command))
        })
        .collect();
    for child in children {
        let output = child.join().unwrap();
        assert_eq!(output.code, 0, "{output}");
    }
    assert_eq!(project.read("mlops.toml").matches("[data.a]").count(), 1);
    assert_eq!(project.json(&["data", "log", "a"])["versions"].as_array().unwrap().len(), 1);
}

#[test]
fn status_of_a_cloned_project_says_that_the_version_is_elsewhere() {
    let project = people();
    project.ok(&["data", "add"]);
    let lock = project.read("mlops.lock");
    let brought = project.path("brought");
    std::fs::rename(project.path(".mlops"), &brought).unwrap();
    assert_eq!(state(&project, "people")["state"], "unrecorded", "git brought its files");
    project.run(&["data", "status"]).shows(&["mlops data add people"]);
    project.ok(&["data", "add", "people"]);
    assert_eq!((state(&project, "people")["state"].as_str(), project.read("mlops.lock")), (Some("unchanged"), lock));
    project.remove(".mlops");
    project.remove("people.csv");
    assert_eq!(state(&project, "people")["state"], "unfetched");
    project.run(&["data", "status"]).shows(&["copy its .mlops folder, whole"]);
    project.fails(2, &["data", "checkout"]).says(&["another machine", "copy the whole .mlops folder"]);
    project.remove(".mlops");
    std::fs::rename(&brought, project.path(".mlops")).unwrap();
    project.ok(&["data", "checkout"]);
    assert_eq!(state(&project, "people")["state"], "unchanged");
}

#[test]
fn a_new_dataset_over_a_file_of_another_one_says_so() {
    let project = TestProject::new();
    project.write("data/a.csv", "x\n1\n");
    project.ok(&["data", "add", "data/a.csv"]);
    project.ok(&["data", "add", "data/*.csv"]).shows(&["files of data belong to a as well"]);
    project.write("data/a.csv", "x\n2\n");
    assert!(!project.ok(&["data", "add"]).stdout.contains("belong to"));
}

/// Small trees: names that meet each other often, contents that repeat. A path is dropped when another one needs it
/// as a folder.
fn tree() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    let path = proptest::collection::vec("[ab]|ü| x|c\\.csv\\.", 1..4).prop_map(|parts| parts.join("/"));
    let content = prop_oneof![Just(Vec::new()), proptest::collection::vec(any::<u8>(), 0..40), Just(b"same".to_vec())];
    proptest::collection::btree_map(path, content, 1..8).prop_map(|tree| {
        let folders: BTreeSet<String> =
            tree.keys().flat_map(|p| p.match_indices('/').map(|(at, _)| p[..at].to_owned())).collect();
        tree.into_iter().filter(|(path, _)| !folders.contains(path)).collect()
    })
}

fn replace_tree(project: &TestProject, tree: &BTreeMap<String, Vec<u8>>) {
    if project.path("tree").exists() {
        project.remove("tree");
    }
    tree.iter().for_each(|(path, content)| project.write(&format!("tree/{path}"), content));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn add_then_checkout_is_identity(first in tree(), second in tree()) {
        let project = TestProject::with("[data.tree]\npath = \"tree\"\n");
        let mut versions = Vec::new();
        for tree in [&first, &second] {
            replace_tree(&project, tree);
            versions.push(project.json(&["data", "add"])["datasets"][0]["version"].as_u64().unwrap());
        }
        prop_assert_eq!(versions[0] == versions[1], first == second);
        for (version, tree) in versions.iter().zip([&first, &second]) {
            project.ok(&["data", "checkout", &format!("tree@{version}")]);
            prop_assert_eq!(&project.files("tree"), tree);
            prop_assert_eq!(&state(&project, "tree")["state"], "unchanged");
        }
        project.ok(&["fsck"]);
    }
}

#[test]
fn files_of_one_dataset_are_read_as_if_they_were_one() {
    let project = TestProject::with("[data.t]\npath = \"t/*.csv\"\n");
    project.write("t/a.csv", "v,at\n1.10,2024-01-01 00:00\n1.20,2024-01-01 01:00\n");
    project.write("t/b.csv", "v,at\nx,2024-01-01T02:00:00Z\n");
    project.ok(&["data", "add"]);
    project.remove("t/b.csv");
    project.write("t/a.csv", "v,at\n1.10,2024-01-01 00:00\n1.20,2024-01-01 01:00\nx,2024-01-01T02:00:00Z\n");
    project.ok(&["data", "add"]);
    let rows = &project.json(&["data", "diff", "t@1", "t@2"])["rows"];
    assert_eq!((&rows["added"], &rows["removed"]), (&json!(0), &json!(0)), "{rows}");
}

#[test]
fn whole_numbers_of_json_lines_keep_all_their_digits() {
    let project = TestProject::with("[data.t]\npath = \"t.jsonl\"\nexpect = [{ unique = [\"id\"] }]\n");
    project.write("t.jsonl", "{\"id\":9223372036854775808}\n{\"id\":9223372036854775809}\n");
    project.ok(&["data", "add"]);
    project.write("t.jsonl", "{\"id\":-1}\n{\"id\":9223372036854775808}\n{\"id\":9223372036854775809}\n");
    project.ok(&["data", "add"]);
}

#[test]
fn a_column_without_values_breaks_no_contract_but_not_null() {
    let rules = [
        "between = [0, 1]",
        "in = [\"a\"]",
        "matches = \"^a\"",
        "type = \"text\"",
        "type = \"float\"",
        "type = \"time\"",
    ];
    for rule in rules {
        let project =
            TestProject::with(&format!("[data.t]\npath = \"t.csv\"\nexpect = [{{ column = \"x\", {rule} }}]\n"));
        project.write("t.csv", "id,x\n1,\n2,\n");
        project.ok(&["data", "add"]);
    }
    for (rule, value) in [("float", "1"), ("time", "2024-03-01")] {
        let definitions = format!("[data.t]\npath = \"t.csv\"\nexpect = [{{ column = \"x\", type = \"{rule}\" }}]\n");
        let project = TestProject::with(&definitions);
        project.write("t.csv", format!("id,x\n1,{value}\n"));
        project.ok(&["data", "add"]);
    }
    let project = TestProject::with("[data.t]\npath = \"t.csv\"\nexpect = [{ unique = [] }]\n");
    project.write("t.csv", "id\n1\n");
    project.refuses(2, &["data", "add"]).says(&["unique = [] names no column"]);
}

#[test]
fn a_column_may_be_called_row() {
    let project = TestProject::with(
        "[data.t]\npath = \"t.csv\"\nexpect = [{ column = \"row\", between = [0, 9], mostly = 0.07 }]\n",
    );
    project.write("t.csv", "row\n-5\n-6\n");
    project.fails(1, &["data", "add"]).says(&["first at row 1: -5", "at least 7% of rows"]);
}

#[test]
fn definitions_that_nothing_can_be_added_to_stay_as_they_are() {
    let project = TestProject::new();
    project.write("mlops.toml", "data = { loans = { path = \"loans.csv\" } }\n");
    project.write("new.csv", "id\n1\n");
    project.refuses(2, &["data", "add", "new.csv"]).says(&["nothing can be added at the end", "[data.new]"]);
}

#[test]
fn bytes_that_are_a_table_since_their_format_is_named_have_rows_and_columns() {
    let project = TestProject::with("[data.t]\npath = \"t.txt\"\n");
    project.write("t.txt", "a,b\n1,2\n");
    project.ok(&["data", "add"]);
    project.define("[data.t]\npath = \"t.txt\"\nformat = \"csv\"\n");
    let added = project.json(&["data", "add"]);
    assert_eq!(added["datasets"][0]["rows"], 1, "{added}");
    assert_eq!(project.json(&["data", "log", "t"])["versions"][0]["rows"], 1);
}

#[test]
fn tables_without_a_shared_column_differ_in_all_their_rows() {
    let project = TestProject::with("[data.t]\npath = \"t.csv\"\n");
    project.write("t.csv", "a\n1\n");
    project.ok(&["data", "add"]);
    project.write("t.csv", "b\n1\n2\n3\n");
    project.ok(&["data", "add"]);
    let rows = &project.json(&["data", "diff", "t@1", "t@2"])["rows"];
    assert_eq!((&rows["added"], &rows["removed"]), (&json!(3), &json!(1)), "{rows}");
}

#[test]
fn data_inside_git_is_ignored_by_git_unless_git_has_it_already() {
    let project = TestProject::new();
    for name in ["own.csv", "tracked.csv", "folder/a.csv", "folder/b.csv", "glob/x.csv", "glob/x.md"] {
        project.write(name, "a\n1\n");
    }
    project.write("plain.csv", "a\n1\n");
    project.ok(&["data", "add", "plain.csv"]);
    assert!(!project.read(".gitignore").contains("plain"), "without git nothing is ignored");
    project.git(&["init", "-q"]);
    project.git(&["add", "tracked.csv"]);
    let added = project.ok(&["data", "add", "own.csv", "tracked.csv", "folder", "glob/*.csv"]);
    added.shows(&[
        "git leaves /own.csv alone from now on: .gitignore says so",
        "git leaves /folder/ alone",
        "git leaves /glob/*.csv alone",
        "warning: git tracks files of tracked as well",
    ]);
    project.git(&["add", "-A"]);
    let tracked = project.git(&["ls-files"]);
    assert_eq!(
        tracked.split_whitespace().collect::<Vec<_>>(),
        [".gitignore", "glob/x.md", "mlops.lock", "mlops.toml", "plain.csv", "tracked.csv"]
    );
    let again = project.json(&["data", "add"]);
    assert_eq!(again["ignored"], json!([]));
    project.write("[odd] name.csv", "a\n1\n");
    project.ok(&["data", "add", "[odd] name.csv"]);
    assert!(!project.git(&["status", "--short"]).contains("odd"), "{}", project.read(".gitignore"));
}

#[test]
fn a_new_dataset_is_called_as_asked() {
    let project = TestProject::new();
    for year in ["2023", "2024"] {
        project.write(&format!("{year}/sales.csv"), "a\n1\n");
    }
    project.ok(&["data", "add", "2023/sales.csv"]);
    project.refuses(2, &["data", "add", "2024/sales.csv"]).says(&["another path is defined already", "--name"]);
    project.ok(&["data", "add", "2024/sales.csv", "--name", "sales-2024"]).shows(&["sales-2024@1"]);
    project
        .refuses(2, &["data", "add", "2023/sales.csv", "--name", "other"])
        .says(&["is the dataset \"sales\" already"]);
    project.refuses(2, &["data", "add", "sales", "--name", "other"]).says(&["is a dataset already"]);
    project.refuses(2, &["data", "add", "--name", "other"]).says(&["--name is for one new dataset"]);
}

#[test]
fn files_that_are_another_recorded_version_are_told_from_new_ones() {
    let project = people();
    project.ok(&["data", "add"]);
    let first = project.read("mlops.lock");
    project.write("people.csv", "id,name,age\n1,ada,37\n");
    project.ok(&["data", "add"]);
    // As after a `git switch`: the lock file is that of the other branch.
    project.write("mlops.lock", first);
    assert_eq!(state(&project, "people")["recorded_as"], 2);
    project.ok(&["data", "status"]).shows(&["the files are people@2", "mlops data checkout people"]);
    assert_eq!(project.json(&["status"])["next"], json!(["mlops data checkout people"]));
    project.ok(&["data", "checkout", "people"]);
    assert_eq!(project.read("people.csv"), PEOPLE);
    project.write("people.csv", "id,name,age\n1,ada,38\n");
    assert_eq!(state(&project, "people")["recorded_as"], Value::Null);
}

#[test]
fn a_key_that_no_column_is_called_is_refused() {
    let project = TestProject::with("[data.people]\npath = \"people.csv\"\nkey = [\"ident\"]\n");
    project.write("people.csv", PEOPLE);
    for command in ["add", "validate"] {
        project.refuses(2, &["data", command]).says(&["key column \"ident\"", "id"]);
    }
}

#[test]
fn show_says_of_each_column_what_it_holds_and_how_it_goes_with_a_target() {
    let project = TestProject::new();
    let mut text = String::from("x,twice,word,day,empty\n");
    for row in 0..40 {
        let word = ["a", "b", "a", ""][row % 4];
        text += &format!("{row},{},{word},2024-01-{:02},\n", 2 * row, row % 28 + 1);
    }
    project.write("t.csv", text);
    project.ok(&["data", "add", "t.csv"]);
    let found = project.json(&["data", "show", "t", "--target", "x"]);
    let column = |name: &str| found["columns"].as_array().unwrap().iter().find(|c| c["name"] == name).unwrap().clone();
    assert_eq!(
        (&found["rows"], &column("x")["distinct"], &column("x")["target"]),
        (&json!(40), &json!(40), &Value::Null)
    );
    assert_eq!(column("x")["spread"]["quantiles"]["50"], json!(19.5));
    assert_eq!(column("twice")["target"]["method"], "pearson");
    assert!((column("twice")["target"]["value"].as_f64().unwrap() - 1.0).abs() < 1e-12);
    assert_eq!((&column("word")["missing"], &column("word")["frequent"][0]["rows"]), (&json!(10), &json!(20)));
    assert_eq!(column("word")["target"]["method"], "eta");
    assert_eq!(column("day")["spread"]["quantiles"]["0"], "2024-01-01T00:00:00Z");
    assert_eq!((&column("empty")["missing"], &column("empty")["spread"]), (&json!(40), &Value::Null));
    project.ok(&["data", "show", "t@1"]).shows(&[
        "t@1: 40 rows, 5 columns",
        "a (20), b (10)",
        "25.0 %",
        "0 … 19.5 … 39",
    ]);
    project.ok(&["data", "show", "t.csv", "--html", "t.html"]).shows(&["page written to"]);
    let page = project.read("t.html");
    assert!(page.contains("class=\"plot sample\"") && !page.contains("http") && !page.contains("<script"));
    let error = project.fails(2, &["data", "show", "t", "--target", "y"]).stderr;
    assert!(error.contains("column \"y\" is not known"), "{error}");
    project.fails(2, &["data", "show", "u"]);
    let error = project.fails(2, &["data", "show", "t", "--html", "t.csv"]).stderr;
    assert!(error.contains("does not end in .html"), "{error}");
}
