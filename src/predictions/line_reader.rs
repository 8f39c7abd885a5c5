//! The lines of a file, one at a time in one buffer. A last line without its end was torn by a crash and never acknowledged:
//! it is passed over.

use crate::error::{Error, Result};
use crate::store::open_plain;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

/// Longest line, bytes: a row of the largest request that is taken, every character of it escaped. A longer one is none of
/// ours and must not fill the memory.
const LONGEST: u64 = 128 << 20;

/// Calls `work` with each line, without its end, and its number from 1. A line that is too long is given as `None`.
pub(super) fn each_line(
    path: &Path,
    mut work: impl FnMut(usize, Option<&[u8]>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let file = open_plain(path)?.ok_or_else(|| Error::io("open", path, std::io::ErrorKind::NotFound.into()))?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        read.map_err(|e| Error::io("read", path, e))?;
        let flow = match line.last() {
            None => return Ok(()),
            Some(b'\n') => match &line[..line.len() - 1] {
                [] => ControlFlow::Continue(()),
                line => work(number, Some(line))?,
            },
            Some(_) if skip_line(&mut reader).map_err(|e| Error::io("read", path, e))? => work(number, None)?,
            Some(_) => return Ok(()),
        };
        if flow.is_break() {
            return Ok(());
        }
    }
    Ok(())
}

/// Passes over what is left of a line; whether its end came.
fn skip_line(reader: &mut impl BufRead) -> std::io::Result<bool> {
    loop {
        let there = reader.fill_buf()?;
        if there.is_empty() {
            return Ok(false);
        }
        let end = there.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(there.len(), |at| at + 1);
        reader.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_are_given_with_their_numbers_and_a_torn_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        std::fs::write(&path, "a\n\nb\ntorn").unwrap();
        let mut seen = Vec::new();
        let work = |number: usize, line: Option<&[u8]>| {
            seen.push((number, line.map(<[u8]>::to_vec)));
            Ok(ControlFlow::Continue(()))
        };
        each_line(&path, work).unwrap();
        assert_eq!(seen, [(1, Some(b"a".to_vec())), (3, Some(b"b".to_vec()))]);
        let mut count = 0;
        each_line(&path, |_, _| {
            count += 1;
            Ok(ControlFlow::Break(()))
        })
        .unwrap();
        assert_eq!(count, 1);
        assert!(each_line(&folder.path().join("none"), |_, _| Ok(ControlFlow::Continue(()))).is_err());
    }
}
