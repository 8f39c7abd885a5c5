//! The parts of a report that `mlops monitor` makes: what has drifted, and how well the model does over time.

use super::drift::TestedColumn;
use super::performance::Chunk;
use super::statistics::TestOutcome;
use crate::document::plot;
use crate::document::plot::{Base, Distribution, Limit, Series, Svg};
use crate::document::{Block, Details, Figure, Phrase, Section, TableBlock, TableCell, TableColumn};

/// The heading of the small pictures, with their legend.
const PICTURES: &str = "reference (blue) and current data (orange)";

/// A table of all columns and a picture of each; drifted columns first and open, worst first.
pub fn drift_section(columns: &[TestedColumn]) -> Section {
    let mut ordered: Vec<&TestedColumn> = columns.iter().collect();
    ordered.sort_by(|a, b| {
        let (a_rank, b_rank) = ((!a.drifted(), a.outcome.is_ok()), (!b.drifted(), b.outcome.is_ok()));
        a_rank.cmp(&b_rank).then(b.severity().total_cmp(&a.severity())).then_with(|| a.column.cmp(&b.column))
    });
    let drifted = columns.iter().filter(|column| column.drifted()).count();
    let names = ["column", "verdict", PICTURES, "score", "threshold", "test", "kind", "missing"];
    let columns = names.map(|name| match name {
        "score" | "threshold" | "missing" => TableColumn::numeric(name),
        _ => TableColumn::text(name),
    });
    let table =
        TableBlock { columns: columns.to_vec(), rows: ordered.iter().map(|column| drift_row(column)).collect() };
    let figures = ordered.iter().map(|column| Block::Details(drift_details(column))).collect();
    Section {
        heading: "Drift".to_string(),
        intro: format!(
            "{drifted} of {} columns drifted. A p-value means drift when it is small, a distance when it is large.",
            ordered.len()
        ),
        blocks: vec![Block::Table(table), Block::Grid(figures)],
    }
}

fn drift_row(column: &TestedColumn) -> Vec<TableCell> {
    let thumbnail = plot::thumbnail(&column.column, &column.distribution);
    let mut row = vec![column.column.as_str().into(), TableCell::Badge(badge(column)), TableCell::Picture(thumbnail)];
    match &column.outcome {
        Ok(outcome) => row.extend([
            bad_if(outcome.drifted, plot::number(outcome.score)),
            condition(outcome).into(),
            outcome.test.title().into(),
        ]),
        Err(_) => row.extend(["–", "–", "–"].map(TableCell::from)),
    }
    let (before, now) = column.missing;
    let missing = if before == now {
        plot::percent(now)
    } else {
        format!("{} → {}", plot::percent(before), plot::percent(now))
    };
    row.extend([column.kind.name().into(), missing.into()]);
    row
}

fn bad_if(bad: bool, text: String) -> TableCell {
    if bad { Phrase::bad(text).into() } else { text.into() }
}

/// The condition under which the score means drift: `p < 0.05`, `≥ 0.1`.
pub(super) fn condition(outcome: &TestOutcome) -> String {
    let sign = if !outcome.test.is_p_value() {
        "≥"
    } else if outcome.test.drifted(outcome.threshold, outcome.threshold) {
        "p ≤"
    } else {
        "p <"
    };
    format!("{sign} {}", plot::number(outcome.threshold))
}

fn badge(column: &TestedColumn) -> Phrase {
    match &column.outcome {
        Ok(outcome) if outcome.drifted => Phrase::bad("drifted"),
        Ok(_) => Phrase::good("stable"),
        Err(_) => Phrase::plain("not tested"),
    }
}

