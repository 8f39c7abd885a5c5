//! One contract for all estimators: whatever holds for one must hold for each.

use crate::error::ErrorKind;
use crate::learn::random::stream;
use crate::learn::{
    Decision, Estimator, FeatureKind, Fitted, Matrix, Metric, Parts, Predictions, Target, Task, Tensor, evaluate,
};
use crate::progress::{Listener, Progress};
use serde_json::{Map, Value, json};

/// Every estimator, with parameters that reach its branches.
fn estimators() -> Vec<Estimator> {
    let parse = |model: &str, params: Value| Estimator::parse(model, params.as_object().unwrap()).unwrap();
    vec![
        parse("logistic", json!({})),
        parse("logistic", json!({"penalty": null, "fit_intercept": false})),
        parse("logistic", json!({"penalty": "l1", "C": 2.0})),
        parse("svm", json!({"C": 0.5})),
        parse("linear", json!({})),
        parse("ridge", json!({"alpha": 0.5, "fit_intercept": false})),
        parse("lasso", json!({"alpha": 0.01})),
        parse("elastic_net", json!({"alpha": 0.01, "l1_ratio": 0.3})),
        parse("poisson", json!({"alpha": 0.001})),
        parse("tree", json!({"max_depth": 6})),
        parse("tree", json!({"max_leaf_nodes": 20, "criterion": "entropy", "min_samples_leaf": 0.01})),
        parse("forest", json!({"n_estimators": 12, "max_depth": 8})),
        parse("forest", json!({"n_estimators": 5, "max_features": 1.0, "bootstrap": false, "min_samples_split": 40})),
        parse("extra_trees", json!({"n_estimators": 12, "min_samples_leaf": 3})),
        parse("boosting", json!({"max_iter": 12})),
        parse("boosting", json!({"max_iter": 40, "loss": "absolute_error"})),
        parse("boosting", json!({"max_iter": 40, "loss": "quantile", "quantile": 0.6, "early_stopping": true})),
        parse("svm", json!({"kernel": "rbf"})),
        parse("svm", json!({"kernel": "poly", "degree": 2, "coef0": 1.0})),
        parse("svr", json!({"C": 10.0})),
        parse("svr", json!({"kernel": "linear", "epsilon": 0.01})),
        parse("knn", json!({"n_neighbors": 9})),
        parse("knn", json!({"weights": "distance"})),
        parse("naive_bayes", json!({})),
        parse("naive_bayes", json!({"distribution": "bernoulli", "binarize": 0.1})),
        parse("baseline", json!({})),
        parse("baseline", json!({"strategy": "last"})),
        parse("boosting", json!({"max_iter": 30, "early_stopping": true, "max_depth": 3, "l2_regularization": 1.0})),
    ]
}

/// Whether it finds most of what the features of these tests tell: some estimators look at none, or only at signs.
fn is_able(estimator: &Estimator) -> bool {
    estimator.name() != "baseline" && estimator.parameters().get("distribution") != Some(&json!("bernoulli"))
}

fn has_kernel(estimator: &Estimator) -> bool {
    estimator.parameters().contains_key("coef0")
}

/// Those that learn two classes.
fn classifiers() -> Vec<Estimator> {
    estimators().into_iter().filter(|estimator| estimator.tasks().contains(&Task::Binary)).collect()
}

fn takes_anything() -> Vec<Estimator> {
    classifiers().into_iter().filter(|estimator| !estimator.needs().complete).collect()
}

fn matrix(columns: Vec<Vec<f64>>) -> Matrix {
    let names = (0..columns.len()).map(|j| format!("c{j}")).collect();
    let kinds = vec![FeatureKind::Numeric; columns.len()];
    Matrix::new(names, kinds, columns).unwrap()
}

/// Rows whose label follows c0 − c1 with some noise; c2 is noise, c3 constant, c4 a copy of c0.
fn easy(rows: usize, seed: u64) -> (Matrix, Vec<f64>) {
    let mut random = stream(seed, "test data", 0);
    let mut columns = vec![Vec::new(); 5];
    let mut y = Vec::new();
    for _ in 0..rows {
        let (a, b, noise) = (random.normal(), random.normal(), random.normal());
        for (column, value) in columns.iter_mut().zip([a, b, noise, 3.0, a]) {
            column.push(value);
        }
        y.push(f64::from(u8::from(2.0 * a - 1.5 * b + 0.5 * random.normal() > 0.0)));
    }
    (matrix(columns), y)
}

/// The same, c0 with holes and c2 a category of 40 that decides a part of the labels.
fn mixed(rows: usize, seed: u64) -> (Matrix, Vec<f64>) {
    let (x, mut y) = easy(rows, seed);
    let mut random = stream(seed, "test data", 1);
    let mut columns: Vec<Vec<f64>> = (0..5).map(|j| x.column(j).to_vec()).collect();
    for i in 0..rows {
        let code = random.below(40);
        columns[2][i] = if random.below(20) == 0 { f64::NAN } else { code as f64 };
        if code.is_multiple_of(3) {
            y[i] = f64::from(u8::from(code.is_multiple_of(2)));
        }
        if random.below(4) == 0 {
            columns[0][i] = f64::NAN;
        }
    }
    let mut kinds = vec![FeatureKind::Numeric; 5];
    kinds[2] = FeatureKind::Categorical;
    (Matrix::new((0..5).map(|j| format!("c{j}")).collect(), kinds, columns).unwrap(), y)
}

