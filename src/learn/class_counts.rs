//! Gini impurity or entropy of any number of classes, of rows that may have weights. Of two classes without weights
//! [`super::histogram::Purity`] does the same with whole numbers.

use crate::learn::histogram::{Criterion, FeatureHistogram};
use crate::math::log2;

/// The classes of some rows: the weight of each class, up to `K` of them, and how many rows these are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassSums<const K: usize> {
    weights: [f64; K],
    rows: u32,
}

impl<const K: usize> Default for ClassSums<K> {
    fn default() -> Self {
        ClassSums { weights: [0.0; K], rows: 0 }
    }
}

/// What a row adds: its class, its weight and how often it is drawn.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClassRow {
    /// The place of its class.
    pub class: u32,
    /// How often it is drawn.
    pub times: u32,
    /// Its weight, times how often it is drawn.
    pub weight: f64,
}

/// How pure a group of rows is whose classes are told apart by at most `K` sums.
#[derive(Debug, Clone)]
pub struct ClassCounts<const K: usize> {
    /// Entropy rather than Gini.
    pub entropy: bool,
    /// Rows on each side of a split at least.
    pub min_leaf: u64,
    /// How many classes there are, `K` at most.
    pub classes: usize,
    /// Whether a leaf has one number, the share of the second of two classes, not one a class.
    pub single: bool,
}

/// Steps of the power iteration that finds the direction in which categories differ most.
const STEPS: usize = 12;

impl<const K: usize> ClassCounts<K> {
    /// The share of each class.
    fn shares(&self, sum: &ClassSums<K>) -> [f64; K] {
        let all: f64 = sum.weights.iter().fold(0.0, |all, weight| all + weight);
        sum.weights.map(|weight| if all > 0.0 { weight / all } else { 0.0 })
    }
}

impl<const K: usize> Criterion for ClassCounts<K> {
    type Row = ClassRow;
    type Sum = ClassSums<K>;
    const SUMMED_ANEW: bool = true;

    #[inline]
    fn add(sum: &mut ClassSums<K>, row: ClassRow) {
        if let Some(weight) = sum.weights.get_mut(row.class as usize) {
            *weight += row.weight;
        }
        sum.rows += row.times;
    }

    #[inline]
    fn plus(mut a: ClassSums<K>, b: ClassSums<K>) -> ClassSums<K> {
        a.weights.iter_mut().zip(b.weights).for_each(|(a, b)| *a += b);
        a.rows += b.rows;
        a
    }

    #[inline]
    fn minus(mut a: ClassSums<K>, b: ClassSums<K>) -> ClassSums<K> {
        a.weights.iter_mut().zip(b.weights).for_each(|(a, b)| *a -= b);
        a.rows -= b.rows;
        a
    }

    #[inline]
    fn count(sum: ClassSums<K>) -> u64 {
        u64::from(sum.rows)
    }

    /// Minus the weight times the impurity.
    fn score(&self, sum: ClassSums<K>) -> f64 {
        let weights = &sum.weights[..self.classes];
        let all: f64 = weights.iter().fold(0.0, |all, weight| all + weight);
        if all <= 0.0 {
            return 0.0;
        }
        if self.entropy {
            let bits = |part: f64| if part > 0.0 { part * log2(part / all) } else { 0.0 };
            return weights.iter().fold(0.0, |sum, weight| sum + bits(*weight));
        }
        weights.iter().fold(0.0, |sum, weight| sum + weight * weight) / all - all
    }

    fn least_gain(&self, _: ClassSums<K>) -> f64 {
        f64::NEG_INFINITY
    }

    #[inline]
    fn is_enough(&self, sum: ClassSums<K>) -> bool {
        u64::from(sum.rows) >= self.min_leaf
    }

    fn is_pure(&self, sum: ClassSums<K>) -> bool {
        sum.weights.iter().filter(|weight| **weight > 0.0).count() < 2
    }

    /// The share of the second class.
    fn rank(&self, sum: ClassSums<K>) -> f64 {
        self.shares(&sum)[1]
    }

