//! Many values a line, each with a tone: what a feature adds to the answers of some rows, dark where its value is high.
//!
//! Values that would lie on each other are moved up and down, in turn, so that a thick place means many rows.

use super::axis::{AxisScale, number};
use super::svg::{Anchor, Canvas, Svg, shortened};

const WIDTH: f64 = 480.0;
const ROW: f64 = 26.0;
const TOP: f64 = 32.0;
/// Values less than this far apart, in pixels, would lie on each other.
const NEAR: f64 = 3.0;

/// A line of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct SwarmRow {
    /// What it is about.
    pub name: String,
    /// Each value, and where the feature's own stands among those of all rows: 0 the lowest, 1 the highest; none of a feature without order.
    pub values: Vec<(f64, Option<f64>)>,
}

/// The class of a dot.
fn tone(place: Option<f64>) -> &'static str {
    match place {
        Some(place) if place < 0.34 => "speck s0",
        Some(place) if place > 0.66 => "speck s1",
        Some(_) => "speck s3",
        None => "speck s2",
    }
}

/// The lines one below the other, with 0 as a dashed line.
pub fn swarm(title: &str, rows: &[SwarmRow]) -> Svg {
    let bottom = TOP + ROW * rows.len().max(1) as f64;
    let mut canvas = Canvas::new(WIDTH, bottom + 40.0);
    let all = || rows.iter().flat_map(|row| row.values.iter().map(|(value, _)| *value)).chain([0.0]);
    let (low, high) = all().fold((0.0f64, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
    let longest = rows.iter().map(|row| row.name.chars().count().min(30)).max().unwrap_or(0);
    let (left, right) = ((24.0 + 6.3 * longest as f64).min(220.0), WIDTH - 14.0);
    let high = if high > low { high } else { low + 1.0 };
    let x = AxisScale::round(low, high, 4, left, right);
    for (value, text) in x.ticks(4) {
        canvas.line("grid", (x.at(value), TOP - 4.0), (x.at(value), bottom));
        canvas.text("tick", (x.at(value), bottom + 15.0), Anchor::Middle, &text);
    }
    canvas.path("reference", &[(x.at(0.0), TOP - 4.0), (x.at(0.0), bottom)]);
    for (at, row) in rows.iter().enumerate() {
        let middle = TOP + ROW * (at as f64 + 0.5);
        canvas.text("name", (left - 10.0, middle + 4.0), Anchor::End, &shortened(&row.name, 30));
        let mut values = row.values.clone();
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut last, mut stacked) = (f64::NEG_INFINITY, 0u32);
        for (value, place) in values {
            let here = x.at(value);
            if here - last < NEAR {
                stacked += 1;
            } else {
                (last, stacked) = (here, 0);
            }
            // 0, 1 above, 1 below, 2 above …, back to the middle once the line is full.
            let step = f64::from(stacked.div_ceil(2) % 6) * 1.8;
            let moved = if stacked % 2 == 1 { -step } else { step };
            canvas.circle(tone(place), (here, middle + moved), 2.2, &format!("{}: {}", row.name, number(value)));
        }
    }
    let legend = [("s0", "low"), ("s3", "middle"), ("s1", "high value of the feature"), ("s2", "words")];
    let mut from = 20.0;
    for (class, text) in legend {
        canvas.circle(&format!("speck {class}"), (from, bottom + 30.0), 4.0, text);
        canvas.text("legend", (from + 8.0, bottom + 34.0), Anchor::Start, text);
        from += 22.0 + 6.0 * text.len() as f64;
    }
    canvas.text("title", (14.0, 17.0), Anchor::Start, &shortened(title, 60));
    canvas.finish("swarm", title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_a_dot_and_those_that_are_near_do_not_hide_each_other() {
        let values = vec![(0.5, Some(0.0)), (0.5, Some(1.0)), (0.5, None), (-0.25, Some(0.5))];
        let svg = swarm("what features add", &[SwarmRow { name: "age".into(), values }]);
        // Four values and four of the legend.
        assert_eq!(svg.inline().matches("<circle").count(), 8);
        let heights: std::collections::BTreeSet<&str> =
            svg.inline().split("cy=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(heights.len(), 4, "{heights:?}");
        assert!(swarm("none", &[]).inline().contains("none"));
    }
}
