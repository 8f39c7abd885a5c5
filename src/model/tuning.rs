//! What is chosen once a model is fitted, by rows that it did not see: how its probabilities are calibrated, and from which one on a
//! row is called the second of two classes.
//!
//! The rows are those of cross-validation, each predicted by the model of the fold that did not see it; without it the validation
//! part. The metrics of the folds are then those of the calibrated probabilities at the chosen threshold, a little better than on new
//! rows, since both were chosen there. The test part has no share in it.

use super::fitting::{Examples, Fitting, Judged, Trained};
use crate::error::{Error, Result};
use crate::learn::calibration::Calibrated;
use crate::learn::{self, Decision, Fitted, Fold, Predictions, Target};

/// The folds of cross-validation with what their models say.
pub(super) struct JudgedFolds<'a> {
    pub folds: &'a [Fold],
    pub judged: &'a mut [Judged],
}

/// Calibrates the model and chooses its threshold, where the recipe asks for it; the new threshold.
pub(super) fn tune(
    fitting: &Fitting,
    trained: &mut Trained,
    target: &Target,
    folds: Option<JudgedFolds>,
    validation: Option<Examples>,
) -> Result<Option<f64>> {
    let classes = &fitting.signature.classes;
    let rule = fitting.recipe.threshold_rule(classes)?;
    if fitting.recipe.calibration.is_none() && rule.is_none() {
        return Ok(None);
    }
    let (mut predicted, known) = match (&folds, validation) {
        (Some(JudgedFolds { folds, judged }), _) => of_folds(folds, judged, target),
        (None, Some(part)) => (trained.predict(part.frame)?, part.target.clone()),
        (None, None) => {
            return Err(Error::invalid(
                "calibration and a threshold that is chosen need rows that the model did not see",
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
    if let Some(JudgedFolds { folds, judged }) = folds {
        let decision = Decision { threshold: threshold.unwrap_or(fitting.signature.decision().threshold), classes };
        for (fold, judged) in folds.iter().zip(judged) {
            let target = target.select(&fold.validation);
            judged.metrics = learn::evaluate_with(&target, &judged.predictions, decision, &fitting.recipe.metrics)?;
        }
    }
    Ok(threshold)
}

/// The predictions of all folds, one behind the other, and their labels.
fn of_folds(folds: &[Fold], judged: &[Judged], target: &Target) -> (Predictions, Target) {
    let rows: Vec<usize> = folds.iter().flat_map(|fold| fold.validation.iter().copied()).collect();
    let outputs = judged.first().map_or(1, |judged| judged.predictions.outputs());
    let values = judged.iter().flat_map(|judged| judged.predictions.values().iter().copied()).collect();
    (Predictions::new(outputs, values), target.select(&rows))
}
