//! Release: the challenger is registered and the alias moved, in one transaction.

use crate::error::Result;
use crate::ledger::RunId;
use crate::project::{Name, Project, Reference};
use crate::registry;

/// Registers the run's model and points `alias` at it; `name@version`.
pub(super) fn promote(project: &Project, model: &Name, alias: &Name, run: &RunId) -> Result<String> {
    let registered = registry::register(project, &Reference::parse(run.as_str())?, model, std::slice::from_ref(alias))?;
    Ok(format!("{}@{}", registered.name, registered.version))
}
