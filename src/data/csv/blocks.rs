//! A file in blocks of whole rows, so that they can be worked on in parallel.

use crate::error::{Error, Result};
use std::io::Read;

/// Bytes of a block, unless one row is longer.
const BLOCK: usize = 1 << 20;
/// Longest row in bytes: what is longer is a quote that was never closed, or no table.
pub(super) const LONGEST_ROW: usize = 64 << 20;

/// The way out of another encoding.
pub(super) const ENCODING: &str = "say how it is written: encoding = \"latin1\", or \"utf-16\", under [data.NAME] in mlops.toml; or convert it: iconv -f LATIN1 -t UTF-8";

/// Reads a file block by block.
pub(super) struct Blocks<R> {
    reader: R,
    /// What was read beyond the last whole row.
    rest: Vec<u8>,
    quote: u8,
    ended: bool,
    first: bool,
}

impl<R: Read> Blocks<R> {
    /// The blocks of a file from where it stands.
    pub fn new(reader: R, quote: u8) -> Self {
        Blocks { reader, rest: Vec::new(), quote, ended: false, first: true }
    }

    /// The next block; none at the end. The byte order mark of UTF-8 is left out, that of UTF-16 is an error.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut block = std::mem::take(&mut self.rest);
        // What was left over has no whole row; whether a quote is open at its end.
        let (mut looked_at, mut open) = (block.len(), is_odd(quotes(&block, self.quote)));
        while !self.ended && block.len() <= LONGEST_ROW {
            let wanted = (BLOCK - block.len() % BLOCK) as u64;
            let read = self.reader.by_ref().take(wanted).read_to_end(&mut block);
            let read = read.map_err(unreadable)?;
            self.ended = (read as u64) < wanted;
            let new = block.get(looked_at..).unwrap_or_default();
            open ^= is_odd(quotes(new, self.quote));
            if let Some(end) = end_of_rows(new, self.quote, open).filter(|_| !self.ended) {
                self.rest = block.split_off(looked_at + end);
                break;
            }
            looked_at = block.len();
        }
        Ok(Some(self.without_mark(block)?).filter(|block| !block.is_empty()))
    }

    /// Up to `count` blocks.
    pub fn several(&mut self, count: usize) -> Result<Vec<Vec<u8>>> {
        std::iter::from_fn(|| self.next().transpose()).take(count).collect()
    }

    fn without_mark(&mut self, block: Vec<u8>) -> Result<Vec<u8>> {
        if !std::mem::take(&mut self.first) {
            return Ok(block);
        }
        match without_mark(&block)?.len() {
            length if length == block.len() => Ok(block),
            length => Ok(block.get(block.len() - length..).unwrap_or_default().to_vec()),
        }
    }
}

/// The text without UTF-8's byte order mark; that of UTF-16 is an error.
pub(in crate::data) fn without_mark(text: &[u8]) -> Result<&[u8]> {
    if text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]) {
        return Err(Error::invalid("the text is UTF-16, not UTF-8").hint(ENCODING));
    }
    Ok(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text))
}

fn unreadable(e: std::io::Error) -> Error {
    match e.kind() {
        std::io::ErrorKind::InvalidData => Error::invalid(e.to_string()).hint("mend `encoding` in mlops.toml"),
        _ => Error::io("read", "the file", e),
    }
}

fn quotes(text: &[u8], quote: u8) -> usize {
    text.iter().filter(|byte| **byte == quote).count()
}

fn is_odd(count: usize) -> bool {
    count % 2 == 1
}

/// Where the last row ends that is whole: after a line feed that no quote is open before. `open` says whether one is at the end.
fn end_of_rows(text: &[u8], quote: u8, mut open: bool) -> Option<usize> {
    let mut end = text.len();
    while let Some(feed) = text.get(..end)?.iter().rposition(|byte| *byte == b'\n') {
        open ^= is_odd(quotes(text.get(feed..end)?, quote));
        if !open {
            return Some(feed + 1);
        }
        end = feed;
    }
    None
}

/// Whether a block holds blank lines alone.
pub(super) fn is_blank(block: &[u8]) -> bool {
    block.iter().all(|byte| matches!(byte, b'\n' | b'\r'))
}

/// Number of line ends.
pub(super) fn line_ends(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_never_cut() {
        let row = |at: usize| format!("{at},\"line one\nline two of {at} says \"\"hi\"\"\"\n");
        let text: String = std::iter::once("\u{feff}a,b\n".to_owned()).chain((0..60_000).map(row)).collect();
        let mut blocks = Blocks::new(text.as_bytes(), b'"');
        let blocks = blocks.several(usize::MAX).unwrap();
        assert!(blocks.len() > 2, "{}", blocks.len());
        assert!(blocks.iter().all(|block| block.ends_with(b"\n") && block.len() <= BLOCK));
        assert!(blocks[1..].iter().all(|block| block[0].is_ascii_digit()));
        assert_eq!(blocks.concat(), text.trim_start_matches('\u{feff}').as_bytes());
    }
}
