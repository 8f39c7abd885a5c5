//! `mlops run show --html`, `run plot`, `run compare`, `run diff`, `run reproduce` through the binary.

use crate::common::TestProject;
use serde_json::{Value, json};

const CREDIT: &str = include_str!("../vectors/credit.csv");

/// The German credit data, its classes, three of them and a number to predict.
const DEFINITIONS: &str = r#"
[data.credit]
path = "credit.csv"
key = ["id"]

[set.credit]
spine = "credit"
label = "creditability"
features = ["*"]
split = { by = "hash", test = 0.3 }

[train.tree]
set = "credit"
model = "tree"
params = { max_depth = 3, min_samples_leaf = 20 }
cv = { folds = 3 }

[train.boosting]
set = "credit"
model = "boosting"
params = { max_iter = 15 }

[train.constant]
set = "credit"
model = "logistic"
params = { C = 1e-9 }

[set.purpose]
spine = "credit"
label = "CASE WHEN duration_in_month < 12 THEN 'short' WHEN duration_in_month < 25 THEN 'middle' ELSE 'long' END"
features = ["credit_amount", "age_in_years", "creditability"]
split = { by = "hash", test = 0.3 }

[train.length]
set = "purpose"
model = "boosting"
params = { max_iter = 10 }

[set.amount]
spine = "credit"
label = "credit_amount"
features = ["duration_in_month", "age_in_years", "creditability"]
split = { by = "hash", test = 0.3 }

[train.amount]
set = "amount"
model = "tree"
params = { max_depth = 3 }

[set.unsplit]
spine = "credit"
label = "creditability"
features = ["duration_in_month"]

[train.unsplit]
set = "unsplit"
model = "logistic"
"#;

fn credit(loans: usize) -> TestProject {
    let project = TestProject::with(DEFINITIONS);
    project.write("credit.csv", table(loans));
    project.ok(&["data", "add"]);
    project
}

fn table(loans: usize) -> String {
    let mut lines = CREDIT.lines();
    let head = format!("id,{}\n", lines.next().unwrap());
    lines.take(loans).enumerate().fold(head, |text, (id, line)| text + &format!("{id},{line}\n"))
}

/// Makes a run look as one from before runs kept predictions and definitions.
fn made_older(project: &TestProject) {
    let ledger = rusqlite::Connection::open(project.path(".mlops/ledger.db")).unwrap();
    let gone = "DELETE FROM run_artifact WHERE name NOT IN ('model', 'importance.json', 'search.json')";
    assert!(ledger.execute(gone, []).unwrap() > 0);
}

fn page(project: &TestProject, run: &str) -> String {
    project.ok(&["run", "show", run, "--html", "page.html"]).shows(&["page written to"]);
    project.read("page.html")
}

fn holds(page: &str, all: &[&str]) {
    for one in all {
        assert!(page.contains(one), "{one:?} is not on the page");
    }
}

#[test]
fn a_page_is_one_file_that_says_how_good_the_model_is_first() {
    let project = credit(600);
    project.ok(&["run", "train", "boosting"]);
    let written = page(&project, "boosting");
    for outside in ["http://", "https://", "<script", "src=", "@import", "url("] {
        assert!(!written.contains(outside), "{outside}");
    }
    let verdict = written.find("class=\"verdict").unwrap();
    assert!(verdict < written.find("<section").unwrap());
    holds(
        &written,
        &["always guessing &quot;good&quot; is wrong in", "95 % interval", "baseline", ">ROC<", ">Calibration<"],
    );
    holds(
        &written,
        &[
            ">Gain<",
            "What classes are called",
            "Where it is worse",
            "loses without a feature",
            "Learning curve",
            "Rounds of boosting",
        ],
    );
    assert_eq!(page(&project, "boosting"), written, "the same run has the same page");
    project.ok(&["run", "train", "tree"]);
    holds(&page(&project, "tree"), &["auc by fold", "folds, ± spread"]);
}

#[test]
fn pages_of_several_classes_of_numbers_and_of_markdown() {
    let project = credit(600);
    project.ok(&["run", "train", "length"]);
    project.ok(&["run", "train", "amount"]);
    holds(
        &page(&project, "length"),
        &["always guessing", "auc_<wbr>ovr_<wbr>macro", "middle", "class=\"plot confusion\""],
    );
    holds(
        &page(&project, "amount"),
        &["off by", "is off by", ">Residuals<", "half of the errors are up to", "mean error"],
    );
    project.ok(&["run", "show", "amount", "--md", "page.md"]);
    let text = project.read("page.md");
    assert!(text.contains("| rmse |") && text.contains("## What it leans on") && !text.contains("<svg"), "{text}");
}

