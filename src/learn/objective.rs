//! What boosting minimises: where it starts, the derivatives it follows and the loss it is judged by.
//!
//! One variant now, for two classes; regression and several classes are further variants. Log loss with the derivatives
//! of Friedman (2001): gradient p − y, second derivative p(1 − p), p the sigmoid of the score.

use crate::learn::ensemble::Output;
use crate::learn::linear::sigmoid;
use rayon::prelude::*;

/// Rows whose derivatives are made together.
const CHUNK: usize = 8192;

/// A loss of labels and scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// −y·ln p − (1 − y)·ln(1 − p) for labels 0 and 1.
    LogLoss,
}

impl Objective {
    /// How scores become predictions.
    pub fn output(self) -> Output {
        match self {
            Objective::LogLoss => Output::Sigmoid,
        }
    }

    /// The best score that is the same for all rows; the labels are not all equal.
    pub fn baseline(self, labels: impl ExactSizeIterator<Item = f64>) -> f64 {
        match self {
            Objective::LogLoss => {
                let rows = labels.len() as f64;
                let positives: f64 = labels.sum();
                (positives / (rows - positives)).ln()
            }
        }
    }

    /// First and second derivative of the loss by the score, for each row.
    pub fn slopes(self, labels: &[f64], scores: &[f64], out: &mut [(f32, f32)]) {
        let chunks = out.par_chunks_mut(CHUNK).zip(labels.par_chunks(CHUNK)).zip(scores.par_chunks(CHUNK));
        match self {
            Objective::LogLoss => chunks.for_each(|((out, labels), scores)| {
                for ((out, label), score) in out.iter_mut().zip(labels).zip(scores) {
                    let p = sigmoid(*score);
                    *out = ((p - label) as f32, (p * (1.0 - p)) as f32);
                }
            }),
        }
    }

    /// The mean loss.
    pub fn loss(self, labels: &[f64], scores: &[f64]) -> f64 {
        let sum: f64 = match self {
            Objective::LogLoss => {
                let loss = |(y, s): (&f64, &f64)| s.max(0.0) - s * y + (-s.abs()).exp().ln_1p();
                labels.iter().zip(scores).map(loss).sum()
            }
        };
        sum / labels.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_match_differences_of_the_loss() {
        for (label, score) in [(0.0, 0.3), (1.0, -1.2), (1.0, 2.0)] {
            let mut out = [(0.0, 0.0)];
            Objective::LogLoss.slopes(&[label], &[score], &mut out);
            let loss = |score: f64| Objective::LogLoss.loss(&[label], &[score]);
            assert!(((loss(score + 1e-5) - loss(score - 1e-5)) / 2e-5 - f64::from(out[0].0)).abs() < 1e-6);
            let second = (loss(score + 1e-3) - 2.0 * loss(score) + loss(score - 1e-3)) / 1e-6;
            assert!((second - f64::from(out[0].1)).abs() < 1e-5);
        }
    }

    #[test]
    fn the_baseline_is_the_log_odds() {
        let baseline = Objective::LogLoss.baseline([1.0, 0.0, 0.0, 0.0].into_iter());
        assert!((sigmoid(baseline) - 0.25).abs() < 1e-15);
    }
}
