//! Least squares by sums of products: once the products of all pairs of columns, and of each with the numbers to predict, are summed, the
//! rows are not needed any more. Columns are centred first, so that a large mean takes no digits away.
//!
//! Rows are summed in chunks of a fixed size and the chunks added in their order, so threads change nothing.

use crate::learn::linear_problem::summed;
use crate::learn::matrix::Matrix;
use crate::learn::solver::{SmoothFunction, inner};

/// Rows of a chunk: a few columns of it stay in the first cache.
const CHUNK: usize = 256;

/// Half the mean squared error of a linear decision plus half the penalty times |w|², as a function of the weights.
pub struct Moments {
    width: usize,
    /// The mean product of each pair of columns, with the penalty on the diagonal: lower and upper triangle.
    products: Vec<f64>,
    /// The mean product of each column with the numbers to predict.
    with_labels: Vec<f64>,
    /// The mean square of the numbers to predict.
    squares: f64,
}

/// Rows with what is to be predicted.
pub struct LeastSquares<'a> {
    /// The columns.
    pub x: &'a Matrix,
    /// What is taken from each column.
    pub centres: &'a [f64],
    /// The numbers to predict, one a row.
    pub labels: &'a [f64],
    /// How much each row counts, where they differ.
    pub weights: Option<&'a [f64]>,
    /// The sum of the weights, or the number of rows.
    pub total: f64,
    /// How much half the squares of the weights count.
    pub penalty: f64,
}

impl Moments {
    /// Sums the rows.
    pub fn new(problem: &LeastSquares) -> Moments {
        let (width, rows) = (problem.x.columns(), problem.labels.len());
        let sums =
            summed(rows.div_ceil(CHUNK), |chunk| chunk_sums(problem, chunk * CHUNK, CHUNK.min(rows - chunk * CHUNK)));
        let mean = |i: usize, j: usize| sums[i.max(j) * (width + 1) + i.min(j)] / problem.total;
        let mut products: Vec<f64> = (0..width * width).map(|at| mean(at / width, at % width)).collect();
        (0..width).for_each(|i| products[i * width + i] += problem.penalty);
        Moments {
            width,
            products,
            with_labels: (0..width).map(|i| mean(width, i)).collect(),
            squares: mean(width, width),
        }
    }
}

/// The lower triangle of the products of the centred columns and, as the last one, the labels, over the rows of a chunk.
fn chunk_sums(problem: &LeastSquares, first: usize, count: usize) -> Vec<f64> {
    let width = problem.x.columns() + 1;
    let mut plain = vec![0.0; width * count];
    for (j, out) in plain.chunks_exact_mut(count).enumerate() {
        match problem.centres.get(j) {
            Some(centre) => {
                let column = &problem.x.column(j)[first..first + count];
                out.iter_mut().zip(column).for_each(|(out, value)| *out = value - centre);
            }
            None => out.copy_from_slice(&problem.labels[first..first + count]),
        }
    }
    let weighted = problem.weights.map(|weights| {
        let mut weighted = plain.clone();
        for column in weighted.chunks_exact_mut(count) {
            column.iter_mut().zip(&weights[first..first + count]).for_each(|(value, weight)| *value *= weight);
        }
        weighted
    });
    let left = weighted.as_ref().unwrap_or(&plain);
    let column = |of: &[f64], j: usize| -> std::ops::Range<usize> {
        let j = j.min(of.len() / count - 1);
        j * count..(j + 1) * count
    };
    let mut sums = vec![0.0; width * width];
    for i in (0..width).step_by(2) {
        for j in (0..=(i + 1).min(width - 1)).step_by(4) {
            let a = [0, 1].map(|k| &left[column(left, i + k)]);
            let b = [0, 1, 2, 3].map(|k| &plain[column(&plain, j + k)]);
            let found = products(a, b);
            for (k, found) in found.iter().enumerate().filter(|(k, _)| i + k < width) {
                for (l, sum) in found.iter().enumerate().filter(|(l, _)| j + l <= i + k) {
                    sums[(i + k) * width + j + l] = *sum;
                }
            }
        }
    }
    sums
}

