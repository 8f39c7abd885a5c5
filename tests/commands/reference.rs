//! `docs/reference/mlops-toml.md` says what the code knows: its examples parse, and every key, parameter, metric and
//! drift test stands in its section.

use mlops::learn::Metric;
use mlops::learn::estimator::{Estimator, models};
use mlops::monitor::statistics::Test;
use mlops::prep::StepDefinition;
use mlops::project::Definitions;
use serde_json::Map;

const PAGE: &str = include_str!("../../docs/reference/mlops-toml.md");

/// The page's text from one heading to the next of the same rank.
fn section(title: &str) -> &'static str {
    let heading = format!("\n## {title}\n");
    let start = PAGE.find(&heading).unwrap_or_else(|| panic!("no section {title}")) + heading.len();
    PAGE[start..].split("\n## ").next().unwrap()
}

/// The page's examples with the number of their first line.
fn examples() -> Vec<(usize, String)> {
    let mut examples = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (at, line) in PAGE.lines().enumerate() {
        match (&mut open, line) {
            (None, "```toml") => open = Some((at + 2, String::new())),
            (Some(_), "```") => examples.extend(open.take()),
            (Some((_, text)), line) => text.push_str(&format!("{line}\n")),
            _ => {}
        }
    }
    examples
}

/// The keys a table takes, by serde's own list of them: `text` gives it the key `surplus`.
fn keys(text: &str) -> Vec<String> {
    let message = Definitions::parse(text).unwrap_err().message().to_owned();
    let (_, expected) = message.split_once("unknown field `surplus`, expected").unwrap_or_else(|| panic!("{message}"));
    let keys: Vec<String> = expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(!keys.is_empty(), "{message}");
    keys
}

#[test]
fn every_example_is_accepted() {
    let examples = examples();
    assert!(examples.len() > 8);
    for (line, text) in examples {
        if let Err(e) = Definitions::parse(&text) {
            panic!("the example at line {line}: {e}");
        }
    }
}

#[test]
fn every_key_stands_in_its_section() {
    let tables = [
        ("project", "[project]\nsurplus = 1"),
        ("data", "[data.x]\nsurplus = 1"),
        ("data", "[data.x]\npath = 'x'\nexpect = [{ surplus = 1 }]"),
        ("entity", "[entity.x]\nsurplus = 1"),
        ("feature", "[feature.x]\nsurplus = 1"),
        ("feature", "[feature.x]\nwindows = [{ surplus = 1 }]"),
        ("set", "[set.x]\nsurplus = 1"),
        ("set", "[set.x]\nsplit = { by = 'time', surplus = 1 }"),
        ("set", "[set.x]\nsplit = { by = 'hash', surplus = 1 }"),
        ("set", "[set.x]\nsplit = { by = 'column', surplus = 1 }"),
        ("train", "[train.x]\nsurplus = 1"),
        ("train", "[train.x]\ncv = { surplus = 1 }"),
        ("train", "[train.x]\nsearch = { surplus = 1 }"),
        ("train", "[train.x]\nthreshold = { surplus = 1 }"),
        ("serve", "[serve.x]\nsurplus = 1"),
        ("monitor", "[monitor.x]\nsurplus = 1"),
        ("monitor", "[monitor.x]\nperformance = { surplus = 1 }"),
        ("retrain", "[retrain.x]\nsurplus = 1"),
        ("retrain", "[retrain.x]\ntriggers = { surplus = 1 }"),
        ("retrain", "[retrain.x]\ngate = { surplus = 1 }"),
    ];
    for (title, text) in tables {
        for key in keys(text) {
            assert!(section(title).contains(&format!("`{key}`")), "section {title} says nothing of {key}");
        }
    }
    // The file's own tables.
    for table in keys("surplus = 1") {
        section(&table);
    }
}

#[test]
fn every_parameter_of_an_estimator_stands_there() {
    for model in models() {
        let estimators = section("Estimators");
        let start = estimators.find(&format!("**`{model}`**")).unwrap_or_else(|| panic!("nothing of {model}"));
        let text = estimators[start..].split("\n**`").next().unwrap();
        for name in Estimator::parse(model, &Map::new()).unwrap().parameters().keys() {
            let others = ["forest", "extra_trees", "elastic_net", "svr"];
            let shared = others.contains(&model) && estimators.contains(&format!("| `{name}` |"));
            assert!(shared || text.contains(&format!("| `{name}` |")), "{model} says nothing of {name}");
        }
    }
}

#[test]
fn every_step_of_preparation_and_its_parameters_stand_there() {
    for (op, parameters) in StepDefinition::operations() {
        let rows = section("Preparation").lines();
        let row = rows.filter(|line| line.starts_with(&format!("| `{op}`"))).collect::<String>();
        assert!(!row.is_empty(), "{op}");
        for name in parameters {
            assert!(row.contains(&format!("`{name}`")), "{op} says nothing of {name}");
        }
    }
}

#[test]
fn every_metric_and_drift_test_stands_there() {
    for metric in Metric::all().map(Metric::name) {
        assert!(section("Metrics").contains(&format!("| `{metric}` |")), "{metric}");
    }
    for test in Test::ALL {
        let row = section("Drift tests").lines().find(|line| line.starts_with(&format!("| `{test}` |")));
        let cells: Vec<&str> = row.unwrap_or_else(|| panic!("{test}")).split('|').map(str::trim).collect();
        assert_eq!(cells[4], test.default_threshold().to_string(), "{test}");
        assert_eq!(cells[2].starts_with("p-value"), test.is_p_value(), "{test}");
    }
}
