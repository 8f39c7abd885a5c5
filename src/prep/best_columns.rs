//! Which columns are kept by their scores: the `k` best, or the best `percentile` percent, as scikit-learn's `SelectKBest` and
//! `SelectPercentile` choose. A score that is not defined is below all others.

use super::column_statistics::{quantile, sorted};
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;

/// How many columns are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum BestColumns {
    Count(usize),
    Percent(f64),
}

impl BestColumns {
    /// Reads `k` (10 by default) or `percentile`.
    pub(super) fn parse(reader: &ParamReader) -> Result<BestColumns> {
        if reader.raw("percentile").is_none() {
            return Ok(BestColumns::Count(reader.integer("k", 10, 1, usize::MAX)?));
        }
        if reader.raw("k").is_some() {
            return Err(Error::invalid("k beside percentile").hint("give one of the two"));
        }
        let percent = |x: f64| 0.0 < x && x <= 100.0;
        Ok(BestColumns::Percent(reader.number("percentile", 10.0, "a number above 0 and up to 100", percent)?))
    }

    /// Whether each column is kept.
    pub(super) fn keep(self, scores: &[f64]) -> Vec<bool> {
        let scores: Vec<f64> =
            scores.iter().map(|s| if s.is_nan() { f64::MIN } else { s.clamp(f64::MIN, f64::MAX) }).collect();
        let mut keep = vec![false; scores.len()];
        match self {
            BestColumns::Count(count) => {
                let mut order: Vec<usize> = (0..scores.len()).collect();
                // Stable, so of equal scores the last column is best, as there.
                order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
                order.iter().rev().take(count).for_each(|at| keep[*at] = true);
            }
            BestColumns::Percent(percent) if percent < 100.0 => {
                let limit = quantile(&sorted(&scores), (100.0 - percent) / 100.0);
                keep.iter_mut().zip(&scores).for_each(|(keep, score)| *keep = *score > limit);
                let most = (scores.len() as f64 * percent / 100.0) as usize;
                let mut left = most.saturating_sub(keep.iter().filter(|keep| **keep).count());
                for (keep, _) in keep.iter_mut().zip(&scores).filter(|(_, score)| **score == limit) {
                    if left > 0 {
                        (*keep, left) = (true, left - 1);
                    }
                }
            }
            BestColumns::Percent(_) => keep.fill(true),
        }
        keep
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_kept_and_undefined_scores_last() {
        let scores = [1.0, f64::NAN, 3.0, f64::INFINITY, 1.0];
        assert_eq!(BestColumns::Count(3).keep(&scores), [false, false, true, true, true]);
        assert_eq!(BestColumns::Percent(40.0).keep(&scores), [false, false, true, true, false]);
        assert_eq!(BestColumns::Percent(100.0).keep(&scores), [true; 5]);
        assert_eq!(BestColumns::Count(9).keep(&scores), [true; 5]);
    }
}
