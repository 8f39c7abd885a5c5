//! Tables: opening files of one format as one lazy table, SQL over tables, writing a table.
//!
//! Several files are one table when their columns agree by name; types are widened where they differ (integer and
//! float become float). Polars does the reading; its errors come out as ours, with the file's name.

use super::version::{by_ending, resolve, table_of};
use super::{csv, jsonl, parquet};
use crate::error::{Error, Result};
use crate::ledger::{Ledger, SchemaColumn};
use crate::project::{Format, Project, Reference};
use crate::store::{Hash, Store};
use polars::prelude::*;
use polars::sql::{SQLContext, sql_expr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file of a table: where it lies and what to call it in messages.
#[derive(Debug, Clone)]
pub struct TableFile {
    /// The name people know.
    pub name: String,
    /// Where its bytes are.
    pub path: PathBuf,
}

/// Rows that have not been read yet, and their columns.
#[derive(Clone)]
pub struct Table {
    lazy: LazyFrame,
    /// The files one by one, where there are several: each is counted quickly from its own metadata.
    parts: Vec<LazyFrame>,
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
        Ok(Table { lazy, parts: Vec::new(), columnar: false, schema })
    }

    /// The rows, to be worked on.
    pub fn lazy(&self) -> LazyFrame {
        self.lazy.clone()
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
        if self.parts.is_empty() { count(&self.lazy) } else { self.parts.iter().map(count).sum() }
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

fn count(lazy: &LazyFrame) -> Result<u64> {
    let counted = collect(lazy.clone().select([len().alias("rows")]))?;
    let count = counted.column("rows").and_then(|c| c.get(0).map(|v| v.try_extract::<u64>()));
    count.and_then(|inner| inner).map_err(from_polars)
}

/// Our word for a column's type.
pub fn kind_name(dtype: &DataType) -> String {
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
    let mut tables: Vec<Table> = Vec::new();
    for file in files {
        let table = open_one(&file.path, format).map_err(|e| e.at(&file.name))?;
        if let (Some(first), Some(first_file)) = (tables.first(), files.first()) {
            same_columns(first, &first_file.name, &table).map_err(|e| e.at(&file.name))?;
        }
        tables.push(table);
    }
    let columnar = format == Format::Parquet;
    if tables.len() == 1 {
        let only = tables.pop().map(|table| Table { columnar, ..table });
        return only.ok_or_else(|| Error::invalid("there is no file"));
    }
    let order: Vec<Expr> = tables.first().map(|t| t.names().map(col).collect()).unwrap_or_default();
    let parts: Vec<LazyFrame> = tables.into_iter().map(|t| t.lazy.select(order.clone())).collect();
    let union = UnionArgs { to_supertypes: true, ..Default::default() };
    let mut table = Table::of(guarded(|| concat(parts.clone(), union))?)?;
    table.parts = parts;
    table.columnar = columnar;
    Ok(table)
}

fn same_columns(first: &Table, first_name: &str, other: &Table) -> Result<()> {
    let (a, b): (Vec<&str>, Vec<&str>) = (first.names().collect(), other.names().collect());
    if let Some(missing) = a.iter().find(|name| !b.contains(name)) {
        return Err(Error::invalid(format!("column \"{missing}\", which {first_name} has, is missing"))
            .hint("files of one dataset have the same columns"));
    }
    if let Some(extra) = b.iter().find(|name| !a.contains(name)) {
        return Err(Error::invalid(format!("column \"{extra}\" is not in {first_name}"))
            .hint("files of one dataset have the same columns"));
    }
    Ok(())
}

fn open_one(path: &Path, format: Format) -> Result<Table> {
    let text = path.to_str().ok_or_else(|| Error::invalid(format!("{} is not UTF-8", path.display())))?;
    let place = PlRefPath::new(text);
    match format {
        Format::Parquet => {
            let options = ScanArgsParquet { glob: false, ..Default::default() };
            let scan = || parquet::check(path).and_then(|()| guarded(|| LazyFrame::scan_parquet(place, options)));
            scan().and_then(Table::of).map_err(|e| e.hint(WRITE_AGAIN))
        }
        Format::Csv => {
            let header = csv::check(path)?;
            let column = |(column, (_, found)): (&csv::Header, (PlSmallStr, DataType))| {
                let dtype = if column.beyond_integers { DataType::String } else { found };
                Field::new(column.name.as_str().into(), dtype)
            };
            let reader = LazyCsvReader::new(place)
                .with_glob(false)
                .with_has_header(true)
                .with_infer_schema_length(None)
                .with_null_values(Some(NullValues::AllColumns(["NaN", "nan"].map(PlSmallStr::from).into())))
                .with_try_parse_dates(true);
            let named = |schema: Schema| Ok(header.iter().zip(schema).map(column).collect());
            Table::of(guarded(|| reader.with_schema_modify(named)?.finish())?)
        }
        Format::Jsonl => Table::of(jsonl::read(path)?.lazy()),
    }
}

/// A plain file as a table, by its ending.
pub fn read_file(path: &Path) -> Result<Table> {
    let name = path.to_string_lossy().into_owned();
    if !path.is_file() {
        return Err(Error::not_found(format!("{name} is not a file")));
    }
    let format = format_by_ending(path)?;
    open_files(&[TableFile { name, path: path.to_owned() }], format)
}

/// What the user calls a table: a file if there is one of that name, else a dataset reference.
pub fn read_table(project: &Project, ledger: &Ledger, from: &Path, text: &str) -> Result<Table> {
    read_table_hashed(project, ledger, from, text).map(|(table, _)| table)
}

/// The same, and the hash of its content: of the file's bytes, or the version's.
pub fn read_table_hashed(project: &Project, ledger: &Ledger, from: &Path, text: &str) -> Result<(Table, Hash)> {
    let path = from.join(text);
    if path.is_file() {
        return Ok((read_file(&path)?, Store::hash_file(&path)?.hash));
    }
    let reference = Reference::parse(text).map_err(|_| {
        Error::not_found(format!("{text} is neither a file nor a dataset")).hint("`mlops data list` shows the datasets")
    })?;
    let version = resolve(project, ledger, &reference)?;
    Ok((table_of(project, &version)?, version.hash))
}

/// Runs a query over named tables. Only these tables can be read: functions that open files are refused.
pub fn sql(query: &str, tables: &[(String, LazyFrame)]) -> Result<LazyFrame> {
    let lowered = query.to_lowercase();
    for function in ["read_csv", "read_parquet", "read_json", "read_ipc"] {
        if lowered.contains(function) {
            return Err(
                Error::invalid(format!("{function}() is not allowed in a query")).hint("name a dataset instead")
            );
        }
    }
    not_too_long("query", query, MAX_QUERY)?;
    let mut context = SQLContext::new();
    for (name, table) in tables {
        context.register(name, table.clone());
    }
    guarded(|| context.execute(query)).map_err(|e| e.at(format!("query {}", quoted(query))))
}

/// Longest query and condition that are read: a definition is short.
const MAX_QUERY: usize = 100_000;
const MAX_CONDITION: usize = 10_000;

fn not_too_long(what: &str, text: &str, most: usize) -> Result<()> {
    let refused = |text: String| Err(Error::invalid(text).hint("write it in steps that read each other"));
    if text.len() > most {
        return refused(format!("{what} {}: {} bytes are more than {most}", quoted(text), text.len()));
    }
    match longest_chain(text) {
        chain if chain > MAX_CHAIN => {
            refused(format!("{what} {}: {chain} operators in a row are more than {MAX_CHAIN}", quoted(text)))
        }
        _ => Ok(()),
    }
}

/// Operators in a row nest as deep as they are many, and Polars goes through them by recursion.
const MAX_CHAIN: usize = 130;

/// The most operators in a row between two commas or parentheses, and the number of unions and joins.
fn longest_chain(text: &str) -> usize {
    use sqlparser::tokenizer::{Token, Tokenizer};
    // What is no SQL is refused by whoever parses it.
    let tokens = Tokenizer::new(&sqlparser::dialect::GenericDialect {}, text).tokenize().unwrap_or_default();
    let (mut levels, mut most, mut tables) = (vec![0usize], 0, 0);
    for token in &tokens {
        let here = levels.len() - 1;
        match token {
            Token::LParen => levels.push(0),
            Token::RParen if here > 0 => drop(levels.pop()),
            Token::Comma => levels[here] = 0,
            Token::Whitespace(_) | Token::Number(..) | Token::SingleQuotedString(_) | Token::Period => {}
            Token::Word(word) => match word.value.to_ascii_uppercase().as_str() {
                "AND" | "OR" | "NOT" | "IS" | "LIKE" | "ILIKE" | "BETWEEN" | "IN" => levels[here] += 1,
                "UNION" | "INTERSECT" | "EXCEPT" | "JOIN" => tables += 1,
                _ => {}
            },
            _ => levels[here] += 1,
        }
        most = levels.iter().copied().fold(most.max(tables), usize::max);
    }
    most
}

/// The text in quotes; of a long one, its beginning.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 200;
    let shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() { format!("{:?}", shown + "…") } else { format!("{shown:?}") }
}

/// A SQL expression over the columns of a table, such as `dep_delay > 15`.
pub fn sql_condition(text: &str) -> Result<Expr> {
    not_too_long("expression", text, MAX_CONDITION)?;
    guarded(|| sql_expr(text)).map_err(|e| {
        let e = e.at(format!("expression {}", quoted(text)));
        if e.hint_text().is_some() { e } else { e.hint("write one SQL expression, such as dep_delay > 15") }
    })
}

/// Reads all rows of a lazy table.
pub fn collect(lazy: LazyFrame) -> Result<DataFrame> {
    guarded(|| lazy.collect())
}

/// A file to be written; its ending and folder are checked before the work that makes its rows.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    format: Format,
}

