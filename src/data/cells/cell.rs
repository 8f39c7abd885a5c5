//! One cell, and the buffer in which the texts of all cells lie.

use crate::data::Value;
use crate::error::{Error, Result};

/// A cell as it came. Whole numbers keep all their digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// The row does not have the column.
    Absent,
    /// Missing, and said so.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Whole(i64),
    /// A whole number that is too large for the one above.
    Large(u64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(TextSpan),
    /// A list or an object, whose content is not kept.
    Nested,
}

/// Where a text lies among the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextSpan {
    start: u32,
    end: u32,
}

/// The texts of all cells and names, one behind the other.
#[derive(Debug, Clone, Default)]
pub struct Texts(String);

impl Texts {
    /// Keeps a text. Texts of a request are bounded by its body; those beyond 4 GiB are refused.
    pub fn add(&mut self, text: &str) -> Result<TextSpan> {
        let place = |at: usize| u32::try_from(at).map_err(|_| Error::invalid("more than 4 GiB of texts"));
        let start = place(self.0.len())?;
        self.0.push_str(text);
        Ok(TextSpan { start, end: place(self.0.len())? })
    }

    /// A text that was kept here.
    pub fn get(&self, span: TextSpan) -> &str {
        self.0.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

impl Cell {
    /// The cell as a value: none if the row does not have it, an error if it is a list or an object.
    pub fn value(self, texts: &Texts) -> Result<Option<Value<'_>>> {
        Ok(Some(match self {
            Cell::Absent => return Ok(None),
            Cell::Null => Value::Null,
            Cell::Boolean(truth) => Value::Boolean(truth),
            Cell::Whole(number) => Value::Integer(number.into()),
            Cell::Large(number) => Value::Integer(number.into()),
            Cell::Float(number) => Value::number(number),
            Cell::Text(span) => Value::Text(texts.get(span)),
            Cell::Nested => return Err(Error::invalid("a list or object where one value is expected")),
        }))
    }
}
