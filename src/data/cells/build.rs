//! Making the rows of a request while it is read. Rows beyond the most that are taken are counted and not kept.

use super::cell::{Cell, TextSpan, Texts};
use super::rows::{Cells, Layout};
use crate::error::{Error, Result};
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
    cells: Vec<Cell>,
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
                Err(Error::invalid(format!("row {row} has {width} cells, there are {count} columns")))
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
    cells: Vec<Cell>,
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
    entries: Vec<(u32, Cell)>,
    ends: Vec<u32>,
    rows: usize,
    /// For each name the last row that had it, counted from 1, and where its entry stands.
    seen: Vec<(usize, usize)>,
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
        self.seen.resize(self.names.spans.len(), (0, 0));
        self.in_row += 1;
        Ok(column)
    }

    /// The record has this cell; of a name that is there twice the last one counts, as in every reader of JSON.
    pub fn set(&mut self, column: usize, cell: Cell) {
        if self.rows >= self.most {
            return;
        }
        match self.seen.get_mut(column) {
            Some((row, at)) if *row == self.rows + 1 => {
                if let Some(entry) = self.entries.get_mut(*at) {
                    entry.1 = cell;
                }
            }
            Some(seen) => {
                *seen = (self.rows + 1, self.entries.len());
                self.entries.push((column as u32, cell));
            }
            None => {}
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Kind, Value};

    fn shown(cells: &Cells) -> String {
        let row = |row: usize| {
            let mut text = String::new();
            cells.each(row, |column, cell| {
                let value =
                    cell.value(&cells.texts).map(|v| v.map_or("absent".to_owned(), |v| v.to_json().to_string()));
                text.push_str(&format!("{}={} ", cells.name(column), value.unwrap_or("nested".to_owned())));
            });
            text
        };
        (0..cells.rows()).map(row).collect::<Vec<_>>().join("| ").trim_end().to_owned()
    }

    #[test]
    fn the_same_rows_come_out_of_every_layout() {
        let mut table = TableOfCells::new(10);
        let mut columns = ColumnsOfCells::new(10);
        let mut records = RecordsOfCells::new(10);
        for (number, word) in [(1, "x"), (2, "y")] {
            let text = table.texts.add(word).unwrap();
            [Cell::Whole(number), Cell::Text(text)].into_iter().for_each(|cell| table.push(cell));
            table.end_row();
            columns.push(Cell::Whole(number));
            let a = records.column("a").unwrap();
            records.set(a, Cell::Whole(number));
            let b = records.column("b").unwrap();
            let text = records.texts.add(word).unwrap();
            records.set(b, Cell::Text(text));
            records.end_row();
        }
        columns.end_column("a").unwrap();
        for word in ["x", "y"] {
            let text = columns.texts.add(word).unwrap();
            columns.push(Cell::Text(text));
        }
        columns.end_column("b").unwrap();
        for cells in [table.finish(["a", "b"].into_iter()).unwrap(), columns.finish(), records.finish().unwrap()] {
            assert_eq!(shown(&cells), "a=1 b=\"x\" | a=2 b=\"y\"");
            assert_eq!((cells.find("b", 0), cells.find("b", 1), cells.find("c", 9)), (Some(1), Some(1), None));
            let column = cells.typed_column(1, Kind::Text, || Ok(Value::Null)).unwrap();
            assert_eq!((column.get(0), column.get(1)), (Value::Text("x"), Value::Text("y")));
            let error = cells.typed_column(1, Kind::Float, || Ok(Value::Null)).unwrap_err();
            assert_eq!(error.message(), "row 0: column \"b\": a text where a number is expected");
        }
    }

    #[test]
    fn records_may_differ_and_repeat_a_name() {
        let mut records = RecordsOfCells::new(10);
        for names in [vec!["a", "b"], vec!["b", "c", "b"], vec![], vec!["c"]] {
            for (at, name) in names.iter().enumerate() {
                let column = records.column(name).unwrap();
                records.set(column, Cell::Whole(at as i64));
            }
            records.end_row();
        }
        let cells = records.finish().unwrap();
        assert_eq!(shown(&cells), "a=0 b=1 | b=2 c=1 | | c=0");
        assert_eq!(
            (cells.cell(1, 0), cells.cell(1, 1), cells.cell(2, 1)),
            (Cell::Absent, Cell::Whole(2), Cell::Absent)
        );
        let absent = || Err(Error::invalid("column \"a\" is missing"));
        let error = cells.typed_column(0, Kind::Float, absent).unwrap_err();
        assert_eq!(error.message(), "row 1: column \"a\" is missing");
    }

    #[test]
    fn many_names_are_found_as_few_are() {
        let mut records = RecordsOfCells::new(10);
        for _ in 0..2 {
            for at in (0..100).rev() {
                let column = records.column(&format!("c{at}")).unwrap();
                records.set(column, Cell::Whole(at));
            }
            records.end_row();
        }
        let cells = records.finish().unwrap();
        assert_eq!((cells.columns(), cells.cell(1, 0), cells.cell(1, 99)), (100, Cell::Whole(99), Cell::Whole(0)));
    }

    #[test]
    fn too_many_rows_are_counted_and_not_kept() {
        let mut table = TableOfCells::new(2);
        let mut columns = ColumnsOfCells::new(2);
        let mut records = RecordsOfCells::new(2);
        for _ in 0..1000 {
            table.push(Cell::Null);
            table.end_row();
            columns.push(Cell::Null);
            let column = records.column("a").unwrap();
            records.set(column, Cell::Null);
            records.end_row();
        }
        assert_eq!((table.cells.len(), columns.cells.len(), records.entries.len()), (2, 2, 2));
        let said = [
            table.finish(["a"].into_iter()).unwrap_err(),
            columns.end_column("a").unwrap_err(),
            records.finish().unwrap_err(),
        ];
        said.iter().for_each(|e| assert_eq!(e.message(), "1000 rows in one request, 2 are the most"));
    }

    #[test]
    fn rows_and_columns_of_another_length_and_names_that_repeat_are_refused() {
        let table = |rows: &[usize], names: &[&str]| {
            let mut table = TableOfCells::new(10);
            for width in rows {
                (0..*width).for_each(|_| table.push(Cell::Null));
                table.end_row();
            }
            table.finish(names.iter().copied()).map(|cells| cells.rows()).map_err(|e| e.message().to_owned())
        };
        assert_eq!(table(&[2, 2], &["a", "b"]), Ok(2));
        assert_eq!(table(&[], &["a", "b"]), Ok(0));
        assert_eq!(table(&[2, 1, 3], &["a", "b"]), Err("row 1 has 1 cells, there are 2 columns".to_owned()));
        assert_eq!(table(&[1, 2], &["a", "b"]), Err("row 0 has 1 cells, there are 2 columns".to_owned()));
        assert_eq!(table(&[2], &["a", "a"]), Err("column \"a\" is there twice".to_owned()));
        let mut columns = ColumnsOfCells::new(10);
        columns.push(Cell::Null);
        columns.end_column("a").unwrap();
        let error = columns.end_column("b").unwrap_err();
        assert_eq!(error.message(), "column \"b\" has 0 values, the first has 1");
        assert_eq!(columns.end_column("a").unwrap_err().message(), "column \"a\" is there twice");
    }
}
