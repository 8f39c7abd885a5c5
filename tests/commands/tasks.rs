//! The whole loop for every task, on the same real loans: several classes (where does the applicant live?) and numbers (how
//! large is the loan?) are trained, predicted, served, labelled late, watched and retrained as two classes are.

use crate::common::TestProject;
use crate::common::loans::lines;
use crate::common::server::Server;
use serde_json::{Map, Value, json};

const CREDIT: &str = include_str!("../vectors/credit.csv");

/// The last so many of the thousand loans are what the model is asked about.
const ASKED: usize = 200;

struct Story {
    project: TestProject,
    label: &'static str,
}

impl Story {
    /// The first 800 loans with a recipe for `label`, trained and registered as champion.
    fn new(label: &'static str, more: &str) -> Story {
        let definitions = format!(
            r#"
[data.credit]
path = "credit.csv"
key = ["id"]
[set.credit]
spine = "credit"
event_time = "at"
label = "{label}"
features = ["*"]
split = {{ by = "hash", validation = 0.1, test = 0.2, key = ["id"] }}
[train.r]
set = "credit"
model = "boosting"
params = {{ max_iter = 40, learning_rate = 0.1 }}
{more}
[monitor.m]
deployment = "m"
[retrain.m]
train = "r"
model = "m"
holdout = "100h"
"#
        );
        let project = TestProject::with(&definitions);
        let story = Story { project, label };
        story.write(0..1000 - ASKED);
        story.project.ok(&["data", "add"]);
        story
    }

    /// The loans as a dataset, an hour apart.
    fn write(&self, loans: std::ops::Range<usize>) {
        let mut rows = CREDIT.lines();
        let head = format!("id,at,{}\n", rows.next().unwrap());
        let rows = rows.enumerate().skip(loans.start).take(loans.len());
        let time = |id: usize| {
            format!("2024-01-{:02}T{:02}:00:00Z", 1 + id / 24 % 28, id % 24)
                .replace("2024-01", &format!("2024-{:02}", 1 + id / 672))
        };
        self.project
            .write("credit.csv", rows.fold(head, |text, (id, row)| text + &format!("{id},{},{row}\n", time(id))));
    }

    fn train(&self) -> Value {
        let run = self.project.json(&["run", "train", "r"]);
        self.project.ok(&["model", "register", "r", "m", "--alias", "champion"]);
        run
    }

    /// The loans that are asked about, as records without and with the label.
    fn asked(&self) -> (Vec<Map<String, Value>>, Vec<Value>) {
        self.write(1000 - ASKED..1000);
        let table = mlops::data::read_file(&self.project.path("credit.csv")).unwrap().collect().unwrap();
        let text = mlops::data::encode(&mut table.clone(), mlops::project::Format::Jsonl).unwrap();
        let mut rows: Vec<Map<String, Value>> = lines(std::str::from_utf8(&text).unwrap())
            .into_iter()
            .map(|row| row.as_object().unwrap().clone())
            .collect();
        let labels = rows.iter_mut().map(|row| row.shift_remove(self.label).unwrap()).collect();
        (rows, labels)
    }

    /// Serves the loans, adds their labels and returns the answers, which batch prediction gives too.
    fn serve(&self) -> (Vec<Value>, Vec<Value>) {
        let (rows, labels) = self.asked();
        let text: String = rows.iter().map(|row| Value::from(row.clone()).to_string() + "\n").collect();
        self.project.write("rows.jsonl", text);
        let batch = lines(&self.project.ok(&["model", "predict", "m", "--input", "rows.jsonl"]).stdout);
        let server = Server::start(&self.project, &["m"]);
        let mut answers = server.predict(&json!({ "dataframe_records": rows }));
        let reply = server.json(200, "/v2/models/m/infer", &tensors(&rows[..3]));
        self.check_tensors(&reply["outputs"], &batch[..3]);
        let url = server.url();
        self.project.ok(&["model", "predict", "--url", &url, "--input", "rows.jsonl", "--output", "answers.jsonl"]);
        let by_client = lines(&self.project.read("answers.jsonl"));
        drop(server);
        for ((answer, batch), client) in answers.iter_mut().zip(&batch).zip(&by_client) {
            assert_eq!(answer["prediction"], batch["prediction"]);
            assert_eq!(answer["prediction"], client["prediction"]);
            for (class, p) in answer["probabilities"].as_object().into_iter().flatten() {
                assert_eq!(*p, batch[format!("probability_{class}")], "{class}");
                assert_eq!(*p, client[format!("probability_{class}")], "{class}");
            }
        }
        (answers, labels)
    }

    /// The tensors of an answer say what batch prediction says.
    fn check_tensors(&self, outputs: &Value, batch: &[Value]) {
        for tensor in outputs.as_array().unwrap() {
            let cells: Vec<&Value> = batch.iter().map(|row| &row[tensor["name"].as_str().unwrap()]).collect();
            assert_eq!(tensor["data"].as_array().unwrap().iter().collect::<Vec<_>>(), cells, "{tensor}");
            let kind = if cells[0].is_string() { "BYTES" } else { "FP64" };
            assert_eq!(tensor["datatype"], kind, "{tensor}");
        }
    }

    /// Adds the labels of what was asked, measures, and compares with what the answers themselves show.
    fn watch(&self) -> Value {
        let labels = self.project.json(&["monitor", "labels", "m", "--input", "credit.csv"]);
        assert_eq!(labels["unmatched"], 0, "{labels}");
        let drift = self.project.run(&["monitor", "drift", "m", "--json"]).json();
        assert!(drift["columns"].as_array().unwrap().len() > 5, "{drift}");
        self.project.ok(&["monitor", "report", "m", "--output", "report.html"]);
        self.project.json(&["monitor", "performance", "m"])
    }
}

