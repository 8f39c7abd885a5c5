//! A document as one HTML page that needs nothing else: no script, no network.
//!
//! Every text of a [`Document`] is escaped; the only markup that goes in as it is are pictures, which only
//! [`super::plot`] can make. The page follows the reader's light or dark preference and prints with all of its tables.

use super::blocks::{Block, Details, Document, Figure, Mark, Phrase, Section, TableBlock, TableCell, Verdict};
use super::escape::markup as escape;
use super::plot::STYLE as PLOT_STYLE;
use std::fmt::Write;

const STYLE: &str = include_str!("html.css");

impl Document {
    /// The whole page.
    pub fn to_html(&self) -> String {
        let mut page = Page(String::with_capacity(64 * 1024));
        let title = escape(&self.title);
        page.add(format_args!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
             <style>\n{PLOT_STYLE}{STYLE}</style>\n</head>\n<body>\n<main>\n<header>\n"
        ));
        if !self.title.is_empty() {
            page.add(format_args!("<h1>{title}</h1>\n"));
        }
        if !self.subtitle.is_empty() {
            page.add(format_args!("<p class=\"subtitle\">{}</p>\n", escape(&self.subtitle)));
        }
        if let Some(verdict) = &self.verdict {
            page.verdict(verdict);
        }
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
        self.add(format_args!("<section id=\"s{i}\">\n"));
        if !section.heading.is_empty() {
            self.add(format_args!("<h2>{}</h2>\n", escape(&section.heading)));
        }
        if !section.intro.is_empty() {
            self.add(format_args!("<p class=\"intro\">{}</p>\n", escape(&section.intro)));
        }
        self.blocks(&section.blocks);
        self.add(format_args!("</section>\n"));
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Line(phrases) => self.line(phrases),
                Block::Hint(text) => self.add(format_args!("<p class=\"hint\"><code>{}</code></p>\n", escape(text))),
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

    fn line(&mut self, phrases: &[Phrase]) {
        self.add(format_args!("<p>"));
        for phrase in phrases {
            let text = escape(&phrase.text);
            match phrase.mark {
                Mark::Plain => self.add(format_args!("{text}")),
                mark => self.add(format_args!("<span class=\"{}\">{text}</span>", class(mark))),
            }
        }
        self.add(format_args!("</p>\n"));
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
        if let Some(badge) = &details.badge {
            self.badge(badge);
        }
        self.add(format_args!("</summary>\n"));
        self.blocks(&details.blocks);
        self.add(format_args!("</details>\n"));
    }

    fn badge(&mut self, badge: &Phrase) {
        self.add(format_args!("<span class=\"badge {}\">{}</span>", class(badge.mark), escape(&badge.text)));
    }

    fn table(&mut self, table: &TableBlock) {
        self.add(format_args!("<div class=\"table\"><table>\n<thead><tr>"));
        let class = |i: usize| if table.columns.get(i).is_some_and(|column| column.numeric) { "num " } else { "" };
        for (i, column) in table.columns.iter().enumerate() {
            self.add(format_args!("<th scope=\"col\" class=\"{}\">{}</th>", class(i), breakable(&column.name)));
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

    fn cell(&mut self, cell: &TableCell, column: &str) {
        match cell {
            TableCell::Text(phrase) => {
                self.add(format_args!("<td class=\"{column}{}\">{}</td>", class(phrase.mark), breakable(&phrase.text)));
            }
            TableCell::Badge(badge) => {
                self.add(format_args!("<td class=\"{column}\">"));
                self.badge(badge);
                self.add(format_args!("</td>"));
            }
            TableCell::Picture(svg) => self.add(format_args!("<td class=\"{column}picture\">{}</td>", svg.inline())),
        }
    }
}

/// The text, escaped; a line may end behind an underscore, as in the name of a column.
fn breakable(text: &str) -> String {
    escape(text).replace('_', "_<wbr>")
}

/// A mark's CSS class.
fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Plain => "",
        Mark::Good => "good",
        Mark::Bad => "bad",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{nasty, sample};

    #[test]
    fn a_page_is_whole_and_every_text_escaped() {
        let page = nasty("<script>alert('x')</script>").to_html();
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        let elements =
            ["html", "head", "body", "main", "header", "section", "table", "details", "div", "nav", "td", "p"];
        for element in elements {
            let opened = page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
            assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
        }
        for outside in ["http://", "https://", "url(", "@import", " src="] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn a_document_without_title_verdict_and_headings_has_no_empty_elements() {
        let lines = vec![Block::Line(vec![Phrase::good("holds"), Phrase::plain(": amount")])];
        let section = Section { blocks: lines, ..Section::default() };
        let page = Document { sections: vec![section], ..Document::default() }.to_html();
        assert!(page.contains("<p><span class=\"good\">holds</span>: amount</p>"), "{page}");
        assert!(!page.contains("<h1>") && !page.contains("<h2>") && !page.contains("class=\"verdict"), "{page}");
    }

    #[test]
    fn open_details_show_their_picture_below() {
        let page = sample().to_html();
        assert!(page.contains("<details open><summary><span>temp</span>"));
        assert!(page.contains("<details><summary><span>dest</span>"));
    }
}
