//! Tables: files of one format opened as one lazy table.
//!
//! Several files are one table when their columns agree by name; types are widened where they differ (integer and
//! float become float). Polars does the reading; its errors come out as ours, with the file's name.

use super::csv::{self, CsvFile, KnownForm};
use super::format::format_by_ending;
use super::lazy_file::{lazy_csv, scan_parquet};
use super::polars_calls::{WRITE_AGAIN, collect, exact_column, from_polars, guarded};
use super::table_files::{TableContent, TableFile};
use super::{jsonl, parquet};
use crate::error::{Error, Result};
use crate::ledger::SchemaColumn;
use crate::project::Format;
use polars::prelude::*;
use std::collections::HashSet;
use std::path::Path;

/// Rows that have not been read yet, and their columns.
#[derive(Clone)]
pub struct Table {
    lazy: LazyFrame,
    /// Number of rows, where the format says it without reading them.
    rows: Option<u64>,
    /// Whether one column can be read without the others.
    columnar: bool,
    schema: Vec<SchemaColumn>,
}

impl Table {
    /// A table of a lazy frame; its columns are found out.
    pub fn of(mut lazy: LazyFrame) -> Result<Self> {
        let found = guarded(|| lazy.collect_schema())?;
        let schema =
            found.iter().map(|(name, dtype)| SchemaColumn { name: name.to_string(), kind: kind_name(dtype) }).collect();
        Ok(Table { lazy, rows: None, columnar: false, schema })
    }

    /// The rows, to be worked on.
    pub fn lazy(&self) -> LazyFrame {
        self.lazy.clone()
    }

    /// The rows as SQL is to see them: see [`without_nan`]. CSV and JSON Lines have no NaN.
    pub fn lazy_without_nan(&self) -> Result<LazyFrame> {
        if self.columnar { without_nan(self.lazy()) } else { Ok(self.lazy()) }
    }

    /// The columns.
    pub fn schema(&self) -> &[SchemaColumn] {
        &self.schema
    }

    /// Column names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.schema.iter().map(|c| c.name.as_str())
    }

    /// Number of rows; reads what the format makes necessary.
    pub fn rows(&self) -> Result<u64> {
        self.rows.map_or_else(|| self.count(), Ok)
    }

    /// Counts the rows of the first column.
    fn count(&self) -> Result<u64> {
        const ROWS: &str = "rows";
        let Some(first) = self.names().next() else { return Ok(0) };
        let counted = collect(self.lazy().select([exact_column(first).len().alias(ROWS)]))?;
        let count = counted.column(ROWS).and_then(|c| c.get(0).map(|v| v.try_extract::<u64>()));
        count.and_then(|inner| inner).map_err(from_polars)
    }

    /// Whether one column can be read without the others, as of Parquet files.
    pub(super) fn is_columnar(&self) -> bool {
        self.columnar
    }

    /// All rows.
    pub fn collect(&self) -> Result<DataFrame> {
        collect(self.lazy())
    }
}

/// The word that contracts and recorded schemas use for a column's type.
fn kind_name(dtype: &DataType) -> String {
    match dtype {
        DataType::Boolean => "boolean".to_owned(),
        DataType::Float32 | DataType::Float64 => "float".to_owned(),
        DataType::String | DataType::Categorical(..) | DataType::Enum(..) => "text".to_owned(),
        DataType::Datetime(..) => "time".to_owned(),
        DataType::Date => "date".to_owned(),
        DataType::Null => "null".to_owned(),
        other if other.is_integer() => "integer".to_owned(),
        other => other.to_string(),
    }
}

/// The files as one table.
pub fn open_files(files: &[TableFile], format: Format) -> Result<Table> {
    open_known_files(files, format, &KnownForm::default())
}

/// The same; CSV files are of this form.
pub(super) fn open_known_files(files: &[TableFile], format: Format, known: &KnownForm) -> Result<Table> {
    one_table(open_each(files, format, known)?, format)
}

/// The files as tables, each with its name. CSV files are of this form.
pub(super) fn open_each(files: &[TableFile], format: Format, known: &KnownForm) -> Result<Vec<(String, Table)>> {
    let opened: Vec<Table> = match format {
        Format::Csv => open_csv(files, known)?,
        _ if known.is_said() => {
            return Err(Error::invalid("the dataset says how its CSV files are written, and they are not CSV")
                .hint("leave out separator, quote, decimal, encoding, null_values, types and dates"));
        }
        _ => {
            let open = |file: &TableFile| open_one(&file.content, format).map_err(|e| e.at(&file.name));
            files.iter().map(open).collect::<Result<_>>()?
        }
    };
    let tables: Vec<(String, Table)> = files.iter().map(|file| file.name.clone()).zip(opened).collect();
    if let Some((first_name, first)) = tables.first() {
        for (name, table) in tables.iter().skip(1) {
            same_columns(first, first_name, table).map_err(|e| e.at(name))?;
        }
    }
    Ok(tables)
}

