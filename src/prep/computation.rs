//! What a fitted step computes, in one of a few forms: of a number, of several, of a category's place, of a text, of a time.
//!
//! A step gives its form once, for one row. Both ways to run are made of it here: a row of a request goes through
//! [`Computation::row`], the columns of a table through [`Computation::columns`], which calls the same function for each row. So
//! they agree to the bit, and on any number of threads.

use super::cross::Cross;
use super::impute::Impute;
use super::select::Select;
use crate::data::{Column, Value};
use rayon::prelude::*;
use std::collections::HashMap;

/// The place of each category or term by its name.
pub(super) type Places = HashMap<String, usize>;

/// Rows that are computed together.
const BLOCK: usize = 1024;

/// One number becomes another.
pub(super) trait OfNumber: Sync {
    /// The value for one number; NaN is missing, before and after.
    fn value(&self, x: f64) -> f64;
}

/// The numbers of a row become others.
pub(super) trait OfNumbers: Sync {
    /// Fills `out`, one number a column that is written, from one number a column that is read; NaN is missing.
    fn values(&self, x: &[f64], out: &mut [f64]);
}

/// The place of a category becomes numbers.
pub(super) trait OfCategory: Sync {
    /// Fills `out`, which is all 0. The place is that of the text among the step's places, or what the two functions below say.
    fn values(&self, place: Option<usize>, out: &mut [f64]);

    /// The place of a text that is not among the places.
    fn unknown(&self) -> Option<usize> {
        None
    }

    /// The place of a missing text.
    fn missing(&self) -> Option<usize> {
        None
    }

    /// The same for a table, where there is a faster way: a column of numbers each.
    fn columns(&self, _places: &[Option<usize>]) -> Option<Vec<Vec<f64>>> {
        None
    }
}

/// A text becomes numbers.
pub(super) trait OfText: Sync {
    /// Fills `out`, which is all 0. `places` are those of the step's own terms.
    fn values(&self, text: Option<&str>, places: &Places, out: &mut [f64]);
}

/// An instant becomes numbers.
pub(super) trait OfTime: Sync {
    /// Fills `out`, which is all 0, from microseconds UTC.
    fn values(&self, time: Option<i64>, out: &mut [f64]);
}

