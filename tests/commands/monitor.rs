//! `mlops monitor …` through the binary.

use crate::common::TestProject;
use crate::common::loans::{self, HOURS, asked};
use crate::common::server::Server;
use serde_json::{Map, Value, json};

const MONITOR: &str = r#"
[monitor.late]
drift_share = 0.3
performance = { metric = "auc", min = 0.6, chunk = "1d" }
"#;

/// The story after the loans of four days were asked about; from `turned` on, the world is another one.
fn watched(more: &str, turned: usize) -> (TestProject, Vec<Map<String, Value>>, Vec<Value>) {
    let project = loans::project_with(more);
    let server = Server::start(&project, &["late"]);
    let rows = loans::loans(HOURS - 16..HOURS + 80, turned);
    let answers = server.predict(&asked(&rows));
    server.stop_clean();
    (project, rows, answers)
}

/// Labels by id of the prediction.
fn outcomes(answers: &[Value], label: impl Fn(usize) -> &'static str) -> String {
    let lines = answers.iter().enumerate().map(|(at, a)| format!("{},{}\n", a["id"].as_str().unwrap(), label(at)));
    std::iter::once("prediction_id,paid_late\n".to_owned()).chain(lines).collect()
}

const BY_ID: [&str; 8] =
    ["monitor", "labels", "late", "--input", "outcomes.csv", "--id", "prediction_id", "--label=paid_late"];

#[test]
fn labels_join_by_the_spines_key_and_come_late() {
    let (project, rows, _) = watched("", usize::MAX);
    project.write("first.csv", loans::csv(&rows[..40]));
    let first = project.json(&["monitor", "labels", "late", "--input", "first.csv"]);
    assert_eq!(
        first,
        json!({ "deployment": "late", "rows": 40, "joined": 40, "matched": 40, "unmatched": 0, "without_label": 0, "unknown_class": 0,
                "predictions": 96, "labelled": 40, "unreadable": { "lines": 0 } })
    );
    let mut rest = rows[40..].to_vec();
    rest[0].insert("late".to_owned(), Value::Null);
    rest.push(loans::loan(HOURS + 500, usize::MAX));
    project.write("rest.csv", loans::csv(&rest));
    let rest = project.json(&["monitor", "labels", "late", "--input", "rest.csv"]);
    let counts = ["rows", "matched", "unmatched", "without_label", "labelled"].map(|key| rest[key].as_u64().unwrap());
    assert_eq!(counts, [57, 55, 1, 1, 95]);
    project.ok(&["monitor", "labels", "late", "--input", "rest.csv"]).shows(&["55 of 57 rows", "95 of 96 predictions"]);
}

#[test]
fn labels_join_by_prediction_id_the_newest_wins_and_the_same_again_changes_nothing() {
    let (project, _, answers) = watched("", usize::MAX);
    let called = |at: usize| if answers[at]["prediction"] == "true" { "1" } else { "0" };
    let accuracy = || project.json(&["monitor", "performance", "late"])["metrics"]["accuracy"].as_f64().unwrap();
    project.write("outcomes.csv", outcomes(&answers, called));
    assert_eq!(project.json(&BY_ID)["matched"], 96);
    assert_eq!(accuracy(), 1.0);
    let kept = project.read(".mlops/predictions/late/labels");
    project.ok(&BY_ID);
    assert_eq!(project.read(".mlops/predictions/late/labels"), kept, "nothing is written twice");
    project.write("outcomes.csv", outcomes(&answers, |at| if called(at) == "1" { "0" } else { "1" }));
    assert_eq!(project.json(&BY_ID)["labelled"], 96);
    assert_eq!(accuracy(), 0.0);
}

