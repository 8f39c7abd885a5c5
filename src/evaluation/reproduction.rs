//! A run trained once more from what was recorded of it: the same versions of data, the definitions as they stood, the same seed. The model
//! has the same hash, or what differs is named.
//!
//! It is a rehearsal: everything is written into a folder that is gone afterwards; the project and its ledger stay as they are. The training
//! set is joined again from the versions, not taken from the store.

use super::run_difference::{RunChange, changes, written};
use crate::data;
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::{InputKind, InputRow, Ledger, RunId, RunRow};
use crate::model::{self, Bundle, RecordedDefinitions, TrainOptions};
use crate::progress::Progress;
use crate::project::{LockFile, Name, Project};
use crate::store::Hash;
use serde::Serialize;
use std::time::Instant;

/// How training again ended.
#[derive(Debug, Clone, Serialize)]
pub struct ReproduceOutcome {
    /// The run.
    pub run: RunId,
    /// Its name.
    pub name: String,
    /// Whether training again gave the same model.
    pub same: bool,
    /// The hash of the run's model.
    pub recorded: Hash,
    /// The hash of the new one; none where it could not be trained.
    pub reproduced: Option<Hash>,
    /// Why they differ, or why it could not be trained.
    pub causes: Vec<String>,
    /// What `mlops.toml` says otherwise today, which was not taken.
    pub changed_since: Vec<RunChange>,
    /// Seconds that it took.
    pub seconds: f64,
}

/// Trains a finished run again and compares the models.
///
/// Errors: a run without a recipe or model, Ctrl-C, a disk that fails. That the data is gone or training fails is a result.
pub fn reproduce(project: &Project, ledger: &Ledger, run: &RunRow, progress: &Progress) -> Result<ReproduceOutcome> {
    let begun = Instant::now();
    let recorded = run.model.ok_or_else(|| {
        Error::invalid(format!("run {} has no model", run.id.short())).hint("choose a finished run: `mlops run list`")
    })?;
    let recipe = run.source.recipe().ok_or_else(|| {
        Error::invalid(format!("run {} is not of a recipe", run.id.short()))
            .hint("only what mlops trained can be trained again")
    })?;
    let artifacts = ledger.run_artifacts(&run.id)?;
    let kept = model::definitions_of(project, &artifacts)?;
    let recorded_run = RecordedRun { project, ledger, run, recipe, inputs: ledger.run_inputs(&run.id)?, kept };
    let mut outcome = ReproduceOutcome {
        run: run.id.clone(),
        name: run.name.clone(),
        same: false,
        recorded,
        reproduced: None,
        causes: missing_data(project, &recorded_run.inputs),
        changed_since: recorded_run
            .kept
            .as_ref()
            .map_or_else(|| Ok(Vec::new()), |kept| changed_since(project, kept))?,
        seconds: 0.0,
    };
    if outcome.causes.is_empty() {
        recorded_run.compare(&mut outcome, progress)?;
    }
    if !outcome.same {
        outcome.causes.extend(other_environment(project, &artifacts)?);
        if recorded_run.kept.is_none() {
            outcome.causes.push("the run is from before definitions were kept: mlops.toml of now was taken".to_owned());
        }
    }
    outcome.seconds = begun.elapsed().as_secs_f64();
    Ok(outcome)
}

/// A run with all that it was trained from.
struct RecordedRun<'a> {
    project: &'a Project,
    ledger: &'a Ledger,
    run: &'a RunRow,
    recipe: &'a Name,
    inputs: Vec<InputRow>,
    kept: Option<RecordedDefinitions>,
}

impl RecordedRun<'_> {
    /// Trains again and writes into the outcome how the models compare.
    fn compare(&self, outcome: &mut ReproduceOutcome, progress: &Progress) -> Result<()> {
        match self.again(progress) {
            Ok((hash, bundle)) => {
                outcome.same = hash == outcome.recorded;
                outcome.reproduced = Some(hash);
                if !outcome.same {
                    outcome.causes = differences(self.project, &outcome.recorded, &bundle, self.kept.is_some())?;
                }
            }
            Err(e) if matches!(e.kind(), ErrorKind::Interrupted | ErrorKind::Io | ErrorKind::Locked) => return Err(e),
            Err(e) => outcome.causes.push(format!("it can't be trained any more: {}", e.message())),
        }
        Ok(())
    }

    /// Trains in a folder that goes away; the new model with its hash.
    fn again(&self, progress: &Progress) -> Result<(Hash, Bundle)> {
        let now = || self.project.definitions().clone();
        let definitions = self.kept.as_ref().map_or_else(now, |kept| kept.definitions.clone());
        let folder = self.project.store().temporary_folder()?;
        let rehearsal = self.project.with_definitions(definitions).rehearsed_in(folder.path())?;
        self.ledger.copy_to(&rehearsal.dir("ledger.db"))?;
        let datasets = self.inputs.iter().filter(|input| input.kind == InputKind::Dataset);
        let versions = datasets.map(|input| Ok((Name::parse(&input.name)?, input.hash))).collect::<Result<_>>()?;
        LockFile { versions }.write(&rehearsal)?;
        if let Some(set) = &self.run.set {
            rehearsal.ledger()?.forget_training_set(set)?;
        }
        let set = self.kept.as_ref().map(RecordedDefinitions::set_options).unwrap_or_default();
        let options = TrainOptions { set, seed: self.run.seed, ..TrainOptions::default() };
        let trained = model::train(&rehearsal, self.recipe, &options, progress)?;
        Ok((trained.model, model::load(&rehearsal.store(), &trained.model)?))
    }
}

