//! Cutting rows into parts for cross-validation: stratified, plain, by group, by time.
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

/// `folds` parts of `rows` shuffled rows, equal in size up to one.
pub fn plain(rows: usize, folds: usize, seed: u64) -> Result<Vec<Fold>> {
    check(rows, folds, "rows")?;
    let mut order: Vec<usize> = (0..rows).collect();
    stream(seed, "folds", 0).shuffle(&mut order);
    let mut part = vec![0; rows];
    order.into_iter().enumerate().for_each(|(i, row)| part[row] = i % folds);
    Ok(by_part(&part, folds))
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

/// `folds` parts that keep the rows of a group together: the largest group first, each to the part that is smallest so
/// far, as scikit-learn's `GroupKFold`.
pub fn group(groups: &[u64], folds: usize) -> Result<Vec<Fold>> {
    let mut sizes: BTreeMap<u64, usize> = BTreeMap::new();
    groups.iter().for_each(|group| *sizes.entry(*group).or_default() += 1);
    check(sizes.len(), folds, "groups")?;
    let mut order: Vec<(u64, usize)> = sizes.into_iter().collect();
    order.sort_by_key(|&(group, size)| (std::cmp::Reverse(size), group));
    let mut filled = vec![0; folds];
    let mut part_of = BTreeMap::new();
    for (group, size) in order {
        let smallest = (0..folds).min_by_key(|&part| filled[part]).unwrap_or(0);
        filled[smallest] += size;
        part_of.insert(group, smallest);
    }
    let part: Vec<usize> = groups.iter().map(|group| part_of[group]).collect();
    Ok(by_part(&part, folds))
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
    fn plain_folds_are_even_and_seeded() {
        let folds = plain(23, 4, 1).unwrap();
        cover_all(&folds, 23);
        assert!(folds.iter().all(|fold| (5..=6).contains(&fold.validation.len())));
        assert_eq!(folds, plain(23, 4, 1).unwrap());
        assert_ne!(folds, plain(23, 4, 2).unwrap());
        assert!(plain(3, 4, 1).is_err() && plain(3, 1, 1).is_err());
    }

    #[test]
    fn stratified_folds_have_their_share_of_positives() {
        let y: Vec<f64> = (0..100).map(|i| f64::from(u8::from(i % 5 == 0))).collect();
        let folds = stratified(&y, 4, 9).unwrap();
        cover_all(&folds, 100);
        for fold in &folds {
            assert_eq!(fold.validation.len(), 25);
            assert_eq!(fold.validation.iter().filter(|&&row| y[row] == 1.0).count(), 5);
        }
        assert!(stratified(&[0.0, 0.0, 0.0, 1.0], 2, 0).is_err());
    }

    #[test]
    fn groups_stay_together() {
        let groups: Vec<u64> = (0..60).map(|i| i * i % 11).collect();
        let folds = group(&groups, 3).unwrap();
        cover_all(&folds, 60);
        for fold in &folds {
            assert!(fold.validation.iter().all(|&row| fold.train.iter().all(|&other| groups[other] != groups[row])));
        }
        assert!(group(&[1, 1, 1], 2).is_err());
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