#[test]
fn a_label_that_is_there_twice_counts_once_and_two_labels_of_one_prediction_are_refused() {
    let (project, _, answers) = watched("", usize::MAX);
    let once = outcomes(&answers[..5], |_| "1");
    let first = once.lines().nth(1).unwrap();
    project.write("outcomes.csv", format!("{once}{first}\n{first}\n"));
    project.ok(&BY_ID).shows(&["7 of 7 rows joined; 0 without a prediction", "5 of 96 predictions"]);
    let again = project.json(&BY_ID);
    assert_eq!(["rows", "joined", "matched"].map(|key| again[key].as_u64().unwrap()), [7, 7, 5]);
    project.write("outcomes.csv", format!("{once}{}\n", first.replace(",1", ",0")));
    let id = answers[0]["id"].as_str().unwrap();
    project.refuses(2, &BY_ID).says(&["rows 1 and 6 have different labels for prediction", id, "hint: "]);
    project.write("outcomes.csv", "prediction_id,paid_late\n17,1\n18,0\n");
    project.refuses(2, &BY_ID).says(&["column \"prediction_id\" is number, prediction ids are texts"]);
}

#[test]
fn labels_that_cannot_be_joined_are_refused_with_a_hint() {
    let (project, rows, answers) = watched("", usize::MAX);
    project.write("outcomes.csv", outcomes(&answers, |_| "1"));
    let labels =
        |more: &[&str]| project.fails(2, &[&["monitor", "labels", "late", "--input", "outcomes.csv"], more].concat());
    labels(&["--id", "prediction_id"]).says(&["late = 1", "hint: ", "--label"]);
    labels(&["--id", "predictionid", "--label=paid_late"])
        .says(&["\"predictionid\"", "did you mean \"prediction_id\"?"]);
    labels(&["--label=paid_late"]).says(&["\"id\""]);
    project.write("outcomes.csv", outcomes(&answers, |_| "3"));
    labels(&["--id", "prediction_id", "--label=paid_late"])
        .says(&["\"3\" is not one of the classes \"false\", \"true\"", "hint: "]);
    project.write("rows.csv", loans::csv(&rows));
    project.fails(2, &["monitor", "labels", "late", "--input", "rows.csv", "--key", "nothing"]).says(&["nothing"]);
    project.fails(2, &["monitor", "labels", "latte", "--input", "rows.csv"]).says(&["did you mean \"late\"?"]);
    assert!(!project.path(".mlops/predictions/late/labels").exists());
}

#[test]
fn nothing_served_yet_is_said() {
    let project = loans::project();
    for command in ["drift", "performance", "report"] {
        project.fails(2, &["monitor", command, "late"]).says(&["\"late\"", "nothing was served yet", "mlops serve"]);
    }
}

#[test]
fn drift_takes_datasets_versions_and_files_alike() {
    let project = TestProject::with("[data.loans]\npath = \"loans.csv\"\n");
    let (before, after) = (loans::loans(0..300, usize::MAX), loans::loans(300..600, 300));
    project.write("loans.csv", loans::csv(&before));
    project.ok(&["data", "add"]);
    project.write("loans.csv", loans::csv(&after));
    project.ok(&["data", "add"]);
    project.write("before.csv", loans::csv(&before));
    let drift = |reference: &str, current: &str, code: i32| {
        let tables = ["monitor", "drift", "--reference", reference, "--current", current];
        project.fails(code, &[&tables[..], &["--columns", "amount,purpose", "--json"]].concat()).json()
    };
    let expected = drift("loans@1", "loans@2", 1);
    for (reference, current) in [("before.csv", "loans.csv"), ("before.csv", "loans"), ("loans@1", "loans.csv")] {
        assert_eq!(drift(reference, current, 1), expected, "{reference} {current}");
    }
    assert_eq!((&expected["rows_reference"], &expected["rows_current"]), (&json!(300), &json!(300)));
    let amount = &expected["columns"][0];
    assert_eq!(
        (&amount["column"], &amount["kind"], &amount["test"]),
        (&json!("amount"), &json!("numeric"), &json!("ks"))
    );
    assert_eq!((&amount["threshold"], &amount["drifted"]), (&json!(0.05), &json!(true)));
    assert_eq!(
        (&expected["columns"][1]["test"], &expected["columns"][1]["kind"]),
        (&json!("chisquare"), &json!("categorical"))
    );
    assert_eq!(drift("loans@1", "before.csv", 0)["drifted"], false);
}

