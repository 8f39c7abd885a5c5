//! Laws of preparation, over every step with every option, on numbers and texts as the world has them: NaN, infinities,
//! the ends of the range, empty texts, columns of one value or of none, categories that training never saw.

use super::{Chain, Encode, NumberStep, Preparation, fit};
use crate::data::{Column, Frame, Value};
use crate::learn::Needs;
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
    (vec(numbers(rows), NUMBERS.len()), vec(texts(rows), TEXTS.len())).prop_map(|(numbers, texts)| {
        let numbers = NUMBERS.iter().zip(numbers).map(|(name, v)| ((*name).to_owned(), Column::Number(v)));
        let texts = TEXTS.iter().zip(texts).map(|(name, v)| ((*name).to_owned(), Column::texts(v)));
        Frame::new(numbers.chain(texts).collect()).unwrap()
    })
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
        proptest::sample::select(vec![json!({}), json!({"method": "standard"}), json!({"method": "minmax"})])
            .prop_map(|s| (json!("scale"), s)),
    ];
    let of_texts = prop_oneof![
        proptest::sample::select(vec![
            json!({}),
            json!({"value": "missing"}),
            json!({"value": "never seen"}),
            json!({"value": ""})
        ])
        .prop_map(|s| (json!("impute"), s)),
        (option::of(1..4usize), option::of(1..4usize)).prop_map(|(most, least)| {
            let mut step = json!({});
            most.into_iter().for_each(|n| step["max_categories"] = json!(n));
            least.into_iter().for_each(|n| step["min_count"] = json!(n));
            (json!("one_hot"), step)
        }),
        Just((json!("ordinal"), json!({}))),
    ];
    let definition = |((op, mut step), columns): ((serde_json::Value, serde_json::Value), serde_json::Value)| {
        step["op"] = op;
        step["columns"] = columns;
        serde_json::from_value::<PrepDef>(step).unwrap()
    };
    let to_all = Just((json!("impute"), json!({"indicator": true})));
    prop_oneof![
        4 => (of_numbers, numeric).prop_map(definition),
        4 => (of_texts, categorical).prop_map(definition),
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
    (1..12usize, 0..12usize).prop_flat_map(|(learned, asked)| (frame(learned), frame(asked)))
}

/// The bits of a number; every NaN is one, for no operation looks at which it is.
fn bits(x: f64) -> u64 {
    if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() }
}

/// What the columns' path makes of a frame, row after row.
fn by_columns(preparation: &Preparation, frame: &Frame) -> Vec<Vec<u64>> {
    let matrix = preparation.prepare().matrix(frame).unwrap();
    assert_eq!((matrix.rows(), matrix.columns()), (frame.rows(), preparation.width()));
    (0..matrix.rows()).map(|row| (0..matrix.columns()).map(|j| bits(matrix.column(j)[row])).collect()).collect()
}

/// What a server makes of each row.
fn by_rows(preparation: &Preparation, frame: &Frame) -> Vec<Vec<u64>> {
    let prepared = preparation.prepare();
    let mut out = vec![f64::NAN; 3];
    let row = |row: usize| {
        let values: Vec<Value> = frame.columns().iter().map(|(_, column)| column.get(row)).collect();
        prepared.row(&values, &mut out);
        out.iter().copied().map(bits).collect()
    };
    (0..frame.rows()).map(row).collect()
}

