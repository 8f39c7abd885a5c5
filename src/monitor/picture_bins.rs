//! Two samples of a column made ready for a picture.
//!
//! The bins are for the eye (round edges, far tails left out and counted in `outside`), unlike those of the drift tests.

use super::statistics::{Counts, Sample, Sorted};
use crate::document::plot::{CategoryShares, Distribution, Histogram, nice_step};

/// At most about this many bins in a histogram; rounding the step up leaves as few as 24.
const BINS: f64 = 60.0;
/// The share of values beyond each end of the axis when the tails are long.
const TAIL: f64 = 0.005;
/// Categories shown by name; the rest is one entry.
const CATEGORIES: usize = 12;

/// The picture of a column; that of samples of different kinds is empty.
pub fn distribution_of(reference: &Sample, current: &Sample) -> Distribution {
    match (reference, current) {
        (Sample::Numeric(r), Sample::Numeric(c)) => Distribution::Numeric(histogram_of(r, c)),
        (Sample::Categorical(r), Sample::Categorical(c)) => {
            Distribution::Categorical(category_shares_of(r, c, CATEGORIES))
        }
        _ => Distribution::Numeric(Histogram::default()),
    }
}

/// Bins with round edges over the bulk of both samples, or over all of them when no tail is long.
fn histogram_of(reference: &Sorted, current: &Sorted) -> Histogram {
    let sides = [reference.values(), current.values()];
    let medians = (quantile(sides[0], 0.5), quantile(sides[1], 0.5));
    let Some((low, high)) = axis(sides) else { return Histogram { medians, ..Histogram::default() } };
    let edges = edges(low, high, sides);
    let shares = sides.map(|values| shares(values, &edges));
    let [outside_r, outside_c] =
        [0, 1].map(
            |side: usize| {
                if sides[side].is_empty() { 0.0 } else { (1.0 - shares[side].iter().sum::<f64>()).max(0.0) }
            },
        );
    let [reference, current] = shares;
    Histogram { edges, reference, current, outside: (outside_r, outside_c), medians }
}

/// The range to show; `None` without values or when the range overflows.
fn axis(sides: [&[f64]; 2]) -> Option<(f64, f64)> {
    let range = |tail: f64| {
        let low = sides.iter().filter_map(|values| quantile(values, tail)).reduce(f64::min)?;
        let high = sides.iter().filter_map(|values| quantile(values, 1.0 - tail)).reduce(f64::max)?;
        Some((low, high))
    };
    let (all, bulk) = (range(0.0)?, range(TAIL)?);
    let longer = (all.1 - all.0) > 1.5 * (bulk.1 - bulk.0);
    let chosen = if longer && bulk.1 > bulk.0 { bulk } else { all };
    (chosen.1 - chosen.0).is_finite().then_some(chosen)
}

/// Edges on multiples of a round step; whole numbers over a short range get a bin each, centred.
fn edges(low: f64, high: f64, sides: [&[f64]; 2]) -> Vec<f64> {
    let span = if high > low { high - low } else { low.abs().max(1.0) };
    let whole = || sides.iter().all(|values| values.iter().all(|v| v.fract() == 0.0));
    if high - low <= 2.0 * BINS && low.abs() < 1e9 && whole() {
        let step = if high - low <= BINS { 1.0 } else { 2.0 };
        let count = ((high - low) / step).floor() as usize + 1;
        return (0..=count).map(|i| low - 0.5 + i as f64 * step).collect();
    }
    let step = nice_step(span / BINS);
    let (first, last) = ((low / step).floor(), (high / step).floor() + 1.0);
    let edges: Vec<f64> = (0..=(last - first) as usize).map(|i| (first + i as f64) * step).collect();
    // Values too close together for their size: one bin is all that floats can tell apart.
    if edges.windows(2).all(|pair| pair[0] < pair[1]) { edges } else { vec![low - span / 2.0, high + span / 2.0] }
}

fn shares(values: &[f64], edges: &[f64]) -> Vec<f64> {
    let below: Vec<usize> = edges.iter().map(|edge| values.partition_point(|v| v < edge)).collect();
    let n = values.len().max(1) as f64;
    below.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / n).collect()
}

/// The value at `share` of the way through an ascending slice.
fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    values.get((share * last as f64).round() as usize).copied()
}

/// The `shown` categories with the largest share on either side, by their share in the reference.
fn category_shares_of(reference: &Counts, current: &Counts, shown: usize) -> CategoryShares {
    let (n, m) = (reference.total().max(1) as f64, current.total().max(1) as f64);
    let known = reference.entries().iter().map(|(label, r)| (label, *r as f64 / n, current.get(label) as f64 / m));
    let new = current.entries().iter().filter(|(label, _)| reference.get(label) == 0);
    let mut all: Vec<(&String, f64, f64)> = known.chain(new.map(|(label, c)| (label, 0.0, *c as f64 / m))).collect();
    let larger = |entry: &(&String, f64, f64)| entry.1.max(entry.2);
    all.sort_by(|a, b| larger(b).total_cmp(&larger(a)).then_with(|| a.0.cmp(b.0)));
    let rest = all.split_off(shown.min(all.len()));
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.2.total_cmp(&a.2)).then_with(|| a.0.cmp(b.0)));
    let sums = rest.iter().fold((0.0, 0.0), |sums, (_, r, c)| (sums.0 + r, sums.1 + c));
    CategoryShares {
        entries: all.into_iter().map(|(label, r, c)| (label.clone(), r, c)).collect(),
        others: (!rest.is_empty()).then_some((rest.len(), sums.0, sums.1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_has_round_edges_and_loses_no_value() {
        let r = Sorted::new((0..1000).map(|i| f64::from(i) * 0.0371).collect());
        let c = Sorted::new((0..500).map(|i| f64::from(i) * 0.0371 + 3.0).collect());
        let histogram = histogram_of(&r, &c);
        assert_eq!((histogram.edges[0], histogram.edges[1]), (0.0, 1.0));
        assert!((histogram.reference.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(histogram.outside.0 < 1e-12);
    }

    #[test]
    fn a_far_value_does_not_squeeze_the_rest() {
        let mut values: Vec<f64> = (0..10_000).map(|i| f64::from(i) / 100.3).collect();
        values.push(1e9);
        let histogram = histogram_of(&Sorted::new(values.clone()), &Sorted::new(values));
        assert!(histogram.edges.last().unwrap() < &200.0);
        assert!(histogram.outside.0 > 0.0);
    }

    #[test]
    fn odd_samples_have_a_picture() {
        for values in [vec![], vec![3.0], vec![-f64::MAX, f64::MAX], vec![1e16, 1e16 + 2.0], vec![0.0; 9], vec![1e300]]
        {
            let histogram = histogram_of(&Sorted::new(values.clone()), &Sorted::new(vec![]));
            assert!(histogram.edges.windows(2).all(|pair| pair[0] < pair[1]), "{values:?}");
            assert_eq!(histogram.reference.len(), histogram.edges.len().saturating_sub(1));
        }
    }

    #[test]
    fn rare_categories_are_put_together() {
        let r = Counts::new([("a", 50), ("b", 30), ("c", 20)]);
        let c = Counts::new([("a", 10), ("d", 90)]);
        let shares = category_shares_of(&r, &c, 2);
        assert_eq!(shares.entries, [("a".to_string(), 0.5, 0.1), ("d".to_string(), 0.0, 0.9)]);
        assert_eq!(shares.others, Some((2, 0.5, 0.0)));
    }
}
