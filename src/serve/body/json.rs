//! JSON read into cells as it comes: each value of a body goes straight to its place. What a dialect finds wrong with the shape
//! of a body is kept as an error with its hint; what is no JSON at all is an error of its own.

use crate::data::{Cell, ColumnsOfCells, RecordsOfCells, TableOfCells, Texts};
use crate::error::{Error, Result};
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::de::SliceRead;
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

/// What was found wrong with a body, to be told in our words instead of the reader's.
#[derive(Default)]
pub(in crate::serve) struct Wrong(RefCell<Option<Error>>);

impl Wrong {
    /// Ends the reading with this error.
    pub(in crate::serve) fn with<E: de::Error>(&self, error: Error) -> E {
        let text = error.message().to_owned();
        *self.0.borrow_mut() = Some(error);
        E::custom(text)
    }
}

/// Reads an object; `seed` takes its keys. `shape` says what was expected where something else came.
pub(in crate::serve) fn read_object<'de, S>(body: &'de [u8], wrong: &Wrong, shape: &str, seed: S) -> Result<S::Value>
where
    S: DeserializeSeed<'de>,
{
    let mut reader = serde_json::Deserializer::<SliceRead>::from_slice(body);
    let is_object = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let read = match is_object {
        true => seed.deserialize(&mut reader).map(Some),
        false => de::Deserialize::deserialize(&mut reader).map(|_: IgnoredAny| None),
    };
    let read = read.and_then(|value| reader.end().map(|()| value));
    match read {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(Error::invalid("the body is not an object").hint(shape)),
        Err(e) => Err(wrong.0.take().unwrap_or_else(|| match e.is_data() {
            true => Error::invalid(short(&e.to_string())).hint(shape),
            false => Error::invalid(format!("the body is not JSON: {}", short(&e.to_string()))).hint(shape),
        })),
    }
}

/// A message that quotes a value stays short.
fn short(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

/// One cell.
pub(in crate::serve) struct CellSeed<'a> {
    /// Where its text goes.
    pub texts: &'a mut Texts,
    pub wrong: &'a Wrong,
    /// Whether a list of exactly one value counts as that value.
    pub unwrap: bool,
}