/// The versions whose manifest or files are not in the store.
fn missing_data(project: &Project, inputs: &[InputRow]) -> Vec<String> {
    let datasets = inputs.iter().filter(|input| input.kind == InputKind::Dataset);
    let missing = |input: &InputRow| {
        let place = format!("version {} of \"{}\"", input.hash.short(), input.name);
        match data::manifest_of(project, &input.hash) {
            Err(e) => Some(format!("{place} can't be read: {}", e.message())),
            Ok(manifest) => {
                let store = project.store();
                let gone: Vec<&str> = manifest
                    .files()
                    .iter()
                    .filter(|file| !store.has(&file.hash))
                    .map(|file| file.path.as_str())
                    .collect();
                let first = gone.first()?;
                Some(format!(
                    "{place} is gone: {first} is not in the store, {} of {} files",
                    gone.len(),
                    manifest.files().len()
                ))
            }
        }
    };
    datasets.filter_map(missing).collect()
}

/// What the definitions of now say otherwise than those that were recorded.
fn changed_since(project: &Project, kept: &RecordedDefinitions) -> Result<Vec<RunChange>> {
    let all = project.definitions();
    let mut now = kept.clone();
    now.definitions.train.clone_from(&all.train);
    let set = |name: &Name| all.set.get(name).cloned().map(|set| (name.clone(), set));
    now.definitions.set = kept.definitions.set.keys().filter_map(set).collect();
    let view = |name: &Name| all.feature.get(name).cloned().map(|view| (name.clone(), view));
    now.definitions.feature = kept.definitions.feature.keys().filter_map(view).collect();
    let entity = |name: &Name| all.entity.get(name).cloned().map(|entity| (name.clone(), entity));
    now.definitions.entity = kept.definitions.entity.keys().filter_map(entity).collect();
    let dataset = |name: &Name| all.data.get(name).cloned().map(|dataset| (name.clone(), dataset));
    now.definitions.data = kept.definitions.data.keys().filter_map(dataset).collect();
    now.definitions.project.seed = all.project.seed;
    Ok(changes(&written(kept)?, &written(&now)?))
}

/// What of two models is not the same, by name.
fn differences(project: &Project, old: &Hash, new: &Bundle, kept: bool) -> Result<Vec<String>> {
    let old = model::load(&project.store(), old)?;
    let mut causes = Vec::new();
    let mut differ = |holds: bool, what: &str| {
        if holds {
            causes.push(what.to_owned());
        }
    };
    let named = if kept { "" } else { ": its definition changed since" };
    differ(old.lineage.set != new.lineage.set, &format!("the training set has another hash{named}"));
    differ(old.lineage.recipe != new.lineage.recipe, &format!("the recipe has another hash{named}"));
    differ(old.lineage.seed != new.lineage.seed, "the seed is another one");
    differ(old.lineage.data != new.lineage.data, "other versions of data were read");
    differ(old.features != new.features, "the features differ");
    differ(old.signature != new.signature, "what is predicted differs: label, classes or threshold");
    differ(old.parameters != new.parameters, "the parameters differ");
    differ(old.preparation != new.preparation, "the fitted preparation differs");
    differ(old.fitted != new.fitted, "what was learned differs, in its numbers");
    differ(old.metrics != new.metrics, "the metrics differ");
    Ok(causes)
}

/// What the run ran on, where that is not this program on this machine.
fn other_environment(project: &Project, artifacts: &[crate::ledger::ArtifactRow]) -> Result<Vec<String>> {
    let Some(then) = model::environment_of(project, artifacts)? else {
        return Ok(vec!["which version of mlops trained it was not kept".to_owned()]);
    };
    let said = |change: RunChange| {
        let value = |side: Option<String>| side.unwrap_or_else(|| "none".to_owned());
        format!("{} was {}, it is {} now", change.name, value(change.from), value(change.to))
    };
    Ok(changes(&then, &model::environment()).into_iter().map(said).collect())
}
