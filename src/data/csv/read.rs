//! The second reading of a file: columns of its cells.

use super::blocks::{Blocks, is_blank, line_ends};
use super::cells::{Cells, RawCell};
use super::decoded::utf8;
use super::form::{DAY, KnownForm, micros};
use super::scan::CsvFile;
use super::words::{ColumnType, number, truth};
use crate::project::KnownColumn;
use polars::prelude::*;
use rayon::prelude::*;
use std::fs::File;

impl CsvFile {
    /// The columns as Polars calls their types.
    pub fn schema(&self) -> Schema {
        self.columns.iter().map(|(name, kind)| Field::new(name.as_str().into(), kind.dtype())).collect()
    }
}

/// Reads the columns that are wanted, all if none is named, of at most so many rows.
pub(in crate::data) fn read(
    file: File,
    layout: &CsvFile,
    wanted: Option<&[PlSmallStr]>,
    rows: Option<usize>,
) -> PolarsResult<DataFrame> {
    let is_wanted = |name: &str| wanted.is_none_or(|wanted| wanted.iter().any(|one| one == name));
    let wanted: Vec<bool> = layout.columns.iter().map(|(name, _)| is_wanted(name)).collect();
    let mut blocks = Blocks::new(utf8(file, layout.known.encoding), layout.known.quote);
    let mut header = true;
    let mut table: Option<DataFrame> = None;
    loop {
        let several = if header { 1 } else { 2 * rayon::current_num_threads() };
        let several = blocks.several(several).map_err(|e| changed(e.message()))?;
        if several.is_empty() {
            break;
        }
        // Only one block can begin with the header: those before it are blank lines.
        if header && several.iter().all(|block| is_blank(block)) {
            continue;
        }
        let parts = several.par_iter().map(|block| columns_of(block, layout, &wanted, header));
        let parts: PolarsResult<Vec<DataFrame>> = parts.collect();
        header = false;
        for part in parts? {
            match &mut table {
                None => table = Some(part),
                Some(table) => drop(table.vstack_mut_owned(part)?),
            }
        }
        if rows.is_some_and(|rows| table.as_ref().is_some_and(|table| table.height() >= rows)) {
            break;
        }
    }
    let mut table = table.ok_or_else(|| changed("it is empty now"))?;
    table.rechunk_mut();
    Ok(rows.map_or_else(|| table.clone(), |rows| table.head(Some(rows))))
}

fn changed(what: &str) -> PolarsError {
    polars_err!(ComputeError: "the file changed while it was read: {}", what)
}

/// The wanted columns of one block, which begins with the header if it is the first one.
fn columns_of(block: &[u8], layout: &CsvFile, wanted: &[bool], header: bool) -> PolarsResult<DataFrame> {
    let text = std::str::from_utf8(block).map_err(|_| changed("it is no longer UTF-8"))?;
    let mut cells = Cells::new(text, layout.known.marks(layout.separator));
    let capacity = line_ends(block) as usize;
    let columns = layout.columns.iter().zip(wanted);
    let mut columns: Vec<Option<Builder>> = columns
        .map(|((name, kind), wanted)| wanted.then(|| Builder::new(name, *kind, &layout.known, capacity)))
        .collect();
    let width = columns.len();
    if header {
        cells.pass_blank_lines();
        while next(&mut cells)?.is_some_and(|cell| !cell.last) {}
    }
    let mut rows = 0;
    loop {
        if width > 1 {
            cells.pass_blank_lines();
        }
        if cells.at_end() {
            break;
        }
        for (at, column) in columns.iter_mut().enumerate() {
            let cell = next(&mut cells)?.ok_or_else(|| changed("a row is shorter now"))?;
            if cell.last != (at + 1 == width) {
                return Err(changed("a row is longer or shorter now"));
            }
            if let Some(column) = column {
                let text = cell.text();
                column
                    .push(&text, layout.known.is_missing(&text), layout.decimal_comma)
                    .ok_or_else(|| changed("a column has another type now"))?;
            }
        }
        rows += 1;
    }
    DataFrame::new(rows, columns.into_iter().flatten().map(Builder::finish).collect::<PolarsResult<_>>()?)
}

