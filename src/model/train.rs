//! A run: recipe and data → training set → search → cross-validation → fit on the training part → metrics → bundle →
//! ledger. Same data, definitions and seed give the same bundle, whatever the number of threads.

use super::bundle::{Bundle, Lineage, save};
use super::evaluation_record::{self, EVALUATION};
use super::fitting::{Chosen, Examples, Fitting, Trained, Trial, Validation};
use super::kept_predictions::{self, KeptPart, KeptRows, PREDICTIONS};
use super::killed_runs::lock_name;
use super::recipe::{FoldRule, Recipe};
use super::recorded_definitions::{self, DEFINITIONS, ENVIRONMENT};
use super::run_values::{importance, parameters, summarise};
use super::signature::Signature;
use super::tuning::{JudgedFolds, Tuned, tune};
use crate::data::{self, Frame, Value as CellValue};
use crate::error::{self, Error, ErrorKind, Result};
use crate::features::{Labels, Part, SetOptions, TrainingSet, build_set};
use crate::learn::{Estimator, Fold, Target, Task, folds};
use crate::ledger::{ArtifactRow, InputKind, Ledger, NewRun, RunId, RunResult};
use crate::progress::Progress;
use crate::project::{CsvForm, GitRepository, Lock, Name, Project};
use crate::store::Hash;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Instant;

/// The artifact with the candidates of a search.
const TRIALS: &str = "search.json";

/// The candidates of a run's search, in the order in which they were tried; none without a search.
pub fn trials_of(project: &Project, artifacts: &[ArtifactRow]) -> Result<Vec<Trial>> {
    let Some(kept) = artifacts.iter().find(|artifact| artifact.name == TRIALS) else { return Ok(Vec::new()) };
    let bytes = project.store().read(&kept.hash)?;
    serde_json::from_slice(&bytes).map_err(|e| Error::corrupt(format!("{TRIALS}: {e}")).caused_by(e))
}

/// How a run differs from its recipe.
#[derive(Debug, Clone, Default)]
pub struct TrainOptions {
    /// Another split, or only rows from a time on.
    pub set: SetOptions,
    /// A seed in place of the project's.
    pub seed: Option<u64>,
    /// Tags to record with the run.
    pub tags: BTreeMap<String, String>,
}

/// What came out of a run.
#[derive(Debug, Clone, Serialize)]
pub struct TrainOutcome {
    /// The run's id.
    pub run: RunId,
    /// The recipe's name.
    pub recipe: Name,
    /// The bundle's hash.
    pub model: Hash,
    /// The training set's hash.
    pub set: Hash,
    /// The seed it was trained by.
    pub seed: u64,
    /// The estimator's name.
    pub estimator: String,
    /// The kind of thing that is predicted.
    pub task: Task,
    /// Parameters that a search chose.
    pub chosen: Map<String, Value>,
    /// The threshold, where it was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// `cv.auc`, `cv.auc_std`, `validation.auc`, `test.auc`, …
    pub metrics: BTreeMap<String, f64>,
    /// Number of rows of each part.
    pub rows: BTreeMap<Part, usize>,
    /// The features that matter most, with their share.
    pub importance: Vec<(String, f64)>,
    /// Seconds of the final fit.
    pub fit_seconds: f64,
    /// Seconds from the beginning to the recorded end.
    pub seconds: f64,
}

/// Trains a recipe and records the run; a failure is recorded too.
pub fn train(project: &Project, recipe: &Name, options: &TrainOptions, progress: &Progress) -> Result<TrainOutcome> {
    let checked = Recipe::new(recipe, project.definitions().recipe(recipe)?)?;
    let seed = options.seed.unwrap_or(project.definitions().project.seed);
    let mut ledger = project.ledger()?;
    let id = RunId::random()?;
    let _alive = Lock::alive(project, &lock_name(&id))?;
    ledger.begin_run(&NewRun::of_recipe(
        id.clone(),
        recipe,
        seed,
        GitRepository::around(project.root()).and_then(|git| git.head()),
    ))?;
    tracing::info!(run = id.short(), %recipe, seed, "training begins");
    let work = Work { project, name: recipe, recipe: &checked, seed, options, id: &id };
    let outcome = work.run(&mut ledger, &progress.step(format!("training {recipe}"), None));
    if let Err(e) = &outcome {
        let failed = RunResult {
            error: Some(e.message().to_owned()),
            interrupted: e.kind() == ErrorKind::Interrupted,
            tags: options.tags.clone(),
            ..RunResult::default()
        };
        // The run's own error matters more than one of recording it.
        if let Err(e) = ledger.finish_run(&id, &failed) {
            tracing::warn!(run = id.short(), error = e.with_causes(), "the failure of the run can't be recorded");
        }
    }
    outcome
}