#[test]
fn two_files_are_compared_without_a_project() {
    let project = TestProject::with("");
    project.write("a.csv", loans::csv(&loans::loans(0..300, usize::MAX)));
    project.write("b.csv", loans::csv(&loans::loans(300..600, 300)));
    let inside =
        project.fails(1, &["monitor", "drift", "a.csv", "b.csv", "--columns", "amount,purpose", "--json"]).json();
    project.fails(2, &["monitor", "drift", "a.csv"]).says(&["a.csv is a file", "monitor drift BEFORE AFTER"]);
    project
        .fails(2, &["monitor", "drift", "late", "--share", "0.2"])
        .says(&["--share are of two tables", "[monitor.late]"]);
    project.fails(2, &["monitor", "drift", "a.csv", "b.csv", "--from", "2024-01-01"]).says(&["--from", "a deployment"]);
    project.remove("mlops.toml");
    project.remove(".mlops");
    let files = project.files("");
    let outside =
        project.fails(1, &["monitor", "drift", "a.csv", "b.csv", "--columns", "amount,purpose", "--json"]).json();
    assert_eq!(outside, inside);
    assert_eq!(project.files(""), files, "nothing is written");
    project.fails(2, &["monitor", "drift", "a.csv", "c.csv"]).says(&["there is no file", "c.csv"]);
    project.fails(2, &["monitor", "drift", "late"]).says(&["no mlops.toml", "mlops init"]);
}

