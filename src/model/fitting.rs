//! Fitting a recipe's preparation and estimator: once, on every fold, and for every candidate of a search. Rows that
//! a model is measured on are never among those it was fitted on.

use super::recipe::{Recipe, SearchPlan};
use super::signature::Signature;
use crate::data::{Frame, Kind};
use crate::error::{Error, Result};
use crate::learn::{self, Estimator, Fitted, Fold, Metric, MetricValues, Predictions, Target};
use crate::prep::{self, Preparation, Prepare, Prepared};
use crate::progress::Progress;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Instant;

/// A recipe with the seed it is fitted by and the signature that its models have.
pub(super) struct Fitting<'a> {
    pub recipe: &'a Recipe,
    pub signature: &'a Signature,
    pub seed: u64,
}

/// Rows with their features and their target.
#[derive(Clone, Copy)]
pub(super) struct Examples<'a> {
    pub frame: &'a Frame,
    pub target: &'a Target,
}

/// A fitted preparation and estimator.
pub(super) struct Trained {
    pub preparation: Preparation,
    pub fitted: Fitted,
    pub seconds: f64,
    prepared: Prepared,
}

/// What candidates of a search are scored on.
pub(super) enum Validation<'a> {
    Folds(&'a [Fold]),
    Part(Examples<'a>),
}

/// A candidate of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Its parameters.
    pub params: Map<String, Value>,
    /// The metric that it was judged by.
    pub metric: String,
    /// The metric's value; none where it is not defined.
    pub score: Option<f64>,
}

/// What a search chose.
pub(super) struct Chosen {
    pub estimator: Estimator,
    pub params: Map<String, Value>,
    /// Every candidate with its score.
    pub trials: Vec<Trial>,
    /// What the chosen one was on each fold; none if candidates were scored on a part.
    pub folds: Option<Vec<Judged>>,
}

/// How good a fitted model is on some rows, and what it says of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    pub metrics: MetricValues,
    pub predictions: Predictions,
}

/// How good a candidate is by the search's metric, and what it was on each fold if it was scored there.
struct Score {
    value: f64,
    folds: Option<Vec<Judged>>,
}

/// Names and types of a frame's columns.
fn features(frame: &Frame) -> Vec<(String, Kind)> {
    frame.columns().iter().map(|(name, column)| (name.clone(), column.kind())).collect()
}

impl Trained {
    /// Names of the columns that the estimator saw.
    pub(super) fn columns(&self) -> impl ExactSizeIterator<Item = &str> {
        self.prepared.outputs().map(|(name, _)| name)
    }

    /// Predictions of a frame's rows.
    pub(super) fn predict(&self, frame: &Frame) -> Result<Predictions> {
        Ok(self.fitted.predict(&self.prepared.matrix(frame)?))
    }
}

