//! The rows of a key as a blob: little-endian count, then times, created times, columns. Reading checks every length and
//! code, so a damaged blob is an error.

use crate::data::{Column, Kind, Value};
use crate::error::{Error, Result};
use crate::features::compiled_view::ViewShape;
use crate::features::events::EventSlice;
use std::ops::Range;

/// The rows of a key, in order of time.
pub(super) struct EntityRows {
    pub(super) times: Vec<i64>,
    pub(super) created: Option<Vec<i64>>,
    pub(super) columns: Vec<Column>,
}

impl EntityRows {
    /// The rows of `slice` in `range`, with the columns that `shape` keeps.
    pub(super) fn of(slice: &EventSlice, range: Range<usize>, shape: &ViewShape) -> Self {
        let columns = shape
            .columns
            .iter()
            .enumerate()
            .map(|(slot, (_, kind))| Column::of_values(*kind, range.clone().map(|at| slice.value(slot, at))));
        EntityRows {
            times: slice.times[range.clone()].to_vec(),
            created: shape.as_of_created.then(|| range.clone().map(|at| slice.created(at)).collect()),
            columns: columns.collect(),
        }
    }

    /// These rows as a blob.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend((self.times.len() as u32).to_le_bytes());
        self.times.iter().for_each(|t| out.extend(t.to_le_bytes()));
        self.created.iter().flatten().for_each(|t| out.extend(t.to_le_bytes()));
        self.columns.iter().for_each(|column| encode(column, &mut out));
        out
    }

    /// Reads a blob whose columns were of these types, as columns of the shape's.
    pub(super) fn decode(bytes: &[u8], shape: &ViewShape, kinds: &[Kind]) -> Result<Self> {
        let mut reader = BlobReader(bytes);
        let damaged = || {
            Error::corrupt(format!("online store: rows of view \"{}\" are damaged", shape.name))
                .hint("run `mlops feature materialize`")
        };
        let mut read = || -> Option<EntityRows> {
            let count = reader.u32()? as usize;
            let times = reader.i64s(count)?;
            let created = if shape.as_of_created { Some(reader.i64s(count)?) } else { None };
            let mut columns = Vec::new();
            for ((_, wanted), kind) in shape.columns.iter().zip(kinds) {
                let column = decode(*kind, count, &mut reader)?;
                columns.push(match kind == wanted {
                    true => column,
                    false => Column::floats(column.numbers()?.into_owned()),
                });
            }
            (reader.0.is_empty() && times.windows(2).all(|w| w[0] <= w[1])).then_some(EntityRows {
                times,
                created,
                columns,
            })
        };
        read().ok_or_else(damaged)
    }
}

/// Marks a missing whole number; no whole number of data is as small.
const MISSING: i128 = i128::MIN;

/// A column's cells: whole numbers in 16 bytes, other numbers and times in 8, booleans in 1; texts as words and codes.
fn encode(column: &Column, out: &mut Vec<u8>) {
    match column.kind() {
        Kind::Boolean => out.extend(column.cells().map(|cell| match cell {
            Value::Boolean(b) => u8::from(b),
            _ => 2,
        })),
        Kind::Integer => column.cells().for_each(|cell| {
            let number = if let Value::Integer(n) = cell { n } else { MISSING };
            out.extend(number.to_le_bytes());
        }),
        Kind::Float => column.cells().for_each(|cell| out.extend(cell.as_number().to_le_bytes())),
        Kind::Time => column.as_times().into_iter().flatten().for_each(|t| out.extend(t.to_le_bytes())),
        Kind::Text => {
            let (codes, words) = column.as_texts().unwrap_or_default();
            out.extend((words.len() as u32).to_le_bytes());
            for word in words {
                out.extend((word.len() as u32).to_le_bytes());
                out.extend(word.as_bytes());
            }
            codes.iter().for_each(|c| out.extend(c.to_le_bytes()));
        }
        Kind::Vector => column.cells().for_each(|cell| {
            let values = if let Value::Vector(values) = cell { values } else { &[] };
            out.extend((values.len() as u32).to_le_bytes());
            values.iter().for_each(|x| out.extend(x.to_le_bytes()));
        }),
    }
}

/// Reads what [`encode`] wrote; none if the bytes are not that.
fn decode(kind: Kind, count: usize, reader: &mut BlobReader) -> Option<Column> {
    Some(match kind {
        Kind::Boolean => Column::booleans(reader.take(count)?.iter().map(|byte| match byte {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        })),
        Kind::Integer => {
            let bytes = reader.take(count.checked_mul(16)?)?;
            let numbers = bytes.as_chunks::<16>().0.iter().map(|chunk| i128::from_le_bytes(*chunk));
            Column::integers(numbers.map(|n| (n != MISSING).then_some(n)))
        }
        Kind::Float => Column::floats(reader.i64s(count)?.into_iter().map(|b| f64::from_bits(b as u64)).collect()),
        Kind::Time => Column::times(reader.i64s(count)?),
        Kind::Text => reader.texts(count)?,
        Kind::Vector => {
            let mut rows = Vec::new();
            for _ in 0..count {
                let width = reader.u32()? as usize;
                let values = reader.i64s(width)?.into_iter().map(|b| f64::from_bits(b as u64)).collect();
                rows.push((width > 0).then_some(values));
            }
            Column::vectors(rows).ok()?
        }
    })
}

/// Reads little-endian values off the front; none when the bytes run out.
struct BlobReader<'a>(&'a [u8]);

impl BlobReader<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (front, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(front)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn i64s(&mut self, count: usize) -> Option<Vec<i64>> {
        let bytes = self.take(count.checked_mul(8)?)?;
        Some(bytes.as_chunks::<8>().0.iter().map(|c| i64::from_le_bytes(*c)).collect())
    }

    fn texts(&mut self, count: usize) -> Option<Column> {
        let words = self.u32()?;
        let mut list = Vec::new();
        for _ in 0..words {
            let length = self.u32()? as usize;
            list.push(std::str::from_utf8(self.take(length)?).ok()?.to_owned());
        }
        let bytes = self.take(count.checked_mul(4)?)?;
        let codes: Vec<u32> = bytes.as_chunks::<4>().0.iter().map(|c| u32::from_le_bytes(*c)).collect();
        Column::coded(codes, list).ok()
    }
}
