//! Windows of a view: the statistics of a column over the last hour, the last thirty days, up to a row's time. Here is which
//! there are and what each computes; when a row lies in a window is a rule of [`super::compiled_view`].

use super::expression::Kind;
use crate::error::{Error, Result};
use crate::project::{Agg, FeatureDef};
use serde::{Deserialize, Serialize};

/// One windowed aggregate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WindowShape {
    /// The feature's name, `COLUMN_AGG_WINDOW`.
    pub name: String,
    /// The slot of the column among the shape's columns.
    pub slot: usize,
    /// The statistic of the window's values.
    pub agg: Agg,
    /// The window's length, microseconds.
    pub micros: i64,
}

/// The aggregates of a view's windows, one for each column, length and statistic; columns that only windows read are appended
/// to `columns`.
pub(super) fn window_shapes(
    view: &FeatureDef,
    kind_of: impl Fn(&str) -> Result<Kind>,
    columns: &mut Vec<(String, Kind)>,
) -> Result<Vec<WindowShape>> {
    let mut windows = Vec::new();
    for window in &view.windows {
        let kind = kind_of(&window.column)?;
        if !kind.is_number() && window.agg.iter().any(|a| *a != Agg::Count) {
            return Err(Error::invalid(format!(
                "window over \"{}\", a {}: only count works on it",
                window.column,
                kind.family()
            )));
        }
        let slot = columns.iter().position(|(n, _)| *n == window.column).unwrap_or_else(|| {
            columns.push((window.column.clone(), kind));
            columns.len() - 1
        });
        for over in &window.over {
            for agg in &window.agg {
                let name = format!("{}_{}_{over}", window.column, agg.name());
                windows.push(WindowShape { name, slot, agg: *agg, micros: over.micros() });
            }
        }
    }
    Ok(windows)
}

/// The statistic of numbers in order of time; NaN where it is not defined.
pub(super) fn aggregate(agg: Agg, numbers: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = || numbers.clone().count() as f64;
    // Not `sum()`, whose neutral element is -0.0.
    let sum = || numbers.clone().fold(0.0, |a, x| a + x);
    match agg {
        Agg::Count => count(),
        Agg::Sum if count() == 0.0 => f64::NAN,
        Agg::Sum => sum(),
        Agg::Mean => sum() / count(),
        Agg::Min => numbers.fold(f64::NAN, f64::min),
        Agg::Max => numbers.fold(f64::NAN, f64::max),
        Agg::Std => {
            let (n, mean) = (count(), sum() / count());
            if n < 2.0 { f64::NAN } else { (numbers.fold(0.0, |a, x| a + (x - mean) * (x - mean)) / (n - 1.0)).sqrt() }
        }
    }
}
