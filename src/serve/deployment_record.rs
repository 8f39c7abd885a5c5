//! What serves and what served, as the ledger has it: one row for each time a model was served under a name. A server holds a
//! lock for each while it lives, so one that was killed is told from one that runs.

use super::served_model::ServedModel;
use crate::error::Result;
use crate::ledger::{DeploymentRow, Ledger, NewDeployment, RowId};
use crate::project::{Lock, Name, Project};
use serde::Serialize;

/// One time a model was served, and how it is now.
#[derive(Debug, Serialize)]
pub struct Deployed {
    /// What the ledger knows.
    #[serde(flatten)]
    pub row: DeploymentRow,
    /// How it is.
    pub state: DeploymentState,
}

/// How a deployment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeploymentState {
    /// Its server answers.
    Serving,
    /// Its server ended, or another model took over.
    Stopped,
    /// Its server ended without having stopped.
    Died,
}

/// The newest deployments, newest first.
pub fn deployed(project: &Project, ledger: &Ledger, limit: usize) -> Result<Vec<Deployed>> {
    let state = |row: &DeploymentRow| match &row.stopped {
        Some(_) => DeploymentState::Stopped,
        None if Lock::is_held(project, &lock_name(&row.id)) => DeploymentState::Serving,
        None => DeploymentState::Died,
    };
    Ok(ledger.deployments(limit)?.into_iter().map(|row| Deployed { state: state(&row), row }).collect())
}

/// Held by the server of a deployment.
fn lock_name(id: &RowId) -> String {
    format!("serve-{id}")
}

/// A deployment that runs in this process.
pub(super) struct RunningDeployment {
    id: RowId,
    _alive: Lock,
}

impl RunningDeployment {
    /// Records that a model is served from now on.
    pub(super) fn begin(project: &Project, name: &Name, model: &ServedModel, address: &str) -> Result<Self> {
        let id = RowId::random()?;
        // First, or a reader of the ledger would take the server for one that died, and a lock that can't be had would leave a row.
        let alive = Lock::alive(project, &lock_name(&id))?;
        let new = NewDeployment {
            name: name.clone(),
            model: model.label.clone(),
            version: model.version,
            model_hash: model.hash,
            address: address.to_owned(),
            process: std::process::id(),
        };
        project.ledger()?.begin_deployment(&id, &new)?;
        Ok(RunningDeployment { id, _alive: alive })
    }

    /// Records that it is served no more.
    pub(super) fn end(self, project: &Project) -> Result<()> {
        project.ledger()?.end_deployment(&self.id)
    }
}
