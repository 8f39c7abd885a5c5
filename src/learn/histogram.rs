//! Sums over the rows of each bin, and two ways to judge them: purity of two classes and gradients of a loss. `class_counts` and
//! `squared_distance` are the others.
//!
//! Invariant: the histogram of a feature is summed in row order by one thread, so its bits never depend on threads.
//! Class counts are whole numbers packed into one word; gradients are summed in f64.

use crate::learn::binning::BINS;
use crate::math::log2;

/// What a tree optimises: sums over rows, and how good a group of rows with such a sum is.
pub trait Criterion: Sync {
    /// What one row adds.
    type Row: Copy + Default + Send + Sync;
    /// The sum over some rows.
    type Sum: Copy + Default + Send + Sync;
    /// Whether the sums of a new node are made of its rows: differences of sums keep what rounding left of rows that are no longer there.
    const SUMMED_ANEW: bool = false;

    /// Adds a row.
    fn add(sum: &mut Self::Sum, row: Self::Row);
    /// The sum of two groups.
    fn plus(a: Self::Sum, b: Self::Sum) -> Self::Sum;
    /// The sum of the rows in `a` that are not in `b`.
    fn minus(a: Self::Sum, b: Self::Sum) -> Self::Sum;
    /// How many rows, with repetitions of a bootstrap.
    fn count(sum: Self::Sum) -> u64;
    /// How good the group is as one leaf; a split gains what its sides score above the whole.
    fn score(&self, sum: Self::Sum) -> f64;
    /// A split of the node must gain more than this.
    fn least_gain(&self, node: Self::Sum) -> f64;
    /// Whether the group is large enough to be a side of a split.
    fn is_enough(&self, sum: Self::Sum) -> bool;
    /// Whether no split can gain anything.
    fn is_pure(&self, sum: Self::Sum) -> bool;
    /// Where the group stands when categories are put in order.
    fn rank(&self, sum: Self::Sum) -> f64;
    /// Puts the rank of each of these bins beside it.
    fn ranks(&self, sums: &FeatureHistogram<Self>, here: &mut [(f64, u8)])
    where
        Self: Sized,
    {
        here.iter_mut().for_each(|(rank, bin)| *rank = self.rank(sums[usize::from(*bin)]));
    }
    /// What a cut between categories put in order gains though they say nothing, where so many are in the node.
    fn chance_gain(&self, _categories: usize) -> f64 {
        0.0
    }
    /// The value of the group as a leaf.
    fn leaf(&self, sum: Self::Sum) -> f64;
    /// Numbers of a leaf: where there are several, its value is the number of the leaf.
    fn numbers(&self) -> usize {
        1
    }
    /// Adds the numbers of the group as a leaf, where there are several.
    fn leaf_numbers(&self, _sum: Self::Sum, _out: &mut Vec<f64>) {}
}

/// The sums of one feature, by bin.
pub type FeatureHistogram<C> = [<C as Criterion>::Sum; BINS];

/// A histogram of no rows.
pub fn empty<C: Criterion>() -> FeatureHistogram<C> {
    [C::Sum::default(); BINS]
}

/// Adds `rows` (ascending) of N features to their histograms in one pass; `values[i]` is what row `rows[i]` adds. Two
/// features at once take less time than one after the other: their additions don't wait for each other.
pub fn fill<C: Criterion, const N: usize>(
    histograms: [&mut FeatureHistogram<C>; N],
    bins: [&[u8]; N],
    rows: &[u32],
    values: &[C::Row],
) {
    if bins.iter().all(|bins| bins.len() == rows.len()) {
        // All rows, in order: no need to look up which.
        for (row, &value) in values.iter().enumerate() {
            for k in 0..N {
                C::add(&mut histograms[k][bins[k][row] as usize], value);
            }
        }
        return;
    }
    for (&row, &value) in rows.iter().zip(values) {
        for k in 0..N {
            C::add(&mut histograms[k][bins[k][row as usize] as usize], value);
        }
    }
}

/// Makes the histogram of a node into that of one child by taking away the other's.
pub fn subtract<C: Criterion>(node: &mut FeatureHistogram<C>, child: &FeatureHistogram<C>) {
    for (sum, child) in node.iter_mut().zip(child) {
        *sum = C::minus(*sum, *child);
    }
}

/// Gini impurity or entropy of two classes. A sum holds the rows in its upper and the positive ones in its lower half.
#[derive(Debug, Clone)]
pub struct Purity {
    /// Entropy rather than Gini.
    pub entropy: bool,
    /// Rows on each side of a split at least.
    pub min_leaf: u64,
}

impl Purity {
    /// What a row with this label adds when it is drawn `times`.
    pub fn row(positive: bool, times: u32) -> u64 {
        (u64::from(times) << 32) | if positive { u64::from(times) } else { 0 }
    }

    /// (rows, positives) of a sum.
    fn parts(sum: u64) -> (f64, f64) {
        ((sum >> 32) as f64, (sum & 0xffff_ffff) as f64)
    }
}

impl Criterion for Purity {
    type Row = u64;
    type Sum = u64;

    #[inline]
    fn add(sum: &mut u64, row: u64) {
        *sum += row;
    }

    #[inline]
    fn plus(a: u64, b: u64) -> u64 {
        a + b
    }

    #[inline]
    fn minus(a: u64, b: u64) -> u64 {
        a - b
    }

    #[inline]
    fn count(sum: u64) -> u64 {
        sum >> 32
    }

    /// Minus the rows times the impurity.
    #[inline]
    fn score(&self, sum: u64) -> f64 {
        let (n, p) = Purity::parts(sum);
        if self.entropy {
            let bits = |part: f64| if part > 0.0 { part * log2(part / n) } else { 0.0 };
            bits(p) + bits(n - p)
        } else {
            -2.0 * p * (n - p) / n
        }
    }

