//! What a client sends to be let in. It is shown nowhere: not in a log, not in an error, not by `{:?}`.

use crate::error::{Error, Result};
use std::fmt;

/// A bearer token.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A token from where secrets come from; an empty text is none. One that no header can carry could never be sent.
    pub fn new(text: String) -> Result<Option<Token>> {
        if text.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return Err(Error::invalid("the token has a blank or another character that no header can carry")
                .hint("use letters, digits and signs: openssl rand -hex 32 makes one"));
        }
        Ok((!text.is_empty()).then_some(Token(text)))
    }

    /// Whether this is what a client sent, without telling by time how much of it was right.
    pub(super) fn is(&self, sent: &str) -> bool {
        blake3::hash(sent.as_bytes()) == blake3::hash(self.0.as_bytes())
    }

    /// The value of the header `Authorization`.
    pub(super) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_compared_and_sent_and_never_shown() {
        let token = Token::new("s3cret".to_owned()).unwrap().unwrap();
        assert!(token.is("s3cret") && !token.is("s3cre") && !token.is(""));
        assert_eq!(token.header(), "Bearer s3cret");
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert!(Token::new(String::new()).unwrap().is_none());
        for bad in ["a b", "a\n", "pässwort"] {
            assert!(Token::new(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
