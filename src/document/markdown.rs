//! A document as GitHub's Markdown: for a pull request's comment, a CI job's summary, a wiki.
//!
//! Pictures are left out, since the places that show Markdown take no SVG; their captions stay.

use super::blocks::{Block, Details, Document, Mark, Phrase, TableBlock, TableCell, Verdict};
use super::escape::markdown;

impl Document {
    /// The whole document, its blocks apart by empty lines.
    pub fn to_markdown(&self) -> String {
        let mut page = Page(Vec::new());
        if !self.title.is_empty() {
            page.block(format!("# {}", markdown(&self.title)));
        }
        if !self.subtitle.is_empty() {
            page.block(markdown(&self.subtitle));
        }
        match &self.verdict {
            Some(Verdict::Ok(text)) => page.block(format!("> ✅ **{}**", markdown(text))),
            Some(Verdict::Alert(text)) => page.block(format!("> ⚠️ **{}**", markdown(text))),
            None => {}
        }
        let facts: Vec<String> =
            self.facts.iter().map(|(name, value)| format!("- {}: {}", markdown(name), markdown(value))).collect();
        page.block(facts.join("\n"));
        for section in &self.sections {
            if !section.heading.is_empty() {
                page.block(format!("## {}", markdown(&section.heading)));
            }
            page.block(markdown(&section.intro));
            page.blocks(&section.blocks);
        }
        page.0.join("\n\n") + "\n"
    }
}

/// The blocks written so far.
struct Page(Vec<String>);

impl Page {
    fn block(&mut self, text: String) {
        if !text.is_empty() {
            self.0.push(text);
        }
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Line(phrases) => self.block(line(phrases)),
                Block::Hint(command) => self.block(code(command)),
                Block::Table(block) => self.block(table(block)),
                Block::Figure(figure) => self.block(markdown(&figure.caption)),
                Block::Details(details) => self.details(details),
                Block::Grid(blocks) => self.blocks(blocks),
            }
        }
    }

    fn details(&mut self, details: &Details) {
        let badge = details.badge.as_ref().map_or_else(String::new, |badge| format!(": {}", phrase(badge)));
        self.block(format!("**{}**{badge}", markdown(&details.summary)));
        if details.open {
            self.blocks(&details.blocks);
        }
    }
}

/// Bad words are bold; that is all Markdown has to set them off.
fn phrase(phrase: &Phrase) -> String {
    let text = markdown(&phrase.text);
    if phrase.mark == Mark::Bad && !text.is_empty() { format!("**{text}**") } else { text }
}

/// The phrases keep the spaces at their ends, which lie outside of what is bold.
fn line(phrases: &[Phrase]) -> String {
    let mut out = String::new();
    for one in phrases {
        let space = |yes: bool| if yes { " " } else { "" };
        let (before, after) = (one.text.starts_with(' '), one.text.ends_with(' ') && one.text.trim() != "");
        out.push_str(space(before && !out.is_empty()));
        out.push_str(&phrase(one));
        out.push_str(space(after));
    }
    out.trim_end().to_owned()
}

/// A code span, whatever backticks the text has.
fn code(text: &str) -> String {
    let text = super::escape::terminal(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if longest > 0 { format!("{fence} {} {fence}", text.trim()) } else { format!("{fence}{}{fence}", text.trim()) }
}

fn table(block: &TableBlock) -> String {
    let shown = block.columns_of_words();
    let columns = || shown.iter().filter_map(|at| block.columns.get(*at));
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let mut lines = vec![
        row(columns().map(|column| markdown(&column.name)).collect()),
        row(columns().map(|column| if column.numeric { "---:".to_owned() } else { "---".to_owned() }).collect()),
    ];
    let cell = |cell: Option<&TableCell>| cell.and_then(TableCell::phrase).map_or_else(String::new, phrase);
    lines.extend(block.rows.iter().map(|cells| row(shown.iter().map(|at| cell(cells.get(*at))).collect())));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{nasty, sample};

    #[test]
    fn a_document_has_headings_lists_and_tables() {
        let expected = "\
# flights · delay

made 2013-05-01T00:00:00Z

> ⚠️ **1 of 2 columns drifted**

- deployment: delay
- model: delay@3

## Drift

A distance means drift when it is large.

| column | score | verdict |
| --- | ---: | --- |
| temp | **1.8651** | **drifted** |
| dest | 0.02 | stable |

**temp**: **drifted**

Wasserstein 1.8651, drift at ≥ 0.1.

**dest**: stable

2 columns tested

`mlops retrain delay`
";
        assert_eq!(sample().to_markdown(), expected);
    }

    #[test]
    fn no_text_becomes_an_element_a_link_or_a_cell() {
        let page = nasty("|x|\n# h\n<script>[a](b)`").to_markdown();
        assert!(!page.contains("\n# h") && !page.contains("\n<"), "{page}");
        for (at, _) in page.match_indices(['<', '[']).filter(|(at, _)| !page[..*at].ends_with('`')) {
            let line_before = page[..at].rsplit('\n').next().unwrap_or("");
            assert!(page[..at].ends_with('\\') || line_before.contains("``"), "{page}");
        }
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
        let cells = |row: &str| row.replace("\\|", "").matches('|').count();
        assert!(rows.len() > 2 && rows.iter().all(|row| cells(row) == cells(rows[0])), "{rows:?}");
    }

    #[test]
    fn spaces_between_phrases_stay_outside_of_what_is_bold() {
        assert_eq!(line(&[Phrase::bad("broken "), Phrase::plain("loans")]), "**broken** loans");
        assert_eq!(
            line(&[Phrase::plain("check "), Phrase::bad("fails"), Phrase::plain(": now")]),
            "check **fails**: now"
        );
        assert_eq!(code("a `b` c"), "`` a `b` c ``");
    }
}
