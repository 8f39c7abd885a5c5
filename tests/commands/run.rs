//! `mlops run …` through the binary.

use crate::common::TestProject;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CREDIT: &str = include_str!("../vectors/credit.csv");

const SET: &str = r#"
[data.credit]
path = "credit.csv"
key = ["id"]

[set.credit]
spine = "credit"
label = "creditability"
features = ["*"]
split = { by = "hash", validation = 0.2, test = 0.2 }
"#;

/// The first loans of the German credit data with these recipes, added.
fn credit(loans: usize, recipes: &str) -> TestProject {
    let project = TestProject::with(&format!("{SET}\n{recipes}"));
    project.write("credit.csv", table(loans));
    project.ok(&["data", "add"]);
    project
}

/// The loans with a number each.
fn table(loans: usize) -> String {
    let mut lines = CREDIT.lines();
    let head = format!("id,{}\n", lines.next().unwrap());
    lines.take(loans).enumerate().fold(head, |text, (id, line)| text + &format!("{id},{line}\n"))
}

const LOGISTIC: &str = "[train.logistic]\nset = \"credit\"\nmodel = \"logistic\"\n";
const TREE: &str = "[train.tree]\nset = \"credit\"\nmodel = \"tree\"\nparams = { max_depth = 3 }\n";

fn recipe(model: &str, rest: &str) -> String {
    format!("[train.r]\nset = \"credit\"\nmodel = \"{model}\"\n{rest}\n")
}

