//! Champion against challenger.
//!
//! Both models are measured on the same rows, which neither has seen: the challenger because they are held back, the
//! champion because they are newer than what it learned from (where they are not, the outcome says so).

use super::gate;
use super::outcome::{ModelSide, RetrainOutcome};
use super::plan::RetrainPlan;
use crate::error::{Error, Result};
use crate::features::{Part, TrainingSet, encode_labels};
use crate::learn::{self, Metric, Target};
use crate::ledger::RunId;
use crate::model::{self, Bundle, Scorer, TrainOutcome};
use crate::project::{Project, time_text};
use crate::store::Hash;

/// The model that the alias points at before the retraining.
pub(super) struct Champion {
    pub label: String,
    pub hash: Hash,
    pub bundle: Bundle,
}

/// Measures both models on the set's held-back rows and lets the gate decide; what was found goes into `outcome`.
pub(super) fn compare(
    project: &Project,
    plan: &RetrainPlan,
    champion: Option<Champion>,
    trained: &TrainOutcome,
    set: &TrainingSet,
    outcome: &mut RetrainOutcome,
) -> Result<()> {
    let held = set.rows_of(Part::Test);
    if held.is_empty() {
        return Err(Error::invalid("no labelled rows are held back").hint("make holdout longer"));
    }
    outcome.holdout = set.times.as_ref().and_then(|times| {
        let of = held.iter().map(|row| times[*row]);
        Some((time_text(of.clone().min()?), time_text(of.max()?), held.len()))
    });
    let more = plan.metric.as_slice();
    let challenger = Scorer::new(model::load(&project.store(), &trained.model)?)?;
    let run = Some(trained.run.clone());
    outcome.challenger = Some(side(trained.model.short(), trained.model, run, &challenger, set, &held, more)?);
    if let Some(Champion { label, hash, bundle }) = champion {
        overlap(&bundle, set, &held, outcome);
        outcome.champion = Some(side(label, hash, None, &Scorer::new(bundle)?, set, &held, more)?);
    }
    gate::decide(plan, trained.task, outcome)
}

fn side(
    label: String,
    hash: Hash,
    run: Option<RunId>,
    scorer: &Scorer,
    set: &TrainingSet,
    held: &[usize],
    more: &[Metric],
) -> Result<ModelSide> {
    let names: Vec<String> = scorer.bundle.features.features.iter().map(|f| f.name.clone()).collect();
    let frame = set.frame.select_columns(&names).map_err(|e| {
        e.at(format!("model {label}"))
            .hint("the set no longer has a feature the champion needs; register a new champion by hand")
    })?;
    let scores = scorer.score_frame(&frame.select_rows(held))?;
    let signature = &scorer.bundle.signature;
    let column = set.label.as_ref().ok_or_else(|| Error::invalid(format!("set \"{}\" has no label", set.name)))?;
    let labels = encode_labels(&column.select(held), signature.task, &signature.classes).map_err(|e| {
        e.at(format!("model {label}")).hint("register a champion that knows the label's classes by hand")
    })?;
    let truth = Target::new(signature.task, signature.classes.len(), labels);
    let metrics = learn::evaluate_with(&truth, &scores, signature.decision(), more)?;
    Ok(ModelSide { model: label, hash, run, metrics: metrics.iter().map(|(n, v)| (n.to_owned(), v)).collect() })
}

fn overlap(champion: &Bundle, set: &TrainingSet, held: &[usize], outcome: &mut RetrainOutcome) {
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
