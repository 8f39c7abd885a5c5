//! Values put into at most 255 bins a feature, so a tree looks at 256 sums instead of every value.
//!
//! Invariant: the bin of a value and the threshold stored in a tree agree for every value seen in training: bin ≤ b is
//! the same as value ≤ `threshold(b)`. Bin 255 is the missing value. Edges are quantiles, as in scikit-learn's
//! `HistGradientBoosting`; the codes of a category have a bin each, and beyond that the rarest share the last one.

use crate::error::{Error, Result};
use crate::learn::matrix::{FeatureKind, Matrix};
use crate::learn::random::stream;
use rayon::prelude::*;

/// Bins of a feature, the one for missing values included.
pub const BINS: usize = 256;
/// The bin of a missing value.
pub const MISSING: u8 = 255;
/// Most bins for values that are there.
pub const MAX_BINS: usize = 255;
/// Quantiles of longer columns are those of a random sample of this size.
const SAMPLE: usize = 200_000;
/// Codes of categories are below this.
const MAX_CODES: usize = 1 << 20;

/// How the values of a feature become bins.
#[derive(Debug, Clone, PartialEq)]
pub enum Edges {
    /// Ascending thresholds: bin b holds the values above threshold b − 1 and up to threshold b.
    Numeric(Vec<f64>),
    /// The bin of each code; `MISSING` for codes that were not seen.
    Categorical(Vec<u8>),
}

impl Edges {
    /// Number of bins for values that are there.
    pub fn bins(&self) -> usize {
        match self {
            Edges::Numeric(thresholds) => thresholds.len() + 1,
            Edges::Categorical(table) => {
                table.iter().filter(|bin| **bin != MISSING).max().map_or(1, |bin| *bin as usize + 1)
            }
        }
    }

    /// The largest value that a numeric split after `bin` sends left; after the last bin, every finite one.
    pub fn threshold(&self, bin: u8) -> f64 {
        match self {
            Edges::Numeric(thresholds) => thresholds.get(bin as usize).copied().unwrap_or(f64::MAX),
            Edges::Categorical(_) => f64::MAX,
        }
    }

    /// The bin of a value.
    fn bin(&self, value: f64) -> u8 {
        match self {
            _ if value.is_nan() => MISSING,
            Edges::Numeric(thresholds) => thresholds.partition_point(|threshold| *threshold < value) as u8,
            Edges::Categorical(table) => code_bin(table, value),
        }
    }
}

/// The bin of a category's code: `MISSING` for one that is not in the table or is no code at all.
pub fn code_bin(table: &[u8], code: f64) -> u8 {
    // A cast of a negative, huge or missing float saturates to a number; only the code itself casts back unchanged.
    let index = code as usize;
    if index as f64 == code { table.get(index).copied().unwrap_or(MISSING) } else { MISSING }
}

/// A matrix in bins, column-major.
pub struct Binned {
    /// The bins of each feature, one a row.
    pub columns: Vec<Vec<u8>>,
    /// How each feature was cut.
    pub edges: Vec<Edges>,
    /// The features that have more than one bin in use: only those can split.
    pub useful: Vec<usize>,
}

impl Binned {
    /// Cuts each column of `x` into at most `max_bins` (2 ..= 255) bins. `seed` draws the sample of long columns.
    pub fn new(x: &Matrix, max_bins: usize, seed: u64) -> Result<Binned> {
        let (columns, edges): (Vec<Vec<u8>>, Vec<Edges>) = (0..x.columns())
            .into_par_iter()
            .map(|j| {
                let edges = cut(x, j, max_bins, seed)?;
                let bins = x.column(j).iter().map(|value| edges.bin(*value)).collect();
                Ok((bins, edges))
            })
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .unzip();
        let useful = (0..columns.len()).filter(|&j| columns[j].iter().any(|bin| *bin != columns[j][0])).collect();
        Ok(Binned { columns, edges, useful })
    }
}

/// The edges of column `j`.
fn cut(x: &Matrix, j: usize, max_bins: usize, seed: u64) -> Result<Edges> {
    match x.kind(j) {
        FeatureKind::Numeric => Ok(Edges::Numeric(quantiles(sample(x.column(j), j, seed), max_bins))),
        FeatureKind::Categorical => match code_table(x.column(j), max_bins) {
            Ok(table) => Ok(Edges::Categorical(table)),
            Err(code) => Err(Error::invalid(format!("column \"{}\" has the category code {code}", x.name(j)))
                .hint(format!("codes are whole numbers from 0 to {}", MAX_CODES - 1))),
        },
    }
}