fn drift_details(column: &TestedColumn) -> Details {
    let said = match &column.outcome {
        Ok(outcome) => {
            format!("{} {}, drift at {}.", outcome.test.title(), plot::number(outcome.score), condition(outcome))
        }
        Err(reason) => format!("Not tested: {reason}."),
    };
    let figure = Figure {
        caption: format!("{said}{}", beyond_axis(&column.distribution)),
        svg: picture(&column.column, &column.distribution),
    };
    Details {
        summary: column.column.clone(),
        badge: Some(badge(column)),
        open: column.drifted(),
        blocks: vec![Block::Figure(figure)],
    }
}

fn picture(name: &str, distribution: &Distribution) -> Svg {
    match distribution {
        Distribution::Numeric(histogram) => plot::histogram(name, histogram),
        Distribution::Categorical(shares) => plot::categories(name, shares),
    }
}

/// What a histogram leaves out, if it does.
fn beyond_axis(distribution: &Distribution) -> String {
    match distribution {
        Distribution::Numeric(histogram) if histogram.outside.0.max(histogram.outside.1) > 1e-9 => {
            let (r, c) = histogram.outside;
            format!(
                " Beyond the axis: {} of the reference, {} of the current values.",
                plot::percent(r),
                plot::percent(c)
            )
        }
        _ => String::new(),
    }
}

/// A picture for each metric and a table of all chunks; `limits` pairs the name of a metric with its limit.
pub fn performance_section(chunks: &[Chunk], limits: &[(String, Limit)]) -> Section {
    let mut names: Vec<&str> = Vec::new();
    for name in chunks.iter().flat_map(|chunk| chunk.metrics.keys()) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let of = |name: &str| -> Vec<Limit> {
        limits.iter().filter(|(metric, _)| metric == name).map(|(_, limit)| limit.clone()).collect()
    };
    let (starts, ends) = (times(chunks, |chunk| &chunk.from), times(chunks, |chunk| &chunk.to));
    let series = |name: &str, value: &dyn Fn(&Chunk) -> Option<f64>| Series {
        name: name.to_string(),
        values: chunks.iter().map(value).collect(),
    };
    let figure = |svg: Svg| Block::Figure(Figure { caption: String::new(), svg });
    let mut figures: Vec<Block> = names
        .iter()
        .map(|name| {
            let one = [series(name, &|chunk| chunk.metrics.get(*name).copied())];
            figure(plot::lines(name, &starts, &one, &of(name), Base::Free))
        })
        .collect();
    let rows = series("predictions", &|chunk| Some(chunk.rows as f64));
    let labelled = series("with a label", &|chunk| Some(chunk.labelled as f64));
    figures.push(figure(plot::lines("rows", &starts, &[rows, labelled], &[], Base::Zero)));
    let mut columns = vec![
        TableColumn::text("from"),
        TableColumn::text("to"),
        TableColumn::numeric("rows"),
        TableColumn::numeric("labelled"),
    ];
    columns.extend(names.iter().map(|name| TableColumn::numeric(name)));
    let spans = starts.into_iter().zip(ends);
    let rows = chunks.iter().zip(spans).map(|(chunk, span)| performance_row(chunk, span, &names, &of)).collect();
    Section {
        heading: "Performance".to_string(),
        intro: "Each value is measured on the rows of its chunk whose outcome is known; a gap is a chunk without one."
            .to_string(),
        // Of one chunk the table says all; a picture of it is one dot.
        blocks: match chunks.len() {
            0 | 1 => vec![Block::Table(TableBlock { columns, rows })],
            _ => vec![Block::Grid(figures), Block::Table(TableBlock { columns, rows })],
        },
    }
}

fn performance_row(
    chunk: &Chunk,
    (from, to): (String, String),
    names: &[&str],
    limits: &dyn Fn(&str) -> Vec<Limit>,
) -> Vec<TableCell> {
    let labelled = match chunk.rows {
        0 => "–".to_string(),
        rows => format!("{} ({})", number_of(chunk.labelled), plot::percent(chunk.labelled as f64 / rows as f64)),
    };
    let mut row = vec![from.into(), to.into(), number_of(chunk.rows).into(), labelled.into()];
    row.extend(names.iter().map(|name| match chunk.metrics.get(*name).copied() {
        Some(value) => {
            let crossed = limits(name).iter().any(|limit| limit.crossed(value));
            bad_if(crossed, metric_text(value))
        }
        None => "–".into(),
    }));
    row
}

