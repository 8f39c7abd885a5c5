//! A BLAKE3 hash: 32 bytes, written as 64 lower-case hex digits.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a content.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Hash(blake3::hash(bytes).into())
    }

    /// The hash of a value's canonical JSON (keys in the order of its type).
    pub fn of_json(value: &impl Serialize) -> Result<Self> {
        let bytes = serde_json::to_vec(value).map_err(|e| Error::invalid(format!("not representable as JSON: {e}")))?;
        Ok(Hash::of(&bytes))
    }

    /// Reads 64 hex digits.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = || {
            Error::invalid(format!("{:?} is not a hash of 64 hex digits", text.chars().take(80).collect::<String>()))
        };
        blake3::Hash::from_hex(text.as_bytes()).map(|h| Hash(h.into())).map_err(|_| bad())
    }

    /// The first 12 digits, for people.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl From<blake3::Hash> for Hash {
    fn from(hash: blake3::Hash) -> Self {
        Hash(hash.into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(blake3::Hash::from(self.0).to_hex().as_str())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl TryFrom<String> for Hash {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Hash::parse(&text)
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> String {
        hash.to_string()
    }
}
