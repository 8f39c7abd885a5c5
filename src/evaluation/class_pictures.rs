//! Pictures of a model of classes: ROC, precision and recall, calibration, gain, lift, and what each class is called. Of several classes each
//! has a line, against the rest.

use super::evaluated_run::EvaluatedRun;
use crate::document::plot::{self, Svg, XyAxis, XyForm, XySeries};
use crate::learn::Task;
use crate::learn::class_rows;
use crate::learn::curves::ClassCurves;
use crate::model::KeptPart;

/// Most classes that have a line each, or a row of the confusion.
const LINES: usize = 6;
const SQUARE: usize = 12;
/// The picture whose level of chance is another one for each class.
const PRECISION_RECALL: &str = "Precision and recall";

/// The curves of the second of two classes, or of each of several, with its name.
fn curves(run: &EvaluatedRun, part: &KeptPart) -> Vec<(String, ClassCurves)> {
    let classes = &run.signature().classes;
    let of = |class: usize, output: usize| {
        let scores = part.predictions.column(output).into_iter();
        let rows = scores.zip(part.labels.iter().map(|label| *label == class as f64));
        Some((classes.get(class)?.clone(), ClassCurves::new(rows)?))
    };
    match run.task() {
        Task::Binary => of(1, 0).into_iter().collect(),
        Task::Multiclass => (0..classes.len()).filter_map(|class| of(class, class)).take(LINES).collect(),
        Task::Regression => Vec::new(),
    }
}

type Named<'a> = Option<(&'a str, Vec<(f64, f64)>)>;

fn chance<'a>(_: &ClassCurves) -> Named<'a> {
    Some(("chance", vec![(0.0, 0.0), (1.0, 1.0)]))
}

fn with_curves<'a>(
    run: &EvaluatedRun,
    part: &KeptPart,
    title: &str,
    axes: (&str, &str),
    points: impl Fn(&ClassCurves) -> Vec<(f64, f64)>,
    reference: impl Fn(&ClassCurves) -> Named<'a>,
) -> Option<Svg> {
    let found = curves(run, part);
    let (_, first) = found.first()?;
    let mut all: Vec<XySeries> =
        found.iter().map(|(name, curve)| XySeries::new(name, points(curve), XyForm::Line)).collect();
    if let (Some((name, line)), true) = (reference(first), found.len() == 1 || title != PRECISION_RECALL) {
        all.push(XySeries::new(name, line, XyForm::Reference));
    }
    Some(plot::xy(title, &XyAxis::share(axes.0), &XyAxis::share(axes.1), &all))
}

pub(super) fn lift(run: &EvaluatedRun, part: &KeptPart) -> Option<Svg> {
    let found = curves(run, part);
    let mut all: Vec<XySeries> =
        found.iter().map(|(name, curve)| XySeries::new(name, curve.lift(), XyForm::Line)).collect();
    let _ = found.first()?;
    all.push(XySeries::new("chance", vec![(0.0, 1.0), (1.0, 1.0)], XyForm::Reference));
    Some(plot::xy(
        "Lift",
        &XyAxis::share("rows taken, likeliest first"),
        &XyAxis::free("times more positives than at random"),
        &all,
    ))
}

pub(super) fn calibration(run: &EvaluatedRun, part: &KeptPart) -> Option<Svg> {
    let found = curves(run, part);
    let _ = found.first()?;
    let points = |curve: &ClassCurves| curve.calibration().iter().map(|group| (group.said, group.was)).collect();
    let mut all: Vec<XySeries> =
        found.iter().map(|(name, curve)| XySeries::new(name, points(curve), XyForm::Marked)).collect();
    all.push(XySeries::new("said and so", vec![(0.0, 0.0), (1.0, 1.0)], XyForm::Reference));
    Some(plot::xy("Calibration", &XyAxis::share("probability said"), &XyAxis::share("share that was so"), &all))
}

/// The classes that are called what; beyond some classes the rarest are put together.
pub(super) fn confused(run: &EvaluatedRun, part: &KeptPart) -> Svg {
    let signature = run.signature();
    let called = |row: &[f64]| match run.task() {
        Task::Multiclass => class_rows::largest(row),
        _ => usize::from(row.iter().any(|p| *p >= signature.decision().threshold)),
    };
    let pairs: Vec<(usize, usize)> =
        part.labels.iter().zip(part.predictions.iter()).map(|(label, row)| (*label as usize, called(row))).collect();
    let mut by_rows: Vec<(usize, usize)> = (0..signature.classes.len())
        .map(|class| (pairs.iter().filter(|pair| pair.0 == class).count(), class))
        .collect();
    by_rows.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let all = by_rows.len() <= SQUARE;
    let mut shown: Vec<usize> =
        by_rows.iter().take(if all { SQUARE } else { SQUARE - 1 }).map(|(_, class)| *class).collect();
    shown.sort_unstable();
    let place = |class: usize| shown.iter().position(|other| *other == class).unwrap_or(shown.len());
    let mut names: Vec<String> = shown.iter().map(|class| signature.classes[*class].clone()).collect();
    if !all {
        names.push(format!("{} others", signature.classes.len() - shown.len()));
    }
    let mut counts = vec![vec![0; names.len()]; names.len()];
    for (label, called) in pairs {
        counts[place(label)][place(called)] += 1;
    }
    plot::confusion("What classes are called", &names, &counts)
}

/// Share of positives found over share of negatives called positive.
pub(super) fn roc(run: &EvaluatedRun, part: &KeptPart) -> Option<Svg> {
    with_curves(run, part, "ROC", ("negatives called positive", "positives found"), ClassCurves::roc, chance)
}

/// Precision over recall.
pub(super) fn precision_recall(run: &EvaluatedRun, part: &KeptPart) -> Option<Svg> {
    let axes = ("positives found (recall)", "right among those called (precision)");
    let at_random = |curve: &ClassCurves| Some(("chance", vec![(0.0, curve.share()), (1.0, curve.share())]));
    with_curves(run, part, PRECISION_RECALL, axes, ClassCurves::precision_recall, at_random)
}

/// Positives found over rows taken.
pub(super) fn gain(run: &EvaluatedRun, part: &KeptPart) -> Option<Svg> {
    with_curves(run, part, "Gain", ("rows taken, likeliest first", "positives found"), ClassCurves::gain, chance)
}
