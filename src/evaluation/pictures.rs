//! What a person looks at, as drawings: the same for the page and for `run plot`.

use super::baseline::{Baseline, mean, row_losses};
use super::evaluated_run::EvaluatedRun;
use super::influence::{Dependence, Importance, dependence, frame_of, importances, outputs_shown};
use crate::data::{OwnedValue, Value};
use crate::document::plot::{self, RangeRow, Svg, XyAxis, XyForm, XySeries};
use crate::error::{Error, Result};
use crate::learn::class_rows;
use crate::learn::curves::ClassCurves;
use crate::learn::{self, Metric, Task};
use crate::model::{self, KeptPart, KeptRows, Recipe};
use crate::progress::Progress;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    /// Share of positives found over share of negatives called positive.
    Roc,
    /// Precision over recall.
    PrecisionRecall,
    /// How often what is said with a probability is so.
    Calibration,
    /// Positives found over rows taken.
    Gain,
    /// How many times more positives are among the rows taken.
    Lift,
    /// Classes, and what they are called.
    Confusion,
    /// Numbers over what was said.
    Predicted,
    /// Errors over what was said.
    Residuals,
    /// The metric of each fold.
    Folds,
    /// What the metric loses without a feature.
    Importance,
    /// The mean answer over a feature.
    Dependence,
    /// The metric over the rows learned from.
    Learning,
    /// The metric over rounds of boosting.
    Rounds,
}

/// Most classes that have a line each, or a row of the confusion.
const LINES: usize = 6;
const SQUARE: usize = 12;
/// Dots of a picture with one a row.
const DOTS: usize = 1_500;
/// Features with a bar.
const BARS: usize = 15;
/// Points of the curve over rounds.
const STOPS: usize = 30;
/// Rows that the curve over rounds is measured on.
const ROUND_ROWS: usize = 20_000;

