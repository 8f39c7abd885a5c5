//! Models that came with a project and whose numbers make no sense: each is refused with what is wrong, before it predicts anything.

use crate::common::{TestProject, loans};
use serde_json::{Value, json};

fn trained() -> TestProject {
    let project = loans::project();
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late"]);
    project
}

/// Puts a changed bundle in place of `late@1`.
fn forge(project: &TestProject, change: impl FnOnce(&mut Value)) {
    let ledger = rusqlite::Connection::open(project.path(".mlops/ledger.db")).unwrap();
    let hash: String = ledger.query_row("SELECT hash FROM model_version", [], |row| row.get(0)).unwrap();
    let path = project.path(&format!(".mlops/objects/{}/{}", &hash[..2], &hash[2..]));
    let mut bundle: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let before = bundle.clone();
    change(&mut bundle);
    assert_ne!(bundle, before, "the change changes something");
    let bytes = serde_json::to_vec(&bundle).unwrap();
    let path = project.blob(&bytes);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, &bytes).unwrap();
    let forged = blake3::hash(&bytes).to_string();
    ledger.execute("UPDATE model_version SET hash = ?1", [forged]).unwrap();
}

/// Sets the first key of this name in the preparation.
fn set(bundle: &mut Value, key: &str, to: Value) {
    fn replace(value: &mut Value, key: &str, to: &Value) -> bool {
        match value {
            Value::Object(map) if map.contains_key(key) => map.insert(key.to_owned(), to.clone()).is_some(),
            Value::Object(map) => map.values_mut().any(|inner| replace(inner, key, to)),
            Value::Array(list) => list.iter_mut().any(|inner| replace(inner, key, to)),
            _ => false,
        }
    }
    assert!(replace(&mut bundle["preparation"], key, &to), "no {key}");
}

type Change = (&'static str, fn(&mut Value));

#[test]
fn numbers_that_make_no_sense_are_named() {
    let changes: [Change; 10] = [
        ("its scale is not above 0", |b| set(b, "scale", json!(0.0))),
        ("its scale is not above 0", |b| set(b, "scale", json!(-1.0))),
        ("its categories are not sorted", |b| set(b, "categories", json!(["rent", "car", "food"]))),
        ("its categories are not sorted", |b| set(b, "categories", json!(["car", "car", "rent"]))),
        ("do not fit the task binary", |b| b["signature"]["threshold"] = json!(1.5)),
        ("do not fit the task binary", |b| b["signature"]["threshold"] = json!(-0.1)),
        ("do not fit the task binary", |b| b["signature"]["classes"] = json!(["0"])),
        ("two classes are called \"0\"", |b| b["signature"]["classes"] = json!(["0", "0"])),
        ("view \"sales\" has no key", |b| b["features"]["views"][0]["shape"]["keys"] = json!([])),
        ("not a bundle", |b| b["mlops_model"] = json!(99)),
    ];
    for (said, change) in changes {
        let project = trained();
        forge(&project, change);
        for args in [&["model", "predict", "late@1", "-i", "loans.csv", "-o", "out.csv"][..], &["serve", "late@1"]] {
            let refused = project.fails(3, args);
            refused.says(&[said]);
            assert!(!refused.stderr.contains("panicked"), "{refused}");
        }
        assert!(!project.path("out.csv").exists());
    }
}
