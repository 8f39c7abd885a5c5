//! The products of the rows of two tables in single precision, by `matrixmultiply`, whose kernels choose the processor's widest
//! instructions when the program runs. Its interface takes pointers, so this file alone has `unsafe` for it.

/// Writes the inner product of each row of `a` with each row of `b`, both of `width` values one row after the other, into `out`: all
/// of a's first row first. Does nothing where the lengths do not fit.
#[allow(unsafe_code)]
pub(super) fn row_products(a: &[f32], b: &[f32], width: usize, out: &mut [f32]) {
    if width == 0 || !a.len().is_multiple_of(width) || !b.len().is_multiple_of(width) {
        return;
    }
    let (rows, columns) = (a.len() / width, b.len() / width);
    let whole = isize::try_from(width).ok().zip(isize::try_from(columns).ok());
    let Some((step, of_out)) = whole.filter(|_| rows.checked_mul(columns) == Some(out.len())) else { return };
    let (a, b, out) = (a.as_ptr(), b.as_ptr(), out.as_mut_ptr());
    // Sound: `a` holds rows × width numbers and `b` columns × width, both row after row, and `out` rows × columns, as checked above;
    // `b` is read as its transpose by its strides. With beta 0 nothing of `out` is read.
    unsafe { matrixmultiply::sgemm(rows, width, columns, 1.0, a, step, 1, b, 1, step, 0.0, out, of_out, 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_meets_each_row() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 0.0, -1.0, 2.0, 2.0, 2.0, 0.0, 1.0, 0.0]);
        let mut out = [9.0; 6];
        row_products(&a, &b, 3, &mut out);
        assert_eq!(out, [-2.0, 12.0, 2.0, -2.0, 30.0, 5.0]);
    }

    #[test]
    fn lengths_that_do_not_fit_change_nothing() {
        let mut out = [9.0; 3];
        row_products(&[1.0, 2.0], &[1.0, 2.0], 1, &mut out);
        row_products(&[1.0, 2.0], &[1.0, 2.0], 0, &mut out);
        row_products(&[1.0, 2.0, 3.0], &[1.0, 2.0], 2, &mut out);
        assert_eq!(out, [9.0; 3]);
    }
}
