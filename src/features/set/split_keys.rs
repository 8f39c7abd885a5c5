//! What a split by hash hashes: the key of each row or, without one, all of its columns but those of the label. Values are hashed as texts, so that a row stays in
//! its part when an id "A1" is appended to a CSV file and makes texts of the numbers or days before it; a text is hashed as the number or
//! time that it says.

use crate::data::{Column, Key, Kind, Value, column_named, column_of_any, key_of_values};
use crate::error::Result;
use crate::project::{TimeText, time_text};
use polars::prelude::DataFrame;
use rayon::prelude::*;
use std::borrow::Cow;

/// The key of each row; none where a part is missing.
pub(super) fn row_split_keys(table: &DataFrame, columns: &[String]) -> Result<Vec<Option<Key>>> {
    each_row(table, columns, |texts| {
        let texts = texts.into_iter().collect::<Option<Vec<Cow<str>>>>()?;
        key_of_values(texts.iter().map(|text| Value::Text(text)))
    })
}

/// A key of all these columns: rows that are equal in them, missing values too, have the same.
pub(super) fn row_contents(table: &DataFrame, columns: &[String]) -> Result<Vec<Option<Key>>> {
    // No text is equal to a boolean.
    let part = |text: &Option<Cow<'_, str>>| text.is_none();
    each_row(table, columns, |texts| {
        let missing = texts.iter().map(|text| Value::Boolean(part(text)));
        let there = texts.iter().flatten().map(|text| Value::Text(text));
        key_of_values(missing.chain(there))
    })
}

fn each_row(
    table: &DataFrame,
    columns: &[String],
    key: impl Fn(Vec<Option<Cow<str>>>) -> Option<Key> + Sync,
) -> Result<Vec<Option<Key>>> {
    let parts: Vec<Column> =
        columns.iter().map(|name| column_of_any(column_named(table, name)?)).collect::<Result<_>>()?;
    let row = |row: usize| key(parts.iter().map(|column| text_of(column.get(row))).collect());
    Ok((0..table.height()).into_par_iter().map(row).collect())
}

/// The value as a text that does not depend on its type; none where it is missing.
fn text_of(value: Value<'_>) -> Option<Cow<'_, str>> {
    Some(match value.among(Kind::Integer) {
        Value::Null => return None,
        Value::Text(text) => canonical(text),
        Value::Integer(number) if matches!(value, Value::Boolean(_)) => {
            Cow::Borrowed(if number == 1 { "true" } else { "false" })
        }
        Value::Integer(number) => Cow::Owned(number.to_string()),
        Value::Time(time) => Cow::Owned(time_text(time)),
        other => Cow::Owned(other.to_json().to_string()),
    })
}

/// A text as the number or time would be written that it says.
fn canonical(text: &str) -> Cow<'_, str> {
    let number = || text.parse::<f64>().ok().filter(|number| number.is_finite());
    if let Ok(whole) = text.parse::<i128>() {
        Cow::Owned(whole.to_string())
    } else if let Some(number) = number() {
        text_of(Value::Float(number)).map_or(Cow::Borrowed(text), |text| Cow::Owned(text.into_owned()))
    } else if let Some(time) = TimeText::read(text) {
        Cow::Owned(time_text(time.micros))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::*;

    fn keys(table: &DataFrame) -> Vec<Option<Key>> {
        row_split_keys(table, &["id".to_owned()]).unwrap()
    }

    #[test]
    fn a_key_is_the_same_whatever_the_type_of_its_column() {
        let numbers = keys(&df!("id" => [1i64, 20]).unwrap());
        for other in [
            df!("id" => [1.0, 20.0]).unwrap(),
            df!("id" => [1u8, 20]).unwrap(),
            df!("id" => ["1", "20", "A1"]).unwrap(),
        ] {
            assert_eq!(&keys(&other)[..2], &numbers, "{other}");
        }
        assert_ne!(numbers[0], numbers[1]);
        assert_eq!(keys(&df!("id" => [None, Some(1i64)]).unwrap()), [None, numbers[0]]);
        let texts = df!("id" => ["true", "1.5"]).unwrap();
        assert_eq!(keys(&texts)[0], keys(&df!("id" => [true]).unwrap())[0]);
        assert_eq!(keys(&texts)[1], keys(&df!("id" => [1.5]).unwrap())[0]);
        let written = keys(&df!("id" => ["1.50", "1e3", "+20", "9007199254740993"]).unwrap());
        assert_eq!(written[..3], [1.5, 1000.0, 20.0].map(|x| keys(&df!("id" => [x]).unwrap())[0]));
        assert_eq!(
            written[3],
            keys(&df!("id" => [9_007_199_254_740_993i64]).unwrap())[0],
            "no id goes through a float"
        );
        let days =
            df!("id" => [19783i32, 19784]).unwrap().lazy().select([col("id").cast(DataType::Date)]).collect().unwrap();
        assert_eq!(keys(&df!("id" => ["2024-03-01", "2024-03-02", "A1"]).unwrap())[..2], keys(&days));
    }

    #[test]
    fn rows_are_equal_with_what_is_missing_in_the_same_place() {
        let table =
            df!("a" => [Some("x"), Some("x"), None, None], "b" => [None, None, Some("x"), None::<&str>]).unwrap();
        let keys = row_contents(&table, &["a".to_owned(), "b".to_owned()]).unwrap();
        assert_eq!(keys[0], keys[1]);
        assert!(keys[0] != keys[2] && keys[2] != keys[3] && keys.iter().all(Option::is_some));
        // A column that can be no feature is a part of the row all the same.
        let length = DataType::Duration(TimeUnit::Nanoseconds);
        let lengths = Series::new("a".into(), [5i64, 5, 7]).cast(&length).unwrap();
        let table = DataFrame::new(3, vec![lengths.into()]).unwrap();
        let keys = row_contents(&table, &["a".to_owned()]).unwrap();
        assert!(keys[0] == keys[1] && keys[0] != keys[2]);
    }
}
