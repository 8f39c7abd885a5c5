//! Checks that a file is well-formed CSV (RFC 4180, UTF-8) before Polars reads it: Polars fills short rows with nulls, cuts long ones,
//! renames columns and swallows what follows an open quote without a word. One pass over the bytes; an error names row,
//! line and column. What Polars can't find out well, the names and whole numbers beyond 64 bits, is found on the way.

use crate::error::{Error, Result};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

const BUFFER: usize = 1 << 18;
/// Longest row in bytes: what is longer is a quote that was never closed, or no table, and Polars takes many seconds for it.
const LONGEST_ROW: u64 = 64 << 20;

/// A column as its file shows it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    /// Its name.
    pub name: String,
    /// Whether it has whole numbers that no 64 bits hold: such are numbers by name only, and stay text.
    pub beyond_integers: bool,
}

/// Checks the file; the first fault is the error. The columns in order.
pub(super) fn check(file: File) -> Result<Vec<Header>> {
    let failed = |e| Error::io("read", "the file", e);
    let mut reader = BufReader::with_capacity(BUFFER, file);
    let mut check = Check::default();
    let mut line = Vec::new();
    while reader.by_ref().take(LONGEST_ROW + 1).read_until(b'\n', &mut line).map_err(failed)? > 0 {
        let text = if check.line == 0 { without_mark(&line)? } else { &line };
        check.line(text)?;
        line.clear();
    }
    check.end()
}

/// The first line without UTF-8's byte order mark; that of UTF-16 is an error.
pub(super) fn without_mark(line: &[u8]) -> Result<&[u8]> {
    if line.starts_with(&[0xff, 0xfe]) || line.starts_with(&[0xfe, 0xff]) {
        return Err(Error::invalid("the text is UTF-16, not UTF-8").hint("convert it: iconv -f UTF-16 -t UTF-8"));
    }
    Ok(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line))
}

/// Where in a cell the last byte was.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum State {
    /// Before the first byte.
    #[default]
    Start,
    /// In a cell without quotes.
    Plain,
    /// Between the quotes.
    Quoted,
    /// After a quote that closes the cell, unless another one follows.
    Closed,
    /// After a carriage return, which only a line feed follows.
    Returned,
}

/// The cell being read, as far as it can still be a whole number.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Digits {
    #[default]
    Empty,
    Sign,
    Value(u64),
    Other,
}

impl Digits {
    fn and(self, byte: u8) -> Self {
        match (self, byte) {
            (Digits::Empty, b'-' | b'+') => Digits::Sign,
            (Digits::Empty | Digits::Sign, b'0'..=b'9') => Digits::Value(u64::from(byte - b'0')),
            (Digits::Value(value), b'0'..=b'9') => {
                Digits::Value(value.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
            }
            _ => Digits::Other,
        }
    }
}

#[derive(Default)]
struct Check {
    header: Vec<Header>,
    /// The text of the cell being read, while the header is read.
    name: Vec<u8>,
    state: State,
    digits: Digits,
    /// Cells of the row that are complete.
    cells: usize,
    /// Rows that are complete, the header among them.
    rows: u64,
    line: u64,
    /// The line on which the row being read began.
    began: u64,
    /// Bytes of the row being read, as far as it was read.
    row_bytes: u64,
}

impl Check {
    fn line(&mut self, line: &[u8]) -> Result<()> {
        self.line += 1;
        if self.state != State::Quoted {
            self.began = self.line;
            self.row_bytes = 0;
        }
        self.row_bytes += line.len() as u64;
        if self.row_bytes > LONGEST_ROW {
            let text = format!("more than {} MiB in one row", LONGEST_ROW >> 20);
            return Err(self
                .fault(&text)
                .hint("is a quote not closed? Keep large texts in files, and their names in the table"));
        }
        match std::str::from_utf8(line) {
            Ok(text) => text.bytes().try_for_each(|byte| self.byte(byte)),
            Err(e) => {
                line.iter().take(e.valid_up_to()).try_for_each(|byte| self.byte(*byte))?;
                Err(self.fault("the text is not UTF-8").hint("convert it: iconv -f LATIN1 -t UTF-8"))
            }
        }
    }

    fn byte(&mut self, byte: u8) -> Result<()> {
        if self.rows == 0 {
            self.name.push(byte);
        }
        if !matches!(byte, b',' | b'\r' | b'\n') {
            self.digits = self.digits.and(byte);
        }
        self.state = match (self.state, byte) {
            (State::Quoted, b'"') => State::Closed,
            (State::Quoted, _) | (State::Closed, b'"') => State::Quoted,
            (State::Start, b'"') => State::Quoted,
            (_, b'\n') => return self.end_row(),
            (State::Returned, _) => {
                return Err(self.fault("a carriage return without a line feed").hint("end lines with a line feed"));
            }
            (_, b',') => {
                self.end_cell();
                State::Start
            }
            (_, b'\r') => State::Returned,
            (State::Plain, b'"') => {
                return Err(self.fault("a quote inside a cell that is not quoted").hint(QUOTING));
            }
            (State::Closed, _) => return Err(self.fault("text after the closing quote").hint(QUOTING)),
            (State::Start | State::Plain, _) => State::Plain,
        };
        Ok(())
    }