/// The inner products of two columns with four: eight sums of two lanes each, which is what the registers hold.
fn products(a: [&[f64]; 2], b: [&[f64]; 4]) -> [[f64; 4]; 2] {
    let mut lanes = [[[0.0; 2]; 4]; 2];
    let pairs = |of: &'_ [f64]| -> usize { of.len() / 2 };
    let count = pairs(a[0]);
    let (a_pairs, b_pairs) = (a.map(|of| &of.as_chunks::<2>().0[..count]), b.map(|of| &of.as_chunks::<2>().0[..count]));
    for at in 0..count {
        for (lanes, a) in lanes.iter_mut().zip(a_pairs) {
            for (lanes, b) in lanes.iter_mut().zip(b_pairs) {
                lanes[0] += a[at][0] * b[at][0];
                lanes[1] += a[at][1] * b[at][1];
            }
        }
    }
    let mut sums = lanes.map(|of| of.map(|[even, odd]| even + odd));
    if a[0].len() % 2 == 1 {
        let last = a[0].len() - 1;
        for (sums, a) in sums.iter_mut().zip(a) {
            sums.iter_mut().zip(b).for_each(|(sum, b)| *sum += a[last] * b[last]);
        }
    }
    sums
}

impl SmoothFunction for Moments {
    fn variables(&self) -> usize {
        self.width
    }

    fn is_quadratic(&self) -> bool {
        true
    }

    fn value(&self, w: &[f64], gradient: &mut [f64]) -> f64 {
        for (row, (slope, with)) in
            self.products.chunks_exact(self.width).zip(gradient.iter_mut().zip(&self.with_labels))
        {
            *slope = inner(row, w) - with;
        }
        // ½wᵀPw − wᵀb + ½c, with the slopes Pw − b.
        0.5 * (inner(w, gradient) - inner(w, &self.with_labels) + self.squares)
    }

    fn hessian(&self, _w: &[f64]) -> Vec<f64> {
        self.products.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::FeatureKind;
    use crate::learn::random::stream;

    #[test]
    fn sums_are_those_of_the_rows() {
        let mut random = stream(3, "moments", 0);
        for (rows, columns) in [(1, 1), (7, 2), (300, 5), (600, 8)] {
            let table: Vec<Vec<f64>> = (0..columns).map(|_| (0..rows).map(|_| random.normal()).collect()).collect();
            let labels: Vec<f64> = (0..rows).map(|_| random.normal()).collect();
            let weights: Vec<f64> = (0..rows).map(|_| random.uniform()).collect();
            let names = (0..columns).map(|j| format!("c{j}")).collect();
            let x = Matrix::new(names, vec![FeatureKind::Numeric; columns], table.clone()).unwrap();
            let centres = vec![0.5; columns];
            let total = weights.iter().sum::<f64>();
            let problem = LeastSquares {
                x: &x,
                centres: &centres,
                labels: &labels,
                weights: Some(&weights),
                total,
                penalty: 0.3,
            };
            let moments = Moments::new(&problem);
            let w: Vec<f64> = (0..columns).map(|_| random.normal()).collect();
            let mut gradient = vec![0.0; columns];
            let value = moments.value(&w, &mut gradient);
            let error = |row: usize| (0..columns).fold(-labels[row], |sum, j| sum + w[j] * (table[j][row] - 0.5));
            let squares = (0..rows).fold(0.0, |sum, row| sum + weights[row] * error(row) * error(row)) / total;
            let expected = 0.5 * squares + 0.15 * w.iter().fold(0.0, |sum, w| sum + w * w);
            assert!((value - expected).abs() < 1e-10, "{rows} {columns}: {value} {expected}");
            for j in 0..columns {
                let slope =
                    (0..rows).fold(0.0, |sum, row| sum + weights[row] * error(row) * (table[j][row] - 0.5)) / total;
                assert!((gradient[j] - slope - 0.3 * w[j]).abs() < 1e-10, "{rows} {columns} {j}");
            }
        }
    }
}
