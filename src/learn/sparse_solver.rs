//! Minimising a smooth convex function plus weighted absolute values of its variables, which makes some of them exactly zero.
//!
//! Few variables: proximal Newton, each step a quadratic with absolute values that is solved by coordinate descent (Friedman, Hastie and
//! Tibshirani 2010; Lee, Sun and Saunders 2014). Many: accelerated proximal gradient with backtracking and restarts (Beck and Teboulle
//! 2009; O'Donoghue and Candès 2015).

use crate::error::Result;
use crate::learn::solver::{SmoothFunction, Stop};
use crate::progress::Progress;

/// Up to this many variables second derivatives are made.
const CURVED_VARIABLES: usize = 600;
/// Rounds of coordinate descent over all variables in a step at most.
const SWEEPS: usize = 1000;
const HALVINGS: usize = 50;
const ARMIJO: f64 = 1e-4;

/// The minimiser of `objective` plus Σ `absolute[j]`·|w\[j\]|. Checks for interruption and advances by one each iteration.
pub fn minimise_sparse(
    objective: &impl SmoothFunction,
    absolute: &[f64],
    start: Vec<f64>,
    stop: Stop,
    progress: &Progress,
) -> Result<Vec<f64>> {
    match start.len() <= CURVED_VARIABLES {
        true => newton(objective, absolute, start, stop, progress),
        false => accelerated(objective, absolute, start, stop, progress),
    }
}

fn penalty(w: &[f64], absolute: &[f64]) -> f64 {
    w.iter().zip(absolute).fold(0.0, |sum, (w, l)| sum + l * w.abs())
}

/// x moved towards zero by `by`, to zero at most.
fn shrunk(x: f64, by: f64) -> f64 {
    if x > by {
        x - by
    } else if x < -by {
        x + by
    } else {
        0.0
    }
}

/// How far from its minimum the function is along each variable: the least slope of the sum, the greatest over all variables.
fn violation(w: &[f64], gradient: &[f64], absolute: &[f64]) -> f64 {
    w.iter().zip(gradient).zip(absolute).fold(0.0, |worst: f64, ((w, g), l)| {
        let slope = if *w == 0.0 { (g.abs() - l).max(0.0) } else { (g + l * w.signum()).abs() };
        // `max` would pass over what is no number.
        if g.is_nan() { f64::INFINITY } else { worst.max(slope) }
    })
}

fn newton(
    objective: &impl SmoothFunction,
    absolute: &[f64],
    mut w: Vec<f64>,
    stop: Stop,
    progress: &Progress,
) -> Result<Vec<f64>> {
    let n = w.len();
    let mut gradient = vec![0.0; n];
    let mut value = objective.value(&w, &mut gradient);
    let mut known = None;
    for _ in 0..stop.iterations {
        progress.check()?;
        let worst = violation(&w, &gradient, absolute);
        if worst <= stop.tolerance {
            break;
        }
        let hessian = match known.take() {
            Some(known) => known,
            None => whole(objective.hessian(&w), n),
        };
        let direction = descend(&hessian, &gradient, &w, absolute, 0.01 * worst.min(stop.tolerance.max(1e-3 * worst)));
        let before = value + penalty(&w, absolute);
        let moved_to = |length: f64| w.iter().zip(&direction).map(|(w, d)| w + length * d).collect::<Vec<f64>>();
        let promised = gradient.iter().zip(&direction).fold(0.0, |sum, (g, d)| sum + g * d)
            + penalty(&moved_to(1.0), absolute)
            - penalty(&w, absolute);
        let mut next_gradient = vec![0.0; n];
        let mut found = None;
        for halving in 0..HALVINGS {
            let length = 0.5f64.powi(halving as i32);
            let next = moved_to(length);
            let next_value = objective.value(&next, &mut next_gradient);
            let after = next_value + penalty(&next, absolute);
            let finite = after.is_finite() && next_gradient.iter().all(|slope| slope.is_finite());
            if finite && after <= before + ARMIJO * length * promised && after < before {
                found = Some((next, next_value));
                break;
            }
        }
        let Some((next, next_value)) = found else { break };
        (w, value) = (next, next_value);
        gradient.copy_from_slice(&next_gradient);
        known = objective.is_quadratic().then_some(hessian);
        progress.advance(1);
    }
    Ok(w)
}

/// The matrix of which the lower triangle is given.
fn whole(mut lower: Vec<f64>, n: usize) -> Vec<f64> {
    for i in 0..n {
        for j in 0..i {
            lower[j * n + i] = lower[i * n + j];
        }
    }
    lower
}

