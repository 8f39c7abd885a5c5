//! A Parquet or CSV file as a lazy table: opened when rows are wanted, and only the wanted columns are read.
//!
//! Polars' own lazy readers bring its streaming engine and a network stack along, which double the build. Polars runs a
//! scan of ours ([`AnonymousScan`]) on its in-memory engine and tells it which columns a query needs.

use super::csv::{self, CsvFile};
use super::polars_calls::guarded;
use super::table_files::TableContent;
use crate::error::Result;
use polars::prelude::*;
use std::any::Any;
use std::fs::File;

/// A file with the columns it was found to have.
struct FileScan {
    content: TableContent,
    format: ScannedFormat,
}

#[derive(Clone)]
enum ScannedFormat {
    Parquet,
    Csv(Arc<CsvFile>),
}

/// A Parquet file as a lazy table, and its number of rows.
pub(super) fn scan_parquet(content: &TableContent) -> Result<(LazyFrame, u64)> {
    let rows = guarded(|| ParquetReader::new(opened(content)?).num_rows())?;
    let schema = guarded(|| read_parquet(content, None, Some(0)))?.schema().clone();
    Ok((lazy(content, ScannedFormat::Parquet, schema)?, rows as u64))
}

/// A CSV file of this layout as a lazy table.
pub(super) fn lazy_csv(content: &TableContent, layout: CsvFile) -> Result<LazyFrame> {
    let schema = Arc::new(layout.schema());
    lazy(content, ScannedFormat::Csv(Arc::new(layout)), schema)
}

fn lazy(content: &TableContent, format: ScannedFormat, schema: SchemaRef) -> Result<LazyFrame> {
    let scan = FileScan { content: content.clone(), format };
    let args = ScanArgsAnonymous { schema: Some(schema), name: "FILE", ..Default::default() };
    guarded(|| LazyFrame::anonymous_scan(Arc::new(scan), args))
}

impl AnonymousScan for FileScan {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn allows_projection_pushdown(&self) -> bool {
        true
    }

    fn scan(&self, wanted: AnonymousScanArgs) -> PolarsResult<DataFrame> {
        let columns = wanted.with_columns.as_deref();
        let read = match &self.format {
            ScannedFormat::Parquet => read_parquet(&self.content, columns, wanted.n_rows)?,
            ScannedFormat::Csv(layout) => csv::read(opened(&self.content)?, layout, columns, wanted.n_rows)?,
        };
        match columns {
            // Readers give columns in the order of the file.
            Some(columns) => read.select(columns.iter().cloned()),
            None => Ok(read),
        }
    }
}

fn read_parquet(
    content: &TableContent,
    columns: Option<&[PlSmallStr]>,
    rows: Option<usize>,
) -> PolarsResult<DataFrame> {
    let names = columns.map(|names| names.iter().map(|name| name.to_string()).collect());
    let reader = ParquetReader::new(opened(content)?).with_columns(names);
    reader.with_slice(rows.map(|rows| (0, rows))).finish()
}

fn opened(content: &TableContent) -> PolarsResult<File> {
    content.open().map_err(|e| PolarsError::ComputeError(e.message().to_owned().into()))
}