fn runs(project: &TestProject, args: &[&str]) -> Vec<Value> {
    project.json(&[&["run", "list"], args].concat())["runs"].as_array().unwrap().clone()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

#[test]
fn every_estimator_learns_who_pays_back() {
    let models = ["logistic", "svm", "tree", "forest", "boosting"];
    let params = |model: &str| match model {
        "tree" => "params = { max_depth = 4, min_samples_leaf = 20 }",
        "forest" => "params = { n_estimators = 30, max_depth = 6 }",
        "boosting" => "params = { max_iter = 30 }",
        _ => "",
    };
    let recipes: String =
        models.iter().map(|m| format!("[train.{m}]\nset = \"credit\"\nmodel = \"{m}\"\n{}\n", params(m))).collect();
    let project = credit(1000, &recipes);
    for model in models {
        let run = project.json(&["run", "train", model]);
        for part in ["train", "validation", "test"] {
            let metric = |name: &str| run["metrics"][format!("{part}.{name}")].as_f64().unwrap();
            assert!((0.55..0.999).contains(&metric("auc")), "{model} {part}: {}", run["metrics"]);
            assert!((0.6..1.0).contains(&metric("accuracy")), "{model} {part}: {}", run["metrics"]);
            // A leaf of one class alone is sure, and one row of the other class costs much.
            let sure = model == "tree" || metric("log_loss") < 0.75;
            assert!(sure && metric("brier") < 0.25, "{model} {part}: {}", run["metrics"]);
        }
    }
    let (rows, seen) =
        (project.json(&["run", "train", "tree"])["rows"].clone(), project.json(&["feature", "join", "credit"]));
    assert_eq!(rows, seen["parts"]);
}

#[test]
fn train_prints_run_model_set_seed_metrics_and_times() {
    let project = credit(300, LOGISTIC);
    let run = project.json(&["run", "train", "logistic"]);
    assert_eq!(text(&run, "run").len(), 32);
    assert_eq!((text(&run, "model").len(), text(&run, "set").len()), (64, 64));
    assert_eq!((&run["recipe"], &run["estimator"], &run["seed"]), (&json!("logistic"), &json!("logistic"), &json!(7)));
    for key in ["train.auc", "validation.auc", "test.auc", "test.log_loss", "test.average_precision"] {
        assert!(run["metrics"][key].is_f64(), "{key}: {run}");
    }
    assert!(run["seconds"].as_f64().unwrap() >= run["fit_seconds"].as_f64().unwrap());
    let output = project.ok(&["run", "train", "logistic"]);
    output.shows(&["run ", "auc", "mlops model register"]);
    assert_eq!(output.stderr, "", "progress is drawn on a terminal only");
}

#[test]
fn threads_and_repetition_change_no_bit_of_the_model() {
    let recipes = ["logistic", "svm", "forest", "boosting"].map(|m| {
        format!(
            "[train.{m}]\nset = \"credit\"\nmodel = \"{m}\"\n{}",
            if m == "logistic" { "cv = { folds = 3 }\n" } else { "" }
        )
    });
    let project = credit(
        200,
        &recipes.map(|r| r.replace("\"forest\"\n", "\"forest\"\nparams = { n_estimators = 10 }\n")).concat(),
    );
    for model in ["logistic", "svm", "forest", "boosting"] {
        let hashes: BTreeSet<String> = [["--threads", "1"], ["--threads", "2"], ["--threads", "2"]]
            .map(|threads| text(&project.json(&[&["run", "train", model][..], &threads].concat()), "model").to_owned())
            .into();
        assert_eq!(hashes.len(), 1, "{model}");
    }
}

#[test]
fn another_seed_is_another_forest_and_is_recorded() {
    let project = credit(200, &recipe("forest", "params = { n_estimators = 5 }"));
    let (a, b) = (project.json(&["run", "train", "r"]), project.json(&["run", "train", "r", "--seed", "8"]));
    assert_ne!(a["model"], b["model"]);
    assert_eq!((&a["set"], &b["seed"]), (&b["set"], &json!(8)));
    assert_eq!(project.json(&["run", "show", text(&b, "run")])["seed"], 8);
}

#[test]
fn preparation_is_fitted_on_the_training_part_only() {
    let definitions = |split: &str| {
        format!(
            "[data.d]\npath = \"d.csv\"\n[set.s]\nspine = \"d\"\nlabel = \"y\"\nfeatures = [\"x\", \"c\"]\nsplit = {split}\n[train.r]\nset = \"s\"\nmodel = \"logistic\"\n"
        )
    };
    let train = "x,c,y,part\n1,a,0,train\n2,b,1,train\n3,a,1,train\n4,b,0,train\n";
    let project = TestProject::with(&definitions("{ by = \"column\", column = \"part\" }"));
    let mut models = Vec::new();
    for test in ["2,a,1,test\n3,b,0,test\n", "900000,zz,1,test\n,yy,0,test\n"] {
        project.write("d.csv", format!("{train}{test}"));
        project.ok(&["data", "add"]);
        let run = project.json(&["run", "train", "r"]);
        let model = project.json(&["model", "show", text(&run, "model")]);
        models.push((run["metrics"]["train.log_loss"].clone(), model["signature"].clone()));
        let kept = project.json(&["run", "show", text(&run, "run")])["artifacts"].clone();
        assert!(kept.as_array().unwrap().iter().any(|file| file["name"] == "model"), "{kept}");
        let manifest = std::fs::read_to_string(blob(&project, text(&run, "model"))).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        models.push((manifest["preparation"].clone(), manifest["tensor_blob"].clone()));
    }
    assert_eq!(models[..2], models[2..]);
}

fn blob(project: &TestProject, hash: &str) -> std::path::PathBuf {
    project.path(".mlops/objects").join(&hash[..2]).join(&hash[2..])
}

#[test]
fn cross_validation_gives_mean_and_spread_of_each_metric() {
    for by in ["", ", by = \"stratified\""] {
        let project = credit(
            800,
            &recipe("tree", &format!("params = {{ max_depth = 3, min_samples_leaf = 30 }}\ncv = {{ folds = 4{by} }}")),
        );
        let metrics = &project.json(&["run", "train", "r"])["metrics"];
        assert!((0.5..0.9).contains(&metrics["cv.auc"].as_f64().unwrap()), "{metrics}");
        assert!((0.0..0.3).contains(&metrics["cv.auc_std"].as_f64().unwrap()), "{metrics}");
    }
}

#[test]
fn a_search_keeps_its_trials_and_the_best_of_them() {
    let search = "search = { method = \"grid\", space = { max_depth = [1, 2, 3], min_samples_leaf = [5, 30] } }";
    let project = credit(400, &recipe("tree", search));
    let run = project.json(&["run", "train", "r"]);
    let shown = project.json(&["run", "show", text(&run, "run")]);
    let kept = shown["artifacts"].as_array().unwrap().iter().find(|a| a["name"] == "search.json").unwrap();
    let trials = std::fs::read(blob(&project, text(kept, "hash"))).unwrap();
    let trials: Vec<Value> = serde_json::from_slice(&trials).unwrap();
    assert_eq!((trials.len(), &shown["trials"]), (6, &json!(trials)));
    let best = trials.iter().map(|t| t["score"].as_f64().unwrap()).fold(0.0, f64::max);
    assert_eq!(run["metrics"]["validation.auc"], json!(best));
    assert_eq!(shown["params"]["max_depth"], run["chosen"]["max_depth"].to_string());
    let table = project.ok(&["run", "show", text(&run, "run")]).stdout;
    let scores: Vec<f64> = table
        .lines()
        .skip_while(|line| !(line.starts_with("max_depth  min_samples_leaf") && line.ends_with("auc")))
        .filter_map(|line| line.split_whitespace().nth(2)?.parse().ok())
        .take(6)
        .collect();
    assert!(scores.len() == 6 && scores.is_sorted_by(|a, b| a >= b), "{table}");
}

#[test]
fn list_shows_the_newest_first_and_filters_sorts_and_limits() {
    let project = credit(200, &format!("{LOGISTIC}{TREE}"));
    assert_eq!(runs(&project, &[]), Vec::<Value>::new());
    project.ok(&["run", "list"]).shows(&["no runs yet", "mlops run train RECIPE"]);
    let trained: Vec<Value> = ["logistic", "tree", "logistic"]
        .iter()
        .enumerate()
        .map(|(at, r)| {
            project.json(&["run", "train", r, "--seed", &at.to_string(), "--tag", "idea=first", "--tag", "by=me=you"])
        })
        .collect();
    let listed = runs(&project, &[]);
    let ids = |runs: &[Value]| runs.iter().map(|r| text(r, "run").to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&listed), ids(&trained.iter().rev().cloned().collect::<Vec<_>>()));
    assert_eq!(listed[1]["recipe"], "tree");
    assert_eq!(listed[1]["status"], "finished");
    assert_eq!(listed[1]["tags"], json!({ "by": "me=you", "idea": "first" }));
    assert_eq!(listed[1]["params"]["max_depth"], "3");
    assert_eq!(listed[1]["metrics"], trained[1]["metrics"]);
    assert!(text(&listed[1], "started").ends_with('Z'));

    assert_eq!(ids(&runs(&project, &["-n", "1"])), ids(&trained[2..]));
    assert_eq!(runs(&project, &["--recipe", "logistic"]).len(), 2);
    for (metric, rising) in [("test.auc", false), ("test.log_loss", true), ("validation.brier", true)] {
        let values: Vec<f64> =
            runs(&project, &["--sort", metric]).iter().map(|r| r["metrics"][metric].as_f64().unwrap()).collect();
        assert!(values.is_sorted_by(|a, b| if rising { a <= b } else { a >= b }), "{metric}: {values:?}");
    }
}