impl PictureKind {
    /// Every kind with its name.
    pub const ALL: [(PictureKind, &str); 13] = [
        (PictureKind::Roc, "roc"),
        (PictureKind::PrecisionRecall, "pr"),
        (PictureKind::Calibration, "calibration"),
        (PictureKind::Gain, "gain"),
        (PictureKind::Lift, "lift"),
        (PictureKind::Confusion, "confusion"),
        (PictureKind::Predicted, "predicted"),
        (PictureKind::Residuals, "residuals"),
        (PictureKind::Folds, "folds"),
        (PictureKind::Importance, "importance"),
        (PictureKind::Dependence, "dependence"),
        (PictureKind::Learning, "learning"),
        (PictureKind::Rounds, "rounds"),
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        PictureKind::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Result<PictureKind> {
        let found = PictureKind::ALL.iter().find(|(_, known)| *known == name);
        found
            .map(|(kind, _)| *kind)
            .ok_or_else(|| Error::unknown("picture", name, PictureKind::ALL.map(|(_, name)| name)))
    }

    fn is_of(self, task: Task) -> bool {
        match self {
            PictureKind::Predicted | PictureKind::Residuals => task == Task::Regression,
            PictureKind::Roc
            | PictureKind::PrecisionRecall
            | PictureKind::Calibration
            | PictureKind::Gain
            | PictureKind::Lift
            | PictureKind::Confusion => task != Task::Regression,
            _ => true,
        }
    }
}

/// A picture of a run; `feature` is whose dependence is drawn, the most important one without it. An error says why there is none.
pub fn picture(run: &EvaluatedRun, kind: PictureKind, feature: Option<&str>, progress: &Progress) -> Result<Svg> {
    if !kind.is_of(run.task()) {
        let names = PictureKind::ALL.iter().filter(|(kind, _)| kind.is_of(run.task())).map(|(_, name)| *name);
        let text = format!("a model of the task {} has no picture \"{}\"", run.task().name(), kind.name());
        return Err(Error::invalid(text).hint(format!("choose one of {}", names.collect::<Vec<_>>().join(", "))));
    }
    draw(run, kind, feature, progress)?.ok_or_else(|| {
        let reason = match kind {
            PictureKind::Folds => "the run has no folds, or is from before runs kept what was said of them",
            PictureKind::Rounds => "the model does not add up trees round by round",
            PictureKind::Roc | PictureKind::PrecisionRecall | PictureKind::Gain | PictureKind::Lift => {
                "the rows it is judged by have one class only"
            }
            PictureKind::Importance | PictureKind::Dependence | PictureKind::Learning => {
                "its training set is not on this machine, or its rows are too few"
            }
            _ => "there are no rows that the model had not learned from",
        };
        Error::invalid(format!("run {}: no picture \"{}\": {reason}", run.run.id.short(), kind.name()))
            .hint("`mlops run show RUN --html FILE` draws all that there are")
    })
}

/// A picture; none where the run has nothing to draw it from.
pub(super) fn draw(
    run: &EvaluatedRun,
    kind: PictureKind,
    feature: Option<&str>,
    progress: &Progress,
) -> Result<Option<Svg>> {
    let Some(judged) = run.judged().filter(|part| !part.rows.is_empty()) else { return Ok(None) };
    Ok(match kind {
        PictureKind::Roc => {
            with_curves(run, judged, "ROC", ("negatives called positive", "positives found"), |c| c.roc(), chance)
        }
        PictureKind::PrecisionRecall => {
            let axes = ("positives found (recall)", "right among those called (precision)");
            with_curves(
                run,
                judged,
                "Precision and recall",
                axes,
                |c| c.precision_recall(),
                |c| Some(("chance", vec![(0.0, c.share()), (1.0, c.share())])),
            )
        }
        PictureKind::Gain => {
            with_curves(run, judged, "Gain", ("rows taken, likeliest first", "positives found"), |c| c.gain(), chance)
        }
        PictureKind::Lift => lift(run, judged),
        PictureKind::Calibration => calibration(run, judged),
        PictureKind::Confusion => Some(confused(run, judged)),
        PictureKind::Predicted => Some(predicted(judged)),
        PictureKind::Residuals => Some(residuals(judged)),
        PictureKind::Folds => folds(run)?,
        PictureKind::Importance => importance(run, &importances(run, judged, progress)?),
        PictureKind::Dependence => {
            let most = match feature {
                Some(feature) => Some(feature.to_owned()),
                None => importances(run, judged, progress)?.into_iter().next().map(|first| first.feature),
            };
            match most {
                Some(feature) => {
                    dependence(run, judged, &feature, progress)?.and_then(|found| depends(run, &found, None))
                }
                None => None,
            }
        }
        PictureKind::Learning => learning(run, judged, progress)?,
        PictureKind::Rounds => rounds(run, judged)?,
    })
}

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

fn series(name: &str, points: Vec<(f64, f64)>, form: XyForm) -> XySeries {
    XySeries { name: name.to_owned(), points, form }
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
    let mut all: Vec<XySeries> = found.iter().map(|(name, curve)| series(name, points(curve), XyForm::Line)).collect();
    if let (Some((name, line)), true) = (reference(first), found.len() == 1 || title != "Precision and recall") {
        all.push(series(name, line, XyForm::Reference));
    }
    Some(plot::xy(title, &XyAxis::share(axes.0), &XyAxis::share(axes.1), &all))
}

fn lift(run: &EvaluatedRun, part: &KeptPart) -> Option<Svg> {
    let found = curves(run, part);
    let mut all: Vec<XySeries> = found.iter().map(|(name, curve)| series(name, curve.lift(), XyForm::Line)).collect();
    let _ = found.first()?;
    all.push(series("chance", vec![(0.0, 1.0), (1.0, 1.0)], XyForm::Reference));
    Some(plot::xy(
        "Lift",
        &XyAxis::share("rows taken, likeliest first"),
        &XyAxis::free("times more positives than at random"),
        &all,
    ))
}

fn calibration(run: &EvaluatedRun, part: &KeptPart) -> Option<Svg> {
    let found = curves(run, part);
    let _ = found.first()?;
    let points = |curve: &ClassCurves| curve.calibration().iter().map(|group| (group.said, group.was)).collect();
    let mut all: Vec<XySeries> =
        found.iter().map(|(name, curve)| series(name, points(curve), XyForm::Marked)).collect();
    all.push(series("said and so", vec![(0.0, 0.0), (1.0, 1.0)], XyForm::Reference));
    Some(plot::xy("Calibration", &XyAxis::share("probability said"), &XyAxis::share("share that was so"), &all))
}

/// The classes that are called what; beyond some classes the rarest are put together.
fn confused(run: &EvaluatedRun, part: &KeptPart) -> Svg {
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

/// An even choice of the rows, so that a picture stays small.
fn dots(part: &KeptPart) -> Vec<(f64, f64)> {
    let every = part.rows.len().div_ceil(DOTS).max(1);
    part.predictions.values().iter().copied().zip(part.labels.iter().copied()).step_by(every).collect()
}

fn predicted(part: &KeptPart) -> Svg {
    let points = dots(part);
    let ends = |pick: fn(f64, f64) -> f64, from: f64| points.iter().flat_map(|(a, b)| [*a, *b]).fold(from, pick);
    let (low, high) = (ends(f64::min, f64::INFINITY), ends(f64::max, f64::NEG_INFINITY));
    let all = [
        series("rows", points, XyForm::Dots),
        series("said and so", vec![(low, low), (high, high)], XyForm::Reference),
    ];
    plot::xy("Said and so", &XyAxis::free("said"), &XyAxis::free("was"), &all)
}

fn residuals(part: &KeptPart) -> Svg {
    let points: Vec<(f64, f64)> = dots(part).into_iter().map(|(said, was)| (said, was - said)).collect();
    let ends = |pick: fn(f64, f64) -> f64, from: f64| points.iter().map(|point| point.0).fold(from, pick);
    let (low, high) = (ends(f64::min, f64::INFINITY), ends(f64::max, f64::NEG_INFINITY));
    let all =
        [series("rows", points, XyForm::Dots), series("no error", vec![(low, 0.0), (high, 0.0)], XyForm::Reference)];
    plot::xy("Residuals", &XyAxis::free("said"), &XyAxis::free("was less said"), &all)
}

/// The task's metric on each fold.
pub(super) fn fold_values(run: &EvaluatedRun) -> Result<Vec<f64>> {
    let Some(part) = run.part(KeptRows::Folds) else { return Ok(Vec::new()) };
    let folds = part.folds.as_deref().unwrap_or_default();
    let last = folds.iter().max().map_or(0, |last| *last + 1);
    let metric = Metric::default_for(run.task());
    let value = |fold: u32| -> Result<f64> {
        let places: Vec<usize> = folds.iter().enumerate().filter(|(_, of)| **of == fold).map(|(at, _)| at).collect();
        let rows = part.select(&places);
        let found = learn::evaluate(&run.target(&rows), &rows.predictions, run.signature().decision())?;
        Ok(found.get(metric).unwrap_or(f64::NAN))
    };
    (0..last).map(value).collect()
}

fn folds(run: &EvaluatedRun) -> Result<Option<Svg>> {
    let values = fold_values(run)?;
    if values.is_empty() {
        return Ok(None);
    }
    let row = |(at, value): (usize, &f64)| RangeRow { name: format!("fold {}", at + 1), value: *value, range: None };
    let rows: Vec<RangeRow> = values.iter().enumerate().map(row).collect();
    let title = format!("{} by fold", Metric::default_for(run.task()).name());
    Ok(Some(plot::ranges(&title, &rows, Some(("mean", mean(&values))), None)))
}

/// What is lost without each of these features.
pub(super) fn importance(run: &EvaluatedRun, found: &[Importance]) -> Option<Svg> {
    let _ = found.first()?;
    let row = |one: &Importance| RangeRow { name: one.feature.clone(), value: one.loss, range: Some(one.range) };
    let rows: Vec<RangeRow> = found.iter().take(BARS).map(row).collect();
    let title = format!("What {} loses without a feature", Metric::default_for(run.task()).name());
    Some(plot::ranges(&title, &rows, Some(("nothing", 0.0)), None))
}

/// How the mean answer goes with a feature; `span` is what the axis of answers reaches at least, so that pictures beside each other compare.
pub(super) fn depends(run: &EvaluatedRun, found: &Dependence, span: Option<(f64, f64)>) -> Option<Svg> {
    let shown = outputs_shown(run.task(), &run.signature().classes);
    let (output, name) = shown.first()?;
    if found.is_number {
        let line = |(output, name): &(usize, String)| {
            let point =
                |(value, means): &(OwnedValue, Vec<f64>)| Some((value.value().as_number(), *means.get(*output)?));
            series(name, found.at.iter().filter_map(point).collect(), XyForm::Marked)
        };
        let lines: Vec<XySeries> = shown.iter().map(line).collect();
        let answers = XyAxis { name: "mean answer".to_owned(), range: span };
        return Some(plot::xy(&found.feature, &XyAxis::free(&found.feature), &answers, &lines));
    }
    // Words have no order: one value a line, of several classes the first.
    let row = |(value, means): &(OwnedValue, Vec<f64>)| {
        let word = match value.value() {
            Value::Text(text) => text.to_owned(),
            other => other.to_json().to_string(),
        };
        Some(RangeRow { name: word, value: *means.get(*output)?, range: None })
    };
    let rows: Vec<RangeRow> = found.at.iter().filter_map(row).collect();
    Some(plot::ranges(&format!("{}: {name}", found.feature), &rows, None, span))
}

/// The least and the greatest mean answer of these features, a little widened.
pub(super) fn span_of(all: &[Dependence]) -> Option<(f64, f64)> {
    let values = || all.iter().flat_map(|one| one.at.iter().flat_map(|(_, means)| means.iter().copied()));
    let (low, high) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
    let room = 0.04 * (high - low);
    (room.is_finite() && room > 0.0).then_some((low - room, high + room))
}

fn learning(run: &EvaluatedRun, part: &KeptPart, progress: &Progress) -> Result<Option<Svg>> {
    let (Some(kept), Some(set), Some(labels)) = (&run.definitions, &run.set, &run.labels) else { return Ok(None) };
    if part.which == KeptRows::Folds || part.rows.iter().any(|row| *row >= set.frame.rows()) {
        return Ok(None);
    }
    let recipe = Recipe::new(&kept.recipe, kept.definitions.recipe(&kept.recipe)?)?;
    let points = model::learning_curve(&recipe, &run.scorer.bundle, set, labels, &part.rows, progress)?;
    if points.len() < 2 {
        return Ok(None);
    }
    let metric = Metric::default_for(run.task()).name();
    let judged = points.iter().map(|point| (point.rows as f64, point.judged)).collect();
    let fitted = points.iter().map(|point| (point.rows as f64, point.fitted)).collect();
    let all = [
        series(&format!("{} rows", part.which.name()), judged, XyForm::Marked),
        series("rows learned from", fitted, XyForm::Marked),
    ];
    Ok(Some(plot::xy("Learning curve", &XyAxis::free("rows learned from"), &XyAxis::free(metric), &all)))
}

fn rounds(run: &EvaluatedRun, part: &KeptPart) -> Result<Option<Svg>> {
    let (Some(all), Some(frame)) = (run.scorer.rounds().filter(|all| *all > 1), frame_of(run, part)?) else {
        return Ok(None);
    };
    let places: Vec<usize> = (0..part.rows.len().min(ROUND_ROWS)).collect();
    let (frame, truth) = (frame.select_rows(&places), run.target(&part.select(&places)));
    let mut stops: Vec<usize> = (1..=STOPS).map(|stop| (all * stop).div_ceil(STOPS)).collect();
    stops.dedup();
    // The loss that boosting follows, whatever decides otherwise.
    let metric = if run.task() == Task::Regression { Metric::Rmse } else { Metric::LogLoss };
    let mut points = Vec::new();
    for (stop, predictions) in stops.iter().zip(run.scorer.score_after(&frame, &stops)?) {
        let found = learn::evaluate(&truth, &predictions, run.signature().decision())?;
        points.push((*stop as f64, found.get(metric).unwrap_or(f64::NAN)));
    }
    let base = Baseline::of(run, part)?.metrics.get(metric).unwrap_or(f64::NAN);
    let lines = [
        series(&format!("{} rows", part.which.name()), points, XyForm::Marked),
        series("baseline", vec![(1.0, base), (all as f64, base)], XyForm::Reference),
    ];
    Ok(Some(plot::xy("Rounds of boosting", &XyAxis::free("rounds"), &XyAxis::free(metric.name()), &lines)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_has_a_name_of_its_own() {
        for (kind, name) in PictureKind::ALL {
            assert_eq!((kind.name(), PictureKind::parse(name).unwrap()), (name, kind));
            assert!(Task::ALL.into_iter().any(|task| kind.is_of(task)));
        }
        let error = PictureKind::parse("rok").unwrap_err();
        assert_eq!(error.hint_text(), Some("did you mean \"roc\"?"));
    }
}
