//! Documents that the tests of every renderer write: one as the monitor makes it, one whose every text is hostile.

use super::plot::{Base, lines};
use super::*;

fn picture(name: &str) -> plot::Svg {
    lines(name, &[], &[], &[], Base::Free)
}

/// A small report of drift.
pub fn sample() -> Document {
    let verdict = |text: &str, bad: bool| if bad { Phrase::bad(text) } else { Phrase::good(text) };
    let row = |name: &str, score: Phrase, word: Phrase| {
        vec![name.into(), score.into(), TableCell::Picture(picture(name)), TableCell::Badge(word)]
    };
    let table = TableBlock {
        columns: vec![
            TableColumn::text("column"),
            TableColumn::numeric("score"),
            TableColumn::text("distribution"),
            TableColumn::text("verdict"),
        ],
        rows: vec![
            row("temp", Phrase::bad("1.8651"), verdict("drifted", true)),
            row("dest", Phrase::plain("0.02"), verdict("stable", false)),
        ],
    };
    let details = |name: &str, caption: &str, bad: bool| {
        let figure = Figure { caption: caption.to_owned(), svg: picture(name) };
        let badge = Some(verdict(if bad { "drifted" } else { "stable" }, bad));
        Block::Details(Details { summary: name.to_owned(), badge, open: bad, blocks: vec![Block::Figure(figure)] })
    };
    let figures =
        vec![details("temp", "Wasserstein 1.8651, drift at ≥ 0.1.", true), details("dest", "Wasserstein 0.02.", false)];
    let section = Section {
        heading: "Drift".to_owned(),
        intro: "A distance means drift when it is large.".to_owned(),
        blocks: vec![
            Block::Table(table),
            Block::Grid(figures),
            Block::Line(vec![Phrase::plain("2 columns "), Phrase::good("tested")]),
            Block::Hint("mlops retrain delay".to_owned()),
        ],
    };
    let case = |name: &str, result| TestCase { group: "drift".to_owned(), name: name.to_owned(), result };
    Document {
        title: "flights · delay".to_owned(),
        subtitle: "made 2013-05-01T00:00:00Z".to_owned(),
        facts: vec![("deployment".to_owned(), "delay".to_owned()), ("model".to_owned(), "delay@3".to_owned())],
        verdict: Some(Verdict::Alert("1 of 2 columns drifted".to_owned())),
        cases: vec![
            case("temp", TestResult::Failed("Wasserstein 1.8651, drift at ≥ 0.1".to_owned())),
            case("dest", TestResult::Passed),
            case("gate", TestResult::Skipped("no values".to_owned())),
        ],
        sections: vec![section],
    }
}

/// A document whose every text is `text`.
pub fn nasty(text: &str) -> Document {
    let text = || text.to_owned();
    let table = TableBlock {
        columns: vec![TableColumn::text(&text()), TableColumn::numeric("n")],
        rows: vec![vec![text().into(), TableCell::Badge(Phrase::bad(text()))]],
    };
    let details = Details {
        summary: text(),
        badge: Some(Phrase::good(text())),
        open: true,
        blocks: vec![
            Block::Table(table.clone()),
            Block::Figure(Figure { caption: text(), svg: picture(&text()) }),
            Block::Line(vec![Phrase::plain(text()), Phrase::bad(text())]),
            Block::Hint(text()),
        ],
    };
    let section = Section {
        heading: text(),
        intro: text(),
        blocks: vec![Block::Grid(vec![Block::Table(table)]), Block::Details(details)],
    };
    let case = |result| TestCase { group: text(), name: text(), result };
    Document {
        title: text(),
        subtitle: text(),
        facts: vec![(text(), text())],
        verdict: Some(Verdict::Alert(text())),
        cases: vec![case(TestResult::Passed), case(TestResult::Failed(text())), case(TestResult::Skipped(text()))],
        sections: vec![section.clone(), section],
    }
}
