//! Points, lines and dots over two axes: the curves of a model, its errors, one quantity over another.

use super::axis::{AxisScale, number};
use super::svg::{Anchor, Canvas, Svg, shortened};

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 340.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = WIDTH - 16.0;
const BOTTOM: f64 = HEIGHT - 46.0;

/// How the points of a series are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XyForm {
    /// Joined by a line.
    Line,
    /// Joined, with a dot on each, which says its numbers.
    Marked,
    /// Dots alone.
    Dots,
    /// A dashed grey line: what the others are compared with.
    Reference,
}

/// Points with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct XySeries {
    /// What the legend says.
    pub name: String,
    /// From left to right, where they are joined.
    pub points: Vec<(f64, f64)>,
    /// How they are drawn.
    pub form: XyForm,
}

impl XySeries {
    /// Points with a name.
    pub fn new(name: &str, points: Vec<(f64, f64)>, form: XyForm) -> XySeries {
        XySeries { name: name.to_owned(), points, form }
    }
}

/// One of the two axes.
#[derive(Debug, Clone, PartialEq)]
pub struct XyAxis {
    /// What it counts.
    pub name: String,
    /// Where it begins and ends; by the points without it.
    pub range: Option<(f64, f64)>,
}

impl XyAxis {
    /// An axis that the points decide.
    pub fn free(name: &str) -> XyAxis {
        XyAxis { name: name.to_owned(), range: None }
    }

    /// An axis from 0 to 1.
    pub fn share(name: &str) -> XyAxis {
        XyAxis { name: name.to_owned(), range: Some((0.0, 1.0)) }
    }
}

/// Series over two axes; `title` is what the picture shows.
pub fn xy(title: &str, x: &XyAxis, y: &XyAxis, series: &[XySeries]) -> Svg {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    let label = format!("{title}: {} over {}", y.name, x.name);
    let finite = || series.iter().flat_map(|one| &one.points).filter(|(x, y)| x.is_finite() && y.is_finite());
    let named: Vec<(usize, &XySeries)> = series.iter().enumerate().filter(|(_, one)| !one.name.is_empty()).collect();
    let lines = legend_lines(&named);
    let top = 28.0 + 18.0 * lines.len() as f64;
    let x_scale = scale(x, finite().map(|point| point.0), LEFT, RIGHT);
    let y_scale = scale(y, finite().map(|point| point.1), BOTTOM, top);
    let (Some(x_scale), Some(y_scale)) = (x_scale, y_scale) else {
        canvas.text("name", (WIDTH / 2.0, HEIGHT / 2.0), Anchor::Middle, "nothing to show");
        return canvas.finish("xy", &label);
    };
    axes(&mut canvas, (x, &x_scale), (y, &y_scale), top);
    for (at, one) in series.iter().enumerate() {
        draw(&mut canvas, one, at % 6, &x_scale, &y_scale);
    }
    canvas.text("title", (LEFT, 17.0), Anchor::Start, &shortened(title, 56));
    for (line, entries) in lines.iter().enumerate() {
        legend(&mut canvas, entries, 34.0 + 18.0 * line as f64);
    }
    canvas.finish("xy", &label)
}

/// The scale of an axis; none if it has no range and there are no values.
fn scale(axis: &XyAxis, values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Option<AxisScale> {
    match axis.range {
        Some((low, high)) => Some(AxisScale::new(low, high, from, to)),
        None => Some(AxisScale::round(values.clone().reduce(f64::min)?, values.reduce(f64::max)?, 5, from, to)),
    }
}

fn axes(canvas: &mut Canvas, x: (&XyAxis, &AxisScale), y: (&XyAxis, &AxisScale), top: f64) {
    for (value, text) in y.1.ticks(5) {
        canvas.line("grid", (LEFT, y.1.at(value)), (RIGHT, y.1.at(value)));
        canvas.text("tick", (LEFT - 7.0, y.1.at(value) + 4.0), Anchor::End, &text);
    }
    for (value, text) in x.1.ticks(5) {
        canvas.line("grid", (x.1.at(value), top), (x.1.at(value), BOTTOM));
        canvas.text("tick", (x.1.at(value), BOTTOM + 16.0), Anchor::Middle, &text);
    }
    canvas.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    canvas.text("name", ((LEFT + RIGHT) / 2.0, HEIGHT - 8.0), Anchor::Middle, &shortened(&x.0.name, 64));
    canvas.upright_text("name", (13.0, (top + BOTTOM) / 2.0), &shortened(&y.0.name, 42));
}

fn draw(canvas: &mut Canvas, series: &XySeries, colour: usize, x: &AxisScale, y: &AxisScale) {
    let inside = |point: &&(f64, f64)| x.holds(point.0) && y.holds(point.1);
    let places: Vec<(f64, f64)> = series.points.iter().filter(inside).map(|(px, py)| (x.at(*px), y.at(*py))).collect();
    match series.form {
        XyForm::Reference => canvas.path("reference", &places),
        XyForm::Line | XyForm::Marked => canvas.path(&format!("stroke s{colour}"), &places),
        XyForm::Dots => {}
    }
    let (class, radius) = match series.form {
        XyForm::Marked => (format!("dot s{colour}"), 3.4),
        XyForm::Dots => (format!("speck s{colour}"), 2.2),
        XyForm::Line | XyForm::Reference => return,
    };
    for (px, py) in series.points.iter().filter(inside) {
        let title =
            if series.form == XyForm::Marked { format!("{}: {}", number(*px), number(*py)) } else { String::new() };
        canvas.circle(&class, (x.at(*px), y.at(*py)), radius, &title);
    }
}

type Entry<'a> = (usize, &'a XySeries);

