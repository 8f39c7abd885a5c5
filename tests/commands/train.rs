//! `mlops train FILE`, `mlops predict FILE` and `mlops serve` without a name: from a file to answers with nothing else to type.

use crate::common::TestProject;
use crate::common::loans::{chance, lines};
use crate::common::server::Server;
use serde_json::{Value, json};

/// A folder that is no project yet.
fn folder() -> TestProject {
    let project = TestProject::with("");
    for name in ["mlops.toml", "mlops.lock", ".mlops", ".gitignore"] {
        project.remove(name);
    }
    project
}

/// Flowers of three kinds, which their petals tell apart.
fn flowers(rows: usize) -> String {
    let line = |at: usize| {
        let (kind, noise) = (at % 3, chance(at * 2));
        let petal = 1.5 + kind as f64 * 2.0 + noise;
        format!("{:.2},{:.2},{}\n", 3.0 + chance(at * 2 + 1), petal, ["setosa", "versicolor", "virginica"][kind])
    };
    std::iter::once("sepal,petal,species\n".to_owned()).chain((0..rows).map(line)).collect()
}

/// Loans with an id, a time, a remark of their own and two constant columns.
fn loans() -> String {
    let line = |at: usize| {
        let (amount, day) = ((chance(at) * 1000.0).round(), 1 + at % 28);
        let bad = if amount / 1000.0 + chance(at + 5000) * 0.4 > 0.8 { "yes" } else { "no" };
        format!("L{at},{amount},2024-{:02}-{day:02},remark {at},EUR,,{bad}\n", 1 + at / 28)
    };
    std::iter::once("id,amount,applied,remark,currency,empty,bad\n".to_owned()).chain((0..300).map(line)).collect()
}

fn left_out(outcome: &Value) -> Vec<String> {
    let list = outcome["left_out"].as_array().unwrap();
    list.iter().map(|out| format!("{} {}", out["column"].as_str().unwrap(), out["reason"].as_str().unwrap())).collect()
}

#[test]
fn a_file_becomes_a_model_that_predicts_and_serves_with_nothing_more_to_type() {
    let project = folder();
    project.write("flowers.csv", flowers(150));
    let outcome = project.json(&["train", "flowers.csv", "--target", "species"]);
    assert_eq!((&outcome["task"], &outcome["made_project"]), (&json!("multiclass"), &json!(true)));
    assert_eq!((&outcome["registered"], &outcome["beats_baseline"]), (&json!("flowers@1"), &json!(true)));
    let board = outcome["leaderboard"].as_array().unwrap();
    assert_eq!(board.last().unwrap()["model"], "baseline");
    assert_eq!(board.len(), 6);
    let log_loss = |at: usize| board[at]["test"]["log_loss"].as_f64().unwrap();
    assert!(log_loss(0) < 0.5 && log_loss(5) > 1.0, "{board:?}");

    project.write("new.csv", "sepal,petal\n3.5,1.7\n3.5,3.9\n3.5,5.8\n");
    let answers = lines(&project.ok(&["predict", "new.csv"]).stdout);
    let called: Vec<&str> = answers.iter().map(|answer| answer["prediction"].as_str().unwrap()).collect();
    assert_eq!(called, ["setosa", "versicolor", "virginica"]);
    let server = Server::start(&project, &[]);
    let served = server.predict(&json!({ "dataframe_records": [{ "sepal": 3.5, "petal": 3.9 }] }));
    assert_eq!(served[0]["prediction"], "versicolor");
    assert_eq!(served[0]["probabilities"]["versicolor"], answers[1]["probability_versicolor"]);
    server.stop_clean();

    // Again, on more rows: what mlops.toml says stays, a version and a model are added.
    let definitions = project.read("mlops.toml");
    project.write("flowers.csv", flowers(240));
    let again = project.json(&["train", "flowers.csv", "--target", "species"]);
    assert_eq!((&again["registered"], &again["because"]), (&json!("flowers@2"), &Value::Null));
    assert_eq!(project.read("mlops.toml"), definitions);
    assert_eq!(project.json(&["data", "list"])["datasets"][0]["versions"], 2);
}

