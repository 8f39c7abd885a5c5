//! Random numbers: one seeded ChaCha8 stream for each purpose.
//!
//! Invariant: the numbers depend on seed, purpose and index alone, on every platform and with every version of any
//! crate: only the raw words come from `rand_chacha`, what is made of them is written here.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

/// The stream number `index` (a tree, a trial, a repetition) of what `seed` gives for `purpose`.
pub fn stream(seed: u64, purpose: &str, index: u64) -> Stream {
    let mut key = [0u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&fnv1a(purpose).to_le_bytes());
    key[16..24].copy_from_slice(&index.to_le_bytes());
    Stream(ChaCha8Rng::from_seed(key))
}

/// FNV-1a, 64 bits: tells purposes apart.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Stream {
    /// Uniform over all 64-bit words.
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.word() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform over 0 .. n without bias (Lemire 2019, "Fast random integer generation in an interval"); 0 if n is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        let mut product = u128::from(self.word()) * u128::from(n);
        if (product as u64) < n {
            let reject = n.wrapping_neg().checked_rem(n).unwrap_or(0);
            while (product as u64) < reject {
                product = u128::from(self.word()) * u128::from(n);
            }
        }
        (product >> 64) as usize
    }

    /// Puts the items in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    /// `count` different numbers of 0 .. n (all of them if `count` is larger), ascending (Knuth's algorithm S).
    pub fn sample(&mut self, n: usize, count: usize) -> Vec<usize> {
        let mut wanted = count.min(n);
        let mut chosen = Vec::with_capacity(wanted);
        for i in 0..n {
            if wanted == 0 {
                break;
            }
            if self.below(n - i) < wanted {
                chosen.push(i);
                wanted -= 1;
            }
        }
        chosen
    }

    /// Standard normal (Box and Muller), for tests.
    #[cfg(test)]
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_fixed_for_ever() {
        let words: Vec<u64> = (0..3).map(|i| stream(7, "tree", i).word()).collect();
        assert_eq!(words, [16_598_743_764_056_824_114, 14_873_404_860_349_752_807, 6_202_187_800_843_965_644]);
        assert_ne!(stream(7, "tree", 0).word(), stream(7, "fold", 0).word());
    }

    #[test]
    fn below_is_even() {
        let mut random = stream(1, "test", 0);
        let mut counts = [0; 6];
        for _ in 0..60_000 {
            counts[random.below(6)] += 1;
        }
        assert!(counts.iter().all(|c| (9_600..10_400).contains(c)), "{counts:?}");
        assert_eq!(random.below(0), 0);
        assert_eq!(random.below(1), 0);
    }

    #[test]
    fn a_sample_has_no_repeats_and_a_shuffle_keeps_all() {
        let mut random = stream(1, "test", 1);
        let sample = random.sample(50, 20);
        assert_eq!(sample.len(), 20);
        assert!(sample.windows(2).all(|w| w[0] < w[1]));
        let mut items: Vec<usize> = (0..50).collect();
        random.shuffle(&mut items);
        assert!(items.iter().enumerate().any(|(i, &x)| i != x));
        items.sort_unstable();
        assert!(items.iter().enumerate().all(|(i, &x)| i == x));
    }

    #[test]
    fn normal_has_mean_zero_and_variance_one() {
        let mut random = stream(1, "test", 2);
        let values: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let mean = values.iter().sum::<f64>() / 20_000.0;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
    }
}
