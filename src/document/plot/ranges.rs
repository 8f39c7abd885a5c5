//! A value a line with how far it may be off, and what all are compared with: folds, slices, importances.

use super::axis::{AxisScale, number};
use super::svg::{Anchor, Canvas, Svg, shortened};

const WIDTH: f64 = 480.0;
const ROW: f64 = 22.0;
const TOP: f64 = 32.0;

/// A line of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeRow {
    /// What it is about.
    pub name: String,
    /// The value.
    pub value: f64,
    /// The lowest and highest it may be.
    pub range: Option<(f64, f64)>,
}

/// Values one below the other; `reference` is a dashed line with its name, `span` what the axis reaches at least.
pub fn ranges(title: &str, rows: &[RangeRow], reference: Option<(&str, f64)>, span: Option<(f64, f64)>) -> Svg {
    let rows: Vec<&RangeRow> = rows.iter().filter(|row| row.value.is_finite()).collect();
    let bottom = TOP + ROW * rows.len().max(1) as f64;
    let mut canvas = Canvas::new(WIDTH, bottom + if reference.is_some() { 40.0 } else { 24.0 });
    let ends = |row: &&RangeRow| row.range.map_or([row.value; 2], |(low, high)| [low, high]);
    let span: Vec<f64> = span.map(|(low, high)| vec![low, high]).unwrap_or_default();
    let said = || reference.map(|(_, value)| value).into_iter().chain(span.iter().copied());
    let all = || rows.iter().flat_map(ends).chain(said()).filter(|value| value.is_finite());
    let (Some(low), Some(high)) = (all().reduce(f64::min), all().reduce(f64::max)) else {
        canvas.text("name", (WIDTH / 2.0, bottom / 2.0), Anchor::Middle, "nothing to show");
        return canvas.finish("ranges", title);
    };
    let longest = rows.iter().map(|row| row.name.chars().count().min(30)).max().unwrap_or(0);
    let (left, right) = ((24.0 + 6.3 * longest as f64).min(220.0), WIDTH - 64.0);
    let x = AxisScale::round(low, high, 4, left, right);
    for (value, text) in x.ticks(4) {
        canvas.line("grid", (x.at(value), TOP - 4.0), (x.at(value), bottom));
        canvas.text("tick", (x.at(value), bottom + 15.0), Anchor::Middle, &text);
    }
    if let Some((name, value)) = reference {
        canvas.path("reference", &[(x.at(value), TOP - 4.0), (x.at(value), bottom)]);
        let anchor = if x.at(value) > (left + right) / 2.0 { Anchor::End } else { Anchor::Start };
        canvas.text("legend", (x.at(value), bottom + 32.0), anchor, &format!("- - {name} {}", number(value)));
    }
    for (at, row) in rows.iter().enumerate() {
        let y = TOP + ROW * (at as f64 + 0.5);
        canvas.text("name", (left - 10.0, y + 4.0), Anchor::End, &shortened(&row.name, 30));
        if let Some((low, high)) = row.range {
            canvas.path("stroke s0", &[(x.at(low), y), (x.at(high), y)]);
        }
        canvas.circle("dot s0", (x.at(row.value), y), 4.0, &format!("{}: {}", row.name, number(row.value)));
        canvas.text("tick", (WIDTH - 6.0, y + 4.0), Anchor::End, &number(row.value));
    }
    canvas.text("title", (14.0, 17.0), Anchor::Start, &shortened(title, 60));
    canvas.finish("ranges", title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_a_line_and_what_is_not_a_number_none() {
        let row =
            |name: &str, value: f64| RangeRow { name: name.into(), value, range: Some((value - 0.1, value + 0.1)) };
        let svg = ranges("folds", &[row("1", 0.7), row("2", 0.8), row("3", f64::NAN)], Some(("mean", 0.75)), None);
        assert_eq!(svg.inline().matches("<circle").count(), 2);
        assert_eq!(svg.inline().matches("class=\"reference\"").count(), 1);
        assert!(ranges("none", &[], None, None).inline().contains("nothing to show"));
    }
}