struct Work<'a> {
    project: &'a Project,
    name: &'a Name,
    recipe: &'a Recipe,
    seed: u64,
    options: &'a TrainOptions,
    id: &'a RunId,
}

/// A training set with its labels read for the recipe's task.
struct Labelled {
    set: TrainingSet,
    labels: Labels,
    signature: Signature,
}

impl Labelled {
    /// The rows of a part, with features and target.
    fn part(&self, part: Part) -> (Vec<usize>, Frame, Target) {
        let rows = self.set.rows_of(part);
        let (frame, target) = (self.set.frame.select_rows(&rows), self.set.target(&self.labels, &rows));
        (rows, frame, target)
    }
}

impl Work<'_> {
    fn run(&self, ledger: &mut Ledger, progress: &Progress) -> Result<TrainOutcome> {
        let begun = Instant::now();
        let set = build_set(self.project, ledger, &self.recipe.definition.set, &self.options.set, progress)?;
        let mut labelled = self.labelled(set)?;
        let (train, frame, target) = labelled.part(Part::Train);
        let examples = Examples { frame: &frame, target: &target };
        let folds = self.folds(&labelled.set, &train, &target, &labelled.signature.classes)?;
        let fitting = self.fitting(&labelled);
        let Chosen { estimator, params: chosen, trials, folds: mut scores } =
            self.choose(&fitting, &labelled, examples, folds.as_deref(), progress)?;
        let mut trained = fitting.fit(&estimator, examples, &progress.step("final fit", None))?;
        let judged = scores.as_deref_mut().zip(folds.as_deref());
        let judged = judged.map(|(judged, folds)| JudgedFolds { folds, judged });
        let (rows, unseen, labels) = labelled.part(Part::Validation);
        let validation = (!rows.is_empty()).then_some(Examples { frame: &unseen, target: &labels });
        let Tuned { threshold, conformal } = tune(&fitting, &mut trained, &target, judged, validation)?;
        labelled.signature.threshold = threshold.or(labelled.signature.threshold);
        labelled.signature.conformal = conformal;
        let (fitting, set, signature) = (self.fitting(&labelled), &labelled.set, &labelled.signature);
        let mut metrics = scores.as_deref().map(summarise).unwrap_or_default();
        let mut kept = measure(&fitting, &labelled, &trained, &mut metrics)?;
        kept.extend(scores.zip(folds).map(|(scores, folds)| KeptPart::of_folds(&train, &target, &folds, &scores)));
        let importance = importance(&trained);
        let bundle = self.bundle(&labelled, &estimator, &trained, &train, &metrics)?;
        let (model, bytes) = save(&self.project.store(), &bundle)?;
        let mut artifacts = vec![ArtifactRow { name: "model".to_owned(), hash: model, bytes }];
        artifacts.extend(self.artifacts(&importance, &trials, signature, kept, progress)?);
        let result = RunResult {
            set: Some(set.hash),
            model: Some(model),
            error: None,
            interrupted: false,
            params: parameters(&estimator, &self.recipe.definition, &trained, set.plan.features.len(), threshold),
            metrics: metrics.clone(),
            tags: self.options.tags.clone(),
            inputs: self.inputs(&labelled)?,
            artifacts,
        };
        ledger.finish_run(self.id, &result)?;
        let seconds = begun.elapsed().as_secs_f64();
        tracing::info!(run = self.id.short(), model = model.short(), seconds, "training ended");
        let parts = [Part::Train, Part::Validation, Part::Test, Part::None];
        Ok(TrainOutcome {
            run: self.id.clone(),
            recipe: self.name.clone(),
            model,
            set: set.hash,
            seed: self.seed,
            estimator: estimator.name().to_owned(),
            task: signature.task,
            chosen,
            threshold,
            metrics,
            rows: parts.into_iter().map(|p| (p, set.rows_of(p).len())).collect(),
            importance: importance.into_iter().take(10).collect(),
            fit_seconds: trained.seconds,
            seconds,
        })
    }

    fn fitting<'a>(&'a self, labelled: &'a Labelled) -> Fitting<'a> {
        Fitting { recipe: self.recipe, signature: &labelled.signature, seed: self.seed }
    }

    /// Reads the labels; the recipe has to fit the task that they show.
    fn labelled(&self, set: TrainingSet) -> Result<Labelled> {
        let labels = set.labels(self.recipe.task)?;
        self.recipe.check_task(labels.task).map_err(|e| e.at(format!("recipe {}", self.name)))?;
        let label = self.project.definitions().set.get(&set.name).and_then(|s| s.label.clone()).unwrap_or_default();
        let spine = self.project.definitions().set(&set.name)?.spine.clone();
        let version = set.inputs.iter().find(|(name, _)| *name == spine);
        let csv = match version {
            Some((_, hash)) => data::manifest_of(self.project, hash)?.csv_form().clone(),
            None => CsvForm::default(),
        };
        let signature = Signature {
            csv,
            task: labels.task,
            label,
            classes: labels.classes.clone(),
            threshold: self.recipe.threshold(labels.task),
            conformal: None,
        };
        Ok(Labelled { set, labels, signature })
    }

    fn folds(
        &self,
        set: &TrainingSet,
        train: &[usize],
        target: &Target,
        classes: &[String],
    ) -> Result<Option<Vec<Fold>>> {
        let Some(plan) = self.recipe.folds else { return Ok(None) };
        if plan.by == FoldRule::Time && set.groups.is_some() {
            tracing::warn!(recipe = %self.name, "folds by time cut groups that the split keeps whole: their scores are too good");
        }
        if let Some(groups) = set.groups.as_ref().filter(|_| plan.by == FoldRule::Stratified) {
            let group = |row: &usize| match groups.get(*row) {
                CellValue::Integer(number) => u32::try_from(number).unwrap_or(u32::MAX),
                // Rows without a group are in no part.
                _ => u32::MAX,
            };
            let groups: Vec<u32> = train.iter().map(group).collect();
            return folds::grouped(&groups, plan.count, self.seed).map(Some);
        }
        match (plan.by, &set.times) {
            (FoldRule::Stratified, _) if target.task() == Task::Regression => {
                folds::random(target.len(), plan.count, self.seed).map(Some)
            }
            (FoldRule::Stratified, _) => {
                each_in_every_fold(target, classes, plan.count)?;
                folds::stratified(target.values(), plan.count, self.seed).map(Some)
            }
            (FoldRule::Time, Some(times)) => {
                let times: Vec<i64> = train.iter().map(|row| times[*row]).collect();
                folds::time(&times, plan.count).map(Some)
            }
            (FoldRule::Time, None) => Err(Error::invalid("cv by time needs the set's event_time")
                .hint("give event_time in the set, or cv by stratified")),
        }
    }

    /// The recipe's estimator, or the best one of its search: on the folds or, without them, on the validation part. It comes
    /// with its metrics on the folds, if there are any.
    fn choose(
        &self,
        fitting: &Fitting,
        labelled: &Labelled,
        on: Examples,
        folds: Option<&[Fold]>,
        progress: &Progress,
    ) -> Result<Chosen> {
        let Some(plan) = &self.recipe.search else {
            let estimator = self.recipe.estimator.clone();
            let folds = folds.map(|folds| fitting.cross_validate(&estimator, on, folds, progress)).transpose()?;
            return Ok(Chosen { estimator, params: Map::new(), trials: Vec::new(), folds });
        };
        let (rows, frame, target) = labelled.part(Part::Validation);
        let part = (!rows.is_empty()).then_some(Validation::Part(Examples { frame: &frame, target: &target }));
        fitting.search(plan, on, folds.map(Validation::Folds).or(part), progress)
    }

    fn bundle(
        &self,
        labelled: &Labelled,
        estimator: &Estimator,
        trained: &Trained,
        train: &[usize],
        metrics: &BTreeMap<String, f64>,
    ) -> Result<Bundle> {
        let set = &labelled.set;
        let times = set.times.as_ref().map(|times| train.iter().map(|row| times[*row]));
        let trained_on = times.and_then(|t| Some((t.clone().min()?, t.max()?)));
        Ok(Bundle {
            signature: labelled.signature.clone(),
            features: set.plan.clone(),
            preparation: trained.preparation.clone(),
            estimator: estimator.name().to_owned(),
            parameters: estimator.parameters(),
            fitted: trained.fitted.clone(),
            metrics: metrics.iter().map(|(k, v)| (k.clone(), json!(v))).collect(),
            lineage: Lineage {
                set: set.hash,
                data: set.inputs.iter().map(|(name, hash)| (name.to_string(), *hash)).collect(),
                recipe: self.recipe.hash(labelled.signature.task)?,
                seed: self.seed,
                trained_on,
            },
        })
    }

    /// What the run was trained from: kind, name, hash.
    fn inputs(&self, labelled: &Labelled) -> Result<Vec<(InputKind, String, Hash)>> {
        let (set, recipe) = (&labelled.set, self.recipe.hash(labelled.signature.task)?);
        let mut inputs =
            vec![(InputKind::Set, set.name.to_string(), set.hash), (InputKind::Recipe, self.name.to_string(), recipe)];
        inputs.extend(set.inputs.iter().map(|(name, hash)| (InputKind::Dataset, name.to_string(), *hash)));
        Ok(inputs)
    }

    /// The files that the run keeps beside the model.
    fn artifacts(
        &self,
        importance: &[(String, f64)],
        trials: &[Trial],
        signature: &Signature,
        kept: Vec<KeptPart>,
        progress: &Progress,
    ) -> Result<Vec<ArtifactRow>> {
        let kept: Vec<KeptPart> = kept.into_iter().map(|part| part.bounded(self.seed)).collect();
        let evaluation = evaluation_record::measure(&kept, signature, self.seed, progress)?;
        let definitions = recorded_definitions::of(self.project, self.name, &self.options.set)?;
        let mut files = vec![
            ("importance.json", written(&importance)?),
            (PREDICTIONS, kept_predictions::write(&kept)?),
            (EVALUATION, written(&evaluation)?),
            (DEFINITIONS, written(&definitions)?),
            (ENVIRONMENT, written(&recorded_definitions::environment())?),
        ];
        if !trials.is_empty() {
            files.push((TRIALS, written(&trials)?));
        }
        let store = self.project.store();
        let batch = store.batch();
        let mut artifacts = Vec::new();
        for (name, content) in files {
            let stored = batch.put(&content)?;
            artifacts.push(ArtifactRow { name: name.to_owned(), hash: stored.hash, bytes: stored.size });
        }
        batch.commit()?;
        Ok(artifacts)
    }
}

