//! Distributions of a column on both sides: an overlaid histogram, paired bars, and a thumbnail for tables.
//!
//! The reference is filled, the current data outlined, so the two stay apart in black and white.

use super::axis::{AxisScale, number, percent};
use super::svg::{Anchor, Canvas, Svg, shortened};
use super::two_samples::{CategoryShares, Distribution, Histogram};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = WIDTH - 12.0;
const TOP: f64 = 30.0;

/// Both samples over shared bins; `name` is that of the column.
pub fn histogram(name: &str, histogram: &Histogram) -> Svg {
    let mut canvas = Canvas::new(WIDTH, 232.0);
    let label = format!("Histogram of {name}: reference and current data");
    let (Some(&low), Some(&high)) = (histogram.edges.first(), histogram.edges.last()) else {
        canvas.text("name", (WIDTH / 2.0, 116.0), Anchor::Middle, "nothing to show");
        return canvas.finish("histogram", &label);
    };
    let bottom = canvas.height - 36.0;
    let x = AxisScale::new(low, high, LEFT, RIGHT);
    let y = AxisScale::round(0.0, largest(histogram), 4, bottom, TOP);
    side_axis(&mut canvas, &y, 4);
    canvas.path("soft s0", &steps(&histogram.edges, &histogram.reference, &x, &y));
    canvas.path("faint s1", &steps(&histogram.edges, &histogram.current, &x, &y));
    canvas.path("stroke s1", &steps(&histogram.edges, &histogram.current, &x, &y));
    for (class, median) in [("median s0", histogram.medians.0), ("median s1", histogram.medians.1)] {
        if let Some(median) = median.filter(|median| x.holds(*median)) {
            canvas.line(class, (x.at(median), TOP), (x.at(median), bottom));
        }
    }
    canvas.line("axis", (LEFT, bottom), (RIGHT, bottom));
    for (value, text) in x.ticks(8) {
        canvas.text("tick", (x.at(value), bottom + 15.0), Anchor::Middle, &text);
    }
    canvas.text("name", ((LEFT + RIGHT) / 2.0, canvas.height - 5.0), Anchor::Middle, &shortened(name, 70));
    bin_tooltips(&mut canvas, histogram, &x, bottom);
    sides_legend(&mut canvas, Some(histogram.medians));
    canvas.finish("histogram", &label)
}

fn largest(histogram: &Histogram) -> f64 {
    histogram.reference.iter().chain(&histogram.current).copied().fold(0.0, f64::max).max(1e-9)
}

/// The outline of the bars, from the base line and back to it.
fn steps(edges: &[f64], shares: &[f64], x: &AxisScale, y: &AxisScale) -> Vec<(f64, f64)> {
    let tops = edges.windows(2).zip(shares).flat_map(|(edge, share)| edge.iter().map(|e| (x.at(*e), y.at(*share))));
    let end = |edge: Option<&f64>| edge.map(|edge| (x.at(*edge), y.at(0.0)));
    end(edges.first()).into_iter().chain(tops).chain(end(edges.last())).collect()
}

fn side_axis(canvas: &mut Canvas, y: &AxisScale, count: usize) {
    for (value, text) in y.ticks(count) {
        canvas.line("grid", (LEFT, y.at(value)), (RIGHT, y.at(value)));
        let text = if value == 0.0 { "0 %".to_string() } else { share_tick(value, &text) };
        canvas.text("tick", (LEFT - 7.0, y.at(value) + 4.0), Anchor::End, &text);
    }
}

/// A share as a percentage with the decimals its tick has, less two.
fn share_tick(value: f64, tick: &str) -> String {
    let decimals = tick.split_once('.').map_or(0, |(_, rest)| rest.len()).saturating_sub(2);
    format!("{:.decimals$} %", value * 100.0)
}

fn bin_tooltips(canvas: &mut Canvas, histogram: &Histogram, x: &AxisScale, bottom: f64) {
    let sides = histogram.reference.iter().zip(&histogram.current);
    for (edge, (r, c)) in histogram.edges.windows(2).zip(sides) {
        let (from, to) = (x.at(edge[0]), x.at(edge[1]));
        let range = format!("{} to {}", number(edge[0]), number(edge[1]));
        let title = format!("{range}: reference {}, current {}", percent(*r), percent(*c));
        canvas.rect("hit", (from, TOP), (to - from, bottom - TOP), &title);
    }
}

