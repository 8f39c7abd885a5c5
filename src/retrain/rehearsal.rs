//! A dry run: the same steps, all that they write in a folder that is gone afterwards.

use crate::error::{Error, Result};
use crate::project::Project;
use crate::store::{TemporaryFolder, read_plain};

/// The project in a rehearsal, and the folder that it lives in.
pub(super) struct Rehearsal {
    pub project: Project,
    /// To be dropped when nothing of the project is open any more.
    pub folder: TemporaryFolder,
}

impl Rehearsal {
    /// Copies ledger and `mlops.lock`; blobs are read where they are.
    pub(super) fn of(project: &Project) -> Result<Rehearsal> {
        let folder = project.store().temporary_folder()?;
        let rehearsal = project.rehearsed_in(folder.path())?;
        project.ledger()?.copy_to(&rehearsal.dir("ledger.db"))?;
        if let Some(lock) = read_plain(&project.lock_path())? {
            let path = rehearsal.lock_path();
            std::fs::write(&path, lock).map_err(|e| Error::io("write", &path, e))?;
        }
        Ok(Rehearsal { project: rehearsal, folder })
    }
}
