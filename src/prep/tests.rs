//! Laws of preparation, over every step with every option, on numbers and texts as the world has them: NaN, infinities,
//! the ends of the range, empty texts, columns of one value or of none, categories that training never saw.

use super::{Preparation, Prepare, Prepared, Step, StepDefinition};
use crate::data::{Column, Frame, Kind, Value};
use crate::error::Result;
use crate::learn::{FeatureKind, Matrix, Needs, Target, Task};
use crate::project::PrepDef;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::json;

const NUMBERS: [&str; 3] = ["x", "y", "z"];
const TEXTS: [&str; 2] = ["c", "d"];

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-3..4i32).prop_map(f64::from),
        2 => -1.0e3..1.0e3f64,
        2 => Just(f64::NAN),
        1 => proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL,
        1 => proptest::sample::select(vec![
            f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, -f64::NAN,
        ]),
    ]
}

/// Numbers of a column: any, all the same, or none.
fn numbers(rows: usize) -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![6 => vec(any_number(), rows), 1 => any_number().prop_map(move |x| vec![x; rows]), 1 => Just(vec![f64::NAN; rows])]
}

fn texts(rows: usize) -> impl Strategy<Value = Vec<Option<&'static str>>> {
    let word = proptest::sample::select(vec!["", " ", "a", "A", "b", "ü", "a\nb", "=", "b", "missing", "a"]);
    let word = prop_oneof![4 => option::of(word.clone()), 1 => word.prop_map(Some)];
    prop_oneof![6 => vec(word.clone(), rows), 1 => word.prop_map(move |w| vec![w; rows]), 1 => Just(vec![None; rows])]
}

fn frame(rows: usize) -> impl Strategy<Value = Frame> {
    (vec(numbers(rows), NUMBERS.len()), vec(texts(rows), TEXTS.len()), vec(time(), rows)).prop_map(
        |(numbers, texts, times)| {
            let numbers = NUMBERS.iter().zip(numbers).map(|(name, v)| ((*name).to_owned(), Column::floats(v)));
            let texts = TEXTS.iter().zip(texts).map(|(name, v)| ((*name).to_owned(), Column::texts(v)));
            let times = [("t".to_owned(), Column::times(times))];
            Frame::new(numbers.chain(texts).chain(times).collect()).unwrap()
        },
    )
}

/// Microseconds: of our time, of any, or missing.
fn time() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0..2_000_000_000_000_000i64, 1 => any::<i64>(), 1 => Just(Column::NO_TIME)]
}

