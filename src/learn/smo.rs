//! Sequential minimal optimisation (Platt 1998) with second-order choice of the pair (Fan, Chen and Lin 2005), as LIBSVM does it: the
//! quadratic problem behind support vector machines.
//!
//! Minimises ½·Σ yᵢyⱼαᵢαⱼK(i, j) + Σ pᵢαᵢ over 0 ≤ αᵢ ≤ Cᵢ with Σ yᵢαᵢ = 0. Each step changes the pair of variables that promises most; it
//! ends when no pair violates the optimality conditions by more than the tolerance. Rows of the kernel are computed when they are first
//! needed and kept while there is room. Every entry is computed by itself, so threads change nothing.

use crate::error::Result;
use crate::progress::Progress;
use std::collections::HashMap;

/// Bytes of kernel rows that are kept at most.
const KEPT: usize = 512 << 20;
/// Steps between two looks whether to stop.
const CHECK: usize = 256;
/// The least curvature of a pair, where the kernel has none.
const LEAST_CURVATURE: f64 = 1e-12;

/// A problem; variables beyond the number of rows are those of the same rows once more (regression has two a row).
pub(super) struct DualProblem<'a> {
    /// Rows of the kernel.
    pub rows: usize,
    /// 1 or −1 of each variable.
    pub signs: &'a [f64],
    /// The linear term of each variable.
    pub linear: &'a [f64],
    /// The largest value of each variable.
    pub most: &'a [f64],
    /// K(i, ·) for all rows.
    pub kernel_row: &'a (dyn Fn(usize) -> Vec<f32> + Sync),
    /// K(i, i) of each row.
    pub diagonal: &'a [f64],
    /// Conditions may be violated by this much.
    pub tolerance: f64,
    /// Steps at most.
    pub iterations: usize,
}

/// What was found.
pub(super) struct DualSolution {
    /// The variables.
    pub alphas: Vec<f64>,
    /// What is added to every decision.
    pub intercept: f64,
}

/// Kernel rows that were computed, the least used dropped first.
struct RowCache<'a> {
    compute: &'a (dyn Fn(usize) -> Vec<f32> + Sync),
    rows: HashMap<usize, (Vec<f32>, u64)>,
    most: usize,
    clock: u64,
}

impl RowCache<'_> {
    /// Takes the row out; `put` gives it back.
    fn take(&mut self, row: usize) -> Vec<f32> {
        match self.rows.remove(&row) {
            Some((values, _)) => values,
            None => (self.compute)(row),
        }
    }

    fn put(&mut self, row: usize, values: Vec<f32>) {
        if self.rows.len() >= self.most {
            let oldest = self.rows.iter().min_by_key(|(_, (_, used))| *used).map(|(row, _)| *row);
            oldest.and_then(|oldest| self.rows.remove(&oldest));
        }
        self.clock += 1;
        self.rows.insert(row, (values, self.clock));
    }
}

