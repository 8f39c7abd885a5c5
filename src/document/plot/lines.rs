//! Values over time: a line for each series, a dot for each value, a gap where one is missing, limits dashed.

use super::axis::{AxisScale, number};
use super::svg::{Anchor, Canvas, Svg, shortened};

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = WIDTH - 14.0;
const TOP: f64 = 32.0;
const BOTTOM: f64 = HEIGHT - 30.0;

/// One value for each place on the time axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What the legend says.
    pub name: String,
    /// `None` leaves a gap.
    pub values: Vec<Option<f64>>,
}

/// Where the vertical axis begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// At zero: for counts and shares.
    Zero,
    /// Below the smallest value: for metrics, whose changes are small beside their size.
    Free,
}

/// A horizontal line that values should not cross.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// What is written above it.
    pub name: String,
    /// Where it is.
    pub value: f64,
    /// Whether values below it are the bad ones; else those above.
    pub bad_below: bool,
}

impl Limit {
    /// Whether `value` is on the wrong side.
    pub fn crossed(&self, value: f64) -> bool {
        if self.bad_below { value < self.value } else { value > self.value }
    }
}

/// `times` names the places from left to right; `name` is what is shown.
pub fn lines(name: &str, times: &[String], series: &[Series], limits: &[Limit], base: Base) -> Svg {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    let label = format!("{name} over time");
    let values = || series.iter().flat_map(|s| s.values.iter().flatten().copied()).filter(|v| v.is_finite());
    let zero = (base == Base::Zero).then_some(0.0);
    let shown = || values().chain(limits.iter().map(|limit| limit.value)).chain(zero);
    let (Some(low), Some(high)) = (shown().reduce(f64::min), shown().reduce(f64::max)) else {
        canvas.text("name", (WIDTH / 2.0, HEIGHT / 2.0), Anchor::Middle, "nothing to show");
        return canvas.finish("lines", &label);
    };
    let y = AxisScale::round(low, high, 4, BOTTOM, TOP);
    let last = times.len().saturating_sub(1) as f64;
    let x = if last > 0.0 {
        AxisScale::new(0.0, last, LEFT + 14.0, RIGHT - 14.0)
    } else {
        AxisScale::new(-1.0, 1.0, LEFT, RIGHT)
    };
    for (value, text) in y.ticks(4) {
        canvas.line("grid", (LEFT, y.at(value)), (RIGHT, y.at(value)));
        canvas.text("tick", (LEFT - 7.0, y.at(value) + 4.0), Anchor::End, &text);
    }
    time_axis(&mut canvas, times, &x);
    for (i, one) in series.iter().enumerate() {
        draw(&mut canvas, one, i % 6, times, limits, (&x, &y));
    }
    for limit in limits {
        draw_limit(&mut canvas, limit, series, &y);
    }
    canvas.text("title", (LEFT, 17.0), Anchor::Start, &shortened(name, 40));
    if series.len() > 1 {
        legend(&mut canvas, series, LEFT + 24.0 + 8.0 * name.chars().count().min(40) as f64);
    }
    canvas.finish("lines", &label)
}

/// As many times as there is room for, always the first and evenly spread.
fn time_axis(canvas: &mut Canvas, times: &[String], x: &AxisScale) {
    canvas.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let longest = times.iter().map(|time| time.chars().count()).max().unwrap_or(1).clamp(1, 20);
    let room = ((RIGHT - LEFT) / (6.6 * longest as f64 + 16.0)).max(1.0) as usize;
    let every = times.len().div_ceil(room).max(1);
    for (i, time) in times.iter().enumerate().step_by(every) {
        let at = x.at(i as f64);
        canvas.line("axis", (at, BOTTOM), (at, BOTTOM + 4.0));
        canvas.text("tick", (at, BOTTOM + 17.0), Anchor::Middle, &shortened(time, 20));
    }
}

fn draw(
    canvas: &mut Canvas,
    series: &Series,
    colour: usize,
    times: &[String],
    limits: &[Limit],
    at: (&AxisScale, &AxisScale),
) {
    let (x, y) = at;
    let place = |i: usize, value: f64| (x.at(i as f64), y.at(value));
    let known = |i: usize| series.values.get(i).copied().flatten().filter(|value| value.is_finite());
    let class = format!("stroke s{colour}");
    let mut run = Vec::new();
    for i in 0..=times.len() {
        match known(i).filter(|_| i < times.len()) {
            Some(value) => run.push(place(i, value)),
            None => canvas.path(&class, &std::mem::take(&mut run)),
        }
    }
    let radius = if times.len() > 60 { 1.8 } else { 3.2 };
    for (i, time) in times.iter().enumerate() {
        let Some(value) = known(i) else { continue };
        let bad = limits.iter().any(|limit| limit.crossed(value));
        let class = format!("dot s{colour}{}", if bad { " bad" } else { "" });
        canvas.circle(&class, place(i, value), radius, &format!("{} {time}: {}", series.name, number(value)));
    }
}

/// A dashed line, named at the end at which the values are further from it.
fn draw_limit(canvas: &mut Canvas, limit: &Limit, series: &[Series], y: &AxisScale) {
    let level = y.at(limit.value);
    canvas.line("limit", (LEFT, level), (RIGHT, level));
    let apart = |value: &Option<f64>| value.map_or(f64::INFINITY, |value| (value - limit.value).abs());
    // The name is a fifth of the picture wide.
    let under = |one: &Series| one.values.len().div_ceil(5).min(one.values.len());
    let nearest = |values: &[Option<f64>]| values.iter().map(apart).fold(f64::INFINITY, f64::min);
    let at_start = series.iter().map(|one| nearest(&one.values[..under(one)])).fold(f64::INFINITY, f64::min);
    let at_end =
        series.iter().map(|one| nearest(&one.values[one.values.len() - under(one)..])).fold(f64::INFINITY, f64::min);
    let (x, anchor) = if at_start > at_end { (LEFT + 6.0, Anchor::Start) } else { (RIGHT, Anchor::End) };
    canvas.text("limit-name", (x, level - 5.0), anchor, &format!("{} {}", limit.name, number(limit.value)));
}

fn legend(canvas: &mut Canvas, series: &[Series], mut at: f64) {
    for (i, one) in series.iter().enumerate() {
        let name = shortened(&one.name, 28);
        let class = format!("stroke s{}", i % 6);
        canvas.line(&class, (at, 12.0), (at + 18.0, 12.0));
        canvas.text("legend", (at + 24.0, 16.0), Anchor::Start, &name);
        at += 46.0 + 6.4 * name.chars().count() as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_is_a_gap_and_a_crossed_limit_is_marked() {
        let times: Vec<String> = (1..=5).map(|day| format!("2013-01-0{day}")).collect();
        let values = vec![Some(0.8), Some(0.7), None, Some(0.6), Some(0.65)];
        let series = [Series { name: "auc".into(), values }];
        let limit = Limit { name: "at least".into(), value: 0.7, bad_below: true };
        let svg = lines("auc", &times, &series, &[limit], Base::Free);
        assert_eq!(svg.inline().matches("<path").count(), 2);
        assert_eq!(svg.inline().matches("dot s0 bad").count(), 2);
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        assert!(lines("auc", &[], &[], &[], Base::Free).inline().contains("nothing to show"));
    }
}
