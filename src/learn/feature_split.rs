//! The best split of one feature, found by one walk over its histogram.
//!
//! Numeric features are cut between bins; categories are put in order of their rank and cut there, which is the best of
//! all subsets for two classes (Breiman and others 1984, theorem 4.5; Fisher 1958). Missing values go to whichever side gains
//! more, and where a node has none, to the larger side. Equal gains: the first found stays, so results are fixed.

use crate::learn::binning::{BINS, Edges, MISSING};
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
    #[inline]
    pub fn insert(&mut self, bin: u8) {
        self.0[usize::from(bin >> 6)] |= 1 << (bin & 63);
    }

    /// Every bin.
    pub const ALL: BinSet = BinSet([u64::MAX; 4]);

    /// The bins of these rows.
    pub fn of_rows(column: &[u8], rows: &[u32]) -> BinSet {
        let mut set = BinSet::default();
        rows.iter().for_each(|&row| set.insert(column[row as usize]));
        set
    }

    /// Its bins, ascending.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..4).flat_map(move |word| {
            let mut left = self.0[word];
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                (left != 0).then(|| {
                    left &= left - 1;
                    word * 64 + bit
                })
            })
        })
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

/// The sums of a feature in a node.
pub struct NodeSums<'a, C: Criterion> {
    /// The feature.
    pub feature: usize,
    /// Its sums by bin.
    pub sums: &'a FeatureHistogram<C>,
    /// Bins of which some may have rows; the others have none.
    pub used: BinSet,
    /// The sum of the node.
    pub node: C::Sum,
}

impl<C: Criterion> NodeSums<'_, C> {
    /// The bins for values that are there and have rows, ascending, each with its sum.
    #[inline]
    fn there(&self) -> impl Iterator<Item = (usize, C::Sum)> {
        let sums = self.sums;
        let bins = self.used.iter().take_while(|bin| *bin < usize::from(MISSING));
        bins.map(|bin| (bin, sums[bin])).filter(|(_, sum)| C::count(*sum) > 0)
    }
}

