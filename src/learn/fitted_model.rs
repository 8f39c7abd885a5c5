//! What every fitted model can do, whatever it is made of. [`Fitted`](super::Fitted) is one of any kind.

use crate::learn::stored_parts::Parts;

/// What every fitted model does.
pub(super) trait FittedModel {
    /// Numbers it gives for a row.
    fn outputs(&self) -> usize;

    /// The predictions for one row, put into `out`.
    fn predict_row(&self, row: &[f64], out: &mut [f64]);

    /// The same for rows one after another, `width` values each, bit for bit.
    fn predict_rows(&self, rows: &[f64], width: usize, out: &mut [f64]) {
        let each = out.chunks_exact_mut(self.outputs()).zip(rows.chunks_exact(width));
        each.for_each(|(out, row)| self.predict_row(row, out));
    }

    /// Whether all of its numbers are finite.
    fn is_finite(&self) -> bool;

    /// How much each feature matters; nothing where the model has no such number.
    fn importance(&self) -> Vec<f64> {
        Vec::new()
    }

    /// The model taken apart.
    fn parts(&self) -> Parts;
}
