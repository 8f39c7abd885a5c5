//! The groups of rows that a model does worse on than on the others: by each value of a feature that has few, by quarters of one that has
//! many numbers. For example, of loans for `purpose` `education` it is wrong in 41 of 100, of the others in 23 of 100.

use super::baseline::mean;
use crate::data::{Column, Family, Frame, Value};
use crate::learn::Task;
use std::collections::BTreeMap;

/// Most different values by which rows are grouped as they are.
const FEW: usize = 20;
/// Fewest rows of a group that is looked at.
const LEAST: usize = 20;
/// How many standard errors a group's loss must lie above that of the others: one group of a thousand would by chance.
const CLEARLY: f64 = 3.0;
/// Groups shown.
const SHOWN: usize = 8;

/// A group of rows that the model does worse on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WorseSlice {
    /// The feature.
    pub feature: String,
    /// Its value, or the range of its numbers.
    pub value: String,
    /// How many rows.
    pub rows: usize,
    /// The mean loss: the share of wrong classes, or the size of the error.
    pub loss: f64,
    /// That of all other rows.
    pub others: f64,
    /// How many standard errors it lies above.
    pub errors: f64,
    /// Whether that is more than chance gives among so many groups.
    pub clear: bool,
}

/// The worst groups of these rows, the clearest first.
pub(super) fn worst(frame: &Frame, losses: &[f64], task: Task) -> Vec<WorseSlice> {
    let mut found = Vec::new();
    for (feature, column) in frame.columns() {
        for (value, rows) in groups(column) {
            found.extend(slice(feature, value, &rows, losses, task));
        }
    }
    found.sort_by(|a, b| b.errors.total_cmp(&a.errors).then_with(|| a.feature.cmp(&b.feature)));
    found.truncate(SHOWN);
    found
}

/// A group if it has enough rows, others too, and is worse than these.
fn slice(feature: &str, value: String, rows: &[usize], losses: &[f64], task: Task) -> Option<WorseSlice> {
    if rows.len() < LEAST || losses.len() < rows.len() + LEAST {
        return None;
    }
    let inside: Vec<f64> = rows.iter().map(|row| losses[*row]).collect();
    let mut is_in = vec![false; losses.len()];
    rows.iter().for_each(|row| is_in[*row] = true);
    let outside: Vec<f64> = losses.iter().zip(&is_in).filter(|(_, is)| !**is).map(|(loss, _)| *loss).collect();
    let (loss, others) = (mean(&inside), mean(&outside));
    let variance = |values: &[f64], mean: f64| {
        let squares = values.iter().fold(0.0, |sum, value| sum + (value - mean) * (value - mean));
        let found = squares / (values.len() as f64 - 1.0);
        // A group that is always or never wrong is not known to be so for ever: one more row of either kind.
        let count = values.len() as f64;
        let least = if task == Task::Regression { 0.0 } else { (count + 1.0) / ((count + 2.0) * (count + 2.0)) };
        found.max(least)
    };
    let error =
        (variance(&inside, loss) / inside.len() as f64 + variance(&outside, others) / outside.len() as f64).sqrt();
    let errors = if error > 0.0 { (loss - others) / error } else { 0.0 };
    let slice = WorseSlice {
        feature: feature.to_owned(),
        value,
        rows: rows.len(),
        loss,
        others,
        errors,
        clear: errors >= CLEARLY,
    };
    (errors > 1.0).then_some(slice)
}

/// The rows of each value of a column, or of each quarter of its numbers.
pub(super) fn groups(column: &Column) -> Vec<(String, Vec<usize>)> {
    let mut by_value: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let named = |value: Value| match value {
        Value::Null => "missing".to_owned(),
        Value::Text(text) => text.to_owned(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) if number.is_nan() => "missing".to_owned(),
        Value::Float(number) => number.to_string(),
        Value::Time(_) | Value::Vector(_) => "other".to_owned(),
    };
    for row in 0..column.len() {
        by_value.entry(named(column.get(row))).or_default().push(row);
        if by_value.len() > FEW && column.kind().family() != Family::Text {
            return quarters(column);
        }
    }
    by_value.into_iter().collect()
}

/// The rows of each quarter of a column's numbers, and those without one.
fn quarters(column: &Column) -> Vec<(String, Vec<usize>)> {
    let Some(numbers) = column.numbers() else { return Vec::new() };
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| sorted.get((sorted.len() * share / 4).min(sorted.len().saturating_sub(1))).copied();
    let cuts: Vec<f64> = [1, 2, 3].into_iter().filter_map(at).collect();
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); cuts.len() + 2];
    for (row, number) in numbers.iter().enumerate() {
        let group = if number.is_nan() { cuts.len() + 1 } else { cuts.iter().filter(|cut| number >= *cut).count() };
        groups[group].push(row);
    }
    let shown = crate::document::plot::number;
    let name = |group: usize| match (group.checked_sub(1).and_then(|at| cuts.get(at)), cuts.get(group)) {
        _ if group > cuts.len() => "missing".to_owned(),
        (None, Some(to)) => format!("below {}", shown(*to)),
        (Some(from), Some(to)) => format!("{} to {}", shown(*from), shown(*to)),
        (Some(from), None) => format!("{} and more", shown(*from)),
        (None, None) => "all".to_owned(),
    };
    groups.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()).map(|(at, rows)| (name(at), rows)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_that_is_worse_is_found_and_one_that_is_not_is_left_out() {
        let colours = Column::texts((0..400).map(|row| Some(["red", "green", "blue", "grey"][row % 4])));
        let size = Column::floats((0..400).map(|row| f64::from(row / 4)).collect());
        let frame = Frame::new(vec![("colour".to_owned(), colours), ("size".to_owned(), size)]).unwrap();
        // Wrong in half of the green rows and in a tenth of the others.
        let losses: Vec<f64> =
            (0..400).map(|row| f64::from(u8::from(if row % 4 == 1 { row % 8 == 1 } else { row % 40 < 4 }))).collect();
        let found = worst(&frame, &losses, Task::Binary);
        let first = &found[0];
        assert_eq!((first.feature.as_str(), first.value.as_str(), first.rows), ("colour", "green", 100));
        assert!(first.clear && first.loss == 0.5 && (first.others - 0.1).abs() < 0.01, "{first:?}");
        assert!(found[1..].iter().all(|slice| !slice.clear), "{found:?}");
    }

    #[test]
    fn many_numbers_are_cut_into_quarters_and_missing_ones_apart() {
        let column = Column::floats((0..101).map(|row| if row == 0 { f64::NAN } else { f64::from(row) }).collect());
        let found: Vec<(String, usize)> = groups(&column).into_iter().map(|(name, rows)| (name, rows.len())).collect();
        let expected = [("below 26", 25), ("26 to 51", 25), ("51 to 76", 25), ("76 and more", 25), ("missing", 1)];
        assert_eq!(found, expected.map(|(name, rows)| (name.to_owned(), rows)));
        let few = groups(&Column::floats(vec![1.0, 2.0, 1.0]));
        assert_eq!(few, [("1".to_owned(), vec![0, 2]), ("2".to_owned(), vec![1])]);
    }

    #[test]
    fn a_group_of_few_rows_says_nothing() {
        let column = Column::texts((0..60).map(|row| Some(if row < LEAST - 1 { "rare" } else { "usual" })));
        let frame = Frame::new(vec![("c".to_owned(), column)]).unwrap();
        let losses: Vec<f64> = (0..60).map(|row| f64::from(u8::from(row < LEAST as u8 - 1))).collect();
        assert_eq!(worst(&frame, &losses, Task::Binary), []);
    }
}
