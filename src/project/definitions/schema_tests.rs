//! `docs/reference/mlops.schema.json` is what these types say: editors complete and check `mlops.toml` by it.
//! `UPDATE=1 cargo test --lib schema` writes it anew.

use super::Definitions;
use crate::project::{Name, Span};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

const KEPT: &str = include_str!("../../../docs/reference/mlops.schema.json");
const PAGE: &str = include_str!("../../../docs/reference/mlops-toml.md");
const FLIGHTS: &str = include_str!("../../../examples/flights/mlops.toml");

impl JsonSchema for Name {
    fn schema_name() -> Cow<'static, str> {
        "Name".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Lower-case letters, digits, _ . and -, beginning with a letter or digit.",
            "type": "string",
            "pattern": "^[a-z0-9][a-z0-9_.-]{0,99}$"
        })
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time: a whole number and s, m (minutes), h, d or w.",
            "type": "string",
            "pattern": "^[0-9]+[smhdw]$"
        })
    }
}

/// Draft 7, because the language servers for TOML know that best.
fn generated() -> String {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Definitions>().to_value();
    tidy(&mut schema);
    // serde's second word for a variant is none of the type's.
    let other = json!({ "type": "string", "const": "ndjson", "description": "Another word for jsonl." });
    schema["definitions"]["Format"]["oneOf"].as_array_mut().unwrap().push(other);
    let head = [("$schema", json!("http://json-schema.org/draft-07/schema#")), ("title", json!("mlops.toml"))];
    let mut ordered: Map<String, Value> = head.map(|(word, says)| (word.to_owned(), says)).into_iter().collect();
    for (word, says) in schema.as_object().unwrap() {
        ordered.entry(word.clone()).or_insert_with(|| says.clone());
    }
    format!("{}\n", serde_json::to_string_pretty(&ordered).unwrap())
}

/// TOML has no null, so no schema takes one; what says nothing to an editor goes.
fn tidy(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(tidy),
        Value::Object(object) => {
            object.values_mut().for_each(tidy);
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|t| t != "null");
                if let [one] = types.as_slice() {
                    object["type"] = one.clone();
                }
            }
            let null = json!({ "type": "null" });
            if object.get("anyOf").and_then(Value::as_array).is_some_and(|any| any.len() == 2 && any[1] == null) {
                let one = object["anyOf"][0].take();
                object.remove("anyOf");
                object.insert("allOf".to_owned(), json!([one]));
            }
            let empty = |v: &Value| v.is_null() || v.is_object() || v.as_array().is_some_and(Vec::is_empty);
            if object.get("default").is_some_and(empty) {
                object.remove("default");
            }
            if object.get("format").is_some_and(Value::is_string) {
                object.remove("format");
            }
        }
        _ => {}
    }
}

/// Writes what the types say as a JSON Schema; `UPDATE=1` asks for it.
#[test]
fn the_schema_is_what_the_types_say() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/mlops.schema.json");
    let made = generated();
    if std::env::var_os("UPDATE").is_some_and(|v| v == "1") {
        return std::fs::write(path, made).unwrap();
    }
    let differs = KEPT.lines().zip(made.lines()).position(|(kept, made)| kept != made);
    assert!(KEPT == made, "{} differs, at line {:?}; run with UPDATE=1", path.display(), differs.map(|at| at + 1));
}

/// Where a value breaks a schema. Knows the words that [`generated`] writes, and panics at any other.
fn faults(schema: &Value, value: &Value, at: &str, root: &Value, found: &mut Vec<String>) {
    let Value::Object(words) = schema else {
        assert_eq!(schema, &json!(true), "a schema is an object or true");
        return;
    };
    let list = |word: &Value| word.as_array().unwrap().clone();
    let holds = |one: &Value| {
        let mut inner = Vec::new();
        faults(one, value, at, root, &mut inner);
        inner.is_empty()
    };
    for (word, says) in words {
        let number = |more: bool| match value.as_f64() {
            Some(n) => {
                if more {
                    n >= says.as_f64().unwrap()
                } else {
                    n <= says.as_f64().unwrap()
                }
            }
            None => true,
        };
        let length = value.as_array().map(|a| a.len() as u64);
        let letters = value.as_str().map(|text| text.chars().count() as u64);
        let good = match word.as_str() {
            "$schema" | "title" | "description" | "default" | "definitions" => true,
            "$ref" => {
                faults(
                    &root["definitions"][says.as_str().unwrap().rsplit('/').next().unwrap()],
                    value,
                    at,
                    root,
                    found,
                );
                true
            }
            "allOf" => {
                list(says).iter().for_each(|one| faults(one, value, at, root, found));
                true
            }
            "anyOf" => list(says).iter().any(holds),
            "oneOf" => list(says).iter().filter(|one| holds(one)).count() == 1,
            "const" => value == says,
            "type" => says
                .as_str()
                .map_or_else(|| list(says).iter().any(|t| is_type(value, t.as_str().unwrap())), |t| is_type(value, t)),
            "required" => {
                list(says).iter().all(|key| value.as_object().is_none_or(|o| o.contains_key(key.as_str().unwrap())))
            }
            "properties" | "additionalProperties" | "patternProperties" => true,
            "items" => {
                for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                    faults(says, item, &format!("{at}[{place}]"), root, found);
                }
                true
            }
            "minLength" => letters.is_none_or(|n| n >= says.as_u64().unwrap()),
            "maxLength" => letters.is_none_or(|n| n <= says.as_u64().unwrap()),
            "minItems" => length.is_none_or(|n| n >= says.as_u64().unwrap()),
            "maxItems" => length.is_none_or(|n| n <= says.as_u64().unwrap()),
            "minimum" => number(true),
            "maximum" => number(false),
            "pattern" => value.as_str().is_none_or(|t| regex::Regex::new(says.as_str().unwrap()).unwrap().is_match(t)),
            other => panic!("the schema has a word that is not checked: {other}"),
        };
        if !good {
            found.push(format!("{at}: {word}"));
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        key_faults(words, key, inner, &format!("{at}.{key}"), root, found);
    }
}

