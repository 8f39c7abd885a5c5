//! One sample: a histogram of its numbers, bars of its most frequent values, and both small enough for a table.

use super::axis::{AxisScale, number};
use super::svg::{Anchor, Canvas, Svg, shortened};

const WIDTH: f64 = 480.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = WIDTH - 14.0;
const TOP: f64 = 32.0;
const ROW: f64 = 22.0;

/// Rows in equal bins; `label` says what an edge is, `edges` is one longer than `counts`.
pub fn sample_histogram(name: &str, edges: &[f64], counts: &[usize], label: impl Fn(f64) -> String) -> Svg {
    let mut canvas = Canvas::new(WIDTH, 200.0);
    let title = format!("Histogram of {name}");
    let (Some(&low), Some(&high)) = (edges.first(), edges.last()) else {
        canvas.text("name", (WIDTH / 2.0, 100.0), Anchor::Middle, "nothing to show");
        return canvas.finish("sample", &title);
    };
    let bottom = canvas.height - 26.0;
    let x = AxisScale::new(low, high, LEFT, RIGHT);
    let most = counts.iter().copied().max().unwrap_or(0) as f64;
    let y = AxisScale::round(0.0, most.max(1.0), 4, bottom, TOP);
    for (value, text) in y.ticks(4) {
        canvas.line("grid", (LEFT, y.at(value)), (RIGHT, y.at(value)));
        canvas.text("tick", (LEFT - 7.0, y.at(value) + 4.0), Anchor::End, &text);
    }
    let width = (RIGHT - LEFT) / counts.len().max(1) as f64;
    for (at, count) in counts.iter().enumerate() {
        let between =
            edges.get(at..at + 2).map_or_else(String::new, |edge| format!("{} to {}", label(edge[0]), label(edge[1])));
        let top = y.at(*count as f64);
        canvas.rect(
            "fill s0",
            (LEFT + width * at as f64 + 0.5, top),
            (width - 1.0, bottom - top),
            &format!("{between}: {count} rows"),
        );
    }
    canvas.line("axis", (LEFT, bottom), (RIGHT, bottom));
    for (at, anchor) in [(low, Anchor::Start), ((low + high) / 2.0, Anchor::Middle), (high, Anchor::End)] {
        canvas.text(
            "tick",
            (if high > low { x.at(at) } else { (LEFT + RIGHT) / 2.0 }, bottom + 16.0),
            anchor,
            &label(at),
        );
        if high == low {
            break;
        }
    }
    canvas.text("title", (LEFT, 17.0), Anchor::Start, &shortened(name, 60));
    canvas.finish("sample", &title)
}

/// Values with their rows, one below the other; `all` is the number of rows.
pub fn frequencies(name: &str, values: &[(String, usize)], all: usize) -> Svg {
    let bottom = TOP + ROW * values.len().max(1) as f64;
    let mut canvas = Canvas::new(WIDTH, bottom + 8.0);
    let longest = values.iter().map(|(value, _)| value.chars().count().min(30)).max().unwrap_or(0);
    let left = (20.0 + 6.3 * longest as f64).min(214.0);
    let most = values.iter().map(|(_, rows)| *rows).max().unwrap_or(1).max(1) as f64;
    for (at, (value, rows)) in values.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        let width = (WIDTH - 118.0 - left) * *rows as f64 / most;
        let share = 100.0 * *rows as f64 / all.max(1) as f64;
        canvas.text("name", (left - 8.0, y + 14.0), Anchor::End, &shortened(value, 30));
        canvas.rect("fill s0", (left, y + 4.0), (width, ROW - 8.0), &format!("{value}: {rows} rows"));
        canvas.text(
            "tick",
            (left + width + 6.0, y + 15.0),
            Anchor::Start,
            &format!("{} ({share:.1} %)", number(*rows as f64)),
        );
    }
    canvas.text("title", (14.0, 17.0), Anchor::Start, &shortened(name, 60));
    canvas.finish("sample", &format!("Most frequent values of {name}"))
}

/// Heights as bars, for a table's cell.
pub fn small_bars(name: &str, counts: &[usize]) -> Svg {
    const SIZE: (f64, f64) = (120.0, 26.0);
    let mut canvas = Canvas::new(SIZE.0, SIZE.1);
    let most = counts.iter().copied().max().unwrap_or(1).max(1) as f64;
    let width = ((SIZE.0 - 2.0) / counts.len().max(1) as f64).min(14.0);
    for (at, count) in counts.iter().enumerate() {
        let height = (SIZE.1 - 3.0) * *count as f64 / most;
        canvas.rect("fill s0", (1.0 + width * at as f64, SIZE.1 - 1.0 - height), (width - 1.0, height), "");
    }
    canvas.finish("thumbnail", name)
}

/// Heights as characters, for a terminal: `▁▃█▂`. A bin without rows is a space.
pub fn spark(counts: &[usize]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counts.iter().copied().max().unwrap_or(0);
    let bar = |count: &usize| match (*count * BARS.len()).div_ceil(most.max(1)) {
        0 => ' ',
        height => BARS.get(height - 1).copied().unwrap_or('█'),
    };
    counts.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_or_a_value_has_a_bar() {
        let svg = sample_histogram("x", &[0.0, 1.0, 2.0], &[3, 1], number);
        assert_eq!(svg.inline().matches("class=\"fill s0\"").count(), 2);
        assert!(svg.inline().contains("1 to 2: 1 rows"));
        assert!(sample_histogram("x", &[], &[], number).inline().contains("nothing to show"));
        assert!(frequencies("c", &[("<b>".to_owned(), 3)], 4).inline().contains("3 (75.0 %)"));
    }

    #[test]
    fn a_terminal_sees_the_shape() {
        assert_eq!(spark(&[0, 1, 4, 8]), " ▁▄█");
        assert_eq!((spark(&[]), spark(&[0])), (String::new(), " ".to_owned()));
        assert_eq!(spark(&[1, 1_000_000]), "▁█", "few rows are still some");
    }
}
