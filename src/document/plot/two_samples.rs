//! A column's two samples as a picture needs them: shares in shared bins, or shares of categories. Shares are of all
//! values of a side, so both sides compare whatever their sizes.

/// What a column looks like on both sides.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// A numeric column.
    Numeric(Histogram),
    /// A categorical column.
    Categorical(CategoryShares),
}

/// Shares of both samples in the same equal bins.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// Ascending, one more than there are bins; empty when there is nothing to show.
    pub edges: Vec<f64>,
    /// Share of the reference values in each bin, 0..=1.
    pub reference: Vec<f64>,
    /// Share of the current values in each bin, 0..=1.
    pub current: Vec<f64>,
    /// Share of the reference and of the current values outside the edges, 0..=1.
    pub outside: (f64, f64),
    /// Median of the reference and of the current values; `None` for a side without values.
    pub medians: (Option<f64>, Option<f64>),
}

/// Shares of categories on both sides, the most frequent first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CategoryShares {
    /// Label, share of the reference and of the current values, 0..=1.
    pub entries: Vec<(String, f64, f64)>,
    /// Number of further categories and their shares together.
    pub others: Option<(usize, f64, f64)>,
}
