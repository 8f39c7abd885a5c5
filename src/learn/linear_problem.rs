//! What the linear models share while they are fitted: the design matrix and the penalised loss.
//!
//! The function minimised is scikit-learn's divided by C·n: the mean loss plus |w|² / (2·C·n), the intercept left out of
//! the penalty. Sums run over chunks of a fixed size whose partial sums are added in order, so threads change no bit.

use crate::error::Result;
use crate::learn::matrix::Matrix;
use crate::learn::solver::{NEWTON_VARIABLES, SmoothFunction, Stop, inner, minimise};
use crate::math::{exp, ln};
use crate::progress::Progress;
use rayon::prelude::*;

/// Rows of which the factors are multiplied: each is 2 at most, and the largest number is just below 2¹⁰²⁴.
const FACTORS: usize = 512;
/// Rows that are summed together.
const CHUNK: usize = 2048;

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

/// A loss of the margin m, the decision times the label as ±1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// ln(1 + e⁻ᵐ): logistic regression.
    Logistic,
    /// max(0, 1 − m)²: the linear support vector machine.
    SquaredHinge,
}

impl Loss {
    /// At margin `m` the slope, and the value as two parts: it is the first plus the logarithm of the second, which is 1 to 2. So the
    /// logarithm of many rows' product is taken once.
    fn slope(self, m: f64) -> (f64, (f64, f64)) {
        match self {
            Loss::Logistic => {
                let e = exp(-m.abs());
                let slope = if m >= 0.0 { -e / (1.0 + e) } else { -1.0 / (1.0 + e) };
                (slope, ((-m).max(0.0), 1.0 + e))
            }
            Loss::SquaredHinge => {
                let short = (1.0 - m).max(0.0);
                (-2.0 * short, (short * short, 1.0))
            }
        }
    }

    /// Second derivative at margin `m`.
    fn curvature(self, m: f64) -> f64 {
        match self {
            Loss::Logistic => {
                let e = exp(-m.abs());
                e / ((1.0 + e) * (1.0 + e))
            }
            Loss::SquaredHinge => f64::from(u8::from(m < 1.0)) * 2.0,
        }
    }
}

/// The mean loss of a linear decision plus half the penalty times |w|².
pub struct Problem<'a> {
    /// The loss of each row.
    pub loss: Loss,
    /// The rows.
    pub design: &'a Design,
    /// The labels, 0 or 1, one a row.
    pub labels: &'a [f64],
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
        let zero = vec![0.0; self.design.width];
        if self.design.rows < MANY {
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
        let problem = Problem { design: &design, labels: &labels, ..*self };
        let stop = Stop { iterations: stop.iterations.min(ROUGH), ..stop };
        let found = minimise(&problem, zero.clone(), None, stop, progress)?;
        // At zero every margin is zero.
        let (_, (plain, factor)) = self.loss.slope(0.0);
        let at_zero = plain + ln(factor);
        let better = self.value(&found, &mut zero.clone()) < at_zero;
        let near = (better && self.design.width <= NEWTON_VARIABLES).then(|| problem.hessian(&found));
        Ok((if better { found } else { zero }, near))
    }

    /// Chunks of rows, each with its labels as ±1.
    fn chunks(&self) -> impl IndexedParallelIterator<Item = (&[f64], &[f64])> {
        self.design.values.par_chunks(CHUNK * self.design.width).zip(self.labels.par_chunks(CHUNK))
    }

    /// How many of the variables are penalised.
    fn penalised(&self) -> usize {
        self.design.width - usize::from(self.design.intercept)
    }

    /// Value and gradient of a chunk, not yet divided by the rows; the value comes last.
    fn chunk_gradient(&self, w: &[f64], values: &[f64], labels: &[f64]) -> Vec<f64> {
        let width = self.design.width;
        let mut sums = vec![0.0; width + 1];
        for (rows, labels) in values.chunks(FACTORS * width).zip(labels.chunks(FACTORS)) {
            let mut product = 1.0;
            for (row, label) in rows.chunks_exact(width).zip(labels) {
                let sign = 2.0 * label - 1.0;
                let (slope, (plain, factor)) = self.loss.slope(sign * inner(row, w));
                sums[width] += plain;
                product *= factor;
                let slope = slope * sign;
                for (sum, x) in sums.iter_mut().zip(row) {
                    *sum += slope * x;
                }
            }
            sums[width] += ln(product);
        }
        sums
    }

    /// Lower triangle of the second derivatives of a chunk: four rows at a time, so sums are loaded once for four.
    fn chunk_hessian(&self, w: &[f64], values: &[f64], labels: &[f64]) -> Vec<f64> {
        let width = self.design.width;
        let mut sums = vec![0.0; width * width];
        for (rows, labels) in values.chunks(4 * width).zip(labels.chunks(4)) {
            let mut four: [&[f64]; 4] = [&[]; 4];
            let mut weights = [0.0; 4];
            for (k, (row, label)) in rows.chunks_exact(width).zip(labels).enumerate() {
                four[k] = row;
                weights[k] = self.loss.curvature((2.0 * label - 1.0) * inner(row, w));
            }
            add_outer(&mut sums, width, four, weights);
        }
        sums
    }
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

/// The element-wise sum of the partial sums, in order.
fn total(partials: Vec<Vec<f64>>) -> Vec<f64> {
    let mut partials = partials.into_iter();
    let mut sum = partials.next().unwrap_or_default();
    for partial in partials {
        for (sum, part) in sum.iter_mut().zip(partial) {
            *sum += part;
        }
    }
    sum
}

impl SmoothFunction for Problem<'_> {
    fn variables(&self) -> usize {
        self.design.width
    }

    fn value(&self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let sums = total(self.chunks().map(|(rows, labels)| self.chunk_gradient(w, rows, labels)).collect());
        let share = 1.0 / self.design.rows as f64;
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
        let mut sums = total(self.chunks().map(|(rows, labels)| self.chunk_hessian(w, rows, labels)).collect());
        let share = 1.0 / self.design.rows as f64;
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
        for loss in [Loss::Logistic, Loss::SquaredHinge] {
            let problem = Problem { loss, design: &design, labels: &labels, penalty: 0.3 };
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
                let problem = Problem { loss, design: &design, labels: &labels, penalty: 1.0 / rows as f64 };
                let stop = Stop { tolerance: 1e-6, iterations: 100 };
                let w = problem.solve(stop, &crate::progress::Progress::quiet()).unwrap();
                let mut slopes = vec![0.0; 3];
                problem.value(&w, &mut slopes);
                assert!(slopes.iter().all(|s| s.abs() <= 1e-6), "{loss:?}: {slopes:?}");
            }
        }
    }
}