#[test]
fn a_model_that_loses_to_its_baseline_and_one_without_other_rows_are_called_that() {
    let project = credit(300);
    project.ok(&["run", "train", "unsplit"]);
    holds(&page(&project, "unsplit"), &["nothing says how good this model is"]);
    project.write("credit.csv", table(300));
    // What is learned from the first loans says the opposite of the others.
    let mut lines = String::from("x,y,part\n");
    (0..200).for_each(|row| {
        lines += &format!(
            "{},{},{}\n",
            row % 10,
            u32::from((row % 10 > 4) == (row < 120)),
            if row < 120 { "train" } else { "test" }
        )
    });
    project.write("turned.csv", lines);
    project.define(
        "[data.turned]\npath = \"turned.csv\"\n[set.turned]\nspine = \"turned\"\nlabel = \"y\"\nfeatures = [\"x\"]\n\
         split = { by = \"column\", column = \"part\" }\n[train.turned]\nset = \"turned\"\nmodel = \"tree\"\n",
    );
    project.ok(&["data", "add"]);
    project.ok(&["run", "train", "turned"]);
    holds(
        &page(&project, "turned"),
        &["class=\"verdict bad\"", "wrong in 80 of 80 test rows", "this model loses to its baseline"],
    );
}

#[test]
fn every_picture_of_a_run_is_an_svg_file_and_what_it_has_not_is_said() {
    let project = credit(400);
    project.ok(&["run", "train", "boosting"]);
    for picture in [
        "roc",
        "pr",
        "calibration",
        "gain",
        "lift",
        "confusion",
        "importance",
        "shap",
        "dependence",
        "learning",
        "rounds",
    ] {
        let drawn = project.json(&["run", "plot", "boosting", picture, "--output", "p.svg"]);
        assert_eq!(
            (&drawn["picture"], project.read("p.svg").starts_with("<svg xmlns=")),
            (&json!(picture), true),
            "{picture}"
        );
    }
    project.ok(&["run", "plot", "boosting", "dependence", "--feature", "age_in_years", "--output", "p.svg"]);
    assert!(project.read("p.svg").contains("age_in_years"));
    let refused = |picture: &str, said: &str| {
        let error = project.fails(2, &["run", "plot", "boosting", picture, "--output", "q.svg"]).stderr;
        assert!(error.contains(said) && error.contains("hint:"), "{error}");
        assert!(!project.path("q.svg").exists());
    };
    refused("residuals", "a model of the task binary has no picture \"residuals\"");
    refused("folds", "the run has no folds");
    refused("rok", "did you mean \"roc\"?");
}

#[test]
fn a_page_takes_the_place_of_no_data_and_of_nothing_of_the_project() {
    let project = credit(200);
    project.ok(&["run", "train", "boosting"]);
    for (file, said) in [
        ("credit.csv", "does not end in .html"),
        (".mlops/page.html", "is no place for a page"),
        ("nowhere/page.html", "there is no folder"),
    ] {
        let error = project.fails(2, &["run", "show", "boosting", "--html", file]).stderr;
        assert!(error.contains(said), "{error}");
    }
    assert_eq!(project.read("credit.csv"), table(200));
    project.define(&DEFINITIONS.replace("path = \"credit.csv\"", "path = \"*.html\""));
    let error = project.fails(2, &["run", "show", "boosting", "--html", "page.html"]).stderr;
    assert!(error.contains("belongs to dataset \"credit\""), "{error}");
}

#[test]
fn runs_are_compared_on_the_same_rows_and_other_rows_are_refused() {
    let project = credit(800);
    for recipe in ["boosting", "constant", "amount"] {
        project.ok(&["run", "train", recipe]);
    }
    let compared = project.json(&["run", "compare", "constant", "boosting"]);
    let comparison = &compared["comparisons"][0];
    assert_eq!((&comparison["part"], compared["runs"].as_array().unwrap().len()), (&json!("test"), 2));
    let loss = comparison["differences"].as_array().unwrap().iter().find(|d| d["metric"] == "log_loss").unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    assert!((number(&loss["b"]) - number(&loss["a"]) - number(&loss["difference"])).abs() < 1e-12);
    assert!(number(&loss["low"]) < number(&loss["difference"]) && number(&loss["difference"]) < number(&loss["high"]));
    assert!((0.0..=1.0).contains(&number(&comparison["auc_test"]["p"])));
    project.ok(&["run", "compare", "constant", "boosting"]).shows(&["on the same", "auc by DeLong", "95 % interval"]);
    let other = project.json(&["run", "compare", "boosting", "amount"]);
    assert_eq!(other["comparisons"][0]["refused"], "one predicts binary, the other regression");
    project.define(&DEFINITIONS.replace(
        "split = { by = \"hash\", test = 0.3 }\n\n[train.tree]",
        "split = { by = \"hash\", test = 0.4 }\n\n[train.tree]",
    ));
    let before = project.json(&["run", "show", "constant"])["run"].as_str().unwrap().to_owned();
    project.ok(&["run", "train", "constant"]);
    let rows = project.json(&["run", "compare", &before, "constant"])["comparisons"][0]["refused"].clone();
    assert!(rows.as_str().unwrap().starts_with("their test rows differ: "), "{rows}");
    project.ok(&["run", "compare", &before, "constant"]).shows(&["can't be compared row by row"]);
}