#[test]
fn list_refuses_a_recipe_or_metric_that_no_run_has() {
    let project = credit(200, LOGISTIC);
    project.ok(&["run", "train", "logistic"]);
    project
        .fails(2, &["run", "list", "--recipe", "logistik"])
        .says(&["recipe \"logistik\"", "did you mean \"logistic\"?"]);
    project
        .fails(2, &["run", "list", "--sort", "test.acu"])
        .says(&["metric \"test.acu\"", "did you mean \"test.auc\"?"]);
}

#[test]
fn a_recipe_without_runs_lists_none() {
    let project = credit(200, LOGISTIC);
    assert_eq!(runs(&project, &["--recipe", "logistic"]), Vec::<Value>::new());
}

#[test]
fn list_finds_runs_by_a_filter_sorts_and_pages() {
    let project = credit(200, &format!("{LOGISTIC}{TREE}"));
    for args in [&["logistic", "--tag", "team=risk"][..], &["tree", "--tag", "team=Risk"], &["tree"]] {
        project.ok(&[&["run", "train"], args].concat());
    }
    let names =
        |args: &[&str]| runs(&project, args).iter().map(|r| text(r, "name").to_owned()).collect::<Vec<_>>().join(" ");
    let filtered = |filter: &str| names(&["--filter", filter]);
    assert_eq!(filtered("params.model = 'tree'"), "tree tree");
    assert_eq!(filtered("tags.team ilike 'risk' and attributes.status = 'FINISHED'"), "tree logistic");
    assert_eq!(filtered("metrics.test.auc > 0.3 and tags.team like 'r%'"), "logistic");
    assert_eq!(filtered("params.max_depth is null"), "logistic");
    assert_eq!(names(&["--order-by", "params.model", "--order-by", "start_time asc"]), "logistic tree tree");
    assert_eq!(names(&["-n", "1", "--offset", "2"]), "logistic");
    assert_eq!(names(&["--recipe", "tree", "--filter", "tags.team is null"]), "tree");
    project
        .refuses(2, &["run", "list", "--filter", "status = 'failed' or status = 'died'"])
        .says(&["filter, character 19: only `and` joins conditions", "hint: "]);
    project.refuses(2, &["run", "list", "--order-by", "metric.auc up"]).says(&["order, character 12: \"up\""]);
    project.fails(2, &["run", "list", "--sort", "test.auc", "--order-by", "status"]).says(&["cannot be used with"]);
    let run = &runs(&project, &[])[0];
    assert_eq!(
        (&run["source"], &run["experiment"], &run["lifecycle"]),
        (&json!("recipe"), &json!("0"), &json!("active"))
    );
}