    fn end_cell(&mut self) {
        self.cells += 1;
        if self.rows == 0 {
            let text = String::from_utf8_lossy(&self.name);
            let text = text.trim_end_matches(['\r', '\n']);
            let text = text.strip_suffix(',').unwrap_or(text);
            let quoted = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
            let name = quoted.map_or_else(|| text.to_owned(), |t| t.replace("\"\"", "\""));
            self.header.push(Header { name, beyond_integers: false });
            self.name.clear();
        } else if let (Digits::Value(value), Some(column)) = (self.digits, self.header.get_mut(self.cells - 1)) {
            column.beyond_integers |= value > i64::MAX as u64;
        }
        self.digits = Digits::Empty;
    }

    fn end_row(&mut self) -> Result<()> {
        self.end_cell();
        if self.rows == 0 {
            self.check_names()?;
        } else if self.cells != self.header.len() {
            let count = |n: usize| if n == 1 { "1 cell".to_owned() } else { format!("{n} cells") };
            return Err(Error::invalid(format!(
                "{} has {}, the header has {}",
                self.row(),
                count(self.cells),
                self.header.len()
            ))
            .hint("every row has as many cells as the header; a cell that holds a comma stands in quotes"));
        }
        self.rows += 1;
        self.cells = 0;
        self.state = State::Start;
        Ok(())
    }

    fn check_names(&self) -> Result<()> {
        let mut seen = std::collections::HashSet::new();
        match self.header.iter().find(|column| !seen.insert(column.name.as_str())) {
            Some(twice) => Err(Error::invalid(format!("two columns are called \"{}\"", twice.name))
                .hint("rename one in the first line")),
            None => Ok(()),
        }
    }

    fn end(mut self) -> Result<Vec<Header>> {
        if self.state == State::Quoted {
            return Err(self.fault("the quote is never closed").hint(QUOTING));
        }
        // The last line needs no end.
        if self.state != State::Start || self.cells > 0 {
            self.end_row()?;
        }
        if self.rows == 0 {
            return Err(Error::invalid("the file is empty").hint("the first line of a CSV file names its columns"));
        }
        Ok(self.header)
    }

    fn row(&self) -> String {
        match self.rows {
            0 => "the header".to_owned(),
            row => format!("row {row} (line {})", self.began),
        }
    }

    fn fault(&self, what: &str) -> Error {
        let column = self.header.get(self.cells).map(|c| format!(", column \"{}\"", c.name)).unwrap_or_default();
        Error::invalid(what).at(format!("{}{column}", self.row()))
    }
}

const QUOTING: &str = "a cell with a quote in it is written with quotes around it and the inner ones doubled";

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<Vec<Header>> {
        let mut check = Check::default();
        text.as_bytes().split_inclusive(|b| *b == b'\n').try_for_each(|line| check.line(line))?;
        check.end()
    }

    #[test]
    fn well_formed_files_pass() {
        for good in
            ["a\n", "a", "a,b\n1,2", "a,b\r\n\"x\r\ny\",\r\n", "a\n\n", "\"a\"\"b\",\"c,d\"\n\"\"\"\",\n", "a,\n1,\n"]
        {
            assert!(checked(good).is_ok(), "{good:?}: {:?}", checked(good));
        }
    }

    #[test]
    fn names_are_unquoted_and_numbers_beyond_64_bits_found() {
        let found = checked("\"say \"\"hi\"\"\",b,\n9223372036854775807,-9223372036854775808,1\n1,2,3\n").unwrap();
        let expected = [("say \"hi\"", false), ("b", true), ("", false)];
        assert_eq!(found.iter().map(|h| (h.name.as_str(), h.beyond_integers)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_fault_is_named_with_its_place() {
        for (bad, said) in [
            ("", "the file is empty"),
            ("a,a\n", "two columns are called \"a\""),
            ("a,b\n\"x\ny\",1\n2\n", "row 2 (line 4) has 1 cell, the header has 2"),
            ("a,b\n1,2,3", "row 1 (line 2) has 3 cells"),
            ("a,b\n1,\"2\n", "row 1 (line 2), column \"b\": the quote is never closed"),
            ("a,b\n5\" pipe,2\n", "row 1 (line 2), column \"a\": a quote inside"),
            ("a,b\n\"5\" pipe,2\n", "row 1 (line 2), column \"a\": text after"),
            ("a,b\r1,2\r", "the header: a carriage return"),
        ] {
            let e = checked(bad).unwrap_err();
            assert!(e.message().contains(said), "{bad:?}: {e}");
        }
    }
}