/// A target of two classes.
fn binary(y: &[f64]) -> Target {
    Target::new(Task::Binary, 2, y.to_vec())
}

/// The target of a task made of scores and labels of two classes: three classes from both, or the score itself.
fn target(task: Task, x: &Matrix, y: &[f64]) -> Target {
    match task {
        Task::Binary => binary(y),
        Task::Multiclass => {
            let class = |(a, y): (&f64, &f64)| if *a > 0.8 { 2.0 } else { *y };
            Target::new(task, 3, x.column(4).iter().zip(y).map(class).collect())
        }
        // Rates, which every learner of numbers takes.
        Task::Regression => {
            let rate = |(a, b): (&f64, &f64)| (0.25 * a - 0.2 * b).exp();
            Target::new(task, 0, x.column(4).iter().zip(x.column(1)).map(rate).collect())
        }
    }
}

fn fit(estimator: &Estimator, x: &Matrix, y: &[f64]) -> Fitted {
    fit_target(estimator, x, &binary(y))
}

fn fit_target(estimator: &Estimator, x: &Matrix, target: &Target) -> Fitted {
    estimator.fit(x, target, 7, &Progress::quiet()).unwrap()
}

fn metric(truth: &Target, predictions: &Predictions, metric: Metric) -> f64 {
    evaluate(truth, predictions, Decision { threshold: 0.5, classes: &[] }).unwrap().get(metric).unwrap()
}

fn auc(labels: &[f64], predictions: &Predictions) -> f64 {
    metric(&binary(labels), predictions, Metric::Auc)
}

/// The prediction of one row.
fn predict_row(fitted: &Fitted, row: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; fitted.outputs()];
    fitted.predict_row(row, &mut out);
    out
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Parts as bytes, so that equality is equality of bits.
fn bytes(parts: &Parts) -> Vec<(String, Vec<u8>)> {
    parts.tensors.iter().map(|(name, tensor)| (name.clone(), tensor.to_bytes())).collect()
}

#[test]
fn learns_an_easy_problem() {
    let ((x, y), (unseen, truth)) = (easy(1500, 1), easy(1500, 2));
    for estimator in classifiers().into_iter().filter(is_able) {
        let fitted = fit(&estimator, &x, &y);
        let auc = auc(&truth, &fitted.predict(&unseen));
        assert!(auc > 0.93, "{estimator:?}: {auc}");
        let importance = fitted.importance();
        if importance.is_empty() {
            assert!(["knn", "naive_bayes", "svm"].contains(&estimator.name()), "{estimator:?}");
            continue;
        }
        assert_eq!(importance.len(), 5);
        assert!(importance[0] + importance[4] > importance[2] && importance[2] >= 0.0, "{estimator:?} {importance:?}");
    }
}

#[test]
fn learns_from_categories_and_holes() {
    let ((x, y), (unseen, truth)) = (mixed(3000, 1), mixed(3000, 2));
    for estimator in takes_anything().into_iter().filter(is_able) {
        let fitted = fit(&estimator, &x, &y);
        let auc = auc(&truth, &fitted.predict(&unseen));
        assert!(auc > 0.88, "{estimator:?}: {auc}");
        assert!(fitted.importance()[2] > 0.1);
        for strange in [f64::NAN, 40.0, -3.0, 1e300, 0.5, f64::INFINITY] {
            let p = predict_row(&fitted, &[strange; 5]);
            assert!((0.0..=1.0).contains(&p[0]));
            assert_eq!(bits(&p), bits(fitted.predict(&matrix(vec![vec![strange]; 5])).values()));
        }
        assert!(predict_row(&fitted, &[])[0].is_finite(), "values that are not there are missing");
    }
}

/// Calls `check` with every estimator and every task it learns, on data that it takes.
fn each_task(rows: usize, seed: u64, check: impl Fn(&Estimator, &Matrix, &Target)) {
    let ((mixed_x, mixed_y), (plain, plain_y)) = (mixed(rows, seed), easy(rows, seed));
    for estimator in estimators() {
        let (x, y) = if estimator.needs().complete { (&plain, &plain_y) } else { (&mixed_x, &mixed_y) };
        for task in estimator.tasks() {
            let target = target(*task, x, y);
            // The time of kernels grows with the square of the rows.
            if has_kernel(&estimator) {
                let few: Vec<usize> = (0..rows.min(300)).collect();
                check(&estimator, &x.select_rows(&few), &target.select(&few));
            } else {
                check(&estimator, x, &target);
            }
        }
    }
}

#[test]
fn threads_change_no_bit() {
    each_task(5000, 3, |estimator, x, target| {
        let results: Vec<_> = [1, 2, 4]
            .into_iter()
            .map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| {
                    let fitted = fit_target(estimator, x, target);
                    (bytes(&fitted.parts()), bits(fitted.predict(x).values()))
                })
            })
            .collect();
        assert!(results[0] == results[1] && results[0] == results[2], "{estimator:?} {:?}", target.task());
    });
}

