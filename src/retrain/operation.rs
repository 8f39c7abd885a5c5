//! Retraining: triggers → merge new data into a version → features → train on everything but the newest rows → compare
//! champion and challenger on those → gate → register and promote, or keep.
//!
//! Both models are judged on the same rows, which neither has seen: the challenger because they are held back, the
//! champion because they are newer than what it learned from (where they are not, the outcome says so).

use super::decide::{Reason, decide};
use super::release::promote;
use crate::data::{AddOptions, add};
use crate::error::{Error, Result};
use crate::features::{Part, SetOptions, TrainingSet, build_set};
use crate::learn::evaluate;
use crate::learn::metrics::{NAMES, higher_is_better};
use crate::ledger::RunId;
use crate::model::{Scorer, TrainOptions, load, train};
use crate::progress::Progress;
use crate::project::{Gate, Name, Project, Reference, RetrainDef, Split, time_text};
use crate::registry::{CHAMPION, resolve};
use crate::store::Hash;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a retraining goes.
#[derive(Debug, Clone, Copy, Default)]
pub struct RetrainOptions {
    /// Train and compare, but register and promote nothing.
    pub dry_run: bool,
    /// Retrain whether a trigger fired or not.
    pub force: bool,
}

/// One of the two models.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    /// `name@version`, or the beginning of the hash.
    pub model: String,
    /// The bundle's hash.
    pub hash: Hash,
    /// The run, for the challenger.
    pub run: Option<RunId>,
    /// Metrics on the held-back rows.
    pub metrics: BTreeMap<String, f64>,
}

/// What was decided, and why.
#[derive(Debug, Clone, Serialize)]
pub struct RetrainOutcome {
    /// The definition.
    pub name: Name,
    /// Whether a trigger fired (or was forced).
    pub triggered: bool,
    /// Every trigger and what it found.
    pub reasons: Vec<Reason>,
    /// Versions of data that were recorded on the way.
    pub merged: Vec<String>,
    /// The champion; none if there was none yet.
    pub champion: Option<Side>,
    /// The challenger; none if nothing was triggered.
    pub challenger: Option<Side>,
    /// Held-back rows: from, to, number.
    pub holdout: Option<(String, String, usize)>,
    /// What to know about the comparison.
    pub warnings: Vec<String>,
    /// `promote` or `keep`.
    pub decision: &'static str,
    /// Why.
    pub because: String,
    /// The version that was promoted.
    pub promoted: Option<String>,
}

/// Carries out the retraining called `name`.
pub fn retrain(
    project: Project,
    name: &Name,
    options: RetrainOptions,
    progress: &dyn Progress,
) -> Result<RetrainOutcome> {
    let definition = project.definitions().retrain(name)?.clone();
    let mut outcome = RetrainOutcome {
        name: name.clone(),
        triggered: false,
        reasons: Vec::new(),
        merged: Vec::new(),
        champion: None,
        challenger: None,
        holdout: None,
        warnings: Vec::new(),
        decision: "keep",
        because: String::new(),
        promoted: None,
    };
    let project = merge(project, &definition, &mut outcome, progress)?;
    let ledger = project.ledger()?;
    let alias = definition.alias.clone().map_or_else(|| Name::parse(CHAMPION), Ok)?;
    let champion = match resolve(&ledger, &Reference::parse(&format!("{}@{alias}", definition.model))?) {
        Ok(resolved) => Some((resolved.label(), resolved.hash, load(&project.store(), &resolved.hash)?)),
        Err(e) if e.kind() == crate::error::Kind::NotFound => None,
        Err(e) => return Err(e),
    };
    match &champion {
        Some((_, _, bundle)) => outcome.reasons = decide(&project, &ledger, &definition, bundle, progress)?,
        None => outcome.reasons.push(Reason {
            trigger: "no champion",
            fired: true,
            found: format!("\"{}\" has no {alias} yet", definition.model),
        }),
    }
    outcome.triggered = options.force || outcome.reasons.iter().any(|r| r.fired);
    if !outcome.triggered {
        outcome.because = "no trigger fired".to_owned();
        return finish(&project, outcome);
    }
    let set_options = window(&project, &definition, progress)?;
    let tags = BTreeMap::from([("retrain".to_owned(), name.to_string())]);
    let trained =
        train(&project, &definition.train, &TrainOptions { set: set_options.clone(), seed: None, tags }, progress)?;
    let recipe = project.definitions().recipe(&definition.train)?;
    let set = build_set(&project, &mut project.ledger()?, &recipe.set, &set_options, progress)?;
    let held = set.rows_of(Part::Test);
    if held.is_empty() {
        return Err(Error::invalid("no labelled rows are held back").hint("make holdout longer"));
    }
    outcome.holdout = set.times.as_ref().and_then(|times| {
        let of = held.iter().map(|row| times[*row]);
        Some((time_text(of.clone().min()?), time_text(of.max()?), held.len()))
    });
    let challenger = Scorer::new(load(&project.store(), &trained.model)?)?;
    outcome.challenger =
        Some(side(trained.model.short(), trained.model, Some(trained.run.clone()), &challenger, &set, &held)?);
    if let Some((label, hash, bundle)) = champion {
        overlap(&bundle, &set, &held, &mut outcome);
        outcome.champion = Some(side(label, hash, None, &Scorer::new(bundle)?, &set, &held)?);
    }
    judge(&definition, &mut outcome)?;
    if outcome.decision == "promote" && !options.dry_run {
        outcome.promoted = Some(promote(&project, &definition.model, &alias, &trained.run)?);
    }
    finish(&project, outcome)
}

