//! Making the rows of a request while it is read. Rows beyond the most that are taken are counted and not kept.

use super::cell::{Cell, TextSpan, Texts};
use super::rows::{Cells, Layout};
use crate::error::{self, Error, Result};
use std::collections::HashMap;

/// So many names are looked for one by one; more in a map.
const FEW_NAMES: usize = 16;

/// Refuses more rows than are taken at once.
fn at_most(rows: usize, most: usize) -> Result<()> {
    if rows > most {
        let text = format!("{rows} rows in one request, {most} are the most");
        return Err(Error::invalid(text).hint("send fewer at once"));
    }
    Ok(())
}

/// Rows that each have a cell for every name, in order.
#[derive(Debug)]
pub struct TableOfCells {
    /// The texts of the cells.
    pub texts: Texts,
    most: usize,
    pub(super) cells: Vec<Cell>,
    rows: usize,
    in_row: usize,
    width: usize,
    /// The first row that is not as wide as the first one, and its width.
    irregular: Option<(usize, usize)>,
}

impl TableOfCells {
    /// No rows yet; at most so many are taken.
    pub fn new(most: usize) -> Self {
        TableOfCells { texts: Texts::default(), most, cells: Vec::new(), rows: 0, in_row: 0, width: 0, irregular: None }
    }

    /// Whether there are no rows yet.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The next cell of the row.
    pub fn push(&mut self, cell: Cell) {
        if self.rows < self.most && self.irregular.is_none() {
            self.cells.push(cell);
        }
        self.in_row += 1;
    }

    /// The row has no more cells.
    pub fn end_row(&mut self) {
        let width = std::mem::take(&mut self.in_row);
        if self.rows == 0 {
            self.width = width;
        } else if width != self.width {
            self.irregular.get_or_insert((self.rows, width));
        }
        self.rows += 1;
    }

    /// The rows under these names.
    pub fn finish<'a>(mut self, names: impl ExactSizeIterator<Item = &'a str>) -> Result<Cells> {
        at_most(self.rows, self.most)?;
        let count = names.len();
        let irregular = if self.rows > 0 && self.width != count { Some((0, self.width)) } else { self.irregular };
        let mut places = Names::default();
        for name in names {
            places.add_new(name, &mut self.texts)?;
        }
        match irregular {
            Some((row, width)) => {
                Err(Error::invalid(format!("row {} has {width} cells, there are {count} columns", row + 1)))
            }
            None => {
                Ok(Cells { texts: self.texts, names: places.spans, rows: self.rows, layout: Layout::Rows(self.cells) })
            }
        }
    }
}

/// Columns of equal length.
#[derive(Debug)]
pub struct ColumnsOfCells {
    /// The texts of the cells.
    pub texts: Texts,
    most: usize,
    names: Names,
    pub(super) cells: Vec<Cell>,
    rows: Option<usize>,
    /// Where the column being read begins, and how many of its cells came.
    start: usize,
    in_column: usize,
}

impl ColumnsOfCells {
    /// No columns yet; at most so many rows are taken.
    pub fn new(most: usize) -> Self {
        let names = Names::default();
        ColumnsOfCells { texts: Texts::default(), most, names, cells: Vec::new(), rows: None, start: 0, in_column: 0 }
    }

    /// The next cell of the column.
    pub fn push(&mut self, cell: Cell) {
        if self.in_column < self.most {
            self.cells.push(cell);
        }
        self.in_column += 1;
    }

    /// The cells of the column that are kept, and how many came.
    pub fn column(&self) -> (&[Cell], usize) {
        (self.cells.get(self.start..).unwrap_or_default(), self.in_column)
    }

    /// The column has no more cells; it is called `name`.
    pub fn end_column(&mut self, name: &str) -> Result<()> {
        let length = std::mem::take(&mut self.in_column);
        self.start = self.cells.len();
        self.names.add_new(name, &mut self.texts)?;
        let count = *self.rows.get_or_insert(length);
        at_most(count, self.most)?;
        if length != count {
            return Err(Error::invalid(format!("column \"{name}\" has {length} values, the first has {count}")));
        }
        Ok(())
    }