/// A definition as `mlops.toml` gives it. Every step, every option; all of them legal.
fn step() -> impl Strategy<Value = PrepDef> {
    let numeric = prop_oneof![
        Just(json!("numeric")),
        proptest::sample::select(NUMBERS.to_vec()).prop_map(|name| json!(name)),
        proptest::sample::subsequence(NUMBERS.to_vec(), 0..=NUMBERS.len()).prop_map(|names| json!(names)),
    ];
    let categorical = prop_oneof![
        Just(json!("categorical")),
        proptest::sample::select(TEXTS.to_vec()).prop_map(|name| json!(name)),
        proptest::sample::subsequence(TEXTS.to_vec(), 0..=TEXTS.len()).prop_map(|names| json!(names)),
    ];
    let strategy = proptest::sample::select(vec![
        json!({}),
        json!({"strategy": "median"}),
        json!({"strategy": "mean"}),
        json!({"strategy": "most_frequent"}),
    ]);
    let constant = any_number()
        .prop_filter("a finite one", |x| x.is_finite())
        .prop_map(|x| json!({"strategy": "constant", "value": x}));
    let of_numbers = prop_oneof![
        (prop_oneof![strategy, constant], option::of(any::<bool>())).prop_map(|(mut step, indicator)| {
            indicator.into_iter().for_each(|on| step["indicator"] = json!(on));
            (json!("impute"), step)
        }),
        (option::of(0.0..=1.0f64), option::of(0.0..=1.0f64)).prop_map(|(a, b)| {
            let step = match (a, b) {
                (Some(a), Some(b)) => json!({"low": a.min(b), "high": a.max(b)}),
                (Some(a), None) => json!({"low": a * 0.99}),
                (None, Some(b)) => json!({"high": b.max(0.01)}),
                (None, None) => json!({}),
            };
            (json!("clip"), step)
        }),
        proptest::sample::select(vec![
            (json!("scale"), json!({})),
            (json!("scale"), json!({"method": "standard"})),
            (json!("scale"), json!({"method": "minmax"})),
            (json!("scale"), json!({"method": "maxabs"})),
            (json!("scale"), json!({"method": "robust"})),
            (json!("scale"), json!({"method": "robust", "quantile_range": [0, 90.5]})),
            (json!("clip"), json!({"method": "iqr"})),
            (json!("clip"), json!({"method": "std", "fold": 0.5})),
            (json!("clip"), json!({"method": "mad"})),
            (json!("log"), json!({})),
            (json!("log"), json!({"method": "log2"})),
            (json!("power"), json!({})),
            (json!("power"), json!({"standardize": false})),
            (json!("power"), json!({"method": "box-cox"})),
            (json!("quantile_transform"), json!({})),
            (json!("quantile_transform"), json!({"n_quantiles": 4})),
            (json!("quantile_transform"), json!({"output_distribution": "normal"})),
            (json!("bin"), json!({})),
            (json!("bin"), json!({"n_bins": 3, "encode": "ordinal"})),
            (json!("bin"), json!({"strategy": "uniform"})),
            (json!("bin"), json!({"strategy": "kmeans", "n_bins": 4})),
            (json!("bin"), json!({"quantile_method": "linear"})),
            (json!("spline"), json!({})),
            (json!("spline"), json!({"n_knots": 3, "degree": 2, "knots": "quantile", "include_bias": false})),
            (json!("spline"), json!({"degree": 1, "extrapolation": "linear"})),
            (json!("spline"), json!({"degree": 0, "extrapolation": "continue"})),
            (json!("spline"), json!({"n_knots": 2, "extrapolation": "continue"})),
        ]),
    ];
    let of_texts = prop_oneof![
        proptest::sample::select(vec![
            json!({}),
            json!({"value": "missing"}),
            json!({"value": "never seen"}),
            json!({"value": ""})
        ])
        .prop_map(|s| (json!("impute"), s)),
        proptest::sample::select(vec![
            (json!("one_hot"), json!({"min_frequency": 2})),
            (json!("one_hot"), json!({"min_frequency": 0.2, "max_categories": 2})),
            (json!("one_hot"), json!({"handle_unknown": "ignore"})),
            (json!("one_hot"), json!({"handle_unknown": "infrequent_if_exist", "max_categories": 1})),
            (json!("tfidf"), json!({})),
            (json!("tfidf"), json!({"analyzer": "char", "lowercase": false, "binary": true, "max_features": 3})),
            (json!("tfidf"), json!({"analyzer": "char_wb", "ngram_range": [1, 3], "min_df": 1, "max_df": 0.9})),
            (json!("tfidf"), json!({"analyzer": "char", "use_idf": false, "sublinear_tf": true, "norm": "l1"})),
            (json!("tfidf"), json!({"analyzer": "char", "smooth_idf": false, "norm": "none"})),
            (json!("hash_text"), json!({"n_features": 4})),
            (json!("hash_text"), json!({"analyzer": "char", "ngram_range": [1, 2], "lowercase": false})),
            (json!("hash_text"), json!({"analyzer": "char", "binary": true, "norm": "l1", "alternate_sign": false})),
            (json!("count"), json!({})),
            (json!("count"), json!({"normalize": true})),
            (json!("hash"), json!({})),
            (json!("hash"), json!({"n_features": 3, "alternate_sign": false})),
            (json!("weight_of_evidence"), json!({"folds": 2})),
            (json!("weight_of_evidence"), json!({"regularization": 0.5, "folds": 3})),
        ]),
        (option::of(1..4usize), option::of(1..4usize)).prop_map(|(most, least)| {
            let mut step = json!({});
            most.into_iter().for_each(|n| step["max_categories"] = json!(n));
            least.into_iter().for_each(|n| step["min_count"] = json!(n));
            (json!("one_hot"), step)
        }),
        Just((json!("ordinal"), json!({}))),
        (proptest::sample::select(vec![json!("auto"), json!(0.5), json!(20)]), option::of(2..4usize)).prop_map(
            |(smooth, folds)| {
                let mut step = json!({ "smooth": smooth });
                folds.into_iter().for_each(|n| step["folds"] = json!(n));
                (json!("target_encode"), step)
            }
        ),
    ];
    let definition = |((op, mut step), columns): ((serde_json::Value, serde_json::Value), serde_json::Value)| {
        step["op"] = op;
        step["columns"] = columns;
        serde_json::from_value::<PrepDef>(step).unwrap()
    };
    let of_several_numbers = prop_oneof![
        option::of(0.0..2.0f64).prop_map(|threshold| {
            let mut step = json!({});
            threshold.into_iter().for_each(|t| step["threshold"] = json!(t));
            (json!("select_variance"), step)
        }),
        proptest::sample::select(vec![
            (json!("polynomial"), json!({})),
            (json!("polynomial"), json!({"degree": 3, "interaction_only": true})),
            (json!("polynomial"), json!({"include_bias": true})),
            (json!("pca"), json!({})),
            (json!("pca"), json!({"n_components": 1})),
            (json!("pca"), json!({"n_components": 0.9, "whiten": true})),
            (json!("svd"), json!({})),
            (json!("svd"), json!({"n_components": 1})),
            (json!("impute_knn"), json!({})),
            (json!("impute_knn"), json!({"n_neighbors": 2, "weights": "distance", "indicator": true})),
            (json!("impute_knn"), json!({"max_samples": 4})),
            (json!("select_correlation"), json!({})),
            (json!("select_correlation"), json!({"threshold": 0.5})),
            (json!("select_univariate"), json!({"k": 1})),
            (json!("select_univariate"), json!({"score_func": "f_classif", "percentile": 50})),
            (json!("select_univariate"), json!({"score_func": "chi2", "k": 2})),
            (json!("select_mutual_info"), json!({"k": 2})),
            (json!("select_mutual_info"), json!({"percentile": 60.5, "n_bins": 3})),
            (json!("select_model"), json!({"model": "tree"})),
            (json!("select_model"), json!({"model": "tree", "params": {"max_depth": 2}, "threshold": "0.5*median"})),
            (json!("select_model"), json!({"model": "tree", "threshold": 0.0, "max_features": 1})),
            (json!("select_rfe"), json!({"model": "tree", "params": {"max_depth": 2}})),
            (json!("select_rfe"), json!({"model": "tree", "n_features_to_select": 1, "step": 0.5})),
        ]),
    ];
    let of_times = proptest::sample::select(vec![
        (json!("date_parts"), json!({})),
        (json!("date_parts"), json!({"cycle": true})),
        (json!("date_parts"), json!({"parts": ["days", "week", "weekend", "second"], "cycle": true})),
    ]);
    let of_several_texts = Just((json!("cross"), json!({})));
    let to_all = Just((json!("impute"), json!({"indicator": true})));
    prop_oneof![
        4 => (of_numbers, numeric.clone()).prop_map(definition),
        4 => (of_texts, categorical.clone()).prop_map(definition),
        2 => (of_several_numbers, numeric).prop_map(definition),
        1 => (of_several_texts, categorical).prop_map(definition),
        1 => (of_times, proptest::sample::select(vec![json!("time"), json!("t"), json!("all")])).prop_map(definition),
        1 => (to_all, Just(json!("all"))).prop_map(definition),
    ]
}

