//! A document as plain text: what a terminal shows, with colours where it has them.
//!
//! Lines follow each other without space; a section with a heading is set off by an empty line. Pictures are left out,
//! of a closed [`Details`] only the line is shown.

use super::blocks::{Block, Details, Document, Mark, Phrase, TableBlock, TableCell, Verdict};
use super::escape::terminal;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, presets};

/// A column whose cells have at most so many characters is never made narrower.
const WHOLE: u16 = 13;
/// Bold, for headings.
const STRONG: &str = "1";
/// Cyan, for what can be typed.
const COMMAND: &str = "36";

impl Document {
    /// The whole document; each line ends with a line break.
    pub fn to_text(&self, color: bool) -> String {
        self.to_text_within(color, None)
    }

    /// The same with tables of at most so many columns of characters: cells that would go beyond take several lines.
    pub fn to_text_within(&self, color: bool, width: Option<u16>) -> String {
        let mut page = Page { text: String::new(), color, width, indent: 0 };
        if !self.title.is_empty() {
            page.painted(STRONG, &self.title);
        }
        if !self.subtitle.is_empty() {
            page.line(&terminal(&self.subtitle));
        }
        if let Some(verdict) = &self.verdict {
            page.space();
            page.verdict(verdict);
        }
        if !self.facts.is_empty() {
            page.space();
            page.facts(&self.facts);
        }
        for section in &self.sections {
            if !section.heading.is_empty() {
                page.space();
                page.painted(STRONG, &section.heading);
            }
            if !section.intro.is_empty() {
                page.line(&terminal(&section.intro));
            }
            page.blocks(&section.blocks);
        }
        page.text
    }
}

