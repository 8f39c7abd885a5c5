//! The first reading of a file: every row is checked, and each column's type found. An error names row, line and column.

use super::blocks::{Blocks, LONGEST_ROW, is_blank, line_ends};
use super::cells::{Cells, Fault, NEVER_CLOSED, RawCell};
use super::layout::separator;
use super::words::{ColumnType, Looks, decimal_comma, is_missing, look};
use crate::error::{Error, Result};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;

const WIDTH: &str = "every row has as many cells as the header; a cell that holds a separator stands in quotes";
const NOT_UTF8: Fault = Fault { what: "the text is not UTF-8", hint: "convert it: iconv -f LATIN1 -t UTF-8" };
const TOO_LONG: Fault = Fault {
    what: "more than 64 MiB in one row",
    hint: "is a quote not closed? Keep large texts in files, and their names in the table",
};

/// What was found out of a CSV file.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::data) struct CsvFile {
    /// The character between cells.
    pub separator: u8,
    /// Whether a comma is the decimal sign.
    pub decimal_comma: bool,
    /// Names and types, in order.
    pub columns: Vec<(String, ColumnType)>,
    /// Number of rows below the header.
    pub rows: u64,
    looks: Vec<Looks>,
}

impl CsvFile {
    /// Gives a column the type that its cells in all the files say, as if they were one file: `1.10` in one file is the text `1.10`
    /// where another has `x`. Columns of `texts` are texts.
    pub(in crate::data) fn agree(files: &mut [CsvFile], texts: &BTreeSet<String>) {
        let mut looks: HashMap<String, Looks> = HashMap::new();
        for file in files.iter() {
            for ((name, _), one) in file.columns.iter().zip(&file.looks) {
                let all = looks.entry(name.clone()).or_default();
                *all = all.and(*one);
            }
        }
        let numbers = looks.iter().filter(|(name, _)| !texts.contains(*name)).map(|(_, looks)| *looks);
        let decimal_comma = decimal_comma(numbers);
        for file in files {
            file.decimal_comma = decimal_comma;
            for (name, kind) in &mut file.columns {
                let found = looks.get(name).copied().unwrap_or_default();
                *kind = if texts.contains(name) { ColumnType::Text } else { found.column_type(decimal_comma) };
            }
        }
    }
}

/// Reads a file whole; the first fault is the error. Columns of `texts` are texts, whatever they look like.
pub(in crate::data) fn scan(file: File, texts: &BTreeSet<String>) -> Result<CsvFile> {
    let mut blocks = Blocks::new(file);
    let mut found = Found::default();
    let mut first = blocks.next()?.unwrap_or_default();
    while is_blank(&first)
        && let Some(next) = blocks.next()?
    {
        found.lines += line_ends(&first);
        first = next;
    }
    let head = match std::str::from_utf8(&first) {
        Ok(text) => text,
        Err(e) => std::str::from_utf8(first.get(..e.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
    };
    let separator = separator(head)?;
    found.separator = separator;
    let mut waiting = vec![first];
    while !waiting.is_empty() {
        let width = found.names.as_ref().map(Vec::len);
        let checked: Vec<Block> = waiting.par_iter().map(|block| check_block(block, separator, width)).collect();
        checked.into_iter().try_for_each(|block| found.add(block))?;
        waiting = blocks.several(2 * rayon::current_num_threads())?;
    }
    found.finish(texts)
}

/// What was found in the blocks so far.
#[derive(Default)]
struct Found {
    separator: u8,
    names: Option<Vec<String>>,
    looks: Vec<Looks>,
    /// Rows, the header among them.
    rows: u64,
    lines: u64,
}

/// What one block shows.
struct Block {
    /// The names, if the block begins with the header.
    names: Option<Vec<String>>,
    looks: Vec<Looks>,
    rows: u64,
    /// Lines that end in it.
    lines: u64,
    fault: Option<FaultInBlock>,
}

/// A fault in the row after those of a block that are counted.
struct FaultInBlock {
    /// Lines of the block before the row.
    lines: u64,
    /// The column; none if the fault is about the row.
    column: Option<usize>,
    text: String,
    hint: &'static str,
}

impl Found {
    fn add(&mut self, block: Block) -> Result<()> {
        if let Some(names) = block.names {
            check_names(&names)?;
            self.names = Some(names);
        }
        self.looks.resize(self.names.as_ref().map_or(0, Vec::len), Looks::default());
        for (all, one) in self.looks.iter_mut().zip(block.looks) {
            *all = all.and(one);
        }
        self.rows += block.rows;
        let result = block.fault.map_or(Ok(()), |fault| Err(self.error(fault)));
        self.lines += block.lines;
        result
    }

    fn error(&self, fault: FaultInBlock) -> Error {
        let row = match self.rows {
            0 => "the header".to_owned(),
            row => format!("row {row} (line {})", self.lines + fault.lines + 1),
        };
        match fault.column {
            None => Error::invalid(format!("{row} {}", fault.text)).hint(fault.hint),
            Some(column) => {
                let name = self.names.as_ref().and_then(|names| names.get(column));
                let column = name.map(|name| format!(", column \"{name}\"")).unwrap_or_default();
                Error::invalid(fault.text).at(format!("{row}{column}")).hint(fault.hint)
            }
        }
    }

    fn finish(self, texts: &BTreeSet<String>) -> Result<CsvFile> {
        let Some(names) = self.names else {
            return Err(Error::invalid("the file is empty").hint("the first line of a CSV file names its columns"));
        };
        let mut file = CsvFile {
            separator: self.separator,
            decimal_comma: false,
            columns: names.into_iter().map(|name| (name, ColumnType::Missing)).collect(),
            rows: self.rows - 1,
            looks: self.looks,
        };
        CsvFile::agree(std::slice::from_mut(&mut file), texts);
        Ok(file)
    }
}

fn check_names(names: &[String]) -> Result<()> {
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        Some(twice) => {
            Err(Error::invalid(format!("two columns are called \"{twice}\"")).hint("rename one in the first line"))
        }
        None => Ok(()),
    }
}

/// Looks at the rows of a block. A block without a known width begins with the header.
fn check_block(bytes: &[u8], separator: u8, width: Option<usize>) -> Block {
    let (text, valid) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(e) => (std::str::from_utf8(bytes.get(..e.valid_up_to()).unwrap_or_default()).unwrap_or_default(), false),
    };
    let cut = match bytes.len() > LONGEST_ROW {
        _ if !valid => Some(NOT_UTF8),
        true => Some(TOO_LONG),
        false => None,
    };
    let mut check = Check { cells: Cells::new(text, separator), start: 0, cut, block: Block::of(width) };
    if width.is_none() {
        check.header();
    }
    while check.block.fault.is_none() && check.row() {}
    let Check { start, mut block, .. } = check;
    let before = |end: usize| line_ends(text.as_bytes().get(..end).unwrap_or_default());
    if let Some(fault) = &mut block.fault {
        fault.lines = before(start);
    }
    block.lines = before(text.len());
    block
}

