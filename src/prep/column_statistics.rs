//! Statistics of a column that steps are fitted by, in scikit-learn's numbers: the median of two middles is their mean, a
//! standard deviation divides by n, quantiles are linear. Missing and infinite values are left out; sums run in row order.

use crate::data::{Column, Value};
use std::collections::BTreeMap;

/// The values that are known and finite, in row order.
pub(super) fn known(values: &[f64]) -> impl Iterator<Item = f64> + Clone {
    values.iter().copied().filter(|x| x.is_finite())
}

/// The known values in rising order.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = known(values).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The quantile of sorted values by linear interpolation; 0 of nothing.
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = q * last as f64;
    between(sorted[at.floor() as usize], sorted[at.ceil() as usize], at.fract())
}

/// The number that lies at this share of the distance from `low` to `high`; finite even where `high - low` is not.
fn between(low: f64, high: f64, share: f64) -> f64 {
    let way = high - low;
    if way.is_finite() { low + way * share } else { low * (1.0 - share) + high * share }
}

/// The ends of `parts` equal parts from `least` to `greatest`, both included exactly; rounded as NumPy's `linspace`, and finite even where
/// `greatest - least` is not.
pub(super) fn evenly(least: f64, greatest: f64, parts: usize) -> Vec<f64> {
    let (way, count) = (greatest - least, parts as f64);
    let end = |k: usize| {
        if way.is_finite() {
            least + k as f64 * (way / count)
        } else {
            2.0 * (least / 2.0 + k as f64 * ((greatest / 2.0 - least / 2.0) / count))
        }
    };
    (0..parts).map(end).chain([greatest]).collect()
}

/// The middle value, or the mean of the two middle ones: `quantile(0.5)` without sorting the rest.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut known: Vec<f64> = known(values).collect();
    let Some(last) = known.len().checked_sub(1) else { return 0.0 };
    let (_, low, above) = known.select_nth_unstable_by(last / 2, f64::total_cmp);
    let low = *low;
    if last.is_multiple_of(2) {
        return low;
    }
    let high = above.iter().copied().reduce(f64::min).unwrap_or(low);
    between(low, high, 0.5)
}

/// The mean; 0 of nothing.
pub(super) fn mean(values: &[f64]) -> f64 {
    let count = known(values).count() as f64;
    let sum = known(values).fold(0.0, |a, x| a + x);
    if count == 0.0 {
        0.0
    } else if sum.is_finite() {
        sum / count
    } else {
        // The sum overflows; the mean does not.
        known(values).fold(0.0, |a, x| a + x / count).clamp(f64::MIN, f64::MAX)
    }
}

/// The standard deviation around `center`, dividing by n; may be infinite.
pub(super) fn deviation(values: &[f64], center: f64) -> f64 {
    let count = known(values).count().max(1) as f64;
    let found = (known(values).fold(0.0, |a, x| a + (x - center) * (x - center)) / count).sqrt();
    if found.is_finite() {
        return found;
    }
    // The squares are beyond the largest number: those of what is divided by the largest distance are not.
    let most = known(values).fold(0.0f64, |most, x| most.max((x - center).abs()));
    let share = |x: f64| (x - center) / most;
    most * (known(values).fold(0.0, |a, x| a + share(x) * share(x)) / count).sqrt()
}

/// The value that occurs most; the smallest of several.
pub(super) fn most_frequent(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let runs = sorted.chunk_by(|a, b| a == b);
    runs.fold((0, 0.0), |best, run| if run.len() > best.0 { (run.len(), run[0]) } else { best }).1
}

/// How often each text occurs.
pub(super) fn counts(column: &Column) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for row in 0..column.len() {
        if let Value::Text(text) = column.get(row) {
            *counts.entry(text).or_default() += 1;
        }
    }
    counts
}

/// Categories sorted by name: those seen at least `least` times, the `most` most frequent.
pub(super) fn categories(column: &Column, most: usize, least: u64) -> Vec<String> {
    let mut counted: Vec<(&str, u64)> = counts(column).into_iter().filter(|(_, n)| *n >= least).collect();
    counted.sort_by_key(|(word, n)| (std::cmp::Reverse(*n), *word));
    counted.truncate(most);
    let mut names: Vec<String> = counted.into_iter().map(|(word, _)| word.to_owned()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_quantile_in_the_middle() {
        for n in 0..9 {
            let values: Vec<f64> = (0..n).map(|i| f64::from(i * 5 % 7) / 3.0).chain([f64::NAN]).collect();
            assert_eq!(median(&values).to_bits(), quantile(&sorted(&values), 0.5).to_bits(), "{values:?}");
        }
    }

    #[test]
    fn the_rarest_categories_are_left_out_first() {
        let column = Column::texts([Some("b"), Some("a"), None, Some("b"), Some("c"), Some("c"), Some("c")]);
        assert_eq!(categories(&column, 2, 1), ["b", "c"]);
        assert_eq!(categories(&column, 9, 2), ["b", "c"]);
    }
}
