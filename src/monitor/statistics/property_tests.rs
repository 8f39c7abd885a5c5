//! Laws of the drift tests, on any finite values: what a score may be, and under what it must not change.

use super::{Sample, Test};
use proptest::collection::vec;
use proptest::prelude::*;

/// The tests that look at both samples alike. Mann-Whitney asks which is the smaller; chi-square and G take the reference
/// for the truth, Kullback-Leibler too; Wasserstein counts in standard deviations of the reference.
const SYMMETRIC: [Test; 8] = [
    Test::Ks,
    Test::Z,
    Test::JensenShannon,
    Test::Psi,
    Test::Hellinger,
    Test::Anderson,
    Test::CramerVonMises,
    Test::TTest,
];

/// Finite numbers of one character: few different ones, a spread, or anything that a float can hold.
fn numbers(most: usize) -> impl Strategy<Value = Vec<f64>> {
    let few = (-2..3i32).prop_map(f64::from);
    let constant = (prop_oneof![Just(0.1), Just(0.0), Just(-0.0), Just(1e300), -1e3..1e3f64], 1..most)
        .prop_map(|(x, count)| vec![x; count]);
    let wild = prop_oneof![
        4 => proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO,
        1 => proptest::sample::select(vec![f64::MAX, f64::MIN, 5e-324, -0.0, 1e200, -1e200]),
    ];
    prop_oneof![
        2 => vec(few, 1..most),
        3 => vec(-1e3..1e3f64, 1..most),
        1 => constant,
        1 => vec(wild, 1..most),
    ]
}

/// Values whose sums and squares are numbers too.
fn moderate(most: usize) -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![vec((-2..3i32).prop_map(f64::from), 1..most), vec(-1e3..1e3f64, 1..most)]
}

fn labels() -> impl Strategy<Value = Vec<(&'static str, u64)>> {
    let label = proptest::sample::select(vec!["", "a", "b", "c", "d", "ü"]);
    let count = prop_oneof![4 => 1..30u64, 1 => Just(1_000_000_007)];
    vec((label, count), 1..6)
}

