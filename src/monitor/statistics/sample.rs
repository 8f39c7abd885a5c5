//! What a drift test compares: one column of one data set, without its missing values.
//!
//! Invariants: the values of a numeric sample are finite and ascending; the labels of a categorical one are distinct,
//! ascending by code point and occur at least once.

use serde::Serialize;

use super::sort;

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// Numbers with an order and a distance.
    Numeric,
    /// Labels.
    Categorical,
}

impl ColumnKind {
    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ColumnKind::Numeric => "numeric",
            ColumnKind::Categorical => "categorical",
        }
    }
}

/// One column of one data set, missing values left out.
#[derive(Debug, Clone, PartialEq)]
pub enum Sample {
    /// The values of a numeric column, ascending.
    Numeric(Sorted),
    /// How often each label of a categorical column occurs.
    Categorical(Counts),
}

impl Sample {
    /// A numeric sample. What is not finite counts as missing; the order of `values` does not matter.
    pub fn numeric(values: Vec<f64>) -> Self {
        Sample::Numeric(Sorted::new(values))
    }

    /// A categorical sample of labels and how often each occurs; a label given twice is added up.
    pub fn categorical<L: Into<String>>(labels: impl IntoIterator<Item = (L, u64)>) -> Self {
        Sample::Categorical(Counts::new(labels))
    }

    /// Number of values that are not missing.
    pub fn len(&self) -> usize {
        match self {
            Sample::Numeric(sorted) => sorted.0.len(),
            Sample::Categorical(counts) => counts.total() as usize,
        }
    }

    /// Whether every value is missing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How the column is compared.
    pub fn kind(&self) -> ColumnKind {
        match self {
            Sample::Numeric(_) => ColumnKind::Numeric,
            Sample::Categorical(_) => ColumnKind::Categorical,
        }
    }
}

/// Finite numbers, ascending.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sorted(Vec<f64>);

impl Sorted {
    /// Sorts the finite ones among `values`; the others count as missing.
    pub fn new(mut values: Vec<f64>) -> Self {
        values.retain(|value| value.is_finite());
        Sorted(sort::sorted(values))
    }

    /// The values, ascending.
    pub fn values(&self) -> &[f64] {
        &self.0
    }
}

/// Labels with how often each occurs: distinct, ascending by code point, no zero counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts(Vec<(String, u64)>);

impl Counts {
    /// Counts from labels in any order; a label given twice is added up, one that never occurs left out.
    pub fn new<L: Into<String>>(labels: impl IntoIterator<Item = (L, u64)>) -> Self {
        let mut entries: Vec<(String, u64)> =
            labels.into_iter().map(|(label, count)| (label.into(), count)).filter(|(_, count)| *count > 0).collect();
        entries.sort_unstable();
        entries.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                earlier.1 += later.1;
            }
            same
        });
        Counts(entries)
    }

    /// The labels, ascending, with their counts.
    pub fn entries(&self) -> &[(String, u64)] {
        &self.0
    }

    /// The sum of all counts.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// How often `label` occurs.
    pub fn get(&self, label: &str) -> u64 {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(label)).map_or(0, |i| self.0[i].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_ordered_and_added_up() {
        let counts = Counts::new([("b", 2), ("a", 1), ("b", 3), ("c", 0)]);
        assert_eq!(counts.entries(), [("a".to_string(), 1), ("b".to_string(), 5)]);
        assert_eq!((counts.total(), counts.get("b"), counts.get("c")), (6, 5, 0));
    }

    #[test]
    fn values_that_are_not_finite_are_missing() {
        let sample = Sample::numeric(vec![2.0, f64::NAN, -1.0, f64::INFINITY]);
        assert_eq!(sample, Sample::Numeric(Sorted(vec![-1.0, 2.0])));
    }
}
