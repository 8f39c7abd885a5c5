//! Minimising a smooth convex function: Newton's method with Cholesky for few variables, L-BFGS for many.
//!
//! Invariant: every accepted step lowers the value (Armijo), so the result is finite and never worse than the start,
//! whatever the data. Formulas: Nocedal and Wright, "Numerical Optimization", algorithms 3.1, 6.1 and 7.4.

use crate::error::Result;
use crate::progress::Progress;
use std::collections::VecDeque;

/// Up to this many variables Newton is the faster method.
pub const NEWTON_VARIABLES: usize = 101;
/// Pairs of steps that L-BFGS remembers.
const MEMORY: usize = 10;
/// Share of the promised decrease that a step must keep.
const ARMIJO: f64 = 1e-4;
const HALVINGS: usize = 50;

/// A smooth convex function of `variables()` numbers.
pub trait SmoothFunction {
    /// How many variables it has.
    fn variables(&self) -> usize;
    /// The value at `w`; `gradient` is overwritten with the slopes.
    fn value(&self, w: &[f64], gradient: &mut [f64]) -> f64;
    /// The second derivatives at `w`, row-major; only the lower triangle is read.
    fn hessian(&self, w: &[f64]) -> Vec<f64>;
    /// Whether the second derivatives are the same everywhere.
    fn is_quadratic(&self) -> bool {
        false
    }
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    /// Largest absolute slope that counts as flat.
    pub tolerance: f64,
    /// Iterations at most.
    pub iterations: usize,
}

/// A step by second derivatives that are near enough divides the largest slope by this at least.
const GOOD_STEP: f64 = 4.0;

/// The minimiser of `objective`, from `start` on. Checks for interruption and advances by one each iteration. `near` are second
/// derivatives of a function like it, such as the same loss of a sample: steps by them are tried first, as long as each is a good one,
/// because the objective's own cost many times what its slopes do.
pub fn minimise(
    objective: &impl SmoothFunction,
    start: Vec<f64>,
    mut near: Option<Vec<f64>>,
    stop: Stop,
    progress: &Progress,
) -> Result<Vec<f64>> {
    let newton = objective.variables() <= NEWTON_VARIABLES;
    let mut history = History::default();
    let mut here = Point::at(objective, start);
    for _ in 0..stop.iterations {
        progress.check()?;
        if here.gradient.iter().all(|slope| slope.abs() <= stop.tolerance) {
            break;
        }
        if let Some(hessian) = &near {
            if let Some(next) = good_step(objective, &here, &newton_direction(hessian.clone(), &here.gradient)) {
                here = next;
                progress.advance(1);
                continue;
            }
            near = None;
        }
        let direction = match newton {
            true => newton_direction(objective.hessian(&here.w), &here.gradient),
            false => history.direction(&here.gradient),
        };
        let Some(next) = step(objective, &here, &direction) else { break };
        if !newton {
            history.remember(&here, &next);
        }
        here = next;
        progress.advance(1);
    }
    Ok(here.w)
}

/// Up to this many variables the second derivatives of a quadratic function are made and factored.
pub(super) const FACTORED_VARIABLES: usize = 600;
/// The slopes of a quadratic function are flat when they are so much smaller than at the start.
const FLAT: f64 = 1e-12;

/// The minimiser of a quadratic function, from zero on: by its second derivatives, or where these are many by conjugate gradients
/// (Nocedal and Wright, algorithm 5.2), which only need slopes.
pub fn minimise_quadratic(objective: &impl SmoothFunction, progress: &Progress) -> Result<Vec<f64>> {
    let n = objective.variables();
    let mut w = vec![0.0; n];
    let mut slopes = vec![0.0; n];
    objective.value(&w, &mut slopes);
    if n > FACTORED_VARIABLES {
        return conjugate_gradients(objective, slopes, progress);
    }
    progress.check()?;
    let hessian = objective.hessian(&w);
    // Columns of very different sizes are factored as if they were of one.
    let sizes: Vec<f64> =
        (0..n).map(|i| hessian[i * n + i].sqrt()).map(|x| if x > 0.0 { 1.0 / x } else { 1.0 }).collect();
    let mut scaled = hessian;
    for i in 0..n {
        for j in 0..=i {
            scaled[i * n + j] *= sizes[i] * sizes[j];
        }
    }
    let factor = factored(scaled, n);
    // The first step is the answer; the second takes what rounding left of it.
    for _ in 0..2 {
        progress.check()?;
        let right: Vec<f64> = slopes.iter().zip(&sizes).map(|(slope, size)| slope * size).collect();
        let step = solve(&factor, &right);
        w.iter_mut().zip(step).zip(&sizes).for_each(|((w, step), size)| *w -= step * size);
        objective.value(&w, &mut slopes);
        progress.advance(1);
    }
    Ok(w)
}

