//! What the linear models share while they are fitted: the design matrix and the penalised loss.
//!
//! The function minimised is scikit-learn's divided by C and the sum of the weights, n without any: the mean loss plus |w|² / (2·C·n),
//! the intercept left out of the penalty. Sums run over chunks of a fixed size whose partial sums are added in order, so threads change no bit.

use crate::error::Result;
use crate::learn::matrix::Matrix;
use crate::learn::solver::{NEWTON_VARIABLES, SmoothFunction, Stop, inner, minimise};
use crate::math::{exp, ln};
use crate::progress::Progress;
use rayon::prelude::*;

/// Rows of which the factors are multiplied: each is 2 at most, and the largest number is just below 2¹⁰²⁴.
const FACTORS: usize = 512;
/// Rows that are summed together.
pub(super) const CHUNK: usize = 2048;

/// The rows of a matrix, row-major, a column of ones behind them where there is an intercept.
pub struct Design {
    values: Vec<f64>,
    width: usize,
    rows: usize,
    intercept: bool,
}

impl Design {
    /// The design of `x`, which has at least one row and column.
    pub fn new(x: &Matrix, intercept: bool) -> Design {
        let width = x.columns() + usize::from(intercept);
        let mut values = vec![1.0; x.rows() * width];
        values.par_chunks_mut(CHUNK * width).enumerate().for_each(|(chunk, block)| {
            for j in 0..x.columns() {
                let column = &x.column(j)[chunk * CHUNK..];
                for (row, value) in block.chunks_exact_mut(width).zip(column) {
                    row[j] = *value;
                }
            }
        });
        Design { values, width, rows: x.rows(), intercept }
    }

    /// The design of `x` without an intercept, each column less its centre.
    pub fn centred(x: &Matrix, centres: &[f64]) -> Design {
        let mut design = Design::new(x, false);
        let width = design.width.max(1);
        design.values.par_chunks_mut(CHUNK * width).for_each(|block| {
            for row in block.chunks_exact_mut(width) {
                row.iter_mut().zip(centres).for_each(|(value, centre)| *value -= centre);
            }
        });
        design
    }

    /// Numbers of a row, the one for the intercept among them.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether a variable is an intercept, the variables of one output following those of another.
    pub fn is_intercept(&self, variable: usize) -> bool {
        self.intercept && variable % self.width + 1 == self.width
    }

    /// The design of these rows only.
    pub fn select(&self, rows: &[usize]) -> Design {
        let mut values = Vec::with_capacity(rows.len() * self.width);
        rows.iter().for_each(|&i| values.extend_from_slice(self.row(i)));
        Design { values, width: self.width, rows: rows.len(), intercept: self.intercept }
    }

    /// Row `i`, the one for the intercept last.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.width..(i + 1) * self.width]
    }

    /// Splits solved variables into weights and intercept.
    pub fn weights(&self, mut solution: Vec<f64>) -> (Vec<f64>, f64) {
        let intercept = if self.intercept { solution.pop().unwrap_or(0.0) } else { 0.0 };
        (solution, intercept)
    }
}

/// A loss of a decision d and a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// ln(1 + e⁻ᵐ) of the margin m, the decision times the label as ±1: logistic regression.
    Logistic,
    /// max(0, 1 − m)²: the linear support vector machine.
    SquaredHinge,
    /// ½(d − y)²: linear regression.
    Squared,
    /// eᵈ − y·d: Poisson regression.
    Poisson,
}

impl Loss {
    /// Of a decision the slope, and the value as two parts: it is the first plus the logarithm of the second, which is 1 to 2. So the
    /// logarithm of many rows' product is taken once.
    fn slope(self, d: f64, y: f64) -> (f64, (f64, f64)) {
        let sign = 2.0 * y - 1.0;
        match self {
            Loss::Logistic => {
                let m = sign * d;
                let e = exp(-m.abs());
                let slope = if m >= 0.0 { -e / (1.0 + e) } else { -1.0 / (1.0 + e) };
                (sign * slope, ((-m).max(0.0), 1.0 + e))
            }
            Loss::SquaredHinge => {
                let short = (1.0 - sign * d).max(0.0);
                (sign * -2.0 * short, (short * short, 1.0))
            }
            Loss::Squared => (d - y, (0.5 * (d - y) * (d - y), 1.0)),
            Loss::Poisson => {
                let rate = exp(d);
                (rate - y, (rate - y * d, 1.0))
            }
        }
    }