/// Where the value of a key breaks what an object's schema says of it.
fn key_faults(words: &Map<String, Value>, key: &str, value: &Value, at: &str, root: &Value, found: &mut Vec<String>) {
    let patterns = words.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
    let mut of_pattern = patterns.filter(|(pattern, _)| regex::Regex::new(pattern).unwrap().is_match(key));
    let named = words.get("properties").and_then(|p| p.get(key));
    match (named.or_else(|| of_pattern.next().map(|(_, schema)| schema)), words.get("additionalProperties")) {
        (Some(schema), _) => faults(schema, value, at, root, found),
        (None, Some(Value::Bool(false))) => found.push(format!("{at}: no such key")),
        (None, Some(schema)) => faults(schema, value, at, root, found),
        (None, None) => {}
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("no type {other}"),
    }
}

fn check(text: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(KEPT).unwrap();
    let value: Value = toml::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let mut found = Vec::new();
    faults(&schema, &value, "", &schema, &mut found);
    found
}

#[test]
fn examples_and_what_init_writes_are_of_the_schema() {
    let examples: Vec<&str> =
        PAGE.split("\n```toml\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect();
    assert!(examples.len() > 8);
    for text in examples.into_iter().chain([FLIGHTS, crate::project::init::TEMPLATE]) {
        assert!(Definitions::parse(text).is_ok() || text.contains("{name}"));
        assert_eq!(check(text), [""; 0], "{text}");
    }
}

/// The template's comments are definitions too, once the marks are taken off.
#[test]
fn the_commented_examples_that_init_writes_are_of_the_schema() {
    let template = crate::project::init::TEMPLATE.replace("{name}", "x");
    let is_definition = |line: &str| line.starts_with("# [") || line.starts_with("# ") && line.contains(" = ");
    let lines = template.lines().map(|line| if is_definition(line) { line.trim_start_matches("# ") } else { line });
    let text = lines.collect::<Vec<_>>().join("\n").replace("source = \"payments\"", "sql = \"SELECT 1\"");
    assert!(text.contains("\n[train.churn]") && Definitions::parse(&text).is_ok(), "{text}");
    assert_eq!(check(&text), [""; 0], "{text}");
}

#[test]
fn a_slip_is_found_where_the_parser_finds_it() {
    for (text, place) in [
        ("[project]\nsead = 7", ".project.sead: no such key"),
        ("[datas.x]\npath = 'x'", ".datas: no such key"),
        ("[data.x]\npath = 'x'\nexpct = []", ".data.x.expct: no such key"),
        ("[data.x]\npath = 7", ".data.x.path: type"),
        ("[data.x]\nformat = 'csv'", ".data.x: required"),
        ("[data.x]\npath = 'x'\nformat = 'xls'", ".data.x.format: oneOf"),
        ("[data.X]\npath = 'x'", ".data.X: no such key"),
        ("[data.x]\npath = 'x'\nexpect = [{ columm = 'a', not_null = true }]", ".data.x.expect[0].columm: no such key"),
        ("[data.x]\npath = 'x'\nexpect = [{ column = 'a', between = [1] }]", ".data.x.expect[0].between: minItems"),
        ("[set.x]\nspine = 'x'\nfeatures = []\nsplit = { by = 'tim' }", ".set.x.split: oneOf"),
        ("[set.x]\nspine = 'x'\nfeatures = []\nsplit = { by = 'time', vlidation = 'x' }", ".set.x.split: oneOf"),
        ("[retrain.x]\ntrain = 'x'\nmodel = 'x'\nholdout = '3'", ".retrain.x.holdout: pattern"),
        ("[train.x]\nset = 'x'\nmodel = 'tree'\ncv = { folds = -1 }", ".train.x.cv.folds: minimum"),
    ] {
        assert!(Definitions::parse(text).is_err(), "{text}");
        assert!(check(text).iter().any(|fault| fault == place), "{text}: {:?}", check(text));
    }
    assert_eq!(check("[data.x]\npath = 'x'\nformat = 'ndjson'"), [""; 0]);
}
