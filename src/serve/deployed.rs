//! What serves and what served. A server holds a lock while it lives, so one that was killed is told from one that runs.

use crate::error::Result;
use crate::ledger::{DeploymentRow, Ledger, RowId};
use crate::project::{Lock, Project};
use serde::Serialize;

/// One time a server ran, and how it is now.
#[derive(Debug, Serialize)]
pub struct Deployed {
    /// What the ledger knows.
    #[serde(flatten)]
    pub row: DeploymentRow,
    /// `serving`, `stopped`, or `died` without having stopped.
    pub state: &'static str,
}

/// The newest servers, newest first.
pub fn deployed(project: &Project, ledger: &Ledger, limit: usize) -> Result<Vec<Deployed>> {
    let state = |row: &DeploymentRow| match &row.stopped {
        Some(_) => "stopped",
        None if Lock::is_held(project, &lock_name(&row.id)) => "serving",
        None => "died",
    };
    Ok(ledger.deployments(limit)?.into_iter().map(|row| Deployed { state: state(&row), row }).collect())
}

/// Held by the server of a deployment.
pub(super) fn lock_name(id: &RowId) -> String {
    format!("serve-{id}")
}
