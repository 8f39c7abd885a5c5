//! A report as plain data: texts, tables and pictures in sections. `html` writes it as a page.

use super::plot::Svg;

/// A report: what it is about, its verdict, and its sections.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The heading of the page.
    pub title: String,
    /// One line under the heading.
    pub subtitle: String,
    /// Short names and values: what was compared, when, how many rows.
    pub facts: Vec<(String, String)>,
    /// The answer, first of all.
    pub verdict: Verdict,
    /// The parts of the report.
    pub sections: Vec<Section>,
}

/// The answer of a report in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Ok(String),
    /// Something needs attention: drift, a limit crossed.
    Alert(String),
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// What one should know to read it.
    pub intro: String,
    /// Its contents.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Rows and columns.
    Table(Table),
    /// A picture.
    Figure(Figure),
    /// A line that opens to more.
    Details(Details),
    /// Blocks beside each other where the page is wide enough.
    Grid(Vec<Block>),
}

/// A picture with what is said below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// May be empty.
    pub caption: String,
    /// The picture.
    pub svg: Svg,
}

/// A line that opens to more.
#[derive(Debug, Clone, PartialEq)]
pub struct Details {
    /// The line.
    pub summary: String,
    /// A word at its end, with a colour.
    pub badge: Option<(String, Mark)>,
    /// Whether it is open at first.
    pub open: bool,
    /// What it opens to.
    pub blocks: Vec<Block>,
}

/// Rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The columns, left to right.
    pub columns: Vec<Column>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Numbers stand on the right.
    pub numeric: bool,
}

impl Column {
    /// A column of words.
    pub fn text(name: &str) -> Column {
        Column { name: name.to_string(), numeric: false }
    }

    /// A column of numbers.
    pub fn numeric(name: &str) -> Column {
        Column { name: name.to_string(), numeric: true }
    }
}

/// How a cell or a badge is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Neither good nor bad.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
}

impl Mark {
    /// Its CSS class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Mark::Plain => "",
            Mark::Good => "good",
            Mark::Bad => "bad",
        }
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A text with its mark.
    Text(String, Mark),
    /// A verdict, set off as a badge.
    Badge(String, Mark),
    /// A small picture.
    Picture(Svg),
}

impl Cell {
    /// A text without a mark.
    pub fn plain(text: impl Into<String>) -> Cell {
        Cell::Text(text.into(), Mark::Plain)
    }
}
