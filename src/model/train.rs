//! A run: recipe and data → training set → search → cross-validation → fit on the training part → metrics → bundle →
//! ledger. Same data, definitions and seed give the same bundle, whatever the number of threads.

use super::bundle::{Bundle, Lineage, Signature, save};
use super::settle::lock_name;
use crate::data::{Frame, head_commit};
use crate::error::{Error, Result};
use crate::features::{Part, SetOptions, TrainingSet, build_set};
use crate::learn::metrics::{NAMES, higher_is_better};
use crate::learn::search::{Method, Space};
use crate::learn::{Estimator, Fitted, Fold, evaluate, folds};
use crate::ledger::{ArtifactRow, InputRow, Ledger, RunId, RunRow, RunStatus};
use crate::prep::{Preparation, Prepared, fit as fit_preparation};
use crate::progress::Progress;
use crate::project::{Lock, Name, Project, Search, TrainDef, now_micros};
use crate::store::Hash;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Instant;

/// How a run differs from its recipe.
#[derive(Debug, Clone, Default)]
pub struct TrainOptions {
    /// Another split or window.
    pub set: SetOptions,
    /// Another seed.
    pub seed: Option<u64>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// What came out of a run.
#[derive(Debug, Clone, Serialize)]
pub struct TrainOutcome {
    /// The run.
    pub run: RunId,
    /// The recipe.
    pub recipe: Name,
    /// The bundle's hash.
    pub model: Hash,
    /// The training set's hash.
    pub set: Hash,
    /// The seed.
    pub seed: u64,
    /// The estimator.
    pub estimator: String,
    /// Parameters that a search chose.
    pub chosen: Map<String, Value>,
    /// `cv.auc`, `cv.auc_std`, `validation.auc`, `test.auc`, …
    pub metrics: BTreeMap<String, f64>,
    /// Rows by part.
    pub rows: BTreeMap<&'static str, usize>,
    /// The features that matter most, with their share.
    pub importance: Vec<(String, f64)>,
    /// Seconds of the final fit.
    pub fit_seconds: f64,
    /// Seconds of everything.
    pub seconds: f64,
}

/// Trains a recipe and records the run; a failure is recorded too.
pub fn train(
    project: &Project,
    recipe: &Name,
    options: &TrainOptions,
    progress: &dyn Progress,
) -> Result<TrainOutcome> {
    let definitions = project.definitions();
    let definition = definitions.recipe(recipe)?;
    let seed = options.seed.unwrap_or(definitions.project.seed);
    let estimator = checked(definition).map_err(|e| e.at(format!("recipe {recipe}")))?;
    let mut ledger = project.ledger()?;
    let id = RunId::random()?;
    let _alive = Lock::alive(project, &lock_name(&id))?;
    ledger.begin_run(&id, recipe, seed, head_commit(project.root()).as_deref())?;
    let work = Work { project, recipe, definition, estimator, seed, options, id: &id };
    let outcome = work.run(&mut ledger, progress);
    if let Err(e) = &outcome {
        let mut row = work.row(RunStatus::Failed);
        row.error = Some(e.message().to_owned());
        // The run's own error matters more than one of recording it.
        let _ = ledger.finish_run(&row, &[], &[]);
    }
    outcome
}

/// The recipe's estimator; fails on what can be known to be wrong before any data is read.
fn checked(definition: &TrainDef) -> Result<Estimator> {
    if let Some(task) = definition.task.as_deref().filter(|task| *task != "binary") {
        return Err(Error::unknown("task", task, ["binary"]));
    }
    if let Some(threshold) = definition.threshold.filter(|t| !(0.0..=1.0).contains(t)) {
        return Err(Error::invalid(format!("threshold = {threshold}")).hint("it takes a probability from 0 to 1"));
    }
    Estimator::parse(&definition.model, &definition.params)
}

struct Work<'a> {
    project: &'a Project,
    recipe: &'a Name,
    definition: &'a TrainDef,
    estimator: Estimator,
    seed: u64,
    options: &'a TrainOptions,
    id: &'a RunId,
}

/// A fitted preparation and estimator.
struct Trained {
    preparation: Preparation,
    prepared: Prepared,
    fitted: Fitted,
    seconds: f64,
}

