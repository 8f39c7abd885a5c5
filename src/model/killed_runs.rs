//! Runs whose process was killed. The ledger still has them as running; but a run holds a file lock while it works, and the
//! system lets go of it when the process ends. So `running` without a held lock means that the run died.

use crate::error::Result;
use crate::ledger::{Ledger, RunId, RunRow, RunStatus};
use crate::project::{Lock, Project};

/// Sets the status of those of `runs` to `Died` that are `Running` in the ledger and have no process.
pub fn mark_killed_runs(project: &Project, ledger: &Ledger, runs: &mut [RunRow]) -> Result<()> {
    let gone = |run: &RunRow| run.status == RunStatus::Running && !Lock::is_held(project, &lock_name(&run.id));
    let gone: Vec<&mut RunRow> = runs.iter_mut().filter(|run| gone(run)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    // A run may have ended since its row was read: it records its end first and releases the lock after that.
    let mut now = ledger.runs_by_id(gone.iter().map(|run| &run.id))?;
    for run in gone {
        if let Some(at) = now.iter().position(|row| row.id == run.id) {
            *run = now.swap_remove(at);
        }
        if run.status == RunStatus::Running {
            run.status = RunStatus::Died;
        }
    }
    Ok(())
}

/// Runs that are `Running` in the ledger and have no process, for a search that asks for the status.
pub fn killed_runs(project: &Project, ledger: &Ledger) -> Result<Vec<RunId>> {
    let running = ledger.running()?;
    Ok(running.into_iter().filter(|id| !Lock::is_held(project, &lock_name(id))).collect())
}

/// The name of the lock that a run's process holds.
pub(super) fn lock_name(id: &RunId) -> String {
    format!("run-{id}")
}