#[test]
fn show_takes_an_id_its_beginning_or_a_recipe_and_says_what_the_run_was_made_of() {
    let project = credit(200, LOGISTIC);
    let first = project.json(&["run", "train", "logistic"]);
    let run = project.json(&["run", "train", "logistic"]);
    let id = text(&run, "run");
    let shown = project.json(&["run", "show", id]);
    assert_eq!(shown["run"], id);
    assert_eq!(project.json(&["run", "show", &id[..8]]), shown);
    assert_eq!(project.json(&["run", "show", "logistic"]), shown, "the newest");
    assert_ne!(project.json(&["run", "show", text(&first, "run")])["run"], shown["run"]);
    let inputs: Vec<&str> = shown["inputs"].as_array().unwrap().iter().map(|i| text(i, "kind")).collect();
    assert_eq!(inputs, ["dataset", "recipe", "set"]);
    let lock = project.read("mlops.lock");
    assert_eq!(lock.trim(), format!("credit {}", text(&shown["inputs"][0], "hash")));
    assert_eq!(shown["model"], run["model"]);
    project.ok(&["run", "show", id]).shows(&["parameter", "C", "test.auc", "model", "importance.json"]);
}

#[test]
fn compare_puts_metrics_and_differing_parameters_side_by_side() {
    let project = credit(200, &format!("{LOGISTIC}{TREE}"));
    for recipe in ["logistic", "tree"] {
        project.ok(&["run", "train", recipe]);
    }
    let compared = project.json(&["run", "compare", "logistic", "tree"]);
    let recipes: Vec<&str> = compared["runs"].as_array().unwrap().iter().map(|r| text(r, "recipe")).collect();
    assert_eq!(recipes, ["logistic", "tree"]);
    let shown = project.ok(&["run", "compare", "tree", "logistic"]);
    shown.shows(&["test.auc", "validation.log_loss", "max_depth", "tree ", "logistic "]);
    assert!(!shown.stdout.contains("train.auc"), "{shown}");
    project.fails(2, &["run", "compare", "tree"]).says(&["Usage"]);
}

#[test]
fn unknown_runs_and_recipes_are_refused_with_the_nearest() {
    let project = credit(200, LOGISTIC);
    project.fails(2, &["run", "train", "logistik"]).says(&["recipe \"logistik\"", "did you mean \"logistic\"?"]);
    project.fails(2, &["run", "show", "logistic"]).says(&["no run \"logistic\"", "mlops run"]);
    project.ok(&["run", "train", "logistic"]);
    project.fails(2, &["run", "show", "logistik"]).says(&["no run \"logistik\"", "did you mean \"logistic\"?"]);
    project.fails(2, &["run", "show", "ffffffff"]).says(&["no run \"ffffffff\"", "mlops run list"]);
    project.fails(2, &["run", "compare", "logistic", "nope"]).says(&["no run \"nope\""]);
    project.fails(2, &["run", "show", "../x"]).says(&["not a reference"]);
    project.fails(2, &["run", "train", "logistic", "--tag", "idea"]).says(&["--tag idea", "KEY=VALUE"]);
    assert_eq!(runs(&project, &[]).len(), 1, "a refused command is no run");
}