#[test]
fn columns_that_name_rows_are_times_or_say_nothing_are_no_features_and_named() {
    let project = folder();
    project.write("loans.csv", loans());
    let outcome = project.json(&["train", "loans.csv", "--target", "bad"]);
    assert_eq!((&outcome["task"], &outcome["features"]), (&json!("binary"), &json!(["amount"])));
    assert_eq!(
        left_out(&outcome),
        [
            "id names a row",
            "applied is the row's time",
            "remark has another text in most rows",
            "currency has one value only",
            "empty has no values"
        ]
    );
    assert!(
        outcome["split"].as_str().unwrap().contains("are the test, the newest by applied: those from"),
        "{outcome}"
    );
    let recipes: Vec<&str> =
        outcome["leaderboard"].as_array().unwrap().iter().map(|row| row["model"].as_str().unwrap()).collect();
    assert_eq!(recipes.len(), 6, "{recipes:?}");
    let definitions = project.read("mlops.toml");
    for line in ["key = [\"id\"]", "event_time = \"applied\"", "[train.loans-logistic]"] {
        assert!(definitions.contains(line), "{line} is not in {definitions}");
    }
    project.ok(&["train", "loans.csv", "-t", "bad"]).shows(&[
        "as mlops.toml says",
        "is the champion",
        "mlops predict FILE",
    ]);
    // Another target is another set.
    project.refuses(2, &["train", "loans.csv", "-t", "amount"]).says(&["\"loans\" is defined already", "--name"]);
    let amount = project.json(&["train", "loans.csv", "-t", "amount", "--name", "amounts"]);
    assert_eq!((&amount["task"], &amount["registered"]), (&json!("regression"), &json!("amounts@1")));
    project.fails(2, &["predict", "loans.csv"]).says(&["several models have a champion: amounts, loans"]);
    project.ok(&["predict", "loans.csv", "--model", "amounts", "--output", "out.csv"]);
}

#[test]
fn what_cannot_be_learned_is_refused_before_a_project_is_made() {
    let project = folder();
    project.write("loans.csv", loans());
    project.write("numbers.csv", "x,y\n1,2.5\n2,3.5\n3,1.5\n");
    std::fs::write(project.path("..").join("elsewhere.csv"), "x,y\n5,0\n2,1\n9,1\n").unwrap();
    let files = project.files("");
    for (words, parts) in [
        (&["loans.csv", "-t", "bda"][..], &["column \"bda\" is not known", "did you mean \"bad\"?"][..]),
        (&["loan.csv", "-t", "bad"], &["there is no file", "loan.csv"]),
        (&["loans.csv", "-t", "currency"], &["target \"currency\"", "has one value only"]),
        (&["loans.csv", "-t", "empty"], &["target \"empty\"", "has no values"]),
        (&["loans.csv", "-t", "remark"], &["300 different values"]),
        (&["loans.csv", "-t", "applied"], &["a time can't be predicted"]),
        (&["loans.csv", "-t", "bad", "--task", "regression"], &["it is a text"]),
        (&["numbers.csv", "-t", "y", "--task", "binary"], &["3 values", "--task multiclass"]),
        (&["numbers.csv", "-t", "y", "--task", "ranking"], &["ranking"]),
        (&["../elsewhere.csv", "-t", "y"], &["outside"]),
    ] {
        project.fails(2, &[&["train"], words].concat()).says(parts);
        assert_eq!(project.files(""), files, "{words:?}");
    }
    project.fails(2, &["predict", "loans.csv"]).says(&["mlops.toml"]);
}

#[test]
fn nothing_better_than_the_baseline_is_said_plainly() {
    let project = folder();
    let noise = |at: usize| format!("{:.3},{}\n", chance(at), if chance(at + 9000) > 0.5 { "a" } else { "b" });
    project.write("noise.csv", std::iter::once("x,y\n".to_owned()).chain((0..400).map(noise)).collect::<String>());
    let outcome = project.json(&["train", "noise.csv", "--target", "y"]);
    let auc = |model: &str| {
        let row = outcome["leaderboard"].as_array().unwrap().iter().find(|row| row["model"] == model).unwrap();
        row["test"]["auc"].as_f64().unwrap()
    };
    assert_eq!(auc("baseline"), 0.5);
    let best = auc(outcome["best"].as_str().unwrap());
    assert_eq!(outcome["beats_baseline"], best > 0.5);
    let shown = project.ok(&["train", "noise.csv", "--target", "y"]).stdout;
    assert_eq!(shown.contains("no better than the baseline"), best <= 0.5, "{shown}");
}

