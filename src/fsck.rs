//! Whether everything is whole: each blob against its hash, and what the ledger and `mlops.lock` speak of against the
//! blobs. Nothing is mended; only leftovers of interrupted writes that are older than a day are removed.

use crate::data::manifest_of;
use crate::error::{Error, Kind, Result};
use crate::ledger::Ledger;
use crate::model::load;
use crate::progress::Progress;
use crate::project::{LockFile, Name, Project};
use crate::store::Hash;
use serde::Serialize;
use std::collections::BTreeSet;

/// What was found.
#[derive(Debug, Serialize)]
pub struct FsckOutcome {
    /// Whether nothing is damaged.
    pub healthy: bool,
    /// Blobs verified.
    pub blobs: usize,
    /// What is damaged or missing.
    pub damaged: Vec<Damage>,
    /// Temporary files removed.
    pub leftovers_removed: usize,
    /// The way out.
    #[serde(skip)]
    hint: &'static str,
}

/// A thing that is damaged: a blob, the ledger, or what needs one of those.
#[derive(Debug, Serialize)]
pub struct Damage {
    /// The thing: `blob HASH`, `ledger`, `dataset NAME@VERSION`, ….
    pub what: String,
    /// What is wrong with it.
    pub problem: String,
}

const AGAIN: &str =
    "remove a damaged blob's file and add its data again, or copy the file from a machine where it is whole";
const UNRECORDED: &str =
    "restore .mlops from a backup or the machine that recorded it, or record what lies here now: `mlops data add`";

impl Damage {
    fn new(what: impl Into<String>, problem: impl Into<String>) -> Self {
        Damage { what: what.into(), problem: problem.into() }
    }
}

impl FsckOutcome {
    /// The error that says that something is damaged; none if all is whole.
    pub fn error(&self) -> Option<Error> {
        let things = if self.damaged.len() == 1 { "thing is" } else { "things are" };
        let message = format!("{} {things} damaged", self.damaged.len());
        (!self.healthy).then(|| Error::new(Kind::Corrupt, message).hint(self.hint))
    }
}

/// Reads every blob and holds it against its hash, checks the ledger, and checks that everything the ledger and the lock
/// file speak of is there.
pub fn fsck(project: &Project, progress: &Progress) -> Result<FsckOutcome> {
    let store = project.store();
    let (blobs, bad) = store.verify_all(progress)?;
    let mut damaged: Vec<Damage> =
        bad.iter().map(|(hash, e)| Damage::new(format!("blob {}", hash.short()), e.message())).collect();
    let whole = Whole { project, bad: bad.into_iter().map(|(hash, _)| hash).collect() };
    let mut hint = AGAIN;
    // A ledger that can't be opened must not hide what is wrong with the blobs.
    match project.ledger().and_then(|ledger| Ok((whole.recorded(&ledger)?, whole.locked(&ledger)?))) {
        Ok((recorded, locked)) => {
            damaged.extend(recorded);
            hint = if damaged.is_empty() { UNRECORDED } else { AGAIN };
            damaged.extend(locked);
        }
        Err(e) if e.kind() == Kind::Corrupt => damaged.push(Damage::new("ledger", e.message())),
        Err(e) => return Err(e),
    }
    let leftovers_removed = store.sweep_temporary();
    Ok(FsckOutcome { healthy: damaged.is_empty(), blobs, damaged, leftovers_removed, hint })
}

/// The blobs as they were found.
struct Whole<'a> {
    project: &'a Project,
    bad: BTreeSet<Hash>,
}