/// The best split of a node by a numeric feature, which has `bins` bins; none if no split is allowed.
pub fn numeric<C: Criterion>(criterion: &C, bins: usize, of: &NodeSums<C>) -> Option<NodeSplit<C::Sum>> {
    let NodeSums { feature, sums, node, .. } = *of;
    let missing = sums[usize::from(MISSING)];
    let has_missing = C::count(missing) > 0;
    let mut best: Option<(f64, usize, bool, C::Sum)> = None;
    let least = criterion.least_gain(node);
    let whole = criterion.score(node);
    for missing_left in [false, true] {
        if missing_left && !has_missing {
            break;
        }
        let mut left = if missing_left { missing } else { C::Sum::default() };
        for (bin, sum) in of.there() {
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
    let next = of.there().map(|(next, _)| next).find(|next| *next > bin);
    let bin = next.map_or(bins - 1, |next| (bin + next - 1) / 2) as u8;
    let mut goes_left = BinSet::default();
    (0..=bin).for_each(|bin| goes_left.insert(bin));
    let missing_left = if has_missing { missing_left } else { C::count(left) > C::count(right) };
    if missing_left {
        goes_left.insert(MISSING);
    }
    Some(NodeSplit { gain, feature, bin, goes_left, left, right })
}

/// The split of a node by a numeric feature at a cut drawn between the first and the last threshold here, `place` being from 0 to 1; missing
/// values go to the side where they gain more. None if no split is allowed there.
pub fn numeric_at<C: Criterion>(
    criterion: &C,
    edges: &Edges,
    of: &NodeSums<C>,
    place: f64,
) -> Option<NodeSplit<C::Sum>> {
    let NodeSums { feature, sums, node, .. } = *of;
    let (first, last) = (of.there().next()?.0, of.there().last()?.0);
    if first == last {
        // Only the missing values can be parted from the others.
        return numeric(criterion, edges.bins(), of);
    }
    let ends = (edges.threshold(first as u8), edges.threshold(last as u8 - 1));
    let drawn = ends.0 + place * (ends.1 - ends.0);
    let cut = (first..last).rev().find(|bin| edges.threshold(*bin as u8) <= drawn).unwrap_or(first);
    let below = of.there().take_while(|(bin, _)| *bin <= cut);
    let below = below.fold(C::Sum::default(), |sum, (_, bin)| C::plus(sum, bin));
    let missing = sums[usize::from(MISSING)];
    let has_missing = C::count(missing) > 0;
    let whole = criterion.score(node);
    let sides = [false, true].into_iter().filter(|missing_left| !missing_left || has_missing);
    let sides = sides.filter_map(|missing_left| {
        let left = if missing_left { C::plus(below, missing) } else { below };
        let right = C::minus(node, left);
        let gain = criterion.score(left) + criterion.score(right) - whole;
        (criterion.is_enough(left) && criterion.is_enough(right) && gain > criterion.least_gain(node)).then_some((
            gain,
            missing_left,
            left,
            right,
        ))
    });
    let (gain, missing_left, left, right) = sides.reduce(|best, other| if other.0 > best.0 { other } else { best })?;
    let mut goes_left = BinSet::default();
    (0..=cut as u8).for_each(|bin| goes_left.insert(bin));
    let missing_left = if has_missing { missing_left } else { C::count(left) > C::count(right) };
    if missing_left {
        goes_left.insert(MISSING);
    }
    Some(NodeSplit { gain, feature, bin: cut as u8, goes_left, left, right })
}

/// The best split of a node by a categorical feature: the categories here, missing among them, in order of rank. With a `place` from 0 to 1
/// they are cut there.
pub fn categorical<C: Criterion>(criterion: &C, of: &NodeSums<C>, place: Option<f64>) -> Option<NodeSplit<C::Sum>> {
    let NodeSums { feature, sums, used, node } = *of;
    let mut order = [(0.0, 0u8); BINS];
    let mut here = 0;
    for bin in used.iter().filter(|bin| C::count(sums[*bin]) > 0) {
        order[here] = (0.0, bin as u8);
        here += 1;
    }
    let order = &mut order[..here];
    criterion.ranks(sums, order);
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut best: Option<(f64, usize, C::Sum)> = None;
    let least = criterion.least_gain(node);
    let whole = criterion.score(node) + criterion.chance_gain(here);
    let mut left = C::Sum::default();
    let only = place.map(|place| (place * here.saturating_sub(1) as f64) as usize);
    for (i, (_, bin)) in order.iter().enumerate().take(here.saturating_sub(1)) {
        left = C::plus(left, sums[usize::from(*bin)]);
        let right = C::minus(node, left);
        if only.is_none_or(|only| only == i) && criterion.is_enough(left) && criterion.is_enough(right) {
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

    /// A feature of these sums, and the node's own.
    fn node(feature: usize, sums: &FeatureHistogram<Purity>) -> NodeSums<'_, Purity> {
        NodeSums { feature, sums, used: BinSet::ALL, node: sums.iter().sum() }
    }

    #[test]
    fn a_set_of_bins_lists_them_in_order() {
        let mut set = BinSet::default();
        [255, 0, 63, 64, 200, 0].into_iter().for_each(|bin| set.insert(bin));
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 64, 200, 255]);
        assert_eq!(BinSet::ALL.iter().count(), 256);
        assert_eq!(BinSet::of_rows(&[9, 7, 9, 3], &[0, 2, 3]).iter().collect::<Vec<_>>(), [3, 9]);
    }

    #[test]
    fn a_numeric_cut_goes_between_the_classes() {
        let mut sums = empty::<Purity>();
        sums[2] = Purity::row(false, 5);
        sums[8] = Purity::row(true, 4);
        let split = numeric(&GINI, 10, &node(3, &sums)).unwrap();
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
        let split = numeric(&GINI, 2, &node(0, &sums)).unwrap();
        assert!(!split.goes_left.contains(MISSING) && split.right == Purity::row(true, 7));
        sums[255] = Purity::row(false, 3);
        let split = numeric(&GINI, 2, &node(0, &sums)).unwrap();
        assert!(split.goes_left.contains(MISSING) && split.left == Purity::row(false, 8));
    }

    #[test]
    fn missing_against_all_others_is_a_split_too() {
        let mut sums = empty::<Purity>();
        sums[0] = Purity::row(false, 5);
        sums[255] = Purity::row(true, 4);
        let split = numeric(&GINI, 1, &node(0, &sums)).unwrap();
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
        let split = categorical(&GINI, &node(0, &sums), None).unwrap();
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(|bin| split.goes_left.contains(bin)),
            [false, true, true, false, true, false]
        );
        assert!(split.goes_left.contains(MISSING), "to the larger side");
    }
}