#[test]
fn two_sets_of_the_same_rows_with_other_features_are_compared() {
    let project = credit(400);
    project.ok(&["run", "train", "boosting"]);
    let before = project.json(&["run", "show", "boosting"])["run"].as_str().unwrap().to_owned();
    let fewer = "label = \"creditability\"\nfeatures = [\"duration_in_month\"]\nsplit";
    project.define(&DEFINITIONS.replace("label = \"creditability\"\nfeatures = [\"*\"]\nsplit", fewer));
    project.ok(&["run", "train", "boosting"]);
    let comparison = project.json(&["run", "compare", &before, "boosting"])["comparisons"][0].clone();
    assert_eq!(comparison["refused"], Value::Null, "{comparison}");
    assert!(comparison["rows"].as_u64().unwrap() > 80);
}

#[test]
fn a_difference_is_named_key_by_key() {
    let project = credit(300);
    project.ok(&["run", "train", "tree"]);
    let first = project.json(&["run", "show", "tree"])["run"].as_str().unwrap().to_owned();
    let same = project.json(&["run", "diff", &first, "tree"]);
    assert_eq!((&same["same"], &same["same_model"]), (&json!(true), &json!(true)));
    project
        .ok(&["run", "diff", &first, "tree", "--exit-code"])
        .shows(&["both were made of the same data, definitions and parameters"]);
    project.write("credit.csv", table(310));
    project.ok(&["data", "add"]);
    project.define(&DEFINITIONS.replace("max_depth = 3, min_samples_leaf = 20", "max_depth = 4"));
    project.ok(&["run", "train", "tree", "--seed", "8"]);
    let found = project.json(&["run", "diff", &first, "tree"]);
    let named = |kind: &str| -> Vec<String> {
        found[kind].as_array().unwrap().iter().map(|change| change["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(named("data"), ["credit"]);
    assert_eq!(named("definitions"), ["recipe.params.max_depth", "recipe.params.min_samples_leaf"]);
    assert_eq!(named("parameters"), ["max_depth", "min_samples_leaf"]);
    assert_eq!(named("environment"), ["seed"]);
    assert_eq!(project.fails(1, &["run", "diff", &first, "tree", "--exit-code"]).stderr, "");
    made_older(&project);
    let unknown = project.json(&["run", "diff", &first, "tree"]);
    assert_eq!(unknown["unknown"].as_array().unwrap().len(), 2);
    assert_eq!(unknown["definitions"][0]["name"], "recipe");
}

#[test]
fn a_run_is_reproduced_to_the_same_hash_whatever_mlops_toml_says_by_now() {
    let project = credit(300);
    project.ok(&["run", "train", "tree", "--seed", "3"]);
    let before = project.files(".mlops");
    let again = project.json(&["run", "reproduce", "tree"]);
    assert_eq!((&again["same"], &again["reproduced"]), (&json!(true), &again["recorded"]));
    let blobs = |files: &std::collections::BTreeMap<String, Vec<u8>>| -> Vec<String> {
        files.keys().filter(|name| name.starts_with("objects") || name.starts_with("tmp")).cloned().collect()
    };
    assert_eq!(blobs(&project.files(".mlops")), blobs(&before), "nothing of it stays");
    assert_eq!(project.json(&["run", "list"])["runs"].as_array().unwrap().len(), 1);
    project.write("credit.csv", table(320));
    project.ok(&["data", "add"]);
    project.define(
        &DEFINITIONS.replace("max_depth = 3, min_samples_leaf = 20", "max_depth = 4").replace("seed = 7", "seed = 9"),
    );
    let later = project.json(&["run", "reproduce", "tree"]);
    assert_eq!(later["same"], json!(true), "{later}");
    assert_eq!(later["changed_since"][0]["name"], "recipe.params.max_depth");
    project.ok(&["run", "reproduce", "tree"]).shows(&["same hash", "mlops.toml says otherwise today"]);
}

#[test]
fn what_hinders_a_reproduction_is_named() {
    let project = credit(300);
    project.ok(&["run", "train", "tree"]);
    made_older(&project);
    assert_eq!(project.json(&["run", "reproduce", "tree"])["same"], json!(true), "with the definitions of now");
    project.define(&DEFINITIONS.replace("max_depth = 3, min_samples_leaf = 20", "max_depth = 4"));
    let other = project.fails(1, &["run", "reproduce", "tree", "--json"]).json();
    let causes = other["causes"].to_string();
    for cause in [
        "the recipe has another hash: its definition changed since",
        "the parameters differ",
        "from before definitions were kept",
    ] {
        assert!(causes.contains(cause), "{cause}: {causes}");
    }
    project.define(DEFINITIONS);
    let file = project.json(&["data", "list"])["datasets"][0]["locked"]["hash"].as_str().unwrap().to_owned();
    let manifest =
        std::fs::read_to_string(project.path(&format!(".mlops/objects/{}/{}", &file[..2], &file[2..]))).unwrap();
    let blob = manifest.split(|c: char| !c.is_ascii_hexdigit()).find(|word| word.len() == 64).unwrap().to_owned();
    std::fs::remove_file(project.path(&format!(".mlops/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    let gone = project.fails(1, &["run", "reproduce", "tree"]);
    assert!(gone.stdout.contains("is gone: credit.csv is not in the store, 1 of 1 files"), "{gone}");
}

#[test]
fn a_run_from_before_predictions_were_kept_has_a_page_all_the_same() {
    let project = credit(300);
    project.ok(&["run", "train", "tree"]);
    made_older(&project);
    let written = page(&project, "tree");
    holds(&written, &["always guessing", ">ROC<", "Where it is worse"]);
    assert!(!written.contains("auc by fold"));
    assert_eq!(project.json(&["run", "show", "tree"])["intervals"], json!({}));
    let folds_only = "[set.credit]\nspine = \"credit\"\nlabel = \"creditability\"\nfeatures = [\"*\"]\n\n[train.tree]";
    let split =
        DEFINITIONS.find("[set.credit]").unwrap()..DEFINITIONS.find("[train.tree]").unwrap() + "[train.tree]".len();
    project.define(&format!("{}{folds_only}{}", &DEFINITIONS[..split.start], &DEFINITIONS[split.end..]));
    project.ok(&["run", "train", "tree"]);
    holds(&page(&project, "tree"), &["rows of other folds", ">ROC<"]);
    made_older(&project);
    holds(&page(&project, "tree"), &["on its folds; what it said of them was not kept", "cv.auc"]);
}

#[test]
fn kept_predictions_that_are_none_of_the_model_are_refused_and_the_run_is_shown_all_the_same() {
    let project = credit(200);
    let run = project.json(&["run", "train", "tree"]);
    let kept = project.json(&["run", "show", "tree"])["artifacts"].as_array().unwrap().clone();
    let hash =
        kept.iter().find(|file| file["name"] == "predictions.parquet").unwrap()["hash"].as_str().unwrap().to_owned();
    let blob = |hash: &str| project.path(&format!(".mlops/objects/{}/{}", &hash[..2], &hash[2..]));
    std::fs::copy(blob(&hash), project.path("kept.parquet")).unwrap();
    let table = mlops::data::read_file(&project.path("kept.parquet")).unwrap().collect().unwrap();
    for (column, value) in [("label", 7.0), ("fold", 4e9), ("row", -1.0)] {
        let mut other = table.clone();
        let values = <polars::prelude::Series as polars::prelude::NamedFrom<_, _>>::new(
            column.into(),
            vec![value; table.height()],
        );
        other.with_column(polars::prelude::IntoColumn::into_column(values)).unwrap();
        let bytes = mlops::data::encode(&mut other, mlops::project::Format::Parquet).unwrap();
        let new = mlops::store::Hash::of(&bytes).to_string();
        std::fs::create_dir_all(blob(&new).parent().unwrap()).unwrap();
        std::fs::write(blob(&new), bytes).unwrap();
        let ledger = rusqlite::Connection::open(project.path(".mlops/ledger.db")).unwrap();
        let replaced = "UPDATE run_artifact SET hash = ?1 WHERE name = 'predictions.parquet'";
        assert_eq!(ledger.execute(replaced, [&new]).unwrap(), 1);
        let refused = project.fails(3, &["run", "show", "tree", "--html", "page.html"]).stderr;
        assert!(refused.contains("error:"), "{column}: {refused}");
        assert_eq!(project.json(&["run", "show", "tree"])["run"], run["run"]);
        let compared = project.json(&["run", "compare", "tree", "tree"])["comparisons"][0]["refused"].clone();
        assert!(compared.is_string(), "{column}: {compared}");
    }
}
