//! A typed column in memory. How its cells are stored is known here only: others ask for cells, for numbers as
//! floats, for texts by dictionary, for instants.

use super::kind::Kind;
use super::value::Value;
use crate::error::{Error, Result};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column(Storage);

/// Invariant: a list of marks is as long as its values; a missing whole number is stored as 0.
#[derive(Debug, Clone, PartialEq)]
enum Storage {
    Booleans(Vec<Option<bool>>),
    /// Values of 64 bits, and which of them are missing, if any is.
    Integers(Vec<i64>, Option<Vec<bool>>),
    /// Whole numbers that 64 bits don't hold.
    Wide(Vec<Option<i128>>),
    /// NaN is missing.
    Floats(Vec<f64>),
    /// Codes into a dictionary; [`Column::MISSING`] is missing.
    Texts(Vec<u32>, Arc<Vec<String>>),
    /// Microseconds UTC; [`Column::NO_TIME`] is missing.
    Times(Vec<i64>),
    /// As many floats a row, row after row, and which rows are missing, if any is.
    Vectors(usize, Vec<f64>, Option<Vec<bool>>),
}

impl Column {
    /// The code of a missing text.
    pub const MISSING: u32 = u32::MAX;
    /// The mark of a missing instant.
    pub const NO_TIME: i64 = i64::MIN;

    /// A column of floats; NaN is missing.
    pub fn floats(values: Vec<f64>) -> Self {
        Column(Storage::Floats(values))
    }

    /// A column of booleans.
    pub fn booleans(cells: impl IntoIterator<Item = Option<bool>>) -> Self {
        Column(Storage::Booleans(cells.into_iter().collect()))
    }

    /// A column of whole numbers.
    pub fn integers(cells: impl IntoIterator<Item = Option<i128>>) -> Self {
        let cells: Vec<Option<i128>> = cells.into_iter().collect();
        match cells.iter().map(|cell| i64::try_from(cell.unwrap_or(0))).collect::<std::result::Result<Vec<i64>, _>>() {
            Ok(values) => Column::integers_64(values, cells.iter().map(Option::is_none).collect()),
            Err(_) => Column(Storage::Wide(cells)),
        }
    }

    /// A column of whole numbers of 64 bits; `missing` says of each whether it is.
    pub fn integers_64(mut values: Vec<i64>, missing: Vec<bool>) -> Self {
        let any = missing.contains(&true);
        values.iter_mut().zip(&missing).filter(|(_, missing)| **missing).for_each(|(value, _)| *value = 0);
        Column(Storage::Integers(values, any.then_some(missing)))
    }

