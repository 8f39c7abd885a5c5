//! Equal bins over a range, and the shares of a sorted sample in them: `numpy.histogram` with Sturges' rule.
//!
//! A bin holds its left edge, the last one also its right edge. Columns are taken as floats; for a column of integers
//! over a very short range NumPy makes the bins at least 1 wide, which is not done here.

use crate::error::{Error, Result};

/// `numpy.histogram_bin_edges(bins="sturges")` of `n` values from `low` to `high`: ascending, at least two.
pub(super) fn sturges(low: f64, high: f64, n: usize) -> Result<Vec<f64>> {
    let span = high - low;
    let width = span / ((n as f64).log2() + 1.0);
    let count = if width > 0.0 { (span / width).ceil() } else { 1.0 };
    if span == 0.0 { edges(low - 0.5, high + 0.5, 1) } else { edges(low, high, count as usize) }
}

/// `count` equal bins from `low` to `high` (`numpy.linspace`).
fn edges(low: f64, high: f64, count: usize) -> Result<Vec<f64>> {
    let step = (high - low) / count as f64;
    let mut edges: Vec<f64> = (0..count).map(|i| i as f64 * step + low).collect();
    edges.push(high);
    if !step.is_finite() || edges.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(Error::invalid(format!("the values from {low} to {high} cannot be split into {count} bins"))
            .hint("scale the column, or choose a test without bins: ks, wasserstein"));
    }
    Ok(edges)
}

/// The share of an ascending sample in each bin; values outside the edges are in none.
pub(super) fn shares(sorted: &[f64], edges: &[f64]) -> Vec<f64> {
    let last = edges.len().saturating_sub(1);
    let before = |i: usize, edge: f64| {
        if i == last { sorted.partition_point(|v| *v <= edge) } else { sorted.partition_point(|v| *v < edge) }
    };
    let below: Vec<usize> = edges.iter().enumerate().map(|(i, edge)| before(i, *edge)).collect();
    below.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / sorted.len() as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bin_holds_its_right_edge() {
        let edges = sturges(0.0, 3.0, 4).unwrap();
        assert_eq!(edges, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(shares(&[0.0, 1.0, 2.0, 3.0], &edges), [0.25, 0.25, 0.5]);
    }

    #[test]
    fn a_constant_gets_one_bin_and_neighbours_none() {
        assert_eq!(sturges(2.0, 2.0, 9).unwrap(), [1.5, 2.5]);
        assert!(sturges(1e16, 1e16 + 4.0, 1000).is_err());
        assert!(sturges(-f64::MAX, f64::MAX, 1000).is_err());
    }
}
