//! Fitting a recipe's preparation and estimator: once, on every fold, and for every candidate of a search. Rows that
//! judge are never among those that were fitted on.

use crate::data::Frame;
use crate::error::{Error, Result};
use crate::learn::metrics::{NAMES, higher_is_better};
use crate::learn::search::{Method, Space};
use crate::learn::{Estimator, Fitted, Fold, Metrics, evaluate};
use crate::prep::{Preparation, Prepared, fit as fit_preparation};
use crate::progress::Progress;
use crate::project::{Search, TrainDef};
use serde_json::{Map, Value, json};
use std::time::Instant;

/// A recipe with the seed it is fitted by.
pub(super) struct Fitting<'a> {
    pub definition: &'a TrainDef,
    pub seed: u64,
}

/// Rows with their features and labels, 0 or 1.
#[derive(Clone, Copy)]
pub(super) struct Examples<'a> {
    pub frame: &'a Frame,
    pub labels: &'a [f64],
}

/// A fitted preparation and estimator.
pub(super) struct Trained {
    pub preparation: Preparation,
    pub fitted: Fitted,
    pub seconds: f64,
    prepared: Prepared,
}

/// What candidates of a search are judged by.
pub(super) enum Judge<'a> {
    Folds(&'a [Fold]),
    Others(Examples<'a>),
}

/// What a search chose.
pub(super) struct Chosen {
    pub estimator: Estimator,
    pub params: Map<String, Value>,
    /// Every candidate with its score.
    pub trials: Vec<Value>,
}

impl Trained {
    /// Probabilities of a frame's rows.
    pub(super) fn score(&self, frame: &Frame) -> Result<Vec<f64>> {
        Ok(self.fitted.predict(&self.prepared.matrix(frame)?))
    }
}

impl Fitting<'_> {
    /// The probability from which a row is called positive.
    pub(super) fn threshold(&self) -> f64 {
        self.definition.threshold.unwrap_or(0.5)
    }

    pub(super) fn fit(&self, estimator: &Estimator, on: Examples, progress: &Progress) -> Result<Trained> {
        let begun = Instant::now();
        let steps = self.definition.prep.as_deref().unwrap_or_default();
        let preparation = fit_preparation(on.frame, steps, estimator.needs())?;
        let prepared = preparation.prepare();
        let fitted = estimator.fit(&prepared.matrix(on.frame)?, on.labels, self.seed, progress)?;
        Ok(Trained { preparation, prepared, fitted, seconds: begun.elapsed().as_secs_f64() })
    }

    /// The metrics of a fitted model on these rows.
    pub(super) fn judge(&self, trained: &Trained, by: Examples) -> Result<Metrics> {
        evaluate(by.labels, &trained.score(by.frame)?, self.threshold())
    }

    /// One set of metrics a fold; preparation and estimator are fitted on the fold's own training rows.
    pub(super) fn cross_validate(
        &self,
        estimator: &Estimator,
        on: Examples,
        folds: &[Fold],
        progress: &Progress,
    ) -> Result<Vec<Metrics>> {
        let mut scores = Vec::new();
        let step = progress.step("fold", Some(folds.len() as u64));
        for fold in folds {
            let pick = |rows: &[usize]| {
                let labels: Vec<f64> = rows.iter().map(|row| on.labels[*row]).collect();
                (on.frame.select_rows(rows), labels)
            };
            let (frame, labels) = pick(&fold.train);
            let trained = self.fit(estimator, Examples { frame: &frame, labels: &labels }, &step)?;
            let (frame, labels) = pick(&fold.validation);
            scores.push(self.judge(&trained, Examples { frame: &frame, labels: &labels })?);
            step.advance(1);
        }
        Ok(scores)
    }

    /// The candidate that is best by the search's metric.
    pub(super) fn search(
        &self,
        search: &Search,
        on: Examples,
        judge: Option<Judge>,
        progress: &Progress,
    ) -> Result<Chosen> {
        let metric = search.metric.as_deref().unwrap_or("auc");
        if !NAMES.contains(&metric) {
            return Err(Error::unknown("metric", metric, NAMES).at("search"));
        }
        let space = Space::parse(&search.space)?;
        let candidates = space.candidates(Method::parse(&search.method)?, search.trials.unwrap_or(20), self.seed)?;
        let judge = judge.ok_or_else(|| {
            Error::invalid("a search needs something to choose by")
                .hint("give cv = { folds = 5 }, or a split with a validation part")
        })?;
        let mut trials = Vec::new();
        let mut best: Option<(f64, Estimator, Map<String, Value>)> = None;
        let step = progress.step("search", Some(candidates.len() as u64));
        for candidate in candidates {
            let mut params = self.definition.params.clone();
            params.extend(candidate.clone());
            let estimator = Estimator::parse(&self.definition.model, &params).map_err(|e| e.at("search"))?;
            let score = self.score_of(&estimator, metric, on, &judge, &step)?;
            trials.push(json!({ "params": candidate, "metric": metric, "score": score }));
            let better = |old: f64| if higher_is_better(metric) { score > old } else { score < old };
            if best.as_ref().is_none_or(|(old, _, _)| better(*old)) {
                best = Some((score, estimator, candidate));
            }
            step.advance(1);
        }
        let none = || Error::invalid("the search has no candidates").hint("give trials = 20");
        best.map(|(_, estimator, params)| Chosen { estimator, params, trials }).ok_or_else(none)
    }

    /// A candidate's metric: its mean over the folds, or that on the other rows.
    fn score_of(
        &self,
        estimator: &Estimator,
        metric: &str,
        on: Examples,
        judge: &Judge,
        progress: &Progress,
    ) -> Result<f64> {
        match judge {
            Judge::Folds(folds) => {
                let scores = self.cross_validate(estimator, on, folds, progress)?;
                let of_metric = scores.iter().filter_map(|fold| fold.get(metric));
                Ok(of_metric.fold(0.0, |sum, x| sum + x) / scores.len() as f64)
            }
            Judge::Others(others) => {
                let trained = self.fit(estimator, on, progress)?;
                Ok(self.judge(&trained, *others)?.get(metric).unwrap_or(f64::NAN))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Column;

    #[test]
    fn a_search_judges_by_the_recipes_threshold() {
        let x: Vec<f64> = (0..200).map(|i| f64::from(i % 10)).collect();
        let labels: Vec<f64> = (0..200).map(|i| f64::from(u8::from(i % 10 + i / 10 % 7 > 9))).collect();
        let frame = Frame::new(vec![("x".to_owned(), Column::Number(x))]).unwrap();
        let examples = Examples { frame: &frame, labels: &labels };
        let recipe = |threshold: f64| -> TrainDef {
            serde_json::from_value(json!({
                "set": "s", "model": "tree", "threshold": threshold,
                "search": { "method": "grid", "metric": "recall", "space": { "max_depth": [2] } },
            }))
            .unwrap()
        };
        let scores = [0.0, 0.5, 1.0].map(|threshold| {
            let definition = recipe(threshold);
            let fitting = Fitting { definition: &definition, seed: 1 };
            let search = definition.search.as_ref().unwrap();
            let chosen = fitting.search(search, examples, Some(Judge::Others(examples)), &Progress::quiet()).unwrap();
            chosen.trials[0]["score"].as_f64().unwrap()
        });
        assert!(scores[0] == 1.0 && scores[0] > scores[1] && scores[1] > scores[2], "{scores:?}");
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
        let frame = Frame::new(vec![("x".to_owned(), Column::Number((0..8).map(f64::from).collect()))]).unwrap();
        let labels: Vec<f64> = (0..8).map(|i| f64::from(i % 2)).collect();
        let examples = Examples { frame: &frame, labels: &labels };
        let definition: TrainDef = serde_json::from_value(json!({
            "set": "s", "model": "forest", "params": { "n_estimators": 3 },
            "search": { "method": "grid", "metric": "accuracy", "space": { "max_depth": [1, 2] } },
        }))
        .unwrap();
        let folds = [0, 4].map(|from: usize| Fold {
            train: (0..8).filter(|row| !(from..from + 4).contains(row)).collect(),
            validation: (from..from + 4).collect(),
        });
        let began = Began::default();
        let fitting = Fitting { definition: &definition, seed: 1 };
        let search = definition.search.as_ref().unwrap();
        fitting.search(search, examples, Some(Judge::Folds(&folds)), &Progress::new(&began)).unwrap();
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
    }
}
