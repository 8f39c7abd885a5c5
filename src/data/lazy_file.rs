//! A Parquet or CSV file as a lazy table: opened when rows are wanted, and only the wanted columns are read.
//!
//! Polars' own lazy readers bring its streaming engine and a network stack along, which double the build. Polars runs a
//! scan of ours ([`AnonymousScan`]) on its in-memory engine and tells it which columns a query needs.

use super::csv::Header;
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
    schema: SchemaRef,
}

#[derive(Clone, Copy)]
enum ScannedFormat {
    Parquet,
    Csv,
}

/// A Parquet file as a lazy table, and its number of rows.
pub(super) fn scan_parquet(content: &TableContent) -> Result<(LazyFrame, u64)> {
    let rows = guarded(|| ParquetReader::new(opened(content)?).num_rows())?;
    let schema = guarded(|| read_parquet(content, None, Some(0)))?.schema().clone();
    Ok((lazy(content, ScannedFormat::Parquet, schema)?, rows as u64))
}

/// A CSV file as a lazy table. Types are inferred from all rows; names, and columns whose whole numbers no 64 bits hold
/// (they stay text), are those of `header`.
pub(super) fn scan_csv(content: &TableContent, header: &[Header]) -> Result<LazyFrame> {
    let inferred: Vec<usize> = (0..header.len()).filter(|at| !header[*at].beyond_integers).collect();
    let found = guarded(|| {
        let options = csv_options().with_infer_schema_length(None).with_n_rows(Some(0));
        let options = options.with_projection(Some(Arc::new(inferred.clone())));
        options.into_reader_with_file_handle(opened(content)?).finish()
    })?;
    let mut types = vec![DataType::String; header.len()];
    inferred.iter().zip(found.dtypes()).for_each(|(at, dtype)| types[*at] = dtype);
    let field = |(column, dtype): (&Header, DataType)| Field::new(column.name.as_str().into(), dtype);
    let schema: Schema = header.iter().zip(types).map(field).collect();
    lazy(content, ScannedFormat::Csv, Arc::new(schema))
}

fn lazy(content: &TableContent, format: ScannedFormat, schema: SchemaRef) -> Result<LazyFrame> {
    let scan = FileScan { content: content.clone(), format, schema: Arc::clone(&schema) };
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
        let read = match self.format {
            ScannedFormat::Parquet => read_parquet(&self.content, columns, wanted.n_rows)?,
            ScannedFormat::Csv => {
                let options = csv_options()
                    .with_schema(Some(Arc::clone(&self.schema)))
                    .with_columns(wanted.with_columns.clone())
                    .with_n_rows(wanted.n_rows);
                options.into_reader_with_file_handle(opened(&self.content)?).finish()?
            }
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

fn csv_options() -> CsvReadOptions {
    let missing = NullValues::AllColumns(["NaN", "nan"].map(PlSmallStr::from).into());
    let parse =
        move |options: CsvParseOptions| options.with_null_values(Some(missing.clone())).with_try_parse_dates(true);
    CsvReadOptions::default().with_has_header(true).map_parse_options(parse)
}
