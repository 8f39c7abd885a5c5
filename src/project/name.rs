//! Names of datasets, views, sets, recipes, models. Invariant: `[a-z0-9][a-z0-9_.-]*`, at most 100 bytes, never a path.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

const MAX: usize = 100;

/// A checked name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// Checks `text`; the error says what a name looks like.
    pub fn parse(text: &str) -> Result<Self> {
        let starts = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        let fits = text.len() <= MAX
            && !text.contains("..")
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'-'));
        if starts && fits {
            return Ok(Name(text.to_owned()));
        }
        let shown: String = text.chars().take(40).collect();
        Err(Error::invalid(format!("{shown:?} is not a name")).hint(
            "a name starts with a lower-case letter or digit, goes on with letters, digits, _ . -, and has at most 100 characters",
        ))
    }

    /// A name made from a file's stem: lower-cased, other characters become `_`.
    pub fn from_stem(stem: &str) -> Result<Self> {
        let text: String = stem
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' { c } else { '_' })
            .take(MAX)
            .collect();
        Name::parse(text.trim_matches(['_', '-']))
    }

    /// The text of the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Name::parse(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0
    }
}

impl std::str::FromStr for Name {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Name::parse(text)
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_not_a_name() {
        for bad in ["", "../x", "a/b", "a\\b", "a..b", ".hidden", "A", "a\nb", "ü", &"a".repeat(101)] {
            assert!(Name::parse(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "0x", "flights-2013.v2", "delay_logistic"] {
            assert!(Name::parse(good).is_ok(), "{good:?}");
        }
    }
}