fn needs() -> impl Strategy<Value = Needs> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(numeric, complete, scaled)| Needs {
        numeric,
        complete,
        scaled,
    })
}

/// Rows that are learned from, and other rows with the same columns that are asked about.
fn frames() -> impl Strategy<Value = (Frame, Frame)> {
    (10..16usize, 0..12usize).prop_flat_map(|(learned, asked)| (frame(learned), frame(asked)))
}

/// A target of alternating classes, enough of each for every number of folds that is tried.
fn target(rows: usize) -> Target {
    Target::new(Task::Binary, 2, (0..rows).map(|row| (row % 2) as f64).collect())
}

/// Parts of the messages of refusals that depend on the data or on earlier steps.
const REFUSED: [&str; 14] = [
    "which chi2 does not take",
    "no term is left",
    "more than 10000 columns",
    "is missing in training row",
    "f in training row",
    "sums of products are not finite",
    "n_components = ",
    "in an earlier step",
    "a column of",
    "no column is left",
    "two columns or more",
    "there is one already",
    "has no logarithm",
    "is not above 0, as box-cox needs",
];

/// Fits on a frame; the steps are in an order that makes sense, or there is no result.
pub(super) fn fit(frame: &Frame, steps: &[PrepDef], needs: Needs) -> Option<FittedTable> {
    // Times are features by a step alone, so the last takes those that none before took.
    let dates = serde_json::from_value(json!({"op": "date_parts", "columns": "time"})).unwrap();
    let steps = StepDefinition::parse_all(&[steps, &[dates]].concat()).unwrap();
    match super::fit(frame, &target(frame.rows()), Prepare { steps: &steps, needs, seed: 5 }) {
        Ok((preparation, training)) => {
            let prepared = ready(&preparation, frame).unwrap();
            Some(FittedTable { preparation, prepared, training })
        }
        // A step may name a column that an earlier one encoded.
        Err(e) => {
            let known = REFUSED.iter().any(|part| e.message().contains(part));
            assert!(known && e.hint_text().is_some(), "{e}");
            None
        }
    }
}

