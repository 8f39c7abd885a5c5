//! Keys of rows: the values of some columns as 16 bytes, the same offline (from a table) and online (from a request).
//!
//! Whole numbers are equal when their values are, whatever their type or width; texts by their bytes; times by their
//! microseconds. A key with a missing part is no key. Rows whose keys have another type than those they are compared with could
//! never match, so they are refused. Sixteen bytes of BLAKE3: two different keys never meet in practice.

use super::column::Column;
use super::convert::{column_from, column_named};
use super::kind::Kind;
use super::value::{Value, whole};
use crate::error::{Error, Result};
use polars::prelude::DataFrame;
use rayon::prelude::*;

/// The key of a row.
pub type Key = [u8; 16];

/// The key of each row over `columns`; none where a part is missing.
pub fn row_keys(table: &DataFrame, columns: &[String]) -> Result<Vec<Option<Key>>> {
    let parts: Vec<Column> =
        columns.iter().map(|name| column_from(column_named(table, name)?)).collect::<Result<_>>()?;
    let key = |row: usize| key_of_values(parts.iter().map(|column| column.get(row)));
    Ok((0..table.height()).into_par_iter().map(key).collect())
}

/// The key of each row over columns that must have these types; one without values fits any. `owner` is whose types they are,
/// as in `view "weather"`.
pub fn typed_row_keys(table: &DataFrame, columns: &[(String, Kind)], owner: &str) -> Result<Vec<Option<Key>>> {
    for (name, kind) in columns {
        let column = column_from(column_named(table, name)?)?;
        if !column.kind().same_key(*kind) && column.cells().any(|cell| cell != Value::Null) {
            let found = column.kind().key_word();
            let text = format!("key \"{name}\" is a {found} in the rows and a {} in {owner}", kind.key_word());
            return Err(Error::invalid(text).hint(
                "keys of two types never match: write both as numbers or both as texts (CSV makes numbers of digits unless one \
                 has a zero in front, JSON Lines and Parquet keep them as texts)",
            ));
        }
    }
    row_keys(table, &columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>())
}

/// The key of these cells; none where one is missing.
pub fn key_of_values<'a>(values: impl IntoIterator<Item = Value<'a>>) -> Option<Key> {
    let mut builder = KeyBuilder::new();
    for value in values {
        builder.value(value)?;
    }
    Some(builder.finish())
}

struct KeyBuilder {
    bytes: [u8; 64],
    used: usize,
    hasher: Option<blake3::Hasher>,
}

impl KeyBuilder {
    fn new() -> Self {
        KeyBuilder { bytes: [0; 64], used: 0, hasher: None }
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

    /// 64 bits where they are enough, so that most keys are short.
    fn whole(&mut self, value: i128) {
        match i64::try_from(value) {
            Ok(value) => {
                self.push(b"i");
                self.push(&value.to_le_bytes());
            }
            Err(_) => {
                self.push(b"w");
                self.push(&value.to_le_bytes());
            }
        }
    }

    fn value(&mut self, value: Value) -> Option<()> {
        match value {
            Value::Null => return None,
            Value::Boolean(b) => self.whole(i128::from(b)),
            Value::Integer(n) => self.whole(n),
            Value::Float(x) => match whole(x) {
                Some(n) => self.whole(n),
                None => {
                    self.push(b"f");
                    self.push(&x.to_le_bytes());
                }
            },
            Value::Text(text) => {
                self.push(b"t");
                self.push(&(text.len() as u64).to_le_bytes());
                self.push(text.as_bytes());
            }
            Value::Time(t) => {
                self.push(b"m");
                self.push(&t.to_le_bytes());
            }
            Value::Vector(values) => {
                self.push(b"v");
                self.push(&(values.len() as u64).to_le_bytes());
                values.iter().for_each(|x| self.push(&x.to_le_bytes()));
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
        assert_eq!(keys[0], key_of_values([Value::Float(5.0), Value::Text("JFK")]));
        assert_eq!(keys[1], None);
        let long = "x".repeat(200);
        assert_ne!(key_of_values([Value::Text(&long)]), key_of_values([Value::Text(&long[1..])]));
        assert_ne!(
            key_of_values([Value::Text("a"), Value::Text("bc")]),
            key_of_values([Value::Text("ab"), Value::Text("c")])
        );
    }

    #[test]
    fn whole_numbers_of_any_type_and_size_are_told_apart_and_found() {
        let wide = 1_234_567_890_123_456_789i64;
        let table = df!("id" => [wide, wide + 1]).unwrap();
        let keys = row_keys(&table, &["id".into()]).unwrap();
        assert_eq!(keys[0], key_of_values([Value::Integer(wide.into())]));
        assert_ne!(keys[0], keys[1]);
        let table = df!("id" => [u64::MAX]).unwrap();
        assert_eq!(row_keys(&table, &["id".into()]).unwrap()[0], key_of_values([Value::Integer(u64::MAX.into())]));
        assert_eq!(key_of_values([Value::Float(1e16)]), key_of_values([Value::Integer(10_000_000_000_000_000)]));
        assert_eq!(key_of_values([Value::Boolean(true)]), key_of_values([Value::Integer(1)]));
    }
}
