//! How sure a metric is: its 95 % interval over rows drawn again with replacement (Efron 1979), and that of the difference of two
//! models on the same rows, drawn for both alike.
//!
//! Invariant: the draws depend on the seed and the number of rows alone, each round has a stream of its own, and rounds are put
//! together in their order: the same interval on any number of threads. For example, of 100 rows of which 80 are called right, the
//! accuracy 0.80 has the interval 0.72 to 0.88.

use crate::error::Result;
use crate::learn::counted_rows::CountedRows;
use crate::learn::metric::Metric;
use crate::learn::metric_values::Decision;
use crate::learn::random::stream;
use crate::learn::task::{Predictions, Target};
use crate::progress::Progress;
use rayon::prelude::*;

/// Rounds for a few rows, the fewest for many, and the draws that are spent on rounds between the two.
const ROUNDS: usize = 1000;
const FEWEST: usize = 200;
const DRAWS: usize = 20_000_000;
/// The share of rounds that lies outside of an interval, half of it on each side.
const OUTSIDE: f64 = 0.05;
/// Rounds between two looks at whether the person pressed Ctrl-C.
const BATCH: usize = 50;

/// A value, and where it lies in 95 of 100 draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConfidenceInterval {
    /// The metric.
    pub metric: Metric,
    /// Its value on the rows as they are.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How many rounds are drawn of so many rows.
pub fn rounds(rows: usize) -> usize {
    (DRAWS / rows.max(1)).clamp(FEWEST, ROUNDS)
}

/// The intervals of these metrics; one that is not defined on most draws is left out.
///
/// Errors: Ctrl-C.
pub fn intervals(
    truth: &Target,
    predictions: &Predictions,
    decision: Decision,
    metrics: &[Metric],
    seed: u64,
    progress: &Progress,
) -> Result<Vec<ConfidenceInterval>> {
    let rows = CountedRows::new(truth, predictions, decision, metrics);
    resampled(truth.len(), metrics, seed, progress, |metric, counts| rows.value(metric, counts))
}

/// The intervals of what `b` has more than `a`, each metric of both on the same drawn rows.
///
/// Errors: Ctrl-C.
pub fn differences(
    truth: &Target,
    a: (&Predictions, Decision),
    b: (&Predictions, Decision),
    metrics: &[Metric],
    seed: u64,
    progress: &Progress,
) -> Result<Vec<ConfidenceInterval>> {
    let (a, b) = (CountedRows::new(truth, a.0, a.1, metrics), CountedRows::new(truth, b.0, b.1, metrics));
    resampled(truth.len(), metrics, seed, progress, |metric, counts| b.value(metric, counts) - a.value(metric, counts))
}

fn resampled(
    rows: usize,
    metrics: &[Metric],
    seed: u64,
    progress: &Progress,
    value: impl Fn(Metric, &[u32]) -> f64 + Sync,
) -> Result<Vec<ConfidenceInterval>> {
    if rows == 0 {
        return Ok(Vec::new());
    }
    let rounds = rounds(rows);
    let step = progress.step("bootstrap", Some(rounds as u64));
    let mut drawn: Vec<Vec<f64>> = Vec::with_capacity(rounds);
    let each: Vec<usize> = (0..rounds).collect();
    for batch in each.chunks(BATCH) {
        step.check()?;
        let of = |counts: &mut Vec<u32>, round: &usize| {
            draw(seed, *round, counts);
            metrics.iter().map(|metric| value(*metric, counts)).collect()
        };
        drawn.par_extend(batch.par_iter().map_init(|| vec![0; rows], of));
        step.advance(batch.len() as u64);
    }
    let as_they_are = vec![1; rows];
    let interval = |(at, metric): (usize, &Metric)| {
        let mut values: Vec<f64> =
            drawn.iter().filter_map(|round| round.get(at).copied()).filter(|x| !x.is_nan()).collect();
        if values.len() * 2 <= rounds {
            return None;
        }
        values.sort_unstable_by(f64::total_cmp);
        let (low, high) = (quantile(&values, OUTSIDE / 2.0), quantile(&values, 1.0 - OUTSIDE / 2.0));
        Some(ConfidenceInterval { metric: *metric, value: value(*metric, &as_they_are), low, high })
    };
    Ok(metrics.iter().enumerate().filter_map(interval).collect())
}

