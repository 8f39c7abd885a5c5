//! A run: recipe and data → training set → search → cross-validation → fit on the training part → metrics → bundle →
//! ledger. Same data, definitions and seed give the same bundle, whatever the number of threads.

use super::bundle::{Bundle, Lineage, Signature, save};
use super::fitting::{Chosen, Examples, Fitting, Judge, Trained};
use super::settle::lock_name;
use crate::data::head_commit;
use crate::error::{Error, Result};
use crate::features::{Part, SetOptions, TrainingSet, build_set};
use crate::learn::metrics::NAMES;
use crate::learn::{Estimator, Fold, Metrics, folds};
use crate::ledger::{ArtifactRow, Ledger, RunId, RunResult};
use crate::prep::Preparation;
use crate::progress::Progress;
use crate::project::{Lock, Name, Project, TrainDef};
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
pub fn train(project: &Project, recipe: &Name, options: &TrainOptions, progress: &Progress) -> Result<TrainOutcome> {
    let definition = project.definitions().recipe(recipe)?;
    let seed = options.seed.unwrap_or(project.definitions().project.seed);
    let estimator = checked(definition).map_err(|e| e.at(format!("recipe {recipe}")))?;
    let mut ledger = project.ledger()?;
    let id = RunId::random()?;
    let _alive = Lock::alive(project, &lock_name(&id))?;
    ledger.begin_run(&id, recipe, seed, head_commit(project.root()).as_deref())?;
    tracing::info!(run = id.short(), %recipe, seed, "training begins");
    let work = Work { project, recipe, fitting: Fitting { definition, seed }, estimator, options, id: &id };
    let outcome = work.run(&mut ledger, &progress.step(format!("training {recipe}"), None));
    if let Err(e) = &outcome {
        let failed =
            RunResult { error: Some(e.message().to_owned()), tags: options.tags.clone(), ..RunResult::default() };
        // The run's own error matters more than one of recording it.
        if let Err(e) = ledger.finish_run(&id, &failed) {
            tracing::warn!(run = id.short(), error = e.with_causes(), "the failure of the run can't be recorded");
        }
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
    fitting: Fitting<'a>,
    estimator: Estimator,
    options: &'a TrainOptions,
    id: &'a RunId,
}

impl Work<'_> {
    fn run(&self, ledger: &mut Ledger, progress: &Progress) -> Result<TrainOutcome> {
        let begun = Instant::now();
        let set = build_set(self.project, ledger, &self.fitting.definition.set, &self.options.set, progress)?;
        if set.label.is_empty() {
            return Err(
                Error::invalid(format!("set \"{}\" has no label", set.name)).hint("give label = \"…\" in the set")
            );
        }
        let train = set.rows_of(Part::Train);
        let (frame, labels) = (set.frame.select_rows(&train), set.labels_of(&train));
        let examples = Examples { frame: &frame, labels: &labels };
        let folds = self.folds(&set, &train, &labels)?;
        let Chosen { estimator, params: chosen, trials } = self.choose(&set, examples, folds.as_deref(), progress)?;
        let mut metrics = BTreeMap::new();
        if let Some(folds) = &folds {
            summarise(&self.fitting.cross_validate(&estimator, examples, folds, progress)?, &mut metrics);
        }
        let trained = self.fitting.fit(&estimator, examples, &progress.step("final fit", None))?;
        self.measure(&set, &trained, &mut metrics)?;
        let importance = importance(&trained);
        let bundle = self.bundle(&set, &estimator, &trained, &train, &metrics)?;
        let (model, bytes) = save(&self.project.store(), &bundle)?;
        let mut artifacts = vec![ArtifactRow { name: "model".to_owned(), hash: model, bytes }];
        artifacts.push(self.artifact("importance.json", &importance)?);
        if !trials.is_empty() {
            artifacts.push(self.artifact("search.json", &trials)?);
        }
        let result = RunResult {
            set: Some(set.hash),
            model: Some(model),
            error: None,
            params: parameters(&estimator, self.fitting.definition, &trained.preparation),
            metrics: metrics.clone(),
            tags: self.options.tags.clone(),
            inputs: self.inputs(&set)?,
            artifacts,
        };
        ledger.finish_run(self.id, &result)?;
        let seconds = begun.elapsed().as_secs_f64();
        tracing::info!(run = self.id.short(), model = model.short(), seconds, "training ended");
        let parts = [Part::Train, Part::Validation, Part::Test, Part::None];
        Ok(TrainOutcome {
            run: self.id.clone(),
            recipe: self.recipe.clone(),
            model,
            set: set.hash,
            seed: self.fitting.seed,
            estimator: estimator.name().to_owned(),
            chosen,
            metrics,
            rows: parts.into_iter().map(|p| (p.name(), set.rows_of(p).len())).collect(),
            importance: importance.into_iter().take(10).collect(),
            fit_seconds: trained.seconds,
            seconds,
        })
    }

    fn folds(&self, set: &TrainingSet, train: &[usize], labels: &[f64]) -> Result<Option<Vec<Fold>>> {
        let Some(cv) = &self.fitting.definition.cv else { return Ok(None) };
        match (cv.by.as_deref().unwrap_or("stratified"), &set.times) {
            ("stratified", _) => folds::stratified(labels, cv.folds, self.fitting.seed).map(Some),
            ("time", Some(times)) => {
                let times: Vec<i64> = train.iter().map(|row| times[*row]).collect();
                folds::time(&times, cv.folds).map(Some)
            }
            ("time", None) => Err(Error::invalid("cv by time needs the set's event_time")
                .hint("give event_time in the set, or cv by stratified")),
            (other, _) => Err(Error::unknown("cv by", other, ["stratified", "time"])),
        }
    }

    /// The recipe's estimator, or the best one of its search: on the folds or, without them, on the validation part.
    fn choose(&self, set: &TrainingSet, on: Examples, folds: Option<&[Fold]>, progress: &Progress) -> Result<Chosen> {
        let Some(search) = &self.fitting.definition.search else {
            return Ok(Chosen { estimator: self.estimator.clone(), params: Map::new(), trials: Vec::new() });
        };
        let rows = set.rows_of(Part::Validation);
        let (frame, labels) = (set.frame.select_rows(&rows), set.labels_of(&rows));
        let others = (!rows.is_empty()).then_some(Judge::Others(Examples { frame: &frame, labels: &labels }));
        self.fitting.search(search, on, folds.map(Judge::Folds).or(others), progress)
    }

    /// Adds the metrics of each part that has rows.
    fn measure(&self, set: &TrainingSet, trained: &Trained, metrics: &mut BTreeMap<String, f64>) -> Result<()> {
        for part in [Part::Train, Part::Validation, Part::Test] {
            let rows = set.rows_of(part);
            if !rows.is_empty() {
                let (frame, labels) = (set.frame.select_rows(&rows), set.labels_of(&rows));
                let found = self.fitting.judge(trained, Examples { frame: &frame, labels: &labels })?;
                metrics.extend(found.iter().map(|(name, value)| (format!("{}.{name}", part.name()), value)));
            }
        }
        Ok(())
    }

    fn bundle(
        &self,
        set: &TrainingSet,
        estimator: &Estimator,
        trained: &Trained,
        train: &[usize],
        metrics: &BTreeMap<String, f64>,
    ) -> Result<Bundle> {
        let times = set.times.as_ref().map(|times| train.iter().map(|row| times[*row]));
        let trained_on = times.and_then(|t| Some((t.clone().min()?, t.max()?)));
        Ok(Bundle {
            signature: Signature {
                label: self.project.definitions().set.get(&set.name).and_then(|s| s.label.clone()).unwrap_or_default(),
                classes: set.classes.clone(),
                threshold: self.fitting.threshold(),
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
                recipe: Hash::of_json(self.fitting.definition)?,
                seed: self.fitting.seed,
                trained_on,
            },
        })
    }

    /// What the run was made of: kind, name, hash.
    fn inputs(&self, set: &TrainingSet) -> Result<Vec<(&'static str, String, Hash)>> {
        let recipe = Hash::of_json(self.fitting.definition)?;
        let mut inputs = vec![("set", set.name.to_string(), set.hash), ("recipe", self.recipe.to_string(), recipe)];
        inputs.extend(set.inputs.iter().map(|(name, hash)| ("dataset", name.to_string(), *hash)));
        Ok(inputs)
    }

    fn artifact(&self, name: &str, value: &impl Serialize) -> Result<ArtifactRow> {
        let text = serde_json::to_vec_pretty(value).map_err(|e| Error::invalid(e.to_string()))?;
        let stored = self.project.store().put(&text)?;
        Ok(ArtifactRow { name: name.to_owned(), hash: stored.hash, bytes: stored.size })
    }
}

/// The prepared columns with what each matters, the greatest first.
fn importance(trained: &Trained) -> Vec<(String, f64)> {
    let names = trained.preparation.outputs().into_iter().map(|(name, _)| name);
    let mut importance: Vec<(String, f64)> = names.zip(trained.fitted.importance()).collect();
    importance.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    importance
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
fn summarise(scores: &[Metrics], metrics: &mut BTreeMap<String, f64>) {
    for name in NAMES {
        let values = || scores.iter().filter_map(|fold| fold.get(name));
        let count = values().count() as f64;
        let mean = values().fold(0.0, |a, x| a + x) / count;
        let spread = (values().fold(0.0, |a, x| a + (x - mean) * (x - mean)) / (count - 1.0)).sqrt();
        metrics.insert(format!("cv.{name}"), mean);
        metrics.insert(format!("cv.{name}_std"), spread);
    }
}