/// A reference and a current sample of one kind.
fn samples() -> impl Strategy<Value = (Sample, Sample)> {
    let pair = |(a, b): (Vec<f64>, Vec<f64>)| (Sample::numeric(a), Sample::numeric(b));
    prop_oneof![
        3 => (numbers(40), numbers(40)).prop_map(pair),
        1 => (numbers(120), numbers(120)).prop_map(pair),
        1 => (labels(), labels()).prop_map(|(a, b)| (Sample::categorical(a), Sample::categorical(b))),
    ]
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()) + 1e-12
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_score_is_a_number_in_its_range_or_the_test_says_why_not((reference, current) in samples()) {
        for test in Test::ALL {
            match test.run(&reference, &current) {
                Ok(score) if test.is_p_value() => prop_assert!((0.0..=1.0).contains(&score), "{} is {:e}", test, score),
                Ok(score) => prop_assert!(score >= 0.0 && score.is_finite(), "{} is {:e}", test, score),
                Err(e) => prop_assert!(!e.message().is_empty() && e.hint_text().is_some(), "{}: {}", test, e),
            }
        }
        for test in [Test::JensenShannon, Test::Hellinger] {
            prop_assert!(test.run(&reference, &current).is_ok_and(|s| s <= 1.0) || test.run(&reference, &current).is_err());
        }
    }

    #[test]
    fn equal_samples_have_not_drifted((sample, _) in samples()) {
        for test in Test::ALL {
            let Ok(score) = test.run(&sample, &sample) else { continue };
            let none = match test {
                // One-sided: half of the chance lies on either side.
                Test::MannWhitney => score >= 0.49,
                Test::Anderson => score == 0.25,
                // The criterion has a smallest value; it is not the smallest that chance gives.
                Test::CramerVonMises => score > 0.9,
                _ if test.is_p_value() => score > 1.0 - 1e-9,
                _ => score == 0.0,
            };
            prop_assert!(none, "{} is {:e}", test, score);
            prop_assert!(!test.drifted(score, test.default_threshold()), "{}", test);
        }
    }

    #[test]
    fn a_constant_has_not_drifted_however_often_it_occurs(
        x in prop_oneof![-1e3..1e3f64, Just(0.1), Just(1e-300), Just(-0.0)], n in 1..200usize, m in 1..200usize,
    ) {
        let (a, b) = (Sample::numeric(vec![x; n]), Sample::numeric(vec![x; m]));
        for test in Test::ALL {
            let Ok(score) = test.run(&a, &b) else { continue };
            let none = match test {
                Test::MannWhitney => score >= 0.49,
                _ if test.is_p_value() => score > 1.0 - 1e-9,
                _ => score == 0.0,
            };
            prop_assert!(none, "{} of {} is {:e}", test, x, score);
        }
    }

    #[test]
    fn the_order_of_rows_changes_no_bit(
        (values, shuffled) in numbers(60).prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle())), other in numbers(60),
    ) {
        let (a, b, c) = (Sample::numeric(values), Sample::numeric(shuffled), Sample::numeric(other));
        for test in Test::ALL {
            let bits = |a: &Sample, b: &Sample| test.run(a, b).ok().map(f64::to_bits);
            prop_assert_eq!(bits(&a, &c), bits(&b, &c), "{}", test);
            prop_assert_eq!(bits(&c, &a), bits(&c, &b), "{}", test);
        }
    }

    #[test]
    fn tests_that_look_at_both_samples_alike_may_have_them_exchanged(
        (a, b) in prop_oneof![
            3 => (moderate(40), moderate(40)).prop_map(|(a, b)| (Sample::numeric(a), Sample::numeric(b))),
            1 => (labels(), labels()).prop_map(|(a, b)| (Sample::categorical(a), Sample::categorical(b))),
        ],
    ) {
        // Whether a numeric column is compared value by value hangs on the reference: see `distances`.
        let binned = |s: &Sample| matches!(s, Sample::Numeric(v) if v.values().windows(2).filter(|w| w[0] < w[1]).count() >= 20);
        for test in SYMMETRIC {
            if matches!(test, Test::JensenShannon | Test::Psi) && binned(&a) != binned(&b) {
                continue;
            }
            match (test.run(&a, &b), test.run(&b, &a)) {
                (Ok(x), Ok(y)) => prop_assert!(close(x, y), "{}: {:e} and {:e}", test, x, y),
                (x, y) => prop_assert!(x.is_err() && y.is_err(), "{}", test),
            }
        }
    }

    #[test]
    fn which_is_smaller_is_answered_the_other_way_round_for_exchanged_samples(a in moderate(40), b in moderate(40)) {
        let (a, b) = (Sample::numeric(a), Sample::numeric(b));
        let (one, other) = (Test::MannWhitney.run(&a, &b).unwrap(), Test::MannWhitney.run(&b, &a).unwrap());
        // Both contain the chance of exactly what was observed.
        prop_assert!(one + other >= 1.0 - 1e-9, "{:e} and {:e}", one, other);
    }

    #[test]
    fn tests_on_ranks_hang_on_order_alone(a in moderate(40), b in moderate(40)) {
        let grown = |v: &[f64]| Sample::numeric(v.iter().map(|x| x * 4.0 - 1024.0).collect());
        let (a2, b2) = (grown(&a), grown(&b));
        let (a, b) = (Sample::numeric(a), Sample::numeric(b));
        let ties = |a: &Sample, b: &Sample| super::pairs::counts(a, b).unwrap();
        prop_assume!(ties(&a, &b) == ties(&a2, &b2));
        for test in [Test::Ks, Test::Anderson, Test::MannWhitney, Test::CramerVonMises] {
            let bits = |a: &Sample, b: &Sample| test.run(a, b).ok().map(f64::to_bits);
            prop_assert_eq!(bits(&a, &b), bits(&a2, &b2), "{}", test);
        }
    }

    #[test]
    fn what_is_moved_further_has_drifted_further(values in vec(-1e3..1e3f64, 25..60), step in 1.0..1e3f64) {
        let moved = |by: f64| Sample::numeric(values.iter().map(|x| x + by).collect());
        let reference = moved(0.0);
        for (near, far) in [(0.0, step), (step, step * 3.0), (-step, -step * 3.0)] {
            let at = |test: Test, by: f64| test.run(&reference, &moved(by)).unwrap();
            prop_assert!(at(Test::Wasserstein, near) <= at(Test::Wasserstein, far) + 1e-9);
            for test in [Test::Ks, Test::TTest] {
                prop_assert!(at(test, near) >= at(test, far) - 1e-9, "{}", test);
            }
        }
        let deviation = super::means::deviation(&values);
        prop_assert!((Test::Wasserstein.run(&reference, &moved(step)).unwrap() - step / deviation.max(0.001)).abs() < 1e-6 * (1.0 + step / deviation));
    }
}

/// Values whose squares are beyond all numbers: another answer than "no drift" for samples that have nothing in common.
#[test]
fn huge_values_are_told_apart_or_refused() {
    let spread = |low: f64, high: f64| Sample::numeric((0..40).map(|i| if i % 2 == 0 { low } else { high }).collect());
    for (a, b) in [
        (spread(0.0, 1e200), spread(1e201, 1.1e201)),
        (spread(1e307, 1.7e308), spread(-1.7e308, -1e307)),
        (spread(1.0e308, 1.1e308), spread(1.6e308, 1.7e308)),
    ] {
        for test in Test::ALL {
            match test.run(&a, &b) {
                // One-sided: which side the second pair lies on.
                Ok(score) if test == Test::MannWhitney => assert!(!(0.05..=0.95).contains(&score), "{test} {score:e}"),
                // Told by the smallest label alone, as Evidently does.
                Ok(_) if test == Test::Z => {}
                Ok(score) => assert!(test.drifted(score, test.default_threshold()), "{test} {score:e}"),
                Err(e) => assert!(e.message().contains("large") || e.message().contains("bins"), "{test}: {e}"),
            }
        }
    }
}
