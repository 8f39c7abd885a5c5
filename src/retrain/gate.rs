//! The gate: how much better than the champion a challenger must be to take its place. For example, with `gate = { metric =
//! "auc", min_gain = 0.002 }` a challenger of 0.7130 stays behind a champion of 0.7121, and one of 0.7204 is promoted.

use super::outcome::{ModelSide, RetrainDecision, RetrainOutcome};
use super::plan::RetrainPlan;
use crate::error::Result;
use crate::learn::{Metric, Task};

/// Decides by the metrics of both models whether the challenger is promoted, and writes decision and reason into `outcome`.
pub(super) fn decide(plan: &RetrainPlan, task: Task, outcome: &mut RetrainOutcome) -> Result<()> {
    let metric = match plan.metric {
        Some(metric) => Metric::parse(metric.name(), Some(task)).map_err(|e| e.at("gate"))?,
        None => Metric::default_for(task),
    };
    let (name, min_gain) = (metric.name(), plan.min_gain);
    let value = |side: &Option<ModelSide>| side.as_ref().and_then(|s| s.metrics.get(name).copied());
    let (old, new) = (value(&outcome.champion), value(&outcome.challenger).unwrap_or(f64::NAN));
    let (decision, because) = match old.map(|old| metric.gain(old, new)) {
        None => (RetrainDecision::Promote, "there was no champion".to_owned()),
        Some(gain) if gain > min_gain => {
            (RetrainDecision::Promote, format!("{name} gained {gain:.4}; the gate requires more than {min_gain}"))
        }
        Some(gain) if gain < 0.0 => {
            let worse = -gain;
            (
                RetrainDecision::Keep,
                format!("{name} is worse by {worse:.4}; the gate requires a gain of more than {min_gain}"),
            )
        }
        Some(gain) if gain.is_nan() => (RetrainDecision::Keep, format!("{name} is not defined on the held-back rows")),
        Some(gain) => {
            (RetrainDecision::Keep, format!("{name} gained {gain:.4}; the gate requires more than {min_gain}"))
        }
    };
    outcome.decision = decision;
    outcome.because = because;
    Ok(())
}