#[test]
fn a_recipe_that_cannot_be_read_is_no_run() {
    for (model, rest, parts) in [
        ("logistik", "", ["model \"logistik\"", "did you mean \"logistic\"?"]),
        ("logistic", "params = { CC = 1 }", ["logistic parameter \"CC\"", "did you mean \"C\"?"]),
        ("logistic", "params = { C = 0 }", ["\"C\" is 0", "it takes"]),
        ("logistic", "params = { C = -1.5 }", ["\"C\" is -1.5", "it takes"]),
        ("logistic", "params = { C = inf }", ["\"C\" is", "it takes"]),
        ("logistic", "params = { max_iter = 2.5 }", ["\"max_iter\" is 2.5", "a whole number"]),
        ("forest", "params = { n_estimators = 0 }", ["\"n_estimators\" is 0", "a whole number"]),
        ("tree", "params = { max_depth = \"deep\" }", ["\"max_depth\" is \"deep\"", "null for no limit"]),
        ("boosting", "params = { learning_rate = 0 }", ["\"learning_rate\" is 0", "it takes"]),
        ("boosting", "threshold = 1.5", ["threshold", "from 0 to 1"]),
        ("logistic", "task = \"ranking\"", ["task \"ranking\"", "binary"]),
    ] {
        let project = credit(100, &recipe(model, rest));
        let blobs = project.blobs();
        project.fails(2, &["run", "train", "r"]).says(&["recipe r"]).says(&parts);
        assert_eq!((runs(&project, &[]), project.blobs()), (Vec::new(), blobs), "{model} {rest}");
    }
}

#[test]
fn a_run_that_fails_is_recorded_with_its_reason_and_makes_no_model() {
    for (model, rest, parts) in [
        ("tree", "cv = { folds = 1 }", ["folds", "2"]),
        ("tree", "cv = { folds = 5, by = \"moon\" }", ["\"moon\"", "stratified, time"]),
        ("tree", "cv = { folds = 5, by = \"time\" }", ["cv by time", "event_time"]),
        (
            "tree",
            "search = { method = \"rndom\", space = { max_depth = [1] } }",
            ["\"rndom\"", "did you mean \"random\"?"],
        ),
        (
            "tree",
            "search = { method = \"grid\", space = { max_dept = [1] } }",
            ["\"max_dept\"", "did you mean \"max_depth\"?"],
        ),
        ("tree", "search = { method = \"grid\", space = { max_depth = [1, 0] } }", ["\"max_depth\" is 0", "search"]),
        (
            "tree",
            "search = { method = \"grid\", metric = \"acu\", space = { max_depth = [1] } }",
            ["\"acu\"", "did you mean \"auc\"?"],
        ),
        ("tree", "prep = [{ op = \"inpute\", columns = \"all\" }]", ["\"inpute\"", "did you mean \"impute\"?"]),
        (
            "tree",
            "prep = [{ op = \"scale\", columns = \"age_in_year\" }]",
            ["\"age_in_year\"", "did you mean \"age_in_years\"?"],
        ),
        ("tree", "prep = [{ op = \"scale\", columns = \"all\" }]", ["preparation scale", "\"purpose\""]),
        ("tree", "prep = [{ op = \"clip\", columns = \"numeric\", low = -1 }]", ["\"low\" is -1", "from 0 to 1"]),
        ("tree", "prep = [{ op = \"clip\", columns = \"numeric\", low = 0.9, high = 0.1 }]", ["low", "high"]),
        (
            "tree",
            "prep = [{ op = \"scale\", columns = \"numeric\", metod = \"x\" }]",
            ["\"metod\"", "did you mean \"method\"?"],
        ),
        (
            "tree",
            "prep = [{ op = \"scale\", columns = \"numeric\", method = \"robst\" }]",
            ["\"robst\"", "standard, minmax, maxabs, robust"],
        ),
        (
            "tree",
            "prep = [{ op = \"one_hot\", columns = \"categorical\", max_categories = 0 }]",
            ["max_categories", "1 or more"],
        ),
        (
            "tree",
            "prep = [{ op = \"impute\", columns = \"numeric\", indicator = \"yes\" }]",
            ["indicator", "true or false"],
        ),
    ] {
        let project = credit(100, &recipe(model, rest));
        let failed = project.fails(2, &["run", "train", "r"]);
        failed.says(&parts).says(&["hint: "]);
        let listed = runs(&project, &[]);
        if failed.stderr.contains("recipe r: ") {
            assert!(listed.is_empty(), "what is wrong in the recipe alone shows before a run begins: {failed}");
            continue;
        }
        assert_eq!((listed.len(), &listed[0]["status"], &listed[0]["model"]), (1, &json!("failed"), &Value::Null));
        assert!(failed.stderr.contains(text(&listed[0], "error")), "{listed:?}\n{failed}");
        project.fails(2, &["model", "register", text(&listed[0], "run"), "m"]).says(&["failed", "no model"]);
        project.ok(&["run", "show", text(&listed[0], "run")]).shows(&[text(&listed[0], "error")]);
    }
}