impl Fitting<'_> {
    pub(super) fn fit(&self, estimator: &Estimator, on: Examples, progress: &Progress) -> Result<Trained> {
        let begun = Instant::now();
        let prepare = Prepare { steps: &self.recipe.steps, needs: estimator.needs(), seed: self.seed };
        let (preparation, matrix) = prep::fit(on.frame, on.target, prepare)?;
        let prepared = preparation.prepare(&features(on.frame))?;
        let target = estimator.weighted(on.target, &self.signature.classes)?;
        let fitted = estimator.fit(&matrix, &target, self.seed, progress)?;
        Ok(Trained { preparation, prepared, fitted, seconds: begun.elapsed().as_secs_f64() })
    }

    /// What a fitted model says of these rows, and how good that is.
    pub(super) fn judge(&self, trained: &Trained, by: Examples) -> Result<Judged> {
        let predictions = trained.predict(by.frame)?;
        let metrics = learn::evaluate_with(by.target, &predictions, self.signature.decision(), &self.recipe.metrics)?;
        Ok(Judged { metrics, predictions })
    }

    /// The model on each fold; preparation and estimator are fitted on the fold's own training rows.
    pub(super) fn cross_validate(
        &self,
        estimator: &Estimator,
        on: Examples,
        folds: &[Fold],
        progress: &Progress,
    ) -> Result<Vec<Judged>> {
        let mut scores = Vec::new();
        let step = progress.step("fold", Some(folds.len() as u64));
        for fold in folds {
            let pick = |rows: &[usize]| (on.frame.select_rows(rows), on.target.select(rows));
            let (frame, target) = pick(&fold.train);
            let trained = self.fit(estimator, Examples { frame: &frame, target: &target }, &step)?;
            let (frame, target) = pick(&fold.validation);
            scores.push(self.judge(&trained, Examples { frame: &frame, target: &target })?);
            step.advance(1);
        }
        Ok(scores)
    }

    /// The candidate that is best by the search's metric. A score that is not defined loses against any other.
    pub(super) fn search(
        &self,
        plan: &SearchPlan,
        on: Examples,
        validation: Option<Validation>,
        progress: &Progress,
    ) -> Result<Chosen> {
        let validation = validation.ok_or_else(|| {
            Error::invalid("a search needs something to choose by")
                .hint("give cv = { folds = 5 }, or a split with a validation part")
        })?;
        let metric = self.recipe.search_metric(self.signature.task)?;
        let mut trials = Vec::new();
        let mut best: Option<(Score, Estimator, Map<String, Value>)> = None;
        let candidates = plan.space.candidates(plan.method, plan.trials, self.seed)?;
        let step = progress.step("search", Some(candidates.len() as u64));
        for candidate in candidates {
            let estimator = self.recipe.with_params(&candidate).map_err(|e| e.at("search"))?;
            let score = self.score_of(&estimator, metric, on, &validation, &step)?;
            let value = score.value;
            let judged_by = metric.name().to_owned();
            trials.push(Trial {
                params: candidate.clone(),
                metric: judged_by,
                score: Some(value).filter(|value| value.is_finite()),
            });
            let better = |old: f64| metric.gain(old, value) > 0.0 || old.is_nan() && !value.is_nan();
            if best.as_ref().is_none_or(|(old, _, _)| better(old.value)) {
                best = Some((score, estimator, candidate));
            }
            step.advance(1);
        }
        let none = || Error::invalid("the search has no candidates").hint("give values in space");
        best.map(|(score, estimator, params)| Chosen { estimator, params, trials, folds: score.folds }).ok_or_else(none)
    }

    /// A candidate's metric: its mean over the folds, or that on the validation part.
    fn score_of(
        &self,
        estimator: &Estimator,
        metric: Metric,
        on: Examples,
        validation: &Validation,
        progress: &Progress,
    ) -> Result<Score> {
        match validation {
            Validation::Folds(folds) => {
                let folds = self.cross_validate(estimator, on, folds, progress)?;
                let sum = folds.iter().filter_map(|fold| fold.metrics.get(metric)).fold(0.0, |sum, x| sum + x);
                Ok(Score { value: sum / folds.len() as f64, folds: Some(folds) })
            }
            Validation::Part(part) => {
                let trained = self.fit(estimator, on, progress)?;
                let value = self.judge(&trained, *part)?.metrics.get(metric).unwrap_or(f64::NAN);
                Ok(Score { value, folds: None })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Column;
    use crate::learn::Task;
    use crate::project::Name;
    use serde_json::json;

    fn recipe(metric: &str, threshold: f64) -> Recipe {
        let definition = serde_json::from_value(json!({
            "set": "s", "model": "tree", "threshold": threshold,
            "search": { "method": "grid", "metric": metric, "space": { "max_depth": [1, 2] } },
        }));
        Recipe::new(&Name::parse("r").unwrap(), &definition.unwrap()).unwrap()
    }

    fn signature(recipe: &Recipe) -> Signature {
        let classes = vec!["0".to_owned(), "1".to_owned()];
        Signature {
            task: Task::Binary,
            label: String::new(),
            classes,
            threshold: recipe.threshold(Task::Binary),
            conformal: None,
            csv: crate::project::CsvForm::default(),
        }
    }

    /// The scores of the candidates, and the depth that was chosen.
    fn searched(recipe: &Recipe, labels: Vec<f64>, judged: Vec<f64>) -> (Vec<Option<f64>>, Value) {
        let x: Vec<f64> = (0..labels.len()).map(|i| (i % 10) as f64).collect();
        let frame = Frame::new(vec![("x".to_owned(), Column::floats(x))]).unwrap();
        let signature = signature(recipe);
        let fitting = Fitting { recipe, signature: &signature, seed: 1 };
        let (target, judged) = (Target::new(Task::Binary, 2, labels), Target::new(Task::Binary, 2, judged));
        let on = Examples { frame: &frame, target: &target };
        let part = Validation::Part(Examples { frame: &frame, target: &judged });
        let chosen = fitting.search(recipe.search.as_ref().unwrap(), on, Some(part), &Progress::quiet()).unwrap();
        let scores = chosen.trials.iter().map(|trial| trial.score).collect();
        (scores, chosen.params["max_depth"].clone())
    }

    fn labels() -> Vec<f64> {
        (0..200).map(|i| f64::from(u8::from(i % 10 + i / 10 % 7 > 9))).collect()
    }

    #[test]
    fn a_search_judges_by_the_recipes_threshold() {
        let scores =
            [0.0, 0.5, 1.0].map(|threshold| searched(&recipe("recall", threshold), labels(), labels()).0[1].unwrap());
        assert!(scores[0] == 1.0 && scores[0] > scores[1] && scores[1] > scores[2], "{scores:?}");
    }

    #[test]
    fn a_score_that_is_not_defined_wins_against_no_other() {
        // One class alone has no AUC.
        let (scores, depth) = searched(&recipe("auc", 0.5), labels(), vec![1.0; 200]);
        assert_eq!((scores, depth), (vec![None, None], json!(1)), "the first of candidates without a score");
        assert!(Metric::Auc.gain(f64::NAN, 0.7).is_nan());
    }

    /// Keeps the paths of steps that began.
    #[derive(Default)]
    struct Began(std::sync::Mutex<Vec<String>>);

    impl crate::progress::Listener for Began {
        fn began(&self, step: &Progress<'_>) {
            self.0.lock().unwrap().push(step.path());
        }
    }

    #[test]
    fn a_fit_is_reported_inside_its_fold_and_the_fold_inside_the_search() {
        let frame = Frame::new(vec![("x".to_owned(), Column::floats((0..8).map(f64::from).collect()))]).unwrap();
        let target = Target::new(Task::Binary, 2, (0..8).map(|i| f64::from(i % 2)).collect());
        let definition = serde_json::from_value(json!({
            "set": "s", "model": "forest", "params": { "n_estimators": 3 },
            "search": { "method": "grid", "metric": "accuracy", "space": { "max_depth": [1, 2] } },
        }));
        let recipe = Recipe::new(&Name::parse("r").unwrap(), &definition.unwrap()).unwrap();
        let signature = signature(&recipe);
        let folds = [0, 4].map(|from: usize| Fold {
            train: (0..8).filter(|row| !(from..from + 4).contains(row)).collect(),
            validation: (from..from + 4).collect(),
        });
        let began = Began::default();
        let fitting = Fitting { recipe: &recipe, signature: &signature, seed: 1 };
        let (plan, on) = (recipe.search.as_ref().unwrap(), Examples { frame: &frame, target: &target });
        let chosen = fitting.search(plan, on, Some(Validation::Folds(&folds)), &Progress::new(&began)).unwrap();
        let expected = [
            "search 0/2",
            "search 1/2 › fold 0/2",
            "search 1/2 › fold 1/2 › forest 0/3",
            "search 1/2 › fold 2/2 › forest 0/3",
            "search 2/2 › fold 0/2",
            "search 2/2 › fold 1/2 › forest 0/3",
            "search 2/2 › fold 2/2 › forest 0/3",
        ];
        assert_eq!(*began.0.lock().unwrap(), expected);
        let again = fitting.cross_validate(&chosen.estimator, on, &folds, &Progress::quiet()).unwrap();
        assert_eq!(chosen.folds, Some(again), "the winner need not be fitted on the folds again");
    }
}