/// How often each row is drawn in a round.
fn draw(seed: u64, round: usize, counts: &mut [u32]) {
    counts.fill(0);
    let mut random = stream(seed, "bootstrap", round as u64);
    for _ in 0..counts.len() {
        counts[random.below(counts.len())] += 1;
    }
}

/// The quantile of ascending values, between two of them in proportion; there is at least one.
fn quantile(values: &[f64], share: f64) -> f64 {
    let place = share * (values.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let at = |place: usize| values.get(place).or(values.last()).copied().unwrap_or(f64::NAN);
    at(below) + part * (at(below + 1) - at(below))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::task::Task;

    fn calls(right: usize, of: usize) -> (Target, Predictions) {
        let p = (0..of).map(|row| if row < right { 0.9 } else { 0.1 }).collect();
        (Target::new(Task::Binary, 2, vec![1.0; of]), Predictions::new(1, p))
    }

    #[test]
    fn a_share_has_the_interval_of_the_binomial() {
        let (truth, p) = calls(80, 100);
        let decision = Decision { threshold: 0.5, classes: &[] };
        let found = intervals(&truth, &p, decision, &[Metric::Accuracy, Metric::Auc], 7, &Progress::quiet()).unwrap();
        // Without negatives there is no AUC on any draw.
        let [of] = found.as_slice() else { panic!("{found:?}") };
        // 0.8 ± 1.96 · √(0.8 · 0.2 / 100) = 0.7216 to 0.8784, in steps of 0.01.
        assert!(of.value == 0.8 && (of.low - 0.72).abs() <= 0.011 && (of.high - 0.88).abs() <= 0.011, "{of:?}");
    }

    #[test]
    fn threads_change_no_bit_and_another_seed_does() {
        let (truth, p) = calls(61, 97);
        let decision = Decision { threshold: 0.5, classes: &[] };
        let of = |threads: usize, seed: u64| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let metrics = [Metric::LogLoss, Metric::Brier];
            pool.install(|| intervals(&truth, &p, decision, &metrics, seed, &Progress::quiet()).unwrap())
        };
        assert_eq!(of(1, 7), of(3, 7));
        assert_ne!(of(1, 7), of(1, 8));
    }

    #[test]
    fn a_model_beside_itself_has_no_difference_and_beside_a_better_one_a_surer_one_than_both_apart() {
        let truth = Target::new(Task::Regression, 0, (0..200).map(f64::from).collect());
        let off = |by: f64| {
            let wave = |row: u32| f64::from(row) + by + 3.0 * crate::math::sin(f64::from(row));
            Predictions::new(1, (0..200).map(wave).collect())
        };
        let decision = Decision { threshold: 0.5, classes: &[] };
        let (a, b) = (off(0.0), off(0.5));
        let quiet = Progress::quiet();
        let same = differences(&truth, (&a, decision), (&a, decision), &[Metric::Mae], 1, &quiet).unwrap();
        assert!(same[0].value == 0.0 && same[0].low == 0.0 && same[0].high == 0.0);
        let worse = differences(&truth, (&a, decision), (&b, decision), &[Metric::Rmse], 1, &quiet).unwrap()[0];
        let alone = intervals(&truth, &a, decision, &[Metric::Rmse], 1, &quiet).unwrap()[0];
        assert!(worse.value > 0.0 && worse.high - worse.low < 4.0 * (alone.high - alone.low), "{worse:?} {alone:?}");
    }

    #[test]
    fn quantiles_lie_between_values_in_proportion() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!((quantile(&[5.0], 0.0), quantile(&[5.0], 1.0)), (5.0, 5.0));
    }
}
