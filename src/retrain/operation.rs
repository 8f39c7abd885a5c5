//! Retraining: merge new data into a version → triggers → features → train on everything but the newest rows → compare
//! champion and challenger on those → gate → register and promote, or keep.

use super::compare::{Champion, compare};
use super::outcome::{RetrainDecision, RetrainOutcome};
use super::plan::RetrainPlan;
use super::rehearsal::Rehearsal;
use super::release::promote;
use super::triggers::{self, Reason, Trigger};
use crate::data::{self, AddOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::features::{self, SetOptions, build_set, used_datasets};
use crate::ledger::{Ledger, RetrainVerdict};
use crate::model::{self, TrainOptions};
use crate::progress::Progress;
use crate::project::{Lock, Name, Project, Reference, RetrainDef, Split, time_text};
use crate::registry;
use std::collections::BTreeMap;

/// How a retraining is carried out.
#[derive(Debug, Clone, Copy, Default)]
pub struct RetrainOptions {
    /// Train and compare, and leave everything as it was: no version, run, model or decision is kept.
    pub dry_run: bool,
    /// Retrain whether a trigger fired or not.
    pub force: bool,
}

/// Carries out the retraining called `name`.
pub fn retrain(project: Project, name: &Name, options: RetrainOptions, progress: &Progress) -> Result<RetrainOutcome> {
    let plan = RetrainPlan::new(project.definitions(), name)?;
    // Two at once would both train against one champion, and the later one would replace the other's without a comparison.
    let _lock = Lock::acquire(&project, &format!("retrain-{name}"))?;
    if !options.dry_run {
        return carry_out(project, &plan, name, options, progress);
    }
    let Rehearsal { project, folder } = Rehearsal::of(&project)?;
    let outcome = carry_out(project, &plan, name, options, progress);
    drop(folder);
    outcome
}

fn carry_out(
    project: Project,
    plan: &RetrainPlan,
    name: &Name,
    options: RetrainOptions,
    progress: &Progress,
) -> Result<RetrainOutcome> {
    let (definition, alias) = (plan.definition.clone(), plan.alias.clone());
    let mut outcome = RetrainOutcome::begun(name, options.dry_run);
    let project = merge(project, &definition, &mut outcome, progress)?;
    let ledger = project.ledger()?;
    let champion = champion(&project, &ledger, &definition, &alias)?;
    match &champion {
        Some(champion) => {
            outcome.reasons = triggers::evaluate(&project, &ledger, &definition, &champion.bundle, progress)?
        }
        None => outcome.reasons.push(Reason {
            trigger: Trigger::NoChampion,
            fired: true,
            found: format!("\"{}\" has no {alias} yet", definition.model),
        }),
    }
    for Reason { trigger, fired, found } in &outcome.reasons {
        tracing::info!(retrain = %name, trigger = trigger.name(), fired, found, "trigger looked at");
    }
    outcome.triggered = options.force || outcome.reasons.iter().any(|r| r.fired);
    if !outcome.triggered {
        outcome.because = "no trigger fired".to_owned();
        return finish(&project, outcome);
    }
    let set_options = window(&project, &definition)?;
    let tags = BTreeMap::from([("retrain".to_owned(), name.to_string())]);
    let trained = model::train(
        &project,
        &definition.train,
        &TrainOptions { set: set_options.clone(), seed: None, tags },
        progress,
    )?;
    let recipe = project.definitions().recipe(&definition.train)?;
    let set = build_set(&project, &mut project.ledger()?, &recipe.set, &set_options, progress)?;
    outcome.task = Some(trained.task);
    compare(&project, plan, champion, &trained, &set, &mut outcome)?;
    if outcome.decision == RetrainDecision::Promote && !options.dry_run {
        outcome.promoted = Some(promote(&project, &definition.model, &alias, &trained.run)?);
    }
    finish(&project, outcome)
}

/// The version that `alias` points at; `None` if the alias does not exist yet.
fn champion(project: &Project, ledger: &Ledger, definition: &RetrainDef, alias: &Name) -> Result<Option<Champion>> {
    match registry::resolve(ledger, &Reference::parse(&format!("{}@{alias}", definition.model))?) {
        Ok(found) => {
            let bundle = model::load(&project.store(), &found.hash)?;
            Ok(Some(Champion { label: found.label(), hash: found.hash, bundle }))
        }
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Records versions of the recipe's datasets whose files changed: new months, corrected rows.
fn merge(
    project: Project,
    definition: &RetrainDef,
    outcome: &mut RetrainOutcome,
    progress: &Progress,
) -> Result<Project> {
    let definitions = project.definitions();
    let recipe = definitions.recipe(&definition.train)?;
    let set = definitions.set(&recipe.set)?;
    let mut used = vec![set.spine.clone()];
    for view in set.views() {
        if let Some(view) = definitions.feature.get(view) {
            used.extend(used_datasets(definitions, view));
        }
    }
    used.sort();
    used.dedup();
    let options = AddOptions {
        what: used.iter().map(Name::to_string).collect(),
        message: format!("retrain {}", outcome.name),
        name: None,
    };
    let from = project.root().to_owned();
    let (project, added) = data::add(project, &from, &options, progress)?;
    outcome.merged = added.datasets.iter().filter(|d| d.changed).map(|d| format!("{}@{}", d.name, d.version)).collect();
    Ok(project)
}

/// The newest `holdout` of labelled rows is the test part, as much before it the validation part where the recipe's search chooses
/// by one; training begins `window` before the newest row.
fn window(project: &Project, definition: &RetrainDef) -> Result<SetOptions> {
    let recipe = project.definitions().recipe(&definition.train)?;
    let newest = features::newest_example(project, &project.ledger()?, &recipe.set)?
        .ok_or_else(|| Error::invalid(format!("set {}: it has no labelled rows", recipe.set)))?;
    let before = |parts: i64| {
        let length = definition.holdout.micros().saturating_mul(parts);
        Some(time_text(newest.saturating_sub(length).saturating_add(1)))
    };
    let validation = if recipe.search.is_some() && recipe.cv.is_none() { before(2) } else { None };
    let split = Split::Time { validation, test: before(1), end: None };
    Ok(SetOptions { split: Some(split), from: definition.window.as_ref().map(|w| newest.saturating_sub(w.micros())) })
}

fn finish(project: &Project, outcome: RetrainOutcome) -> Result<RetrainOutcome> {
    let text = serde_json::to_string(&outcome).map_err(|e| Error::invalid(e.to_string()))?;
    let verdict = match outcome.decision {
        _ if !outcome.triggered => RetrainVerdict::NotTriggered,
        RetrainDecision::Promote => RetrainVerdict::Promote,
        RetrainDecision::Keep => RetrainVerdict::Keep,
    };
    tracing::info!(retrain = %outcome.name, decision = verdict.name(), because = outcome.because, promoted = ?outcome.promoted, "decided");
    project.ledger()?.record_retraining(&outcome.name, verdict, &text)?;
    Ok(outcome)
}