/// The Cholesky factor of a matrix whose diagonal is 1, with the least ridge that makes it positive definite.
fn factored(matrix: Vec<f64>, n: usize) -> Vec<f64> {
    let mut ridge = 0.0;
    for exponent in -13..=1 {
        let mut factor = matrix.clone();
        (0..n).for_each(|i| factor[i * n + i] += ridge);
        if cholesky(&mut factor, n, 1e-14) {
            return factor;
        }
        ridge = 10f64.powi(exponent);
    }
    let mut one = vec![0.0; n * n];
    (0..n).for_each(|i| one[i * n + i] = 1.0);
    one
}

fn conjugate_gradients(objective: &impl SmoothFunction, start: Vec<f64>, progress: &Progress) -> Result<Vec<f64>> {
    let n = start.len();
    let mut w = vec![0.0; n];
    let mut residual: Vec<f64> = start.iter().map(|slope| -slope).collect();
    let mut direction = residual.clone();
    let mut length = inner(&residual, &residual);
    let flat = length * FLAT * FLAT;
    let mut slopes = vec![0.0; n];
    for _ in 0..2 * n {
        progress.check()?;
        if length <= flat || length.is_nan() {
            break;
        }
        // The slopes along a direction, less those at zero, are the second derivatives times it.
        objective.value(&direction, &mut slopes);
        let turned: Vec<f64> = slopes.iter().zip(&start).map(|(there, here)| there - here).collect();
        let curvature = inner(&direction, &turned);
        if curvature.is_nan() || curvature <= 0.0 {
            break;
        }
        let step = length / curvature;
        add_scaled(&mut w, step, &direction);
        add_scaled(&mut residual, -step, &turned);
        let next = inner(&residual, &residual);
        let keep = next / length;
        direction.iter_mut().zip(&residual).for_each(|(d, r)| *d = r + keep * *d);
        length = next;
        progress.advance(1);
    }
    Ok(w)
}

/// A place with its value and slopes.
struct Point {
    w: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

impl Point {
    fn at(objective: &impl SmoothFunction, w: Vec<f64>) -> Point {
        let mut gradient = vec![0.0; w.len()];
        let value = objective.value(&w, &mut gradient);
        Point { w, value, gradient }
    }

    fn largest_slope(&self) -> f64 {
        self.gradient.iter().fold(0.0, |largest, slope| slope.abs().max(largest))
    }

    fn is_finite(&self) -> bool {
        self.value.is_finite() && self.gradient.iter().all(|slope| slope.is_finite())
    }
}

/// The whole step along `direction`, if it lowers the value and makes the slopes much smaller.
fn good_step(objective: &impl SmoothFunction, from: &Point, direction: &[f64]) -> Option<Point> {
    let point = Point::at(objective, from.w.iter().zip(direction).map(|(w, d)| w + d).collect());
    let good =
        point.is_finite() && point.value < from.value && point.largest_slope() * GOOD_STEP <= from.largest_slope();
    good.then_some(point)
}

/// The first of the steps 1, 1/2, 1/4 … along `direction` that lowers the value enough; none if no step does.
fn step(objective: &impl SmoothFunction, from: &Point, direction: &[f64]) -> Option<Point> {
    let slope = inner(&from.gradient, direction);
    if slope.is_nan() || slope >= 0.0 {
        return None;
    }
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        let w = from.w.iter().zip(direction).map(|(w, d)| w + length * d).collect();
        let point = Point::at(objective, w);
        if point.is_finite() && point.value <= from.value + ARMIJO * length * slope && point.value < from.value {
            return Some(point);
        }
        length *= 0.5;
    }
    None
}