#[test]
fn equal_rows_are_on_one_side_of_a_split_without_a_key() {
    let project = TestProject::with(
        "[data.d]\npath = \"d.csv\"\n[set.s]\nspine = \"d\"\nlabel = \"y\"\nfeatures = [\"x\"]\nsplit = { by = \"hash\", test = 0.5 }\n",
    );
    let row = |at: usize| format!("{},{},{}\n", at % 20, if at % 20 < 10 { "" } else { "a" }, at % 2);
    project.write("d.csv", std::iter::once("x,c,y\n".to_owned()).chain((0..80).map(row)).collect::<String>());
    project.ok(&["data", "add"]);
    project.ok(&["feature", "join", "s", "--output", "s.jsonl"]);
    let mut sides = std::collections::BTreeMap::new();
    let joined = lines(&project.read("s.jsonl"));
    for row in &joined {
        let side = sides.entry(row["x"].to_string()).or_insert_with(|| row["__split"].clone());
        assert_eq!(*side, row["__split"], "{row}");
    }
    let tests = sides.values().filter(|side| **side == json!("test")).count();
    assert!((4..=16).contains(&tests), "{sides:?}");
}

#[test]
fn where_rows_are_alike_the_split_is_random_and_its_true_size_is_said() {
    let project = folder();
    let row =
        |at: usize| format!("{},{},{}\n", ["a", "b", "c"][at % 3], at % 2, if chance(at) > 0.4 { "u" } else { "v" });
    project.write("few.csv", std::iter::once("x,z,y\n".to_owned()).chain((0..400).map(row)).collect::<String>());
    let outcome = project.json(&["train", "few.csv", "-t", "y"]);
    assert!(project.read("mlops.toml").contains("split = { by = \"random\", test = 0.2 }"));
    let split = outcome["split"].as_str().unwrap();
    let test: usize = split.split(' ').next().unwrap().parse().unwrap();
    assert!((60..=100).contains(&test) && split.contains("of 400 rows") && split.contains("at random"), "{split}");
    assert_eq!(outcome["classes_in_test"], Value::Null);
    // Three rows of a class may all be learned from.
    let rare = |at: usize| format!("{},{}\n", chance(at), if at < 3 { "rare" } else { ["u", "v"][at % 2] });
    project.write("rare.csv", std::iter::once("x,y\n".to_owned()).chain((0..90).map(rare)).collect::<String>());
    let outcome = project.json(&["train", "rare.csv", "-t", "y"]);
    if let Some(there) = outcome["classes_in_test"].as_array() {
        assert_eq!(there, &[json!(2), json!(3)]);
        project.ok(&["train", "rare.csv", "-t", "y"]).shows(&["the test rows have 2 of the 3 classes"]);
    }
}

