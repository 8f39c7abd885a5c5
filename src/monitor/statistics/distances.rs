//! Distances between two distributions, each 0 for equal samples.
//!
//! As in `evidently.legacy.calculations.stattests`: a numeric column with more than 20 distinct reference values is
//! put into Sturges bins over both samples, anything else is compared value by value; where PSI and Kullback-Leibler
//! would divide by zero, an empty bin counts as 1e-4 (or a millionth of the smallest share, if that is smaller).

use super::bins;
use super::means::deviation;
use super::pairs::{self, pairs};
use super::sample::Sample;
use crate::error::Result;

/// Up to this number of distinct reference values a numeric column is not binned.
const DISTINCT_UNBINNED: usize = 20;

/// Earth mover's distance in units of the reference's standard deviation (at least 0.001); NaN if that is beyond all
/// numbers. Slices ascending.
pub(super) fn wasserstein(reference: &[f64], current: &[f64]) -> f64 {
    let deviation = deviation(reference);
    if deviation.is_finite() { wasserstein_raw(reference, current) / deviation.max(0.001) } else { f64::NAN }
}

/// `scipy.stats.wasserstein_distance`: the area between the two empirical distributions, in units of the values.
fn wasserstein_raw(reference: &[f64], current: &[f64]) -> f64 {
    let (n, m) = (reference.len() as f64, current.len() as f64);
    let (mut below_r, mut below_c, mut area) = (0usize, 0usize, 0.0);
    let mut last = None;
    for pair in pairs(reference, current) {
        let gap = (below_r as f64 / n - below_c as f64 / m).abs();
        area += last.map_or(0.0, |last| gap * (pair.value - last));
        below_r += pair.reference;
        below_c += pair.current;
        last = Some(pair.value);
    }
    area
}

/// Jensen-Shannon distance with natural logarithms, in 0..=0.8326 (√ln 2).
pub(super) fn jensen_shannon(reference: &Sample, current: &Sample) -> Result<f64> {
    let (p, q) = binned(reference, current)?;
    let (p_sum, q_sum) = (p.iter().sum::<f64>(), q.iter().sum::<f64>());
    let divergence: f64 = p
        .iter()
        .zip(&q)
        .map(|(p, q)| {
            let (p, q) = (p / p_sum, q / q_sum);
            let middle = (p + q) / 2.0;
            relative_entropy(p, middle) + relative_entropy(q, middle)
        })
        .sum();
    Ok((divergence.max(0.0) / 2.0).sqrt())
}

/// Population stability index, at least 0.
pub(super) fn psi(reference: &Sample, current: &Sample) -> Result<f64> {
    let (p, q) = filled(reference, current)?;
    Ok(p.iter().zip(&q).map(|(p, q)| (p - q) * (p / q).ln()).sum())
}

/// Kullback-Leibler divergence of the current sample from the reference, in nats, at least 0.
pub(super) fn kl_divergence(reference: &Sample, current: &Sample) -> Result<f64> {
    let (p, q) = filled(reference, current)?;
    let (p_sum, q_sum) = (p.iter().sum::<f64>(), q.iter().sum::<f64>());
    Ok(p.iter().zip(&q).map(|(p, q)| relative_entropy(p / p_sum, q / q_sum)).sum::<f64>().max(0.0))
}

/// Hellinger distance, in 0..=1. A numeric column is always binned, by its number of distinct values.
pub(super) fn hellinger(reference: &Sample, current: &Sample) -> Result<f64> {
    let (p, q) = match (reference, current) {
        (Sample::Numeric(r), Sample::Numeric(c)) => {
            let distinct = pairs(r.values(), c.values()).count();
            in_sturges_bins(r.values(), c.values(), distinct)?
        }
        _ => by_value(reference, current),
    };
    let squares: f64 = p.iter().zip(&q).map(|(p, q)| (p.sqrt() - q.sqrt()).powi(2)).sum();
    Ok((squares / 2.0).min(1.0).sqrt())
}

fn relative_entropy(p: f64, q: f64) -> f64 {
    if p > 0.0 { p * (p / q).ln() } else { 0.0 }
}

/// Shares of the reference and of the current sample, bin by bin or value by value.
type Shares = (Vec<f64>, Vec<f64>);

fn binned(reference: &Sample, current: &Sample) -> Result<Shares> {
    match (reference, current) {
        (Sample::Numeric(r), Sample::Numeric(c))
            if pairs(r.values(), &[]).take(DISTINCT_UNBINNED + 1).count() > DISTINCT_UNBINNED =>
        {
            in_sturges_bins(r.values(), c.values(), r.values().len() + c.values().len())
        }
        _ => Ok(by_value(reference, current)),
    }
}

fn in_sturges_bins(reference: &[f64], current: &[f64], n: usize) -> Result<Shares> {
    let ends =
        |pick: fn(f64, f64) -> f64, values: [Option<&f64>; 2]| values.into_iter().flatten().copied().reduce(pick);
    let low = ends(f64::min, [reference.first(), current.first()]).unwrap_or(0.0);
    let high = ends(f64::max, [reference.last(), current.last()]).unwrap_or(0.0);
    let edges = bins::sturges(low, high, n)?;
    Ok((bins::shares(reference, &edges), bins::shares(current, &edges)))
}

fn by_value(reference: &Sample, current: &Sample) -> Shares {
    let (n, m) = (reference.len() as f64, current.len() as f64);
    let counts = pairs::counts(reference, current).unwrap_or_default();
    counts.into_iter().map(|(r, c)| (r as f64 / n, c as f64 / m)).unzip()
}

fn filled(reference: &Sample, current: &Sample) -> Result<Shares> {
    let (mut p, mut q) = binned(reference, current)?;
    fill_zeros(&mut p);
    fill_zeros(&mut q);
    Ok((p, q))
}

fn fill_zeros(shares: &mut [f64]) {
    let smallest = shares.iter().copied().filter(|share| *share > 0.0).fold(f64::INFINITY, f64::min);
    let floor = if smallest <= 1e-4 { smallest / 1e6 } else { 1e-4 };
    shares.iter_mut().filter(|share| **share == 0.0).for_each(|share| *share = floor);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(found: Result<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found:e}, expected {expected:e}");
    }

    #[test]
    fn disjoint_samples_equal_evidently() {
        let (r, c) = (Sample::categorical([("a", 10)]), Sample::categorical([("b", 8)]));
        close(psi(&r, &c), 18.41883867587797);
        close(jensen_shannon(&r, &c), 0.8325546111576977);
        close(kl_divergence(&r, &c), 9.208498488090177);
        close(hellinger(&r, &c), 1.0);
        let (r, c): (Vec<f64>, Vec<f64>) = (0..30).map(|i| (f64::from(i), f64::from(i) + 100.0)).unzip();
        close(Ok(wasserstein(&r, &c)), 11.553425737574);
        let (r, c) = (Sample::numeric(r), Sample::numeric(c));
        close(psi(&r, &c), 17.102973096911164);
        close(kl_divergence(&r, &c), 8.547212941984592);
    }

    #[test]
    fn equal_samples_are_at_distance_zero() {
        let constant = Sample::numeric(vec![5.0; 10]);
        let spread = Sample::numeric((0..100).map(f64::from).collect());
        let labels = Sample::categorical([("a", 3), ("b", 4)]);
        for sample in [constant, spread, labels] {
            for distance in [psi, jensen_shannon, kl_divergence, hellinger] {
                assert_eq!(distance(&sample, &sample).unwrap(), 0.0);
            }
        }
    }
}
