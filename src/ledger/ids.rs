//! What names a row for ever, in whichever ledger it lies: 16 random bytes as 32 hex digits. Numbers that a ledger counts
//! up are for people and for order; two ledgers that are merged both have a number 1.

use crate::error::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A random identity; a type for each thing that has one, so that one is not taken for another.
macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A new, random one.
            pub fn random() -> Result<Self> {
                random_digits().map($name)
            }

            /// Reads 32 hex digits.
            pub fn parse(text: &str) -> Result<Self> {
                if is_digits(text) {
                    Ok($name(text.to_owned()))
                } else {
                    Err(Error::invalid(format!(concat!("{:?} is not the id of ", $what), text)))
                }
            }

            /// All 32 digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The first 8 digits, for people.
            pub fn short(&self) -> &str {
                &self.0[..8]
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self> {
                $name::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

random_id!(
    /// A run's identity.
    RunId,
    "a run"
);

random_id!(
    /// The identity of any other row: a deployment, an operation, a check, a version.
    RowId,
    "a row of the ledger"
);

fn random_digits() -> Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| Error::new(ErrorKind::Io, format!("no random numbers: {e}")))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

fn is_digits(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
