//! The rows of a key as a blob: little-endian count, then times, created times, columns. Reading checks every length and
//! code, so a damaged blob is an error.

use crate::data::{Column, Kind, Value};
use crate::error::{Error, Result};
use crate::features::events::EventSlice;
use crate::features::shape::Shape;
use std::ops::Range;
use std::sync::Arc;

/// The rows of a key, in order of time.
pub(super) struct Rows {
    pub(super) times: Vec<i64>,
    pub(super) created: Option<Vec<i64>>,
    pub(super) columns: Vec<Column>,
}

impl Rows {
    /// The rows of `slice` in `range`, with the columns that `shape` keeps.
    pub(super) fn of(slice: &EventSlice, range: Range<usize>, shape: &Shape) -> Self {
        let columns = shape.columns.iter().enumerate().map(|(slot, (_, kind))| {
            let cells = range.clone().map(|at| slice.value(slot, at));
            match kind {
                Kind::Number => Column::Number(cells.map(Value::as_number).collect()),
                Kind::Text => Column::texts(cells.map(|v| if let Value::Text(t) = v { Some(t) } else { None })),
                Kind::Time => {
                    Column::Time(cells.map(|v| if let Value::Time(t) = v { t } else { Column::NO_TIME }).collect())
                }
            }
        });
        Rows {
            times: slice.times[range.clone()].to_vec(),
            created: shape.as_of_created.then(|| range.clone().map(|at| slice.created(at)).collect()),
            columns: columns.collect(),
        }
    }

    /// Takes over the rows of `old` that are newer than `up_to`.
    pub(super) fn append_newer(&mut self, old: Rows, up_to: i64) {
        let newer: Vec<usize> = (0..old.times.len()).filter(|at| old.times[*at] > up_to).collect();
        self.times.extend(newer.iter().map(|at| old.times[*at]));
        if let (Some(mine), Some(theirs)) = (&mut self.created, &old.created) {
            mine.extend(newer.iter().map(|at| theirs[*at]));
        }
        for (mine, theirs) in self.columns.iter_mut().zip(&old.columns) {
            *mine = joined(mine, &theirs.select(&newer));
        }
    }

    /// The blob.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend((self.times.len() as u32).to_le_bytes());
        self.times.iter().for_each(|t| out.extend(t.to_le_bytes()));
        self.created.iter().flatten().for_each(|t| out.extend(t.to_le_bytes()));
        for column in &self.columns {
            match column {
                Column::Number(v) => v.iter().for_each(|x| out.extend(x.to_le_bytes())),
                Column::Time(v) => v.iter().for_each(|t| out.extend(t.to_le_bytes())),
                Column::Text(codes, words) => {
                    out.extend((words.len() as u32).to_le_bytes());
                    for word in words.iter() {
                        out.extend((word.len() as u32).to_le_bytes());
                        out.extend(word.as_bytes());
                    }
                    codes.iter().for_each(|c| out.extend(c.to_le_bytes()));
                }
            }
        }
        out
    }

    /// Reads a blob that `shape` wrote.
    pub(super) fn decode(bytes: &[u8], shape: &Shape) -> Result<Self> {
        let mut reader = Reader(bytes);
        let damaged = || {
            Error::corrupt(format!("online store: rows of view \"{}\" are damaged", shape.name))
                .hint("run `mlops feature materialize`")
        };
        let mut read = || -> Option<Rows> {
            let count = reader.u32()? as usize;
            let times = reader.i64s(count)?;
            let created = if shape.as_of_created { Some(reader.i64s(count)?) } else { None };
            let mut columns = Vec::new();
            for (_, kind) in &shape.columns {
                columns.push(match kind {
                    Kind::Number => {
                        Column::Number(reader.i64s(count)?.into_iter().map(|b| f64::from_bits(b as u64)).collect())
                    }
                    Kind::Time => Column::Time(reader.i64s(count)?),
                    Kind::Text => reader.texts(count)?,
                });
            }
            (reader.0.is_empty() && times.windows(2).all(|w| w[0] <= w[1])).then_some(Rows { times, created, columns })
        };
        read().ok_or_else(damaged)
    }
}

fn joined(a: &Column, b: &Column) -> Column {
    match (a, b) {
        (Column::Number(a), Column::Number(b)) => Column::Number([a.as_slice(), b].concat()),
        (Column::Time(a), Column::Time(b)) => Column::Time([a.as_slice(), b].concat()),
        _ => {
            let cells = |c: &Column| {
                (0..c.len())
                    .map(|at| if let Value::Text(t) = c.get(at) { Some(t.to_owned()) } else { None })
                    .collect::<Vec<_>>()
            };
            let all = [cells(a), cells(b)].concat();
            Column::texts(all.iter().map(Option::as_deref))
        }
    }
}

/// Reads little-endian values off the front; none when the bytes run out.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
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
        let known = |c: &u32| *c == Column::MISSING || (*c as usize) < list.len();
        codes.iter().all(known).then(|| Column::Text(codes, Arc::new(list)))
    }
}