/// CSV files say no types: they are found in the cells of all the files.
fn open_csv(files: &[TableFile], known: &KnownForm) -> Result<Vec<Table>> {
    let scan = |file: &TableFile| csv::scan(file.content.open()?, known).map_err(|e| e.at(&file.name));
    let mut layouts = files.iter().map(scan).collect::<Result<Vec<CsvFile>>>()?;
    CsvFile::agree(&mut layouts)?;
    let open = |(file, layout): (&TableFile, CsvFile)| {
        let rows = Some(layout.rows);
        Ok(Table { rows, ..Table::of(lazy_csv(&file.content, layout)?)? })
    };
    files.iter().zip(layouts).map(open).collect()
}

/// Tables of the same columns as one.
pub(super) fn one_table(tables: Vec<(String, Table)>, format: Format) -> Result<Table> {
    let mut tables: Vec<Table> = tables.into_iter().map(|(_, table)| table).collect();
    let columnar = format == Format::Parquet;
    if tables.len() == 1 {
        let only = tables.pop().map(|table| Table { columnar, ..table });
        return only.ok_or_else(|| Error::invalid("there is no file"));
    }
    let order = same_instants(&tables)?;
    let rows = tables.iter().map(|table| table.rows).sum();
    let parts: Vec<LazyFrame> = tables.into_iter().map(|t| t.lazy.select(order.clone())).collect();
    let union = UnionArgs { to_supertypes: true, ..Default::default() };
    let mut table = Table::of(guarded(|| concat(parts, union))?)?;
    table.rows = rows;
    table.columnar = columnar;
    Ok(table)
}

/// The columns of the first table, as each table is to give them: times of several zones as instants in UTC, which a time without a zone
/// is taken for.
fn same_instants(tables: &[Table]) -> Result<Vec<Expr>> {
    let schemas = tables.iter().map(|table| guarded(|| table.lazy().collect_schema())).collect::<Result<Vec<_>>>()?;
    let Some(first) = schemas.first() else { return Ok(Vec::new()) };
    let as_in_all = |name: &PlSmallStr| {
        let column = exact_column(name);
        let kinds: Vec<&DataType> = schemas.iter().filter_map(|schema| schema.get(name)).collect();
        let zones: Vec<_> = kinds.iter().filter_map(|kind| Some((kind, time_zone(kind)?))).collect();
        let differ = zones.windows(2).any(|two| two[0].1 != two[1].1) || zones.len() < kinds.len();
        if !differ || zones.iter().all(|(_, zone)| zone.is_none()) {
            return column;
        }
        let temporal = kinds.iter().all(|kind| matches!(kind, DataType::Datetime(..) | DataType::Date));
        if temporal { column.cast(DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))) } else { column }
    };
    Ok(first.iter_names().map(as_in_all).collect())
}

/// The zone of a type of times, if it is one.
fn time_zone(kind: &DataType) -> Option<Option<&TimeZone>> {
    match kind {
        DataType::Datetime(_, zone) => Some(zone.as_ref()),
        _ => None,
    }
}

fn same_columns(first: &Table, first_name: &str, other: &Table) -> Result<()> {
    let (a, b): (HashSet<&str>, HashSet<&str>) = (first.names().collect(), other.names().collect());
    if let Some(missing) = first.names().find(|name| !b.contains(name)) {
        return Err(Error::invalid(format!("column \"{missing}\", which {first_name} has, is missing"))
            .hint("files of one dataset have the same columns"));
    }
    if let Some(extra) = other.names().find(|name| !a.contains(name)) {
        return Err(Error::invalid(format!("column \"{extra}\" is not in {first_name}"))
            .hint("files of one dataset have the same columns"));
    }
    Ok(())
}