/// The values that are there, or a random sample of them.
fn sample(column: &[f64], j: usize, seed: u64) -> Vec<f64> {
    if column.len() <= SAMPLE {
        return column.iter().copied().filter(|value| !value.is_nan()).collect();
    }
    let rows = stream(seed, "bins", j as u64).sample(column.len(), SAMPLE);
    rows.into_iter().map(|i| column[i]).filter(|value| !value.is_nan()).collect()
}

/// Thresholds between distinct values that put about the same number of values into each bin.
fn quantiles(mut values: Vec<f64>, max_bins: usize) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let mut distinct = 1;
    for pair in values.windows(2) {
        distinct += usize::from(pair[0] < pair[1]);
    }
    let mut thresholds = Vec::with_capacity(max_bins);
    if distinct <= max_bins {
        thresholds.extend(values.windows(2).filter(|pair| pair[0] < pair[1]).map(|pair| between(pair[0], pair[1])));
        return thresholds;
    }
    for k in 1..max_bins {
        let mut i = k * values.len() / max_bins;
        while i < values.len() && i > 0 && values[i - 1] == values[i] {
            i += 1; // inside a run of equal values: the edge is where it ends
        }
        if i > 0 && i < values.len() {
            let threshold = between(values[i - 1], values[i]);
            if thresholds.last().is_none_or(|last| *last < threshold) {
                thresholds.push(threshold);
            }
        }
    }
    thresholds
}

/// The middle of a < b, rounded so that a ≤ middle < b.
pub fn between(a: f64, b: f64) -> f64 {
    let middle = a / 2.0 + b / 2.0;
    if middle >= a && middle < b { middle } else { a }
}

/// The bin of each code: one of its own, or the shared last one for the rarest. A value that is not a valid code is
/// returned as the error.
fn code_table(column: &[f64], max_bins: usize) -> Result<Vec<u8>, f64> {
    let mut counts: Vec<u64> = Vec::new();
    for &code in column.iter().filter(|code| !code.is_nan()) {
        let index = code as usize;
        if index as f64 != code || index >= MAX_CODES {
            return Err(code);
        }
        if index >= counts.len() {
            counts.resize(index + 1, 0);
        }
        counts[index] += 1;
    }
    let mut seen: Vec<usize> = (0..counts.len()).filter(|&code| counts[code] > 0).collect();
    let mut table = vec![MISSING; counts.len()];
    if seen.len() > max_bins {
        seen.sort_by_key(|&code| (std::cmp::Reverse(counts[code]), code));
        for code in seen.split_off(max_bins - 1) {
            table[code] = (max_bins - 1) as u8;
        }
        seen.sort_unstable();
    }
    for (bin, &code) in seen.iter().enumerate() {
        table[code] = bin as u8;
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random::stream;

    #[test]
    fn bins_and_thresholds_agree() {
        let mut random = stream(5, "test", 0);
        for round in 0..20 {
            let scale = 10f64.powi(round - 10);
            let values: Vec<f64> = (0..2000).map(|_| (random.normal() * 300.0).round() * scale).collect();
            let edges = Edges::Numeric(quantiles(values.clone(), 16 + round as usize * 12));
            for value in values {
                let bin = edges.bin(value);
                assert!(value <= edges.threshold(bin));
                assert!(bin == 0 || value > edges.threshold(bin - 1));
            }
        }
    }

    #[test]
    fn few_values_have_a_bin_each_and_neighbours_stay_apart() {
        assert_eq!(quantiles(vec![3.0, 1.0, 3.0, 2.0], 255), [1.5, 2.5]);
        let next = 1.0f64.next_up();
        assert_eq!(between(1.0, next), 1.0);
        assert!(between(-f64::MAX, f64::MAX).abs() < 1.0);
        assert!(quantiles(vec![], 255).is_empty());
    }

    #[test]
    fn the_rarest_categories_share_a_bin() {
        let mut codes: Vec<f64> = (0..300).map(f64::from).collect();
        codes.extend((0..300).filter(|code| code % 2 == 0).map(f64::from));
        let table = code_table(&codes, 100).unwrap();
        assert_eq!((table[0], table[2], table[1], table[299]), (0, 1, 99, 99));
        assert_eq!(Edges::Categorical(table).bins(), 100);
        assert_eq!(code_table(&[0.5], 10), Err(0.5));
        assert_eq!(code_table(&[-1.0], 10), Err(-1.0));
    }

    #[test]
    fn what_is_no_known_code_is_missing() {
        let table = [0, MISSING, 1];
        for code in [f64::NAN, -1.0, 0.5, 3.0, 1e300, f64::INFINITY, f64::NEG_INFINITY, 1.0] {
            assert_eq!(code_bin(&table, code), MISSING, "{code}");
        }
        assert_eq!(code_bin(&table, 2.0), 1);
    }
}
