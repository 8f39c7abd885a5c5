//! A report as plain data, and as one HTML page that needs nothing else: no script, no network.
//!
//! Every text of a [`Report`] is escaped; the only markup that goes in as it is are pictures, which only
//! [`super::plot`] can make. The page follows the reader's light or dark preference and prints with all of its tables.

use std::fmt::Write;

use super::plot::{STYLE as PLOT_STYLE, Svg, escape};

const STYLE: &str = include_str!("report.css");

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
    /// There was too little to judge by.
    Unknown(String),
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
    /// A paragraph.
    Text(String),
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
    fn class(self) -> &'static str {
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

impl Report {
    /// The whole page.
    pub fn to_html(&self) -> String {
        let mut page = Page(String::with_capacity(64 * 1024));
        let title = escape(&self.title);
        page.add(format_args!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
             <style>\n{PLOT_STYLE}{STYLE}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{title}</h1>\n"
        ));
        if !self.subtitle.is_empty() {
            page.add(format_args!("<p class=\"subtitle\">{}</p>\n", escape(&self.subtitle)));
        }
        page.verdict(&self.verdict);
        page.facts(&self.facts);
        if self.sections.len() > 1 {
            page.contents(&self.sections);
        }
        page.add(format_args!("</header>\n"));
        for (i, section) in self.sections.iter().enumerate() {
            page.section(i, section);
        }
        page.add(format_args!("</main>\n</body>\n</html>\n"));
        page.0
    }
}

/// The page being written.
struct Page(String);

impl Page {
    fn add(&mut self, piece: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.0.write_fmt(piece);
    }

    fn verdict(&mut self, verdict: &Verdict) {
        let (class, sign, text) = match verdict {
            Verdict::Ok(text) => ("good", "✓", text),
            Verdict::Alert(text) => ("bad", "▲", text),
            Verdict::Unknown(text) => ("unknown", "?", text),
        };
        let text = escape(text);
        self.add(format_args!(
            "<p class=\"verdict {class}\" role=\"status\"><span class=\"sign\" aria-hidden=\"true\">{sign}</span>\
             <span>{text}</span></p>\n"
        ));
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        if facts.is_empty() {
            return;
        }
        self.add(format_args!("<dl class=\"facts\">\n"));
        for (name, value) in facts {
            self.add(format_args!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), escape(value)));
        }
        self.add(format_args!("</dl>\n"));
    }

    fn contents(&mut self, sections: &[Section]) {
        self.add(format_args!("<nav aria-label=\"Sections\">"));
        for (i, section) in sections.iter().enumerate() {
            self.add(format_args!("<a href=\"#s{i}\">{}</a>", escape(&section.heading)));
        }
        self.add(format_args!("</nav>\n"));
    }

    fn section(&mut self, i: usize, section: &Section) {
        self.add(format_args!("<section id=\"s{i}\">\n<h2>{}</h2>\n", escape(&section.heading)));
        if !section.intro.is_empty() {
            self.add(format_args!("<p class=\"intro\">{}</p>\n", escape(&section.intro)));
        }
        self.blocks(&section.blocks);
        self.add(format_args!("</section>\n"));
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Text(text) => self.add(format_args!("<p>{}</p>\n", escape(text))),
                Block::Table(table) => self.table(table),
                Block::Figure(figure) => self.figure(figure),
                Block::Details(details) => self.details(details),
                Block::Grid(blocks) => {
                    self.add(format_args!("<div class=\"grid-2\">\n"));
                    self.blocks(blocks);
                    self.add(format_args!("</div>\n"));
                }
            }
        }
    }

    fn figure(&mut self, figure: &Figure) {
        self.add(format_args!("<figure>{}", figure.svg.inline()));
        if !figure.caption.is_empty() {
            self.add(format_args!("<figcaption>{}</figcaption>", escape(&figure.caption)));
        }
        self.add(format_args!("</figure>\n"));
    }

    fn details(&mut self, details: &Details) {
        let open = if details.open { " open" } else { "" };
        self.add(format_args!("<details{open}><summary><span>{}</span>", escape(&details.summary)));
        if let Some((text, mark)) = &details.badge {
            self.badge(text, *mark);
        }
        self.add(format_args!("</summary>\n"));
        self.blocks(&details.blocks);
        self.add(format_args!("</details>\n"));
    }

    fn badge(&mut self, text: &str, mark: Mark) {
        self.add(format_args!("<span class=\"badge {}\">{}</span>", mark.class(), escape(text)));
    }

    fn table(&mut self, table: &Table) {
        self.add(format_args!("<div class=\"table\"><table>\n<thead><tr>"));
        let class = |i: usize| if table.columns.get(i).is_some_and(|column| column.numeric) { "num " } else { "" };
        for (i, column) in table.columns.iter().enumerate() {
            self.add(format_args!("<th scope=\"col\" class=\"{}\">{}</th>", class(i), escape(&column.name)));
        }
        self.add(format_args!("</tr></thead>\n<tbody>\n"));
        for row in &table.rows {
            self.add(format_args!("<tr>"));
            for (i, cell) in row.iter().enumerate() {
                self.cell(cell, class(i));
            }
            self.add(format_args!("</tr>\n"));
        }
        self.add(format_args!("</tbody></table></div>\n"));
    }

    fn cell(&mut self, cell: &Cell, class: &str) {
        match cell {
            Cell::Text(text, mark) => {
                self.add(format_args!("<td class=\"{class}{}\">{}</td>", mark.class(), escape(text)));
            }
            Cell::Badge(text, mark) => {
                self.add(format_args!("<td class=\"{class}\">"));
                self.badge(text, *mark);
                self.add(format_args!("</td>"));
            }
            Cell::Picture(svg) => self.add(format_args!("<td class=\"{class}picture\">{}</td>", svg.inline())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_whole_and_every_text_escaped() {
        let nasty = "<script>alert('x')</script>".to_string();
        let table = Table {
            columns: vec![Column::text(&nasty), Column::numeric("n")],
            rows: vec![vec![Cell::plain(&nasty), Cell::Badge(nasty.clone(), Mark::Bad)]],
        };
        let details = Details {
            summary: nasty.clone(),
            badge: Some((nasty.clone(), Mark::Good)),
            open: true,
            blocks: vec![Block::Text(nasty.clone())],
        };
        let section = Section {
            heading: nasty.clone(),
            intro: nasty.clone(),
            blocks: vec![Block::Grid(vec![Block::Table(table)]), Block::Details(details)],
        };
        let report = Report {
            title: nasty.clone(),
            subtitle: nasty.clone(),
            facts: vec![(nasty.clone(), nasty.clone())],
            verdict: Verdict::Alert(nasty),
            sections: vec![section.clone(), section],
        };
        let page = report.to_html();
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        for element in ["html", "head", "body", "main", "header", "section", "table", "details", "div", "nav", "td"] {
            let opened = page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
            assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
        }
        for outside in ["http://", "https://", "url(", "@import", " src="] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