impl Block {
    fn of(width: Option<usize>) -> Self {
        let looks = vec![Looks::default(); width.unwrap_or(0)];
        Block { names: None, looks, rows: 0, lines: 0, fault: None }
    }
}

/// A look at the rows of one block.
struct Check<'a> {
    cells: Cells<'a>,
    /// Where the row began that is being looked at.
    start: usize,
    /// Why the text ends before the block does, if so.
    cut: Option<Fault>,
    block: Block,
}

impl<'a> Check<'a> {
    fn header(&mut self) {
        self.pass_blank_lines();
        let mut names = Vec::new();
        while let Some(cell) = self.cell(names.len()) {
            names.push(cell.text().into_owned());
            if cell.last {
                break;
            }
        }
        if !names.is_empty() && !self.is_cut(names.len()) {
            self.block.rows = 1;
            self.block.looks = vec![Looks::default(); names.len()];
            self.block.names = Some(names);
        }
    }

    /// Looks at a row; whether there was one, and it is well-formed.
    fn row(&mut self) -> bool {
        let width = self.block.looks.len();
        if width > 1 {
            self.pass_blank_lines();
        }
        let mut count = 0;
        while let Some(cell) = self.cell(count) {
            if let Some(looks) = self.block.looks.get_mut(count).filter(|looks| !looks.has(Looks::TEXT)) {
                let text = cell.text();
                if !is_missing(&text) {
                    *looks = looks.and(look(&text));
                }
            }
            count += 1;
            if cell.last {
                break;
            }
        }
        if count == 0 || self.is_cut(count) {
            return false;
        }
        if count != width {
            let cells = |n: usize| if n == 1 { "1 cell".to_owned() } else { format!("{n} cells") };
            self.fail(None, format!("has {}, the header has {}", cells(count), cells(width)), WIDTH);
            return false;
        }
        self.block.rows += 1;
        self.start = self.cells.position();
        true
    }

    /// Rows without anything are none, unless there is only one column, of which they are a missing value.
    fn pass_blank_lines(&mut self) {
        self.cells.pass_blank_lines();
        self.start = self.cells.position();
    }

    /// The next cell; none at the end and at a fault.
    fn cell(&mut self, column: usize) -> Option<RawCell<'a>> {
        let fault = match self.cells.next() {
            Ok(cell) => return cell,
            Err(fault) => self.cut.filter(|_| fault.what == NEVER_CLOSED).unwrap_or(fault),
        };
        self.fail(Some(column), fault.what.to_owned(), fault.hint);
        None
    }

    /// Whether the row, of which `cells` were read, goes on where the text was cut off, or is at fault already.
    fn is_cut(&mut self, cells: usize) -> bool {
        match self.cut.filter(|_| self.cells.at_end()) {
            Some(cut) if self.block.fault.is_none() => {
                self.fail(Some(cells.saturating_sub(1)), cut.what.to_owned(), cut.hint)
            }
            _ => {}
        }
        self.block.fault.is_some()
    }

    fn fail(&mut self, column: Option<usize>, text: String, hint: &'static str) {
        self.block.fault = Some(FaultInBlock { lines: 0, column, text, hint });
    }
}
