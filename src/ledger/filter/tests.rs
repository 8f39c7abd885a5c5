//! The grammar, its errors, and that no text becomes part of a statement.

use super::{Filter, Order};
use crate::ledger::{InputKind, Ledger, Lifecycle, MetricPoint, NewRun, RunId, RunResult, RunSearch, RunSource};
use crate::project::Name;
use crate::store::Hash;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn map(text: &str) -> BTreeMap<String, String> {
    text.split_whitespace().filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect()
}

/// Three runs: `a` finished, `b` failed, `c` running, from the oldest to the newest.
fn three_runs() -> (tempfile::TempDir, Ledger, Vec<RunId>) {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
    let mut ids = Vec::new();
    for (name, auc, params, tags) in [
        ("a", 0.9, "model=boosting depth=3", "team=Risk"),
        ("b", f64::NAN, "model=logistic", "team=risk* mlflow.note=x_y"),
        ("c", 0.7, "model=boosting", ""),
    ] {
        let id = RunId::random().unwrap();
        let new = NewRun {
            user: (name == "a").then(|| "ann".to_owned()),
            ..NewRun::new(id.clone(), name, RunSource::Program)
        };
        ledger.begin_run(&new).unwrap();
        if name == "c" {
            let points = [("val auc", 0.7), ("auc", 0.7)];
            let points = points.map(|(key, value)| MetricPoint { key: key.to_owned(), step: 0, at: 0, value });
            ledger.log_metrics(&id, &points).unwrap();
            let sql = "INSERT INTO run_param VALUES (?1, 'model', 'boosting')";
            ledger.write("write", |tx| tx.execute(sql, [id.as_str()])).unwrap();
        } else {
            let result = RunResult {
                error: (name == "b").then(|| "no rows".to_owned()),
                params: map(params),
                metrics: [("auc".to_owned(), auc)].into(),
                tags: map(tags),
                inputs: vec![(InputKind::Dataset, format!("loans_{name}"), Hash::of(name.as_bytes()))],
                ..RunResult::default()
            };
            ledger.finish_run(&id, &result).unwrap();
        }
        ids.push(id);
    }
    (folder, ledger, ids)
}

/// The names of the runs found, in order.
fn found(ledger: &Ledger, filter: &str, order: &[&str]) -> String {
    let order: Vec<String> = order.iter().map(|o| (*o).to_owned()).collect();
    let (filter, order) =
        (Filter::parse(filter).unwrap_or_else(|e| panic!("{filter}: {e}")), Order::parse(&order).unwrap());
    let runs = ledger.search_runs(&RunSearch { filter, order, ..RunSearch::default() }).unwrap();
    runs.into_iter().map(|run| run.name).collect()
}