    /// The rows.
    pub fn finish(self) -> Cells {
        let rows = self.rows.unwrap_or(0);
        Cells { texts: self.texts, names: self.names.spans, rows, layout: Layout::Columns(self.cells) }
    }
}

/// Records that name their cells; not all need have the same.
#[derive(Debug)]
pub struct RecordsOfCells {
    /// The texts of the cells.
    pub texts: Texts,
    most: usize,
    names: Names,
    pub(super) entries: Vec<(u32, Cell)>,
    ends: Vec<u32>,
    rows: usize,
    /// For each name the last row that had it, counted from 1.
    seen: Vec<usize>,
    in_row: usize,
}

impl RecordsOfCells {
    /// No records yet; at most so many are taken.
    pub fn new(most: usize) -> Self {
        RecordsOfCells {
            texts: Texts::default(),
            most,
            names: Names::default(),
            entries: Vec::new(),
            ends: Vec::new(),
            rows: 0,
            seen: Vec::new(),
            in_row: 0,
        }
    }

    /// Whether there are no records yet.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Which column a name of the record is.
    pub fn column(&mut self, name: &str) -> Result<usize> {
        let column = match self.names.find(name, self.in_row, &self.texts) {
            Some(column) => column,
            None => self.names.add(name, &mut self.texts)?,
        };
        self.seen.resize(self.names.spans.len(), 0);
        self.in_row += 1;
        Ok(column)
    }

    /// The record has this cell. A name that is there twice is refused: nobody knows which of its cells is meant.
    pub fn set(&mut self, column: usize, cell: Cell) -> Result<()> {
        let row = self.rows + 1;
        match self.seen.get_mut(column) {
            Some(seen) if *seen == row => {
                let name = self.names.spans.get(column).map_or("", |span| self.texts.get(*span));
                return Err(Error::invalid(format!("row {row} has column {} twice", error::quoted(name))));
            }
            Some(seen) => *seen = row,
            None => {}
        }
        if self.rows < self.most {
            self.entries.push((column as u32, cell));
        }
        Ok(())
    }

    /// The record has no more cells.
    pub fn end_row(&mut self) {
        self.rows += 1;
        self.in_row = 0;
        if self.rows <= self.most {
            self.ends.push(self.entries.len() as u32);
        }
    }

    /// The rows.
    pub fn finish(self) -> Result<Cells> {
        at_most(self.rows, self.most)?;
        let layout = Layout::Records { entries: self.entries, ends: self.ends };
        Ok(Cells { texts: self.texts, names: self.names.spans, rows: self.rows, layout })
    }
}

/// Names in the order in which they came, found again quickly.
#[derive(Debug, Default)]
struct Names {
    spans: Vec<TextSpan>,
    places: HashMap<String, usize>,
}

impl Names {
    fn find(&self, name: &str, likely: usize, texts: &Texts) -> Option<usize> {
        let is = |span: &TextSpan| texts.get(*span) == name;
        if self.spans.get(likely).is_some_and(is) {
            return Some(likely);
        }
        match self.spans.len() > FEW_NAMES {
            true => self.places.get(name).copied(),
            false => self.spans.iter().position(is),
        }
    }

    fn add(&mut self, name: &str, texts: &mut Texts) -> Result<usize> {
        let place = self.spans.len();
        self.spans.push(texts.add(name)?);
        match place {
            0..FEW_NAMES => {}
            FEW_NAMES => {
                let all = self.spans.iter().enumerate();
                self.places = all.map(|(at, span)| (texts.get(*span).to_owned(), at)).collect();
            }
            _ => drop(self.places.insert(name.to_owned(), place)),
        }
        Ok(place)
    }

    /// Adds a name that must not be there yet.
    fn add_new(&mut self, name: &str, texts: &mut Texts) -> Result<usize> {
        match self.find(name, usize::MAX, texts) {
            Some(_) => Err(Error::invalid(format!("column \"{name}\" is there twice"))),
            None => self.add(name, texts),
        }
    }
}