fn next<'a>(cells: &mut Cells<'a>) -> PolarsResult<Option<RawCell<'a>>> {
    cells.next().map_err(|fault| changed(fault.what))
}

/// A column that is being made.
enum Builder<'a> {
    Missing(PlSmallStr, usize),
    Boolean(BooleanChunkedBuilder),
    Whole(PrimitiveChunkedBuilder<Int64Type>),
    Float(PrimitiveChunkedBuilder<Float64Type>),
    Text(StringChunkedBuilder),
    Date(PrimitiveChunkedBuilder<Int32Type>, Option<&'a KnownColumn>),
    Time(PrimitiveChunkedBuilder<Int64Type>, Option<&'a KnownColumn>, DataType),
}

impl ColumnType {
    fn dtype(self) -> DataType {
        match self {
            ColumnType::Missing => DataType::Null,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Whole => DataType::Int64,
            ColumnType::Float => DataType::Float64,
            ColumnType::Text => DataType::String,
            ColumnType::Date => DataType::Date,
            ColumnType::Time { zoned } => DataType::Datetime(TimeUnit::Microseconds, zoned.then_some(TimeZone::UTC)),
        }
    }
}

impl<'a> Builder<'a> {
    fn new(name: &str, kind: ColumnType, known: &'a KnownForm, capacity: usize) -> Self {
        let column = known.column(name);
        let name = PlSmallStr::from(name);
        match kind {
            ColumnType::Missing => Builder::Missing(name, 0),
            ColumnType::Boolean => Builder::Boolean(BooleanChunkedBuilder::new(name, capacity)),
            ColumnType::Whole => Builder::Whole(PrimitiveChunkedBuilder::new(name, capacity)),
            ColumnType::Float => Builder::Float(PrimitiveChunkedBuilder::new(name, capacity)),
            ColumnType::Text => Builder::Text(StringChunkedBuilder::new(name, capacity)),
            ColumnType::Date => Builder::Date(PrimitiveChunkedBuilder::new(name, capacity), column),
            ColumnType::Time { .. } => {
                Builder::Time(PrimitiveChunkedBuilder::new(name, capacity), column, kind.dtype())
            }
        }
    }

    /// Adds a cell; none if it is not of the column's type.
    fn push(&mut self, text: &str, missing: bool, decimal_comma: bool) -> Option<()> {
        let cell = text.trim_ascii();
        match self {
            Builder::Missing(_, count) => *count += usize::from(missing),
            Builder::Text(column) => column.append_option((!missing).then_some(text)),
            Builder::Boolean(column) => column.append_option(value(missing, || truth(cell))?),
            Builder::Whole(column) => column.append_option(value(missing, || cell.parse().ok())?),
            Builder::Float(column) => {
                let number = value(missing, || number(cell, decimal_comma))?;
                // Said to be a number, and NaN not to be a missing one: there is none all the same.
                column.append_option(number.filter(|number| !number.is_nan()));
            }
            Builder::Date(column, known) => {
                let day = || Some(micros(cell, *known)?.div_euclid(DAY) as i32);
                column.append_option(value(missing, day)?);
            }
            Builder::Time(column, known, _) => column.append_option(value(missing, || micros(cell, *known))?),
        }
        Some(())
    }

    fn finish(self) -> PolarsResult<Column> {
        Ok(match self {
            Builder::Missing(name, count) => Series::new_null(name, count).into_column(),
            Builder::Boolean(column) => column.finish().into_column(),
            Builder::Whole(column) => column.finish().into_column(),
            Builder::Float(column) => column.finish().into_column(),
            Builder::Text(column) => column.finish().into_column(),
            Builder::Date(column, _) => column.finish().into_column().cast(&DataType::Date)?,
            Builder::Time(column, _, dtype) => column.finish().into_column().cast(&dtype)?,
        })
    }
}

/// Nothing for a missing cell, else what is read; none if it can't be read.
fn value<T>(missing: bool, read: impl FnOnce() -> Option<T>) -> Option<Option<T>> {
    if missing { Some(None) } else { read().map(Some) }
}
