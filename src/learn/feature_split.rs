//! The best split of one feature, found by one walk over its histogram.
//!
//! Numeric features are cut between bins; categories are put in order of their rank and cut there, which is the best of
//! all subsets for two classes (Breiman and others 1984, theorem 4.5; Fisher 1958). Missing values go to whichever side gains
//! more, and where a node has none, to the larger side. Equal gains: the first found stays, so results are fixed.

use crate::learn::binning::{BINS, MISSING};
use crate::learn::histogram::{Criterion, FeatureHistogram};

/// A set of bins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BinSet(pub [u64; 4]);

impl BinSet {
    /// Whether `bin` is in it.
    #[inline]
    pub fn contains(&self, bin: u8) -> bool {
        (self.0[usize::from(bin >> 6)] >> (bin & 63)) & 1 == 1
    }

    /// Puts `bin` in.
    pub fn insert(&mut self, bin: u8) {
        self.0[usize::from(bin >> 6)] |= 1 << (bin & 63);
    }
}

/// How a node is divided.
#[derive(Debug, Clone)]
pub struct NodeSplit<S> {
    /// How much higher the two sides score together than the node.
    pub gain: f64,
    /// The feature that decides.
    pub feature: usize,
    /// For a numeric feature, the last bin that goes left.
    pub bin: u8,
    /// The bins that go left, among them `MISSING` or not.
    pub goes_left: BinSet,
    /// The sum of the left side.
    pub left: S,
    /// The sum of the right side.
    pub right: S,
}

/// The best split of a node with sum `node` by numeric `feature`, which has `bins` bins; none if no split is allowed.
pub fn numeric<C: Criterion>(
    criterion: &C,
    feature: usize,
    bins: usize,
    sums: &FeatureHistogram<C>,
    node: C::Sum,
) -> Option<NodeSplit<C::Sum>> {
    let missing = sums[usize::from(MISSING)];
    let has_missing = C::count(missing) > 0;
    let mut best: Option<(f64, usize, bool, C::Sum)> = None;
    let least = if criterion.must_gain() { 0.0 } else { f64::NEG_INFINITY };
    let whole = criterion.score(node);
    for missing_left in [false, true] {
        if missing_left && !has_missing {
            break;
        }
        let mut left = if missing_left { missing } else { C::Sum::default() };
        for (bin, &sum) in sums[..bins].iter().enumerate().filter(|(_, sum)| C::count(**sum) > 0) {
            left = C::plus(left, sum);
            let right = C::minus(node, left);
            if !criterion.is_enough(right) {
                break;
            }
            if criterion.is_enough(left) {
                let gain = criterion.score(left) + criterion.score(right) - whole;
                if gain > best.map_or(least, |best| best.0) {
                    best = Some((gain, bin, missing_left, left));
                }
            }
        }
    }
    let (gain, bin, missing_left, left) = best?;
    let right = C::minus(node, left);
    // Bins that are empty here lie between the sides: the cut goes through their middle.
    let next = (bin + 1..bins).find(|&next| C::count(sums[next]) > 0);
    let bin = next.map_or(bins - 1, |next| (bin + next - 1) / 2) as u8;
    let mut goes_left = BinSet::default();
    (0..=bin).for_each(|bin| goes_left.insert(bin));
    let missing_left = if has_missing { missing_left } else { C::count(left) > C::count(right) };
    if missing_left {
        goes_left.insert(MISSING);
    }
    Some(NodeSplit { gain, feature, bin, goes_left, left, right })
}