impl OutputFile {
    /// Checks that a table can be written to `path`.
    pub fn new(path: PathBuf) -> Result<Self> {
        let format = format_by_ending(&path)?;
        match path.parent().filter(|folder| !folder.is_dir()) {
            Some(folder) => Err(Error::not_found(format!("there is no folder {}", folder.display()))
                .hint("make it first, or write elsewhere")),
            None => Ok(OutputFile { path, format }),
        }
    }

    /// Writes a table in the format of the file's ending, in one step.
    pub fn write(&self, frame: &mut DataFrame) -> Result<()> {
        crate::store::write_atomic(&self.path, &encode(frame, self.format)?)
    }
}

fn format_by_ending(path: &Path) -> Result<Format> {
    let name = path.to_string_lossy();
    by_ending(&name).ok_or_else(|| {
        Error::invalid(format!("{name}: the ending does not say a format")).hint("use .csv, .parquet or .jsonl")
    })
}

/// The table as bytes of a format.
pub fn encode(frame: &mut DataFrame, format: Format) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match format {
        Format::Parquet => {
            let writer = ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Snappy).set_parallel(true);
            writer.finish(frame).map_err(from_polars)?;
        }
        Format::Csv => CsvWriter::new(&mut bytes).include_header(true).finish(frame).map_err(from_polars)?,
        Format::Jsonl => bytes = jsonl::write(frame)?,
    }
    Ok(bytes)
}

