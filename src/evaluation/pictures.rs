//! What a person looks at, as drawings: the same for the page and for `run plot`.

use super::class_pictures::{calibration, confused, gain, lift, precision_recall, roc};
use super::error_pictures::{predicted, residuals};
use super::evaluated_run::EvaluatedRun;
use super::influence::{Dependence, Importance, dependence, importances, outputs_shown};
use super::shap_summary::shap;
use super::training_pictures::{folds, learning, rounds};
use crate::data::{OwnedValue, Value};
use crate::document::plot::{self, RangeRow, Svg, XyAxis, XyForm, XySeries};
use crate::error::{Error, Result};
use crate::learn::{Metric, Task};
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
    /// What each feature adds to the answers.
    Shap,
    /// The metric over the rows learned from.
    Learning,
    /// The metric over rounds of boosting.
    Rounds,
}

/// Features with a bar.
const BARS: usize = 15;

impl PictureKind {
    /// Every kind with its name.
    pub const ALL: [(PictureKind, &str); 14] = [
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
        (PictureKind::Shap, "shap"),
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
            PictureKind::Shap => "its training set is not on this machine, or the model can't be explained",
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
        PictureKind::Roc => roc(run, judged),
        PictureKind::PrecisionRecall => precision_recall(run, judged),
        PictureKind::Gain => gain(run, judged),
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
        PictureKind::Shap => shap(run, judged, progress)?,
        PictureKind::Learning => learning(run, judged, progress)?,
        PictureKind::Rounds => rounds(run, judged)?,
    })
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
            XySeries::new(name, found.at.iter().filter_map(point).collect(), XyForm::Marked)
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