impl Work<'_> {
    fn run(&self, ledger: &mut Ledger, progress: &dyn Progress) -> Result<TrainOutcome> {
        let begun = Instant::now();
        let set = build_set(self.project, ledger, &self.definition.set, &self.options.set, progress)?;
        if set.label.is_empty() {
            return Err(
                Error::invalid(format!("set \"{}\" has no label", set.name)).hint("give label = \"…\" in the set")
            );
        }
        let train = set.rows_of(Part::Train);
        let frame = set.frame.select_rows(&train);
        let labels = set.labels_of(&train);
        let folds = self.folds(&set, &train, &labels)?;
        let mut trials = Vec::new();
        let (estimator, chosen) = match &self.definition.search {
            Some(search) => self.search(search, &set, &frame, &labels, folds.as_deref(), &mut trials, progress)?,
            None => (self.estimator.clone(), Map::new()),
        };
        let mut metrics = BTreeMap::new();
        if let Some(folds) = &folds {
            let scores = self.cross_validate(&estimator, &frame, &labels, folds, progress)?;
            summarise(&scores, &mut metrics);
        }
        progress.start("fitting", estimator.steps());
        let trained = self.fit(&estimator, &frame, &labels, progress)?;
        progress.finish();
        let threshold = self.definition.threshold.unwrap_or(0.5);
        for part in [Part::Train, Part::Validation, Part::Test] {
            let rows = set.rows_of(part);
            if !rows.is_empty() {
                let scores = trained.score(&set.frame.select_rows(&rows))?;
                let found = evaluate(&set.labels_of(&rows), &scores, threshold)?;
                metrics.extend(found.iter().map(|(name, value)| (format!("{}.{name}", part.name()), value)));
            }
        }
        let importance = self.importance(&trained);
        let bundle = self.bundle(&set, &estimator, &trained, threshold, &train, &metrics)?;
        let (model, bytes) = save(&self.project.store(), &bundle)?;
        let mut artifacts = vec![ArtifactRow { name: "model".to_owned(), hash: model, bytes }];
        artifacts.push(self.artifact("importance.json", &importance)?);
        if !trials.is_empty() {
            artifacts.push(self.artifact("search.json", &trials)?);
        }
        let mut row = self.row(RunStatus::Finished);
        row.set = Some(set.hash);
        row.model = Some(model);
        row.metrics = metrics.clone();
        row.params = parameters(&estimator, self.definition, &trained.preparation);
        ledger.finish_run(&row, &self.inputs(&set)?, &artifacts)?;
        let parts = [Part::Train, Part::Validation, Part::Test, Part::None];
        Ok(TrainOutcome {
            run: self.id.clone(),
            recipe: self.recipe.clone(),
            model,
            set: set.hash,
            seed: self.seed,
            estimator: estimator.name().to_owned(),
            chosen,
            metrics,
            rows: parts.into_iter().map(|p| (p.name(), set.rows_of(p).len())).collect(),
            importance: importance.into_iter().take(10).collect(),
            fit_seconds: trained.seconds,
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    fn row(&self, status: RunStatus) -> RunRow {
        RunRow {
            id: self.id.clone(),
            recipe: self.recipe.to_string(),
            status,
            started: now_micros(),
            seconds: None,
            seed: self.seed,
            set: None,
            model: None,
            commit: None,
            error: None,
            params: BTreeMap::new(),
            metrics: BTreeMap::new(),
            tags: self.options.tags.clone(),
        }
    }

    fn folds(&self, set: &TrainingSet, train: &[usize], labels: &[f64]) -> Result<Option<Vec<Fold>>> {
        let Some(cv) = &self.definition.cv else { return Ok(None) };
        match (cv.by.as_deref().unwrap_or("stratified"), &set.times) {
            ("stratified", _) => folds::stratified(labels, cv.folds, self.seed).map(Some),
            ("time", Some(times)) => {
                let times: Vec<i64> = train.iter().map(|row| times[*row]).collect();
                folds::time(&times, cv.folds).map(Some)
            }
            ("time", None) => Err(Error::invalid("cv by time needs the set's event_time")
                .hint("give event_time in the set, or cv by stratified")),
            (other, _) => Err(Error::unknown("cv by", other, ["stratified", "time"])),
        }
    }

    fn fit(&self, estimator: &Estimator, frame: &Frame, labels: &[f64], progress: &dyn Progress) -> Result<Trained> {
        let begun = Instant::now();
        let steps = self.definition.prep.as_deref().unwrap_or_default();
        let preparation = fit_preparation(frame, steps, estimator.needs())?;
        let prepared = preparation.prepare();
        let fitted = estimator.fit(&prepared.matrix(frame)?, labels, self.seed, progress)?;
        Ok(Trained { preparation, prepared, fitted, seconds: begun.elapsed().as_secs_f64() })
    }

    /// One set of metrics a fold; preparation and estimator are fitted on the fold's own training rows.
    fn cross_validate(
        &self,
        estimator: &Estimator,
        frame: &Frame,
        labels: &[f64],
        folds: &[Fold],
        progress: &dyn Progress,
    ) -> Result<Vec<Vec<(&'static str, f64)>>> {
        let mut scores = Vec::new();
        for (at, fold) in folds.iter().enumerate() {
            progress.start(&format!("fold {} of {}", at + 1, folds.len()), estimator.steps());
            let pick = |rows: &[usize]| rows.iter().map(|row| labels[*row]).collect::<Vec<f64>>();
            let trained = self.fit(estimator, &frame.select_rows(&fold.train), &pick(&fold.train), progress)?;
            let predicted = trained.score(&frame.select_rows(&fold.validation))?;
            scores.push(
                evaluate(&pick(&fold.validation), &predicted, self.definition.threshold.unwrap_or(0.5))?
                    .iter()
                    .collect(),
            );
            progress.finish();
        }
        Ok(scores)
    }

    /// The candidate that is best by the search's metric, on the folds or, without them, on the validation part.
    #[allow(clippy::too_many_arguments)]
    fn search(
        &self,
        search: &Search,
        set: &TrainingSet,
        frame: &Frame,
        labels: &[f64],
        folds: Option<&[Fold]>,
        trials: &mut Vec<Value>,
        progress: &dyn Progress,
    ) -> Result<(Estimator, Map<String, Value>)> {
        let metric = search.metric.as_deref().unwrap_or("auc");
        if !NAMES.contains(&metric) {
            return Err(Error::unknown("metric", metric, NAMES).at("search"));
        }
        let space = Space::parse(&search.space)?;
        let candidates = space.candidates(Method::parse(&search.method)?, search.trials.unwrap_or(20), self.seed)?;
        let validation = set.rows_of(Part::Validation);
        if folds.is_none() && validation.is_empty() {
            return Err(Error::invalid("a search needs something to choose by")
                .hint("give cv = { folds = 5 }, or a split with a validation part"));
        }
        let mut best: Option<(f64, Estimator, Map<String, Value>)> = None;
        for candidate in candidates {
            let mut params = self.definition.params.clone();
            params.extend(candidate.clone());
            let estimator = Estimator::parse(&self.definition.model, &params).map_err(|e| e.at("search"))?;
            let score = match folds {
                Some(folds) => {
                    let scores = self.cross_validate(&estimator, frame, labels, folds, progress)?;
                    let of_metric = scores.iter().filter_map(|fold| fold.iter().find(|(n, _)| *n == metric));
                    of_metric.fold(0.0, |a, (_, x)| a + x) / scores.len() as f64
                }
                None => {
                    progress.start("searching", estimator.steps());
                    let trained = self.fit(&estimator, frame, labels, progress)?;
                    progress.finish();
                    let predicted = trained.score(&set.frame.select_rows(&validation))?;
                    evaluate(&set.labels_of(&validation), &predicted, 0.5)?.get(metric).unwrap_or(f64::NAN)
                }
            };
            trials.push(json!({ "params": candidate, "metric": metric, "score": score }));
            let better = |old: f64| if higher_is_better(metric) { score > old } else { score < old };
            if best.as_ref().is_none_or(|(old, _, _)| better(*old)) {
                best = Some((score, estimator, candidate));
            }
        }
        let (_, estimator, chosen) =
            best.ok_or_else(|| Error::invalid("the search has no candidates").hint("give trials = 20"))?;
        Ok((estimator, chosen))
    }

    fn importance(&self, trained: &Trained) -> Vec<(String, f64)> {
        let names = trained.preparation.outputs().into_iter().map(|(name, _)| name);
        let mut importance: Vec<(String, f64)> = names.zip(trained.fitted.importance()).collect();
        importance.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        importance
    }

    fn bundle(
        &self,
        set: &TrainingSet,
        estimator: &Estimator,
        trained: &Trained,
        threshold: f64,
        train: &[usize],
        metrics: &BTreeMap<String, f64>,
    ) -> Result<Bundle> {
        let times = set.times.as_ref().map(|times| train.iter().map(|row| times[*row]));
        let trained_on = times.and_then(|t| Some((t.clone().min()?, t.max()?)));
        Ok(Bundle {
            signature: Signature {
                label: self.project.definitions().set.get(&set.name).and_then(|s| s.label.clone()).unwrap_or_default(),
                classes: set.classes.clone(),
                threshold,
            },
            features: set.plan.clone(),
            preparation: trained.preparation.clone(),
            estimator: estimator.name().to_owned(),
            parameters: estimator.parameters(),
            fitted: trained.fitted.clone(),
            metrics: metrics.iter().map(|(k, v)| (k.clone(), json!(v))).collect(),
            lineage: Lineage {
                set: set.hash,
                data: set.inputs.iter().map(|(name, hash)| (name.to_string(), *hash)).collect(),
                recipe: Hash::of_json(self.definition)?,
                seed: self.seed,
                trained_on,
            },
        })
    }

    fn inputs(&self, set: &TrainingSet) -> Result<Vec<InputRow>> {
        let row = |kind: &str, name: String, hash: Hash| InputRow {
            consumer: String::new(),
            kind: kind.to_owned(),
            name,
            hash,
        };
        let mut inputs = vec![row("set", set.name.to_string(), set.hash)];
        inputs.push(row("recipe", self.recipe.to_string(), Hash::of_json(self.definition)?));
        inputs.extend(set.inputs.iter().map(|(name, hash)| row("dataset", name.to_string(), *hash)));
        Ok(inputs)
    }

    fn artifact(&self, name: &str, value: &impl Serialize) -> Result<ArtifactRow> {
        let text = serde_json::to_vec_pretty(value).map_err(|e| Error::invalid(e.to_string()))?;
        let stored = self.project.store().put(&text)?;
        Ok(ArtifactRow { name: name.to_owned(), hash: stored.hash, bytes: stored.size })
    }
}

impl Trained {
    fn score(&self, frame: &Frame) -> Result<Vec<f64>> {
        Ok(self.fitted.predict(&self.prepared.matrix(frame)?))
    }
}

/// What goes into the ledger as parameters: the estimator's, and what was prepared how.
fn parameters(estimator: &Estimator, definition: &TrainDef, preparation: &Preparation) -> BTreeMap<String, String> {
    let plain = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let mut params: BTreeMap<String, String> =
        estimator.parameters().iter().map(|(k, v)| (k.clone(), plain(v))).collect();
    params.insert("model".to_owned(), estimator.name().to_owned());
    let prep = definition.prep.as_ref().map_or_else(
        || {
            format!(
                "default for {}: {} features to {} columns",
                estimator.name(),
                preparation.chains.len(),
                preparation.width()
            )
        },
        |steps| steps.iter().map(|s| s.op.as_str()).collect::<Vec<_>>().join(", "),
    );
    params.insert("prep".to_owned(), prep);
    params
}

/// Mean and standard deviation (n - 1) of each metric over the folds.
fn summarise(scores: &[Vec<(&'static str, f64)>], metrics: &mut BTreeMap<String, f64>) {
    for (at, name) in NAMES.iter().enumerate() {
        let values = || scores.iter().filter_map(|fold| fold.get(at)).map(|(_, x)| *x);
        let count = values().count() as f64;
        let mean = values().fold(0.0, |a, x| a + x) / count;
        let spread = (values().fold(0.0, |a, x| a + (x - mean) * (x - mean)) / (count - 1.0)).sqrt();
        metrics.insert(format!("cv.{name}"), mean);
        metrics.insert(format!("cv.{name}_std"), spread);
    }
}
