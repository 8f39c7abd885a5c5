//! Cutting rows into parts for cross-validation: stratified, at random, by group, or by time.
//!
//! Invariant: the validation rows of all folds are disjoint, none is among its own training rows, and both are ascending
//! (by time: in order of time). All depend on the seed alone.

use crate::error::{Error, Result};
use crate::learn::random::stream;
use std::collections::BTreeMap;

/// Rows to fit on and rows to judge by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to judge by.
    pub validation: Vec<usize>,
}

/// `folds` parts with the same share of each label, up to one row. Each label needs at least `folds` rows.
pub fn stratified(y: &[f64], folds: usize, seed: u64) -> Result<Vec<Fold>> {
    check(y.len(), folds, "rows")?;
    let mut classes: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (row, label) in y.iter().enumerate() {
        classes.entry(label.to_bits()).or_default().push(row);
    }
    let mut part = vec![0; y.len()];
    let mut dealt = 0; // goes on from class to class, so parts stay equal in size
    for (index, (label, mut rows)) in classes.into_iter().enumerate() {
        check(rows.len(), folds, &format!("rows of label {}", f64::from_bits(label)))?;
        stream(seed, "folds", index as u64).shuffle(&mut rows);
        for row in rows {
            part[row] = dealt % folds;
            dealt += 1;
        }
    }
    Ok(by_part(&part, folds))
}

/// `folds` parts of equal size, up to one row, drawn at random.
pub fn random(rows: usize, folds: usize, seed: u64) -> Result<Vec<Fold>> {
    check(rows, folds, "rows")?;
    let mut order: Vec<usize> = (0..rows).collect();
    stream(seed, "folds", 0).shuffle(&mut order);
    let mut part = vec![0; rows];
    order.iter().enumerate().for_each(|(dealt, row)| part[*row] = dealt % folds);
    Ok(by_part(&part, folds))
}

/// `folds` parts in which each group is whole, as equal in rows as that leaves them: the largest groups are dealt first, each to the
/// part with the fewest rows, as scikit-learn's `GroupKFold` does; groups of one size in an order that is drawn.
pub fn grouped(groups: &[u32], folds: usize, seed: u64) -> Result<Vec<Fold>> {
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    groups.iter().for_each(|group| *sizes.entry(*group).or_default() += 1);
    check(sizes.len(), folds, "groups")?;
    let mut order: Vec<(u32, usize)> = sizes.into_iter().collect();
    stream(seed, "folds", 0).shuffle(&mut order);
    order.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let (mut filled, mut part_of) = (vec![0; folds], BTreeMap::new());
    for (group, size) in order {
        let fewest = (0..folds).min_by_key(|part| filled[*part]).unwrap_or(0);
        filled[fewest] += size;
        part_of.insert(group, fewest);
    }
    Ok(by_part(&groups.iter().map(|group| part_of[group]).collect::<Vec<_>>(), folds))
}

/// An expanding window over rows in order of `times` (equal times in row order), as scikit-learn's `TimeSeriesSplit`: each
/// fold is judged by the rows right after those it is fitted on.
pub fn time(times: &[i64], folds: usize) -> Result<Vec<Fold>> {
    let rows = times.len();
    if folds < 2 || rows <= folds {
        return Err(Error::invalid(format!("{rows} rows cannot be cut into {folds} folds by time"))
            .hint("take from 2 folds to one less than there are rows"));
    }
    let mut order: Vec<usize> = (0..rows).collect();
    order.sort_by_key(|&row| times[row]);
    let size = rows / (folds + 1);
    let first = rows - folds * size;
    let fold = |k: usize| {
        let start = first + k * size;
        Fold { train: order[..start].to_vec(), validation: order[start..start + size].to_vec() }
    };
    Ok((0..folds).map(fold).collect())
}

fn check(count: usize, folds: usize, what: &str) -> Result<()> {
    if folds < 2 || folds > count {
        return Err(Error::invalid(format!("{count} {what} cannot be cut into {folds} folds"))
            .hint(format!("take from 2 folds to the number of {what}")));
    }
    Ok(())
}

fn by_part(part: &[usize], folds: usize) -> Vec<Fold> {
    let rows = |k: usize, inside: bool| (0..part.len()).filter(|&row| (part[row] == k) == inside).collect();
    (0..folds).map(|k| Fold { train: rows(k, false), validation: rows(k, true) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cover_all(folds: &[Fold], rows: usize) {
        let mut seen: Vec<usize> = folds.iter().flat_map(|fold| fold.validation.clone()).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..rows).collect::<Vec<_>>());
        for fold in folds {
            assert_eq!(fold.train.len() + fold.validation.len(), rows);
            assert!(fold.validation.iter().all(|row| !fold.train.contains(row)));
        }
    }

    #[test]
    fn stratified_folds_have_their_share_of_positives() {
        let y: Vec<f64> = (0..100).map(|i| f64::from(u8::from(i % 5 == 0))).collect();
        let folds = stratified(&y, 4, 9).unwrap();
        cover_all(&folds, 100);
        assert!(folds != stratified(&y, 4, 8).unwrap() && stratified(&y, 1, 9).is_err());
        for fold in &folds {
            assert_eq!(fold.validation.len(), 25);
            assert_eq!(fold.validation.iter().filter(|&&row| y[row] == 1.0).count(), 5);
        }
        assert!(stratified(&[0.0, 0.0, 0.0, 1.0], 2, 0).is_err());
    }

    #[test]
    fn grouped_folds_keep_groups_whole_and_are_as_equal_as_that_leaves_them() {
        // Group 0 has 40 rows, the others 5 each.
        let groups: Vec<u32> = (0..100).map(|row| if row < 40 { 0 } else { 1 + row % 12 }).collect();
        let folds = grouped(&groups, 3, 9).unwrap();
        cover_all(&folds, 100);
        assert_eq!(folds.iter().map(|fold| fold.validation.len()).collect::<Vec<_>>(), [40, 30, 30]);
        for fold in &folds {
            assert!(fold.validation.iter().all(|row| fold.train.iter().all(|other| groups[*row] != groups[*other])));
        }
        assert!(folds != grouped(&groups, 3, 8).unwrap() && grouped(&[1, 1, 2], 3, 0).is_err());
    }

    #[test]
    fn random_folds_have_equal_sizes() {
        let folds = random(23, 4, 9).unwrap();
        cover_all(&folds, 23);
        assert_eq!(folds.iter().map(|fold| fold.validation.len()).collect::<Vec<_>>(), [6, 6, 6, 5]);
        assert!(folds != random(23, 4, 8).unwrap() && random(3, 4, 0).is_err());
    }

    /// `TimeSeriesSplit(3)` of scikit-learn 1.9.1 on 11 rows: train 0..5, 0..7, 0..9, each followed by two rows.
    #[test]
    fn time_folds_expand() {
        let times: Vec<i64> = (0..11).rev().collect();
        let folds = time(&times, 3).unwrap();
        let rows = |range: std::ops::Range<usize>| range.map(|i| 10 - i).collect::<Vec<_>>();
        for (fold, end) in folds.iter().zip([5, 7, 9]) {
            assert_eq!((&fold.train, &fold.validation), (&rows(0..end), &rows(end..end + 2)));
        }
        assert!(time(&[1, 2], 2).is_err());
    }
}
