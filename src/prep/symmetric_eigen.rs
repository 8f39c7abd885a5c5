//! Eigenvalues and eigenvectors of a symmetric matrix: Householder's reflections make it tridiagonal, the QL iteration with Wilkinson's shift
//! makes that diagonal (Golub and Van Loan, "Matrix Computations", 8.3). Every sum has a stated order, so the bits are always the same.

/// The most rounds for one eigenvalue; two or three are usual.
const MOST_ROUNDS: usize = 200;

/// Eigenvalues in falling order, each with its eigenvector of length 1, whose entry of greatest size is above 0.
pub(super) fn symmetric_eigen(mut matrix: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    let size = matrix.iter().flatten().fold(0.0, |most: f64, x| most.max(x.abs()));
    let scale = if size > 0.0 && size.is_finite() { size } else { 1.0 };
    matrix.iter_mut().flatten().for_each(|x| *x /= scale);
    let mut reduced = tridiagonal(matrix);
    diagonal(&mut reduced);
    let Tridiagonal { diagonal, vectors, .. } = reduced;
    let mut found: Vec<(f64, Vec<f64>)> =
        diagonal.into_iter().map(|value| value * scale).zip(vectors.into_iter().map(upright)).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found
}

/// The vector, or its opposite: its entry of greatest size is above 0 (of several, the first).
fn upright(vector: Vec<f64>) -> Vec<f64> {
    let largest = vector.iter().fold(0.0, |most: f64, x| if x.abs() > most.abs() { *x } else { most });
    if largest < 0.0 { vector.into_iter().map(|x| -x).collect() } else { vector }
}

/// A symmetric matrix that is 0 beside the diagonal and its neighbours, and the vectors that turn it back.
struct Tridiagonal {
    diagonal: Vec<f64>,
    /// Entry `k` stands between `k` and `k + 1`; the last is 0.
    beside: Vec<f64>,
    vectors: Vec<Vec<f64>>,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y)
}

/// Subtracts `by` times a vector.
fn subtract(from: &mut [f64], by: f64, vector: &[f64]) {
    from.iter_mut().zip(vector).for_each(|(x, v)| *x -= by * v);
}

/// Reflections of the last `n - k - 1` axes make column after column 0 below the diagonal's neighbour.
fn tridiagonal(mut matrix: Vec<Vec<f64>>) -> Tridiagonal {
    let n = matrix.len();
    let mut beside = vec![0.0; n];
    let mut mirrors: Vec<Option<(f64, Vec<f64>)>> = Vec::new();
    for k in 0..n.saturating_sub(1) {
        let mut mirror: Vec<f64> = (k + 1..n).map(|row| matrix[row][k]).collect();
        let length = dot(&mirror, &mirror).sqrt();
        let reflected = if mirror[0] > 0.0 { -length } else { length };
        let rest = dot(&mirror[1..], &mirror[1..]);
        if rest == 0.0 {
            beside[k] = mirror[0];
            mirrors.push(None);
            continue;
        }
        beside[k] = reflected;
        mirror[0] -= reflected;
        let factor = 2.0 / (mirror[0] * mirror[0] + rest);
        let mut across: Vec<f64> = (k + 1..n).map(|row| factor * dot(&matrix[row][k + 1..], &mirror)).collect();
        let half = factor * dot(&across, &mirror) / 2.0;
        subtract(&mut across, half, &mirror);
        for (at, row) in matrix[k + 1..].iter_mut().enumerate() {
            subtract(&mut row[k + 1..], mirror[at], &across);
            subtract(&mut row[k + 1..], across[at], &mirror);
        }
        mirrors.push(Some((factor, mirror)));
    }
    // The rows of the product of all reflections, from the last on: each changes what is below and right of its place.
    let mut product: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for (k, mirror) in mirrors.iter().enumerate().rev() {
        let Some((factor, mirror)) = mirror else { continue };
        for row in &mut product[k + 1..] {
            let by = factor * dot(&row[k + 1..], mirror);
            subtract(&mut row[k + 1..], by, mirror);
        }
    }
    Tridiagonal { diagonal: (0..n).map(|k| matrix[k][k]).collect(), beside, vectors: product }
}