impl DualProblem<'_> {
    /// Solves it, from all variables at 0.
    pub(super) fn solve(&self, progress: &Progress) -> Result<DualSolution> {
        let count = self.signs.len();
        let mut alphas = vec![0.0; count];
        let mut gradient = self.linear.to_vec();
        let most = (KEPT / (4 * self.rows.max(1))).max(2);
        let mut cache = RowCache { compute: self.kernel_row, rows: HashMap::new(), most, clock: 0 };
        for step in 0..self.iterations {
            if step % CHECK == 0 {
                progress.check()?;
            }
            let Some(first) = self.first(&alphas, &gradient) else { break };
            // Beyond the largest number nothing can be told apart any more; the model's numbers say so.
            if !gradient[first].is_finite() {
                return Ok(DualSolution { alphas, intercept: f64::NAN });
            }
            let row = cache.take(first % self.rows);
            let second = self.second(first, &row, &alphas, &gradient);
            let Some(second) = second else {
                cache.put(first % self.rows, row);
                break;
            };
            let same = first % self.rows == second % self.rows;
            let other = if same { row.clone() } else { cache.take(second % self.rows) };
            self.step(first, second, [&row, &other], &mut alphas, &mut gradient);
            cache.put(first % self.rows, row);
            if !same {
                cache.put(second % self.rows, other);
            }
        }
        let intercept = self.intercept(&alphas, &gradient);
        Ok(DualSolution { alphas, intercept })
    }

    fn may_rise(&self, at: usize, alphas: &[f64]) -> bool {
        if self.signs[at] > 0.0 { alphas[at] < self.most[at] } else { alphas[at] > 0.0 }
    }

    fn may_fall(&self, at: usize, alphas: &[f64]) -> bool {
        if self.signs[at] > 0.0 { alphas[at] > 0.0 } else { alphas[at] < self.most[at] }
    }

    /// The variable that violates its condition most on the one side.
    fn first(&self, alphas: &[f64], gradient: &[f64]) -> Option<usize> {
        let mut best = (f64::NEG_INFINITY, None);
        for (at, slope) in gradient.iter().enumerate() {
            let violation = -self.signs[at] * slope;
            if violation.is_nan() {
                return Some(at);
            }
            // Of equal ones the last, here and below, as in LIBSVM: where the kernel is not positive definite it decides where the search ends.
            if violation >= best.0 && self.may_rise(at, alphas) {
                best = (violation, Some(at));
            }
        }
        best.1
    }

    /// The one on the other side that lowers the sum most together with it; none if the pair that violates most is within the tolerance.
    fn second(&self, first: usize, row: &[f32], alphas: &[f64], gradient: &[f64]) -> Option<usize> {
        let high = -self.signs[first] * gradient[first];
        let (mut lowest, mut best) = (f64::INFINITY, (0.0, None));
        let own = self.diagonal[first % self.rows];
        for (at, slope) in gradient.iter().enumerate() {
            let low = -self.signs[at] * slope;
            if low >= high && low >= lowest || !self.may_fall(at, alphas) {
                continue;
            }
            lowest = lowest.min(low);
            let apart = high - low;
            if apart > 0.0 {
                let other = at % self.rows;
                let curvature = (own + self.diagonal[other] - 2.0 * f64::from(row[other])).max(LEAST_CURVATURE);
                let gain = apart * apart / curvature;
                if gain >= best.0 {
                    best = (gain, Some(at));
                }
            }
        }
        if high - lowest < self.tolerance { None } else { best.1 }
    }

    /// Moves the pair to its minimum within the bounds, and the gradient with it.
    fn step(&self, i: usize, j: usize, rows: [&[f32]; 2], alphas: &mut [f64], gradient: &mut [f64]) {
        let (yi, yj) = (self.signs[i], self.signs[j]);
        let between = f64::from(rows[0][j % self.rows]);
        let curvature = self.diagonal[i % self.rows] + self.diagonal[j % self.rows] - 2.0 * between;
        // Along yᵢ·αᵢ rising and yⱼ·αⱼ falling by as much.
        let mut t = (yj * gradient[j] - yi * gradient[i]) / curvature.max(LEAST_CURVATURE);
        let room = |at: usize, rises: bool| if rises { self.most[at] - alphas[at] } else { alphas[at] };
        t = t.min(room(i, yi > 0.0)).min(room(j, yj < 0.0));
        let (before_i, before_j) = (alphas[i], alphas[j]);
        alphas[i] = (before_i + yi * t).clamp(0.0, self.most[i]);
        alphas[j] = (before_j - yj * t).clamp(0.0, self.most[j]);
        let (by_i, by_j) = (yi * (alphas[i] - before_i), yj * (alphas[j] - before_j));
        for (part, signs) in gradient.chunks_mut(self.rows).zip(self.signs.chunks(self.rows)) {
            let each = part.iter_mut().zip(signs).zip(rows[0].iter().zip(rows[1]));
            for ((gradient, sign), (of_i, of_j)) in each {
                *gradient += sign * (by_i * f64::from(*of_i) + by_j * f64::from(*of_j));
            }
        }
    }

    /// The mean of y·gradient over the variables between their bounds, or the middle of what the bounds allow.
    fn intercept(&self, alphas: &[f64], gradient: &[f64]) -> f64 {
        let (mut sum, mut free) = (0.0, 0.0);
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        for (at, slope) in gradient.iter().enumerate() {
            let value = self.signs[at] * slope;
            match (self.may_rise(at, alphas), self.may_fall(at, alphas)) {
                (true, true) => (sum, free) = (sum + value, free + 1.0),
                (true, false) => high = high.min(value),
                (false, true) => low = low.max(value),
                (false, false) => {}
            }
        }
        if free > 0.0 { -sum / free } else { -(low.max(-f64::MAX) / 2.0 + high.min(f64::MAX) / 2.0) }
    }
}
