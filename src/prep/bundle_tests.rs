//! Steps out of a bundle: those of the first version are read and written as they were, and those that make no sense are refused.

use super::Preparation;
use super::tests::ready;
use crate::data::{Column, Frame};
use crate::error::Error;
use serde_json::json;

/// What a model of the first version holds; another text would be another model hash.
#[test]
fn steps_written_before_are_read_and_written_the_same() {
    let text = concat!(
        r#"{"steps":[{"op":"impute","column":"x","fill":1.5,"indicator":true},{"op":"impute","column":"y","fill":0.0},"#,
        r#"{"op":"impute","column":"c","fill":"a"},{"op":"impute","column":"d","fill":null},"#,
        r#"{"op":"clip","column":"x","low":-1.0,"high":2.5},{"op":"scale","column":"x","center":0.25,"scale":0.5},"#,
        r#"{"op":"one_hot","column":"c","categories":["a","b"]},{"op":"ordinal","column":"d","categories":["u"]},"#,
        r#"{"op":"target_encode","column":"e","categories":["k"],"means":[{"of":[0.5],"other":0.25}]}]}"#,
    );
    let preparation: Preparation = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&preparation).unwrap(), text);
}

/// A bundle of somebody else's making.
#[test]
fn steps_that_make_no_sense_or_do_not_fit_are_refused() {
    let frame =
        Frame::new(vec![("x".to_owned(), Column::floats(vec![1.0])), ("c".to_owned(), Column::texts([Some("a")]))])
            .unwrap();
    let refused = |steps: serde_json::Value| -> Error {
        let preparation: Preparation = serde_json::from_value(json!({ "steps": steps })).unwrap();
        ready(&preparation, &frame).unwrap_err()
    };
    let encode = json!({"op": "ordinal", "column": "c", "categories": ["a"]});
    let spline = |knots: serde_json::Value, degree: usize| json!({"op": "spline", "column": "x", "knots": knots, "degree": degree, "extrapolation": "linear", "include_bias": true});
    let tfidf = |weights: serde_json::Value, range: serde_json::Value| {
        let terms = json!({"analyzer": "word", "ngram_range": range, "lowercase": true});
        let counting = json!({"binary": false, "sublinear": false, "norm": "l2"});
        json!({"op": "tfidf", "column": "c", "terms": terms, "counting": counting, "vocabulary": ["a"], "weights": weights})
    };
    for (step, said) in [
        (json!({"op": "scale", "column": "x", "center": 0.0, "scale": 0.0}), "its scale is not above 0"),
        (json!({"op": "clip", "column": "x", "low": 2.0, "high": 1.0}), "its ends are not in order"),
        (json!({"op": "one_hot", "column": "c", "categories": ["b", "a"]}), "its categories are not sorted"),
        (json!({"op": "one_hot", "column": "c", "categories": ["a", "a"]}), "its categories are not sorted"),
        (json!({"op": "target_encode", "column": "c", "categories": ["a"], "means": []}), "its means do not fit"),
        (
            json!({"op": "power", "column": "x", "method": "box-cox", "lambda": 1.0, "center": 0.0, "scale": -1.0}),
            "not above 0",
        ),
        (json!({"op": "quantile_transform", "column": "x", "quantiles": [], "distribution": "normal"}), "not in order"),
        (
            json!({"op": "quantile_transform", "column": "x", "quantiles": [2, 1], "distribution": "normal"}),
            "not in order",
        ),
        (json!({"op": "bin", "column": "x", "edges": [2.0, 1.0], "onehot": true}), "edges are not in order"),
        (spline(json!([0, 1, 2]), 3), "knots are not in order, or too few"),
        (spline(json!([0, 1, 2, 3]), usize::MAX), "knots are not in order, or too few"),
        (spline(json!([1, 0]), 0), "knots are not in order"),
        (json!({"op": "polynomial", "columns": ["x"], "terms": [[1]]}), "of a column that is not there"),
        (
            json!({"op": "projection", "columns": ["x"], "name": "pca", "means": [0.0], "weights": []}),
            "weights do not fit",
        ),
        (
            json!({"op": "projection", "columns": ["x"], "name": "pca", "means": [], "weights": [[1.0]]}),
            "weights do not fit",
        ),
        (json!({"op": "projection", "columns": [], "name": "pca", "means": [], "weights": []}), "weights do not fit"),
        (json!({"op": "select", "columns": ["x"], "kept": [1]}), "not among its columns"),
        (json!({"op": "select", "columns": ["x", "x"], "kept": [0]}), "reads no column, or one twice"),
        (
            json!({"op": "impute_knn", "columns": ["x"], "neighbours": 0, "by_distance": true, "indicators": [], "means": [0.0], "rows": []}),
            "rows do not fit",
        ),
        (
            json!({"op": "impute_knn", "columns": ["x"], "neighbours": 1, "by_distance": true, "indicators": [], "means": [0.0], "rows": [[]]}),
            "rows do not fit",
        ),
        (json!({"op": "count", "column": "c", "categories": ["a"], "counts": [], "missing": 0.0}), "counts do not fit"),
        (json!({"op": "hash_category", "column": "c", "features": 1_000_000_000, "signed": true}), "out of range"),
        (
            json!({"op": "weight_of_evidence", "column": "c", "categories": ["a"], "evidence": []}),
            "evidence does not fit",
        ),
        (json!({"op": "cross", "columns": ["c"], "categories": []}), "fewer than two columns"),
        (json!({"op": "cross", "columns": ["c", "c"], "categories": []}), "or one twice"),
        (
            json!({"op": "date_parts", "column": "c", "parts": ["year"], "cycle": false}),
            "is of texts, a step takes times",
        ),
        (json!({"op": "date_parts", "column": "c", "parts": [], "cycle": false}), "it has no part"),
        (tfidf(json!([]), json!([1, 1])), "weights do not fit its terms"),
        (tfidf(json!([1.0]), json!([0, 1])), "weights do not fit its terms"),
        (tfidf(json!([1.0]), json!([1, usize::MAX])), "weights do not fit its terms"),
        (json!({"op": "scale", "column": "y", "center": 0.0, "scale": 1.0}), "\"y\", which is not there"),
        (json!({"op": "scale", "column": "c", "center": 0.0, "scale": 1.0}), "is of texts, a step takes numbers"),
        (json!({"op": "ordinal", "column": "x", "categories": []}), "is of numbers, a step takes texts"),
    ] {
        let error = refused(json!([step]));
        assert!(error.message().contains(said) && error.kind() == crate::error::ErrorKind::Corrupt, "{step}: {error}");
    }
    assert!(refused(json!([])).message().contains("\"c\" stays a text"));
    assert!(refused(json!([encode, encode])).message().contains("is of numbered categories, a step takes texts"));
}

/// A few bytes each, which together would ask for billions of columns.
#[test]
fn steps_that_write_too_many_columns_are_refused() {
    let names: Vec<String> = (0..100).map(|at| format!("c{at}")).collect();
    let column = |name: &String| (name.clone(), Column::texts([Some("a")]));
    let frame = Frame::new(names.iter().map(column).collect()).unwrap();
    let hash = |name: &String| json!({"op": "hash_category", "column": name, "features": 1 << 16, "signed": true});
    let steps: Vec<serde_json::Value> = names.iter().map(hash).collect();
    let preparation: Preparation = serde_json::from_value(json!({ "steps": steps })).unwrap();
    let error = ready(&preparation, &frame).unwrap_err();
    assert!(error.message().contains("write more than 1000000 columns"), "{error}");
}