    /// Second derivative at a decision.
    fn curvature(self, d: f64, y: f64) -> f64 {
        match self {
            Loss::Logistic => {
                let e = exp(-d.abs());
                e / ((1.0 + e) * (1.0 + e))
            }
            Loss::SquaredHinge => f64::from(u8::from((2.0 * y - 1.0) * d < 1.0)) * 2.0,
            Loss::Squared => 1.0,
            Loss::Poisson => exp(d),
        }
    }
}

/// The mean loss of a linear decision plus half the penalty times |w|².
#[derive(Clone, Copy)]
pub struct Problem<'a> {
    /// The loss of each row.
    pub loss: Loss,
    /// The rows.
    pub design: &'a Design,
    /// The labels, one a row: 0 or 1, or numbers.
    pub labels: &'a [f64],
    /// How much each row counts, where they differ.
    pub weights: Option<&'a [f64]>,
    /// 1 / (C·n), or 0 for none.
    pub penalty: f64,
}

/// From this many rows on a sample of them is solved first.
const MANY: usize = 16_384;
/// One row in so many is in the sample.
const STRIDE: usize = 16;
/// Iterations on the sample at most: it is a start, not an answer.
const ROUGH: usize = 10;

impl Problem<'_> {
    /// The minimiser. With many rows the search begins at that of an evenly spaced sample, a few steps of a sixteenth of
    /// the price, from where the whole is a few steps away; the sample's second derivatives do for those.
    pub fn solve(&self, stop: Stop, progress: &Progress) -> Result<Vec<f64>> {
        let zero = self.start();
        if self.design.rows < MANY || matches!(self.loss, Loss::Squared | Loss::Poisson) {
            return minimise(self, zero, None, stop, progress);
        }
        let (start, near) = self.rough(zero, stop, progress)?;
        minimise(self, start, near, stop, progress)
    }

    /// Where to begin: at the sample's minimiser, with the sample's second derivatives there, or at zero if that has the lower loss on
    /// all rows.
    fn rough(&self, zero: Vec<f64>, stop: Stop, progress: &Progress) -> Result<(Vec<f64>, Option<Vec<f64>>)> {
        let sample: Vec<usize> = (0..self.design.rows).step_by(STRIDE).collect();
        let labels: Vec<f64> = sample.iter().filter_map(|&i| self.labels.get(i).copied()).collect();
        let design = self.design.select(&sample);
        let weights = self.weights.map(|all| sample.iter().filter_map(|&i| all.get(i).copied()).collect::<Vec<f64>>());
        let problem = Problem { design: &design, labels: &labels, weights: weights.as_deref(), ..*self };
        let stop = Stop { iterations: stop.iterations.min(ROUGH), ..stop };
        let found = minimise(&problem, zero.clone(), None, stop, progress)?;
        // At zero every margin is zero, and the loss the same whatever the label.
        let (_, (plain, factor)) = self.loss.slope(0.0, 1.0);
        let at_zero = plain + ln(factor);
        let better = self.value(&found, &mut zero.clone()) < at_zero;
        let near = (better && self.design.width <= NEWTON_VARIABLES).then(|| problem.hessian(&found));
        Ok((if better { found } else { zero }, near))
    }

    /// Where to begin without knowing better: at zero, or of rates at the mean of all.
    fn start(&self) -> Vec<f64> {
        let mut start = vec![0.0; self.design.width];
        if let (Loss::Poisson, true, Some(last)) = (self.loss, self.design.intercept, start.last_mut()) {
            let weight = |row: usize| self.weights.map_or(1.0, |weights| weights[row]);
            let sum = self.labels.iter().enumerate().fold(0.0, |sum, (row, y)| sum + weight(row) * y);
            let mean = sum * self.share();
            *last = if mean > 0.0 { ln(mean) } else { 0.0 };
        }
        start
    }

    /// 1 over the sum of the weights.
    fn share(&self) -> f64 {
        let all = self.weights.map_or(self.design.rows as f64, |all| all.iter().fold(0.0, |sum, weight| sum + weight));
        if all > 0.0 { 1.0 / all } else { 0.0 }
    }

    /// How many chunks of rows there are.
    fn chunks(&self) -> usize {
        self.design.rows.div_ceil(CHUNK)
    }

    /// A chunk of rows with its labels and weights.
    fn chunk(&self, at: usize) -> Chunk<'_> {
        let rows = at * CHUNK..((at + 1) * CHUNK).min(self.design.rows);
        let values = &self.design.values[rows.start * self.design.width..rows.end * self.design.width];
        let weights = self.weights.map(|all| &all[rows.clone()]);
        Chunk { values, labels: &self.labels[rows], weights }
    }

    /// How many of the variables are penalised.
    fn penalised(&self) -> usize {
        self.design.width - usize::from(self.design.intercept)
    }

    /// Value and gradient of a chunk, not yet divided by the rows; the value comes last.
    fn chunk_gradient(&self, w: &[f64], chunk: &Chunk) -> Vec<f64> {
        let width = self.design.width;
        let mut sums = vec![0.0; width + 1];
        if let Some(weights) = chunk.weights {
            for ((row, label), weight) in chunk.values.chunks_exact(width).zip(chunk.labels).zip(weights) {
                let (slope, (plain, factor)) = self.loss.slope(inner(row, w), *label);
                sums[width] += weight * (plain + ln(factor));
                let slope = slope * weight;
                sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += slope * x);
            }
            return sums;
        }
        for (rows, labels) in chunk.values.chunks(FACTORS * width).zip(chunk.labels.chunks(FACTORS)) {
            let mut product = 1.0;
            for (row, label) in rows.chunks_exact(width).zip(labels) {
                let (slope, (plain, factor)) = self.loss.slope(inner(row, w), *label);
                sums[width] += plain;
                product *= factor;
                for (sum, x) in sums.iter_mut().zip(row) {
                    *sum += slope * x;
                }
            }
            sums[width] += ln(product);
        }
        sums
    }

    /// Lower triangle of the second derivatives of a chunk: four rows at a time, so sums are loaded once for four.
    fn chunk_hessian(&self, w: &[f64], chunk: &Chunk) -> Vec<f64> {
        let width = self.design.width;
        let mut sums = vec![0.0; width * width];
        for (at, (rows, labels)) in chunk.values.chunks(4 * width).zip(chunk.labels.chunks(4)).enumerate() {
            let mut four: [&[f64]; 4] = [&[]; 4];
            let mut curvatures = [0.0; 4];
            for (k, (row, label)) in rows.chunks_exact(width).zip(labels).enumerate() {
                let weight = chunk.weights.map_or(1.0, |weights| weights[4 * at + k]);
                four[k] = row;
                curvatures[k] = weight * self.loss.curvature(inner(row, w), *label);
            }
            add_outer(&mut sums, width, four, curvatures);
        }
        sums
    }
}