impl<'de> DeserializeSeed<'de> for CellSeed<'_> {
    type Value = Cell;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<Cell, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed<'_> {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Cell, E> {
        Ok(Cell::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Cell, E> {
        Ok(Cell::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Cell, E> {
        Ok(i64::try_from(value).map_or(Cell::Large(value), Cell::Whole))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Cell, E> {
        Ok(Cell::Float(value))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Cell, E> {
        self.texts.add(text).map(Cell::Text).map_err(|e| self.wrong.with(e))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Cell, A::Error> {
        let first = match self.unwrap {
            true => list.next_element_seed(CellSeed { unwrap: false, ..self })?,
            false => None,
        };
        let mut more = false;
        while list.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        Ok(first.filter(|_| !more).unwrap_or(Cell::Nested))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Cell, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Nested)
    }
}

/// The cells of a column: a list of values, or one value alone if `alone` allows it.
pub(in crate::serve) struct ColumnSeed<'a> {
    pub columns: &'a mut ColumnsOfCells,
    pub wrong: &'a Wrong,
    /// Whether each cell may be a list of exactly one value.
    pub unwrap: bool,
    /// The error where something else than a list came; without one a single value is a column of one row.
    pub list_only: Option<fn() -> Error>,
}

impl<'de> DeserializeSeed<'de> for ColumnSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl ColumnSeed<'_> {
    fn single<E: de::Error>(
        self,
        cell: impl FnOnce(CellSeed) -> std::result::Result<Cell, E>,
    ) -> std::result::Result<(), E> {
        if let Some(error) = self.list_only {
            return Err(self.wrong.with(error()));
        }
        let cell = cell(CellSeed { texts: &mut self.columns.texts, wrong: self.wrong, unwrap: false })?;
        self.columns.push(cell);
        Ok(())
    }
}

impl<'de> Visitor<'de> for ColumnSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        loop {
            let seed = CellSeed { texts: &mut self.columns.texts, wrong: self.wrong, unwrap: self.unwrap };
            match list.next_element_seed(seed)? {
                Some(cell) => self.columns.push(cell),
                None => return Ok(()),
            }
        }
    }

    fn visit_unit<E: de::Error>(self) -> std::result::Result<(), E> {
        self.single(|seed| seed.visit_unit())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> std::result::Result<(), E> {
        self.single(|seed| seed.visit_bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> std::result::Result<(), E> {
        self.single(|seed| seed.visit_i64(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> std::result::Result<(), E> {
        self.single(|seed| seed.visit_u64(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> std::result::Result<(), E> {
        self.single(|seed| seed.visit_f64(value))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<(), E> {
        self.single(|seed| seed.visit_str(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<(), A::Error> {
        self.single(|seed| seed.visit_map(map))
    }
}

/// One row: a list of cells, or a record that names them.
pub(in crate::serve) struct RowSeed<'a> {
    pub table: Option<&'a mut TableOfCells>,
    pub records: Option<&'a mut RecordsOfCells>,
    pub wrong: &'a Wrong,
    /// What a row is, for the message where something else came.
    pub expected: &'a str,
}

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        let Some(table) = self.table else { return Err(de::Error::invalid_type(de::Unexpected::Seq, &self)) };
        loop {
            let seed = CellSeed { texts: &mut table.texts, wrong: self.wrong, unwrap: false };
            match list.next_element_seed(seed)? {
                Some(cell) => table.push(cell),
                None => break,
            }
        }
        table.end_row();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        let Some(records) = self.records else { return Err(de::Error::invalid_type(de::Unexpected::Map, &self)) };
        while let Some(name) = map.next_key::<ObjectKey>()? {
            let column = records.column(&name.0).map_err(|e| self.wrong.with(e))?;
            let cell = map.next_value_seed(CellSeed { texts: &mut records.texts, wrong: self.wrong, unwrap: false })?;
            records.set(column, cell).map_err(|e| self.wrong.with(e))?;
        }
        records.end_row();
        Ok(())
    }
}

/// A key of an object, copied only if it is written with escapes.
#[derive(serde::Deserialize)]
pub(in crate::serve) struct ObjectKey<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// Whether an explanation is asked for: `true`, or an object whose `explain` is true. Anything else asks for nothing.
pub(in crate::serve) struct ExplainFlag(pub bool);

impl<'de> de::Deserialize<'de> for ExplainFlag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<ExplainFlag, D::Error> {
        from.deserialize_any(ExplainVisitor)
    }
}

struct ExplainVisitor;

impl<'de> Visitor<'de> for ExplainVisitor {
    type Value = ExplainFlag;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<ExplainFlag, E> {
        Ok(ExplainFlag(value))
    }

    fn visit_unit<E>(self) -> std::result::Result<ExplainFlag, E> {
        Ok(ExplainFlag(false))
    }

    fn visit_i64<E>(self, _: i64) -> std::result::Result<ExplainFlag, E> {
        Ok(ExplainFlag(false))
    }

    fn visit_u64<E>(self, _: u64) -> std::result::Result<ExplainFlag, E> {
        Ok(ExplainFlag(false))
    }

    fn visit_f64<E>(self, _: f64) -> std::result::Result<ExplainFlag, E> {
        Ok(ExplainFlag(false))
    }

    fn visit_str<E>(self, _: &str) -> std::result::Result<ExplainFlag, E> {
        Ok(ExplainFlag(false))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<ExplainFlag, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(ExplainFlag(false))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<ExplainFlag, A::Error> {
        let mut explain = false;
        while let Some(key) = map.next_key::<ObjectKey>()? {
            match key.0.as_ref() {
                "explain" => explain = matches!(map.next_value::<Short>()?, Short::True),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(ExplainFlag(explain))
    }
}

/// A short value that says what the rest means: an id, a name, a shape.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::serve) enum Short {
    Null,
    True,
    Text(String),
    Whole(u64),
    /// Whole numbers, of which the first three are kept; none for a list with something else.
    List(Option<Vec<u64>>),
    Other,
}

impl<'de> de::Deserialize<'de> for Short {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Short, D::Error> {
        from.deserialize_any(ShortVisitor)
    }
}

struct ShortVisitor;

impl<'de> Visitor<'de> for ShortVisitor {
    type Value = Short;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Short, E> {
        Ok(Short::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Short, E> {
        Ok(if value { Short::True } else { Short::Other })
    }

    fn visit_i64<E>(self, _: i64) -> std::result::Result<Short, E> {
        Ok(Short::Other)
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Short, E> {
        Ok(Short::Whole(value))
    }

    fn visit_f64<E>(self, _: f64) -> std::result::Result<Short, E> {
        Ok(Short::Other)
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Short, E> {
        Ok(Short::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Short, A::Error> {
        const KEPT: usize = 3;
        let mut numbers = Some(Vec::new());
        while let Some(value) = list.next_element::<Short>()? {
            match (value, &mut numbers) {
                (Short::Whole(number), Some(kept)) if kept.len() < KEPT => kept.push(number),
                (Short::Whole(_), _) => {}
                _ => numbers = None,
            }
        }
        Ok(Short::List(numbers))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Short, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Short::Other)
    }
}