/// Refuses a class with too few rows for each fold to have one.
fn each_in_every_fold(target: &Target, classes: &[String], folds: usize) -> Result<()> {
    for (place, class) in classes.iter().enumerate() {
        let rows = target.values().iter().filter(|value| **value == place as f64).count();
        if (1..folds).contains(&rows) {
            let shown = if rows == 1 { "1 training row".to_owned() } else { format!("{rows} training rows") };
            let text = format!("class {} has {shown}, too few for {folds} folds", error::quoted(class));
            return Err(Error::invalid(text).hint("take fewer folds, or put rare classes together in the label"));
        }
    }
    Ok(())
}

/// Adds the metrics of each part that has rows; the predictions of those that the model was not fitted on.
fn measure(
    fitting: &Fitting,
    labelled: &Labelled,
    trained: &Trained,
    metrics: &mut BTreeMap<String, f64>,
) -> Result<Vec<KeptPart>> {
    let mut kept = Vec::new();
    for part in [Part::Train, Part::Validation, Part::Test] {
        let (rows, frame, target) = labelled.part(part);
        if rows.is_empty() {
            continue;
        }
        let found = fitting.judge(trained, Examples { frame: &frame, target: &target })?;
        metrics.extend(found.metrics.iter().map(|(name, value)| (format!("{}.{name}", part.name()), value)));
        let covered = fitting.signature.coverage(&found.predictions, &target);
        metrics.extend(covered.map(|(name, value)| (format!("{}.{name}", part.name()), value)));
        let which = match part {
            Part::Validation => KeptRows::Validation,
            Part::Test => KeptRows::Test,
            Part::Train | Part::None => continue,
        };
        kept.push(KeptPart::new(which, rows, target.values().to_vec(), found.predictions));
    }
    Ok(kept)
}

fn written(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(|e| Error::invalid(e.to_string()))
}