/// Rows that are summed together.
struct Chunk<'a> {
    values: &'a [f64],
    labels: &'a [f64],
    weights: Option<&'a [f64]>,
}

/// Adds Σ weight·row·rowᵀ of up to four rows (missing ones are empty) to the lower triangle of `sums`.
fn add_outer(sums: &mut [f64], width: usize, rows: [&[f64]; 4], weights: [f64; 4]) {
    if rows.iter().all(|row| row.len() == width) {
        let [a, b, c, d] = rows;
        for i in 0..width {
            let f = [weights[0] * a[i], weights[1] * b[i], weights[2] * c[i], weights[3] * d[i]];
            let (a, b, c, d) = (&a[..=i], &b[..=i], &c[..=i], &d[..=i]);
            for (j, sum) in sums[i * width..=i * width + i].iter_mut().enumerate() {
                *sum += (f[0] * a[j] + f[1] * b[j]) + (f[2] * c[j] + f[3] * d[j]);
            }
        }
    } else {
        for (row, weight) in rows.iter().zip(weights).filter(|(row, _)| !row.is_empty()) {
            for i in 0..width {
                for (j, x) in row[..=i].iter().enumerate() {
                    sums[i * width + j] += weight * row[i] * x;
                }
            }
        }
    }
}

/// Partial sums that are held at once.
const HELD: usize = 16;

/// The element-wise sum of what `partial` gives for each of `count` chunks, added in their order.
pub(super) fn summed(count: usize, partial: impl Fn(usize) -> Vec<f64> + Sync) -> Vec<f64> {
    let mut sum: Vec<f64> = Vec::new();
    for first in (0..count).step_by(HELD) {
        let held: Vec<Vec<f64>> = (first..(first + HELD).min(count)).into_par_iter().map(&partial).collect();
        for part in held {
            if sum.is_empty() {
                sum = part;
            } else {
                sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            }
        }
    }
    sum
}

