//! Registering: the model of a run under the next version of a name. The same bundle again is the same version.

use super::alias::check_alias;
use super::resolve::find_run;
use crate::error::{Error, Result};
use crate::ledger::{RunId, RunStatus};
use crate::model;
use crate::project::{Lock, Name, Project, Reference};
use crate::store::Hash;
use serde::Serialize;

/// What was registered.
#[derive(Debug, Serialize)]
pub struct RegisterOutcome {
    /// The model.
    pub name: Name,
    /// Its version.
    pub version: u32,
    /// The bundle's hash.
    pub hash: Hash,
    /// The run that trained it.
    pub run: RunId,
    /// Aliases moved to it.
    pub aliases: Vec<Name>,
}

/// Registers the model of a run under the next version of `name`; the same bundle again is the same version.
pub fn register(project: &Project, run: &Reference, name: &Name, aliases: &[Name]) -> Result<RegisterOutcome> {
    aliases.iter().try_for_each(|alias| check_alias(name, alias))?;
    let _lock = Lock::acquire(project, "registry")?;
    let mut ledger = project.ledger()?;
    let mut run = find_run(&ledger, run)?;
    model::mark_killed_runs(project, &ledger, std::slice::from_mut(&mut run))?;
    let hash = match (run.status, run.model) {
        (RunStatus::Finished, Some(hash)) => hash,
        _ => {
            return Err(Error::invalid(format!("run {} is {} and has no model", run.id.short(), run.status.name()))
                .hint("register a finished run"));
        }
    };
    model::load(&project.store(), &hash)?;
    let version = ledger.register_model(name, &hash, Some(&run.id), aliases)?;
    tracing::info!(model = %name, version, hash = hash.short(), run = run.id.short(), "model registered");
    Ok(RegisterOutcome { name: name.clone(), version, hash, run: run.id, aliases: aliases.to_vec() })
}
