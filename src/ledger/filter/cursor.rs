//! The text of a filter as it is read from left to right. An error names the character, counted from 1.

use crate::error::{self, Error, Result};

/// Longer texts are refused, so that a statement stays within what SQLite takes.
const LONGEST: usize = 16_384;

/// A place in a filter or in an order.
pub(super) struct Cursor<'a> {
    what: &'static str,
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The beginning of `text`; `what` says in errors what it is.
    pub fn new(what: &'static str, text: &'a str) -> Result<Self> {
        if text.len() > LONGEST {
            return Err(Error::invalid(format!("the {what} has {} bytes", text.len()))
                .hint(format!("{LONGEST} are the most that is taken")));
        }
        if text.contains('\0') {
            return Err(Error::invalid(format!("the {what} has a zero byte in it")).hint("leave it out"));
        }
        Ok(Cursor { what, text, at: 0 })
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The byte at which it stands.
    pub fn place(&self) -> usize {
        self.at
    }

    /// Goes on to the next character that is no blank.
    pub fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Whether nothing but blanks is left.
    pub fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.rest().is_empty()
    }

    /// The next character.
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes `text` if it stands next.
    pub fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Takes a keyword, in any case, if it stands next as a whole word.
    pub fn keyword(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let next = self.while_char(is_plain);
        let found = next.eq_ignore_ascii_case(word);
        if found {
            self.at += next.len();
        }
        found
    }

    /// The characters from here for which `holds`, without going on.
    pub fn while_char(&self, holds: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        rest.get(..rest.find(|c| !holds(c)).unwrap_or(rest.len())).unwrap_or_default()
    }

    /// Moves past the text that [`Cursor::while_char`] returned.
    pub fn advance(&mut self, by: &str) {
        self.at += by.len();
    }

    /// Takes a text between `mark`s, which stand next. There is no way to write the mark itself inside, as in MLflow.
    pub fn between(&mut self, mark: char) -> Result<String> {
        let start = self.at;
        self.take(mark.encode_utf8(&mut [0; 4]));
        let inner = self.while_char(|c| c != mark);
        self.advance(inner);
        if self.take(mark.encode_utf8(&mut [0; 4])) {
            return Ok(inner.to_owned());
        }
        Err(self.error_at(start, format!("{mark} is opened and never closed")).hint(format!("close it with {mark}")))
    }

    /// A part of a name: plain up to where `holds` ends, or in backticks or double quotes. None if neither stands next.
    pub fn part(&mut self, holds: impl Fn(char) -> bool) -> Result<Option<String>> {
        let part = match self.peek() {
            Some(mark @ ('`' | '"')) => self.between(mark)?,
            _ => {
                let plain = self.while_char(holds);
                self.advance(plain);
                plain.to_owned()
            }
        };
        Ok(Some(part).filter(|part| !part.is_empty()))
    }

    /// An error at the place where the cursor stands.
    pub fn error(&self, message: impl std::fmt::Display) -> Error {
        self.error_at(self.at, message)
    }

    /// An error at a place.
    pub fn error_at(&self, place: usize, message: impl std::fmt::Display) -> Error {
        let character = self.text.get(..place).map_or(0, |before| before.chars().count()) + 1;
        Error::invalid(format!("{}, character {character}: {message}", self.what))
    }

    /// What stands next, for a message.
    pub fn shown(&self) -> String {
        let word = self.while_char(is_plain);
        match (word, self.peek()) {
            ("", None) => format!("the end of the {}", self.what),
            ("", Some(c)) => error::quoted(&c.to_string()),
            (word, _) => error::quoted(word),
        }
    }
}

/// What a name has without quotes.
pub(super) fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '-')
}