/// The best split of a node by a categorical feature: the categories here, missing among them, in order of rank.
pub fn categorical<C: Criterion>(
    criterion: &C,
    feature: usize,
    sums: &FeatureHistogram<C>,
    node: C::Sum,
) -> Option<NodeSplit<C::Sum>> {
    let mut order = [(0.0, 0u8); BINS];
    let mut here = 0;
    for (bin, &sum) in sums.iter().enumerate().filter(|(_, sum)| C::count(**sum) > 0) {
        order[here] = (criterion.rank(sum), bin as u8);
        here += 1;
    }
    let order = &mut order[..here];
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut best: Option<(f64, usize, C::Sum)> = None;
    let least = if criterion.must_gain() { 0.0 } else { f64::NEG_INFINITY };
    let whole = criterion.score(node);
    let mut left = C::Sum::default();
    for (i, (_, bin)) in order.iter().enumerate().take(here.saturating_sub(1)) {
        left = C::plus(left, sums[usize::from(*bin)]);
        let right = C::minus(node, left);
        if criterion.is_enough(left) && criterion.is_enough(right) {
            let gain = criterion.score(left) + criterion.score(right) - whole;
            if gain > best.map_or(least, |best| best.0) {
                best = Some((gain, i, left));
            }
        }
    }
    let (gain, last, left) = best?;
    let right = C::minus(node, left);
    let mut goes_left = BinSet::default();
    order[..=last].iter().for_each(|(_, bin)| goes_left.insert(*bin));
    let others_left = match C::count(sums[usize::from(MISSING)]) {
        0 => C::count(left) > C::count(right),
        _ => goes_left.contains(MISSING),
    };
    if others_left {
        // Categories that are not in this node go where the missing ones go.
        (0..=MISSING).filter(|bin| C::count(sums[usize::from(*bin)]) == 0).for_each(|bin| goes_left.insert(bin));
    }
    Some(NodeSplit { gain, feature, bin: 0, goes_left, left, right })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::histogram::{Purity, empty};

    const GINI: Purity = Purity { entropy: false, min_leaf: 1 };

    fn node(sums: &FeatureHistogram<Purity>) -> u64 {
        sums.iter().sum()
    }

    #[test]
    fn a_numeric_cut_goes_between_the_classes() {
        let mut sums = empty::<Purity>();
        sums[2] = Purity::row(false, 5);
        sums[8] = Purity::row(true, 4);
        let split = numeric(&GINI, 3, 10, &sums, node(&sums)).unwrap();
        assert_eq!((split.feature, split.bin), (3, 4));
        assert!(split.goes_left.contains(2) && !split.goes_left.contains(8));
        assert!(split.goes_left.contains(MISSING), "to the larger side");
        assert!((split.gain - 2.0 * 5.0 * 4.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn missing_values_go_where_they_gain() {
        let mut sums = empty::<Purity>();
        sums[0] = Purity::row(false, 5);
        sums[1] = Purity::row(true, 4);
        sums[255] = Purity::row(true, 3);
        let split = numeric(&GINI, 0, 2, &sums, node(&sums)).unwrap();
        assert!(!split.goes_left.contains(MISSING) && split.right == Purity::row(true, 7));
        sums[255] = Purity::row(false, 3);
        let split = numeric(&GINI, 0, 2, &sums, node(&sums)).unwrap();
        assert!(split.goes_left.contains(MISSING) && split.left == Purity::row(false, 8));
    }

    #[test]
    fn missing_against_all_others_is_a_split_too() {
        let mut sums = empty::<Purity>();
        sums[0] = Purity::row(false, 5);
        sums[255] = Purity::row(true, 4);
        let split = numeric(&GINI, 0, 1, &sums, node(&sums)).unwrap();
        assert!(split.goes_left.contains(0) && !split.goes_left.contains(MISSING));
    }

    #[test]
    fn categories_are_grouped_by_class() {
        let mut sums = empty::<Purity>();
        for bin in [0, 3, 5] {
            sums[bin] = Purity::row(true, 2);
        }
        for bin in [1, 4] {
            sums[bin] = Purity::row(false, 4);
        }
        let split = categorical(&GINI, 0, &sums, node(&sums)).unwrap();
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(|bin| split.goes_left.contains(bin)),
            [false, true, true, false, true, false]
        );
        assert!(split.goes_left.contains(MISSING), "to the larger side");
    }
}
