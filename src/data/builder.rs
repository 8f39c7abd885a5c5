//! A column made cell by cell, where the cells come one at a time and are not kept.

use super::column::Column;
use super::kind::Kind;
use super::value::Value;
use crate::error::Result;
use std::collections::HashMap;

/// A column of a known type, being made.
#[derive(Debug)]
pub struct ColumnBuilder(Building);

#[derive(Debug)]
enum Building {
    Booleans(Vec<Option<bool>>),
    Integers(Vec<Option<i128>>),
    Floats(Vec<f64>),
    /// Codes, words and the code of each word.
    Texts(Vec<u32>, Vec<String>, HashMap<String, u32>),
    Times(Vec<i64>),
    Vectors(Vec<Option<Vec<f64>>>),
}

impl ColumnBuilder {
    /// A column without rows.
    pub fn new(kind: Kind) -> Self {
        ColumnBuilder(match kind {
            Kind::Boolean => Building::Booleans(Vec::new()),
            Kind::Integer => Building::Integers(Vec::new()),
            Kind::Float => Building::Floats(Vec::new()),
            Kind::Text => Building::Texts(Vec::new(), Vec::new(), HashMap::new()),
            Kind::Time => Building::Times(Vec::new()),
            Kind::Vector => Building::Vectors(Vec::new()),
        })
    }

    /// Adds a cell; one of another family of types is missing.
    pub fn push(&mut self, value: Value) {
        match &mut self.0 {
            Building::Booleans(cells) => cells.push(match value.among(Kind::Boolean) {
                Value::Boolean(truth) => Some(truth),
                _ => None,
            }),
            Building::Integers(cells) => cells.push(match value.among(Kind::Integer) {
                Value::Integer(number) => Some(number),
                _ => None,
            }),
            Building::Floats(cells) => cells.push(value.as_number()),
            Building::Times(cells) => cells.push(if let Value::Time(t) = value { t } else { Column::NO_TIME }),
            Building::Vectors(cells) => cells.push(if let Value::Vector(v) = value { Some(v.to_vec()) } else { None }),
            Building::Texts(codes, words, code_of) => codes.push(match value {
                Value::Text(word) => match code_of.get(word) {
                    Some(code) => *code,
                    None => {
                        let code = words.len() as u32;
                        words.push(word.to_owned());
                        code_of.insert(word.to_owned(), code);
                        code
                    }
                },
                _ => Column::MISSING,
            }),
        }
    }

    /// The column; an error if its vectors are not all of one length.
    pub fn finish(self) -> Result<Column> {
        match self.0 {
            Building::Booleans(cells) => Ok(Column::booleans(cells)),
            Building::Integers(cells) => Ok(Column::integers(cells)),
            Building::Floats(cells) => Ok(Column::floats(cells)),
            Building::Texts(codes, words, _) => Column::coded(codes, words),
            Building::Times(cells) => Ok(Column::times(cells)),
            Building::Vectors(cells) => Column::vectors(cells),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_the_same_cell_by_cell_as_at_once() {
        let cells = [
            Value::Text("a"),
            Value::Null,
            Value::Float(2.0),
            Value::Integer(1 << 70),
            Value::Boolean(true),
            Value::Time(7),
            Value::Vector(&[1.0]),
            Value::Text("a"),
        ];
        for kind in [Kind::Boolean, Kind::Integer, Kind::Float, Kind::Text, Kind::Time, Kind::Vector] {
            let mut builder = ColumnBuilder::new(kind);
            cells.iter().for_each(|cell| builder.push(*cell));
            let made = builder.finish().unwrap();
            assert!(made.cells().eq(Column::of_values(kind, cells).cells()), "{made:?}");
        }
    }
}