/// The width of a legend's entry.
fn width(entry: &Entry) -> f64 {
    40.0 + 6.2 * shortened(&entry.1.name, 40).chars().count() as f64
}

/// The entries of the legend, as many a line as there is room for.
fn legend_lines<'a>(named: &[Entry<'a>]) -> Vec<Vec<Entry<'a>>> {
    let mut lines: Vec<Vec<Entry>> = Vec::new();
    let mut room = 0.0;
    for entry in named {
        match lines.last_mut().filter(|_| room >= width(entry)) {
            Some(line) => line.push(*entry),
            None => {
                room = RIGHT - LEFT;
                lines.push(vec![*entry]);
            }
        }
        room -= width(entry);
    }
    lines
}

fn legend(canvas: &mut Canvas, entries: &[Entry], y: f64) {
    let mut at = LEFT;
    for entry in entries {
        let (place, series) = entry;
        match series.form {
            XyForm::Reference => canvas.path("reference", &[(at, y), (at + 18.0, y)]),
            XyForm::Dots => canvas.circle(&format!("speck s{}", place % 6), (at + 9.0, y), 3.0, ""),
            XyForm::Line | XyForm::Marked => canvas.path(&format!("stroke s{}", place % 6), &[(at, y), (at + 18.0, y)]),
        }
        canvas.text("legend", (at + 24.0, y + 4.0), Anchor::Start, &shortened(&series.name, 40));
        at += width(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, form: XyForm) -> XySeries {
        XySeries { name: name.to_owned(), points: vec![(0.0, 0.0), (0.5, 0.8), (1.0, 1.0)], form }
    }

    #[test]
    fn a_line_is_drawn_as_one_a_reference_dashed_and_dots_apart() {
        let all = [series("model", XyForm::Line), series("chance", XyForm::Reference), series("rows", XyForm::Dots)];
        let svg = xy("ROC", &XyAxis::share("x"), &XyAxis::share("y"), &all);
        assert_eq!(svg.inline().matches("<path class=\"stroke s0\"").count(), 2, "the line and its sign in the legend");
        assert_eq!(svg.inline().matches("<path class=\"reference\"").count(), 2);
        assert_eq!(svg.inline().matches("<circle class=\"speck s2\"").count(), 4);
    }

    #[test]
    fn what_is_no_number_or_beyond_the_axis_is_left_out() {
        let points = vec![(0.1, f64::NAN), (f64::INFINITY, 0.2), (0.5, 0.5), (3.0, 0.5)];
        let one = XySeries { name: "rows".into(), points, form: XyForm::Dots };
        let svg = xy("t", &XyAxis::share("x"), &XyAxis::share("y"), &[one]);
        assert_eq!(svg.inline().matches("<circle").count(), 2, "one dot and the legend");
        let none = XySeries { name: String::new(), points: vec![], form: XyForm::Line };
        assert!(xy("t", &XyAxis::free("x"), &XyAxis::free("y"), &[none]).inline().contains("nothing to show"));
    }

    #[test]
    fn a_long_legend_takes_several_lines() {
        let many: Vec<XySeries> =
            (0..7).map(|at| series(&format!("a class with a long name {at}"), XyForm::Line)).collect();
        let named: Vec<(usize, &XySeries)> = many.iter().enumerate().collect();
        let lines = legend_lines(&named);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.iter().map(width).sum::<f64>() <= RIGHT - LEFT));
    }
}
