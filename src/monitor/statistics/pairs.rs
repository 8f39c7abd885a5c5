//! Two samples as one ascending run of distinct values, each with its count on both sides.
//!
//! Every test here is a fold over these pairs: one merge pass over the sorted samples, nothing allocated.

use std::cmp::Ordering;

use super::sample::{Counts, Sample};

/// A distinct value with the number of times it occurs on each side; at least one of them is positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    /// The value (`0.0` and `-0.0` are one).
    pub value: f64,
    /// Occurrences in the reference sample.
    pub reference: usize,
    /// Occurrences in the current sample.
    pub current: usize,
}

/// Merges two ascending slices.
pub(super) fn pairs<'a>(reference: &'a [f64], current: &'a [f64]) -> Pairs<'a> {
    Pairs { reference, current }
}

/// The iterator behind [`pairs`].
#[derive(Debug, Clone)]
pub(super) struct Pairs<'a> {
    reference: &'a [f64],
    current: &'a [f64],
}

impl Iterator for Pairs<'_> {
    type Item = Pair;

    fn next(&mut self) -> Option<Pair> {
        let value = match (self.reference.first(), self.current.first()) {
            (Some(&r), Some(&c)) => r.min(c),
            (Some(&only), None) | (None, Some(&only)) => only,
            (None, None) => return None,
        };
        let reference = take_equal(&mut self.reference, value);
        let current = take_equal(&mut self.current, value);
        Some(Pair { value, reference, current })
    }
}

/// Removes the leading values equal to `value` and says how many they were.
fn take_equal(values: &mut &[f64], value: f64) -> usize {
    let count = values.iter().take_while(|v| **v == value).count();
    *values = &values[count..];
    count
}

/// Counts on both sides of each distinct value or label, ascending; `None` when the samples are of different kinds.
pub(super) fn counts(reference: &Sample, current: &Sample) -> Option<Vec<(u64, u64)>> {
    match (reference, current) {
        (Sample::Numeric(r), Sample::Numeric(c)) => {
            Some(pairs(r.values(), c.values()).map(|p| (p.reference as u64, p.current as u64)).collect())
        }
        (Sample::Categorical(r), Sample::Categorical(c)) => Some(label_counts(r, c)),
        _ => None,
    }
}

fn label_counts(reference: &Counts, current: &Counts) -> Vec<(u64, u64)> {
    let (mut r, mut c) = (reference.entries(), current.entries());
    let mut merged = Vec::with_capacity(r.len().max(c.len()));
    loop {
        let order = match (r.first(), c.first()) {
            (Some(r), Some(c)) => r.0.cmp(&c.0),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return merged,
        };
        let from_reference = if order.is_le() { take_first(&mut r) } else { 0 };
        let from_current = if order.is_ge() { take_first(&mut c) } else { 0 };
        merged.push((from_reference, from_current));
    }
}

fn take_first(entries: &mut &[(String, u64)]) -> u64 {
    let Some(((_, count), rest)) = entries.split_first() else { return 0 };
    *entries = rest;
    *count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_and_both_zeros_are_one_pair() {
        let found: Vec<Pair> = pairs(&[-0.0, 0.0, 2.0], &[0.0, 1.0, 1.0]).collect();
        let pair = |value, reference, current| Pair { value, reference, current };
        assert_eq!(found, [pair(0.0, 2, 1), pair(1.0, 0, 2), pair(2.0, 1, 0)]);
    }

    #[test]
    fn labels_on_one_side_have_a_zero_on_the_other() {
        let (r, c) = (Counts::new([("a", 1), ("b", 2)]), Counts::new([("b", 3), ("c", 4)]));
        assert_eq!(label_counts(&r, &c), [(1, 0), (2, 3), (0, 4)]);
    }
}