    /// A text column of these cells.
    pub fn texts<'a>(cells: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut codes_of: HashMap<&'a str, u32> = HashMap::new();
        let code = |cell: Option<&'a str>| match cell {
            None => Column::MISSING,
            Some(word) => *codes_of.entry(word).or_insert_with(|| {
                words.push(word.to_owned());
                (words.len() - 1) as u32
            }),
        };
        let codes: Vec<u32> = cells.into_iter().map(code).collect();
        Column(Storage::Texts(codes, Arc::new(words)))
    }

    /// A text column of codes into a dictionary; an error if a code is not in it.
    pub fn coded(codes: Vec<u32>, words: Vec<String>) -> Result<Self> {
        let known = |code: &u32| *code == Column::MISSING || (*code as usize) < words.len();
        match codes.iter().all(known) {
            true => Ok(Column(Storage::Texts(codes, Arc::new(words)))),
            false => Err(Error::corrupt("a text column has a code of no word")),
        }
    }

    /// A column of instants, microseconds UTC; [`Column::NO_TIME`] is missing.
    pub fn times(values: Vec<i64>) -> Self {
        Column(Storage::Times(values))
    }

    /// A column of vectors; an error if they are not all of one length.
    pub fn vectors(rows: Vec<Option<Vec<f64>>>) -> Result<Self> {
        let width = rows.iter().flatten().next().map_or(0, Vec::len);
        if let Some((at, row)) = rows.iter().enumerate().find(|(_, row)| row.as_ref().is_some_and(|r| r.len() != width))
        {
            let found = row.as_ref().map_or(0, Vec::len);
            return Err(Error::invalid(format!("row {}: a list of {found} numbers, the first has {width}", at + 1)));
        }
        let missing: Vec<bool> = rows.iter().map(Option::is_none).collect();
        let values = rows.into_iter().flat_map(|row| row.unwrap_or_else(|| vec![f64::NAN; width])).collect();
        let any = missing.contains(&true);
        // Without a width the number of rows is that of the marks.
        Ok(Column(Storage::Vectors(width, values, (any || width == 0).then_some(missing))))
    }

    /// A column of this type with no value in any row.
    pub fn nulls(kind: Kind, rows: usize) -> Self {
        Column::of_values(kind, std::iter::repeat_n(Value::Null, rows))
    }

    /// A column of this type of these cells; cells of another family are missing.
    pub fn of_values<'a>(kind: Kind, cells: impl IntoIterator<Item = Value<'a>>) -> Self {
        let cells = cells.into_iter();
        match kind {
            Kind::Boolean => Column::booleans(cells.map(|cell| match cell.among(Kind::Boolean) {
                Value::Boolean(b) => Some(b),
                _ => None,
            })),
            Kind::Integer => Column::integers(cells.map(|cell| match cell.among(Kind::Integer) {
                Value::Integer(n) => Some(n),
                _ => None,
            })),
            Kind::Float => Column::floats(cells.map(Value::as_number).collect()),
            Kind::Text => Column::texts(cells.map(|cell| if let Value::Text(text) = cell { Some(text) } else { None })),
            Kind::Time => {
                Column::times(cells.map(|cell| if let Value::Time(t) = cell { t } else { Column::NO_TIME }).collect())
            }
            Kind::Vector => {
                let rows: Vec<Option<Vec<f64>>> =
                    cells.map(|cell| if let Value::Vector(v) = cell { Some(v.to_vec()) } else { None }).collect();
                let count = rows.len();
                Column::vectors(rows).unwrap_or(Column(Storage::Vectors(0, Vec::new(), Some(vec![true; count]))))
            }
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.0 {
            Storage::Booleans(v) => v.len(),
            Storage::Integers(v, _) => v.len(),
            Storage::Wide(v) => v.len(),
            Storage::Floats(v) => v.len(),
            Storage::Texts(v, _) => v.len(),
            Storage::Times(v) => v.len(),
            Storage::Vectors(width, v, missing) => {
                missing.as_ref().map_or_else(|| v.len().checked_div(*width).unwrap_or(0), Vec::len)
            }
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type of its cells.
    pub fn kind(&self) -> Kind {
        match &self.0 {
            Storage::Booleans(_) => Kind::Boolean,
            Storage::Integers(..) | Storage::Wide(_) => Kind::Integer,
            Storage::Floats(_) => Kind::Float,
            Storage::Texts(..) => Kind::Text,
            Storage::Times(_) => Kind::Time,
            Storage::Vectors(..) => Kind::Vector,
        }
    }

    /// The cell in row `at`; missing beyond the end.
    #[inline]
    pub fn get(&self, at: usize) -> Value<'_> {
        let is_missing = |marks: &Option<Vec<bool>>| marks.as_ref().is_some_and(|m| m.get(at) == Some(&true));
        match &self.0 {
            Storage::Booleans(v) => v.get(at).copied().flatten().map_or(Value::Null, Value::Boolean),
            Storage::Integers(v, missing) => match v.get(at) {
                Some(n) if !is_missing(missing) => Value::Integer(i128::from(*n)),
                _ => Value::Null,
            },
            Storage::Wide(v) => v.get(at).copied().flatten().map_or(Value::Null, Value::Integer),
            Storage::Floats(v) => v.get(at).map_or(Value::Null, |x| Value::number(*x)),
            Storage::Texts(v, words) => {
                v.get(at).and_then(|code| words.get(*code as usize)).map_or(Value::Null, |w| Value::Text(w))
            }
            Storage::Times(v) => v.get(at).filter(|t| **t != Column::NO_TIME).map_or(Value::Null, |t| Value::Time(*t)),
            Storage::Vectors(width, v, missing) => match v.get(at * width..(at + 1) * width) {
                Some(row) if !is_missing(missing) && at < self.len() => Value::Vector(row),
                _ => Value::Null,
            },
        }
    }

    /// Every cell, in order.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Value<'_>> + Clone {
        (0..self.len()).map(|row| self.get(row))
    }

    /// The cells as floats, booleans as 0 and 1; NaN is missing. None of a column of other things than numbers.
    pub fn numbers(&self) -> Option<Cow<'_, [f64]>> {
        match &self.0 {
            Storage::Floats(v) => Some(Cow::Borrowed(v)),
            Storage::Integers(v, None) => Some(Cow::Owned(v.iter().map(|n| *n as f64).collect())),
            _ if self.kind().is_number() => Some(Cow::Owned(self.cells().map(Value::as_number).collect())),
            _ => None,
        }
    }

    /// The same, without a copy where it is a column of floats.
    pub fn into_numbers(self) -> Option<Vec<f64>> {
        match self.0 {
            Storage::Floats(v) => Some(v),
            other => Column(other).numbers().map(Cow::into_owned),
        }
    }

    /// The codes of a text column, and the words they stand for; [`Column::MISSING`] is missing.
    pub fn as_texts(&self) -> Option<(&[u32], &[String])> {
        match &self.0 {
            Storage::Texts(codes, words) => Some((codes, words)),
            _ => None,
        }
    }

    /// The instants of a time column; [`Column::NO_TIME`] is missing.
    pub fn as_times(&self) -> Option<&[i64]> {
        match &self.0 {
            Storage::Times(v) => Some(v),
            _ => None,
        }
    }

    /// The rows named, in that order; each is below `len()`.
    pub fn select(&self, rows: &[usize]) -> Self {
        fn pick<T: Clone>(values: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|row| values[*row].clone()).collect()
        }
        let marks = |missing: &Option<Vec<bool>>| missing.as_ref().map(|m| pick(m, rows));
        Column(match &self.0 {
            Storage::Booleans(v) => Storage::Booleans(pick(v, rows)),
            Storage::Integers(v, missing) => {
                Storage::Integers(pick(v, rows), marks(missing).filter(|m| m.contains(&true)))
            }
            Storage::Wide(v) => Storage::Wide(pick(v, rows)),
            Storage::Floats(v) => Storage::Floats(pick(v, rows)),
            Storage::Texts(v, words) => Storage::Texts(pick(v, rows), Arc::clone(words)),
            Storage::Times(v) => Storage::Times(pick(v, rows)),
            Storage::Vectors(width, v, missing) => {
                let values = rows.iter().flat_map(|row| v[row * width..(row + 1) * width].to_vec()).collect();
                Storage::Vectors(*width, values, marks(missing))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        vec![
            Column::booleans([Some(true), None, Some(false)]),
            Column::integers([Some(9_007_199_254_740_993), None, Some(-1)]),
            Column::integers([Some(u64::MAX.into()), None, Some(1 << 100)]),
            Column::floats(vec![1.5, f64::NAN, -0.0]),
            Column::texts([Some("a"), None, Some("b")]),
            Column::times(vec![7, Column::NO_TIME, 0]),
            Column::vectors(vec![Some(vec![1.0, 2.0]), None, Some(vec![3.0, 4.0])]).unwrap(),
        ]
    }

    #[test]
    fn every_type_keeps_its_cells_and_its_missing_ones() {
        for column in columns() {
            assert_eq!((column.len(), column.get(1), column.get(3)), (3, Value::Null, Value::Null), "{column:?}");
            assert!(column.get(0) != Value::Null && column.get(2) != Value::Null);
            let again = Column::of_values(column.kind(), column.cells());
            assert!(again.cells().eq(column.cells()) && again.kind() == column.kind(), "{again:?}");
            let turned = column.select(&[2, 0, 0]);
            assert_eq!((turned.get(0), turned.get(2)), (column.get(2), column.get(0)));
            assert_eq!(turned.kind(), column.kind());
            let nulls = Column::nulls(column.kind(), 2);
            assert_eq!((nulls.len(), nulls.get(0)), (2, Value::Null), "{nulls:?}");
        }
    }

    #[test]
    fn whole_numbers_keep_all_their_bits_and_become_floats_when_asked() {
        let column = Column::integers([Some(9_007_199_254_740_993), Some(2), None]);
        assert_eq!(column.get(0), Value::Integer(9_007_199_254_740_993));
        let numbers = column.numbers().unwrap();
        assert!(numbers[1] == 2.0 && numbers[2].is_nan());
        assert_eq!(Column::booleans([Some(true), Some(false)]).into_numbers().unwrap(), [1.0, 0.0]);
        assert!(Column::texts([Some("1")]).numbers().is_none());
    }

    #[test]
    fn vectors_of_different_lengths_and_codes_of_no_word_are_refused() {
        assert!(Column::vectors(vec![Some(vec![1.0]), Some(vec![])]).is_err());
        assert!(Column::coded(vec![0, 2], vec!["a".to_owned()]).is_err());
        assert_eq!(Column::coded(vec![0, Column::MISSING], vec!["a".to_owned()]).unwrap().get(0), Value::Text("a"));
    }
}