/// Four decimals, so that a column of metrics lines up; very small and large ones as elsewhere.
fn metric_text(value: f64) -> String {
    if (1e-3..1e3).contains(&value.abs()) { format!("{value:.4}").replace('-', "−") } else { plot::number(value) }
}

/// A whole number with all of its digits.
fn number_of(count: u64) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// Times as short as they stay clear: days when all are at midnight, else with the hour.
fn times(chunks: &[Chunk], of: fn(&Chunk) -> &str) -> Vec<String> {
    let at_midnight = |time: &str| time.get(10..).is_none_or(|rest| rest.starts_with("T00:00:00"));
    let midnight = chunks.iter().all(|chunk| at_midnight(&chunk.from) && at_midnight(&chunk.to));
    let short = |time: &str| -> Option<String> {
        if midnight {
            return time.get(..10).map(str::to_string);
        }
        Some(format!("{} {}", time.get(5..10)?, time.get(11..16)?))
    };
    chunks.iter().map(of).map(|time| short(time).unwrap_or_else(|| time.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::picture_bins::distribution_of;
    use crate::monitor::statistics::{ColumnKind, Sample, Test};
    use std::collections::BTreeMap;

    fn column(name: &str, shift: f64) -> TestedColumn {
        let values = |shift: f64| Sample::numeric((0..100).map(|i| f64::from(i) + shift).collect());
        let (r, c) = (values(0.0), values(shift));
        TestedColumn {
            column: name.to_string(),
            kind: ColumnKind::Numeric,
            outcome: Test::Wasserstein.evaluate(None, &r, &c).map_err(|error| error.to_string()),
            missing: (0.0, 0.01),
            distribution: distribution_of(&r, &c),
        }
    }

    #[test]
    fn drifted_columns_come_first_and_open() {
        let section = drift_section(&[column("still", 0.0), column("moved", 20.0), column("far", 90.0)]);
        assert!(section.intro.starts_with("2 of 3 columns drifted"));
        let Some(Block::Grid(figures)) = section.blocks.get(1) else { panic!("no figures") };
        let found: Vec<(&str, bool)> = figures
            .iter()
            .filter_map(|block| match block {
                Block::Details(details) => Some((details.summary.as_str(), details.open)),
                _ => None,
            })
            .collect();
        assert_eq!(found, [("far", true), ("moved", true), ("still", false)]);
    }

    #[test]
    fn times_are_days_when_chunks_begin_at_midnight() {
        let chunk = |from: &str| Chunk {
            from: from.into(),
            to: String::new(),
            rows: 0,
            labelled: 0,
            metrics: BTreeMap::new(),
            passed: None,
        };
        let times = |from: &str| times(&[chunk(from)], |chunk| &chunk.from);
        assert_eq!(times("2013-01-01T00:00:00Z"), ["2013-01-01"]);
        assert_eq!(times("2013-01-01T06:00:00Z"), ["01-01 06:00"]);
        assert_eq!(times("today"), ["today"]);
        let pictures = |chunks: &[Chunk]| {
            let section = performance_section(chunks, &[]);
            section.blocks.iter().filter(|block| matches!(block, Block::Grid(_))).count()
        };
        let (one, other) = (chunk("2013-01-01T00:00:00Z"), chunk("2013-01-08T00:00:00Z"));
        assert_eq!(
            (pictures(std::slice::from_ref(&one)), pictures(&[one, other])),
            (0, 1),
            "a picture of one is one dot"
        );
        assert_eq!((number_of(7), number_of(1_234_567)), ("7".into(), "1,234,567".into()));
    }
}
