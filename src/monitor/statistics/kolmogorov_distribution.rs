//! The distribution of the Kolmogorov-Smirnov statistic: of two samples exactly, of one sample of size n.
//!
//! [`two_sample_tail`] counts lattice paths (Hodges 1958; the recursion for the complement is Viehmann's,
//! arXiv:2102.08037), as `scipy.stats.ks_2samp(method="exact")`. [`one_sample_tail`] is `scipy.stats.kstwo.sf`, which
//! chooses by n and x as Simard & L'Ecuyer (2011): Durbin's matrix after Marsaglia, Tsang & Wang (2003), Pelz & Good
//! (1976), or twice the one-sided tail (Birnbaum & Tingey 1951).

use std::f64::consts::PI;

use super::special::ln_gamma;

/// P(D ≥ gap / (n·m)) when samples of `n` and `m` values come from one continuous distribution.
///
/// `gap` is the largest difference of the two empirical distributions times n·m, which is an integer.
pub(super) fn two_sample_tail(n: usize, m: usize, gap: i64) -> f64 {
    if gap <= 0 {
        return 1.0;
    }
    if n == m { equal_sizes(n as i64, gap / n as i64) } else { lattice(n.max(m) as i64, n.min(m) as i64, gap) }
}

/// Both samples of size n: an alternating sum of ratios of binomials, nested so that nothing cancels.
fn equal_sizes(n: i64, h: i64) -> f64 {
    let mut sum = 0.0;
    for k in (0..=n / h).rev() {
        let ratio: f64 = (0..h).map(|j| (n - k * h - j) as f64 / (n + k * h + j + 1) as f64).product();
        sum = ratio * (1.0 - sum);
    }
    (2.0 * sum).clamp(0.0, 1.0)
}

/// The share of lattice paths from (0, 0) to (m, n), n < m, that touch |x/m - y/n| ≥ gap/(m·n).
///
/// `left[y]` is that share for paths to (x, y); it is 1 outside the band, which moves up as x grows.
fn lattice(m: i64, n: i64, gap: i64) -> f64 {
    let mut left = vec![1.0; n as usize + 1];
    let top = |x: i64| ((n * x + gap + m - 1) / m).min(n + 1);
    let bottom = |x: i64| ((n * x - gap).div_euclid(m) + 1).max(0);
    left[..top(0) as usize].fill(0.0);
    for x in 1..=m {
        let (from, to) = (bottom(x), top(x));
        left[bottom(x - 1).min(n + 1) as usize..from.min(n + 1) as usize].fill(1.0);
        let mut below = if from == 0 { 0.0 } else { 1.0 };
        for (y, share) in (from..to).zip(left.iter_mut().skip(from as usize)) {
            below = (*share * x as f64 + below * y as f64) / (x + y) as f64;
            *share = below;
        }
    }
    left[n as usize].clamp(0.0, 1.0)
}

/// P(D ≥ x) for one sample of `n` ≥ 1 values against its own continuous distribution.
pub(super) fn one_sample_tail(n: u64, x: f64) -> f64 {
    let size = n as f64;
    let nx = size * x;
    let tail = if x >= 1.0 {
        0.0
    } else if nx <= 0.5 {
        1.0
    } else if nx <= 1.0 {
        1.0 - (ln_gamma(size + 1.0) + size * ((2.0 * nx - 1.0) / size).ln()).exp()
    } else if nx >= size - 1.0 {
        2.0 * (1.0 - x).powf(size)
    } else if x >= 0.5 {
        2.0 * one_sided_tail(n, x)
    } else {
        tail_between(n, x, nx * x)
    };
    tail.clamp(0.0, 1.0)
}

/// The part of [`one_sample_tail`] between the closed forms at both ends; `nxx` is n·x².
fn tail_between(n: u64, x: f64, nxx: f64) -> f64 {
    let size = n as f64;
    if n <= 140 {
        return if nxx <= 4.0 { 1.0 - durbin(n, x) } else { 2.0 * one_sided_tail(n, x) };
    }
    if nxx >= 370.0 {
        0.0
    } else if nxx >= 2.2 {
        2.0 * one_sided_tail(n, x)
    } else if n <= 100_000 && size * x.powf(1.5) <= 1.4 {
        1.0 - durbin(n, x)
    } else {
        1.0 - pelz_good(size, x)
    }
}

