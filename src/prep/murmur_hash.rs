//! MurmurHash3 of 32 bits (Austin Appleby's public-domain function for x86), with which scikit-learn's `FeatureHasher` and
//! `HashingVectorizer` put texts in columns: column |h| mod n, with the sign of h.

/// The hash of bytes with seed 0, as a signed number.
fn murmur3(bytes: &[u8]) -> i32 {
    const FIRST: u32 = 0xcc9e_2d51;
    const SECOND: u32 = 0x1b87_3593;
    let mix = |block: u32| block.wrapping_mul(FIRST).rotate_left(15).wrapping_mul(SECOND);
    let (mut hash, chunks) = (0u32, bytes.chunks_exact(4));
    let rest = chunks.remainder();
    for chunk in chunks {
        let block = chunk.iter().rev().fold(0u32, |block, byte| block << 8 | u32::from(*byte));
        hash = (hash ^ mix(block)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    if !rest.is_empty() {
        hash ^= mix(rest.iter().rev().fold(0u32, |block, byte| block << 8 | u32::from(*byte)));
    }
    hash ^= bytes.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    (hash ^ hash >> 16) as i32
}

/// The column of `columns` (1 or more) that a text falls in, and 1 or -1 (always 1 unless `signed`).
pub(super) fn hashed(text: &str, columns: usize, signed: bool) -> (usize, f64) {
    let hash = murmur3(text.as_bytes());
    let column = hash.unsigned_abs() as usize % columns.max(1);
    (column, if signed && hash < 0 { -1.0 } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sklearn.utils.murmurhash3_32(text, seed=0)`.
    #[test]
    fn hashes_are_those_of_scikit_learn() {
        for (text, expected) in [("", 0), ("foo", -156_908_512), ("a", 1_009_084_850), ("übung 12", -617_628_344)] {
            assert_eq!(murmur3(text.as_bytes()), expected, "{text}");
        }
    }
}
