//! What boosting minimises: where its scores start, the derivatives it follows and the loss it is watched by.
//!
//! The derivatives are Friedman's (2001): log loss of two classes has gradient p − y and second derivative p(1 − p), with p
//! the sigmoid of the score; of several classes the same for each, with p their softmax; the squared error has gradient
//! score − y and second derivative 1. Rates go by the logarithm: Poisson's deviance has gradient eˢ − y and second derivative eˢ, that of
//! the gamma distribution 1 − y·e⁻ˢ and y·e⁻ˢ. The absolute error and the quantile (pinball) loss have no curvature: trees are grown on
//! the signs of what is left, and a leaf takes the median, or the quantile, of its rows. Starting scores are scikit-learn's.

use crate::error::{Error, Result};
use crate::learn::ensemble::Link;
use crate::learn::task::{Target, Task};
use crate::math::{exp, ln, ln_1p, sigmoid, softmax};
use rayon::prelude::*;

/// Rows whose derivatives are computed together.
const CHUNK: usize = 8192;
/// The share of a class that has no rows, so that its starting score is finite.
const RAREST: f64 = f32::EPSILON as f64;

/// A loss of targets and scores. Scores are one column an output: `scores[output * rows + row]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Objective {
    /// −y·ln p − (1 − y)·ln(1 − p) for labels 0 and 1.
    LogLoss,
    /// −ln of the probability of the row's class.
    MulticlassLogLoss,
    /// Half the squared distance.
    SquaredError,
    /// The distance: what is learned is the median.
    AbsoluteError,
    /// The pinball loss: what is learned is this quantile, between 0 and 1.
    Quantile(f64),
    /// Half the deviance of Poisson's distribution: of counts and rates, 0 or more.
    Poisson,
    /// Half the deviance of the gamma distribution: of amounts above 0.
    Gamma,
}

impl Objective {
    /// The usual loss of a task.
    pub fn of(task: Task) -> Objective {
        match task {
            Task::Binary => Objective::LogLoss,
            Task::Multiclass => Objective::MulticlassLogLoss,
            Task::Regression => Objective::SquaredError,
        }
    }

    /// The largest step of a leaf that is believed. Of classes a step of 10 takes odds times 22,000; a larger one is only what a division by
    /// nearly nothing gives, where a class has few rows and all of them elsewhere.
    pub fn largest_step(self) -> f64 {
        match self {
            Objective::LogLoss | Objective::MulticlassLogLoss => 10.0,
            Objective::Poisson | Objective::Gamma => 10.0,
            Objective::SquaredError | Objective::AbsoluteError | Objective::Quantile(_) => f64::INFINITY,
        }
    }

    /// The quantile of what is left that a leaf takes, where its value is not a Newton step.
    pub fn leaf_quantile(self) -> Option<f64> {
        match self {
            Objective::AbsoluteError => Some(0.5),
            Objective::Quantile(quantile) => Some(quantile),
            _ => None,
        }
    }

    /// Refuses labels that the loss is not defined for.
    pub fn check(self, target: &Target) -> Result<()> {
        let (least, name) = match self {
            Objective::Poisson => ("0 or more", "poisson"),
            Objective::Gamma => ("above 0", "gamma"),
            _ => return Ok(()),
        };
        let fits = |y: f64| y > 0.0 || self == Objective::Poisson && y == 0.0;
        match target.values().iter().position(|y| !fits(*y)) {
            Some(row) => {
                let text = format!("the label of training row {} is {}", row + 1, target.values()[row]);
                Err(Error::invalid(text)
                    .hint(format!("loss = \"{name}\" learns numbers {least}: use \"squared_error\"")))
            }
            None if target.values().iter().all(|y| *y == 0.0) => Err(Error::invalid("all labels are 0")
                .hint("a rate of 0 everywhere has no logarithm: use loss = \"squared_error\"")),
            None => Ok(()),
        }
    }

    /// How scores become predictions.
    pub fn link(self) -> Link {
        match self {
            Objective::LogLoss => Link::Sigmoid,
            Objective::MulticlassLogLoss => Link::Softmax,
            Objective::SquaredError | Objective::AbsoluteError | Objective::Quantile(_) => Link::Identity,
            Objective::Poisson | Objective::Gamma => Link::Exp,
        }
    }

    /// The best scores that are the same for all rows, one an output.
    pub fn baseline(self, target: &Target) -> Vec<f64> {
        let weight = |row: usize| target.weight(row);
        let all = target.weight_sum();
        let sum = |value: &dyn Fn(f64) -> f64| {
            target.values().iter().enumerate().fold(0.0, |sum, (row, y)| sum + weight(row) * value(*y))
        };
        match self {
            Objective::LogLoss => {
                let positives = sum(&|y| y);
                vec![ln(positives / (all - positives))]
            }
            Objective::MulticlassLogLoss => {
                let share = |class: usize| sum(&|y| f64::from(u8::from(y == class as f64))) / all;
                let logs: Vec<f64> =
                    (0..target.classes()).map(|class| ln(share(class).clamp(RAREST, 1.0 - RAREST))).collect();
                let mean = logs.iter().fold(0.0, |sum, log| sum + log) / logs.len() as f64;
                logs.into_iter().map(|log| log - mean).collect()
            }
            Objective::SquaredError => vec![sum(&|y| y) / all],
            Objective::Poisson | Objective::Gamma => vec![ln(sum(&|y| y) / all)],
            Objective::AbsoluteError | Objective::Quantile(_) => {
                let quantile = self.leaf_quantile().unwrap_or(0.5);
                vec![quantile_of(
                    target.values().iter().copied().enumerate().map(|(row, y)| (y, weight(row))),
                    quantile,
                )]
            }
        }
    }

