//! The human form of a command's result, written line by line into a document.

use crate::document::{Block, Document, Phrase, Section, TableBlock, TableCell, TableColumn};
use std::fmt::Display;

/// What a result shows, from top to bottom.
#[derive(Default)]
pub struct Screen {
    title: String,
    blocks: Vec<Block>,
}

impl Screen {
    /// The heading; it stands above all else.
    pub fn heading(&mut self, text: &str) {
        self.title = text.to_owned();
    }

    /// A line of text. A name in it that holds a line break does not begin another one.
    pub fn line(&mut self, text: impl Display) {
        self.blocks.push(Block::Line(vec![Phrase::plain(text.to_string())]));
    }

    /// A line of which some words are good or bad.
    pub fn phrases(&mut self, phrases: impl IntoIterator<Item = Phrase>) {
        self.blocks.push(Block::Line(phrases.into_iter().collect()));
    }

    /// A table; columns whose cells are all numbers are aligned to the right.
    pub fn table<C: Into<TableCell>>(&mut self, head: &[&str], rows: Vec<Vec<C>>) {
        let rows: Vec<Vec<TableCell>> =
            rows.into_iter().map(|row| row.into_iter().map(Into::into).collect::<Vec<TableCell>>()).collect();
        let column = |(at, name): (usize, &&str)| {
            let texts = || rows.iter().filter_map(|row| text_of(row.get(at)?)).filter(|text| !text.is_empty());
            let numeric = texts().next().is_some() && texts().all(is_number);
            if numeric { TableColumn::numeric(name) } else { TableColumn::text(name) }
        };
        let columns = head.iter().enumerate().map(column).collect();
        self.blocks.push(Block::Table(TableBlock { columns, rows }));
    }

    /// What to type next.
    pub fn hint(&mut self, text: &str) {
        self.blocks.push(Block::Hint(text.to_owned()));
    }

    /// The finished document.
    pub fn into_document(self) -> Document {
        let section = Section { blocks: self.blocks, ..Section::default() };
        Document { title: self.title, sections: vec![section], ..Document::default() }
    }
}

fn text_of(cell: &TableCell) -> Option<&str> {
    match cell {
        TableCell::Text(phrase) | TableCell::Badge(phrase) => Some(&phrase.text),
        TableCell::Picture(_) => None,
    }
}

fn is_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || "., -+%e".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_on_the_right_and_a_colour_moves_nothing() {
        let mut screen = Screen::default();
        screen.heading("models");
        screen.table(&["model", "rows", ""], vec![vec!["delay", "12", "x"], vec!["b", "1,234", ""]]);
        screen.phrases([Phrase::good("holds"), Phrase::plain(": both")]);
        screen.line("one\ntwo");
        screen.hint("mlops serve b");
        let document = screen.into_document();
        let expected = "\
models
model   rows
delay     12  x
b      1,234
holds: both
one two
  mlops serve b
";
        assert_eq!(document.to_text(false), expected);
        assert!(document.to_text(true).contains("\u{1b}[32mholds\u{1b}[0m: both"));
    }
}