/// −H⁻¹g. A matrix that is not positive definite (collinear columns, no curvature left) gets a growing ridge.
fn newton_direction(hessian: Vec<f64>, gradient: &[f64]) -> Vec<f64> {
    let n = gradient.len();
    let largest = (0..n).map(|i| hessian[i * n + i]).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let mut ridge = 0.0;
    for exponent in -12..=3 {
        let mut factor = hessian.clone();
        for i in 0..n {
            factor[i * n + i] += ridge;
        }
        if cholesky(&mut factor, n, largest * 1e-13) {
            return solve(&factor, gradient).into_iter().map(|x| -x).collect();
        }
        ridge = largest * 10f64.powi(exponent);
    }
    gradient.iter().map(|g| -g).collect()
}

/// Overwrites the lower triangle of `a` (n×n) with its Cholesky factor; false if a pivot is not above `least`.
fn cholesky(a: &mut [f64], n: usize, least: f64) -> bool {
    for i in 0..n {
        let (above, rest) = a.split_at_mut(i * n);
        let row = &mut rest[..=i];
        for j in 0..i {
            let other = &above[j * n..=j * n + j];
            row[j] = (row[j] - inner(&row[..j], &other[..j])) / other[j];
        }
        let pivot = row[i] - inner(&row[..i], &row[..i]);
        if pivot.is_nan() || pivot <= least {
            return false;
        }
        row[i] = pivot.sqrt();
    }
    true
}

/// x with LLᵀx = b.
fn solve(l: &[f64], b: &[f64]) -> Vec<f64> {
    let n = b.len();
    let mut x = b.to_vec();
    for i in 0..n {
        x[i] = (x[i] - inner(&l[i * n..i * n + i], &x[..i])) / l[i * n + i];
    }
    for i in (0..n).rev() {
        x[i] /= l[i * n + i];
        let (before, rest) = x.split_at_mut(i);
        for (x, l) in before.iter_mut().zip(&l[i * n..i * n + i]) {
            *x -= l * rest[0];
        }
    }
    x
}

/// The last steps of L-BFGS: (change of w, change of the gradient, 1 / their product).
#[derive(Default)]
struct History(VecDeque<(Vec<f64>, Vec<f64>, f64)>);

impl History {
    fn remember(&mut self, from: &Point, to: &Point) {
        let moved: Vec<f64> = to.w.iter().zip(&from.w).map(|(a, b)| a - b).collect();
        let turned: Vec<f64> = to.gradient.iter().zip(&from.gradient).map(|(a, b)| a - b).collect();
        let product = inner(&moved, &turned);
        if product > f64::EPSILON * inner(&turned, &turned) {
            if self.0.len() == MEMORY {
                self.0.pop_front();
            }
            self.0.push_back((moved, turned, 1.0 / product));
        }
    }

    /// The two-loop recursion; the first step has length one at most.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut shares = Vec::with_capacity(self.0.len());
        for (moved, turned, rho) in self.0.iter().rev() {
            let share = rho * inner(moved, &q);
            add_scaled(&mut q, -share, turned);
            shares.push(share);
        }
        let scale = match self.0.back() {
            Some((_, turned, rho)) => 1.0 / (rho * inner(turned, turned)),
            None => 1.0 / inner(gradient, gradient).sqrt().max(1.0),
        };
        q.iter_mut().for_each(|x| *x *= scale);
        for ((moved, turned, rho), share) in self.0.iter().zip(shares.iter().rev()) {
            let back = rho * inner(turned, &q);
            add_scaled(&mut q, share - back, moved);
        }
        q
    }
}

fn add_scaled(to: &mut [f64], factor: f64, x: &[f64]) {
    for (to, x) in to.iter_mut().zip(x) {
        *to += factor * x;
    }
}

