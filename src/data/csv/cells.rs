//! Rows and cells of a text of whole rows, one after the other.

use std::borrow::Cow;

/// In place of a quote, where there is none: UTF-8 has no such byte.
pub(super) const NO_QUOTE: u8 = 0xff;
pub(super) const QUOTING: &str =
    "a cell with a quote in it is written with quotes around it and the inner ones doubled";

pub(super) const NEVER_CLOSED: &str = "the quote is never closed";

/// The characters that part a text into cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Marks {
    /// Between cells.
    pub separator: u8,
    /// Around cells.
    pub quote: u8,
}

/// One cell as it stands in the text, without the quotes around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RawCell<'a> {
    text: &'a str,
    /// The quote, if there are ones inside, which are doubled.
    doubled: Option<u8>,
    /// Whether it is the last of its row.
    pub last: bool,
}

impl<'a> RawCell<'a> {
    /// The cell's text.
    pub fn text(&self) -> Cow<'a, str> {
        match self.doubled {
            None => Cow::Borrowed(self.text),
            Some(quote) => {
                let quote = char::from(quote).to_string();
                Cow::Owned(self.text.replace(&quote.repeat(2), &quote))
            }
        }
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
    marks: Marks,
    at: usize,
    /// Whether a separator came last, after which a cell follows even at the end of the text.
    open: bool,
}

impl<'a> Cells<'a> {
    /// The cells of a text of whole rows. The last one needs no end of line.
    pub fn new(text: &'a str, marks: Marks) -> Self {
        Cells { text, marks, at: 0, open: false }
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
            Some(byte) if *byte == self.marks.quote => self.quoted()?,
            _ => self.plain()?,
        };
        let text = self.text.get(from..to).unwrap_or_default();
        let last = self.end_cell(bytes)?;
        Ok(Some(RawCell { text, doubled: doubled.then_some(self.marks.quote), last }))
    }

    /// A cell without quotes, from where to where it goes.
    fn plain(&mut self) -> Result<(usize, usize, bool), Fault> {
        let from = self.at;
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let Marks { separator, quote } = self.marks;
        let ends = |byte: &u8| *byte == separator || *byte == quote || matches!(byte, b'\n' | b'\r');
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        self.at = from + length;
        match rest.get(length) {
            Some(byte) if *byte == quote => {
                Err(Fault { what: "a quote inside a cell that is not quoted", hint: QUOTING })
            }
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
            let found = bytes.get(at..).unwrap_or_default().iter().position(|byte| *byte == self.marks.quote);
            let Some(found) = found else {
                return Err(Fault { what: NEVER_CLOSED, hint: QUOTING });
            };
            at += found + 1;
            if bytes.get(at) != Some(&self.marks.quote) {
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
            Some(byte) if *byte == self.marks.separator => {
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
