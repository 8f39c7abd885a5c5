//! Which runs live. A run holds a lock while it lives, so one whose process was killed is told from one at work.

use crate::error::Result;
use crate::ledger::{Ledger, RunId, RunRow, RunStatus};
use crate::project::{Lock, Project};

/// Makes `Died` of runs that are `Running` in the ledger and have no process.
pub fn settle(project: &Project, ledger: &Ledger, runs: &mut [RunRow]) -> Result<()> {
    let dead = |run: &RunRow| run.status == RunStatus::Running && !Lock::is_held(project, &lock_name(&run.id));
    for run in runs.iter_mut().filter(|run| dead(run)) {
        // It may have ended since it was read: a run lets go of its lock after it was recorded.
        if let Some(now) = ledger.runs_by_prefix(run.id.as_str())?.pop() {
            *run = now;
        }
        if run.status == RunStatus::Running {
            run.status = RunStatus::Died;
        }
    }
    Ok(())
}

/// Held by the process of a run.
pub(super) fn lock_name(id: &RunId) -> String {
    format!("run-{id}")
}
