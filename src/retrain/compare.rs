//! Champion against challenger, and the gate.
//!
//! Both models are judged on the same rows, which neither has seen: the challenger because they are held back, the
//! champion because they are newer than what it learned from (where they are not, the outcome says so).

use super::operation::{RetrainOutcome, Side};
use crate::error::{Error, Result};
use crate::features::{Part, TrainingSet};
use crate::learn::evaluate;
use crate::learn::metrics::{NAMES, higher_is_better};
use crate::ledger::RunId;
use crate::model::{Bundle, Scorer, TrainOutcome, load};
use crate::project::{Gate, Project, RetrainDef, time_text};
use crate::store::Hash;

/// The version in charge.
pub(super) struct Champion {
    pub label: String,
    pub hash: Hash,
    pub bundle: Bundle,
}

/// Measures both models on the set's held-back rows and decides by the gate; what was found goes into `outcome`.
pub(super) fn compare(
    project: &Project,
    definition: &RetrainDef,
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
    let challenger = Scorer::new(load(&project.store(), &trained.model)?)?;
    let run = Some(trained.run.clone());
    outcome.challenger = Some(side(trained.model.short(), trained.model, run, &challenger, set, &held)?);
    if let Some(Champion { label, hash, bundle }) = champion {
        overlap(&bundle, set, &held, outcome);
        outcome.champion = Some(side(label, hash, None, &Scorer::new(bundle)?, set, &held)?);
    }
    judge(definition, outcome)
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