#[test]
fn rows_one_by_one_give_the_same_bits() {
    each_task(700, 4, |estimator, x, target| {
        let fitted = fit_target(estimator, x, target);
        let mut row = [0.0; 5];
        for (i, numbers) in fitted.predict(x).iter().enumerate() {
            x.row_into(i, &mut row);
            assert_eq!(bits(numbers), bits(&predict_row(&fitted, &row)), "{estimator:?}");
            match target.task() {
                Task::Regression => assert!(numbers[0].is_finite()),
                _ => assert!(numbers.iter().all(|p| (0.0..=1.0).contains(p)), "{numbers:?}"),
            }
            let sum: f64 = numbers.iter().sum();
            assert!(target.task() != Task::Multiclass || (sum - 1.0).abs() < 1e-12, "{numbers:?}");
        }
    });
}

#[test]
fn parts_make_the_same_model_again() {
    each_task(1200, 5, |estimator, x, target| {
        let fitted = fit_target(estimator, x, target);
        let again = Fitted::from_parts(fitted.parts(), 5).unwrap();
        assert_eq!(again, fitted);
        assert_eq!(bits(again.predict(x).values()), bits(fitted.predict(x).values()));
        assert_eq!(bytes(&again.parts()), bytes(&fitted.parts()));
        // A model that looks at no feature takes any.
        let of_more = Fitted::from_parts(fitted.parts(), 6).map_err(|e| e.kind());
        assert_eq!(
            of_more.err(),
            (estimator.name() != "baseline").then_some(ErrorKind::Corrupt),
            "{}",
            estimator.name()
        );
    });
}

#[test]
fn every_task_is_learned() {
    let ((x, y), (unseen, truth)) = (easy(2000, 11), easy(2000, 12));
    for estimator in estimators() {
        let (x, y) = if has_kernel(&estimator) {
            let few: Vec<usize> = (0..500).collect();
            (x.select_rows(&few), y[..500].to_vec())
        } else {
            (x.clone(), y.clone())
        };
        for task in [Task::Multiclass, Task::Regression] {
            if estimator.check_task(task).is_err() {
                let refused = estimator.fit(&x, &target(task, &x, &y), 7, &Progress::quiet()).unwrap_err();
                let hint = refused.hint_text().unwrap();
                // A parameter that rules the task out has a hint of its own.
                let own =
                    if ["tree", "boosting"].contains(&estimator.name()) { "squared_error" } else { "models that do" };
                assert!(hint.contains(own), "{refused}");
                continue;
            }
            let predictions = fit_target(&estimator, &x, &target(task, &x, &y)).predict(&unseen);
            let truth = target(task, &unseen, &truth);
            if !is_able(&estimator) {
                continue;
            }
            let (found, least) = match task {
                Task::Multiclass => (metric(&truth, &predictions, Metric::AucOvrMacro), 0.95),
                _ => (metric(&truth, &predictions, Metric::R2), 0.85),
            };
            assert!(found > least, "{estimator:?} {task:?}: {found}");
        }
    }
}

#[test]
fn several_classes_may_be_two() {
    let ((x, y), (unseen, truth)) = (easy(1500, 21), easy(1500, 22));
    for estimator in estimators().into_iter().filter(|one| one.tasks().contains(&Task::Multiclass)) {
        let fitted = fit_target(&estimator, &x, &Target::new(Task::Multiclass, 2, y.clone()));
        let predictions = fitted.predict(&unseen);
        assert_eq!(predictions.outputs(), 2, "{estimator:?}");
        let found = auc(&truth, &Predictions::new(1, predictions.column(1)));
        assert!(found > 0.93 || !is_able(&estimator), "{estimator:?}: {found}");
        assert!(predictions.iter().all(|row| (row[0] + row[1] - 1.0).abs() < 1e-12), "{estimator:?}");
    }
}