impl Whole<'_> {
    fn sound(&self, hash: &Hash) -> bool {
        self.project.store().has(hash) && !self.bad.contains(hash)
    }

    fn state(&self, hash: &Hash) -> &'static str {
        if self.bad.contains(hash) { "is damaged" } else { "is missing" }
    }

    /// What the ledger speaks of and is not whole.
    fn recorded(&self, ledger: &Ledger) -> Result<Vec<Damage>> {
        let mut damaged: Vec<Damage> =
            ledger.check()?.into_iter().map(|problem| Damage::new("ledger", problem)).collect();
        for version in ledger.all_dataset_versions()? {
            let what = format!("dataset {}@{}", version.name, version.version);
            damaged.extend(self.dataset(&what, &version.hash));
        }
        // A training set that is missing is joined again; one that is damaged is in the way.
        for set in ledger.training_sets()?.iter().filter(|set| self.bad.contains(&set.blob)) {
            let what = format!("training set {} {}", set.name, set.hash.short());
            damaged.push(Damage::new(what, format!("its rows {} {}", set.blob.short(), self.state(&set.blob))));
        }
        for (run, artifact) in ledger.all_artifacts()? {
            let what = format!("run {} artifact {}", run.short(), artifact.name);
            if !self.sound(&artifact.hash) {
                let problem = format!("{} {}", artifact.hash.short(), self.state(&artifact.hash));
                damaged.push(Damage::new(what, problem));
            } else if artifact.name == "model" {
                // The bundle's tensors are blobs of their own.
                let loaded = load(&self.project.store(), &artifact.hash);
                damaged.extend(loaded.err().map(|e| Damage::new(what, e.message())));
            }
        }
        for model in ledger.model_versions()?.iter().filter(|m| !self.sound(&m.hash)) {
            let what = format!("model {}@{}", model.name, model.version);
            damaged.push(Damage::new(what, format!("its bundle {} {}", model.hash.short(), self.state(&model.hash))));
        }
        Ok(damaged)
    }

    fn dataset(&self, what: &str, hash: &Hash) -> Vec<Damage> {
        if !self.sound(hash) {
            return vec![Damage::new(what, format!("its manifest {} {}", hash.short(), self.state(hash)))];
        }
        match manifest_of(self.project, hash) {
            Err(e) => vec![Damage::new(what, e.message())],
            Ok(manifest) => {
                let lost = manifest.files().iter().filter(|f| !self.sound(&f.hash));
                lost.map(|f| Damage::new(what, format!("{} {}", f.path, self.state(&f.hash)))).collect()
            }
        }
    }

    /// What the lock file names and the ledger doesn't know: the ledger was lost, or the version was recorded elsewhere.
    fn locked(&self, ledger: &Ledger) -> Result<Vec<Damage>> {
        let lock_file = match LockFile::read(self.project) {
            Ok(lock_file) => lock_file,
            Err(e) => return Ok(vec![Damage::new("lock file", e.message())]),
        };
        let known: BTreeSet<(Name, Hash)> =
            ledger.all_dataset_versions()?.into_iter().map(|v| (v.name, v.hash)).collect();
        let damage = |(name, hash): (Name, Hash)| {
            let lost = if self.project.store().has(&hash) { "the ledger lost it" } else { "it is not on this machine" };
            Damage::new(format!("dataset {name}"), format!("mlops.lock names version {}; {lost}", hash.short()))
        };
        Ok(lock_file.versions.into_iter().filter(|version| !known.contains(version)).map(damage).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{AddOptions, add};
    use crate::project::init;

    fn project() -> (tempfile::TempDir, Project) {
        let folder = tempfile::tempdir().unwrap();
        init(folder.path()).unwrap();
        std::fs::write(folder.path().join("a.csv"), "id\n1\n").unwrap();
        let project = Project::find(folder.path()).unwrap();
        let options = AddOptions { what: vec!["a.csv".to_owned()], ..Default::default() };
        let root = project.root().to_owned();
        let (project, _) = add(project, &root, &options, &Progress::quiet()).unwrap();
        (folder, project)
    }

    fn problems(project: &Project) -> Vec<String> {
        let found = fsck(project, &Progress::quiet()).unwrap();
        assert_eq!(found.healthy, found.error().is_none());
        found.damaged.into_iter().map(|d| format!("{}: {}", d.what, d.problem)).collect()
    }

    #[test]
    fn a_ledger_that_lost_what_the_lock_file_names_is_not_healthy() {
        let (folder, project) = project();
        assert_eq!(problems(&project), [""; 0]);
        for file in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(".mlops").join(file));
        }
        let found = problems(&project);
        assert!(found.len() == 1 && found[0].starts_with("dataset a: mlops.lock names version"), "{found:?}");
        assert!(found[0].ends_with("the ledger lost it"), "{found:?}");
        let hint = fsck(&project, &Progress::quiet()).unwrap().error().unwrap();
        assert!(hint.hint_text().unwrap().contains("mlops data add"));
    }

    #[test]
    fn a_version_recorded_elsewhere_and_a_lock_file_in_conflict_are_named() {
        let (folder, project) = project();
        std::fs::write(project.lock_path(), format!("b {}\n", Hash::of(b"elsewhere"))).unwrap();
        assert!(problems(&project)[0].ends_with("it is not on this machine"));
        std::fs::write(project.lock_path(), "<<<<<<< HEAD\n").unwrap();
        assert!(problems(&project)[0].starts_with("lock file: "));
        drop(folder);
    }
}