/// Rotations make the entries beside the diagonal 0, eigenvalue after eigenvalue.
fn diagonal(t: &mut Tridiagonal) {
    let n = t.diagonal.len();
    for first in 0..n {
        for _ in 0..MOST_ROUNDS {
            let split = |at: &usize| {
                let near = t.diagonal[*at].abs() + t.diagonal[*at + 1].abs();
                t.beside[*at].abs() <= f64::EPSILON * near || t.beside[*at].abs() < f64::MIN_POSITIVE
            };
            let last = (first..n - 1).find(split).unwrap_or(n - 1);
            if last == first {
                break;
            }
            round(t, first, last);
        }
    }
}

/// One round of QL on the entries from `first` to `last`.
fn round(t: &mut Tridiagonal, first: usize, last: usize) {
    let (d, e) = (&mut t.diagonal, &mut t.beside);
    let half = (d[first + 1] - d[first]) / (2.0 * e[first]);
    let root = (half * half + 1.0).sqrt();
    let shift = d[first] - e[first] / (half + if half < 0.0 { -root } else { root });
    let (mut cosine, mut sine, mut moved, mut bulge) = (1.0, 1.0, 0.0, d[last] - shift);
    for at in (first..last).rev() {
        let (over, along) = (sine * e[at], cosine * e[at]);
        let length = (over * over + bulge * bulge).sqrt();
        e[at + 1] = length;
        if length == 0.0 {
            d[at + 1] -= moved;
            e[last] = 0.0;
            return;
        }
        (sine, cosine) = (over / length, bulge / length);
        let before = d[at + 1] - moved;
        let turned = (d[at] - before) * sine + 2.0 * cosine * along;
        moved = sine * turned;
        d[at + 1] = before + moved;
        bulge = cosine * turned - along;
        let (low, high) = t.vectors.split_at_mut(at + 1);
        for (x, y) in low[at].iter_mut().zip(&mut high[0]) {
            (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
        }
    }
    d[first] -= moved;
    e[first] = bulge;
    e[last] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random;

    fn check(matrix: &[Vec<f64>]) {
        let n = matrix.len();
        let found = symmetric_eigen(matrix.to_vec());
        let size = matrix.iter().flatten().fold(0.0, |most: f64, x| most.max(x.abs()));
        assert!(found.windows(2).all(|pair| pair[0].0 >= pair[1].0));
        for (i, (value, vector)) in found.iter().enumerate() {
            for row in 0..n {
                let residue = dot(&matrix[row], vector) - value * vector[row];
                assert!(residue.abs() <= 1e-13 * n as f64 * size, "{residue}");
            }
            for (j, (_, other)) in found.iter().enumerate() {
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot(vector, other) - expected).abs() < 1e-13 * n as f64);
            }
        }
    }

    #[test]
    fn vectors_are_orthonormal_and_only_stretched() {
        let mut normal = random::stream(3, "test", 0);
        for n in [1, 2, 3, 5, 17, 40] {
            let x: Vec<Vec<f64>> = (0..n).map(|_| (0..n).map(|_| normal.normal()).collect()).collect();
            let symmetric: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| x[i][j] + x[j][i]).collect()).collect();
            check(&symmetric);
            // Of rank one, and with equal eigenvalues.
            check(&(0..n).map(|i| (0..n).map(|j| x[0][i] * x[0][j]).collect()).collect::<Vec<_>>());
            check(&(0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect::<Vec<_>>());
        }
        check(&vec![vec![0.0; 4]; 4]);
        check(&[vec![2e300, 1e300], vec![1e300, 2e300]]);
        check(&[vec![2.0, 1e-200, 0.0], vec![1e-200, 2.0, 1e-30], vec![0.0, 1e-30, -3.0]]);
    }
}
