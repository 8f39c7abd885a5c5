//! The triggers of a `[retrain.NAME]`: new rows, drift, performance.

use crate::data::current_version;
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::model::Bundle;
use crate::monitor::{Monitor, Window};
use crate::progress::Progress;
use crate::project::{Name, Project, RetrainDef};
use serde::Serialize;

/// What can set off a retraining.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The spine's data has more rows than when the champion was trained.
    NewRows,
    /// The monitor found drift.
    Drift,
    /// The monitor found the performance beyond its limits.
    Performance,
    /// The model has no champion yet, so there is nothing to compare with.
    #[serde(rename = "no champion")]
    NoChampion,
}

impl Trigger {
    /// The word in JSON and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Trigger::NewRows => "new_rows",
            Trigger::Drift => "drift",
            Trigger::Performance => "performance",
            Trigger::NoChampion => "no champion",
        }
    }
}

/// One trigger and whether it fired.
#[derive(Debug, Clone, Serialize)]
pub struct Reason {
    /// What was looked at.
    pub trigger: Trigger,
    /// Whether it fired.
    pub fired: bool,
    /// What was found, as a sentence.
    pub found: String,
}

/// Evaluates every trigger that is defined. If none is, any new row triggers.
pub fn evaluate(
    project: &Project,
    ledger: &Ledger,
    definition: &RetrainDef,
    champion: &Bundle,
    progress: &Progress,
) -> Result<Vec<Reason>> {
    let triggers = &definition.triggers;
    let mut reasons = Vec::new();
    let nothing = triggers.drift.is_none() && triggers.performance.is_none() && triggers.new_rows.is_none();
    if let Some(least) = triggers.new_rows.or(nothing.then_some(1)) {
        reasons.push(new_rows(project, ledger, definition, champion, least)?);
    }
    if triggers.drift == Some(true) {
        reasons.push(drift(project, ledger, &monitor_of(project, definition)?, progress)?);
    }
    if triggers.performance == Some(true) {
        reasons.push(performance(project, ledger, &monitor_of(project, definition)?, progress)?);
    }
    Ok(reasons)
}

fn monitor_of(project: &Project, definition: &RetrainDef) -> Result<Monitor> {
    let name = definition.monitor.as_ref().ok_or_else(|| {
        Error::invalid("triggers on drift or performance need a monitor")
            .hint("give monitor = \"NAME\" in the same table")
    })?;
    Monitor::find(project, name)
}

/// Whether the columns of the newest deployment's model drifted.
fn drift(project: &Project, ledger: &Ledger, monitor: &Monitor, progress: &Progress) -> Result<Reason> {
    let model = monitor.model(project, ledger, None)?;
    let found = monitor.drift(project, ledger, &model, Window::default(), progress)?;
    let count = found.columns.iter().filter(|c| c.drifted).count();
    let untested = found.untested.len();
    let untested = if untested > 0 { format!("; {untested} could not be tested") } else { String::new() };
    let text = format!(
        "{count} of {} columns drifted, a share of {:.2} is the limit{untested}",
        found.columns.len(),
        found.share_threshold
    );
    Ok(Reason { trigger: Trigger::Drift, fired: found.drifted, found: text })
}

/// Whether the newest chunk of answers of that model whose labels came in is beyond the monitor's limit.
fn performance(project: &Project, ledger: &Ledger, monitor: &Monitor, progress: &Progress) -> Result<Reason> {
    let model = monitor.model(project, ledger, None)?;
    let found = monitor.performance(project, &model, None, Window::default(), false, progress)?;
    let chunks = &found.performance.chunks;
    let bad = chunks.iter().filter(|c| c.passed == Some(false)).count();
    let text = format!(
        "{bad} of {} chunks are beyond the limit, the newest {}",
        chunks.len(),
        if found.passed { "is not" } else { "is" }
    );
    Ok(Reason { trigger: Trigger::Performance, fired: !found.passed, found: text })
}

/// Rows of the spine's version now against those of the champion's.
fn new_rows(
    project: &Project,
    ledger: &Ledger,
    definition: &RetrainDef,
    champion: &Bundle,
    least: u64,
) -> Result<Reason> {
    let definitions = project.definitions();
    let recipe = definitions.recipe(&definition.train)?;
    let spine: &Name = &definitions.set(&recipe.set)?.spine;
    let now = current_version(project, ledger, spine)?.rows.unwrap_or(0);
    let hash = champion.lineage.data.iter().find(|(name, _)| name == spine.as_str()).map(|(_, hash)| hash.to_string());
    let known = hash.map_or(Ok(Vec::new()), |hash| ledger.datasets_by_hash(&hash))?;
    let before = known.first().and_then(|v| v.rows).unwrap_or(0);
    let new = now.saturating_sub(before);
    let found = format!("{new} new rows in \"{spine}\" since the champion's version, {least} are the limit");
    Ok(Reason { trigger: Trigger::NewRows, fired: new >= least, found })
}
