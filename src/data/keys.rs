//! Keys of rows: the values of some columns as 16 bytes, the same offline (from a table) and online (from a request).
//!
//! Whole numbers of any width are equal when their values are; texts by their bytes; times by their microseconds. A
//! key with a missing part is no key. Sixteen bytes of BLAKE3: two different keys never meet in practice.

use super::convert::{column_from, column_named};
use super::frame::{Column, Value};
use super::guard::from_polars;
use crate::error::{Error, Result};
use polars::prelude::{DataFrame, DataType};
use rayon::prelude::*;

/// The key of a row.
pub type Key = [u8; 16];

/// Whole numbers of a request are exact below this.
const WIDEST: f64 = 9.0e15;

enum Parts {
    Whole(Vec<Option<i64>>),
    Other(Column),
}

/// The key of each row over `columns`; none where a part is missing.
pub fn row_keys(table: &DataFrame, columns: &[String]) -> Result<Vec<Option<Key>>> {
    let mut parts = Vec::new();
    for name in columns {
        let column = column_named(table, name)?;
        parts.push(match column.dtype() {
            d if d.is_integer() => {
                let cast = column.cast(&DataType::Int64).map_err(from_polars)?;
                Parts::Whole(cast.i64().map_err(from_polars)?.iter().collect())
            }
            _ => Parts::Other(column_from(column)?),
        });
    }
    let key = |row: usize| {
        let mut builder = Builder::new();
        for part in &parts {
            match part {
                Parts::Whole(values) => builder.whole(values.get(row).copied().flatten()?),
                Parts::Other(column) => builder.value(column.get(row))?,
            }
        }
        Some(builder.finish())
    };
    Ok((0..table.height()).into_par_iter().map(key).collect())
}

/// Refuses whole numbers that a request, whose numbers are floats, can't name: they would be found offline only.
pub fn refuse_wide_keys(table: &DataFrame, columns: &[String]) -> Result<()> {
    for name in columns {
        let column = column_named(table, name)?;
        if !column.dtype().is_integer() {
            continue;
        }
        let cast = column.cast(&DataType::Int64).map_err(from_polars)?;
        let values = cast.i64().map_err(from_polars)?;
        let wide = |value: &Option<i64>| value.is_none_or(|x| x.unsigned_abs() >= WIDEST as u64);
        let nulls = column.is_null();
        let found = values.iter().zip(nulls.iter()).position(|(value, null)| null != Some(true) && wide(&value));
        if let Some(row) = found {
            let cell = column.get(row).map(|x| x.to_string()).unwrap_or_default();
            return Err(Error::invalid(format!("column \"{name}\", row {}: {cell} is too large for a key", row + 1))
                .hint(format!("make a text of it in a query: CAST({name} AS VARCHAR)")));
        }
    }
    Ok(())
}

/// The key of these cells; none where one is missing.
pub fn key_of_values<'a>(values: impl IntoIterator<Item = Value<'a>>) -> Option<Key> {
    let mut builder = Builder::new();
    for value in values {
        builder.value(value)?;
    }
    Some(builder.finish())
}

struct Builder {
    bytes: [u8; 64],
    used: usize,
    hasher: Option<blake3::Hasher>,
}

impl Builder {
    fn new() -> Self {
        Builder { bytes: [0; 64], used: 0, hasher: None }
    }

    /// Short keys are hashed in one go from the stack; longer ones by a hasher.
    fn push(&mut self, more: &[u8]) {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(more);
        } else if let Some(free) = self.bytes.get_mut(self.used..self.used + more.len()) {
            free.copy_from_slice(more);
            self.used += more.len();
        } else {
            let mut hasher = blake3::Hasher::new();
            hasher.update(&self.bytes[..self.used]);
            hasher.update(more);
            self.hasher = Some(hasher);
        }
    }

    fn whole(&mut self, value: i64) {
        self.push(b"i");
        self.push(&value.to_le_bytes());
    }

    fn value(&mut self, value: Value) -> Option<()> {
        match value {
            Value::Null => return None,
            Value::Number(x) if x.fract() == 0.0 && x.abs() < WIDEST => self.whole(x as i64),
            Value::Number(x) => {
                self.push(b"f");
                self.push(&x.to_le_bytes());
            }
            Value::Text(text) => {
                self.push(b"t");
                self.push(&(text.len() as u64).to_le_bytes());
                self.push(text.as_bytes());
            }
            Value::Time(t) => {
                self.push(b"m");
                self.push(&t.to_le_bytes());
            }
        }
        Some(())
    }

    fn finish(self) -> Key {
        let hash = match self.hasher {
            Some(hasher) => hasher.finalize(),
            None => blake3::hash(&self.bytes[..self.used]),
        };
        let mut key = [0u8; 16];
        key.copy_from_slice(&hash.as_bytes()[..16]);
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::*;

    #[test]
    fn a_table_and_a_request_give_the_same_key() {
        let table = df!("id" => [5i32, 6], "name" => [Some("JFK"), None]).unwrap();
        let keys = row_keys(&table, &["id".into(), "name".into()]).unwrap();
        assert_eq!(keys[0], key_of_values([Value::Number(5.0), Value::Text("JFK")]));
        assert_eq!(keys[1], None);
        let long = "x".repeat(200);
        assert_ne!(key_of_values([Value::Text(&long)]), key_of_values([Value::Text(&long[1..])]));
        assert_ne!(
            key_of_values([Value::Text("a"), Value::Text("bc")]),
            key_of_values([Value::Text("ab"), Value::Text("c")])
        );
    }

    #[test]
    fn a_key_that_no_request_can_name_is_refused() {
        let check = |values: Vec<Option<i64>>| {
            let table = DataFrame::new(values.len(), vec![Series::new("id".into(), values).into_column()]).unwrap();
            refuse_wide_keys(&table, &["id".into()])
        };
        assert!(check(vec![Some(8_999_999_999_999_999), Some(-5), None]).is_ok());
        let error = check(vec![Some(1), None, Some(1_234_567_890_123_456_789)]).unwrap_err();
        assert!(error.message().contains("row 3: 1234567890123456789"), "{}", error.message());
        let table = df!("id" => [u64::MAX]).unwrap();
        assert!(refuse_wide_keys(&table, &["id".into()]).is_err());
    }
}