/// What a step computes.
pub(super) enum Computation<'a> {
    Number(&'a dyn OfNumber),
    Numbers(&'a dyn OfNumbers),
    Category(&'a dyn OfCategory),
    Text(&'a dyn OfText),
    Time(&'a dyn OfTime),
    Impute(&'a Impute),
    Cross(&'a Cross),
    Select(&'a Select),
}

/// What a step writes for a row, and memory that steps share.
#[derive(Default)]
pub(super) struct RowOut<'a> {
    pub values: Vec<Value<'a>>,
    numbers: Vec<f64>,
}

impl<'a> Computation<'a> {
    /// The values of one row: `cells` are those of the columns that are read, `width` is how many columns are written.
    pub(super) fn row(&self, cells: &[Value<'a>], places: &Places, width: usize, row: &mut RowOut<'a>) {
        let cell = cells.first().copied().unwrap_or(Value::Null);
        let RowOut { values: out, numbers: memory } = row;
        let mut numbers = |fill: &dyn Fn(&mut [f64])| {
            memory.clear();
            memory.resize(width, 0.0);
            fill(memory);
            out.extend(memory.iter().copied().map(Value::number));
        };
        match self {
            Computation::Number(step) => out.push(Value::number(step.value(cell.as_number()))),
            Computation::Numbers(step) => {
                let x: Vec<f64> = cells.iter().map(|cell| cell.as_number()).collect();
                numbers(&|out| step.values(&x, out));
            }
            Computation::Category(step) => {
                let place = match cell {
                    Value::Text(text) => places.get(text).copied().or_else(|| step.unknown()),
                    _ => step.missing(),
                };
                numbers(&|out| step.values(place, out));
            }
            Computation::Text(step) => {
                let text = if let Value::Text(text) = cell { Some(text) } else { None };
                numbers(&|out| step.values(text, places, out));
            }
            Computation::Time(step) => {
                let time = if let Value::Time(time) = cell { Some(time) } else { None };
                numbers(&|out| step.values(time, out));
            }
            Computation::Impute(step) => {
                out.push(step.value(cell));
                out.extend(step.indicator.then(|| Value::Float(Impute::missing(cell))));
            }
            Computation::Cross(step) => {
                out.extend_from_slice(cells);
                let place = step.place(cells.iter().copied(), places);
                out.push(place.and_then(|place| step.categories.get(place)).map_or(Value::Null, |c| Value::Text(c)));
            }
            Computation::Select(step) => out.extend(step.kept(cells.iter().copied())),
        }
    }

    /// The columns that are written, for all rows of those that are read.
    pub(super) fn columns(&self, columns: Vec<Column>, places: &Places, width: usize) -> Vec<Column> {
        let rows = columns.first().map_or(0, Column::len);
        let first = |columns: Vec<Column>| columns.into_iter().next().unwrap_or_else(|| Column::floats(Vec::new()));
        let made = match self {
            Computation::Number(step) => {
                let mut values = first(columns).into_numbers().unwrap_or_default();
                values.iter_mut().for_each(|x| *x = step.value(*x));
                vec![values]
            }
            Computation::Numbers(step) => {
                let numbers: Vec<Vec<f64>> =
                    columns.into_iter().map(|column| column.into_numbers().unwrap_or_default()).collect();
                by_rows(rows, width, |row, x: &mut Vec<f64>, out| {
                    x.clear();
                    x.extend(numbers.iter().map(|column| column.get(row).copied().unwrap_or(f64::NAN)));
                    step.values(x, out);
                })
            }
            Computation::Category(step) => {
                let found = places_of(&first(columns), *step, places);
                let fast = step.columns(&found);
                fast.unwrap_or_else(|| by_rows(rows, width, |row, (): &mut (), out| step.values(found[row], out)))
            }
            Computation::Text(step) => {
                let column = first(columns);
                by_rows(rows, width, |row, (): &mut (), out| {
                    let text = if let Value::Text(text) = column.get(row) { Some(text) } else { None };
                    step.values(text, places, out);
                })
            }
            Computation::Time(step) => {
                let column = first(columns);
                by_rows(rows, width, |row, (): &mut (), out| {
                    let time = if let Value::Time(time) = column.get(row) { Some(time) } else { None };
                    step.values(time, out);
                })
            }
            Computation::Impute(step) => return step.columns(first(columns)),
            Computation::Cross(step) => return step.columns(columns, places),
            Computation::Select(step) => return step.kept(columns.into_iter()).collect(),
        };
        made.into_iter().map(Column::floats).collect()
    }
}

/// Columns of numbers from a function that fills a row of them, which is all 0 before; `T` is memory that rows may share.
fn by_rows<T: Default + Send>(
    rows: usize,
    width: usize,
    fill: impl Fn(usize, &mut T, &mut [f64]) + Sync,
) -> Vec<Vec<f64>> {
    let block = |start: usize| {
        let (mut values, mut shared) = (vec![0.0; (rows - start).min(BLOCK) * width], T::default());
        let each = values.chunks_exact_mut(width.max(1)).enumerate();
        each.for_each(|(offset, out)| fill(start + offset, &mut shared, out));
        values
    };
    let starts: Vec<usize> = (0..rows).step_by(BLOCK).collect();
    let blocks: Vec<Vec<f64>> = starts.into_par_iter().map(block).collect();
    let column = |j: usize| {
        let mut column = Vec::with_capacity(rows);
        blocks.iter().for_each(|block| column.extend(block.iter().skip(j).step_by(width)));
        column
    };
    (0..width).into_par_iter().map(column).collect()
}

/// The place of each row's category: each word of the column's dictionary is looked up once.
fn places_of(column: &Column, step: &dyn OfCategory, places: &Places) -> Vec<Option<usize>> {
    let Some((codes, words)) = column.as_texts() else { return vec![step.missing(); column.len()] };
    let known: Vec<Option<usize>> =
        words.iter().map(|word| places.get(word).copied().or_else(|| step.unknown())).collect();
    codes.iter().map(|code| known.get(*code as usize).copied().unwrap_or_else(|| step.missing())).collect()
}