/// P(D⁺ ≥ x): `scipy.special.smirnov`, all terms positive, each through its logarithm.
fn one_sided_tail(n: u64, x: f64) -> f64 {
    let size = n as f64;
    if n > 1_000_000 {
        return (-(6.0 * size * x + 1.0).powi(2) / (18.0 * size)).exp();
    }
    let mut ln_binomial = 0.0;
    let mut sum = 0.0;
    for j in 0..n {
        let j = j as f64;
        let above = 1.0 - x - j / size;
        if above <= 0.0 {
            break;
        }
        sum += (ln_binomial + (j - 1.0) * (x + j / size).ln() + (size - j) * above.ln()).exp();
        ln_binomial += ((size - j) / (j + 1.0)).ln();
    }
    x * sum
}

/// P(D < x) by Durbin's matrix: the middle entry of Hⁿ times n!/nⁿ.
fn durbin(n: u64, x: f64) -> f64 {
    let nx = n as f64 * x;
    let k = nx.ceil().max(1.0);
    let middle = k as usize - 1;
    let size = 2 * k as usize - 1;
    let power = Scaled { entries: durbin_matrix(size, k - nx), size, exponent: 0.0 }.power(n);
    let ln_factor = ln_gamma(n as f64 + 1.0) - n as f64 * (n as f64).ln();
    power.entries[middle * size + middle] * (ln_factor + power.exponent).exp()
}

/// The matrix H of Marsaglia, Tsang & Wang, row by row; `h` = ⌈nx⌉ - nx.
fn durbin_matrix(size: usize, h: f64) -> Vec<f64> {
    let mut inverse_factorials = vec![1.0; size + 1];
    for i in 1..=size {
        inverse_factorials[i] = inverse_factorials[i - 1] / i as f64;
    }
    let mut entries = vec![0.0; size * size];
    for row in 0..size {
        for column in 0..size.min(row + 2) {
            entries[row * size + column] = inverse_factorials[row + 1 - column];
        }
    }
    for i in 0..size {
        let edge = (1.0 - h.powi(i as i32 + 1)) * inverse_factorials[i + 1];
        entries[i * size] = edge;
        entries[(size - 1) * size + size - 1 - i] = edge;
    }
    let both = (2.0 * h - 1.0).max(0.0).powi(size as i32) - 2.0 * h.powi(size as i32);
    entries[(size - 1) * size] = (1.0 + both) * inverse_factorials[size];
    entries
}

/// A square matrix times e to the `exponent`, so that its powers stay in range.
#[derive(Clone)]
struct Scaled {
    entries: Vec<f64>,
    size: usize,
    exponent: f64,
}

impl Scaled {
    fn power(self, mut n: u64) -> Scaled {
        let mut result = self.clone();
        n -= 1;
        let mut square = self;
        while n > 0 {
            if n % 2 == 1 {
                result = result.times(&square);
            }
            n /= 2;
            if n > 0 {
                square = square.times(&square);
            }
        }
        result
    }

    fn times(&self, other: &Scaled) -> Scaled {
        let size = self.size;
        let mut entries = vec![0.0; size * size];
        for (row, out) in self.entries.chunks(size).zip(entries.chunks_mut(size)) {
            for (factor, line) in row.iter().zip(other.entries.chunks(size)) {
                for (cell, entry) in out.iter_mut().zip(line) {
                    *cell += factor * entry;
                }
            }
        }
        let largest = entries.iter().copied().fold(0.0, f64::max);
        let scale = if largest > 0.0 { largest } else { 1.0 };
        entries.iter_mut().for_each(|entry| *entry /= scale);
        Scaled { entries, size, exponent: self.exponent + other.exponent + scale.ln() }
    }
}