impl SmoothFunction for Problem<'_> {
    fn variables(&self) -> usize {
        self.design.width
    }

    fn is_quadratic(&self) -> bool {
        self.loss == Loss::Squared
    }

    fn value(&self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let sums = summed(self.chunks(), |at| self.chunk_gradient(w, &self.chunk(at)));
        let share = self.share();
        for (slope, sum) in gradient.iter_mut().zip(&sums) {
            *slope = sum * share;
        }
        let penalised = &w[..self.penalised()];
        for (slope, w) in gradient.iter_mut().zip(penalised) {
            *slope += self.penalty * w;
        }
        sums.last().unwrap_or(&0.0) * share + 0.5 * self.penalty * inner(penalised, penalised)
    }

    fn hessian(&self, w: &[f64]) -> Vec<f64> {
        let mut sums = summed(self.chunks(), |at| self.chunk_hessian(w, &self.chunk(at)));
        let share = self.share();
        sums.iter_mut().for_each(|sum| *sum *= share);
        for i in 0..self.penalised() {
            sums[i * self.design.width + i] += self.penalty;
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::matrix::FeatureKind;

    #[test]
    fn derivatives_match_differences() {
        let columns = vec![vec![0.3, -1.2, 2.0, 0.1, 0.7], vec![1.0, 0.5, -0.4, -2.0, 0.2]];
        let x = Matrix::new(vec!["a".into(), "b".into()], vec![FeatureKind::Numeric; 2], columns).unwrap();
        let design = Design::new(&x, true);
        let labels = [1.0, 0.0, 1.0, 0.0, 0.0];
        let weights = [1.0, 2.0, 0.5, 1.5, 0.0];
        let every = [Loss::Logistic, Loss::SquaredHinge, Loss::Squared, Loss::Poisson];
        for (loss, weights) in every.into_iter().flat_map(|loss| [(loss, None), (loss, Some(&weights[..]))]) {
            let problem = Problem { loss, design: &design, labels: &labels, weights, penalty: 0.3 };
            let w = [0.2, -0.5, 0.1];
            let (mut here, mut there) = (vec![0.0; 3], vec![0.0; 3]);
            let value = problem.value(&w, &mut here);
            let hessian = problem.hessian(&w);
            for i in 0..3 {
                let mut moved = w;
                moved[i] += 1e-6;
                let other = problem.value(&moved, &mut there);
                assert!(((other - value) / 1e-6 - here[i]).abs() < 1e-5);
                for j in 0..=i {
                    assert!(((there[j] - here[j]) / 1e-6 - hessian[i * 3 + j]).abs() < 1e-5, "{loss:?} {i} {j}");
                }
            }
        }
    }

    #[test]
    fn a_start_from_a_sample_ends_at_the_minimum_also_when_the_sample_misleads() {
        let rows = MANY + 5;
        let wave = |i: usize, step: f64| (i as f64 * step).sin();
        let columns = vec![(0..rows).map(|i| wave(i, 1.3)).collect(), (0..rows).map(|i| wave(i, 0.7)).collect()];
        let x = Matrix::new(vec!["a".into(), "b".into()], vec![FeatureKind::Numeric; 2], columns).unwrap();
        let design = Design::new(&x, true);
        let fair = |i: usize| f64::from(u8::from(wave(i, 1.3) + wave(i, 2.9) > 0.2));
        // The sample sees positives only.
        let unfair = |i: usize| if i.is_multiple_of(STRIDE) { 1.0 } else { 1.0 - fair(i) };
        for labels in [(0..rows).map(fair).collect::<Vec<_>>(), (0..rows).map(unfair).collect()] {
            for loss in [Loss::Logistic, Loss::SquaredHinge] {
                let problem =
                    Problem { loss, design: &design, labels: &labels, weights: None, penalty: 1.0 / rows as f64 };
                let stop = Stop { tolerance: 1e-6, iterations: 100 };
                let w = problem.solve(stop, &crate::progress::Progress::quiet()).unwrap();
                let mut slopes = vec![0.0; 3];
                problem.value(&w, &mut slopes);
                assert!(slopes.iter().all(|s| s.abs() <= 1e-6), "{loss:?}: {slopes:?}");
            }
        }
    }
}
