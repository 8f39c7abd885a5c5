//! Rows and cells of a text of whole rows, one after the other.

use std::borrow::Cow;

const QUOTE: u8 = b'"';
pub(super) const QUOTING: &str =
    "a cell with a quote in it is written with quotes around it and the inner ones doubled";

pub(super) const NEVER_CLOSED: &str = "the quote is never closed";

/// One cell as it stands in the text, without the quotes around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RawCell<'a> {
    text: &'a str,
    /// Whether quotes inside are doubled.
    doubled: bool,
    /// Whether it is the last of its row.
    pub last: bool,
}

impl<'a> RawCell<'a> {
    /// The cell's text.
    pub fn text(&self) -> Cow<'a, str> {
        if self.doubled { Cow::Owned(self.text.replace("\"\"", "\"")) } else { Cow::Borrowed(self.text) }
    }
}

/// Where a text is no CSV, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fault {
    /// What is wrong.
    pub what: &'static str,
    /// The way out.
    pub hint: &'static str,
}

/// The cells of a text.
#[derive(Debug)]
pub(super) struct Cells<'a> {
    text: &'a str,
    separator: u8,
    at: usize,
    /// Whether a separator came last, after which a cell follows even at the end of the text.
    open: bool,
}

impl<'a> Cells<'a> {
    /// The cells of a text of whole rows. The last one needs no end of line.
    pub fn new(text: &'a str, separator: u8) -> Self {
        Cells { text, separator, at: 0, open: false }
    }

    /// Where the next cell begins.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Whether no cell follows.
    pub fn at_end(&self) -> bool {
        self.at >= self.text.len() && !self.open
    }

    /// Passes over lines without anything, where a row would begin.
    pub fn pass_blank_lines(&mut self) {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at..).unwrap_or_default() {
                [b'\r', b'\n', ..] => self.at += 2,
                [b'\n', ..] => self.at += 1,
                _ => break,
            }
        }
    }

    /// The next cell; none at the end.
    pub fn next(&mut self) -> Result<Option<RawCell<'a>>, Fault> {
        let bytes = self.text.as_bytes();
        let open = std::mem::take(&mut self.open);
        if self.at >= bytes.len() && !open {
            return Ok(None);
        }
        let (from, to, doubled) = match bytes.get(self.at) {
            Some(&QUOTE) => self.quoted()?,
            _ => self.plain()?,
        };
        let text = self.text.get(from..to).unwrap_or_default();
        let last = self.end_cell(bytes)?;
        Ok(Some(RawCell { text, doubled, last }))
    }

    /// A cell without quotes, from where to where it goes.
    fn plain(&mut self) -> Result<(usize, usize, bool), Fault> {
        let from = self.at;
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let ends = |byte: &u8| *byte == self.separator || matches!(byte, b'\n' | b'\r' | &QUOTE);
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        self.at = from + length;
        match rest.get(length) {
            Some(&QUOTE) => Err(Fault { what: "a quote inside a cell that is not quoted", hint: QUOTING }),
            _ => Ok((from, self.at, false)),
        }
    }

    /// A cell in quotes, and whether quotes inside are doubled.
    fn quoted(&mut self) -> Result<(usize, usize, bool), Fault> {
        let from = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut doubled = false;
        let mut at = from;
        loop {
            let found = bytes.get(at..).unwrap_or_default().iter().position(|byte| *byte == QUOTE);
            let Some(found) = found else {
                return Err(Fault { what: NEVER_CLOSED, hint: QUOTING });
            };
            at += found + 1;
            if bytes.get(at) != Some(&QUOTE) {
                self.at = at;
                return Ok((from, at - 1, doubled));
            }
            doubled = true;
            at += 1;
        }
    }

    /// Passes over what ends a cell: a separator, the end of a line, the end of the text. Whether the row ends there.
    fn end_cell(&mut self, bytes: &[u8]) -> Result<bool, Fault> {
        match bytes.get(self.at) {
            None => Ok(true),
            Some(byte) if *byte == self.separator => {
                self.at += 1;
                self.open = true;
                Ok(false)
            }
            Some(b'\n') => {
                self.at += 1;
                self.open = false;
                Ok(true)
            }
            Some(b'\r') if matches!(bytes.get(self.at + 1), None | Some(b'\n')) => {
                self.at += 2;
                self.open = false;
                Ok(true)
            }
            Some(b'\r') => {
                Err(Fault { what: "a carriage return without a line feed", hint: "end lines with a line feed" })
            }
            Some(_) => Err(Fault { what: "text after the closing quote", hint: QUOTING }),
        }
    }
}
