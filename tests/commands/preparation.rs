//! Recipes with steps of every family, through training, batch prediction and a server.

use crate::common::TestProject;
use crate::common::loans::lines;
use crate::common::server::Server;
use serde_json::{Value, json};

const DEFINITIONS: &str = r#"
[data.d]
path = "d.csv"
key = ["id"]
[set.s]
spine = "d"
label = "late"
features = ["when", "size", "ratio", "shade", "place", "note"]
split = { by = "hash", test = 0.3, key = ["id"] }
[train.r]
set = "s"
model = "logistic"
cv = { folds = 3 }
"#;

const PREP: &str = r#"
prep = [
    { op = "date_parts", columns = "time", parts = ["month", "hour", "days"], cycle = true },
    { op = "impute_knn", columns = ["size", "ratio"], n_neighbors = 3, indicator = true },
    { op = "power", columns = ["size"] },
    { op = "polynomial", columns = ["size", "ratio"] },
    { op = "cross", columns = ["shade", "place"] },
    { op = "weight_of_evidence", columns = ["shade*place"], folds = 2 },
    { op = "one_hot", columns = ["shade"], min_frequency = 5 },
    { op = "hash", columns = ["place"], n_features = 4 },
    { op = "tfidf", columns = ["note"], ngram_range = [1, 2], min_df = 2 },
    { op = "select_variance", columns = "all" },
    { op = "select_mutual_info", columns = "all", k = 20 },
]
"#;

/// A row in a hundred ways: some values missing, some categories rare.
fn row(id: usize) -> String {
    let size = if id % 7 == 3 { String::new() } else { format!("{}", (id * 37 % 101) as f64 / 4.0) };
    let shade = ["red", "green", "blue", "red", "rare"][if id.is_multiple_of(41) { 4 } else { id % 4 }];
    let note = ["late train", "bus on time", "a late bus", "no train today"][id * 5 % 4];
    let late = if (id * 37 % 101 + id % 3 * 20) > 70 { "yes" } else { "no" };
    let when = format!("2024-{:02}-{:02}T{:02}:30:00Z", 1 + id % 12, 1 + id % 28, id * 5 % 24);
    format!("{id},{when},{size},{},{shade},{},{note},{late}\n", id * 53 % 17, ["north", "south"][id / 3 % 2])
}

fn project(definitions: &str) -> TestProject {
    let project = TestProject::with(definitions);
    let head = "id,when,size,ratio,shade,place,note,late\n".to_owned();
    project.write("d.csv", (0..300).fold(head, |text, id| text + &row(id)));
    project.ok(&["data", "add"]);
    project
}

#[test]
fn steps_of_every_family_are_trained_served_and_give_the_same_model_on_any_number_of_threads() {
    let project = project(&format!("{DEFINITIONS}{PREP}"));
    let run = project.json(&["run", "train", "r"]);
    assert!(run["metrics"]["test.auc"].as_f64().unwrap() > 0.7, "{run}");
    let alone = project.json(&["run", "train", "r", "--threads", "1"]);
    assert_eq!(alone["model"], run["model"], "the hash of the model");

    project.ok(&["model", "register", "r", "m", "--alias", "champion"]);
    let mut rows: Vec<Value> = (300..320)
        .map(|id| {
            let text = row(id);
            let cells: Vec<&str> = text.trim().split(',').collect();
            let number = |cell: &str| cell.parse::<f64>().map_or(Value::Null, Value::from);
            json!({"when": cells[1], "size": number(cells[2]), "ratio": number(cells[3]), "shade": cells[4],
                   "place": cells[5], "note": cells[6]})
        })
        .collect();
    rows[0]["shade"] = json!("never seen");
    rows[1]["note"] = json!("");
    rows[2] = json!({"when": null, "size": null, "ratio": null, "shade": null, "place": null, "note": null});
    let text: String = rows.iter().map(|row| row.to_string() + "\n").collect();
    project.write("rows.jsonl", text);
    let batch = lines(&project.ok(&["model", "predict", "m", "--input", "rows.jsonl"]).stdout);
    let server = Server::start(&project, &["m"]);
    // Twenty rows are answered by columns, one is answered by itself.
    let together = server.predict(&json!({ "dataframe_records": rows }));
    for ((row, answer), batch) in rows.iter().zip(&together).zip(&batch) {
        let single = server.predict(&json!({ "dataframe_records": [row] }));
        assert_eq!(single[0]["probability"], answer["probability"], "{row}");
        assert_eq!(batch["probability"], answer["probability"], "{row}");
    }
}

#[test]
fn a_time_is_a_feature_for_a_step_that_takes_it_and_refused_without_one() {
    let project = project(DEFINITIONS);
    let error = project.fails(2, &["run", "train", "r"]);
    error.says(&["\"when\" is a time, which is not a feature by itself", "EXTRACT(hour FROM when)", "date_parts"]);
    project.define(&format!("{DEFINITIONS}prep = [{{ op = \"date_parts\", columns = [\"when\"] }}]\n"));
    project.ok(&["run", "train", "r"]);
}

#[test]
fn a_step_that_does_not_fit_its_columns_says_what_to_do() {
    let project = project(DEFINITIONS);
    let dates = "{ op = \"date_parts\", columns = \"time\" }";
    for (step, said) in [
        ("{ op = \"pca\", columns = \"numeric\" }", ["column \"size\" is missing in training row", "op = \"impute\""]),
        ("{ op = \"log\", columns = \"note\" }", ["a column of texts", "choose columns = \"numeric\""]),
        ("{ op = \"pwer\", columns = \"numeric\" }", ["step \"pwer\" is not known", "did you mean \"power\"?"]),
        ("{ op = \"tfidf\", columns = \"note\", min_df = 1000 }", ["no term is left", "min_df"]),
        ("{ op = \"cross\", columns = [\"note\"] }", ["two columns or more", "columns = [\"a\", \"b\"]"]),
    ] {
        project.define(&format!("{DEFINITIONS}prep = [{dates}, {step}]\n"));
        project.fails(2, &["run", "train", "r"]).says(&said);
    }
}