const WRITE_AGAIN: &str = "write the file again with the tool it came from";

/// How many calls are under [`guarded`] now, in all threads.
static GUARDED: AtomicUsize = AtomicUsize::new(0);

/// Whether a panic that happens now may be one that becomes an error, so that nobody needs to be told of it.
pub fn panics_become_errors() -> bool {
    GUARDED.load(Ordering::Relaxed) > 0
}

/// Polars' errors as ours; a panic inside it, which damaged files can cause, becomes an error too.
pub(super) fn guarded<T>(work: impl FnOnce() -> PolarsResult<T>) -> Result<T> {
    GUARDED.fetch_add(1, Ordering::Relaxed);
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    GUARDED.fetch_sub(1, Ordering::Relaxed);
    match done {
        Ok(result) => result.map_err(from_polars),
        Err(_) => Err(Error::invalid("the table can't be read: its content contradicts its format").hint(WRITE_AGAIN)),
    }
}

/// `unable to find column "x"; valid columns: ["a", "b"]` as our error, which offers the nearest.
fn unknown_column(text: &str) -> Option<Error> {
    let (_, text) = text.split_once("unable to find column \"")?;
    let (name, known) = text.split_once("\"; valid columns: ")?;
    let known: Vec<String> = serde_json::from_str(known).ok()?;
    Some(Error::unknown("column", name, known.iter().map(String::as_str)))
}

/// The first paragraph of Polars' message says what is wrong; the rest is its query plan.
pub(super) fn from_polars(error: PolarsError) -> Error {
    let text = error.to_string();
    let first = text.split("\n\n").next().unwrap_or(&text).replace('\n', " ");
    match error {
        PolarsError::IO { error, .. } if error.kind() == std::io::ErrorKind::StorageFull => {
            Error::new(crate::error::Kind::Io, first).hint("free some space; nothing was changed")
        }
        _ => unknown_column(&first).unwrap_or_else(|| Error::invalid(first)),
    }
}