/// Records as Open Inference tensors.
fn tensors(rows: &[Map<String, Value>]) -> Value {
    let tensor = |name: &String| {
        let data: Vec<&Value> = rows.iter().map(|row| &row[name]).collect();
        let datatype = if data[0].is_string() { "BYTES" } else { "FP64" };
        json!({ "name": name, "shape": [data.len()], "datatype": datatype, "data": data })
    };
    json!({ "inputs": rows[0].keys().map(tensor).collect::<Vec<_>>() })
}

#[test]
fn several_classes_go_through_the_whole_loop_under_their_own_names() {
    let story = Story::new(
        "housing",
        "cv = { folds = 3 }\nsearch = { method = \"grid\", space = { max_leaf_nodes = [4, 8] } }",
    );
    let run = story.train();
    assert_eq!(run["task"], "multiclass");
    for metric in ["auc_ovr_macro", "log_loss", "accuracy", "f1_macro", "f1.own", "f1.rent", "f1.for free"] {
        assert!(run["metrics"][format!("test.{metric}")].is_number(), "{metric}: {run}");
    }
    assert!(run["metrics"]["test.auc_ovr_macro"].as_f64().unwrap() > 0.6, "{run}");
    let shown = story.project.json(&["model", "show", "m"]);
    assert_eq!(
        shown["signature"],
        json!({"task": "multiclass", "label": "housing", "classes": ["for free", "own", "rent"]})
    );
    story.project.ok(&["model", "show", "m"]).shows(&["multiclass: for free, own, rent"]);
    let (answers, labels) = story.serve();
    for answer in &answers {
        let each = answer["probabilities"].as_object().unwrap();
        let best = each.iter().max_by(|a, b| a.1.as_f64().unwrap().total_cmp(&b.1.as_f64().unwrap())).unwrap().0;
        assert_eq!(answer["prediction"], best.as_str());
        assert!((each.values().map(|p| p.as_f64().unwrap()).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(answer.get("probability").is_none());
    }
    let performance = story.watch();
    // Two of the three ways to ask were logged by row: each loan was answered twice, and three of them once more.
    let right = answers.iter().zip(&labels).filter(|(answer, label)| answer["prediction"] == **label).count();
    let accuracy = performance["metrics"]["accuracy"].as_f64().unwrap();
    assert!((accuracy - right as f64 / ASKED as f64).abs() < 0.02, "{accuracy}, {right} of {ASKED}");
    assert_eq!(performance["task"], "multiclass");
    story.write(0..1000);
    let outcome = story.project.json(&["retrain", "m", "--force"]);
    assert_eq!(outcome["task"], "multiclass");
    assert!(
        outcome["champion"]["metrics"]["log_loss"].is_number()
            && outcome["challenger"]["metrics"]["f1.own"].is_number()
    );
}

#[test]
fn numbers_go_through_the_whole_loop() {
    let story = Story::new("credit_amount", "cv = { folds = 3 }");
    let run = story.train();
    assert_eq!(run["task"], "regression");
    assert!(run["metrics"]["test.r2"].as_f64().unwrap() > 0.2, "{run}");
    assert!(run["metrics"]["cv.rmse_std"].is_number(), "{run}");
    assert_eq!(
        story.project.json(&["model", "show", "m"])["signature"],
        json!({"task": "regression", "label": "credit_amount"})
    );
    story.project.ok(&["run", "list"]).shows(&["rmse"]);
    let (answers, labels) = story.serve();
    assert!(answers.iter().all(|answer| answer["prediction"].is_f64() && answer.get("probability").is_none()));
    let performance = story.watch();
    let error =
        |(answer, label): (&Value, &Value)| (answer["prediction"].as_f64().unwrap() - label.as_f64().unwrap()).abs();
    let mae = answers.iter().zip(&labels).map(error).sum::<f64>() / ASKED as f64;
    let found = performance["metrics"]["mae"].as_f64().unwrap();
    assert!((found - mae).abs() < 0.02 * mae, "{found}, not {mae}");
    story.write(0..1000);
    let outcome = story.project.json(&["retrain", "m", "--force"]);
    assert!(outcome["champion"]["metrics"]["rmse"].is_number() && outcome["task"] == "regression", "{outcome}");
}

#[test]
fn a_recipe_that_does_not_fit_the_label_is_refused_by_name() {
    for (label, more, said) in [
        ("housing", "task = \"binary\"", "3 classes, the task binary has two"),
        ("housing", "task = \"regression\"", "labels are texts"),
        ("housing", "threshold = 0.4", "threshold = 0.4, and the task is multiclass"),
        (
            "credit_amount",
            "search = { method = \"grid\", metric = \"auc\", space = {} }",
            "not defined for the task regression",
        ),
    ] {
        let story = Story::new(label, more);
        story.project.fails(2, &["run", "train", "r"]).says(&[said, "hint: "]);
    }
    let story = Story::new("housing", "");
    let toml = story.project.read("mlops.toml");
    story.project.write(
        "mlops.toml",
        toml.replace("\"boosting\"", "\"ridge\"").replace("max_iter = 40, learning_rate = 0.1", ""),
    );
    story.project.fails(2, &["run", "train", "r"]).says(&["ridge learns regression, not multiclass", "boosting"]);
}

#[test]
fn a_multiclass_model_has_one_hash_on_any_number_of_threads() {
    let story = Story::new("housing", "");
    let hash = |threads: &str| story.project.json(&["--threads", threads, "run", "train", "r"])["model"].clone();
    let one = hash("1");
    assert!(one.is_string() && one == hash("3"));
}