    /// First and second derivative of the loss by the scores, for each row: one vector an output.
    pub fn slopes(self, target: &Target, scores: &[f64], out: &mut [Vec<(f32, f32)>]) {
        let rows = target.len();
        let mut chunks: Vec<Vec<&mut [(f32, f32)]>> = Vec::new();
        chunks.resize_with(rows.div_ceil(CHUNK), || Vec::with_capacity(out.len()));
        for output in out {
            chunks.iter_mut().zip(output.chunks_mut(CHUNK)).for_each(|(chunk, part)| chunk.push(part));
        }
        chunks.into_par_iter().enumerate().for_each_init(Vec::new, |shares, (chunk, mut out)| {
            let first = chunk * CHUNK;
            for i in 0..out.first().map_or(0, |part| part.len()) {
                let (row, y) = (first + i, target.values()[first + i]);
                match self {
                    Objective::LogLoss => {
                        let p = sigmoid(scores[row]);
                        out[0][i] = ((p - y) as f32, (p * (1.0 - p)) as f32);
                    }
                    Objective::MulticlassLogLoss => {
                        shares.clear();
                        shares.extend((0..target.classes()).map(|k| scores[k * rows + row]));
                        softmax(shares);
                        for (class, (out, p)) in out.iter_mut().zip(shares.iter()).enumerate() {
                            let hit = f64::from(u8::from(y == class as f64));
                            out[i] = ((p - hit) as f32, (p * (1.0 - p)) as f32);
                        }
                    }
                    Objective::SquaredError => out[0][i] = ((scores[row] - y) as f32, 1.0),
                    Objective::AbsoluteError => out[0][i] = (if scores[row] > y { 1.0 } else { -1.0 }, 1.0),
                    Objective::Quantile(q) => {
                        out[0][i] = (if scores[row] > y { 1.0 - q as f32 } else { -q as f32 }, 1.0);
                    }
                    Objective::Poisson => {
                        let rate = exp(scores[row]);
                        out[0][i] = ((rate - y) as f32, rate as f32);
                    }
                    Objective::Gamma => {
                        let part = y * exp(-scores[row]);
                        out[0][i] = ((1.0 - part) as f32, part as f32);
                    }
                }
                if let Some(weights) = target.weights() {
                    let weight = weights[row] as f32;
                    out.iter_mut().for_each(|out| out[i] = (out[i].0 * weight, out[i].1 * weight));
                }
            }
        });
    }

    /// The mean loss.
    pub fn loss(self, target: &Target, scores: &[f64]) -> f64 {
        let rows = target.len();
        let mut own = Vec::new();
        let mut loss = |row: usize, y: f64| match self {
            Objective::LogLoss => {
                let score = scores[row];
                score.max(0.0) - score * y + ln_1p(exp(-score.abs()))
            }
            Objective::MulticlassLogLoss => {
                own.clear();
                own.extend((0..target.classes()).map(|k| scores[k * rows + row]));
                let largest = own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum = own.iter().fold(0.0, |sum, score| sum + exp(score - largest));
                ln(sum) + largest - own[y as usize]
            }
            Objective::SquaredError => 0.5 * (y - scores[row]) * (y - scores[row]),
            Objective::AbsoluteError => (y - scores[row]).abs(),
            Objective::Quantile(q) => {
                let left = y - scores[row];
                if left >= 0.0 { q * left } else { (q - 1.0) * left }
            }
            Objective::Poisson => exp(scores[row]) - y * scores[row],
            Objective::Gamma => scores[row] + y * exp(-scores[row]),
        };
        let weight = |row: usize| target.weight(row);
        let (sum, all) = target
            .values()
            .iter()
            .enumerate()
            .fold((0.0, 0.0), |(sum, all), (row, y)| (sum + weight(row) * loss(row, *y), all + weight(row)));
        sum / all
    }
}