#[test]
fn every_form_of_the_grammar_finds_what_mlflow_would() {
    let (_folder, ledger, ids) = three_runs();
    let id = &ids[0];
    for (filter, expected) in [
        ("", "cba"),
        ("metrics.auc > 0.8", "a"),
        ("metric.auc >= .7", "ca"),
        ("metrics.auc != 0.9", "c"),
        ("metrics.auc < 1e3 AND metrics.auc > -1", "ca"),
        ("metrics.`val auc` = 0.7", "c"),
        ("metrics.\"val auc\" <= 7e-1", "c"),
        ("metrics.nothing < 9", ""),
        ("params.model = 'boosting'", "ca"),
        ("parameters.model != \"boosting\"", "b"),
        ("param.depth != '4'", "a"),
        ("params.depth IS NULL", "cb"),
        ("params.depth is not null", "a"),
        ("tags.team LIKE 'R%'", "a"),
        ("tags.team LIKE 'risk*'", "b"),
        ("tags.team LIKE 'risk%'", "b"),
        ("tags.team LIKE 'Ris_'", "a"),
        ("tags.team LIKE '%[%'", ""),
        ("tags.team ILIKE 'r%'", "ba"),
        ("tags.team ilike 'risk_'", "b"),
        ("tag.mlflow.note = 'x_y'", "b"),
        ("status = 'FINISHED'", "a"),
        ("attributes.status = 'finished'", "a"),
        ("attr.status != 'RUNNING'", "ba"),
        ("run.status LIKE 'F%'", "ba"),
        ("run_name = 'b'", "b"),
        ("`run name` = 'b'", "b"),
        ("\"Run Name\" != 'b'", "ca"),
        ("user_id = 'ann'", "a"),
        ("user_id != 'bob'", "a"),
        ("start_time > 1600000000000", "cba"),
        ("created < 1600000000000.5", ""),
        ("end_time > 0", "ba"),
        ("dataset.name LIKE 'loans%'", "ba"),
        ("datasets.name IN ('loans_a', 'x')", "a"),
        ("datasets.name NOT IN ('loans_a')", "b"),
        ("datasets.context = 'training'", "ba"),
        // What MLflow lets pass.
        ("and params.model = 'boosting' and metrics.auc > 0.8 and", "a"),
        ("params.model = 'boosting' metrics.auc > 0.8", "a"),
        ("params.model='boosting'and metrics.auc>0.8", "a"),
    ] {
        assert_eq!(found(&ledger, filter, &[]), expected, "{filter}");
    }
    assert_eq!(found(&ledger, &format!("run_id in ('{id}', \"x\",)"), &[]), "a");
    assert_eq!(found(&ledger, &format!("attributes.run_id not in ('{id}')"), &[]), "cb");
    let digest = Hash::of(b"b");
    assert_eq!(found(&ledger, &format!("datasets.digest = '{digest}'"), &[]), "b");
}

#[test]
fn runs_without_a_value_come_last_in_both_directions_after_those_that_are_no_number() {
    let (_folder, mut ledger, _) = three_runs();
    ledger.begin_run(&NewRun::new(RunId::random().unwrap(), "d", RunSource::Program)).unwrap();
    for (order, expected) in [
        (&["metrics.auc"][..], "cabd"),
        (&["metrics.auc ASC"], "cabd"),
        (&["metrics.auc desc"], "acbd"),
        (&["params.model", "attributes.run_name"], "acbd"),
        (&["params.model desc", "run_name desc"], "bcad"),
        (&["tags.team"], "abdc"),
        (&["status", "run_name"], "bacd"),
        (&["start_time asc", "run_name"], "abcd"),
        (&["end_time desc"], "badc"),
        (&["metrics.`val auc`"], "cdba"),
    ] {
        assert_eq!(found(&ledger, "", order), expected, "{order:?}");
    }
}

#[test]
fn a_run_whose_process_is_gone_is_found_as_died_and_not_as_running() {
    let (_folder, ledger, ids) = three_runs();
    let names = |filter: &str| {
        let search = RunSearch { filter: Filter::parse(filter).unwrap(), died: &ids[2..], ..RunSearch::default() };
        ledger.search_runs(&search).unwrap().into_iter().map(|run| run.name).collect::<String>()
    };
    assert_eq!((names("status = 'died'"), names("status = 'running'")), ("c".to_owned(), String::new()));
    // One that ended since is what the ledger says.
    let ended = RunSearch { filter: Filter::parse("status = 'finished'").unwrap(), died: &ids, ..RunSearch::default() };
    assert_eq!(ledger.search_runs(&ended).unwrap().len(), 1);
}

