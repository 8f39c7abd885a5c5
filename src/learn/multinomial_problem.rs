//! The loss of multinomial logistic regression: the mean of −ln of the softmax share of a row's class, plus half the penalty times |w|².
//! The variables are the weights of the first class, its intercept last, then those of the second, and so on.
//!
//! As in `linear_problem`, sums run over chunks of a fixed size whose partial sums are added in order.

use crate::learn::linear_problem::{CHUNK, Design, summed};
use crate::learn::solver::{SmoothFunction, inner};
use crate::math::{exp, ln};

/// The loss over the rows of a design.
pub struct MultinomialProblem<'a> {
    /// The rows.
    pub design: &'a Design,
    /// The class of each row.
    pub labels: &'a [f64],
    /// How much each row counts, where they differ.
    pub weights: Option<&'a [f64]>,
    /// How many classes there are.
    pub classes: usize,
    /// 1 / (C·n), or 0 for none.
    pub penalty: f64,
}

impl MultinomialProblem<'_> {
    fn share(&self) -> f64 {
        let rows = self.labels.len() as f64;
        let all = self.weights.map_or(rows, |all| all.iter().fold(0.0, |sum, weight| sum + weight));
        if all > 0.0 { 1.0 / all } else { 0.0 }
    }

    /// Calls `work` with each row of a chunk: its values, its class, its weight and the share of each class. Returns the loss.
    fn each_row(&self, w: &[f64], chunk: usize, mut work: impl FnMut(&[f64], usize, f64, &[f64])) -> f64 {
        let width = self.design.width();
        let first = chunk * CHUNK;
        let last = (first + CHUNK).min(self.labels.len());
        let mut shares = vec![0.0; self.classes];
        let mut loss = 0.0;
        for i in first..last {
            let (row, class) = (self.design.row(i), self.labels[i] as usize);
            let weight = self.weights.map_or(1.0, |weights| weights[i]);
            for (share, w) in shares.iter_mut().zip(w.chunks_exact(width)) {
                *share = inner(row, w);
            }
            let largest = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let of_class = shares[class] - largest;
            let mut sum = 0.0;
            for share in &mut shares {
                *share = exp(*share - largest);
                sum += *share;
            }
            loss += weight * (ln(sum) - of_class);
            shares.iter_mut().for_each(|share| *share /= sum);
            work(row, class, weight, &shares);
        }
        loss
    }

    fn chunks(&self) -> usize {
        self.labels.len().div_ceil(CHUNK)
    }

    /// Whether a variable is penalised: intercepts are not.
    fn is_penalised(&self, variable: usize) -> bool {
        !self.design.is_intercept(variable)
    }
}

impl SmoothFunction for MultinomialProblem<'_> {
    fn variables(&self) -> usize {
        self.design.width() * self.classes
    }

    fn value(&self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let (width, share) = (self.design.width(), self.share());
        let of_chunk = |chunk: usize| {
            let mut sums = vec![0.0; w.len() + 1];
            let loss = self.each_row(w, chunk, |row, class, weight, shares| {
                for (k, (sums, share)) in sums.chunks_exact_mut(width).zip(shares).enumerate() {
                    let slope = weight * (share - f64::from(u8::from(k == class)));
                    sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += slope * x);
                }
            });
            if let Some(last) = sums.last_mut() {
                *last = loss;
            }
            sums
        };
        let sums = summed(self.chunks(), of_chunk);
        let mut value = sums.last().unwrap_or(&0.0) * share;
        for (at, (slope, sum)) in gradient.iter_mut().zip(&sums).enumerate() {
            let w = if self.is_penalised(at) { w[at] } else { 0.0 };
            *slope = sum * share + self.penalty * w;
            value += 0.5 * self.penalty * w * w;
        }
        value
    }

    fn hessian(&self, w: &[f64]) -> Vec<f64> {
        let (width, n, share) = (self.design.width(), w.len(), self.share());
        let of_chunk = |chunk: usize| {
            let mut sums = vec![0.0; n * n];
            self.each_row(w, chunk, |row, _, weight, shares| {
                for a in 0..self.classes {
                    for b in 0..=a {
                        let same = if a == b { shares[a] } else { 0.0 };
                        let factor = weight * (same - shares[a] * shares[b]);
                        for (i, x) in row.iter().enumerate() {
                            let place = (a * width + i) * n + b * width;
                            let line = &mut sums[place..place + width];
                            line.iter_mut().zip(row).for_each(|(sum, z)| *sum += factor * x * z);
                        }
                    }
                }
            });
            sums
        };
        let mut sums = summed(self.chunks(), of_chunk);
        sums.iter_mut().for_each(|sum| *sum *= share);
        for i in (0..n).filter(|i| self.is_penalised(*i)) {
            sums[i * n + i] += self.penalty;
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::matrix::{FeatureKind, Matrix};

    #[test]
    fn derivatives_match_differences() {
        let columns = vec![vec![0.3, -1.2, 2.0, 0.1, 0.7], vec![1.0, 0.5, -0.4, -2.0, 0.2]];
        let x = Matrix::new(vec!["a".into(), "b".into()], vec![FeatureKind::Numeric; 2], columns).unwrap();
        let (labels, weights) = ([1.0, 0.0, 2.0, 0.0, 2.0], [1.0, 2.0, 0.5, 1.5, 1.0]);
        for (intercept, weights) in [(true, None), (false, None), (true, Some(&weights[..]))] {
            let design = Design::new(&x, intercept);
            let problem = MultinomialProblem { design: &design, labels: &labels, weights, classes: 3, penalty: 0.3 };
            let n = problem.variables();
            let w: Vec<f64> = (0..n).map(|i| 0.3 * (i as f64 * 1.7).sin()).collect();
            let (mut here, mut there) = (vec![0.0; n], vec![0.0; n]);
            let value = problem.value(&w, &mut here);
            let hessian = problem.hessian(&w);
            for i in 0..n {
                let mut moved = w.clone();
                moved[i] += 1e-6;
                let other = problem.value(&moved, &mut there);
                assert!(((other - value) / 1e-6 - here[i]).abs() < 1e-5);
                for j in 0..=i {
                    assert!(((there[j] - here[j]) / 1e-6 - hessian[i * n + j]).abs() < 1e-5, "{i} {j}");
                }
            }
        }
    }
}
