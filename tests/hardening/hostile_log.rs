//! Lines of the prediction log and of the labels that nobody should have written. They are counted and named; the rest is worked on.

use crate::common::fuzzing::Random;
use crate::common::server::Server;
use crate::common::{TestProject, loans};
use serde_json::{Value, json};

/// A deployment with some logged predictions, and their ids.
fn logged() -> (TestProject, Vec<String>) {
    let project = loans::project();
    project.ok(&["feature", "materialize"]);
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late"]);
    let server = Server::start(&project, &["late"]);
    let rows: Vec<Value> = (0..30)
        .map(|id| json!({ "id": id, "amount": 10.0 * f64::from(id), "purpose": "car", "shop": "north", "at": "2024-01-10T00:00:00Z" }))
        .collect();
    let answers = server.predict(&json!({ "dataframe_records": rows }));
    server.stop_clean();
    let ids = answers.iter().map(|answer| answer["id"].as_str().unwrap().to_owned()).collect();
    (project, ids)
}

/// Changes the log's text.
fn damage(project: &TestProject, change: impl Fn(&str) -> String) {
    let files = project.files(".mlops/predictions");
    let (name, text) = files.iter().find(|(name, _)| name.ends_with(".jsonl")).unwrap();
    project.write(&format!(".mlops/predictions/{name}"), change(std::str::from_utf8(text).unwrap()));
}

fn labels(project: &TestProject, ids: &[String]) {
    let lines: String = ids.iter().enumerate().map(|(at, id)| format!("{id},{}\n", at % 2)).collect();
    project.write("labels.csv", format!("prediction_id,late\n{lines}"));
}

/// What a line becomes.
type Damage = (&'static str, fn(&str) -> String);

#[test]
fn a_line_that_makes_no_sense_stops_nothing() {
    let damages: [Damage; 11] = [
        ("a probability of null", |line| line.replacen("\"probability\":0.", "\"probability\":null,\"x\":0.", 1)),
        ("a probability beyond 1", |line| line.replacen("\"probability\":0.", "\"probability\":7.", 1)),
        ("half a line", |line| line[..line.len() / 2].to_owned()),
        ("a time that is none", |line| line.replacen("\"at\":\"2", "\"at\":\"tomorrow 2", 1)),
        ("no JSON", |_| "\u{1b}[2J\u{7}".to_owned()),
        ("numbers beyond all bounds", |line| line.replacen("\"amount\":", "\"amount\":1e999,\"b\":", 1)),
        ("another type", |line| line.replacen("\"features\":{", "\"features\":[{", 1)),
        ("an empty object", |_| "{}".to_owned()),
        ("a text where the model takes a number", |line| line.replacen("\"amount\":", "\"amount\":\"x\",\"b\":", 1)),
        ("another deployment", |line| line.replacen("\"deployment\":\"late\"", "\"deployment\":\"early\"", 1)),
        ("a class that the model does not have", |line| line.replacen("\"prediction\":\"", "\"prediction\":\"z", 1)),
    ];
    for (what, change) in damages {
        let (project, ids) = logged();
        damage(&project, |text| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines[3] = change(&lines[3]);
            lines.join("\n") + "\n"
        });
        labels(&project, &ids);
        let labelled =
            project.run(&["monitor", "labels", "late", "--input", "labels.csv", "--id", "prediction_id", "--json"]);
        assert_eq!(labelled.code, 0, "{what}: {labelled}");
        let matched = labelled.json()["matched"].as_u64().unwrap();
        assert!((29..=30).contains(&matched), "{what}: {matched}");
        for args in [&["monitor", "drift", "late"][..], &["monitor", "performance", "late"]] {
            let output = project.run(args);
            assert!([0, 1].contains(&output.code), "{what} {args:?}: {output}");
            assert!(!output.stdout.contains('\u{1b}') && !output.stderr.contains('\u{1b}'), "{what}: {output}");
        }
        let found = project.run(&["monitor", "drift", "late", "--json"]).json();
        assert_eq!(found["unreadable"]["lines"], 1, "{what}: {found}");
    }
}

#[test]
fn a_label_key_of_another_type_matches_nothing_and_stops_nothing() {
    let (project, _) = logged();
    damage(&project, |text| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[1] = lines[1].replacen("\"id\":1", "\"id\":true", 1);
        lines[2] = lines[2].replacen("\"id\":2", "\"id\":\"2\"", 1);
        lines.join("\n") + "\n"
    });
    project.write("labels.csv", "id,late\n1,1\n2,0\n3,1\n4,0\n");
    let outcome = project.json(&["monitor", "labels", "late", "--input", "labels.csv", "--key", "id"]);
    assert_eq!((&outcome["matched"], &outcome["unmatched"]), (&json!(2), &json!(2)), "{outcome}");
}

#[test]
fn ids_beyond_what_a_float_holds_find_their_predictions() {
    let project = loans::project();
    project.ok(&["feature", "materialize"]);
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late"]);
    let server = Server::start(&project, &["late"]);
    let ids = [9_007_199_254_740_993_i64, 9_007_199_254_740_995, i64::MAX];
    let row = |id| json!({ "id": id, "amount": 10.0, "purpose": "car", "shop": "north", "at": "2024-01-10T00:00:00Z" });
    server.predict(&json!({ "dataframe_records": ids.map(row) }));
    server.stop_clean();
    let lines: String = ids.iter().map(|id| format!("{id},1\n")).collect();
    project.write("labels.csv", format!("id,late\n{lines}"));
    let outcome = project.json(&["monitor", "labels", "late", "--input", "labels.csv", "--key", "id"]);
    assert_eq!((&outcome["matched"], &outcome["unmatched"]), (&json!(3), &json!(0)), "{outcome}");
}

#[test]
fn bytes_that_flip_in_the_log_end_in_a_count() {
    let (project, ids) = logged();
    labels(&project, &ids);
    let files = project.files(".mlops/predictions");
    let (name, whole) = files.iter().find(|(name, _)| name.ends_with(".jsonl")).unwrap();
    let random = Random::new(11);
    for round in 0..25 {
        let mut bytes = whole.clone();
        for _ in 0..1 + random.below(20) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => drop(bytes.remove(at)),
                1 => bytes.insert(at, b'\n'),
                _ => bytes[at] = random.next() as u8,
            }
        }
        project.write(&format!(".mlops/predictions/{name}"), bytes);
        for args in [
            &["monitor", "drift", "late"][..],
            &["monitor", "labels", "late", "--input", "labels.csv", "--id", "prediction_id"],
            &["monitor", "performance", "late"],
        ] {
            let output = project.run(args);
            assert!(
                (0..=2).contains(&output.code) && !output.stderr.contains("panicked"),
                "round {round} {args:?}: {output}"
            );
        }
        let _ = std::fs::remove_file(project.path(".mlops/predictions/late/labels"));
    }
}
