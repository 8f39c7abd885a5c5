//! Pictures of a model of numbers: what was said and so, and the errors.

use super::baseline::row_losses;
use super::evaluated_run::EvaluatedRun;
use crate::document::plot::{self, Svg, XyAxis, XyForm, XySeries};
use crate::model::KeptPart;

/// Dots of a picture with one a row.
const DOTS: usize = 1_500;

/// An even choice of the rows, so that a picture stays small.
fn dots(part: &KeptPart) -> Vec<(f64, f64)> {
    let every = part.rows.len().div_ceil(DOTS).max(1);
    part.predictions.values().iter().copied().zip(part.labels.iter().copied()).step_by(every).collect()
}

pub(super) fn predicted(part: &KeptPart) -> Svg {
    let points = dots(part);
    let ends = |pick: fn(f64, f64) -> f64, from: f64| points.iter().flat_map(|(a, b)| [*a, *b]).fold(from, pick);
    let (low, high) = (ends(f64::min, f64::INFINITY), ends(f64::max, f64::NEG_INFINITY));
    let all = [
        XySeries::new("rows", points, XyForm::Dots),
        XySeries::new("said and so", vec![(low, low), (high, high)], XyForm::Reference),
    ];
    plot::xy("Said and so", &XyAxis::free("said"), &XyAxis::free("was"), &all)
}

pub(super) fn residuals(part: &KeptPart) -> Svg {
    let points: Vec<(f64, f64)> = dots(part).into_iter().map(|(said, was)| (said, was - said)).collect();
    let ends = |pick: fn(f64, f64) -> f64, from: f64| points.iter().map(|point| point.0).fold(from, pick);
    let (low, high) = (ends(f64::min, f64::INFINITY), ends(f64::max, f64::NEG_INFINITY));
    let all = [
        XySeries::new("rows", points, XyForm::Dots),
        XySeries::new("no error", vec![(low, 0.0), (high, 0.0)], XyForm::Reference),
    ];
    plot::xy("Residuals", &XyAxis::free("said"), &XyAxis::free("was less said"), &all)
}

/// The largest error and the rows within some of it, for the text below a picture of errors.
pub(super) fn error_facts(run: &EvaluatedRun, part: &KeptPart) -> String {
    let mut losses = row_losses(&run.target(part), &part.predictions, 0.5);
    losses.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| {
        losses.get((losses.len() * share / 100).min(losses.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
    };
    let shown = plot::number;
    format!(
        "half of the errors are up to {}, 90 of 100 up to {}, the largest is {}",
        shown(at(50)),
        shown(at(90)),
        shown(at(100))
    )
}
