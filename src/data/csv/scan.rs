//! The first reading of a file: every row is checked, and each column's type found. An error names row, line and column.

use super::blocks::{Blocks, ENCODING, LONGEST_ROW, is_blank, line_ends};
use super::cells::{Cells, Fault, Marks, NEVER_CLOSED, RawCell};
use super::decoded::utf8;
use super::form::{KnownForm, column_type, is_looked_at, refusal, takes};
use super::separator::{check_separator, separator};
use super::words::{ColumnType, Looks, decimal_comma, look};
use crate::error::{Error, Result};
use crate::project::KnownColumn;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::fs::File;

const WIDTH: &str = "every row has as many cells as the header; a cell that holds a separator stands in quotes";
const NOT_UTF8: Fault = Fault { what: "the text is not UTF-8", hint: ENCODING };
const TOO_LONG: Fault = Fault {
    what: "more than 64 MiB in one row",
    hint: "is a quote not closed? Keep large texts in files, and their names in the table",
};

const REFUSED: &str = "mend the cell, name it in `null_values`, or mend `types` or `dates` in mlops.toml";
/// Numbers with a comma in them.
const COMMAS: Looks = Looks::COMMA.or(Looks::GROUPED);

/// What was found out of a CSV file.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::data) struct CsvFile {
    /// What was known before.
    pub(super) known: KnownForm,
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
    /// where another has `x`. What is known of a column holds.
    pub(in crate::data) fn agree(files: &mut [CsvFile]) -> Result<()> {
        let Some(known) = files.first().map(|file| file.known.clone()) else { return Ok(()) };
        let mut looks: HashMap<String, Looks> = HashMap::new();
        for file in files.iter() {
            for ((name, _), one) in file.columns.iter().zip(&file.looks) {
                let all = looks.entry(name.clone()).or_default();
                *all = all.or(*one);
            }
        }
        let decimal_comma = known.decimal_comma.unwrap_or_else(|| decimal_comma(looks.values().copied()));
        for file in files {
            file.decimal_comma = decimal_comma;
            for (name, kind) in &mut file.columns {
                let found = looks.get(name).copied().unwrap_or_default();
                *kind = match known.column(name) {
                    Some(known) => column_type(known, found.has(Looks::ZONED)),
                    None => found.column_type(decimal_comma),
                };
                // Of a column that was not known to hold numbers, such cells make texts.
                if *kind == ColumnType::Float && !decimal_comma && found.has(COMMAS) {
                    return Err(Error::invalid(format!("column \"{name}\" has numbers with commas in them"))
                        .hint("say what they mean: decimal = \",\" under [data.NAME] in mlops.toml"));
                }
            }
        }
        Ok(())
    }
}

/// Reads a file whole; the first fault is the error.
pub(in crate::data) fn scan(file: File, known: &KnownForm) -> Result<CsvFile> {
    let mut blocks = Blocks::new(utf8(file, known.encoding), known.quote);
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
    let separator = match known.separator {
        Some(said) => check_separator(head, known.marks(said))?,
        None => separator(head, known.quote)?,
    };
    found.separator = separator;
    let mut waiting = vec![first];
    while !waiting.is_empty() {
        let names = found.names.as_deref();
        let check = |block: &Vec<u8>| check_block(block, known, known.marks(separator), names);
        let checked: Vec<CheckedBlock> = waiting.par_iter().map(check).collect();
        checked.into_iter().try_for_each(|block| found.add(block, known))?;
        waiting = blocks.several(2 * rayon::current_num_threads())?;
    }
    found.finish(known)
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
#[derive(Default)]
pub(super) struct CheckedBlock {
    /// The names, if the block begins with the header.
    names: Option<Vec<String>>,
    pub(super) looks: Vec<Looks>,
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
    fn add(&mut self, block: CheckedBlock, known: &KnownForm) -> Result<()> {
        if let Some(names) = block.names {
            check_names(&names)?;
            known.check_names(&names)?;
            self.names = Some(names);
        }
        self.looks.resize(self.names.as_ref().map_or(0, Vec::len), Looks::default());
        for (all, one) in self.looks.iter_mut().zip(block.looks) {
            *all = all.or(one);
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

    fn finish(self, known: &KnownForm) -> Result<CsvFile> {
        let Some(names) = self.names else {
            return Err(Error::invalid("the file is empty").hint("the first line of a CSV file names its columns"));
        };
        let mut file = CsvFile {
            known: known.clone(),
            separator: self.separator,
            decimal_comma: false,
            columns: names.into_iter().map(|name| (name, ColumnType::Missing)).collect(),
            rows: self.rows - 1,
            looks: self.looks,
        };
        CsvFile::agree(std::slice::from_mut(&mut file))?;
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

/// Looks at the rows of a block. A block without known names begins with the header.
pub(super) fn check_block(bytes: &[u8], known: &KnownForm, marks: Marks, names: Option<&[String]>) -> CheckedBlock {
    let (text, valid) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(e) => (std::str::from_utf8(bytes.get(..e.valid_up_to()).unwrap_or_default()).unwrap_or_default(), false),
    };
    let cut = match bytes.len() > LONGEST_ROW {
        _ if !valid => Some(NOT_UTF8),
        true => Some(TOO_LONG),
        false => None,
    };
    let cells = Cells::new(text, marks);
    let mut check = Check { cells, start: 0, cut, known, columns: Vec::new(), block: CheckedBlock::default() };
    match names {
        Some(names) => check.know(names),
        None => check.header(),
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

/// A look at the rows of one block.
struct Check<'a> {
    cells: Cells<'a>,
    /// Where the row began that is being looked at.
    start: usize,
    /// Why the text ends before the block does, if so.
    cut: Option<Fault>,
    known: &'a KnownForm,
    /// What is known of each column.
    columns: Vec<Option<&'a KnownColumn>>,
    block: CheckedBlock,
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
            self.know(&names);
            self.block.names = Some(names);
        }
    }

    fn know(&mut self, names: &[String]) {
        self.block.looks = vec![Looks::default(); names.len()];
        self.columns = names.iter().map(|name| self.known.column(name)).collect();
    }

    /// Looks at a row; whether there was one, and it is well-formed.
    fn row(&mut self) -> bool {
        let width = self.block.looks.len();
        if width > 1 {
            self.pass_blank_lines();
        }
        let mut count = 0;
        while let Some(cell) = self.cell(count) {
            let known = self.columns.get(count).copied().flatten();
            let undecided = |looks: &&mut Looks| known.is_some() || !looks.has(Looks::TEXT);
            if let Some(looks) = self.block.looks.get_mut(count).filter(undecided) {
                let text = cell.text();
                if !self.known.is_missing(&text) {
                    if known.is_none_or(is_looked_at) {
                        *looks = looks.or(look(&text));
                    }
                    if let Some(known) = known.filter(|known| !takes(known, &text, self.known.decimal_comma)) {
                        self.fail(Some(count), refusal(known, &text), REFUSED);
                        return false;
                    }
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
