//! What is chosen once a model is fitted, by rows that it did not see: how its probabilities are calibrated, from which one on a row is
//! called the second of two classes, and how far from its answers the truth lies.
//!
//! The rows are those of cross-validation, each predicted by the model of the fold that did not see it; without it the validation
//! part. The metrics of the folds are then those of the calibrated probabilities at the chosen threshold, a little better than on new
//! rows, since both were chosen there. Intervals and sets go by the validation part where there is one, since the model that is used said what is
//! measured there; the folds' models learned from fewer rows. The test part has no share in it.

use super::fitting::{Examples, Fitting, Judged, Trained};
use super::signature::Conformal;
use crate::error::{Error, Result};
use crate::learn::calibration::Calibrated;
use crate::learn::{self, Decision, Fitted, Fold, Predictions, Target, conformal};

/// The folds of cross-validation with what their models say.
pub(super) struct JudgedFolds<'a> {
    pub folds: &'a [Fold],
    pub judged: &'a mut [Judged],
}

/// What was chosen.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tuned {
    /// The threshold, where it was to be chosen.
    pub threshold: Option<f64>,
    /// Intervals or sets, where they were asked for.
    pub conformal: Option<Conformal>,
}

/// Calibrates the model, chooses its threshold and measures its margin, where the recipe asks for it.
pub(super) fn tune(
    fitting: &Fitting,
    trained: &mut Trained,
    target: &Target,
    folds: Option<JudgedFolds>,
    validation: Option<Examples>,
) -> Result<Tuned> {
    let classes = &fitting.signature.classes;
    let rule = fitting.recipe.threshold_rule(classes)?;
    let coverage = fitting.recipe.definition.conformal;
    if fitting.recipe.calibration.is_none() && rule.is_none() && coverage.is_none() {
        return Ok(Tuned::default());
    }
    let (mut predicted, known) = match (&folds, validation) {
        (Some(JudgedFolds { folds, judged }), _) => of_folds(folds, judged, target),
        (None, Some(part)) => (trained.predict(part.frame)?, part.target.clone()),
        (None, None) => {
            return Err(Error::invalid(
                "calibration, conformal and a threshold that is chosen need rows that the model did not see",
            )
            .hint("give cv = { folds = 5 }, or a split with a validation part"));
        }
    };
    let mut folds = folds;
    if let Some(method) = fitting.recipe.calibration {
        let calibrated = Calibrated::fit(method, trained.fitted.clone(), &predicted, &known)?;
        predicted = calibrated.calibrate(&predicted);
        for judged in folds.iter_mut().flat_map(|folds| folds.judged.iter_mut()) {
            judged.predictions = calibrated.calibrate(&judged.predictions);
        }
        trained.fitted = Fitted::Calibrated(calibrated);
    }
    let threshold = rule.map(|rule| rule.choose(predicted.values(), known.values())).transpose()?;
    if let Some(JudgedFolds { folds, judged }) =
        folds.filter(|_| threshold.is_some() || fitting.recipe.calibration.is_some())
    {
        let decision = Decision { threshold: threshold.unwrap_or(fitting.signature.decision().threshold), classes };
        for (fold, judged) in folds.iter().zip(judged) {
            let target = target.select(&fold.validation);
            judged.metrics = learn::evaluate_with(&target, &judged.predictions, decision, &fitting.recipe.metrics)?;
        }
    }
    let conformal = match (coverage, validation) {
        (None, _) => None,
        (Some(coverage), Some(part)) => {
            let margin = conformal::margin(coverage, &trained.predict(part.frame)?, part.target)?;
            Some(Conformal { coverage, margin })
        }
        (Some(coverage), None) => {
            Some(Conformal { coverage, margin: conformal::margin(coverage, &predicted, &known)? })
        }
    };
    Ok(Tuned { threshold, conformal })
}

/// The predictions of all folds, one behind the other, and their labels.
fn of_folds(folds: &[Fold], judged: &[Judged], target: &Target) -> (Predictions, Target) {
    let rows: Vec<usize> = folds.iter().flat_map(|fold| fold.validation.iter().copied()).collect();
    let outputs = judged.first().map_or(1, |judged| judged.predictions.outputs());
    let values = judged.iter().flat_map(|judged| judged.predictions.values().iter().copied()).collect();
    (Predictions::new(outputs, values), target.select(&rows))
}
