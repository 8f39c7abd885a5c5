//! Why a model answers as it does, from what its probabilities mean to whom it calls what: `model explain`, `run slices`, calibration and
//! chosen thresholds, on real loans.

use crate::common::TestProject;
use crate::common::server::Server;
use serde_json::{Value, json};

const CREDIT: &str = include_str!("../vectors/credit.csv");

fn project(recipe: &str) -> TestProject {
    let project = TestProject::with(&format!(
        "[data.credit]\npath = 'credit.csv'\n[set.credit]\nspine = 'credit'\nlabel = 'creditability'\nfeatures = ['*']\n\
         split = {{ by = 'stratified', test = 0.25 }}\n[train.r]\nset = 'credit'\n{recipe}\n"
    ));
    project.write("credit.csv", CREDIT);
    project.ok(&["data", "add"]);
    project
}

fn trained(recipe: &str) -> (TestProject, Value) {
    let project = project(recipe);
    let run = project.json(&["run", "train", "r"]);
    project.ok(&["model", "register", "r", "m", "--alias", "champion"]);
    (project, run)
}

fn total(explanation: &Value) -> f64 {
    let contributions = explanation["contributions"].as_object().unwrap();
    contributions.values().fold(explanation["base"].as_f64().unwrap(), |sum, by| sum + by.as_f64().unwrap())
}

const ROW: &str = r#"{"duration_in_month": 24, "credit_amount": 5000, "age_in_years": 30, "installment_rate_in_percentage_of_disposable_income": 2, "purpose": "car (new)", "housing": "rent", "job": "skilled employee / official", "credit_history": "existing credits paid back duly till now", "foreign_worker": "yes"}"#;

#[test]
fn contributions_add_up_to_the_answer() {
    for (recipe, scale) in [
        ("model = 'forest'\nparams = { n_estimators = 20 }", "probability"),
        ("model = 'boosting'\nparams = { max_iter = 20 }", "log_odds"),
        ("model = 'logistic'\ncv = { folds = 3 }\ncalibration = 'sigmoid'", "log_odds"),
    ] {
        let (project, _) = trained(recipe);
        let found = project.json(&["model", "explain", "m", "--input", "credit.csv"]);
        assert_eq!(found["rows"], 1000);
        for row in found["explanations"].as_array().unwrap().iter().step_by(97) {
            let p = row["probability"].as_f64().unwrap();
            let expected = if scale == "probability" { p } else { (p / (1.0 - p)).ln() };
            assert!((total(row) - expected).abs() < 1e-9 && row["scale"] == scale, "{recipe}: {row}");
            assert_eq!((row["class"].as_str(), row["contributions"].as_object().unwrap().len()), (Some("good"), 9));
        }
    }
}

#[test]
fn a_server_explains_where_it_is_asked_to() {
    let (project, _) = trained("model = 'boosting'\nparams = { max_iter = 10 }");
    let row: Value = serde_json::from_str(ROW).unwrap();
    let expected = project.json(&["model", "explain", "m", "--input", ROW])["explanations"][0].clone();
    let server = Server::start(&project, &["m"]);
    let plain = server.json(200, "/invocations", &json!({ "dataframe_records": [row] }));
    assert!(plain["predictions"][0].get("explanation").is_none());
    for body in [
        json!({ "dataframe_records": [row], "explain": true }),
        json!({ "params": { "explain": true }, "dataframe_records": [row] }),
    ] {
        let reply = server.json(200, "/invocations", &body);
        let explanation = &reply["predictions"][0]["explanation"];
        assert_eq!(explanation["contributions"], expected["contributions"], "{reply}");
        assert!((total(explanation) - total(&expected)).abs() < 1e-12);
    }
    let tensor = |(name, value): (&String, &Value)| {
        let datatype = if value.is_string() { "BYTES" } else { "FP64" };
        json!({ "name": name, "shape": [1], "datatype": datatype, "data": [value] })
    };
    let inputs: Vec<Value> = row.as_object().unwrap().iter().map(tensor).collect();
    let asked = json!({ "inputs": inputs, "parameters": { "explain": true } });
    let reply = server.json(200, "/v2/models/m/infer", &asked);
    let outputs = reply["outputs"].as_array().unwrap();
    let text = outputs.iter().find(|tensor| tensor["name"] == "explanation").unwrap()["data"][0].as_str().unwrap();
    let explanation: Value = serde_json::from_str(text).unwrap();
    assert_eq!(explanation["contributions"], expected["contributions"]);
}

#[test]
fn what_cannot_be_explained_says_so_and_writes_nothing() {
    let (project, _) = trained("model = 'knn'");
    let before = project.disk();
    let refused = project.fails(2, &["model", "explain", "m", "--input", "credit.csv", "--output", "e.csv"]);
    refused.says(&["the model can't be explained", "linear models and trees"]);
    project.fails(2, &["model", "explain", "m", "--input", "{\"a\": "]).says(&["--input", "not a JSON object"]);
    assert_eq!(before, project.disk());
}

