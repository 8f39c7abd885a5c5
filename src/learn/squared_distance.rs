//! The squared distance of numbers to their mean: what a tree of numbers lowers (CART, Breiman and others 1984).

use crate::learn::histogram::Criterion;

/// The sums of the numbers of some rows, each less the centre.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct NumberSums {
    /// The sum of weight times number.
    sum: f64,
    /// The sum of the weights.
    weight: f64,
    rows: u64,
}

/// What a row adds.
#[derive(Debug, Clone, Copy, Default)]
pub struct NumberRow {
    /// Its number less the centre.
    pub number: f64,
    /// Its weight, times how often it is drawn.
    pub weight: f64,
    /// How often it is drawn.
    pub times: u32,
}

/// How near the numbers of a group are to their mean.
#[derive(Debug, Clone)]
pub struct SquaredDistance {
    /// A number in the middle of all, which every leaf adds.
    pub centre: f64,
    /// Rows on each side of a split at least.
    pub min_leaf: u64,
}

/// A gain below this share of what there is comes from rounding.
const ROUNDING: f64 = 1e-12;

impl Criterion for SquaredDistance {
    type Row = NumberRow;
    type Sum = NumberSums;
    const SUMMED_ANEW: bool = true;

    #[inline]
    fn add(sum: &mut NumberSums, row: NumberRow) {
        sum.sum += row.weight * row.number;
        sum.weight += row.weight;
        sum.rows += u64::from(row.times);
    }

    #[inline]
    fn plus(a: NumberSums, b: NumberSums) -> NumberSums {
        NumberSums { sum: a.sum + b.sum, weight: a.weight + b.weight, rows: a.rows + b.rows }
    }

    #[inline]
    fn minus(a: NumberSums, b: NumberSums) -> NumberSums {
        NumberSums { sum: a.sum - b.sum, weight: a.weight - b.weight, rows: a.rows - b.rows }
    }

    #[inline]
    fn count(sum: NumberSums) -> u64 {
        sum.rows
    }

    /// The squared sum over the weight: the sum of all squares, which no split changes, less this is the squared distance.
    #[inline]
    fn score(&self, sum: NumberSums) -> f64 {
        if sum.weight > 0.0 { sum.sum * sum.sum / sum.weight } else { 0.0 }
    }

    fn least_gain(&self, node: NumberSums) -> f64 {
        ROUNDING * self.score(node)
    }

    #[inline]
    fn is_enough(&self, sum: NumberSums) -> bool {
        sum.rows >= self.min_leaf
    }

    fn is_pure(&self, sum: NumberSums) -> bool {
        sum.rows < 2
    }

    fn rank(&self, sum: NumberSums) -> f64 {
        self.leaf(sum)
    }

    /// The mean.
    fn leaf(&self, sum: NumberSums) -> f64 {
        self.centre + if sum.weight > 0.0 { sum.sum / sum.weight } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_gains_what_the_squared_distances_lose() {
        let criterion = SquaredDistance { centre: 10.0, min_leaf: 1 };
        let of = |numbers: &[f64]| {
            numbers.iter().fold(NumberSums::default(), |mut sum, number| {
                SquaredDistance::add(&mut sum, NumberRow { number: number - 10.0, weight: 1.0, times: 1 });
                sum
            })
        };
        let distance = |numbers: &[f64]| {
            let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
            numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()
        };
        let (left, right) = ([7.0, 9.0, 8.0], [15.0, 12.0]);
        let both = [&left[..], &right[..]].concat();
        let gain = criterion.score(of(&left)) + criterion.score(of(&right)) - criterion.score(of(&both));
        assert!((gain - (distance(&both) - distance(&left) - distance(&right))).abs() < 1e-12);
        assert_eq!(criterion.leaf(of(&left)), 8.0);
    }
}