/// The text being written.
struct Page {
    text: String,
    color: bool,
    /// Columns of characters that a table has at most.
    width: Option<u16>,
    /// How deep in [`Details`], two spaces each.
    indent: usize,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.text.push_str(&"  ".repeat(self.indent));
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// An empty line, except at the very top.
    fn space(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        let text = terminal(text);
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text }
    }

    fn painted(&mut self, code: &str, text: &str) {
        let painted = self.paint(code, text);
        self.line(&painted);
    }

    fn phrase(&self, phrase: &Phrase) -> String {
        match phrase.mark {
            Mark::Plain => terminal(&phrase.text),
            Mark::Good => self.paint("32", &phrase.text),
            Mark::Bad => self.paint("31", &phrase.text),
        }
    }

    fn verdict(&mut self, verdict: &Verdict) {
        let phrase = match verdict {
            Verdict::Ok(text) => Phrase::good(format!("✓ {text}")),
            Verdict::Alert(text) => Phrase::bad(format!("▲ {text}")),
        };
        let painted = self.phrase(&phrase);
        self.line(&painted);
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, value) in facts {
            self.line(&format!("{:width$}  {}", terminal(name), terminal(value)));
        }
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Line(phrases) => {
                    let line: String = phrases.iter().map(|phrase| self.phrase(phrase)).collect();
                    self.line(&line);
                }
                Block::Hint(text) => {
                    let painted = self.paint(COMMAND, text);
                    self.line(&format!("  {painted}"));
                }
                Block::Table(table) => self.table(table),
                Block::Figure(figure) if figure.caption.is_empty() => {}
                Block::Figure(figure) => self.line(&terminal(&figure.caption)),
                Block::Details(details) => self.details(details),
                Block::Grid(blocks) => self.blocks(blocks),
            }
        }
    }

    fn details(&mut self, details: &Details) {
        let badge = details.badge.as_ref().map_or_else(String::new, |badge| format!("  {}", self.phrase(badge)));
        self.line(&format!("{}{badge}", terminal(&details.summary)));
        if details.open {
            self.indent += 1;
            self.blocks(&details.blocks);
            self.indent -= 1;
        }
    }

    fn table(&mut self, block: &TableBlock) {
        let shown = block.columns_of_words();
        let mut table = Table::new();
        table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.style_text_only();
        // Whether to colour was decided already; the table is not to look for a terminal itself.
        if self.color {
            table.enforce_styling()
        } else {
            table.force_no_tty()
        };
        let columns: Vec<_> = shown.iter().filter_map(|at| block.columns.get(*at)).collect();
        table.set_header(columns.iter().map(|column| Cell::new(terminal(&column.name)).add_attribute(Attribute::Dim)));
        for row in &block.rows {
            table.add_row(shown.iter().map(|at| row.get(*at).map_or_else(|| Cell::new(""), cell)));
        }
        for (column, shown) in table.column_iter_mut().zip(&columns) {
            column.set_padding((0, 2));
            if shown.numeric {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let widths = table.column_max_content_widths();
        // Short cells, such as numbers and hashes, stay whole: sentences make room for them, where there are any.
        let least: u16 = widths.iter().map(|width| (*width).min(WHOLE) + 2).sum();
        if let Some(width) = self.width.filter(|width| *width >= least) {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
            for (column, _) in table.column_iter_mut().zip(widths).filter(|(_, width)| *width <= WHOLE) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        for line in table.lines() {
            self.line(&line);
        }
    }
}

fn cell(cell: &TableCell) -> Cell {
    let Some(phrase) = cell.phrase() else { return Cell::new("") };
    let written = Cell::new(terminal(&phrase.text));
    match phrase.mark {
        Mark::Plain => written,
        Mark::Good => written.fg(Color::DarkGreen),
        Mark::Bad => written.fg(Color::DarkRed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{nasty, sample};
    use crate::document::{Section, TableColumn};

    #[test]
    fn a_document_reads_from_top_to_bottom() {
        let expected = "\
flights · delay
made 2013-05-01T00:00:00Z

▲ 1 of 2 columns drifted

deployment  delay
model       delay@3

Drift
A distance means drift when it is large.
column   score  verdict
temp    1.8651  drifted
dest      0.02  stable
temp  drifted
  Wasserstein 1.8651, drift at ≥ 0.1.
dest  stable
2 columns tested
  mlops retrain delay
";
        assert_eq!(sample().to_text(false), expected);
    }

    #[test]
    fn colours_leave_the_columns_where_they_are() {
        let colored = sample().to_text(true);
        assert!(colored.contains("\u{1b}[1mflights · delay\u{1b}[0m"), "{colored:?}");
        let mut plain = String::new();
        let mut rest = colored.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            plain.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        plain.push_str(rest);
        let trimmed: Vec<&str> = plain.lines().map(str::trim_end).collect();
        assert_eq!(trimmed.join("\n") + "\n", sample().to_text(false));
    }

    #[test]
    fn a_table_is_as_wide_as_the_terminal_at_most() {
        let long = "a sentence that is much longer than the terminal is wide";
        let columns = ["what", "outcome"].map(TableColumn::text).to_vec();
        let rows = vec![vec!["first".into(), long.into()], vec!["second".into(), "done".into()]];
        let blocks = vec![Block::Table(TableBlock { columns, rows })];
        let document = Document { sections: vec![Section { blocks, ..Section::default() }], ..Document::default() };
        for color in [false, true] {
            let text = document.to_text_within(color, Some(40));
            let plain = text.replace("\u{1b}[2m", "").replace("\u{1b}[0m", "");
            assert!(plain.lines().all(|line| line.chars().count() <= 40), "{plain}");
            assert!(plain.lines().count() >= 4 && plain.contains("second  done"), "{plain}");
        }
        assert!(document.to_text(false).contains(long));
    }

    #[test]
    fn no_text_reaches_the_terminal_as_a_command_to_it() {
        let text = nasty("\u{1b}[2J\u{7}\n").to_text(false);
        assert!(!text.contains(['\u{1b}', '\u{7}']));
        assert_eq!(text.lines().count(), nasty("x").to_text(false).lines().count());
    }
}
