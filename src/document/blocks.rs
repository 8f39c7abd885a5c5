//! What a document holds, as plain data. Nothing here knows how it will look; the renderers beside this file do.

use super::plot::Svg;

/// A result as a person reads it: what it is about, its verdict, and its sections.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// The heading of the whole; may be empty.
    pub title: String,
    /// One line under the heading; may be empty.
    pub subtitle: String,
    /// Short names and values: what was compared, when, how many rows.
    pub facts: Vec<(String, String)>,
    /// The answer in one sentence, for documents that have one.
    pub verdict: Option<Verdict>,
    /// What was checked one by one, for a CI system. Only [`Document::to_junit`] writes these; for people the sections
    /// say the same.
    pub cases: Vec<TestCase>,
    /// The parts.
    pub sections: Vec<Section>,
}

/// The answer of a document in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Ok(String),
    /// Something needs attention: drift, a limit crossed.
    Alert(String),
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCase {
    /// What it belongs to: a dataset, "drift". Cases of a group should follow one another.
    pub group: String,
    /// What was checked; should be unique within its group, so that a CI system can follow it from run to run.
    pub name: String,
    /// How it ended.
    pub result: TestResult,
}

/// How a check ended, with a sentence where there is something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestResult {
    /// It holds.
    Passed,
    /// It does not hold, and that makes the command exit with 1.
    Failed(String),
    /// It could not be checked, or counts as a warning only.
    Skipped(String),
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Section {
    /// Its heading; may be empty.
    pub heading: String,
    /// What one should know to read it; may be empty.
    pub intro: String,
    /// Its contents.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A line of text.
    Line(Vec<Phrase>),
    /// A command that can be typed next, with its explanation.
    Hint(String),
    /// Rows and columns.
    Table(TableBlock),
    /// A picture.
    Figure(Figure),
    /// A line that opens to more.
    Details(Details),
    /// Blocks beside each other where the page is wide enough.
    Grid(Vec<Block>),
}

/// Some words of a line, or a table's cell, with how they are to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The words.
    pub text: String,
    /// How they are to be taken.
    pub mark: Mark,
}

/// How words are to be taken.
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

impl Phrase {
    /// Neither good nor bad.
    pub fn plain(text: impl Into<String>) -> Phrase {
        Phrase { text: text.into(), mark: Mark::Plain }
    }

    /// As it should be.
    pub fn good(text: impl Into<String>) -> Phrase {
        Phrase { text: text.into(), mark: Mark::Good }
    }

    /// Not as it should be.
    pub fn bad(text: impl Into<String>) -> Phrase {
        Phrase { text: text.into(), mark: Mark::Bad }
    }
}

/// A picture with what is said below it. Where pictures can't be shown, only its caption is.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// May be empty.
    pub caption: String,
    /// The picture.
    pub svg: Svg,
}

/// A line that opens to more. Where nothing opens, a closed one shows its line alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Details {
    /// The line.
    pub summary: String,
    /// A word at its end.
    pub badge: Option<Phrase>,
    /// Whether it is open at first.
    pub open: bool,
    /// What it opens to.
    pub blocks: Vec<Block>,
}

/// Rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub struct TableBlock {
    /// The columns, left to right.
    pub columns: Vec<TableColumn>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Vec<TableCell>>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Its heading.
    pub name: String,
    /// Numbers stand on the right.
    pub numeric: bool,
}

impl TableColumn {
    /// A column of words.
    pub fn text(name: &str) -> TableColumn {
        TableColumn { name: name.to_string(), numeric: false }
    }

    /// A column of numbers.
    pub fn numeric(name: &str) -> TableColumn {
        TableColumn { name: name.to_string(), numeric: true }
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum TableCell {
    /// Words or a number.
    Text(Phrase),
    /// A verdict, set off as a badge.
    Badge(Phrase),
    /// A small picture.
    Picture(Svg),
}

impl From<Phrase> for TableCell {
    fn from(phrase: Phrase) -> TableCell {
        TableCell::Text(phrase)
    }
}

impl From<String> for TableCell {
    fn from(text: String) -> TableCell {
        TableCell::Text(Phrase::plain(text))
    }
}

impl From<&str> for TableCell {
    fn from(text: &str) -> TableCell {
        TableCell::Text(Phrase::plain(text))
    }
}

impl TableBlock {
    /// The places of the columns that have something else than pictures, for renderers that can't show any.
    pub(super) fn columns_of_words(&self) -> Vec<usize> {
        let picture = |at: usize| {
            !self.rows.is_empty() && self.rows.iter().all(|row| matches!(row.get(at), Some(TableCell::Picture(_))))
        };
        (0..self.columns.len()).filter(|at| !picture(*at)).collect()
    }
}

impl TableCell {
    /// The cell's words; a picture has none.
    pub(super) fn phrase(&self) -> Option<&Phrase> {
        match self {
            TableCell::Text(phrase) | TableCell::Badge(phrase) => Some(phrase),
            TableCell::Picture(_) => None,
        }
    }
}
