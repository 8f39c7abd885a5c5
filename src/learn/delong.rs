//! Whether the areas under two ROC curves of the same rows differ: the test of DeLong, DeLong and Clarke-Pearson (1988), computed by
//! ranks as Sun and Xu (2014) do. For example, two models that order all pairs alike differ by 0 with p = 1.

use crate::math::erfc;

/// How the area of a second model differs from that of a first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AreaDifference {
    /// Area of the second less that of the first.
    pub difference: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The chance of a difference this large if there were none, 0 to 1.
    pub p: f64,
}

/// 97.5 % of the normal distribution lies below it.
const NORMAL_975: f64 = 1.959_963_984_540_054;

/// Compares the scores of two models; `positive` says of each row whether it is. None with fewer than two rows of either kind: a variance
/// needs two.
pub fn compare_areas(positive: &[bool], first: &[f64], second: &[f64]) -> Option<AreaDifference> {
    let (a, b) = (Placements::of(positive, first), Placements::of(positive, second));
    let (positives, negatives) = (a.of_positives.len() as f64, a.of_negatives.len() as f64);
    if positives < 2.0 || negatives < 2.0 {
        return None;
    }
    let difference = b.area() - a.area();
    let spread = |x: &[f64], y: &[f64]| {
        let apart: Vec<f64> = x.iter().zip(y).map(|(x, y)| y - x).collect();
        let mean = sum(apart.iter().copied()) / apart.len() as f64;
        sum(apart.iter().map(|d| (d - mean) * (d - mean))) / (apart.len() as f64 - 1.0)
    };
    let variance =
        spread(&a.of_positives, &b.of_positives) / positives + spread(&a.of_negatives, &b.of_negatives) / negatives;
    let deviation = variance.sqrt();
    let p = match deviation > 0.0 {
        true => erfc(difference.abs() / deviation / std::f64::consts::SQRT_2),
        false if difference == 0.0 => 1.0,
        false => 0.0,
    };
    let (low, high) = (difference - NORMAL_975 * deviation, difference + NORMAL_975 * deviation);
    Some(AreaDifference { difference, low, high, p })
}

fn sum(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}

/// For each positive row the share of negatives below it, and for each negative row the share of positives above it; equal ones count half.
struct Placements {
    of_positives: Vec<f64>,
    of_negatives: Vec<f64>,
}

impl Placements {
    fn of(positive: &[bool], scores: &[f64]) -> Placements {
        let of = |kind: bool| -> Vec<f64> {
            positive.iter().zip(scores).filter(|(is, _)| **is == kind).map(|(_, score)| *score).collect()
        };
        let (positives, negatives) = (of(true), of(false));
        let (all, among_positives, among_negatives) = (ranks(scores), ranks(&positives), ranks(&negatives));
        let of_all = |kind: bool| positive.iter().zip(&all).filter(move |(is, _)| **is == kind).map(|(_, rank)| *rank);
        let (m, n) = (positives.len() as f64, negatives.len() as f64);
        Placements {
            of_positives: of_all(true).zip(among_positives).map(|(all, own)| (all - own) / n).collect(),
            of_negatives: of_all(false).zip(among_negatives).map(|(all, own)| 1.0 - (all - own) / m).collect(),
        }
    }

    fn area(&self) -> f64 {
        sum(self.of_positives.iter().copied()) / self.of_positives.len() as f64
    }
}

/// The rank of each value from 1 on; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let equal = order[from..].iter().take_while(|row| values[**row] == values[order[from]]).count().max(1);
        let rank = from as f64 + (equal as f64 + 1.0) / 2.0;
        order[from..from + equal].iter().for_each(|row| ranks[*row] = rank);
        from += equal;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSITIVE: [bool; 10] = [true, true, true, true, true, false, false, false, false, false];
    const FIRST: [f64; 10] = [0.9, 0.8, 0.7, 0.4, 0.6, 0.5, 0.3, 0.2, 0.6, 0.1];
    const SECOND: [f64; 10] = [0.6, 0.9, 0.5, 0.7, 0.2, 0.8, 0.4, 0.3, 0.1, 0.5];

    /// By the definition: the covariances of the placements, each counted pair by pair.
    #[test]
    fn ranks_give_what_counting_pairs_gives() {
        let pair = |x: f64, y: f64| {
            if x > y {
                1.0
            } else if x == y {
                0.5
            } else {
                0.0
            }
        };
        let placed = |scores: &[f64; 10]| {
            let ten: Vec<f64> =
                (0..5).map(|i| (5..10).map(|j| pair(scores[i], scores[j])).sum::<f64>() / 5.0).collect();
            let one: Vec<f64> =
                (5..10).map(|j| (0..5).map(|i| pair(scores[i], scores[j])).sum::<f64>() / 5.0).collect();
            (ten, one)
        };
        let (a, b) = (placed(&FIRST), placed(&SECOND));
        let covariance = |x: &[f64], y: &[f64]| {
            let mean = |v: &[f64]| v.iter().sum::<f64>() / 5.0;
            x.iter().zip(y).map(|(p, q)| (p - mean(x)) * (q - mean(y))).sum::<f64>() / 4.0
        };
        let of = |x: &(Vec<f64>, Vec<f64>), y: &(Vec<f64>, Vec<f64>)| {
            (covariance(&x.0, &y.0) + covariance(&x.1, &y.1)) / 5.0
        };
        let variance = of(&a, &a) + of(&b, &b) - 2.0 * of(&a, &b);
        let found = compare_areas(&POSITIVE, &FIRST, &SECOND).unwrap();
        let area = |x: &(Vec<f64>, Vec<f64>)| x.0.iter().sum::<f64>() / 5.0;
        assert!((found.difference - (area(&b) - area(&a))).abs() < 1e-15);
        assert!((found.high - found.low - 2.0 * NORMAL_975 * variance.sqrt()).abs() < 1e-14);
        assert!((0.0..1.0).contains(&found.p));
    }

    #[test]
    fn a_model_beside_itself_does_not_differ_and_one_row_of_a_kind_is_too_few() {
        let same = compare_areas(&POSITIVE, &FIRST, &FIRST).unwrap();
        assert_eq!((same.difference, same.low, same.high, same.p), (0.0, 0.0, 0.0, 1.0));
        let swapped = compare_areas(&POSITIVE, &SECOND, &FIRST).unwrap();
        let found = compare_areas(&POSITIVE, &FIRST, &SECOND).unwrap();
        assert_eq!((swapped.difference, swapped.p), (-found.difference, found.p));
        assert_eq!(compare_areas(&[true, false, false], &[0.9, 0.1, 0.2], &[0.3, 0.2, 0.9]), None);
    }
}