#[test]
fn a_row_of_weight_two_is_learned_as_two_rows() {
    let (smooth, y) = easy(400, 13);
    // Few values, so that both tables are cut into the same bins.
    let column = |j: usize| smooth.column(j).iter().map(|v| (v * 10.0).round() / 10.0).collect::<Vec<f64>>();
    let x = matrix((0..5).map(column).collect());
    let rows: Vec<usize> = (0..400).chain(0..100).collect();
    let weights: Vec<f64> = (0..400).map(|row| if row < 100 { 2.0 } else { 1.0 }).collect();
    for (model, parameters) in [
        ("boosting", json!({"max_iter": 5, "min_samples_leaf": 1})),
        ("logistic", json!({"tol": 1e-10})),
        ("logistic", json!({"tol": 1e-10, "penalty": "l1"})),
        ("ridge", json!({})),
        ("poisson", json!({"tol": 1e-10})),
        ("naive_bayes", json!({})),
        ("naive_bayes", json!({"distribution": "bernoulli"})),
        ("baseline", json!({})),
        ("tree", json!({"max_depth": 4})),
        ("forest", json!({"max_depth": 4, "n_estimators": 3, "bootstrap": false, "max_features": 1.0})),
    ] {
        let estimator = Estimator::parse(model, parameters.as_object().unwrap()).unwrap();
        for &task in estimator.tasks() {
            let plain = target(task, &x, &y);
            let twice = fit_target(&estimator, &x.select_rows(&rows), &plain.select(&rows));
            let weighted = fit_target(&estimator, &x, &plain.clone().with_weights(weights.clone()));
            let (a, b) = (twice.predict(&x), weighted.predict(&x));
            let far = a.values().iter().zip(b.values()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(far < 1e-6, "{model} {task:?}: {far}");
            let unweighted = fit_target(&estimator, &x, &plain);
            assert_ne!(bits(unweighted.predict(&x).values()), bits(b.values()), "{model} {task:?}");
        }
    }
    let refused =
        Estimator::parse("knn", &Map::new()).unwrap().fit(&x, &binary(&y).with_weights(weights), 7, &Progress::quiet());
    assert_eq!(refused.unwrap_err().message(), "knn takes no weights");
}

#[test]
fn parameters_make_the_same_estimator_again() {
    for estimator in estimators() {
        assert_eq!(Estimator::parse(estimator.name(), &estimator.parameters()).unwrap(), estimator);
    }
}

#[test]
fn data_that_cannot_be_learned_from_is_refused() {
    let (x, y) = easy(30, 6);
    let with = |value: f64| {
        let mut columns: Vec<Vec<f64>> = (0..5).map(|j| x.column(j).to_vec()).collect();
        columns[1][17] = value;
        matrix(columns)
    };
    for estimator in classifiers() {
        let refuses = |x: &Matrix, y: &[f64], what: &str| {
            let error = estimator.fit(x, &binary(y), 7, &Progress::quiet()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
            assert!(error.message().contains(what), "{error}");
        };
        refuses(&matrix(vec![]), &[], "nothing to learn");
        refuses(&matrix(vec![vec![]; 3]), &[], "nothing to learn");
        refuses(&x, &y[1..], "29 labels");
        refuses(&x, &[1.0; 30], "all 30 labels are of one class");
        refuses(&x, &[0.5; 30], "label of training row 1");
        refuses(&with(f64::INFINITY), &y, "\"c1\" is inf in training row 18");
        match estimator.needs().complete {
            true => refuses(&with(f64::NAN), &y, "\"c1\" has no value in training row 18"),
            false => assert!(estimator.fit(&with(f64::NAN), &binary(&y), 7, &Progress::quiet()).is_ok()),
        }
        if estimator.name() == "baseline" {
            continue;
        }
        let codes = Matrix::new(vec!["k".into()], vec![FeatureKind::Categorical], vec![vec![0.5; 30]]).unwrap();
        refuses(&codes, &y, "\"k\"");
    }
}

#[test]
fn hard_shapes_are_learned_without_trouble() {
    let separable: Vec<f64> = (0..60).map(f64::from).collect();
    let y: Vec<f64> = separable.iter().map(|v| f64::from(u8::from(*v > 30.0))).collect();
    let shapes = [
        vec![separable.clone(), separable.iter().map(|v| v * 1e6).collect()],
        vec![vec![4.0; 60]],
        vec![vec![1e300; 60], separable.iter().map(|v| v * 1e-300).collect(), separable.clone()],
        (0..130).map(|j| separable.iter().map(|v| (v * f64::from(j)).sin()).collect()).collect(),
        vec![vec![f64::MAX; 60], separable.iter().map(|v| if *v > 30.0 { f64::MAX } else { -f64::MAX }).collect()],
    ];
    for estimator in classifiers() {
        for (i, columns) in shapes.iter().enumerate() {
            let fitted = match estimator.fit(&matrix(columns.clone()), &binary(&y), 7, &Progress::quiet()) {
                Ok(fitted) => fitted,
                Err(refused) => {
                    let whys = ["only constant columns", "ends in numbers that are not finite"];
                    assert!(whys.iter().any(|why| refused.message().contains(why)), "{refused}");
                    continue;
                }
            };
            assert!(
                fitted.predict(&matrix(columns.clone())).values().iter().all(|p| p.is_finite()),
                "{estimator:?} {i}"
            );
            assert!(Fitted::from_parts(fitted.parts(), columns.len()).is_ok(), "{estimator:?} {i}");
        }
        let (two, labels) = (matrix(vec![vec![1.0, 2.0]]), [0.0, 1.0]);
        match estimator.fit(&two, &binary(&labels), 7, &Progress::quiet()) {
            Ok(fitted) => assert!(fitted.predict(&two).values().iter().all(|p| p.is_finite())),
            Err(refused) => assert!(refused.message().contains("2 rows") && refused.hint_text().is_some(), "{refused}"),
        }
    }
}

/// Wants to stop from the third check on.
struct Impatient(std::sync::atomic::AtomicU32);

impl Listener for Impatient {
    fn interrupted(&self) -> bool {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) >= 2
    }
}

#[test]
fn long_fits_can_be_interrupted() {
    let (x, y) = easy(300, 8);
    for estimator in classifiers().into_iter().filter(|estimator| estimator.steps() != Some(1)) {
        let error = estimator.fit(&x, &binary(&y), 7, &Progress::new(&Impatient(0.into()))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted);
    }
}

#[test]
fn wrong_parameters_are_named() {
    let parse = |model: &str, params: Value| Estimator::parse(model, params.as_object().unwrap());
    let unknown = parse("forest", json!({"max_dept": 3})).unwrap_err();
    assert_eq!(unknown.message(), "forest parameter \"max_dept\" is not known");
    assert_eq!(unknown.hint_text(), Some("did you mean \"max_depth\"?"));
    assert_eq!(parse("forrest", json!({})).unwrap_err().hint_text(), Some("did you mean \"forest\"?"));
    for (model, params) in [
        ("logistic", json!({"C": 0})),
        ("logistic", json!({"C": "1"})),
        ("logistic", json!({"penalty": "l3"})),
        ("svm", json!({"kernel": "rbff"})),
        ("tree", json!({"max_depth": 0})),
        ("tree", json!({"min_samples_leaf": 1.5})),
        ("tree", json!({"max_bins": 256})),
        ("forest", json!({"max_features": 0})),
        ("forest", json!({"n_estimators": 1e9})),
        ("boosting", json!({"learning_rate": -0.1})),
        ("boosting", json!({"min_samples_leaf": 1e18})),
        ("boosting", json!({"early_stopping": "auto"})),
        ("boosting", json!({"max_leaf_nodes": 1})),
    ] {
        let error = parse(model, params.clone()).unwrap_err();
        assert!(error.kind() == ErrorKind::Invalid && error.hint_text().is_some(), "{params}: {error}");
    }
    assert!(parse("tree", json!({"max_depth": null, "max_features": "sqrt", "min_samples_leaf": 5.0})).is_ok());
}

/// Damages every tensor in many ways: each is refused, or still predicts without panic.
#[test]
fn damaged_parts_are_refused_or_harmless() {
    let (x, y) = mixed(400, 9);
    let (plain, labels) = easy(400, 9);
    let mut random = stream(9, "test damage", 0);
    let mut refused = 0;
    for estimator in estimators() {
        let (x, y) = if estimator.needs().complete { (&plain, &labels) } else { (&x, &y) };
        for task in estimator.tasks() {
            let parts = fit_target(&estimator, x, &target(*task, x, y)).parts();
            for _ in 0..80 {
                let mut damaged = parts.clone();
                let which = random.below(damaged.tensors.len());
                let tensor = damage(&damaged.tensors[which].1, &mut random);
                damaged.tensors[which].1 = tensor;
                match Fitted::from_parts(damaged, 5) {
                    Ok(fitted) => assert_eq!(fitted.predict(x).rows(), 400),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Corrupt);
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 500, "{refused}");
}

fn elements(tensor: &Tensor) -> usize {
    match tensor {
        Tensor::F64(values) => values.len(),
        Tensor::U32(values) => values.len(),
        Tensor::U8(values) => values.len(),
    }
}

fn damage(tensor: &Tensor, random: &mut crate::learn::random::Stream) -> Tensor {
    let mut bytes = tensor.to_bytes();
    let size = bytes.len() / elements(tensor).max(1);
    match random.below(4) {
        0 => bytes.truncate(bytes.len().saturating_sub(size)),
        1 => bytes.extend(vec![1; size.max(1) * 8]),
        _ if bytes.is_empty() => {}
        _ => {
            let at = random.below(bytes.len());
            bytes[at] = random.below(256) as u8;
        }
    }
    bytes.truncate(bytes.len() / size.max(1) * size.max(1));
    Tensor::from_bytes(tensor.dtype(), &bytes).unwrap()
}

/// What each kind of damage to a tree must be caught by.
#[test]
fn trees_that_would_loop_or_point_nowhere_are_refused() {
    let (x, y) = mixed(400, 10);
    let parts = fit(&takes_anything()[0], &x, &y).parts();
    let with = |name: &str, change: &dyn Fn(&mut Tensor)| {
        let mut parts = parts.clone();
        parts.tensors.iter_mut().filter(|(other, _)| other == name).for_each(|(_, tensor)| change(tensor));
        Fitted::from_parts(parts, 5)
    };
    let integer = |at: usize, value: u32| {
        move |tensor: &mut Tensor| {
            if let Tensor::U32(values) = tensor {
                values[at] = value;
            }
        }
    };
    assert!(with("child", &|_| {}).is_ok());
    assert!(with("child", &integer(1, 1)).is_err(), "a node that is its own child");
    assert!(with("child", &integer(0, 100_000)).is_err(), "a child that is not there");
    assert!(with("feature", &integer(0, 5)).is_err(), "a feature that is not there");
    assert!(with("roots", &integer(0, 1)).is_err(), "nodes before the first tree");
    assert!(with("roots", &|tensor| *tensor = Tensor::U32(vec![])).is_err(), "no tree at all");
    assert!(with("baseline", &|tensor| *tensor = Tensor::F64(vec![f64::NAN])).is_err());
    assert!(with("flags", &|tensor| *tensor = Tensor::U8(vec![9; elements(tensor)])).is_err());
    assert!(with("codes_end", &integer(0, 3)).is_err(), "tables that overlap");
    let mut twice = parts.clone();
    twice.tensors.push(parts.tensors[0].clone());
    assert!(Fitted::from_parts(twice, 5).is_err());
    assert!(Fitted::from_parts(Parts { kind: "pickle".into(), ..parts.clone() }, 5).is_err());
    assert!(Fitted::from_parts(Parts { attributes: Value::Object(Map::new()), ..parts.clone() }, 5).is_err());
}

/// 40 rows of sines, for numbers that scikit-learn and scipy were asked for too.
fn sines() -> (Matrix, Vec<f64>) {
    let rows = || (0..40).map(f64::from);
    let columns = vec![
        rows().map(f64::sin).collect(),
        rows().map(|i| (2.5 * i).cos()).collect(),
        rows().map(|i| (i % 7.0) / 3.0).collect(),
    ];
    let label = |i: f64| f64::from(u8::from(i.sin() + 0.5 * (3.0 * i).cos() + 0.2 * (i % 3.0) > 0.2));
    (matrix(columns), rows().map(label).collect())
}

/// The weights of each output, then the intercepts.
fn assert_weights(fitted: &Fitted, expected: &[f64]) {
    let Fitted::Linear(linear) = fitted else { panic!("not linear") };
    let found: Vec<f64> = linear.weights.iter().chain(&linear.intercepts).copied().collect();
    assert_eq!(found.len(), expected.len(), "{linear:?}");
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{linear:?}");
}

/// `LogisticRegression(C=0.7, tol=1e-12, max_iter=10000)` of scikit-learn 1.9.1.
#[test]
fn logistic_weights_are_those_of_scikit_learn() {
    let (x, y) = sines();
    let params = json!({"C": 0.7, "tol": 1e-10});
    let fitted = fit(&Estimator::parse("logistic", params.as_object().unwrap()).unwrap(), &x, &y);
    let expected =
        [2.330_037_533_236_074_8, 0.094_835_991_426_794_47, 0.284_020_419_436_837_65, -0.352_207_614_884_185_8];
    assert_weights(&fitted, &expected);
}

/// scipy 1.x `minimize` (BFGS, gtol 1e-12) of |w|²/2 + 1.3·Σ max(0, 1 − m)².
#[test]
fn svm_weights_minimise_the_squared_hinge() {
    let (x, y) = sines();
    let params = json!({"C": 1.3, "tol": 1e-10});
    let fitted = fit(&Estimator::parse("svm", params.as_object().unwrap()).unwrap(), &x, &y);
    assert_weights(
        &fitted,
        &[1.754_475_785_248_007_3, 0.236_618_976_448_835_95, 0.345_287_505_827_608_5, -0.424_908_040_203_648_9],
    );
}

/// scikit-learn 1.9.1, each with `tol` of 1e-12 or less, of the same sines.
#[test]
fn weights_of_the_linear_models_are_those_of_scikit_learn() {
    let (x, y) = sines();
    let rows = || (0..40).map(f64::from);
    let wave = |i: f64| i.sin() + 0.5 * (3.0 * i).cos();
    let several = Target::new(
        Task::Multiclass,
        3,
        rows().map(|i| f64::from(u8::from(wave(i) > -0.3)) + f64::from(u8::from(wave(i) > 0.4))).collect(),
    );
    let number = |i: f64| 3.0 * i.sin() - 2.0 * (2.5 * i).cos() + 0.5 * (7.0 * i).cos() + 100.0;
    let numbers = Target::new(Task::Regression, 0, rows().map(number).collect());
    let rates = Target::new(Task::Regression, 0, rows().map(|i| ((1.0 + i.sin()).exp() + i % 2.0).floor()).collect());
    let weights: Vec<f64> = rows().map(|i| 1.0 + i % 3.0).collect();
    let weighted = |target: &Target| target.clone().with_weights(weights.clone());
    let fit = |model: &str, params: Value, target: &Target| {
        fit_target(&Estimator::parse(model, params.as_object().unwrap()).unwrap(), &x, target)
    };
    assert_weights(
        &fit("logistic", json!({"C": 0.7, "tol": 1e-10}), &several),
        &[
            -1.731_468_483_211_902_3,
            0.036_668_501_934_947_44,
            -0.254_501_930_552_013_1,
            0.288_152_613_362_569_5,
            -0.284_880_414_790_492_86,
            -0.084_781_015_114_793_88,
            1.443_315_869_849_333,
            0.248_211_912_855_545_64,
            0.339_282_945_666_806_8,
            0.442_581_763_137_319_45,
            -0.124_061_682_988_973_4,
            -0.318_520_080_148_346_2,
        ],
    );
    assert_weights(
        &fit("logistic", json!({"C": 0.7, "tol": 1e-10, "penalty": "l1"}), &binary(&y)),
        &[3.550_186_176_329_5, 0.0, 0.0, -0.148_872_955_003_131_7],
    );
    assert_weights(
        &fit("logistic", json!({"C": 0.7, "tol": 1e-10, "penalty": "elasticnet", "l1_ratio": 0.3}), &binary(&y)),
        &[2.506_289_042_601_724_6, 0.0, 0.192_087_456_045_566_3, -0.272_639_930_501_924_37],
    );
    assert_weights(
        &fit("logistic", json!({"C": 0.7, "tol": 1e-10}), &weighted(&binary(&y))),
        &[3.043_945_491_440_624, 0.150_923_054_134_361, 0.702_644_713_804_271_8, -0.721_545_848_830_774_5],
    );
    assert_weights(
        &fit("logistic", json!({"C": 0.7, "tol": 1e-10, "penalty": "l1", "max_iter": 1000}), &several),
        &[
            -2.702_221_897_012_643,
            0.0,
            0.0,
            0.0,
            -0.124_942_574_841_616,
            0.0,
            1.230_222_085_146_449,
            0.0,
            0.156_712_847_644_892_74,
            0.175_305_764_010_814_35,
            -0.059_474_067_256_526_45,
            -0.115_831_696_754_294_99,
        ],
    );
    for (model, params, target, expected) in [
        (
            "linear",
            json!({}),
            &numbers,
            [3.040_017_931_207_362, -1.975_634_014_634_732_9, -0.054_633_840_057_565_59, 100.056_753_358_197_95],
        ),
        (
            "ridge",
            json!({"alpha": 0.8}),
            &numbers,
            [2.925_250_268_585_911, -1.905_556_790_055_053_2, -0.046_741_992_493_263_84, 100.052_525_576_265_44],
        ),
        (
            "ridge",
            json!({"alpha": 0.8}),
            &weighted(&numbers),
            [2.995_255_570_125_405, -1.943_144_578_455_200_2, -0.058_818_317_020_934_846, 100.057_997_430_583_92],
        ),
        (
            "lasso",
            json!({"alpha": 0.3}),
            &numbers,
            [2.460_780_047_124_483_6, -1.410_186_674_090_711_9, 0.0, 100.021_309_959_476_07],
        ),
        (
            "elastic_net",
            json!({"alpha": 0.3, "l1_ratio": 0.4}),
            &numbers,
            [2.075_076_725_744_056_5, -1.315_814_845_936_023_7, 0.0, 100.032_464_867_748_2],
        ),
        (
            "poisson",
            json!({"alpha": 0.2, "tol": 1e-10}),
            &rates,
            [0.797_391_825_705_370_8, -0.036_274_559_485_129_206, 0.006_537_371_208_698_811, 1.120_604_050_550_067_6],
        ),
    ] {
        assert_weights(&fit(model, params, target), &expected);
    }
    let negative = Target::new(Task::Regression, 0, vec![-1.0; 40]);
    let refused = Estimator::parse("poisson", &Map::new()).unwrap().fit(&x, &negative, 7, &Progress::quiet());
    assert!(refused.unwrap_err().message().contains("label of training row 1 is -1"));
}

#[test]
fn hard_shapes_of_numbers_are_learned_without_trouble() {
    let plain: Vec<f64> = (0..60).map(f64::from).collect();
    let shapes = [
        vec![plain.clone(), plain.iter().map(|v| v * 1e6).collect()],
        vec![vec![4.0; 60]],
        vec![vec![1e100; 60], plain.iter().map(|v| v * 1e-100).collect(), plain.clone()],
        (0..130).map(|j| plain.iter().map(|v| (v * f64::from(j)).sin()).collect()).collect(),
    ];
    let targets = [
        plain.clone(),
        vec![5.0; 60],
        plain.iter().map(|v| v * 1e25).collect(),
        plain.iter().map(|v| v + 1e9).collect(),
    ];
    for estimator in estimators().into_iter().filter(|estimator| estimator.tasks().contains(&Task::Regression)) {
        for (i, columns) in shapes.iter().enumerate() {
            for (j, y) in targets.iter().enumerate() {
                let x = matrix(columns.clone());
                let target = Target::new(Task::Regression, 0, y.clone());
                let fitted = estimator.fit(&x, &target, 7, &Progress::quiet());
                let fitted = match fitted {
                    // Sums of products of 1e300 are beyond the largest number.
                    Err(refused) if estimator.name() == "svr" && i == 2 => {
                        assert!(refused.message().contains("not finite"), "{refused}");
                        continue;
                    }
                    fitted => fitted.unwrap_or_else(|e| panic!("{estimator:?} {i} {j}: {e}")),
                };
                let predictions = fitted.predict(&x);
                assert!(predictions.values().iter().all(|p| p.is_finite()), "{estimator:?} {i} {j}");
                // Numbers that follow a column are learned better than by their mean.
                let varied = i != 1
                    && j != 1
                    && !["lasso", "elastic_net", "poisson", "knn", "svr", "baseline"].contains(&estimator.name());
                if varied && j == 0 {
                    let r2 = metric(&target, &predictions, Metric::R2);
                    assert!(r2 > 0.3, "{estimator:?} {i} {j}: {r2}");
                }
            }
        }
    }
}

#[test]
fn trees_of_weighted_rows_hold_probabilities() {
    let (x, y) = mixed(600, 31);
    let mut random = stream(31, "test weights", 0);
    let weights: Vec<f64> = (0..600).map(|_| random.uniform() * 0.3).collect();
    for estimator in takes_anything() {
        for task in estimator.tasks() {
            let fitted = fit_target(&estimator, &x, &target(*task, &x, &y).with_weights(weights.clone()));
            let again = Fitted::from_parts(fitted.parts(), 5).unwrap_or_else(|e| panic!("{estimator:?} {task:?}: {e}"));
            assert_eq!(bits(again.predict(&x).values()), bits(fitted.predict(&x).values()));
        }
    }
    for (weight, said) in [(f64::INFINITY, "is inf"), (0.0, "no training row has a weight")] {
        let target = binary(&y).with_weights(vec![weight; 600]);
        let refused = Estimator::parse("tree", &Map::new()).unwrap().fit(&x, &target, 7, &Progress::quiet());
        assert!(refused.unwrap_err().message().contains(said));
    }
}

#[test]
fn many_classes_are_told_apart() {
    let mut random = stream(5, "test classes", 0);
    for classes in [5, 11, 20, 40, 64] {
        let labels: Vec<f64> = (0..classes * 30).map(|row| (row % classes) as f64).collect();
        let near = |size: f64| labels.iter().map(|y| y * size + 0.2).collect::<Vec<f64>>();
        let noise: Vec<f64> = labels.iter().map(|_| random.normal()).collect();
        let x = matrix(vec![near(1.0), noise]);
        let target = Target::new(Task::Multiclass, classes, labels.clone());
        for (model, params) in [
            ("tree", json!({})),
            ("forest", json!({"n_estimators": 10, "max_features": 1.0})),
            ("extra_trees", json!({"n_estimators": 10})),
        ] {
            let estimator = Estimator::parse(model, params.as_object().unwrap()).unwrap();
            let predictions = fit_target(&estimator, &x, &target).predict(&x);
            let right = metric(&target, &predictions, Metric::Accuracy);
            assert!(right > 0.95, "{model} of {classes} classes: {right}");
        }
    }
    let many = Target::new(Task::Multiclass, 65, (0..130).map(|row| f64::from(row % 65)).collect());
    let x = matrix(vec![many.values().to_vec()]);
    let refused = Estimator::parse("tree", &Map::new()).unwrap().fit(&x, &many, 7, &Progress::quiet()).unwrap_err();
    assert!(refused.message().contains("65 classes") && refused.hint_text().unwrap().contains("boosting"), "{refused}");
}

#[test]
fn ridge_takes_more_columns_than_rows_and_columns_of_all_sizes() {
    let mut random = stream(9, "test ridge", 0);
    for columns in [30, 700] {
        let size = |j: usize| 10f64.powi((j % 7) as i32 - 3);
        let data: Vec<Vec<f64>> = (0..columns).map(|j| (0..40).map(|_| random.normal() * size(j)).collect()).collect();
        let y: Vec<f64> = (0..40).map(|row| data[0][row] * 900.0 + data[3][row] + random.normal()).collect();
        let x = matrix(data);
        let params = json!({"alpha": 0.7, "fit_intercept": false});
        let ridge = Estimator::parse("ridge", params.as_object().unwrap()).unwrap();
        let target = Target::new(Task::Regression, 0, y.clone());
        let Fitted::Linear(linear) = fit_target(&ridge, &x, &target) else { panic!("not linear") };
        let predicted = Fitted::Linear(linear.clone()).predict(&x);
        let off: Vec<f64> = predicted.values().iter().zip(&y).map(|(p, y)| p - y).collect();
        for j in 0..columns {
            let slope: f64 =
                x.column(j).iter().zip(&off).map(|(x, off)| x * off).sum::<f64>() + 0.7 * linear.weights[j];
            assert!(slope.abs() < 1e-6 * size(j).max(1.0) * 1e3, "{columns} columns, {j}: {slope}");
        }
    }
}

#[test]
fn what_is_no_number_is_never_an_answer() {
    let params = |model: &str| Estimator::parse(model, &Map::new()).unwrap();
    let (x, y) = easy(200, 41);
    for estimator in [params("logistic"), params("svm"), params("ridge"), params("poisson")] {
        for task in estimator.tasks() {
            let fitted = fit_target(&estimator, &x, &target(*task, &x, &y));
            let answer = predict_row(&fitted, &[f64::NAN; 5]);
            assert!(answer.iter().all(|number| number.is_nan()), "{estimator:?} {task:?}: {answer:?}");
        }
    }
}

#[test]
fn one_huge_number_leaves_the_others_their_digits() {
    let x = matrix(vec![(0..200).map(f64::from).collect()]);
    let y: Vec<f64> = (0..200).map(|row| if row == 199 { 1e20 } else { f64::from(row % 10) }).collect();
    let fitted =
        fit_target(&Estimator::parse("tree", &Map::new()).unwrap(), &x, &Target::new(Task::Regression, 0, y.clone()));
    let far = fitted.predict(&x).values().iter().zip(&y).take(199).map(|(p, y)| (p - y).abs()).fold(0.0, f64::max);
    assert!(far < 1e-9, "{far}");
}
