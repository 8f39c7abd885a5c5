//! Laws of metrics and folds, for any labels and probabilities.

use crate::learn::folds::{self, Fold};
use crate::learn::{Decision, Metric, MetricValues, Predictions, Target, Task, evaluate};
use proptest::collection::vec;
use proptest::prelude::*;

/// Labels with probabilities, few enough different ones that ties are common.
fn scored() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let p = prop_oneof![4 => (0..=8u32).prop_map(|p| f64::from(p) / 8.0), 1 => 0.0..=1.0f64];
    vec((any::<bool>().prop_map(|y| f64::from(u8::from(y))), p), 1..60)
}

fn unzip(rows: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
    rows.iter().copied().unzip()
}

fn evaluate_binary(y: &[f64], p: &[f64], threshold: f64) -> MetricValues {
    let decision = Decision { threshold, classes: &[] };
    evaluate(&Target::new(Task::Binary, 2, y.to_vec()), &Predictions::new(1, p.to_vec()), decision).unwrap()
}

fn value(rows: &[(f64, f64)], metric: Metric) -> f64 {
    let (y, p) = unzip(rows);
    evaluate_binary(&y, &p, 0.5).get(metric).unwrap()
}

fn roc_auc(y: &[f64], p: &[f64]) -> f64 {
    evaluate_binary(y, p, 0.5).get(Metric::Auc).unwrap()
}

/// The share of pairs of a positive and a negative row in which the positive one has more, ties counting half.
fn pairs_in_order(rows: &[(f64, f64)]) -> f64 {
    let of = |label: f64| rows.iter().filter(move |(y, _)| *y == label).map(|(_, p)| *p);
    let twice: Vec<u32> =
        of(1.0).flat_map(|p| of(0.0).map(move |q| u32::from(p > q) * 2 + u32::from(p == q))).collect();
    f64::from(twice.iter().sum::<u32>()) / (2.0 * twice.len() as f64)
}

/// Every row is in exactly one validation part and in no fold on both sides.
fn is_partition(folds: &[Fold], rows: usize) -> bool {
    let mut seen: Vec<usize> = folds.iter().flat_map(|fold| fold.validation.clone()).collect();
    seen.sort_unstable();
    let whole = |fold: &Fold| {
        let mut both = [&fold.train[..], &fold.validation].concat();
        both.sort_unstable();
        both == (0..rows).collect::<Vec<_>>()
    };
    seen == (0..rows).collect::<Vec<_>>() && folds.iter().all(whole)
}