fn open_one(content: &TableContent, format: Format) -> Result<Table> {
    match format {
        Format::Parquet => {
            let opened = parquet::check(content.open()?).and_then(|()| scan_parquet(content));
            let table =
                opened.and_then(|(lazy, rows)| Ok(Table { rows: Some(rows), columnar: true, ..Table::of(lazy)? }));
            table.map_err(|e| if e.hint_text().is_some() { e } else { e.hint(WRITE_AGAIN) })
        }
        Format::Csv => {
            let file = TableFile { name: String::new(), content: content.clone() };
            open_csv(&[file], &KnownForm::default())?.pop().ok_or_else(|| Error::invalid("there is no file"))
        }
        Format::Jsonl => {
            let read = jsonl::read(content.open()?)?;
            let rows = Some(read.height() as u64);
            Ok(Table { rows, ..Table::of(read.lazy())? })
        }
    }
}

/// The same rows with nothing in place of NaN, which is a missing value: in SQL it would be greater than every number.
pub fn without_nan(mut lazy: LazyFrame) -> Result<LazyFrame> {
    let schema = guarded(|| lazy.collect_schema())?;
    let floats = schema.iter().filter(|(_, kind)| matches!(kind, DataType::Float32 | DataType::Float64));
    let filled: Vec<Expr> = floats.map(|(name, _)| exact_column(name).fill_nan(lit(NULL))).collect();
    Ok(if filled.is_empty() { lazy } else { lazy.with_columns(filled) })
}

/// A plain file as a table, by its ending.
pub fn read_file(path: &Path) -> Result<Table> {
    read_known_file(path, &KnownForm::default())
}

/// The same; a CSV file is of this form.
pub(super) fn read_known_file(path: &Path, known: &KnownForm) -> Result<Table> {
    let name = path.to_string_lossy().into_owned();
    if !path.is_file() {
        return Err(match path.exists() {
            true => Error::invalid(format!("{name} is not a file")).hint("name one file of it"),
            false => Error::not_found(format!("there is no file {name}")),
        });
    }
    let format = format_by_ending(path)?;
    open_known_files(&[TableFile { name, content: TableContent::Path(path.to_owned()) }], format, known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{OutputFile, sql_condition};

    #[test]
    fn nan_of_a_parquet_file_is_missing_in_sql_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let mut frame = df!("x" => [1.0, f64::NAN, 3.0], "y" => [Some(1.0f32), None, Some(f32::NAN)]).unwrap();
        OutputFile::new(path.clone()).unwrap().write(&mut frame).unwrap();
        let table = read_file(&path).unwrap();
        let lazy = table.lazy_without_nan().unwrap();
        let late =
            collect(lazy.clone().select([sql_condition("x > 2", &lazy).unwrap().alias("late"), col("y").is_null()]));
        let late = late.unwrap();
        let shown = |name: &str| late.column(name).unwrap().bool().unwrap().iter().collect::<Vec<_>>();
        assert_eq!(shown("late"), [Some(false), None, Some(true)]);
        assert_eq!(shown("y"), [Some(false), Some(true), Some(true)]);
        assert_eq!(collect(lazy.clone().filter(sql_condition("x > 2", &lazy).unwrap())).unwrap().height(), 1);
    }

    #[test]
    fn times_of_files_with_several_zones_are_the_instants_that_they_name() {
        const MICROS: i64 = 1_717_243_200_000_000; // 2024-06-01 12:00 UTC
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, unit: TimeUnit, zone: Option<&'static str>| {
            let path = folder.path().join(name);
            let zone = TimeZone::opt_try_new(zone).unwrap();
            let count = if unit == TimeUnit::Milliseconds { MICROS / 1000 } else { MICROS };
            let at = Series::new("at".into(), [count]).cast(&DataType::Datetime(unit, zone)).unwrap();
            let mut frame = DataFrame::new(1, vec![at.into()]).unwrap();
            OutputFile::new(path.clone()).unwrap().write(&mut frame).unwrap();
            TableFile { name: name.to_owned(), content: TableContent::Path(path) }
        };
        let files = [
            file("a.parquet", TimeUnit::Microseconds, Some("America/New_York")),
            file("b.parquet", TimeUnit::Milliseconds, Some("UTC")),
            file("c.parquet", TimeUnit::Microseconds, None),
        ];
        for files in [&files[..], &files[..2], &files[1..]] {
            let table = open_files(files, Format::Parquet).unwrap().collect().unwrap();
            let column = table.column("at").unwrap();
            assert_eq!(column.dtype(), &DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)));
            let instants: Vec<i64> = column.to_physical_repr().i64().unwrap().iter().flatten().collect();
            assert_eq!(instants, vec![MICROS; files.len()]);
        }
    }
}