/// P(D < x) by the four terms of Pelz & Good's expansion, in the form that converges for small z = x√n.
fn pelz_good(n: f64, x: f64) -> f64 {
    let z = n.sqrt() * x;
    let z2 = z * z;
    let (z4, z6) = (z2 * z2, z2 * z2 * z2);
    let (p2, p4, p6) = (PI.powi(2), PI.powi(4), PI.powi(6));
    let root = (2.0 * PI).sqrt();
    let mut k = [0.0; 4];
    let terms = (16.0 * z / PI).ceil() as i32;
    for i in (1..=terms).rev() {
        let m2 = f64::from(2 * i - 1).powi(2);
        let (m4, m6) = (m2 * m2, m2 * m2 * m2);
        let weight = (-p2 * m2 / (8.0 * z2)).exp();
        k[0] += weight;
        k[1] += weight * (-z2 + p2 / 4.0 * m2);
        k[2] +=
            weight * (6.0 * z6 + 2.0 * z4 + (2.0 * z4 - 5.0 * z2) * p2 / 4.0 * m2 + p4 * (1.0 - 2.0 * z2) / 16.0 * m4);
        k[3] += weight
            * (-30.0 * z6 - 90.0 * z4 * z4
                + p2 * (135.0 * z4 - 96.0 * z6) / 4.0 * m2
                + p4 * (-60.0 * z2 + 212.0 * z4) / 16.0 * m4
                + p6 * (5.0 - 30.0 * z2) / 64.0 * m6);
    }
    let (mut extra2, mut extra3) = (0.0, 0.0);
    for i in (1..=terms).rev() {
        let i2 = f64::from(i).powi(2);
        let weight = i2 * (-p2 * i2 / (2.0 * z2)).exp();
        extra2 += weight;
        extra3 += weight * (3.0 * z2 - p2 * i2);
    }
    let second = k[2] * root / (72.0 * z6 * z) - extra2 * p2 * root / (36.0 * z2 * z);
    let third = k[3] * root / (6480.0 * z6 * z4) + extra3 * p2 * root / (216.0 * z6);
    k[0] * root / z + k[1] * root / (6.0 * z4) / n.sqrt() + second / n + third / n.powf(1.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-8 * expected.abs(), "{found:e}, expected {expected:e}");
    }

    #[test]
    fn one_sample_tail_equals_kstwo() {
        close(one_sample_tail(5, 0.15), 0.9988);
        close(one_sample_tail(10, 0.07), 0.9999999619492741);
        close(one_sample_tail(10, 0.3), 0.27053557479999946);
        close(one_sample_tail(10, 0.6), 0.0005681672000000003);
        close(one_sample_tail(30, 0.93), 4.5078809556426664e-35);
        close(one_sample_tail(30, 0.1), 0.8960782680050898);
        close(one_sample_tail(60, 0.2), 0.014023403960275127);
        close(one_sample_tail(140, 0.06), 0.6719092248862638);
        close(one_sample_tail(140, 0.16), 0.0013440163244194184);
        close(one_sample_tail(140, 0.2), 2.1981563302200222e-05);
        close(one_sample_tail(141, 0.005), 1.0);
        close(one_sample_tail(200, 0.03), 0.991436524714942);
        close(one_sample_tail(200, 0.05), 0.6802625495871704);
        close(one_sample_tail(1000, 0.02), 0.8108971656895577);
        close(one_sample_tail(1000, 0.05), 0.013012074781090332);
        close(one_sample_tail(1000, 0.2), 1.5528629204250538e-35);
        close(one_sample_tail(20000, 0.002), 0.9999979895410975);
        close(one_sample_tail(12505, 0.0203), 6.58902852504598e-05);
        close(one_sample_tail(500000, 0.0005), 0.9996286945544336);
        close(one_sample_tail(500000, 0.0012), 0.4671992770600679);
        close(one_sample_tail(500000, 0.003), 0.00024632301239186754);
        close(one_sample_tail(3000000, 0.0011), 0.0014051851980955933);
        close(one_sample_tail(90000, 0.0004), 1.0);
        close(one_sample_tail(500, 0.999), 0.0);
    }

    #[test]
    fn two_sample_tail_equals_ks_2samp() {
        close(two_sample_tail(500, 500, 25500), 0.010968966298223139);
        close(two_sample_tail(3, 4, 12), 0.05714285714285715);
        close(two_sample_tail(7, 5, 20), 0.23737373737373738);
        close(two_sample_tail(100, 80, 2400), 0.0005077934689081804);
        close(two_sample_tail(500, 400, 8000), 0.85515310954248);
        close(two_sample_tail(37, 1000, 9000), 0.024121186012164095);
        close(two_sample_tail(9999, 10000, 2000000), 0.03589605170521495);
        close(two_sample_tail(30, 30, 900), 1.6911233892144742e-17);
        close(two_sample_tail(1, 9, 4), 1.0);
    }
}
