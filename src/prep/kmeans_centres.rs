//! k-means of one column of numbers, for the edges of bins.
//!
//! Lloyd's algorithm as scikit-learn's `KMeans` does it from given centres: up to 300 rounds, or until no value changes its centre, or the
//! squares of the centres' moves sum to 1e-4 of the variance or less. A centre that lost all its values moves to the value farthest
//! from its own centre. A value as far from two centres goes to the lower one.

use super::column_statistics::{deviation, mean};

const MOST_ROUNDS: usize = 300;
const TOLERANCE: f64 = 1e-4;

/// The centres of sorted values, in rising order, from these.
pub(super) fn kmeans_centres(sorted: &[f64], mut centres: Vec<f64>) -> Vec<f64> {
    let center = mean(sorted);
    let tolerance = deviation(sorted, center).powi(2) * TOLERANCE;
    let mut ends_before = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let ends = ends(sorted, &centres);
        let moved = moved(sorted, &ends, &centres);
        let shift = moved.iter().zip(&centres).fold(0.0, |sum, (to, from)| sum + (to - from) * (to - from));
        centres = moved;
        if ends == ends_before || shift <= tolerance || !shift.is_finite() {
            break;
        }
        ends_before = ends;
    }
    centres.sort_by(f64::total_cmp);
    centres
}

/// How many of the sorted values belong to the centres up to each.
fn ends(sorted: &[f64], centres: &[f64]) -> Vec<usize> {
    let middles = centres.windows(2).map(|pair| pair[0] / 2.0 + pair[1] / 2.0);
    middles.map(|middle| sorted.partition_point(|x| *x <= middle)).chain([sorted.len()]).collect()
}

/// The mean of each centre's values.
fn moved(sorted: &[f64], ends: &[usize], centres: &[f64]) -> Vec<f64> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let mut groups: Vec<&[f64]> = starts.zip(ends).map(|(start, end)| sorted.get(start..*end).unwrap_or(&[])).collect();
    let empty: Vec<usize> = (0..groups.len()).filter(|at| groups[*at].is_empty()).collect();
    let mut moved: Vec<f64> = centres.to_vec();
    for at in empty {
        // The farthest value of all stands at an end of its group.
        let far = |group: usize| {
            let of = |x: Option<&f64>| x.map_or(-1.0, |x| (x - centres[group]).abs());
            (of(groups[group].first()), of(groups[group].last()))
        };
        let distance = |group: &usize| far(*group).0.max(far(*group).1);
        let Some(group) = (0..groups.len()).max_by(|a, b| distance(a).total_cmp(&distance(b))) else { continue };
        let (low, high) = far(group);
        let split = if low > high { groups[group].split_first() } else { groups[group].split_last() };
        if let Some((x, rest)) = split {
            moved[at] = *x;
            groups[group] = rest;
        }
    }
    for (centre, group) in moved.iter_mut().zip(&groups).filter(|(_, group)| !group.is_empty()) {
        *centre = mean(group);
    }
    moved.sort_by(f64::total_cmp);
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_two_heaps_have_their_centres_there() {
        assert_eq!(kmeans_centres(&[0.0, 1.0, 2.0, 10.0, 11.0, 12.0], vec![3.0, 9.0]), [1.0, 11.0]);
    }

    #[test]
    fn a_centre_without_values_moves_to_the_farthest_value() {
        let centres = kmeans_centres(&[0.0, 0.1, 0.2, 9.8, 10.0], vec![1.0, 5.0, 9.0]);
        assert!(centres.windows(2).all(|pair| pair[0] < pair[1]), "{centres:?}");
        assert_eq!(kmeans_centres(&[1.0], vec![0.0, 1.0]).len(), 2);
    }
}
