//! Columns one at a time: of a frame in memory, or of a Parquet file that is larger than memory as long as a column of
//! it is not.

use super::column::Column;
use super::convert::{column_from, column_named, frame_from};
use super::frame::Frame;
use super::kind::Kind;
use super::polars_calls::{collect, exact_column};
use super::table::Table;
use crate::error::Result;
use std::borrow::Cow;

/// A table whose columns are taken one at a time.
pub trait Columns: Sync {
    /// Number of rows.
    fn rows(&self) -> Result<usize>;
    /// Names and types, in order.
    fn kinds(&self) -> Vec<(&str, Kind)>;
    /// The column called `name`, or an error that offers the nearest.
    fn column(&self, name: &str) -> Result<Cow<'_, Column>>;
}

impl Columns for Frame {
    fn rows(&self) -> Result<usize> {
        Ok(Frame::rows(self))
    }

    fn kinds(&self) -> Vec<(&str, Kind)> {
        self.columns().iter().map(|(name, column)| (name.as_str(), column.kind())).collect()
    }

    fn column(&self, name: &str) -> Result<Cow<'_, Column>> {
        Frame::column(self, name).map(Cow::Borrowed)
    }
}

/// A Parquet table, of which a column is read when it is asked for.
struct Lazily(Table);

impl Columns for Lazily {
    fn rows(&self) -> Result<usize> {
        self.0.rows().map(|rows| rows as usize)
    }

    fn kinds(&self) -> Vec<(&str, Kind)> {
        self.0.schema().iter().map(|c| (c.name.as_str(), Kind::of_type(&c.kind))).collect()
    }

    fn column(&self, name: &str) -> Result<Cow<'_, Column>> {
        if !self.0.names().any(|n| n == name) {
            return Err(crate::error::Error::unknown("column", name, self.0.names()));
        }
        let read = collect(self.0.lazy().select([exact_column(name)]))?;
        column_from(column_named(&read, name)?).map(Cow::Owned)
    }
}

/// The columns of a table: those of Parquet files are read one by one, other formats at once.
pub fn columns_of(table: Table) -> Result<Box<dyn Columns>> {
    if table.is_columnar() { Ok(Box::new(Lazily(table))) } else { Ok(Box::new(frame_from(&table.collect()?)?)) }
}