/// The quantile of weighted numbers. Where all weigh the same, between two of them along a straight line, as NumPy's `percentile`; else
/// the least number that has as much of the weight at or below it.
pub(super) fn quantile_of(numbers: impl Iterator<Item = (f64, f64)>, quantile: f64) -> f64 {
    let mut sorted: Vec<(f64, f64)> = numbers.collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let Some((first, weight)) = sorted.first().copied() else { return 0.0 };
    if sorted.iter().all(|(_, other)| *other == weight) {
        let place = quantile * (sorted.len() - 1) as f64;
        let (low, share) = (place.floor() as usize, place.fract());
        let next = sorted.get(low + 1).map_or(sorted[low].0, |(next, _)| *next);
        return sorted[low].0 + share * (next - sorted[low].0);
    }
    let wanted = quantile * sorted.iter().fold(0.0, |sum, (_, weight)| sum + weight);
    let mut sum = 0.0;
    let reached = sorted.iter().find(|(_, weight)| {
        sum += weight;
        sum >= wanted
    });
    reached.or(sorted.last()).map_or(first, |(number, _)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        let of = |numbers: &[f64], q: f64| quantile_of(numbers.iter().map(|x| (*x, 1.0)), q);
        assert_eq!(of(&[3.0, 1.0, 2.0, 10.0], 0.5), 2.5);
        assert!((of(&[3.0, 1.0, 2.0, 10.0], 0.9) - 7.9).abs() < 1e-12);
        assert_eq!(quantile_of([(1.0, 1.0), (2.0, 5.0), (3.0, 1.0)].into_iter(), 0.5), 2.0);
    }

    #[test]
    fn slopes_of_rates_match_differences_of_their_loss() {
        for objective in [Objective::Poisson, Objective::Gamma, Objective::Quantile(0.8), Objective::AbsoluteError] {
            let target = Target::new(Task::Regression, 0, vec![2.5]);
            let mut out = [vec![(0.0, 0.0)]];
            objective.slopes(&target, &[0.7], &mut out);
            let loss = |score: f64| objective.loss(&target, &[score]);
            let first = (loss(0.7 + 1e-5) - loss(0.7 - 1e-5)) / 2e-5;
            assert!((first - f64::from(out[0][0].0)).abs() < 1e-5, "{objective:?}");
        }
        assert!(Objective::Gamma.check(&Target::new(Task::Regression, 0, vec![1.0, 0.0])).is_err());
        assert!(Objective::Poisson.check(&Target::new(Task::Regression, 0, vec![1.0, 0.0])).is_ok());
        assert!(Objective::Poisson.check(&Target::new(Task::Regression, 0, vec![1.0, -1.0])).is_err());
    }

    #[test]
    fn slopes_match_differences_of_the_loss() {
        let one = |task: Task, classes: usize, y: f64| Target::new(task, classes, vec![y]);
        for (target, scores) in [
            (one(Task::Binary, 2, 0.0), vec![0.3]),
            (one(Task::Binary, 2, 1.0), vec![-1.2]),
            (one(Task::Multiclass, 3, 2.0), vec![0.3, -0.4, 1.1]),
            (one(Task::Multiclass, 3, 0.0), vec![2.0, 0.1, -1.0]),
            (one(Task::Regression, 0, 2.5), vec![1.75]),
        ] {
            let objective = Objective::of(target.task());
            for output in 0..scores.len() {
                let mut out = vec![vec![(0.0, 0.0)]; scores.len()];
                objective.slopes(&target, &scores, &mut out);
                let out = out[output][0];
                let loss = |step: f64| {
                    let mut moved = scores.clone();
                    moved[output] += step;
                    objective.loss(&target, &moved)
                };
                let first = (loss(1e-5) - loss(-1e-5)) / 2e-5;
                assert!((first - f64::from(out.0)).abs() < 1e-6, "{objective:?} {output}");
                let second = (loss(1e-3) - 2.0 * loss(0.0) + loss(-1e-3)) / 1e-6;
                assert!((second - f64::from(out.1)).abs() < 1e-5, "{objective:?} {output}");
            }
        }
    }

    #[test]
    fn the_baseline_predicts_the_share_of_each_class_and_the_mean() {
        let binary = Target::new(Task::Binary, 2, vec![1.0, 0.0, 0.0, 0.0]);
        assert!((sigmoid(Objective::LogLoss.baseline(&binary)[0]) - 0.25).abs() < 1e-15);
        let several = Target::new(Task::Multiclass, 3, vec![0.0, 1.0, 1.0, 2.0]);
        let mut shares = Objective::MulticlassLogLoss.baseline(&several);
        assert!(shares.iter().sum::<f64>().abs() < 1e-15);
        softmax(&mut shares);
        assert!(shares.iter().zip([0.25, 0.5, 0.25]).all(|(a, b)| (a - b).abs() < 1e-15), "{shares:?}");
        let number = Target::new(Task::Regression, 0, vec![1.0, 2.0, 6.0]);
        assert_eq!(Objective::SquaredError.baseline(&number), [3.0]);
    }

    #[test]
    fn a_row_of_weight_two_counts_as_two_rows() {
        let twice = Target::new(Task::Regression, 0, vec![1.0, 1.0, 4.0]);
        let weighted = Target::new(Task::Regression, 0, vec![1.0, 4.0]).with_weights(vec![2.0, 1.0]);
        let objective = Objective::SquaredError;
        assert_eq!(objective.baseline(&twice), objective.baseline(&weighted));
        assert_eq!(objective.loss(&twice, &[0.5; 3]), objective.loss(&weighted, &[0.5; 2]));
        let mut out = [vec![(0.0, 0.0); 2]];
        objective.slopes(&weighted, &[0.5; 2], &mut out);
        assert_eq!(out, [vec![(-1.0, 2.0), (-3.5, 1.0)]]);
    }
}