#[test]
fn how_a_new_file_is_written_stands_in_mlops_toml_and_holds_for_those_that_come() {
    let project = folder();
    let row = |at: usize| {
        let income = (chance(at) * 4000.0).round() / 1000.0;
        let day = format!("{:02}.{:02}.2024", 1 + at % 28, 1 + at % 12);
        format!(
            "{:05};{};{day};{}\n",
            at,
            income.to_string().replace('.', ","),
            if income > 2.0 { "yes" } else { "no" }
        )
    };
    project.write(
        "own.csv",
        std::iter::once("id;income;since;bought\n".to_owned()).chain((0..300).map(row)).collect::<String>(),
    );
    let outcome = project.json(&["train", "own.csv", "-t", "bought"]);
    let definitions = project.read("mlops.toml");
    for line in ["separator = \";\"", "decimal = \",\""] {
        assert!(definitions.contains(line), "{line} is not in {definitions}");
    }
    let reasons = left_out(&outcome);
    let days =
        "since looks like days or times: write dates = { \"since\" = \"%d.%m.%Y\" } under [data.NAME] in mlops.toml";
    assert!(reasons.iter().any(|reason| reason == days), "{reasons:?}");
    // A point groups thousands there: the number is refused, not read as another one.
    project.write("new.csv", "income;since\n1.234;01.02.2024\n");
    project.fails(2, &["predict", "new.csv"]).says(&["column \"income\"", "1.234"]);
    project.write("new.csv", "income;since\n2,5;01.02.2024\n1.234;01.02.2024\n");
    project.fails(2, &["predict", "new.csv"]).says(&["column \"income\"", "row 2 says \"1.234\""]);
    // What says so by itself is read all the same: ISO 8601, and tables that are not CSV.
    project.write(
        "mlops.toml",
        definitions.replace("decimal = \",\"", "decimal = \",\"\ndates = { since = \"%d.%m.%Y\" }"),
    );
    project.ok(&["data", "add"]);
    project.ok(&["train", "own.csv", "-t", "bought"]);
    project.write("iso.csv", "income;since\n1,5;2024-02-28\n3,5;28.02.2024\n");
    project.write("new.jsonl", "{\"income\": 1.5, \"since\": \"2024-02-28\"}\n{\"income\": 3.5, \"since\": null}\n");
    let of = |file: &str| {
        let answers = lines(&project.ok(&["predict", file]).stdout);
        answers.iter().map(|answer| answer["prediction"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!((of("iso.csv"), of("new.jsonl")), (vec![json!("no"), json!("yes")], vec![json!("no"), json!("yes")]));
}

#[test]
fn a_column_that_decides_alone_is_named_and_one_that_only_weighs_most_is_not() {
    let project = folder();
    let row = |at: usize| {
        let (a, b) = (chance(at), chance(at + 4000));
        let y = a + b > 1.0;
        format!("{a:.4},{b:.4},{},{}\n", if y { "paid" } else { "open" }, if y { "yes" } else { "no" })
    };
    let table = |rows: usize| std::iter::once("a,b,after,y\n".to_owned()).chain((0..rows).map(row)).collect::<String>();
    project.write("leak.csv", table(800));
    assert_eq!(project.json(&["train", "leak.csv", "-t", "y"])["too_good"], "after");
    let fair: String = table(800)
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{},{},{}\n", cells[0], cells[1], cells[3])
        })
        .collect();
    project.write("fair.csv", fair);
    assert_eq!(project.json(&["train", "fair.csv", "-t", "y"])["too_good"], Value::Null);
}

#[test]
fn numbers_that_no_learner_can_sum_are_refused_and_nothing_is_damaged() {
    let project = folder();
    let rows: String = (0..200).map(|at| format!("{}.5,{}e39\n", at % 50, at % 50)).collect();
    project.write("large.csv", format!("a,y\n{rows}"));
    project.fails(2, &["train", "large.csv", "-t", "y"]).says(&["1e30", "logarithm"]);
    project.ok(&["fsck"]);
    let models = project.json(&["model", "list"]);
    assert_eq!(models["models"].as_array().map(Vec::len), Some(0), "{models}");
}

#[test]
fn another_task_than_the_recipes_have_is_refused_and_one_edited_there_decides() {
    let project = folder();
    project.write("flowers.csv", flowers(120));
    project.ok(&["train", "flowers.csv", "-t", "species"]);
    project.refuses(2, &["train", "flowers.csv", "-t", "species", "--task", "binary"]);
    let rows: String = (0..90).map(|i| format!("{},{}\n", i % 7, i % 3)).collect();
    project.write("steps.csv", format!("x,step\n{rows}"));
    project.ok(&["train", "steps.csv", "-t", "step"]);
    project
        .refuses(2, &["train", "steps.csv", "-t", "step", "--task", "regression"])
        .says(&["its recipes have the task multiclass", "--name"]);
    project.write("mlops.toml", project.read("mlops.toml").replace("task = \"multiclass\"", "task = \"regression\""));
    let outcome = project.json(&["train", "steps.csv", "-t", "step"]);
    assert_eq!((&outcome["task"], &outcome["metric"]), (&json!("regression"), &json!("rmse")));
    assert!(outcome["leaderboard"].as_array().unwrap().iter().any(|row| row["test"]["rmse"].is_number()), "{outcome}");
}

#[test]
fn a_class_of_few_rows_does_not_stop_it() {
    let project = folder();
    let rows: String = (0..442).map(|i| format!("{},{}\n", i % 11, if i % 88 == 1 { 4 } else { i % 4 })).collect();
    project.write("rare.csv", format!("x,kind\n{rows}"));
    project.ok(&["train", "rare.csv", "-t", "kind"]);
}

#[test]
#[cfg(unix)]
fn answers_replace_no_input_no_link_and_nothing_of_the_project() {
    let project = folder();
    project.write("flowers.csv", flowers(120));
    project.ok(&["train", "flowers.csv", "-t", "species"]);
    std::os::unix::fs::symlink("flowers.csv", project.path("link.csv")).unwrap();
    for (output, said) in
        [("flowers.csv", "flowers.csv is the input"), (".mlops/answers.csv", "is no place for a table")]
    {
        project.refuses(2, &["predict", "flowers.csv", "-o", output]).says(&[said]);
    }
    project.write("new.csv", flowers(5));
    project.refuses(2, &["predict", "new.csv", "-o", "link.csv"]).says(&["link.csv is not a plain file"]);
    project.ok(&["predict", "new.csv", "-o", "answers.csv"]);
    project.ok(&["predict", "new.csv", "-o", "answers.csv"]);
}

#[test]
fn numbers_with_a_text_among_them_and_rows_without_a_target_are_said() {
    let project = folder();
    let row = |i: usize| match i % 20 {
        3 => format!("?,{}\n", i % 2),
        5 => format!("{}.5,\n", i % 30),
        _ => format!("{}.5,{}\n", i % 30, i % 2),
    };
    project.write("ages.csv", format!("age,ill\n{}", (0..200).map(row).collect::<String>()));
    project.ok(&["train", "ages.csv", "-t", "ill"]).shows(&[
        "200 rows, 10 of them without a target",
        "warning: column \"age\" is taken as texts: most of its cells are numbers, one is \"?\"",
    ]);
}

#[test]
fn several_at_once_all_keep_their_definitions() {
    let project = TestProject::with("");
    let names = ["one", "two", "three"];
    for name in names {
        project.write(&format!("{name}.csv"), flowers(40));
    }
    let started = names.map(|name| {
        let file = format!("{name}.csv");
        project.command(&["-q", "train", &file, "-t", "species"]).spawn().unwrap()
    });
    for mut child in started {
        assert!(child.wait().unwrap().success());
    }
    let text = project.read("mlops.toml");
    assert!(names.iter().all(|name| text.contains(&format!("[set.{name}]"))), "{text}");
    assert_eq!(project.json(&["model", "list"])["models"].as_array().unwrap().len(), 3);
}

#[test]
fn a_file_that_breaks_its_contract_leaves_no_definitions() {
    let project = TestProject::with("[data.f]\npath = \"f.csv\"\nexpect = [{ rows = [1000, 2000] }]\n");
    project.write("f.csv", flowers(40));
    project.refuses(1, &["train", "f.csv", "-t", "species"]);
}

#[test]
fn the_newest_fifth_is_of_rows_with_a_target() {
    let project = folder();
    let row = |i: usize| {
        let bad = if i < 300 { ["yes", "no"][usize::from(chance(i) < 0.5)] } else { "" };
        format!("{:.3},2024-{:02}-{:02},{bad}\n", chance(i + 900), 1 + i / 28, 1 + i % 28)
    };
    let rows: String = (0..330).map(row).collect();
    project.write("open.csv", format!("x,applied,bad\n{rows}"));
    let outcome = project.json(&["train", "open.csv", "-t", "bad"]);
    assert!(outcome["leaderboard"].as_array().unwrap().iter().all(|row| row["test"]["auc"].is_number()), "{outcome}");
}

#[test]
fn columns_whose_names_mean_something_else_in_a_set_are_left_out_and_named() {
    let project = TestProject::empty();
    let rows: String = (0..60).map(|i| format!("{i},{},{},{},{}\n", i * 7 % 11, i % 5, i % 3, i % 2)).collect();
    project.write("t.csv", format!("__time,*,a:b,x,y\n{rows}"));
    let outcome = project.json(&["train", "t.csv", "--target", "y"]);
    let out = left_out(&outcome);
    assert_eq!(out[0], "__time names a row");
    for (found, name) in out[1..3].iter().zip(["*", "a:b"]) {
        assert!(found.starts_with(&format!("{name} has a name that has a meaning of its own")), "{found}");
    }
    let other = TestProject::empty();
    other.write("t.csv", format!("a,b,c,x,__label\n{rows}"));
    other.fails(2, &["train", "t.csv", "--target", "__label"]).says(&["\"__label\"", "rename the column"]);
    assert_eq!(other.files("").len(), 1, "no project was made");
}

#[test]
fn answers_replace_no_data_that_no_version_has() {
    let project = TestProject::empty();
    project.write("loans.csv", loans());
    project.ok(&["train", "loans.csv", "--target", "bad"]);
    project.write("notes.csv", "a,b\n1,2\n");
    project.ok(&["data", "add", "notes.csv"]);
    project.write("notes.csv", "a,b\n1,3\n");
    project
        .refuses(2, &["predict", "loans.csv", "-o", "notes.csv"])
        .says(&["notes.csv belongs to dataset \"notes\"", "mlops data add notes"]);
    project.ok(&["data", "add", "notes"]);
    project.ok(&["predict", "loans.csv", "-o", "notes.csv"]);
}

#[test]
fn a_text_among_numbers_is_named_where_nothing_else_is_left() {
    let project = TestProject::empty();
    let rows: String = (0..150).map(|at| format!("{at},{};{at},5\n", at * 7 % 13)).collect();
    project.write("dash.csv", format!("x;y\n{rows}-;3,5\n"));
    project.fails(2, &["train", "dash.csv", "--target", "y"]).says(&[
        "no column is left",
        "\"-\" among its numbers",
        "null_values = [\"-\"]",
    ]);
}

#[test]
fn chance_is_told_as_chance_where_rows_repeat() {
    let project = TestProject::empty();
    let rows: String = (0..300)
        .map(|at| {
            format!(
                "{},{},{}\n",
                (chance(at) * 10.0) as u8,
                ["a", "b", "c"][(chance(at + 1000) * 3.0) as usize],
                u8::from(chance(at + 2000) < 0.5)
            )
        })
        .collect();
    project.write("noise.csv", format!("a,b,y\n{rows}"));
    let outcome = project.json(&["train", "noise.csv", "--target", "y"]);
    for row in outcome["leaderboard"].as_array().unwrap() {
        let auc = row["test"]["auc"].as_f64().unwrap();
        assert!((0.3..0.7).contains(&auc), "rows that are alike are on one side: {row}");
    }
}

#[test]
fn a_number_that_no_request_can_bring_is_refused_in_a_file_too() {
    let project = TestProject::empty();
    let rows: String = (0..80).map(|at| format!("{},{}\n", f64::from(at) / 7.0, u8::from(at > 40))).collect();
    project.write("t.csv", format!("x,y\n{rows}"));
    project.ok(&["train", "t.csv", "--target", "y"]);
    project.write("new.csv", "x\n1.5\n-inf\n");
    project.refuses(2, &["predict", "new.csv"]).says(&["new.csv: row 2: column \"x\" has an infinite number"]);
}

#[test]
fn what_a_newcomer_might_stumble_over_is_said() {
    let project = folder();
    let row = |i: usize| {
        let (x, y) = ((chance(i) * 100.0).round(), if chance(i + 999) > 0.4 { "yes" } else { "no" });
        let class = if i == 7 { "rare" } else { ["a", "b"][i % 2] };
        format!("{}\t{x}\t{y}\t{class}\t{}\n", i * 7919 % 400_009, x * 3.0)
    };
    project.write("t.tsv", format!("number\tx\ty\tclass\tprice\n{}", (0..300).map(row).collect::<String>()));
    project
        .ok(&["train", "t.tsv", "-t", "y", "--name", "y"])
        .shows(&["remark: number has another whole number in each row"]);
    let classes = project.ok(&["train", "t.tsv", "-t", "class", "--name", "classes"]);
    classes.shows(&["no cross-validation: the class \"rare\" has 1 of the rows", "it was chosen by the test rows"]);
    project
        .ok(&["train", "t.tsv", "-t", "price", "--name", "price"])
        .shows(&["warning: x alone decides nearly everything"]);
    project.fails(2, &["predict", "t.tsv"]).says(&["several models have a champion", "mlops serve NAME"]);
    project.fails(2, &["train", "t.tsv", "-t", ""]).says(&["column \"\" is not known"]);
    project.write("none.tsv", "number\tx\ty\tprice\n");
    project.fails(2, &["train", "none.tsv", "-t", "y"]).says(&["none.tsv has no rows"]);
    project.ok(&["predict", "none.tsv", "--model", "classes", "--output", "none.csv"]);
    assert!(
        project.read("none.csv").starts_with("number,x,y,price,prediction,probability_a,"),
        "{}",
        project.read("none.csv")
    );
    project.fails(2, &["predict", "t.tsv", "--model", "y", "--output", "o.tsv"]).says(&["only commas are written"]);
    project.write(
        "p.csv",
        format!(
            "x,price\n{}",
            (0..300)
                .map(|i| format!("{i},{}\n", if i == 9 { ".".to_owned() } else { format!("{}.5", i % 200) }))
                .collect::<String>()
        ),
    );
    project
        .fails(2, &["train", "p.csv", "-t", "price"])
        .says(&["most of its cells are numbers: one is \".\"", "null_values"]);
}