/// The legend of the two sides, with their medians where there are any.
fn sides_legend(canvas: &mut Canvas, medians: Option<(Option<f64>, Option<f64>)>) {
    let with_median = |name: &str, median: Option<f64>| match median {
        Some(median) => format!("{name} (median {})", number(median)),
        None => name.to_string(),
    };
    let (r, c) = medians.unwrap_or_default();
    let names = [with_median("reference", r), with_median("current", c)];
    let mut at = LEFT;
    for (i, name) in names.iter().enumerate() {
        if i == 0 {
            canvas.rect("soft s0", (at, 7.0), (14.0, 10.0), "");
        } else {
            canvas.rect("faint s1", (at, 7.0), (14.0, 10.0), "");
            canvas.rect("stroke s1", (at + 1.0, 8.0), (12.0, 8.0), "");
        }
        canvas.text("legend", (at + 20.0, 16.0), Anchor::Start, name);
        at += 40.0 + 6.4 * name.chars().count() as f64;
    }
}

/// Shares of categories, two bars each; `name` is that of the column.
pub fn categories(name: &str, shares: &CategoryShares) -> Svg {
    const ROW: f64 = 33.0;
    let others = shares.others.map(|(n, r, c)| (format!("{n} more"), r, c));
    let rows: Vec<&(String, f64, f64)> = shares.entries.iter().chain(&others).collect();
    let bottom = TOP + ROW * rows.len().max(1) as f64;
    let mut canvas = Canvas::new(WIDTH, bottom + 24.0);
    let longest = rows.iter().map(|(label, ..)| label.chars().count().min(26)).max().unwrap_or(0);
    let left = (18.0 + 6.3 * longest as f64).clamp(LEFT, 190.0);
    let most = rows.iter().map(|(_, r, c)| r.max(*c)).fold(0.0, f64::max).max(1e-9);
    let x = AxisScale::round(0.0, most, 5, left, RIGHT - 46.0);
    for (value, text) in x.ticks(5) {
        canvas.line("grid", (x.at(value), TOP), (x.at(value), bottom));
        canvas.text("tick", (x.at(value), bottom + 15.0), Anchor::Middle, &share_tick(value, &text));
    }
    for (i, (label, r, c)) in rows.into_iter().enumerate() {
        let y = TOP + ROW * i as f64 + 4.5;
        canvas.text("name", (left - 8.0, y + 16.0), Anchor::End, &shortened(label, 26));
        canvas.rect("soft s0", (left, y), (x.at(*r) - left, 11.0), "");
        canvas.text("tick", (x.at(*r) + 5.0, y + 9.5), Anchor::Start, &percent(*r));
        canvas.rect("fill s1", (left, y + 12.5), (x.at(*c) - left, 11.0), "");
        canvas.text("tick", (x.at(*c) + 5.0, y + 22.0), Anchor::Start, &percent(*c));
        let title = format!("{label}: reference {}, current {}", percent(*r), percent(*c));
        canvas.rect("hit", (0.0, y - 4.5), (WIDTH, ROW), &title);
    }
    canvas.line("axis", (left, TOP), (left, bottom));
    categories_legend(&mut canvas, left);
    canvas.finish("categories", &format!("Shares of the categories of {name}: reference and current data"))
}

fn categories_legend(canvas: &mut Canvas, left: f64) {
    for (at, class, name) in [(left, "soft s0", "reference"), (left + 92.0, "fill s1", "current")] {
        canvas.rect(class, (at, 7.0), (14.0, 10.0), "");
        canvas.text("legend", (at + 20.0, 16.0), Anchor::Start, name);
    }
}

/// A distribution small enough for a table cell, without axes.
pub fn thumbnail(name: &str, distribution: &Distribution) -> Svg {
    const SIZE: (f64, f64) = (120.0, 26.0);
    let mut canvas = Canvas::new(SIZE.0, SIZE.1);
    match distribution {
        Distribution::Numeric(histogram) => {
            if let (Some(&low), Some(&high)) = (histogram.edges.first(), histogram.edges.last()) {
                let x = AxisScale::new(low, high, 1.0, SIZE.0 - 1.0);
                let y = AxisScale::new(0.0, largest(histogram), SIZE.1 - 1.0, 2.0);
                canvas.path("soft s0", &steps(&histogram.edges, &histogram.reference, &x, &y));
                canvas.path("stroke s1", &steps(&histogram.edges, &histogram.current, &x, &y));
            }
        }
        Distribution::Categorical(shares) => {
            let most = shares.entries.iter().map(|(_, r, c)| r.max(*c)).fold(1e-9, f64::max);
            let y = AxisScale::new(0.0, most, SIZE.1 - 1.0, 2.0);
            let room = (SIZE.0 - 2.0) / shares.entries.len().max(1) as f64;
            let width = (room * 0.42).min(9.0);
            for (i, (_, r, c)) in shares.entries.iter().enumerate() {
                let at = 1.0 + room.min(2.4 * width) * i as f64;
                canvas.rect("soft s0", (at, y.at(*r)), (width, y.at(0.0) - y.at(*r)), "");
                canvas.rect("fill s1", (at + width, y.at(*c)), (width, y.at(0.0) - y.at(*c)), "");
            }
        }
    }
    canvas.finish("thumbnail", &format!("{name}, reference and current"))
}