/// As Evidently types a column of whole numbers with up to ten different values.
#[test]
fn few_whole_numbers_are_categories_and_many_or_incomplete_ones_are_numbers() {
    let project = TestProject::with("");
    let table = |rows: usize, of: &dyn Fn(usize) -> String| {
        std::iter::once("code,count,gap\n".to_owned()).chain((0..rows).map(of)).collect::<String>()
    };
    let gap = |at: usize| if at == 5 { String::new() } else { (at % 8).to_string() };
    project.write("a.csv", table(400, &|at| format!("{},{},{}\n", at % 8, at % 11, at % 8)));
    // The same mean and range, but the codes in the middle are gone.
    project.write("b.csv", table(400, &|at| format!("{},{},{}\n", [0, 7, 1, 6][at % 4], at % 11, gap(at))));
    let drift = |more: &[&str], code: i32| {
        project
            .fails(code, &[&["monitor", "drift", "a.csv", "b.csv", "--share", "0.3", "--json"], more].concat())
            .json()
    };
    let found = drift(&[], 1);
    let kinds: Vec<(&str, &str)> = found["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["kind"].as_str().unwrap(), c["test"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [("categorical", "chisquare"), ("numeric", "ks"), ("numeric", "ks")]);
    assert_eq!(found["columns"][0]["drifted"], true);
    let asked = drift(&["--test", "code=wasserstein"], 1);
    assert_eq!(
        (&asked["columns"][0]["kind"], &asked["columns"][0]["test"]),
        (&json!("numeric"), &json!("wasserstein"))
    );
}

#[test]
fn drift_tests_and_the_share_can_be_chosen() {
    let project = TestProject::new();
    project.write("a.csv", loans::csv(&loans::loans(0..300, usize::MAX)));
    project.write("b.csv", loans::csv(&loans::loans(300..600, 300)));
    let tables = ["monitor", "drift", "--reference", "a.csv", "--current", "b.csv", "--columns", "amount,shop"];
    let run = |code: i32, more: &[&str]| project.fails(code, &[&tables, more, &["--json"]].concat());
    for test in ["ks", "wasserstein", "jensenshannon", "psi"] {
        let outcome = run(1, &["--test", &format!("amount={test}")]).json();
        assert_eq!(outcome["columns"][0]["test"], test);
        assert!(outcome["columns"][0]["score"].is_number());
    }
    assert_eq!(run(0, &["--share", "0.9"]).json()["share"], 0.5);
    let message = |output: crate::common::Output| output.error()["message"].as_str().unwrap().to_owned();
    assert!(message(run(2, &["--test", "amount=magic"])).contains("magic"));
    assert!(message(run(2, &["--test", "amount"])).contains("COLUMN=TEST"));
    assert!(message(run(2, &["--test", "shop=ks"])).contains("\"shop\""));
    assert!(message(run(2, &["--test", "amuont=ks"])).contains("\"amuont\""));
    project.write("empty.csv", "amount,purpose\n");
    let said = project.fails(2, &["monitor", "drift", "--reference", "a.csv", "--current", "empty.csv"]);
    said.says(&["current", "no rows"]);
    project.write("other.csv", "colour\nred\n");
    project.fails(2, &["monitor", "drift", "--reference", "a.csv", "--current", "other.csv"]).says(&["in common"]);
    project.fails(2, &["monitor", "drift"]);
}

#[test]
fn drift_of_a_deployment_is_what_was_asked_against_what_was_learned() {
    let (project, _, _) = watched(MONITOR, HOURS);
    let drift = project.fails(1, &["monitor", "drift", "late", "--json"]).json();
    assert_eq!((&drift["rows_reference"], &drift["rows_current"]), (&json!(336), &json!(96)));
    assert_eq!((&drift["share_threshold"], &drift["columns"][0]["drifted"]), (&json!(0.3), &json!(true)));
    let calm = ["monitor", "drift", "late", "--to", &loans::time(HOURS), "--json"];
    assert_eq!(project.run(&calm).json()["rows_current"], 16, "by the rows' own time");
    project
        .fails(1, &["monitor", "drift", "late", "--from", &loans::time(HOURS)])
        .shows(&["drifted", "80 rows against 336"]);
    project.fails(2, &["monitor", "drift", "late", "--from", "2030-01-01"]).says(&["no rows", "hint: "]);
    project.fails(2, &["monitor", "drift", "late", "--from", "soon"]).says(&["soon"]);
    let checks = project.json(&["status"])["checks"].clone();
    assert_eq!(
        (&checks[0]["monitor"], &checks[0]["kind"], &checks[0]["passed"]),
        (&json!("late"), &json!("drift"), &json!(false))
    );
}

#[test]
fn performance_is_measured_by_chunk_and_its_limit_decides_the_exit_code() {
    let (project, rows, _) = watched(MONITOR, HOURS + 32);
    project.write("labels.csv", loans::csv(&rows[..48]));
    project.ok(&["monitor", "labels", "late", "--input", "labels.csv"]);
    let good = project.json(&["monitor", "performance", "late"]);
    let chunk = |at: usize, of: &Value| of["chunks"][at].clone();
    assert_eq!((&good["rows"], &good["labelled"], &good["passed"]), (&json!(96), &json!(48), &json!(true)));
    let first = chunk(0, &good);
    assert_eq!((&first["from"], &first["to"]), (&json!("2024-01-17T00:00:00Z"), &json!("2024-01-18T00:00:00Z")));
    assert_eq!((&first["rows"], &first["labelled"], &first["passed"]), (&json!(24), &json!(24), &json!(true)));
    for metric in ["auc", "log_loss", "brier", "accuracy"] {
        assert!(first["metrics"][metric].is_number(), "{metric}");
    }
    let waiting = chunk(3, &good);
    assert_eq!((&waiting["labelled"], &waiting["passed"], &waiting["metrics"]), (&json!(0), &Value::Null, &json!({})));

    project.write("labels.csv", loans::csv(&rows[48..]));
    project.ok(&["monitor", "labels", "late", "--input", "labels.csv"]);
    let bad = project.fails(1, &["monitor", "performance", "late", "--json"]).json();
    assert_eq!(
        (&bad["labelled"], &bad["passed"], &chunk(3, &bad)["passed"]),
        (&json!(96), &json!(false), &json!(false))
    );
    assert_eq!(chunk(0, &bad), first, "chunks before are what they were");
    project.fails(1, &["monitor", "performance", "late"]).shows(&["holds", "beyond", "96 of 96 predictions"]);
    let before = ["monitor", "performance", "late", "--to", "2024-01-19", "--chunk", "2d"];
    let before = project.json(&before);
    assert_eq!((&before["rows"], before["chunks"].as_array().unwrap().len()), (&json!(48), 2));
    project.fails(2, &["monitor", "performance", "late", "--chunk", "0d"]);
}

/// Two versions that answered one after the other: 16 rows and 80, and the second knows amounts only.
fn two_versions() -> TestProject {
    let small = "[set.small]\nspine = \"loans\"\nevent_time = \"at\"\nlabel = \"late = 1\"\nfeatures = [\"amount\"]\nsplit = { by = \"time\", test = \"2024-01-15\" }\n[train.small]\nset = \"small\"\nmodel = \"logistic\"\nthreshold = 0.3\n";
    let project = loans::project_with(small);
    project.ok(&["run", "train", "small"]);
    project.ok(&["model", "register", "small", "late"]);
    for (version, hours) in [("late@1", HOURS - 16..HOURS), ("late@2", HOURS..HOURS + 80)] {
        let server = Server::start(&project, &[version]);
        server.predict(&asked(&loans::loans(hours, usize::MAX)));
        server.stop_clean();
    }
    let rows = loans::loans(HOURS - 16..HOURS + 80, usize::MAX);
    project.write("labels.csv", loans::csv(&rows));
    project.ok(&["monitor", "labels", "late", "--input", "labels.csv"]);
    project
}

#[test]
fn what_is_watched_is_one_model_and_others_are_left_out_and_counted() {
    let project = two_versions();
    let drift = |more: &[&str]| project.run(&[&["monitor", "drift", "late", "--json"], more].concat()).json();
    let last = drift(&[]);
    assert_eq!(
        (&last["model"], &last["rows_current"], &last["rows_other_models"]),
        (&json!("late@2"), &json!(80), &json!(16))
    );
    assert_eq!(last["columns"].as_array().unwrap().len(), 1, "its own features only");
    let first = drift(&["--model", "late@1"]);
    assert_eq!(
        (&first["model"], &first["rows_current"], &first["rows_other_models"]),
        (&json!("late@1"), &json!(16), &json!(80))
    );
    assert!(first["columns"].as_array().unwrap().len() > 3);
    let window = drift(&["--model", "late@1", "--to", &loans::time(HOURS)]);
    assert_eq!((&window["rows_current"], &window["rows_other_models"]), (&json!(16), &json!(0)));
    project.run(&["monitor", "drift", "late"]).shows(&["of late@2 alone; 16 rows of other models left out"]);
    let none = ["monitor", "drift", "late", "--model", "late@1", "--from", &loans::time(HOURS)];
    project.fails(2, &none).says(&["late@1 has no rows", "other models answered 80 rows"]);

    let performance =
        |more: &[&str]| project.json(&[&["monitor", "performance", "late", "--chunk", "30d"], more].concat());
    let (first, last) = (performance(&["--model", "late@1"]), performance(&[]));
    assert_eq!((&first["rows"], &first["labelled"], &first["rows_other_models"]), (&json!(16), &json!(16), &json!(80)));
    assert_eq!((&last["rows"], &last["labelled"], &last["rows_other_models"]), (&json!(80), &json!(80), &json!(16)));
    let all = performance(&["--all-models"]);
    assert_eq!((&all["rows"], &all["metrics"]), (&last["rows"], &last["metrics"]), "the last one stands first");
    let other = &all["other_models"][0];
    assert_eq!((&other["model"], &other["rows"], &other["metrics"]), (&json!("late@1"), &json!(16), &first["metrics"]));
    project.ok(&["monitor", "performance", "late", "--all-models"]).shows(&["late@1"]);
    // A class is called as the model itself calls it: late@2 at 0.3.
    let log = loans::log(&project, "late");
    let right = log.iter().filter(|line| line["model"] == "late@2").filter(|line| {
        let label = loans::loans(HOURS..HOURS + 80, usize::MAX).into_iter().find(|l| l["id"] == line["key"]["id"]);
        let outcome = if label.unwrap()["late"] == 1 { "true" } else { "false" };
        line["outputs"]["prediction"] == outcome
    });
    assert_eq!(last["metrics"]["accuracy"].as_f64().unwrap(), right.count() as f64 / 80.0);
    project.ok(&["monitor", "report", "late", "--output", "report.md"]);
    assert!(project.read("report.md").contains("rows of other models, left out"));
    project.fails(2, &["monitor", "drift", "late", "--model", "late@7"]).says(&["late@7"]);
}

#[test]
fn a_monitor_may_watch_a_deployment_of_another_name_against_a_dataset() {
    let more = "[monitor.eye]\ndeployment = \"late\"\nreference = \"loans@1\"\ncolumns = [\"amount\"]\ntests = { amount = \"psi\" }\nthresholds = { amount = 1000.0 }\n";
    let (project, _, _) = watched(more, 0);
    let drift = project.json(&["monitor", "drift", "eye"]);
    assert_eq!((&drift["rows_reference"], drift["columns"].as_array().unwrap().len()), (&json!(HOURS), 1));
    let column = &drift["columns"][0];
    assert_eq!(
        (&column["test"], &column["threshold"], &column["drifted"]),
        (&json!("psi"), &json!(1000.0), &json!(false))
    );
    assert!(column["score"].as_f64().unwrap() > 0.1);
}

#[test]
fn the_report_is_one_page_that_needs_nothing_else() {
    let (project, rows, _) = watched(MONITOR, HOURS + 32);
    project.write("labels.csv", loans::csv(&rows));
    project.ok(&["monitor", "labels", "late", "--input", "labels.csv"]);
    let written = project.json(&["monitor", "report", "late", "--output", "report.html"]);
    assert_eq!((&written["drifted"], &written["performance_holds"]), (&json!(true), &json!(false)));
    let page = project.read("report.html");
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"));
    for part in ["<svg", "amount", "sales__turnover", "auc", "trial · late"] {
        assert!(page.contains(part), "{part}");
    }
    for outside in ["<script", "http://", "https://", "<link", "<iframe", " src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let kept = project.json(&["monitor", "report", "late"])["output"].as_str().unwrap().to_owned();
    assert!(kept.contains("/.mlops/reports/late-") && std::path::Path::new(&kept).is_file());
    project.fails(3, &["monitor", "report", "late", "--output", "no/such/folder/report.html"]).says(&["report.html"]);
}

#[test]
fn a_report_is_written_as_the_ending_of_its_file_or_the_format_says() {
    let (project, rows, _) = watched(MONITOR, HOURS + 32);
    project.write("labels.csv", loans::csv(&rows));
    project.ok(&["monitor", "labels", "late", "--input", "labels.csv"]);
    let report = |more: &[&str]| {
        let output = project.json(&[&["monitor", "report", "late"], more].concat())["output"].clone();
        std::fs::read_to_string(output.as_str().unwrap()).unwrap()
    };
    let markdown = report(&["--output", "report.md"]);
    assert!(
        markdown.starts_with("# trial · late\n") && markdown.contains("\n| column | verdict | score | threshold |"),
        "{markdown}"
    );
    assert!(markdown.contains("## Drift\n") && !markdown.contains("<svg"), "{markdown}");
    let text = report(&["--output", "report.txt"]);
    assert!(text.starts_with("trial · late\n") && text.contains("\n▲ performance is beyond its limit"), "{text}");
    assert!(!text.contains("<svg") && !text.contains(['|', '\u{1b}']), "{text}");
    let junit = report(&["--output", "report.xml"]);
    for part in ["<testsuites name=\"trial · late\"", "<testsuite name=\"performance\"", "auc is ", "name=\"amount\""]
    {
        assert!(junit.contains(part), "{part}\n{junit}");
    }
    assert_eq!(report(&["--format", "junit", "--output", "report.html"]), junit, "the format wins over the ending");
    assert!(report(&["--output", "report"]).starts_with("<!doctype html>"));
    let kept = project.json(&["monitor", "report", "late", "--format", "md"])["output"].as_str().unwrap().to_owned();
    assert!(kept.ends_with(".md"), "{kept}");
    project.fails(2, &["monitor", "report", "late", "--format", "pdf"]).says(&["pdf", "junit"]);
}

#[test]
fn drift_and_performance_tell_a_ci_system_what_made_them_fail() {
    let (project, rows, _) = watched(MONITOR, HOURS);
    project.fails(1, &["monitor", "drift", "late", "--junit", "drift.xml"]).shows(&["columns drifted"]);
    let drift = project.read("drift.xml");
    assert!(drift.contains("<testcase classname=\"drift\" name=\"amount\">\n      <failure message="), "{drift}");
    assert!(drift.contains("name=\"share of drifted columns\""), "{drift}");

    project.ok(&["monitor", "performance", "late", "--junit", "open.xml"]).shows(&["compared with nothing"]);
    let checks = project.json(&["status"])["checks"].clone();
    assert!(checks.as_array().unwrap().iter().all(|check| check["kind"] != "performance"), "{checks}");
    assert!(
        project.read("open.xml").contains("<skipped message=\"no chunk has labels"),
        "{}",
        project.read("open.xml")
    );
    project.write("labels.csv", loans::csv(&rows));
    project.ok(&["monitor", "labels", "late", "--input", "labels.csv"]);
    let code = project.run(&["monitor", "performance", "late", "--junit", "performance.xml"]).code;
    let performance = project.read("performance.xml");
    assert_eq!(performance.contains("failures=\"1\""), code == 1, "{performance}");
}

#[test]
fn a_column_that_is_gone_empty_or_of_another_type_is_not_taken_for_stable() {
    let project = TestProject::new();
    let rows = |b: &str| (0..60).map(|i| format!("{i},{}\n", b.replace('#', &i.to_string()))).collect::<String>();
    project.write("ref.csv", format!("a,b\n{}", rows("#")));
    project.write("gone.csv", "a\n".to_owned() + &(0..60).map(|i| format!("{i}\n")).collect::<String>());
    project.write("empty.csv", format!("a,b\n{}", rows("")));
    project.write("text.csv", format!("a,b\n{}", rows("t#")));
    project.write("more.csv", format!("a,b,c\n{}", rows("#,1")));
    project.write("float.csv", format!("a,b\n{}", rows("#.0")));
    for (current, column, reason) in [
        ("gone.csv", "b", "it is not in the current table"),
        ("empty.csv", "b", "the current sample has no values"),
        ("text.csv", "b", "it is integer in the reference and text in the current table"),
        ("more.csv", "c", "it is not in the reference"),
    ] {
        let args = ["monitor", "drift", "--reference", "ref.csv", "--current", current];
        let found: Value = project.fails(1, &[&args[..], &["--json"]].concat()).json();
        assert_eq!(found["untested"], json!([{"column": column, "reason": reason}]), "{found}");
        assert_eq!((&found["drifted"], &found["share"]), (&json!(false), &json!(0.0)), "{found}");
        project.fails(1, &args).shows(&["not tested: ", reason, ", 1 not tested"]);
        let junit = [&args[..], &["--junit", "j.xml"]].concat();
        project.fails(1, &junit);
        assert!(project.read("j.xml").contains("failures=\"1\""), "{}", project.read("j.xml"));
        project.ok(&[&args[..], &["--allow-untested"]].concat());
    }
    let same = project.json(&["monitor", "drift", "--reference", "ref.csv", "--current", "float.csv"]);
    assert_eq!(
        (same["untested"].as_array().unwrap().len(), same["columns"].as_array().unwrap().len()),
        (0, 2),
        "{same}"
    );
}

#[test]
fn labels_of_a_class_that_the_model_does_not_know_are_counted_and_named() {
    let (project, _, answers) = watched("", usize::MAX);
    project.write("outcomes.csv", outcomes(&answers, |row| if row == 5 { "maybe" } else { ["0", "1"][row % 2] }));
    let found = project.run(&[&BY_ID[..], &["--json"]].concat()).json();
    assert_eq!((&found["unknown_class"], &found["matched"]), (&json!(1), &json!(95)), "{found}");
    assert!(found["first_unknown"].as_str().unwrap().contains("row 6: \"maybe\" is not one of"), "{found}");
    project.ok(&BY_ID).shows(&["warning: 1 with a class that the model does not know"]);
    project.write("outcomes.csv", outcomes(&answers, |_| "maybe"));
    project.fails(2, &BY_ID).says(&["\"maybe\" is not one of the classes", "--label"]);
}

#[test]
fn lines_that_are_of_no_use_are_said_to_people_too() {
    let (project, _, _) = watched("", usize::MAX);
    let files = project.files(".mlops/predictions");
    let (name, text) = files.iter().find(|(name, _)| name.ends_with(".jsonl")).unwrap();
    let text = String::from_utf8_lossy(text).replacen("\"amount\":", "\"amount\":\"x\",\"b\":", 1);
    project.write(&format!(".mlops/predictions/{name}"), text.replacen("\"prediction\":\"", "\"prediction\":\"z", 1));
    project.run(&["monitor", "drift", "late"]).shows(&["of the log was left out; the first is prediction"]);
    project.run(&["monitor", "performance", "late"]).shows(&["1 line of the log was left out"]);
}

#[test]
fn two_files_of_a_dataset_are_compared_without_its_keys_times_and_what_is_predicted() {
    let project = TestProject::with(
        "[data.t]\npath = \"t.csv\"\nkey = [\"id\"]\nseparator = \";\"\ndecimal = \",\"\nencoding = \"latin1\"\n\
         [set.s]\nspine = \"t\"\nlabel = \"y\"\nfeatures = [\"*\"]\n",
    );
    let row = |i: usize| format!("{i};{},5;caf\u{e9};2024-01-{:02}", i % 9, 1 + i % 28);
    let latin = |text: String| text.chars().map(|c| c as u8).collect::<Vec<u8>>();
    let rows = |more: &str| (0..200).map(|i| row(i) + more + "\n").collect::<String>();
    project.write("t.csv", latin(format!("id;x;place;at;y\n{}", rows(";1"))));
    project.write("new.csv", latin(format!("id;x;place;at\n{}", rows(""))));
    project.ok(&["data", "add"]);
    let found = project.json(&["monitor", "drift", "t.csv", "new.csv"]);
    let tested: Vec<&str> =
        found["columns"].as_array().unwrap().iter().map(|c| c["column"].as_str().unwrap()).collect();
    let out: Vec<&str> = found["left_out"].as_array().unwrap().iter().map(|c| c["column"].as_str().unwrap()).collect();
    assert_eq!((tested, out), (vec!["x", "place"], vec!["id", "at", "y"]), "{found}");
    project.refuses(2, &["monitor", "drift", "t.csv", "new.csv", "--share", "2"]).says(&["from 0 to 1"]);
    project.refuses(2, &["monitor", "drift", "t.csv", "nw.csv"]).says(&["no file nw.csv", "did you mean \"new.csv\"?"]);
}