/// The smallest and the largest of some counts differ by so much.
fn spread(counts: impl Iterator<Item = usize> + Clone) -> usize {
    counts.clone().max().unwrap_or(0) - counts.min().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn auc_is_a_count_of_pairs_and_depends_only_on_the_order(rows in scored()) {
        let (y, p) = unzip(&rows);
        let auc = roc_auc(&y, &p);
        let counted = pairs_in_order(&rows);
        prop_assert!(auc == counted || auc.is_nan() && counted.is_nan(), "{} and {}", auc, counted);
        // Growing functions that keep ties and make none.
        let doubled: Vec<f64> = p.iter().map(|p| p * 2.0 - 7.0).collect();
        let odds: Vec<f64> = doubled.iter().map(|p| p * p * p).collect();
        for grown in [doubled, odds] {
            prop_assert_eq!(roc_auc(&y, &grown).to_bits(), auc.to_bits());
        }
        let turned: Vec<f64> = p.iter().map(|p| -p).collect();
        prop_assert!(auc.is_nan() || (roc_auc(&y, &turned) + auc - 1.0).abs() < 1e-15);
        let other: Vec<f64> = y.iter().map(|y| 1.0 - y).collect();
        prop_assert!(auc.is_nan() || (roc_auc(&other, &p) + auc - 1.0).abs() < 1e-15);
    }

    #[test]
    fn every_metric_is_in_its_range_or_not_defined(rows in scored(), threshold in 0.0..=1.0f64) {
        let (y, p) = unzip(&rows);
        let both = y.contains(&0.0) && y.contains(&1.0);
        for (name, value) in evaluate_binary(&y, &p, threshold).iter() {
            let most = if name == "log_loss" { -f64::EPSILON.ln() * 1.000_001 } else { 1.0 };
            let undefined = value.is_nan()
                && match name {
                    "auc" => !both,
                    "average_precision" => !y.contains(&1.0),
                    _ => false,
                };
            prop_assert!(undefined || (0.0..=most).contains(&value), "{} is {}", name, value);
        }
        prop_assert!(!y.contains(&1.0) || value(&rows, Metric::AveragePrecision) >= y.iter().sum::<f64>() / y.len() as f64 / 2.0);
    }

    #[test]
    fn the_order_of_rows_changes_no_metric((rows, shuffled) in scored().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))) {
        for metric in Metric::of(Task::Binary) {
            let (a, b) = (value(&rows, *metric), value(&shuffled, *metric));
            // Means of rows are sums in the order of the rows: equal up to rounding. Counts are equal.
            let close = if matches!(metric, Metric::LogLoss | Metric::Brier) { (a - b).abs() <= 1e-12 * a.abs() } else { a == b };
            prop_assert!(close || a.is_nan() && b.is_nan(), "{:?}: {} and {}", metric, a, b);
        }
    }

    #[test]
    fn a_perfect_answer_has_perfect_metrics(y in vec(any::<bool>(), 1..40)) {
        let rows: Vec<(f64, f64)> = y.iter().map(|y| f64::from(u8::from(*y))).map(|y| (y, y)).collect();
        for (name, value) in evaluate_binary(&unzip(&rows).0, &unzip(&rows).1, 0.5).iter() {
            let best = match name {
                "log_loss" => value < 1e-15,
                "brier" => value == 0.0,
                "auc" => value == 1.0 || !(y.contains(&true) && y.contains(&false)),
                _ => value == 1.0 || !y.contains(&true),
            };
            prop_assert!(best, "{} is {}", name, value);
        }
    }

    #[test]
    fn classes_are_counted_row_by_row(rows in scored(), threshold in 0.0..=1.0f64) {
        let (y, p) = unzip(&rows);
        let of = |metric| evaluate_binary(&y, &p, threshold).get(metric).unwrap();
        let count = |keep: &dyn Fn(bool, bool) -> bool| {
            rows.iter().filter(|(y, p)| keep(*y == 1.0, *p >= threshold)).count() as f64
        };
        let share = |part: f64, whole: f64| if whole == 0.0 { 0.0 } else { part / whole };
        let right = count(&|y, called| y && called);
        prop_assert_eq!(of(Metric::Accuracy), count(&|y, called| y == called) / rows.len() as f64);
        prop_assert_eq!(of(Metric::Precision), share(right, count(&|_, called| called)));
        prop_assert_eq!(of(Metric::Recall), share(right, count(&|y, _| y)));
        prop_assert!((of(Metric::F1) - share(2.0 * of(Metric::Precision) * of(Metric::Recall), of(Metric::Precision) + of(Metric::Recall))).abs() < 1e-12);
    }

    #[test]
    fn stratified_folds_are_a_partition_with_equal_shares(y in vec(0..3u8, 2..80), count in 2..6usize, seed in any::<u64>()) {
        let y: Vec<f64> = y.into_iter().map(f64::from).collect();
        let of = |label: f64, rows: &[usize]| rows.iter().filter(|row| y[**row] == label).count();
        let all: Vec<usize> = (0..y.len()).collect();
        let labels: Vec<f64> = [0.0, 1.0, 2.0].into_iter().filter(|label| of(*label, &all) > 0).collect();
        let Ok(made) = folds::stratified(&y, count, seed) else {
            prop_assert!(labels.iter().any(|label| of(*label, &all) < count));
            return Ok(());
        };
        prop_assert!(is_partition(&made, y.len()));
        prop_assert!(spread(made.iter().map(|f| f.validation.len())) <= 1);
        for label in labels {
            prop_assert!(spread(made.iter().map(|f| of(label, &f.validation))) <= 1, "label {}", label);
        }
    }

    #[test]
    fn folds_by_time_judge_what_came_after_what_was_learned(times in vec(-5..30i64, 2..80), count in 2..6usize) {
        let Ok(made) = folds::time(&times, count) else {
            prop_assert!(times.len() <= count);
            return Ok(());
        };
        let mut judged = Vec::new();
        for fold in &made {
            let newest = fold.train.iter().map(|row| times[*row]).max();
            prop_assert!(!fold.validation.is_empty() && newest.is_some());
            prop_assert!(fold.validation.iter().all(|row| Some(times[*row]) >= newest && !fold.train.contains(row)));
            judged.extend(fold.validation.clone());
        }
        let distinct: std::collections::BTreeSet<usize> = judged.iter().copied().collect();
        prop_assert_eq!(distinct.len(), judged.len(), "no row is judged twice");
    }

    #[test]
    fn two_classes_are_several_with_two(rows in scored()) {
        let (y, p) = unzip(&rows);
        let both = Predictions::new(2, p.iter().flat_map(|p| [1.0 - p, *p]).collect());
        let classes = ["0", "1"].map(str::to_owned);
        let decision = Decision { threshold: 0.5, classes: &classes };
        let several = evaluate(&Target::new(Task::Multiclass, 2, y.clone()), &both, decision).unwrap();
        let two = evaluate_binary(&y, &p, 0.5);
        let (auc, of_two) = (several.get(Metric::AucOvrMacro).unwrap(), two.get(Metric::Auc).unwrap());
        prop_assert!(auc.is_nan() && of_two.is_nan() || (auc - of_two).abs() < 1e-12);
        let (loss, of_two) = (several.get(Metric::LogLoss).unwrap(), two.get(Metric::LogLoss).unwrap());
        prop_assert!((loss - of_two).abs() <= 1e-9 * of_two.abs().max(1e-9), "{} and {}", loss, of_two);
    }

    #[test]
    fn errors_of_numbers_grow_with_the_distance(y in vec(-1e3..1e3f64, 1..40), shift in 0.1..10.0f64) {
        let of = |by: f64| {
            let moved = Predictions::new(1, y.iter().map(|y| y + by).collect());
            let decision = Decision { threshold: 0.5, classes: &[] };
            evaluate(&Target::new(Task::Regression, 0, y.clone()), &moved, decision).unwrap()
        };
        let (exact, near, far) = (of(0.0), of(shift), of(2.0 * shift));
        for metric in [Metric::Rmse, Metric::Mae] {
            prop_assert_eq!(exact.get(metric), Some(0.0));
            prop_assert!((near.get(metric).unwrap() - shift).abs() < 1e-9 && near.get(metric) < far.get(metric));
        }
        let r2 = exact.get(Metric::R2).unwrap();
        prop_assert!(r2 == 1.0 || r2.is_nan());
    }
}