pub(super) struct FittedTable {
    pub preparation: Preparation,
    pub prepared: Prepared,
    training: Matrix,
}

pub(super) fn ready(preparation: &Preparation, frame: &Frame) -> Result<Prepared> {
    let features: Vec<(String, Kind)> = frame.columns().iter().map(|(name, c)| (name.clone(), c.kind())).collect();
    preparation.prepare(&features)
}

/// The bits of a number; every NaN is one, for no operation looks at which it is.
fn bits(x: f64) -> u64 {
    if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() }
}

pub(super) fn rows_of(matrix: &Matrix) -> Vec<Vec<u64>> {
    (0..matrix.rows()).map(|row| (0..matrix.columns()).map(|j| bits(matrix.column(j)[row])).collect()).collect()
}

/// What the columns' path makes of a frame, row after row.
pub(super) fn by_columns(prepared: &Prepared, frame: &Frame) -> Vec<Vec<u64>> {
    let matrix = prepared.matrix(frame).unwrap();
    assert_eq!((matrix.rows(), matrix.columns()), (frame.rows(), prepared.width()));
    rows_of(&matrix)
}

/// What a server makes of each row.
fn by_rows(prepared: &Prepared, frame: &Frame) -> Vec<Vec<u64>> {
    let mut out = vec![f64::NAN; 3];
    let row = |row: usize| {
        let values: Vec<Value> = frame.columns().iter().map(|(_, column)| column.get(row)).collect();
        prepared.row(&values, &mut out);
        out.iter().copied().map(bits).collect()
    };
    (0..frame.rows()).map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_equal_columns_to_the_bit((learned, asked) in frames(), steps in vec(step(), 0..6), needs in needs()) {
        let Some(fitted) = fit(&learned, &steps, needs) else { return Ok(()) };
        prop_assert_eq!(by_rows(&fitted.prepared, &learned), by_columns(&fitted.prepared, &learned));
        prop_assert_eq!(by_rows(&fitted.prepared, &asked), by_columns(&fitted.prepared, &asked));
    }

    #[test]
    fn training_rows_are_prepared_as_all_others_unless_a_step_looks_at_the_target(
        learned in (10..16usize).prop_flat_map(frame), steps in vec(step(), 0..6), needs in needs(),
    ) {
        let Some(fitted) = fit(&learned, &steps, needs) else { return Ok(()) };
        if !fitted.preparation.steps.iter().any(|step| matches!(step, Step::TargetEncode(_) | Step::WeightOfEvidence(_))) {
            prop_assert_eq!(rows_of(&fitted.training), by_columns(&fitted.prepared, &learned));
        }
        let names: Vec<&str> = (0..fitted.training.columns()).map(|j| fitted.training.name(j)).collect();
        prop_assert_eq!(names, fitted.prepared.outputs().map(|(name, _)| name).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_fitted_is_sound_and_the_same_when_read_from_a_bundle(
        (learned, asked) in frames(), steps in vec(step(), 0..6), needs in needs(),
    ) {
        let Some(fitted) = fit(&learned, &steps, needs) else { return Ok(()) };
        let text = serde_json::to_string(&fitted.preparation).unwrap();
        let read: Preparation = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &fitted.preparation);
        prop_assert_eq!(by_rows(&ready(&read, &learned).unwrap(), &asked), by_rows(&fitted.prepared, &asked));
    }

    #[test]
    fn what_an_estimator_needs_it_gets((learned, asked) in frames(), steps in vec(step(), 0..6)) {
        let needs = Needs { numeric: false, complete: true, scaled: false };
        let Some(fitted) = fit(&learned, &steps, needs) else { return Ok(()) };
        let categories = |name: &str| {
            fitted.preparation.steps.iter().find_map(|step| match step {
                Step::Ordinal(step) if step.column == name => Some(step.categories.len() as f64),
                _ => None,
            })
        };
        for frame in [&learned, &asked] {
            let matrix = fitted.prepared.matrix(frame).unwrap();
            for (j, (name, kind)) in fitted.prepared.outputs().enumerate() {
                let column = matrix.column(j);
                if kind == FeatureKind::Numeric {
                    prop_assert!(column.iter().all(|x| !x.is_nan()), "{} is incomplete: {:?}", name, column);
                } else {
                    let known = |x: &f64| x.is_nan() || x.fract() == 0.0 && (0.0..categories(name).unwrap()).contains(x);
                    prop_assert!(column.iter().all(known), "{} has codes of no category: {:?}", name, column);
                }
            }
        }
    }

    #[test]
    fn a_rows_result_depends_on_no_other_row((learned, asked) in frames(), steps in vec(step(), 0..4), needs in needs()) {
        let Some(fitted) = fit(&learned, &steps, needs) else { return Ok(()) };
        let all = by_columns(&fitted.prepared, &asked);
        for (row, of_all) in all.iter().enumerate() {
            prop_assert_eq!(&by_columns(&fitted.prepared, &asked.select_rows(&[row]))[0], of_all);
        }
    }

    #[test]
    fn a_category_that_training_never_saw_is_none_of_those_it_saw(
        learned in (10..16usize).prop_flat_map(frame), steps in vec(step(), 0..6), needs in needs(),
    ) {
        let Some(fitted) = fit(&learned, &steps, needs) else { return Ok(()) };
        let mut out = Vec::new();
        let values: Vec<Value> = learned.columns().iter().map(|(_, c)| match c.kind() {
            Kind::Text => Value::Text("never seen before"),
            Kind::Time => Value::Null,
            _ => c.get(0),
        }).collect();
        fitted.prepared.row(&values, &mut out);
        // A combination that was never seen is missing, and may be filled.
        let of_features = fitted.prepared.outputs().map(|(name, kind)| (name, kind, name.contains('*')));
        let one_hot = |name: &str| fitted.preparation.steps.iter().any(|step| match step {
            Step::OneHot(step) => step.categories.iter().any(|category| name == format!("{}={category}", step.column)),
            _ => false,
        });
        for (cell, (name, kind, _)) in out.iter().zip(of_features).filter(|(_, (_, _, crossed))| !crossed) {
            if kind == FeatureKind::Categorical {
                prop_assert!(cell.is_nan(), "{}", name);
            } else if one_hot(name) {
                prop_assert_eq!(*cell, 0.0, "{}", name);
            }
        }
    }
}

/// More rows than are computed together, in pools of one thread and of three.
#[test]
fn threads_change_no_bit_of_a_large_table() {
    let rows = 5000;
    let mut random = crate::learn::random::stream(1, "test", 0);
    let mut column = || Column::floats((0..rows).map(|_| random.normal()).collect());
    let mut columns = vec![("x".to_owned(), column()), ("y".to_owned(), column()), ("z".to_owned(), column())];
    let word = |row: usize| ["a b", "b", "c a", "d"][row * row % 7 % 4];
    columns.push(("c".to_owned(), Column::texts((0..rows).map(|row| Some(word(row))))));
    columns.push(("d".to_owned(), Column::texts((0..rows).map(|row| Some(word(row * 3))))));
    let frame = Frame::new(columns).unwrap();
    let steps: Vec<PrepDef> = [
        json!({"op": "power", "columns": ["x"]}),
        json!({"op": "quantile_transform", "columns": ["y"]}),
        json!({"op": "polynomial", "columns": "numeric"}),
        json!({"op": "pca", "columns": "numeric", "n_components": 5}),
        json!({"op": "tfidf", "columns": ["c"], "analyzer": "char"}),
        json!({"op": "weight_of_evidence", "columns": ["d"]}),
        json!({"op": "select_model", "columns": "numeric", "model": "forest", "params": {"n_estimators": 3}}),
    ]
    .into_iter()
    .map(|step| serde_json::from_value(step).unwrap())
    .collect();
    let needs = Needs { numeric: true, complete: true, scaled: true };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&frame, &steps, needs).unwrap())
    };
    let (one, three) = (on(1), on(3));
    let text = |fitted: &FittedTable| serde_json::to_string(&fitted.preparation).unwrap();
    assert_eq!(text(&one), text(&three));
    let all = by_columns(&one.prepared, &frame);
    assert_eq!(all, by_columns(&three.prepared, &frame));
    let some = [0, 1023, 1024, 4095, 4096, 4999];
    let rows = by_rows(&one.prepared, &frame.select_rows(&some));
    assert_eq!(rows, some.map(|row| all[row].clone()));
}

/// A newcomer among the steps must come into the laws above.
#[test]
fn every_step_and_option_is_among_those_tried() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    use std::collections::BTreeSet;
    let mut runner = TestRunner::deterministic();
    let mut tried = BTreeSet::new();
    for _ in 0..8000 {
        let step = step().new_tree(&mut runner).unwrap().current();
        tried.insert(step.op.clone());
        tried.extend(step.params.keys().map(|key| format!("{} {key}", step.op)));
    }
    for (op, options) in super::step_kind::OPERATIONS {
        assert!(tried.contains(op), "{op}");
        for option in options {
            assert!(tried.contains(&format!("{op} {option}")), "{op} {option}");
        }
    }
}