    /// Of several classes: along the direction in which the shares of the categories differ most, their first principal component
    /// (Coppersmith, Hong and Hosking 1999).
    fn ranks(&self, sums: &FeatureHistogram<Self>, here: &mut [(f64, u8)]) {
        if self.classes < 3 {
            here.iter_mut().for_each(|(rank, bin)| *rank = self.rank(sums[usize::from(*bin)]));
            return;
        }
        let whole = here.iter().fold(ClassSums::default(), |all, (_, bin)| Self::plus(all, sums[usize::from(*bin)]));
        let mean = self.shares(&whole);
        let mut apart = vec![([0.0; K], 0.0); here.len()];
        for ((off, weight), (_, bin)) in apart.iter_mut().zip(here.iter()) {
            let sum = &sums[usize::from(*bin)];
            *off = self.shares(sum);
            off.iter_mut().zip(mean).for_each(|(share, mean)| *share -= mean);
            *weight = sum.weights.iter().fold(0.0, |all, weight| all + weight);
        }
        let along = |off: &[f64; K], v: &[f64; K]| off.iter().zip(v).fold(0.0, |sum, (a, b)| sum + a * b);
        let mut spread = [0.0; K];
        for (off, weight) in &apart {
            spread.iter_mut().zip(off).for_each(|(sum, off)| *sum += weight * off * off);
        }
        let widest = spread.iter().enumerate().fold(0, |best, (k, sum)| if *sum > spread[best] { k } else { best });
        let mut direction = [0.0; K];
        direction[widest] = 1.0;
        for _ in 0..STEPS {
            let mut next = [0.0; K];
            for (off, weight) in &apart {
                let length = weight * along(off, &direction);
                next.iter_mut().zip(off).for_each(|(sum, off)| *sum += length * off);
            }
            let length = along(&next, &next).sqrt();
            if length > 0.0 {
                direction = next.map(|x| x / length);
            }
        }
        here.iter_mut().zip(&apart).for_each(|((rank, _), (off, _))| *rank = along(off, &direction));
    }

    /// The share of the second class where that is all; else the leaf has numbers of its own.
    fn leaf(&self, sum: ClassSums<K>) -> f64 {
        if self.single { self.shares(&sum)[1] } else { 0.0 }
    }

    fn numbers(&self) -> usize {
        if self.single { 1 } else { self.classes }
    }

    /// The share of each class.
    fn leaf_numbers(&self, sum: ClassSums<K>, out: &mut Vec<f64>) {
        out.extend_from_slice(&self.shares(&sum)[..self.classes]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::histogram::{Purity, empty};

    fn counts<const K: usize>(weights: [f64; K]) -> ClassSums<K> {
        ClassSums { rows: weights.iter().map(|weight| *weight as u32).sum(), weights }
    }

    #[test]
    fn two_classes_score_as_by_whole_numbers() {
        for entropy in [false, true] {
            let general = ClassCounts::<2> { entropy, min_leaf: 1, classes: 2, single: true };
            let whole = Purity { entropy, min_leaf: 1 };
            for (negative, positive) in [(3u32, 1u32), (5, 5), (0, 4), (7, 0)] {
                let sum = Purity::row(false, negative) + Purity::row(true, positive);
                let other = counts([f64::from(negative), f64::from(positive)]);
                assert!((general.score(other) - whole.score(sum)).abs() < 1e-12);
                assert_eq!(general.leaf(other), whole.leaf(sum));
                assert_eq!(general.is_pure(other), whole.is_pure(sum));
            }
        }
    }

    #[test]
    fn several_classes_score_as_impurities_times_rows() {
        let gini = ClassCounts::<4> { entropy: false, min_leaf: 1, classes: 3, single: false };
        let sum = counts([2.0, 1.0, 1.0, 0.0]);
        assert!((gini.score(sum) + 4.0 * (1.0 - 0.25 - 0.0625 - 0.0625)).abs() < 1e-12);
        let entropy = ClassCounts::<4> { entropy: true, ..gini.clone() };
        assert!((entropy.score(sum) + 4.0 * 1.5).abs() < 1e-12);
        let mut shares = Vec::new();
        gini.leaf_numbers(sum, &mut shares);
        assert_eq!(shares, [0.5, 0.25, 0.25]);
    }

    #[test]
    fn categories_with_like_classes_come_next_to_each_other() {
        let criterion = ClassCounts::<4> { entropy: false, min_leaf: 1, classes: 3, single: false };
        let mut sums = empty::<ClassCounts<4>>();
        for (bin, weights) in
            [(0, [9.0, 0.0, 1.0, 0.0]), (1, [0.0, 8.0, 1.0, 0.0]), (2, [8.0, 1.0, 1.0, 0.0]), (3, [1.0, 9.0, 0.0, 0.0])]
        {
            sums[bin] = counts(weights);
        }
        let mut here = [(0.0, 0u8), (0.0, 1), (0.0, 2), (0.0, 3)];
        criterion.ranks(&sums, &mut here);
        here.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let order = here.map(|(_, bin)| bin % 2);
        assert!(order == [0, 0, 1, 1] || order == [1, 1, 0, 0], "{here:?}");
    }
}
