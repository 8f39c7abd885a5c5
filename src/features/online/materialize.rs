//! Filling the online store from the offline rows.

use super::fill::fill;
use crate::error::{Error, Result};
use crate::features::view_identity::definition_hash;
use crate::features::view_rows::{load_view, used_datasets};
use crate::ledger::Ledger;
use crate::progress::Progress;
use crate::project::{Lock, LockFile, Name, Online, Project, time_text};
use crate::store::Hash;
use serde::Serialize;

/// One view's part of the outcome.
#[derive(Debug, Serialize)]
pub struct Materialized {
    /// The view.
    pub view: Name,
    /// Rows known up to this instant are in, RFC 3339.
    pub up_to: String,
    /// Rows written.
    pub rows: u64,
    /// Keys written.
    pub keys: u64,
}

/// What was written.
#[derive(Debug, Serialize)]
pub struct MaterializeOutcome {
    /// One entry a view.
    pub views: Vec<Materialized>,
}

/// Fills views (all that are kept online, if none is named) with the rows up to `up_to`, or to the newest.
pub fn materialize(
    project: &Project,
    views: &[Name],
    up_to: Option<i64>,
    progress: &Progress,
) -> Result<MaterializeOutcome> {
    let _lock = Lock::acquire(project, "features")?;
    let mut ledger = project.ledger()?;
    let definitions = project.definitions();
    let applied = ledger.applied_views()?;
    let kept = |name: &&Name| {
        !matches!(definitions.feature.get(*name).and_then(|d| d.online.as_ref()), Some(Online::Flag(false)))
    };
    let all: Vec<Name> = definitions.feature.keys().filter(kept).cloned().collect();
    let mut outcome = MaterializeOutcome { views: Vec::new() };
    let views = if views.is_empty() { &all } else { views };
    let step = progress.step("materializing view", Some(views.len() as u64));
    for name in views {
        step.check()?;
        let hash = definition_hash(definitions, name, definitions.view(name)?)?;
        if !applied.iter().any(|row| row.name == *name && row.hash == hash) {
            return Err(Error::conflict(format!("view \"{name}\" is not applied as it is defined now"))
                .hint("run `mlops feature apply`"));
        }
        outcome.views.push(materialize_view(project, &mut ledger, name, &hash, up_to)?);
        step.advance(1);
    }
    Ok(outcome)
}

/// Fills one view, which is applied as `hash`.
fn materialize_view(
    project: &Project,
    ledger: &mut Ledger,
    name: &Name,
    hash: &Hash,
    up_to: Option<i64>,
) -> Result<Materialized> {
    let loaded = load_view(project, ledger, name)?;
    let history = match &project.definitions().view(name)?.online {
        Some(Online::Kept { history }) => history.micros(),
        _ => 0,
    };
    let written = fill(project, &loaded.view.shape, &loaded.events, up_to, history)?;
    ledger.record_materialization(name, hash, written.up_to, written.rows, written.keys)?;
    tracing::info!(view = %name, rows = written.rows, keys = written.keys, "view materialized");
    Ok(Materialized { view: name.clone(), up_to: time_text(written.up_to), rows: written.rows, keys: written.keys })
}

/// Views whose online store was filled before the version of their data that `mlops.lock` names was recorded.
pub fn stale_views(project: &Project, ledger: &Ledger) -> Result<Vec<Name>> {
    let (definitions, lock) = (project.definitions(), LockFile::read(project)?);
    let mut stale = Vec::new();
    for filled in ledger.materializations()? {
        let Some(view) = definitions.feature.get(&filled.view) else { continue };
        for dataset in used_datasets(definitions, view) {
            let Some(locked) = lock.versions.get(&dataset) else { continue };
            let versions = ledger.dataset_versions(&dataset)?;
            if versions.iter().any(|version| version.hash == *locked && version.created > filled.at) {
                stale.push(filled.view);
                break;
            }
        }
    }
    Ok(stale)
}
