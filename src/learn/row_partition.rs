//! Dividing the rows of a node: those that go left to the front, both sides in their old order.
//!
//! Chunks are divided side by side and put together in order, so threads change nothing. A chunk is written without a
//! branch: each row to both ends of its place, of which only one moves.

use crate::learn::feature_split::BinSet;
use rayon::prelude::*;

/// Rows that are moved together.
const CHUNK: usize = 16_384;

/// Moves the rows whose bin in `column` goes left to the front; returns how many go left. `spare` is as long as `rows`.
pub(crate) fn partition(rows: &mut [u32], spare: &mut [u32], column: &[u8], goes_left: &BinSet) -> usize {
    let mut table = [0u8; 256];
    (0..=u8::MAX).for_each(|bin| table[usize::from(bin)] = u8::from(goes_left.contains(bin)));
    let chunks = rows.par_chunks(CHUNK).zip(spare.par_chunks_mut(CHUNK));
    let lefts: Vec<usize> = match rows.len() > CHUNK {
        true => chunks.map(|(rows, spare)| partition_chunk(rows, spare, column, &table)).collect(),
        false => vec![partition_chunk(rows, spare, column, &table)],
    };
    let total = lefts.iter().sum();
    let (mut to_left, mut to_right) = rows.split_at_mut(total);
    for (chunk, &count) in spare.chunks(CHUNK).zip(&lefts) {
        let (left, right) = chunk.split_at(count);
        let (front, rest) = std::mem::take(&mut to_left).split_at_mut(left.len());
        front.copy_from_slice(left);
        to_left = rest;
        let (front, rest) = std::mem::take(&mut to_right).split_at_mut(right.len());
        front.iter_mut().zip(right.iter().rev()).for_each(|(to, row)| *to = *row);
        to_right = rest;
    }
    total
}

/// Writes the rows that go left from the front of `out` on, the others from its end on backwards.
fn partition_chunk(rows: &[u32], out: &mut [u32], column: &[u8], table: &[u8; 256]) -> usize {
    let (mut left, mut end) = (0, out.len());
    for &row in rows {
        let goes = usize::from(table[usize::from(column[row as usize])]);
        out[left] = row;
        out[end - 1] = row;
        left += goes;
        end -= 1 - goes;
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random::stream;

    #[test]
    fn partition_keeps_the_order_of_both_sides() {
        let mut random = stream(2, "test", 0);
        for n in [0, 1, 5, 1000, CHUNK, CHUNK + 1, 3 * CHUNK + 77] {
            let column: Vec<u8> = (0..n).map(|_| random.below(256) as u8).collect();
            let mut set = BinSet::default();
            (0..100).for_each(|_| set.insert(random.below(256) as u8));
            let mut rows: Vec<u32> = (0..n as u32).collect();
            let lefts = partition(&mut rows, &mut vec![0; n], &column, &set);
            let goes = |row: &u32| set.contains(column[*row as usize]);
            let mut expected: Vec<u32> = (0..n as u32).filter(goes).collect();
            assert_eq!(lefts, expected.len());
            expected.extend((0..n as u32).filter(|row| !goes(row)));
            assert_eq!(rows, expected);
        }
    }
}