#[test]
fn a_set_without_a_label_is_not_trained() {
    let project = TestProject::with(&format!("{}{LOGISTIC}", SET.replace("label = \"creditability\"\n", "")));
    project.write("credit.csv", table(100));
    project.ok(&["data", "add"]);
    project.fails(2, &["run", "train", "logistic"]).says(&["set \"credit\" has no label", "hint: "]);
}

#[test]
fn a_threshold_moves_classes_and_no_probabilities() {
    let metrics =
        |threshold: &str| credit(300, &recipe("logistic", threshold)).json(&["run", "train", "r"])["metrics"].clone();
    let (half, all) = (metrics(""), metrics("threshold = 0.0"));
    assert_eq!((&half["test.auc"], &half["test.log_loss"]), (&all["test.auc"], &all["test.log_loss"]));
    assert_eq!(all["test.recall"], 1.0);
    assert!(half["test.recall"].as_f64().unwrap() < 1.0);
}

#[test]
fn no_threads_is_refused() {
    let project = credit(10, LOGISTIC);
    project.fails(2, &["run", "train", "logistic", "--threads", "0"]).says(&["--threads 0"]);
    let error = project.fails(2, &["run", "train", "logistik", "--json"]).error();
    assert_eq!((&error["kind"], &error["hint"]), (&json!("not_found"), &json!("did you mean \"logistic\"?")));
}

#[test]
fn a_recipe_asks_for_more_metrics_and_they_come_beside_the_usual_ones() {
    let project = credit(
        300,
        &recipe("tree", "params = { max_depth = 3 }\ncv = { folds = 3 }\nmetrics = [\"mcc\", \"ks\", \"auc\"]"),
    );
    let plain = credit(300, &recipe("tree", "params = { max_depth = 3 }\ncv = { folds = 3 }"));
    let (run, usual) = (project.json(&["run", "train", "r"]), plain.json(&["run", "train", "r"]));
    for name in ["test.mcc", "validation.ks", "train.mcc", "cv.mcc", "cv.ks_std"] {
        assert!(run["metrics"][name].is_f64() && usual["metrics"][name].is_null(), "{name}: {run}");
    }
    assert_eq!(run["metrics"]["test.auc"], usual["metrics"]["test.auc"]);
    project.ok(&["run", "train", "r"]).shows(&["mcc", "ks"]);
    let unknown = recipe("tree", "metrics = [\"mc\"]");
    project.define(&format!("{SET}\n{unknown}"));
    let refused = project.fails(2, &["run", "train", "r"]).stderr;
    assert!(refused.contains("metric \"mc\" is not known") && refused.contains("did you mean \"mcc\"?"), "{refused}");
}

#[test]
fn a_run_keeps_its_predictions_and_how_sure_its_metrics_are_whatever_the_threads() {
    let project = credit(400, &recipe("boosting", "params = { max_iter = 10 }\ncv = { folds = 3 }"));
    let kept = |threads: &str| -> Vec<Value> {
        let run = project.json(&["run", "train", "r", "--threads", threads]);
        project.json(&["run", "show", text(&run, "run")])["artifacts"].as_array().unwrap().clone()
    };
    let (one, two) = (kept("1"), kept("2"));
    assert_eq!(one, two, "every file that a run keeps has the same hash");
    for name in ["definitions.json", "environment.json", "evaluation.json", "predictions.parquet"] {
        assert!(one.iter().any(|file| file["name"] == name), "{name}: {one:?}");
    }
    let shown = project.json(&["run", "show", "r"]);
    let of = &shown["intervals"]["test.auc"];
    let [low, value, high] = ["low", "value", "high"].map(|key| of[key].as_f64().unwrap());
    assert!(low < value && value < high && json!(value) == shown["metrics"]["test.auc"], "{of}");
    project.ok(&["run", "show", "r"]).shows(&["95 % interval"]);
}