/// The d that minimises g·d + ½ dᵀHd + Σ l·|w + d|, one variable after the other until no one moves by more than `near` in slope.
fn descend(hessian: &[f64], gradient: &[f64], w: &[f64], absolute: &[f64], near: f64) -> Vec<f64> {
    let n = w.len();
    let largest = (0..n).map(|i| hessian[i * n + i]).fold(f64::MIN_POSITIVE, f64::max);
    let mut d = vec![0.0; n];
    // H·d.
    let mut slopes = vec![0.0; n];
    for _ in 0..SWEEPS {
        let mut worst: f64 = 0.0;
        for j in 0..n {
            // A column that is a combination of others has a curvature of its own all the same.
            let curvature = hessian[j * n + j].max(largest * 1e-14);
            let here = w[j] + d[j];
            let step = shrunk(here - (gradient[j] + slopes[j]) / curvature, absolute[j] / curvature) - here;
            if step != 0.0 {
                d[j] += step;
                let line = &hessian[j * n..(j + 1) * n];
                slopes.iter_mut().zip(line).for_each(|(slope, h)| *slope += step * h);
                worst = worst.max((step * curvature).abs());
            }
        }
        if worst <= near {
            break;
        }
    }
    // What is zero to the last bit stays so.
    d.iter_mut().zip(w).for_each(|(d, w)| {
        if w + *d == 0.0 {
            *d = -w;
        }
    });
    d
}

fn accelerated(
    objective: &impl SmoothFunction,
    absolute: &[f64],
    start: Vec<f64>,
    stop: Stop,
    progress: &Progress,
) -> Result<Vec<f64>> {
    let n = start.len();
    let (mut w, mut ahead) = (start.clone(), start);
    let mut gradient = vec![0.0; n];
    let (mut curvature, mut momentum) = (1.0f64, 1.0f64);
    let mut last = f64::INFINITY;
    // An iteration here costs what one of L-BFGS does, and gains less.
    for _ in 0..stop.iterations.saturating_mul(10) {
        progress.check()?;
        let value = objective.value(&ahead, &mut gradient);
        let mut scratch = vec![0.0; n];
        let mut found = None;
        for _ in 0..HALVINGS {
            let step = |((x, g), l): ((&f64, &f64), &f64)| shrunk(x - g / curvature, l / curvature);
            let next: Vec<f64> = ahead.iter().zip(&gradient).zip(absolute).map(step).collect();
            let bound = next.iter().zip(&ahead).zip(&gradient).fold(value, |sum, ((next, here), g)| {
                let moved = next - here;
                sum + g * moved + 0.5 * curvature * moved * moved
            });
            let reached = objective.value(&next, &mut scratch);
            if reached.is_finite() && reached <= bound + 1e-12 * bound.abs() {
                found = Some((next, reached));
                break;
            }
            curvature *= 2.0;
        }
        let Some((next, reached)) = found else { break };
        progress.advance(1);
        let whole = reached + penalty(&next, absolute);
        if violation(&next, &scratch, absolute) <= stop.tolerance {
            return Ok(next);
        }
        let faster = 0.5 * (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt());
        // Momentum that leads uphill is dropped.
        let push = if whole > last { 0.0 } else { (momentum - 1.0) / faster };
        momentum = if whole > last { 1.0 } else { faster };
        ahead = next.iter().zip(&w).map(|(next, before)| next + push * (next - before)).collect();
        w = next;
        last = whole;
        curvature *= 0.9;
    }
    Ok(w)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ½ Σ a(w − i)², the variables coupled to their neighbours.
    struct Coupled(usize);

    impl SmoothFunction for Coupled {
        fn variables(&self) -> usize {
            self.0
        }
        fn value(&self, w: &[f64], gradient: &mut [f64]) -> f64 {
            let hessian = self.hessian(w);
            let n = self.0;
            let full = |i: usize, j: usize| if i >= j { hessian[i * n + j] } else { hessian[j * n + i] };
            let off: Vec<f64> = w.iter().enumerate().map(|(i, w)| w - (i as f64 * 0.7).sin() * 2.0).collect();
            let mut value = 0.0;
            for i in 0..n {
                gradient[i] = (i.saturating_sub(1)..(i + 2).min(n)).map(|j| full(i, j) * off[j]).sum();
                value += 0.5 * off[i] * gradient[i];
            }
            value
        }
        fn hessian(&self, _: &[f64]) -> Vec<f64> {
            let n = self.0;
            let mut hessian = vec![0.0; n * n];
            for i in 0..n {
                hessian[i * n + i] = 2.0 + (i % 3) as f64;
                if i > 0 {
                    hessian[i * n + i - 1] = 0.5;
                }
            }
            hessian
        }
    }

    #[test]
    fn both_methods_find_the_same_minimum_with_the_same_zeros() {
        let n = 40;
        let absolute: Vec<f64> = (0..n).map(|i| if i == 0 { 0.0 } else { 0.8 }).collect();
        let stop = Stop { tolerance: 1e-9, iterations: 2000 };
        let (a, b) = (
            newton(&Coupled(n), &absolute, vec![0.0; n], stop, &Progress::quiet()).unwrap(),
            accelerated(&Coupled(n), &absolute, vec![0.0; n], stop, &Progress::quiet()).unwrap(),
        );
        let mut gradient = vec![0.0; n];
        Coupled(n).value(&a, &mut gradient);
        assert!(violation(&a, &gradient, &absolute) <= 1e-9);
        let zeros = |w: &[f64]| w.iter().map(|w| *w == 0.0).collect::<Vec<bool>>();
        assert_eq!(zeros(&a), zeros(&b));
        assert!(zeros(&a).iter().any(|zero| *zero) && !zeros(&a).iter().all(|zero| *zero));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-7), "{a:?}\n{b:?}");
    }
}