    fn least_gain(&self, _: u64) -> f64 {
        f64::NEG_INFINITY
    }

    #[inline]
    fn is_enough(&self, sum: u64) -> bool {
        (sum >> 32) >= self.min_leaf
    }

    fn is_pure(&self, sum: u64) -> bool {
        let positives = sum & 0xffff_ffff;
        positives == 0 || positives == sum >> 32
    }

    fn rank(&self, sum: u64) -> f64 {
        self.leaf(sum)
    }

    /// The share of positives.
    fn leaf(&self, sum: u64) -> f64 {
        let (n, p) = Purity::parts(sum);
        if n > 0.0 { p / n } else { 0.0 }
    }
}

/// Sums of the first and second derivatives of a loss (Friedman 2001, Chen and Guestrin 2016).
#[derive(Debug, Clone)]
pub struct Newton {
    /// Added to the second derivatives of every leaf.
    pub l2: f64,
    /// What the value of a leaf is multiplied with.
    pub learning_rate: f64,
    /// Rows on each side of a split at least.
    pub min_leaf: u64,
    /// The largest step, before it is shrunk.
    pub most: f64,
    /// The mean squared first derivative of a row over its mean second one: what a group of rows scores a time though nothing sets it
    /// apart.
    pub noise: f64,
}

/// Second derivatives on each side of a split at least, as in scikit-learn.
const MIN_HESSIAN: f64 = 1e-3;
/// What pulls the rank of rare categories to the middle, as in LightGBM and scikit-learn.
const CATEGORY_SMOOTHING: f64 = 10.0;

/// The share of a gain by chance that a cut between categories must have on top. With all of it categories that say something lose more than
/// those that say nothing cost; docs/decisions/learners.md has the figures.
const ASKED: f64 = 0.75;

/// First and second derivatives of some rows, and how many these are.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Slopes {
    gradient: f64,
    hessian: f64,
    rows: u64,
}

impl Criterion for Newton {
    type Row = (f32, f32);
    type Sum = Slopes;

    #[inline]
    fn add(sum: &mut Slopes, (gradient, hessian): (f32, f32)) {
        sum.gradient += f64::from(gradient);
        sum.hessian += f64::from(hessian);
        sum.rows += 1;
    }

    #[inline]
    fn plus(a: Slopes, b: Slopes) -> Slopes {
        Slopes { gradient: a.gradient + b.gradient, hessian: a.hessian + b.hessian, rows: a.rows + b.rows }
    }

    #[inline]
    fn minus(a: Slopes, b: Slopes) -> Slopes {
        Slopes { gradient: a.gradient - b.gradient, hessian: a.hessian - b.hessian, rows: a.rows - b.rows }
    }

    #[inline]
    fn count(sum: Slopes) -> u64 {
        sum.rows
    }

    #[inline]
    fn score(&self, sum: Slopes) -> f64 {
        sum.gradient * sum.gradient / (sum.hessian + self.l2)
    }

    fn least_gain(&self, _: Slopes) -> f64 {
        0.0
    }

    #[inline]
    fn is_enough(&self, sum: Slopes) -> bool {
        sum.rows >= self.min_leaf && sum.hessian >= MIN_HESSIAN
    }

    fn is_pure(&self, sum: Slopes) -> bool {
        sum.rows < 2 * self.min_leaf || sum.hessian < 2.0 * MIN_HESSIAN
    }

    fn rank(&self, sum: Slopes) -> f64 {
        sum.gradient / (sum.hessian + CATEGORY_SMOOTHING)
    }

    /// Of k groups that differ by chance alone the scores sum to k − 1 times the noise, and the best cut of them in order parts a share of
    /// 2/π of it: the squared mean of the absolute value of a standard normal number.
    fn chance_gain(&self, categories: usize) -> f64 {
        ASKED * std::f64::consts::FRAC_2_PI * categories.saturating_sub(1) as f64 * self.noise
    }

    /// The Newton step, shrunk.
    fn leaf(&self, sum: Slopes) -> f64 {
        let curvature = sum.hessian + self.l2;
        let step = if curvature > 0.0 { -sum.gradient / curvature } else { 0.0 };
        self.learning_rate * step.clamp(-self.most, self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purity_scores_are_impurities_times_rows() {
        let sum = Purity::row(true, 3) + Purity::row(false, 1);
        let gini = Purity { entropy: false, min_leaf: 1 };
        assert_eq!(gini.score(sum), -4.0 * (1.0 - 0.75f64.powi(2) - 0.25f64.powi(2)));
        let entropy = Purity { entropy: true, min_leaf: 1 };
        assert!((entropy.score(sum) + 4.0 * 0.811_278_124_459_132_8).abs() < 1e-12);
        assert_eq!(gini.leaf(sum), 0.75);
        assert!(gini.is_pure(Purity::row(true, 2)) && !gini.is_pure(sum));
    }

    #[test]
    fn a_step_over_hardly_any_curvature_is_bounded() {
        let leaf = |most: f64, gradient: f64| {
            let newton = Newton { l2: 0.0, learning_rate: 0.1, min_leaf: 20, most, noise: 1.0 };
            newton.leaf(Slopes { gradient, hessian: 1e-3, rows: 20 })
        };
        assert_eq!((leaf(10.0, 6.0), leaf(10.0, -6.0)), (-1.0, 1.0));
        assert!((leaf(f64::INFINITY, 6.0) + 600.0).abs() < 1e-9);
        assert!((leaf(10.0, 0.001) + 0.1).abs() < 1e-15, "smaller steps are what they are");
    }
}
