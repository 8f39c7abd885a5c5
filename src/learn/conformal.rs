//! Conformal prediction (Vovk and others 2005; "split"): how far from a prediction the truth lies, with a stated probability, whatever the
//! model is worth, as long as new rows are like the rows by which it is measured.
//!
//! Of rows that the model did not see, the score is the error's size for numbers, and 1 − the probability of the true class for classes. The
//! margin is the ⌈(n + 1)·coverage⌉-th smallest score. A number lies within the margin of its prediction; a class is in the set if its
//! probability is at least 1 − margin.

use crate::error::{Error, Result};
use crate::learn::task::{Predictions, Target, Task};

/// What binary digits add to a product or quotient that is meant whole.
const ROUNDING: f64 = 1e-9;

/// The margin for this coverage, between 0 and 1. Errors: too few rows for it.
pub fn margin(coverage: f64, predicted: &Predictions, target: &Target) -> Result<f64> {
    let each = predicted.iter().zip(target.values());
    let mut scores: Vec<f64> = each.map(|(numbers, label)| score(target.task(), numbers, *label)).collect();
    scores.sort_unstable_by(f64::total_cmp);
    // 0.55 · 100 is not 55 in binary, but meant so.
    let rank = ((scores.len() + 1) as f64 * coverage - ROUNDING).ceil() as usize;
    let found = rank.checked_sub(1).and_then(|at| scores.get(at)).copied();
    found.filter(|margin| margin.is_finite()).ok_or_else(|| {
        let needed = (coverage / (1.0 - coverage) - ROUNDING).ceil();
        Error::invalid(format!("{} rows are too few for a coverage of {coverage}", scores.len())).hint(format!(
            "it takes {needed} rows that the model did not see: a smaller coverage, cv, or a larger validation part"
        ))
    })
}

/// How far the truth lies from what the model says.
fn score(task: Task, numbers: &[f64], label: f64) -> f64 {
    let first = numbers.first().copied().unwrap_or(f64::NAN);
    match task {
        Task::Regression => (label - first).abs(),
        Task::Binary => 1.0 - if label == 1.0 { first } else { 1.0 - first },
        Task::Multiclass => 1.0 - numbers.get(label as usize).copied().unwrap_or(0.0),
    }
}

/// Whether the truth is within the margin.
pub fn covers(margin: f64, task: Task, numbers: &[f64], label: f64) -> bool {
    score(task, numbers, label) <= margin
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random::stream;

    #[test]
    fn the_margin_is_the_score_of_the_right_rank() {
        let predicted = Predictions::new(1, vec![0.0; 9]);
        let target = Target::new(Task::Regression, 0, vec![1.0, -2.0, 3.0, 4.0, -5.0, 6.0, 7.0, 8.0, 9.0]);
        assert_eq!(margin(0.8, &predicted, &target).unwrap(), 8.0);
        assert_eq!(margin(0.9, &predicted, &target).unwrap(), 9.0);
        let many = Predictions::new(1, vec![0.0; 99]);
        let numbers = Target::new(Task::Regression, 0, (1..100).map(f64::from).collect());
        assert_eq!(margin(0.55, &many, &numbers).unwrap(), 55.0, "0.55 · 100 is a little more than 55 in binary");
        let refused = margin(0.95, &predicted, &target).unwrap_err();
        assert!(refused.message().contains("9 rows are too few") && refused.hint_text().unwrap().contains("19 rows"));
    }

    /// Over 200 draws the share that is covered follows its beta distribution: its mean is k/(n + 1), k the rank of the margin.
    #[test]
    fn coverage_is_what_it_says_over_many_draws() {
        let (rows, unseen, coverage) = (199, 500, 0.9);
        for task in [Task::Regression, Task::Binary] {
            let mut shares = Vec::new();
            for seed in 0..200 {
                let mut random = stream(seed, "conformal", 0);
                let mut draw = |count: usize| {
                    let numbers: Vec<f64> = (0..count).map(|_| random.uniform()).collect();
                    let labels = numbers.iter().map(|p| match task {
                        Task::Regression => p + 2.0 * random.normal(),
                        _ => f64::from(u8::from(random.uniform() < *p)),
                    });
                    let labels = labels.collect();
                    (Predictions::new(1, numbers), Target::new(task, if task == Task::Binary { 2 } else { 0 }, labels))
                };
                let (seen, known) = draw(rows);
                let margin = margin(coverage, &seen, &known).unwrap();
                let (predicted, truth) = draw(unseen);
                let hits = predicted.iter().zip(truth.values()).filter(|(n, y)| covers(margin, task, n, **y)).count();
                shares.push(hits as f64 / unseen as f64);
            }
            let mean = shares.iter().sum::<f64>() / 200.0;
            // 180 of 200: the standard deviation of a draw is about 0.025, of their mean 0.0018.
            assert!((mean - 0.9).abs() < 0.006, "{task:?}: {mean}");
            assert!(shares.iter().all(|share| *share > 0.8), "{task:?}");
        }
    }
}
