//! Curves in the unit square: receiver operating characteristic and calibration, each against its diagonal.

use super::axis::{Scale, number};
use super::svg::{Anchor, Canvas, Svg, shortened};

const SIDE: f64 = 380.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = SIDE - 14.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = SIDE - 52.0;

/// Points from left to right, both coordinates in 0..=1.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// What the legend says.
    pub name: String,
    /// (x, y) pairs.
    pub points: Vec<(f64, f64)>,
}

/// True-positive rate over false-positive rate.
pub fn roc(curves: &[Curve]) -> Svg {
    square("ROC curve", ("false-positive rate", "true-positive rate"), curves, false)
}

/// Observed frequency over predicted probability, a dot for each bin.
pub fn calibration(curves: &[Curve]) -> Svg {
    square("Calibration curve", ("predicted probability", "observed frequency"), curves, true)
}

fn square(label: &str, names: (&str, &str), curves: &[Curve], dots: bool) -> Svg {
    let mut canvas = Canvas::new(SIDE, SIDE);
    let (x, y) = (Scale::new(0.0, 1.0, LEFT, RIGHT), Scale::new(0.0, 1.0, BOTTOM, TOP));
    for (value, text) in x.ticks(5) {
        canvas.line("grid", (x.at(value), TOP), (x.at(value), BOTTOM));
        canvas.line("grid", (LEFT, y.at(value)), (RIGHT, y.at(value)));
        canvas.text("tick", (x.at(value), BOTTOM + 16.0), Anchor::Middle, &text);
        canvas.text("tick", (LEFT - 7.0, y.at(value) + 4.0), Anchor::End, &text);
    }
    canvas.line("diagonal", (LEFT, BOTTOM), (RIGHT, TOP));
    canvas.text("name", ((LEFT + RIGHT) / 2.0, SIDE - 14.0), Anchor::Middle, names.0);
    canvas.vertical_text((16.0, (TOP + BOTTOM) / 2.0), names.1);
    for (i, curve) in curves.iter().enumerate() {
        let colour = i % 6;
        let points: Vec<(f64, f64)> = curve.points.iter().map(|(a, b)| (x.at(*a), y.at(*b))).collect();
        canvas.path(&format!("stroke s{colour}"), &points);
        for ((a, b), at) in curve.points.iter().zip(&points).filter(|_| dots) {
            let title = format!("{}: predicted {}, observed {}", curve.name, number(*a), number(*b));
            canvas.circle(&format!("dot s{colour}"), *at, 3.2, &title);
        }
        // The corner below the diagonal is the one a good model leaves free.
        let row = BOTTOM - 14.0 - 18.0 * (curves.len() - 1 - i) as f64;
        canvas.text("legend", (RIGHT - 32.0, row), Anchor::End, &shortened(&curve.name, 34));
        canvas.line(&format!("stroke s{colour}"), (RIGHT - 26.0, row - 4.0), (RIGHT - 8.0, row - 4.0));
    }
    canvas.finish("square", label)
}
