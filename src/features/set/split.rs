//! Which part of a set a row belongs to: by time, by a stable hash of its key, or by a column that says it.

use crate::data::{Column, Frame, Key};
use crate::error::{Error, Result};
use crate::project::{Split, parse_time};

/// A part of a training set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What is learned from.
    Train,
    /// What choices are made by.
    Validation,
    /// What is judged by.
    Test,
    /// Left out.
    None,
}

impl Part {
    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Validation => "validation",
            Part::Test => "test",
            Part::None => "none",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Part::Train, Part::Validation, Part::Test, Part::None].into_iter().find(|p| p.name() == word)
    }
}

/// What splitting looks at.
pub(super) struct Rows<'a> {
    pub frame: &'a Frame,
    pub times: Option<&'a [i64]>,
    pub keys: Option<&'a [Option<Key>]>,
    pub seed: u64,
}

/// The part of each row.
pub(super) fn parts(split: Option<&Split>, rows: &Rows) -> Result<Vec<Part>> {
    let count = rows.frame.rows();
    match split {
        None => Ok(vec![Part::Train; count]),
        Some(Split::Time { validation, test, end }) => {
            let times = rows.times.ok_or_else(|| {
                Error::invalid("split by time needs the set's event_time").hint("give event_time in the set")
            })?;
            let limit = |text: &Option<String>| text.as_deref().map_or(Ok(i64::MAX), parse_time);
            let (test, end) = (limit(test)?, limit(end)?);
            let validation = limit(validation)?.min(test);
            Ok(times.iter().map(|t| by_time(*t, validation, test, end)).collect())
        }
        Some(Split::Hash { validation, test, .. }) => {
            let shares = (0.0..=1.0).contains(validation) && (0.0..=1.0).contains(test) && validation + test < 1.0;
            if !shares {
                return Err(Error::invalid("validation and test are shares from 0 to 1 that leave some for training"));
            }
            let keys = rows.keys.ok_or_else(|| {
                Error::invalid("split by hash needs a key").hint("give the dataset's key, or key in the split")
            })?;
            Ok(keys.iter().map(|key| by_hash(key.as_ref(), rows.seed, *validation, *test)).collect())
        }
        Some(Split::Column { column }) => {
            let words = rows.frame.column(column)?;
            (0..count)
                .map(|row| match words.get(row) {
                    crate::data::Value::Text(word) => Part::parse(word).ok_or_else(|| {
                        Error::invalid(format!("row {}: \"{word}\" in split column \"{column}\"", row + 1))
                            .hint("it says train, validation or test")
                    }),
                    _ => Ok(Part::None),
                })
                .collect()
        }
    }
}

fn by_time(t: i64, validation: i64, test: i64, end: i64) -> Part {
    match t {
        Column::NO_TIME => Part::None,
        t if t >= end => Part::None,
        t if t >= test => Part::Test,
        t if t >= validation => Part::Validation,
        _ => Part::Train,
    }
}

/// BLAKE3 of seed and key as a number from 0 to 1: a row never changes sides when others come.
fn by_hash(key: Option<&Key>, seed: u64, validation: f64, test: f64) -> Part {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"mlops split");
    hasher.update(&seed.to_le_bytes());
    hasher.update(key.unwrap_or(&[0; 16]));
    let mut bytes = [0u8; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    let share = (u64::from_le_bytes(bytes) >> 11) as f64 / (1u64 << 53) as f64;
    match share {
        s if s < test => Part::Test,
        s if s < test + validation => Part::Validation,
        _ => Part::Train,
    }
}
