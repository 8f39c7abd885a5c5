//! One grammar for naming things: `name`, `name@version`, `name@alias`, a full hash or a unique prefix of one.

use super::Name;
use crate::error::{Error, Result};

/// What follows the `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// Nothing after the name: of a dataset the version in `mlops.lock`, of a model the champion.
    Bare,
    /// `latest`: the newest.
    Latest,
    /// A version number, counted from 1.
    Version(u32),
    /// A movable alias such as `champion`.
    Alias(Name),
}

/// A parsed reference. A text that can be read as a name and as the beginning of a hash is kept as both: models and datasets are
/// looked for by name first, runs by id first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    text: String,
    named: Option<(Name, Selector)>,
}

impl Reference {
    /// Parses the text; fails only if it can be neither a name nor a hash.
    pub fn parse(text: &str) -> Result<Self> {
        let named = match text.split_once('@') {
            Some((name, "latest")) => Some((Name::parse(name)?, Selector::Latest)),
            Some((name, tail)) => {
                let number = tail.strip_prefix('v').unwrap_or(tail);
                let selector = match number.parse::<u32>() {
                    Ok(version) if version > 0 => Selector::Version(version),
                    Ok(_) => return Err(Error::invalid(format!("\"{text}\": versions are counted from 1"))),
                    Err(_) => Selector::Alias(Name::parse(tail)?),
                };
                Some((Name::parse(name)?, selector))
            }
            None => Name::parse(text).ok().map(|name| (name, Selector::Bare)),
        };
        let reference = Reference { text: text.to_owned(), named };
        if reference.named.is_none() && reference.hash_prefix().is_none() {
            return Err(Error::invalid(format!("\"{text}\" is not a reference"))
                .hint("write name, name@version, name@alias or the first characters of a hash"));
        }
        Ok(reference)
    }

    /// The name and what follows the `@`, if the text can be read so.
    pub fn named(&self) -> Option<(&Name, &Selector)> {
        self.named.as_ref().map(|(name, selector)| (name, selector))
    }

    /// The text as the beginning of a hash or run id (4 to 64 hex digits), if it can be read so.
    pub fn hash_prefix(&self) -> Option<&str> {
        let hex = self.text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (hex && (4..=64).contains(&self.text.len())).then_some(self.text.as_str())
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl std::str::FromStr for Reference {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Reference::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let r = Reference::parse("delay@3").unwrap();
        assert_eq!(r.named().unwrap().1, &Selector::Version(3));
        let r = Reference::parse("delay@champion").unwrap();
        assert!(matches!(r.named().unwrap().1, Selector::Alias(a) if a.as_str() == "champion"));
        assert_eq!(Reference::parse("delay").unwrap().named().unwrap().1, &Selector::Bare);
        assert_eq!(Reference::parse("delay@latest").unwrap().named().unwrap().1, &Selector::Latest);
        assert_eq!(Reference::parse("beef12").unwrap().hash_prefix(), Some("beef12"));
        assert!(Reference::parse("../x").is_err());
        assert!(Reference::parse("delay@0").is_err());
    }
}