#[test]
fn explanations_are_written_beside_the_rows() {
    let (project, _) = trained("model = 'tree'\nparams = { max_depth = 4 }");
    project.ok(&["model", "explain", "m", "--input", "credit.csv", "--output", "e.csv"]);
    let head = project.read("e.csv").lines().next().unwrap().to_owned();
    assert!(
        head.starts_with("duration_in_month,") && head.contains(",probability,prediction,base,contribution_"),
        "{head}"
    );
    assert_eq!(project.read("e.csv").lines().count(), 1001);
}

#[test]
fn a_threshold_is_chosen_by_what_mistakes_cost() {
    let chosen = |threshold: &str| {
        let (project, run) = trained(&format!("model = 'logistic'\ncv = {{ folds = 4 }}\nthreshold = {threshold}"));
        let metrics = run["metrics"].as_object().unwrap().clone();
        let shown = project.json(&["run", "show", "r"]);
        assert_eq!(run["threshold"].to_string(), shown["params"]["threshold"].as_str().unwrap());
        (shown["params"]["threshold"].as_str().unwrap().parse::<f64>().unwrap(), metrics)
    };
    let (careful, metrics) = chosen("{ cost = { bad = 5, good = 1 } }");
    let (bold, _) = chosen("{ cost = { bad = 1, good = 5 } }");
    // Calling a bad loan good costs five: only what is good for nearly certain is called so.
    assert!(careful > 0.7 && bold < 0.4, "{careful} {bold}");
    assert!(metrics["cv.precision"].as_f64().unwrap() > 0.85, "{metrics:?}");
    let (_, metrics) = chosen("{ recall = 0.9 }");
    assert!((metrics["cv.recall"].as_f64().unwrap() - 0.9).abs() < 0.01, "{metrics:?}");
    let refused = project("model = 'logistic'\nthreshold = { recall = 0.9 }").fails(2, &["run", "train", "r"]);
    refused.says(&["need rows that the model did not see", "cv = { folds = 5 }"]);
    let unknown = project("model = 'logistic'\ncv = { folds = 3 }\nthreshold = { cost = { bda = 5 } }");
    unknown.fails(2, &["run", "train", "r"]).says(&["\"bda\" is not known"]);
}

#[test]
fn calibrated_probabilities_lose_less() {
    let loss = |more: &str| {
        let (_, run) = trained(&format!("model = 'boosting'\ncv = {{ folds = 4 }}\n{more}"));
        run["metrics"]["test.log_loss"].as_f64().unwrap()
    };
    let plain = loss("");
    for method in ["sigmoid", "isotonic"] {
        let calibrated = loss(&format!("calibration = '{method}'"));
        assert!(calibrated < plain, "{method}: {calibrated}, {plain} without");
    }
}

#[test]
fn groups_have_their_selection_rates() {
    let (project, _) = trained("model = 'logistic'\ncv = { folds = 3 }");
    let found = project.json(&["run", "slices", "r", "--by", "housing", "--part", "cv"]);
    let groups = found["groups"].as_array().unwrap();
    assert_eq!((found["part"].as_str(), groups.len()), (Some("cv"), 4), "{found}");
    let rows: u64 = groups[..3].iter().map(|group| group["rows"].as_u64().unwrap()).sum();
    assert_eq!(Some(rows), groups[3]["rows"].as_u64());
    let called: f64 = groups[..3]
        .iter()
        .map(|group| group["rows"].as_f64().unwrap() * group["selection_rate"]["rate"].as_f64().unwrap())
        .sum();
    let all = &groups[3]["selection_rate"];
    assert!((called / rows as f64 - all["rate"].as_f64().unwrap()).abs() < 1e-12);
    assert!(all["low"].as_f64() < all["rate"].as_f64() && all["rate"].as_f64() < all["high"].as_f64());
    project.fails(2, &["run", "slices", "r", "--by", "huosing"]).says(&["did you mean \"housing\""]);
    project.fails(2, &["run", "slices", "r", "--by", "housing", "--part", "tset"]).says(&["\"tset\" is not known"]);
}