#[test]
fn an_error_names_the_character_and_says_what_to_write() {
    for (filter, message, hint) in [
        ("metrics.auc > 'x'", "character 15: \"'\" where a number should stand", "without quotes"),
        ("metrics.auc > +1", "character 15", "without quotes"),
        ("metrics.auc > nan", "\"nan\" where a number should stand", "1e-3"),
        ("metrics.auc > 1-2", "where a number should stand", "0.8"),
        ("metrics.auc == 1", "character 13: \"==\" is not an operator", "write ="),
        ("metrics.auc <> 1", "\"<>\" is not an operator", "write !="),
        ("metrics.auc like 1", "a number is compared with a number", "write =, !="),
        ("metrics.auc is null", "a number is compared with a number", "<"),
        ("metrics.auc", "the end of the filter where an operator should stand", "ilike"),
        ("params.x > 'a'", "texts have no order", "like"),
        ("params.x = 5", "character 12: \"5\" where a text should stand", "in quotes"),
        ("params.x in ('a')", "only run_id and datasets", "like"),
        ("status is null", "only params and tags", "in quotes"),
        ("run_id in ()", "where a text should stand", "in quotes"),
        ("run_id in 'a'", "where a list should stand", "parentheses"),
        ("run_id in ('a' 'b')", "a comma or a closing parenthesis", "in ('a', 'b')"),
        ("tags.x rlike 'a'", "\"rlike\" where an operator should stand", "ilike"),
        ("tags.x = 'a", "character 10: ' is opened and never closed", "close it with '"),
        ("metrcs.auc > 1", "character 1: \"metrcs\" is not known before a dot", "did you mean \"metrics\""),
        ("stats = 'x'", "\"stats\" is not an attribute of a run", "did you mean \"status\""),
        ("duration > 5", "\"duration\" is not an attribute of a run", "known: run_id"),
        ("datasets.size = 'x'", "is not an attribute of a dataset", "name, digest, context"),
        ("metrics. > 1", "where a name should stand", "backticks"),
        ("metrics.a > 1 or metrics.b > 1", "character 15: only `and` joins", "field, operator, value"),
        ("not metrics.a > 1", "only `and` joins", "field"),
        ("(metrics.a > 1)", "only `and` joins", "field"),
        ("tags.ü = 'x' ; 1", "character 14: \";\" where a field should stand", "metrics.NAME"),
        ("   ", "no condition", "metrics.auc > 0.8"),
        ("and", "no condition", "metrics.auc > 0.8"),
    ] {
        let e = Filter::parse(filter).unwrap_err();
        assert!(e.message().starts_with("filter, character ") && e.message().contains(message), "{filter}: {e}");
        assert!(e.hint_text().unwrap().contains(hint), "{filter}: {:?}", e.hint_text());
    }
    for (order, message) in [
        (&["metrics.a", "metrics.a desc"][..], "twice"),
        (&["datasets.name"], "several datasets"),
        (&["metrics.a down"], "character 11: \"down\" where the order should end"),
        (&["metrics.a, metrics.b"], "where the order should end"),
        (&[""], "where a field should stand"),
    ] {
        let e = Order::parse(&order.iter().map(|o| (*o).to_owned()).collect::<Vec<_>>()).unwrap_err();
        assert!(e.message().starts_with("order, character ") && e.message().contains(message), "{order:?}: {e}");
        assert!(e.hint_text().is_some());
    }
    assert!(Filter::parse(&"status='x'".repeat(201)).unwrap_err().message().contains("more than 200 conditions"));
    assert!(Filter::parse(&"x".repeat(17_000)).is_err());
}

#[test]
fn the_longest_filter_and_order_are_statements_that_sqlite_takes() {
    let (_folder, ledger, _) = three_runs();
    let all = ["metrics.a > 1 ", "params.a like '%' ", "tags.a is null ", "status='x' ", "datasets.name = 'a' "];
    for condition in all {
        assert_eq!(found(&ledger, &condition.repeat(200), &[]), if condition.contains("null") { "cba" } else { "" });
    }
    let pattern = format!("tags.team like '{}'", "*".repeat(16_384 - 17));
    assert_eq!(found(&ledger, &pattern, &[]), "");
    let many = format!("run_id in ({}'x')", "'',".repeat(5_000));
    assert_eq!(found(&ledger, &many, &[]), "");
    let order: Vec<String> = (0..32).map(|at| format!("metrics.m{at} desc")).collect();
    assert_eq!(found(&ledger, "", &order.iter().map(String::as_str).collect::<Vec<_>>()), "cba");
}