/// The sum, in four lanes of fixed order.
pub(super) fn sum(values: &[f64]) -> f64 {
    let (fours, rest) = values.as_chunks::<4>();
    let mut lanes = [0.0; 4];
    for four in fours {
        for k in 0..4 {
            lanes[k] += four[k];
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest.iter().fold(0.0, |sum, value| sum + value)
}

/// The inner product, in four lanes of fixed order. Of slices of different lengths, the shorter counts.
pub fn inner(a: &[f64], b: &[f64]) -> f64 {
    let (a, a_rest) = a.as_chunks::<4>();
    let (b, b_rest) = b.as_chunks::<4>();
    let mut lanes = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        for k in 0..4 {
            lanes[k] += a[k] * b[k];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ cosh(aᵢ(wᵢ − i)): its minimum is at w = 0, 1, 2 …
    struct Bowls(usize);

    impl SmoothFunction for Bowls {
        fn variables(&self) -> usize {
            self.0
        }
        fn value(&self, w: &[f64], gradient: &mut [f64]) -> f64 {
            let mut value = 0.0;
            for (i, w) in w.iter().enumerate() {
                let (a, x) = (1.0 + i as f64 / 50.0, w - i as f64 / 40.0);
                value += (a * x).cosh();
                gradient[i] = a * (a * x).sinh();
            }
            value
        }
        fn hessian(&self, w: &[f64]) -> Vec<f64> {
            let mut hessian = vec![0.0; self.0 * self.0];
            for (i, w) in w.iter().enumerate() {
                let (a, x) = (1.0 + i as f64 / 50.0, w - i as f64 / 40.0);
                hessian[i * self.0 + i] = a * a * (a * x).cosh();
            }
            hessian
        }
    }

    #[test]
    fn both_methods_find_the_minimum() {
        for n in [20, 150] {
            let w =
                minimise(&Bowls(n), vec![0.0; n], None, Stop { tolerance: 1e-8, iterations: 500 }, &Progress::quiet())
                    .unwrap();
            assert!(w.iter().enumerate().all(|(i, w)| (w - i as f64 / 40.0).abs() < 1e-7), "{n}: {w:?}");
        }
    }

    /// ½ Σ aᵢ(wᵢ − i)², the sizes of the variables far apart.
    struct Parabola(usize);

    impl SmoothFunction for Parabola {
        fn variables(&self) -> usize {
            self.0
        }
        fn value(&self, w: &[f64], gradient: &mut [f64]) -> f64 {
            let mut value = 0.0;
            for (i, w) in w.iter().enumerate() {
                let (a, x) = (10f64.powi((i % 9) as i32 - 4), w - i as f64);
                value += 0.5 * a * x * x;
                gradient[i] = a * x;
            }
            value
        }
        fn hessian(&self, _: &[f64]) -> Vec<f64> {
            let mut hessian = vec![0.0; self.0 * self.0];
            (0..self.0).for_each(|i| hessian[i * self.0 + i] = 10f64.powi((i % 9) as i32 - 4));
            hessian
        }
    }

    #[test]
    fn a_quadratic_function_is_minimised_however_many_variables_it_has() {
        for n in [20, FACTORED_VARIABLES + 5] {
            let w = minimise_quadratic(&Parabola(n), &Progress::quiet()).unwrap();
            let far = w.iter().enumerate().map(|(i, w)| (w - i as f64).abs()).fold(0.0, f64::max);
            assert!(far < 1e-5 * n as f64, "{n}: {far}");
        }
    }

    #[test]
    fn second_derivatives_that_mislead_are_given_up() {
        for wrong in [1e-6, 1e6, f64::NAN] {
            let near: Vec<f64> = Bowls(20).hessian(&[0.0; 20]).iter().map(|x| x * wrong).collect();
            let stop = Stop { tolerance: 1e-8, iterations: 500 };
            let w = minimise(&Bowls(20), vec![0.0; 20], Some(near), stop, &Progress::quiet()).unwrap();
            assert!(w.iter().enumerate().all(|(i, w)| (w - i as f64 / 40.0).abs() < 1e-7), "{wrong}: {w:?}");
        }
    }

    #[test]
    fn cholesky_solves() {
        let mut a = vec![4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 1.0, 3.0, 6.0];
        assert!(cholesky(&mut a, 3, 0.0));
        let x = solve(&a, &[9.0, 21.0, 25.0]); // of x = (1, 2, 3): 4+4+3, 2+10+9, 1+6+18
        let expected = [0.5, 2.222_222, 2.972_222];
        let product = [4.0 * x[0] + 2.0 * x[1] + x[2], 2.0 * x[0] + 5.0 * x[1] + 3.0 * x[2]];
        assert!((product[0] - 9.0).abs() < 1e-12 && (product[1] - 21.0).abs() < 1e-12, "{x:?} {expected:?}");
        assert!(!cholesky(&mut [1.0, 0.0, 1.0, 1.0], 2, 1e-12));
    }
}