#[test]
fn sets_and_intervals_cover_what_they_say() {
    let (project, run) = trained("model = 'logistic'\ncv = { folds = 4 }\nconformal = 0.9");
    let coverage = run["metrics"]["test.coverage"].as_f64().unwrap();
    assert!((0.83..=0.97).contains(&coverage), "{coverage}");
    let size = run["metrics"]["test.set_size"].as_f64().unwrap();
    assert!(size > 1.0 && size < 2.0, "{size}");
    let rows = crate::common::loans::lines(&project.ok(&["model", "predict", "m", "--input", "credit.csv"]).stdout);
    assert!(rows.iter().all(|row| {
        ["[\"good\"]", "[\"bad\",\"good\"]", "[\"bad\"]", "[]"].contains(&row["prediction_set"].as_str().unwrap())
    }));
    let server = Server::start(&project, &["m"]);
    let row: Value = serde_json::from_str(ROW).unwrap();
    let answer = server.predict(&json!({ "dataframe_records": [row] })).remove(0);
    assert!(answer["prediction_set"].is_array(), "{answer}");
    drop(server);

    let (project, run) = numbers("conformal = 0.8");
    let coverage = run["metrics"]["test.coverage"].as_f64().unwrap();
    assert!((0.7..=0.9).contains(&coverage), "{coverage}");
    let rows = crate::common::loans::lines(&project.ok(&["model", "predict", "m", "--input", "credit.csv"]).stdout);
    let width = run["metrics"]["test.interval_width"].as_f64().unwrap();
    for row in rows.iter().step_by(101) {
        let number = |name: &str| row[name].as_f64().unwrap();
        assert!((number("upper") - number("lower") - width).abs() < 1e-6 && number("lower") < number("prediction"));
    }
    project.ok(&["model", "show", "m"]).shows(&["covers    80 % of rows within"]);
    let few = project_of_numbers("cv = { folds = 3 }\nconformal = 0.9999");
    few.fails(2, &["run", "train", "r"]).says(&["rows are too few for a coverage of 0.9999"]);
}

fn project_of_numbers(more: &str) -> TestProject {
    let project = project(&format!("model = 'boosting'\nparams = {{ max_iter = 30 }}\n{more}"));
    let text = project.read("mlops.toml").replace("label = 'creditability'", "label = 'credit_amount'");
    project.write("mlops.toml", text.replace("by = 'stratified', test", "by = 'hash', test"));
    project
}

fn numbers(more: &str) -> (TestProject, Value) {
    let project = project_of_numbers(&format!("cv = {{ folds = 4 }}\n{more}"));
    let run = project.json(&["run", "train", "r"]);
    project.ok(&["model", "register", "r", "m"]);
    (project, run)
}

#[test]
fn rows_count_by_their_weight() {
    let rows: String =
        (0..40).map(|at| format!("{at},{},{}\n", at % 4, if at % 4 == 0 { "yes" } else { "no" })).collect();
    let project = |weight: &str| {
        let project = TestProject::with(&format!(
            "[data.d]\npath = 'd.csv'\n[set.s]\nspine = 'd'\nlabel = 'y'\n{weight}\nfeatures = ['*']\n\
             [train.r]\nset = 's'\nmodel = 'baseline'\n"
        ));
        project.write("d.csv", format!("x,w,y\n{rows}"));
        project.ok(&["data", "add"]);
        project
    };
    let answer = |project: &TestProject| {
        project.ok(&["run", "train", "r"]);
        let rows = project.ok(&["model", "predict", "r", "--input", "d.csv"]).stdout;
        crate::common::loans::lines(&rows)[0]["probability"].as_f64().unwrap()
    };
    // A quarter of the rows is "yes"; counted nine times each they are three quarters of the weight.
    assert_eq!(answer(&project("")), 0.25);
    assert_eq!(answer(&project("weight = 'CASE WHEN w = 0 THEN 9 ELSE 1 END'")), 0.75);
    let star = project("weight = '1 + w'");
    star.ok(&["run", "train", "r"]);
    star.ok(&["model", "register", "r", "m"]);
    let takes = star.json(&["model", "show", "m"])["request"].clone();
    assert_eq!(takes, json!(["x"]), "what weighs the rows is no feature");
    project("weight = '0 - w'").fails(2, &["run", "train", "r"]).says(&["weight: that of row 2 is -1", "0 or more"]);
    project("weight = 'y'").fails(2, &["run", "train", "r"]).says(&["weight: it is a column of texts"]);
}

#[test]
fn a_time_is_explained_by_a_server_as_by_a_batch() {
    let project = TestProject::with(
        "[data.d]\npath = 'd.csv'\n[set.s]\nspine = 'd'\nlabel = 'y'\nfeatures = ['a', 'at']\n[train.r]\nset = 's'\n\
         model = 'logistic'\nprep = [{ op = 'date_parts', columns = 'time' }]\n",
    );
    let row =
        |at: u32| format!("{},2024-01-{:02} {:02}:30:00,{}\n", at % 7, 1 + at % 28, at % 24, u32::from(at % 24 > 11));
    project.write("d.csv", "a,at,y\n".to_owned() + &(0..200).map(row).collect::<String>());
    project.ok(&["data", "add"]);
    project.ok(&["run", "train", "r"]);
    project.ok(&["model", "register", "r", "m"]);
    let asked = json!({ "a": 3, "at": "2024-01-05T20:30:00Z" });
    let batch = project.json(&["model", "explain", "m", "--input", &asked.to_string()]);
    let server = Server::start(&project, &["m"]);
    let reply = server.json(200, "/invocations", &json!({ "dataframe_records": [asked], "explain": true }));
    let (served, batch) = (&reply["predictions"][0]["explanation"]["contributions"], &batch["explanations"][0]);
    assert_eq!((served, served["at"].as_f64().unwrap() > 0.1), (&batch["contributions"], true), "{reply}");
}