/// Records versions of the recipe's datasets whose files changed: new months, corrected rows.
fn merge(
    project: Project,
    definition: &RetrainDef,
    outcome: &mut RetrainOutcome,
    progress: &dyn Progress,
) -> Result<Project> {
    let definitions = project.definitions();
    let recipe = definitions.recipe(&definition.train)?;
    let set = definitions.set(&recipe.set)?;
    let mut used = vec![set.spine.clone()];
    for view in set.views() {
        if let Some(view) = definitions.feature.get(view) {
            used.extend(crate::features::used_datasets(definitions, view));
        }
    }
    used.sort();
    used.dedup();
    let options =
        AddOptions { what: used.iter().map(Name::to_string).collect(), message: format!("retrain {}", outcome.name) };
    let from = project.root().to_owned();
    let (project, added) = add(project, &from, &options, progress)?;
    outcome.merged = added.datasets.iter().filter(|d| d.changed).map(|d| format!("{}@{}", d.name, d.version)).collect();
    Ok(project)
}

/// The newest `holdout` of labelled rows is the test part; training begins `window` before the newest row.
fn window(project: &Project, definition: &RetrainDef, progress: &dyn Progress) -> Result<SetOptions> {
    let recipe = project.definitions().recipe(&definition.train)?;
    let everything = SetOptions { split: Some(Split::Time { validation: None, test: None, end: None }), from: None };
    let set = build_set(project, &mut project.ledger()?, &recipe.set, &everything, progress)?;
    let times = set.times.as_ref().ok_or_else(|| {
        Error::invalid(format!("set \"{}\" has no event_time", recipe.set))
            .hint("retraining holds back the newest rows, so it needs their time")
    })?;
    let newest = set
        .rows_of(Part::Train)
        .iter()
        .map(|row| times[*row])
        .max()
        .ok_or_else(|| Error::invalid("the set has no labelled rows"))?;
    let test = newest.saturating_sub(definition.holdout.micros()).saturating_add(1);
    let split = Split::Time { validation: None, test: Some(time_text(test)), end: None };
    Ok(SetOptions { split: Some(split), from: definition.window.as_ref().map(|w| newest.saturating_sub(w.micros())) })
}

fn side(
    label: String,
    hash: Hash,
    run: Option<RunId>,
    scorer: &Scorer,
    set: &TrainingSet,
    held: &[usize],
) -> Result<Side> {
    let names: Vec<String> = scorer.bundle.features.features.iter().map(|f| f.name.clone()).collect();
    let frame = set.frame.select_columns(&names).map_err(|e| {
        e.at(format!("model {label}"))
            .hint("the set no longer has a feature the champion needs; register a new champion by hand")
    })?;
    let scores = scorer.score_frame(&frame.select_rows(held))?;
    let metrics = evaluate(&set.labels_of(held), &scores, scorer.bundle.signature.threshold)?;
    Ok(Side { model: label, hash, run, metrics: metrics.iter().map(|(n, v)| (n.to_owned(), v)).collect() })
}

fn overlap(champion: &crate::model::Bundle, set: &TrainingSet, held: &[usize], outcome: &mut RetrainOutcome) {
    let first = set.times.as_ref().and_then(|times| held.iter().map(|row| times[*row]).min());
    if let (Some((_, last)), Some(first)) = (champion.lineage.trained_on, first)
        && last >= first
    {
        outcome.warnings.push(format!(
            "the champion learned from rows up to {}, which are among those held back: its metrics here are too good",
            time_text(last)
        ));
    }
}

fn judge(definition: &RetrainDef, outcome: &mut RetrainOutcome) -> Result<()> {
    let gate = definition.gate.clone().unwrap_or(Gate { metric: "auc".to_owned(), min_gain: 0.0 });
    if !NAMES.contains(&gate.metric.as_str()) {
        return Err(Error::unknown("metric", &gate.metric, NAMES).at("gate"));
    }
    let value = |side: &Option<Side>| side.as_ref().and_then(|s| s.metrics.get(&gate.metric).copied());
    let (old, new) = (value(&outcome.champion), value(&outcome.challenger).unwrap_or(f64::NAN));
    let gain = old.map(|old| if higher_is_better(&gate.metric) { new - old } else { old - new });
    let (decision, because) = match gain {
        None => ("promote", "there was no champion".to_owned()),
        Some(gain) if gain > gate.min_gain => {
            ("promote", format!("{} is better by {gain:.4}, more than {} is asked", gate.metric, gate.min_gain))
        }
        Some(gain) => ("keep", format!("{} gains {gain:.4}, more than {} is asked", gate.metric, gate.min_gain)),
    };
    outcome.decision = decision;
    outcome.because = because;
    Ok(())
}

fn finish(project: &Project, outcome: RetrainOutcome) -> Result<RetrainOutcome> {
    let text = serde_json::to_string(&outcome).map_err(|e| Error::invalid(e.to_string()))?;
    let word = if outcome.triggered { outcome.decision } else { "not triggered" };
    project.ledger()?.record_retraining(&outcome.name, word, &text)?;
    Ok(outcome)
}