/// Texts made of what the grammar is made of, so that many of them are filters.
fn fragments() -> impl Strategy<Value = String> {
    let words = [
        "metrics.",
        "params.",
        "tags.",
        "attributes.",
        "datasets.",
        "status",
        "run_id",
        "start_time",
        "name",
        "a",
        "`b c`",
        "\"d\"",
        "=",
        "!=",
        ">",
        ">=",
        "<",
        " like ",
        " ilike ",
        " in ",
        " not in ",
        "('x', 'y')",
        " is null ",
        " is not null ",
        "'x'",
        "'%_*[?'",
        "\"y\"",
        "0.5",
        "-1",
        "1e9",
        "7",
        " and ",
        " or ",
        " not ",
        "(",
        ")",
        ";",
        "--",
        "/*",
        "'",
        "`",
        "\0",
        "?1",
        "UNION SELECT",
        "DROP TABLE run",
        "\u{1F980}",
    ];
    proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..14).prop_map(|words| words.concat())
}

/// A condition that is one, with any text in it.
fn condition(text: &str) -> [String; 4] {
    let text: String = text.chars().filter(|c| !matches!(c, '\'' | '`' | '\0')).collect();
    [
        format!("params.`k{text}` = '{text}'"),
        format!("tags.`k{text}` like '{text}'"),
        format!("run_id in ('{text}', '{text}')"),
        format!("metrics.`k{text}` > 0"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_an_error_or_a_statement_that_reads(text in prop_oneof![any::<String>(), fragments()]) {
        thread_local! {
            static LEDGER: Ledger = Ledger::open(std::path::Path::new(":memory:")).unwrap();
        }
        let order = Order::parse(std::slice::from_ref(&text));
        for search in [
            Filter::parse(&text).map(|filter| RunSearch { filter, ..RunSearch::default() }),
            order.map(|order| RunSearch { order, lifecycle: Some(Lifecycle::Deleted), ..RunSearch::default() }),
        ] {
            match search {
                Err(e) => prop_assert!(e.hint_text().is_some(), "{}", e),
                Ok(search) => LEDGER.with(|ledger| {
                    let compiled = search.compile();
                    let statement = ledger.connection.prepare(&format!("SELECT id FROM run {}", compiled.sql)).unwrap();
                    assert!(statement.readonly() && statement.parameter_count() == compiled.values.len());
                    drop(statement);
                    assert!(ledger.search_runs(&search).unwrap().is_empty());
                }),
            }
        }
    }

    /// The statement is the same whatever the texts are: nobody's text is part of it.
    #[test]
    fn texts_are_parameters(text in any::<String>()) {
        for (with, without) in condition(&text).iter().zip(condition("")) {
            let sql = |filter: &str| {
                let filter = Filter::parse(filter).unwrap_or_else(|e| panic!("{filter:?}: {e}"));
                RunSearch { filter, ..RunSearch::default() }.compile().sql
            };
            if with.len() < 16_384 {
                prop_assert_eq!(sql(with), sql(&without));
            }
        }
    }
}

#[test]
fn a_recipe_that_is_named_like_sql_is_a_parameter_too() {
    let (_folder, mut ledger, _) = three_runs();
    let recipe = Name::parse("late").unwrap();
    ledger.begin_run(&NewRun::of_recipe(RunId::random().unwrap(), &recipe, 7, None)).unwrap();
    for (recipe, count) in [("late", 1), ("late' OR '1' = '1", 0)] {
        let search = RunSearch { recipe: Some(recipe), ..RunSearch::default() };
        assert_eq!(ledger.search_runs(&search).unwrap().len(), count, "{recipe}");
    }
}
