//! How closely two columns go together.
//!
//! Two columns of numbers or times are compared by Pearson's correlation (−1 to 1); numbers and groups by the correlation ratio η, the root of
//! the share of the variance that lies between the groups; groups by Cramér's V (both 0 to 1). Sums run in the order of the rows. For
//! example, 1, 2, 3, 5 in the groups x, x, y, y have η 0.845.

use super::column::Column;
use super::profile::{numbers_of, written};
use super::value::Value;
use serde::Serialize;
use std::collections::HashMap;

/// Most groups of a column that is compared.
const MOST_GROUPS: usize = 200;

/// How closely a column goes with the target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TargetAssociation {
    /// `pearson`, `eta` or `cramers_v`.
    pub method: &'static str,
    /// −1 to 1 of `pearson`, 0 to 1 of the others.
    pub value: f64,
}

/// A column as it is compared: its numbers (NaN where there is none), or the number of each row's group.
pub(super) enum Comparable {
    Numbers(Vec<f64>),
    Groups(Vec<Option<usize>>, usize),
}

impl Comparable {
    /// Numbers and times as numbers; everything else as groups.
    pub(super) fn of(column: &Column) -> Comparable {
        if let Some(numbers) = numbers_of(column) {
            return Comparable::Numbers(numbers);
        }
        let mut places: HashMap<String, usize> = HashMap::new();
        let group = |cell: Value| {
            let key = written(cell)?;
            let next = places.len();
            Some(*places.entry(key).or_insert(next))
        };
        let groups: Vec<Option<usize>> = column.cells().map(group).collect();
        Comparable::Groups(groups, places.len())
    }
}

/// How closely two columns go together, over the rows that have both; none for too many groups, too few rows or no variation.
pub(super) fn association(column: &Comparable, target: &Comparable) -> Option<TargetAssociation> {
    let (method, value) = match (column, target) {
        (Comparable::Numbers(a), Comparable::Numbers(b)) => ("pearson", pearson(a, b)),
        (Comparable::Numbers(numbers), Comparable::Groups(groups, count))
        | (Comparable::Groups(groups, count), Comparable::Numbers(numbers)) => {
            ("eta", correlation_ratio(numbers, groups, *count))
        }
        (Comparable::Groups(a, of_a), Comparable::Groups(b, of_b)) => ("cramers_v", cramers_v((a, *of_a), (b, *of_b))),
    };
    value.is_finite().then_some(TargetAssociation { method, value })
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let both = || a.iter().zip(b).filter(|(a, b)| a.is_finite() && b.is_finite());
    let count = both().count() as f64;
    let mean = |pick: fn((&f64, &f64)) -> f64| both().fold(0.0, |sum, pair| sum + pick(pair)) / count;
    let (of_a, of_b) = (mean(|(a, _)| *a), mean(|(_, b)| *b));
    let (ab, aa, bb) = both().fold((0.0, 0.0, 0.0), |(ab, aa, bb), (a, b)| {
        (ab + (a - of_a) * (b - of_b), aa + (a - of_a) * (a - of_a), bb + (b - of_b) * (b - of_b))
    });
    if varies(aa, count, of_a) && varies(bb, count, of_b) { ab / (aa.sqrt() * bb.sqrt()) } else { f64::NAN }
}

/// The root of the share of the numbers' variance that lies between the groups.
fn correlation_ratio(numbers: &[f64], groups: &[Option<usize>], count: usize) -> f64 {
    if count > MOST_GROUPS {
        return f64::NAN;
    }
    let both =
        || numbers.iter().zip(groups).filter_map(|(x, group)| Some((*x, (*group)?))).filter(|(x, _)| x.is_finite());
    let rows = both().count() as f64;
    let mean = both().fold(0.0, |sum, (x, _)| sum + x) / rows;
    let mut sums = vec![(0.0, 0.0); count];
    both().for_each(|(x, group)| {
        sums[group].0 += x;
        sums[group].1 += 1.0;
    });
    let all = both().fold(0.0, |sum, (x, _)| sum + (x - mean) * (x - mean));
    let between = sums.iter().filter(|(_, rows)| *rows > 0.0).fold(0.0, |sum, (total, rows)| {
        let apart = total / rows - mean;
        sum + rows * apart * apart
    });
    if !varies(all, rows, mean) {
        return f64::NAN;
    }
    (between / all).sqrt().min(1.0)
}

/// Whether a sum of squared distances from a mean is more than rounding.
fn varies(squares: f64, rows: f64, mean: f64) -> bool {
    squares.is_finite() && squares > rows * (1e-14 * mean) * (1e-14 * mean)
}

/// Cramér's V of two groupings (1946).
fn cramers_v((a, of_a): (&[Option<usize>], usize), (b, of_b): (&[Option<usize>], usize)) -> f64 {
    if of_a > MOST_GROUPS || of_b > MOST_GROUPS {
        return f64::NAN;
    }
    let mut table = vec![vec![0.0; of_b]; of_a];
    a.iter().zip(b).filter_map(|(a, b)| Some(((*a)?, (*b)?))).for_each(|(a, b)| table[a][b] += 1.0);
    let of_row: Vec<f64> = table.iter().map(|row| row.iter().sum()).collect();
    let of_column: Vec<f64> = (0..of_b).map(|b| table.iter().map(|row| row[b]).sum()).collect();
    let rows: f64 = of_row.iter().sum();
    let mut chi = 0.0;
    for (a, row) in table.iter().enumerate() {
        for (b, found) in row.iter().enumerate() {
            let expected = of_row[a] * of_column[b] / rows;
            if expected > 0.0 {
                chi += (found - expected) * (found - expected) / expected;
            }
        }
    }
    let there = |sums: &[f64]| sums.iter().filter(|sum| **sum > 0.0).count();
    let least = there(&of_row).min(there(&of_column));
    if least < 2 { f64::NAN } else { (chi / (rows * (least as f64 - 1.0))).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.corrcoef` of numpy 2, `scipy.stats.contingency.association` of SciPy 1.16, and η by its definition.
    #[test]
    fn columns_are_compared_with_the_target_by_their_types() {
        let numbers = Column::floats(vec![1.0, 2.0, 3.0, 5.0]);
        let other = Column::floats(vec![2.0, 1.0, 4.0, 6.0]);
        let groups = Column::texts([Some("x"), Some("x"), Some("y"), Some("y")]);
        let mixed = Column::texts([Some("u"), Some("u"), Some("u"), Some("v")]);
        let compared = |a: &Column, b: &Column| association(&Comparable::of(a), &Comparable::of(b)).unwrap();
        let close = |found: TargetAssociation, method: &str, value: f64| {
            assert!(found.method == method && (found.value - value).abs() < 1e-12, "{found:?}");
        };
        close(compared(&numbers, &other), "pearson", 0.902_243_638_678_106_1);
        close(compared(&groups, &mixed), "cramers_v", 1.0 / 3.0f64.sqrt());
        // Means 1.5 and 4 about 2.75: between 6.25 of 8.75.
        close(compared(&numbers, &groups), "eta", (6.25f64 / 8.75).sqrt());
        close(compared(&groups, &numbers), "eta", (6.25f64 / 8.75).sqrt());
        let [same, rising] = [vec![1.0, 1.0], vec![1.0, 2.0]].map(|values| Comparable::of(&Column::floats(values)));
        assert!(association(&same, &rising).is_none(), "nothing varies");
    }
}