fn all_finite(preparation: &Preparation) -> bool {
    let finite = |step: &NumberStep| match step {
        NumberStep::Impute { value } => value.is_finite(),
        NumberStep::Clip { low, high } => low.is_finite() && high.is_finite() && low <= high,
        NumberStep::Scale { center, scale } => center.is_finite() && scale.is_finite() && *scale > 0.0,
    };
    preparation.chains.iter().all(|chain| match chain {
        Chain::Number { steps, .. } => steps.iter().all(finite),
        Chain::Text { .. } => true,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_equal_columns_to_the_bit((learned, asked) in frames(), steps in vec(step(), 0..6), needs in needs()) {
        let preparation = fit(&learned, &steps, needs).unwrap();
        prop_assert_eq!(by_rows(&preparation, &learned), by_columns(&preparation, &learned));
        prop_assert_eq!(by_rows(&preparation, &asked), by_columns(&preparation, &asked));
    }

    #[test]
    fn what_is_fitted_is_finite_and_the_same_when_read_from_a_bundle(
        (learned, asked) in frames(), steps in vec(step(), 0..6), needs in needs(),
    ) {
        let preparation = fit(&learned, &steps, needs).unwrap();
        prop_assert!(all_finite(&preparation), "{:?}", preparation);
        let read: Preparation = serde_json::from_str(&serde_json::to_string(&preparation).unwrap()).unwrap();
        prop_assert_eq!(&read, &preparation);
        prop_assert_eq!(by_rows(&read, &asked), by_rows(&preparation, &asked));
    }

    #[test]
    fn what_an_estimator_needs_it_gets((learned, asked) in frames(), steps in vec(step(), 0..6)) {
        let preparation = fit(&learned, &steps, Needs { numeric: false, complete: true, scaled: false }).unwrap();
        for frame in [&learned, &asked] {
            let matrix = preparation.prepare().matrix(frame).unwrap();
            for (j, (name, kind)) in preparation.outputs().iter().enumerate() {
                let column = matrix.column(j);
                if *kind == crate::learn::ColumnKind::Numeric {
                    prop_assert!(column.iter().all(|x| !x.is_nan()), "{} is incomplete: {:?}", name, column);
                } else {
                    let categories = preparation.chains.iter().find(|c| c.column() == name).and_then(|c| match c {
                        Chain::Text { encode: Encode::Ordinal { categories }, .. } => Some(categories.len() as f64),
                        _ => None,
                    });
                    let known = |x: &f64| x.is_nan() || x.fract() == 0.0 && (0.0..categories.unwrap()).contains(x);
                    prop_assert!(column.iter().all(known), "{} has codes of no category: {:?}", name, column);
                }
            }
        }
    }

    #[test]
    fn a_rows_result_hangs_on_no_other_row((learned, asked) in frames(), steps in vec(step(), 0..4), needs in needs()) {
        let preparation = fit(&learned, &steps, needs).unwrap();
        let all = by_columns(&preparation, &asked);
        for (row, of_all) in all.iter().enumerate() {
            prop_assert_eq!(&by_columns(&preparation, &asked.select_rows(&[row]))[0], of_all);
        }
    }

    #[test]
    fn a_category_that_training_never_saw_is_none_of_those_it_saw(
        learned in (1..12usize).prop_flat_map(frame), steps in vec(step(), 0..6), needs in needs(),
    ) {
        let preparation = fit(&learned, &steps, needs).unwrap();
        let prepared = preparation.prepare();
        let mut out = Vec::new();
        let values: Vec<Value> = learned.columns().iter().map(|(_, c)| match c {
            Column::Text(..) => Value::Text("never seen before"),
            other => other.get(0),
        }).collect();
        prepared.row(&values, &mut out);
        let mut at = 0;
        for chain in &preparation.chains {
            let cells = &out[at..at + chain.width()];
            at += chain.width();
            match chain {
                Chain::Number { .. } => {}
                Chain::Text { encode: Encode::OneHot { .. }, .. } => prop_assert!(cells.iter().all(|x| *x == 0.0)),
                Chain::Text { encode: Encode::Ordinal { .. }, .. } => prop_assert!(cells[0].is_nan()),
            }
        }
    }
}

/// A newcomer among the steps must come into the laws above.
#[test]
fn every_step_and_option_is_among_those_tried() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    use std::collections::BTreeSet;
    let mut runner = TestRunner::deterministic();
    let mut tried = BTreeSet::new();
    for _ in 0..500 {
        let step = step().new_tree(&mut runner).unwrap().current();
        tried.insert(step.op.clone());
        tried.extend(step.params.keys().map(|key| format!("{} {key}", step.op)));
    }
    for (op, options) in super::fit::PARAMETERS {
        assert!(tried.contains(op), "{op}");
        for option in options {
            assert!(tried.contains(&format!("{op} {option}")), "{op} {option}");
        }
    }
}
