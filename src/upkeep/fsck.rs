//! Whether anything is damaged: each blob against its hash, what is recorded against the blobs, `mlops.lock` against the
//! ledger. Nothing is repaired; only leftovers of interrupted writes that are older than a day are removed.

use super::roots::{Role, Roots, recorded, unrecorded};
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::Ledger;
use crate::model;
use crate::progress::Progress;
use crate::project::{LockFile, Project};
use crate::store::{BlobState, Hash, Inventory};
use serde::Serialize;
use std::collections::BTreeSet;

/// What was found.
#[derive(Debug, Serialize)]
pub struct FsckOutcome {
    /// Whether nothing is damaged.
    pub healthy: bool,
    /// Blobs verified.
    pub blobs: usize,
    /// What is damaged or not here.
    pub damaged: Vec<Damage>,
    /// Leftovers of interrupted writes that were removed: those older than a day.
    pub leftovers_removed: usize,
    /// Younger ones, which somebody may still be writing.
    pub leftovers_kept: usize,
    /// Their bytes.
    pub leftovers_kept_bytes: u64,
    /// What the person can do about it.
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
    /// The error that says that something is damaged; `None` if nothing is.
    pub fn error(&self) -> Option<Error> {
        let things = if self.damaged.len() == 1 { "thing is" } else { "things are" };
        let message = format!("{} {things} damaged", self.damaged.len());
        (!self.healthy).then(|| Error::new(ErrorKind::Corrupt, message).hint(self.hint))
    }
}

/// Reads every blob and compares it with its hash, checks the ledger, and checks that everything the ledger and the lock
/// file name is there.
pub fn fsck(project: &Project, progress: &Progress) -> Result<FsckOutcome> {
    let store = project.store();
    // What is named is asked for before the blobs are read: who writes meanwhile stores a blob first, then its name.
    let named = project.ledger().and_then(|ledger| Ok((ledger.check()?, recorded(project, &ledger)?, ledger)));
    let inventory = store.inventory(progress)?;
    let mut damaged = damaged_blobs(&inventory);
    let mut hint = AGAIN;
    // A ledger that can't be opened must not hide what is wrong with the blobs.
    match named {
        Ok((problems, roots, ledger)) => {
            damaged.extend(problems.into_iter().map(|problem| Damage::new("ledger", problem)));
            damaged.extend(damage_of_roots(project, &roots, &inventory));
            hint = if damaged.is_empty() { UNRECORDED } else { AGAIN };
            damaged.extend(damage_of_lock_file(project, &ledger, &inventory)?);
        }
        Err(e) if e.kind() == ErrorKind::Corrupt => damaged.push(Damage::new("ledger", e.message())),
        Err(e) => return Err(e),
    }
    let swept = store.sweep_temporary();
    Ok(FsckOutcome {
        healthy: damaged.is_empty(),
        blobs: inventory.count(),
        damaged,
        leftovers_removed: swept.removed,
        leftovers_kept: swept.kept,
        leftovers_kept_bytes: swept.kept_bytes,
        hint,
    })
}

fn damaged_blobs(inventory: &Inventory) -> Vec<Damage> {
    let blob = |(hash, e): (&Hash, &Error)| Damage::new(format!("blob {}", hash.short()), e.message());
    inventory.damaged().iter().map(blob).collect()
}

/// What is wrong with what the ledger names.
fn damage_of_roots(project: &Project, roots: &Roots, inventory: &Inventory) -> Vec<Damage> {
    let mut damaged = damaged_roots(roots, inventory);
    // Contents that match their hash and still can't be read as what they should be.
    let senseless = roots.unread.iter().filter(|list| inventory.state(&list.hash) == BlobState::Present);
    damaged.extend(senseless.map(|list| Damage::new(&list.owner, list.error.message())));
    damaged.extend(unusable_models(project, roots, inventory));
    damaged
}

/// Contents that something recorded needs and that are not as they should be.
fn damaged_roots(roots: &Roots, inventory: &Inventory) -> Vec<Damage> {
    let mut damaged = Vec::new();
    for root in &roots.named {
        let problem = match (inventory.state(&root.hash), &root.role) {
            // A training set is joined again when it is needed.
            (BlobState::Present, _) | (BlobState::Elsewhere, Role::Rows) => continue,
            (state, Role::File(name)) => format!("{name} {}", state.words()),
            (state, role) => format!("{role} {} {}", root.hash.short(), state.words()),
        };
        damaged.push(Damage::new(&root.owner, problem));
    }
    damaged
}

/// Models whose contents are all here and don't fit together.
fn unusable_models(project: &Project, roots: &Roots, inventory: &Inventory) -> Vec<Damage> {
    let absent = roots.named.iter().filter(|root| inventory.state(&root.hash) != BlobState::Present);
    let mut known: BTreeSet<&str> = absent.map(|root| root.owner.as_str()).collect();
    known.extend(roots.unread.iter().map(|list| list.owner.as_str()));
    let (mut tried, mut damaged) = (BTreeSet::new(), Vec::new());
    for root in roots.named.iter().filter(|root| root.role == Role::Bundle && !known.contains(root.owner.as_str())) {
        if tried.insert(root.hash) {
            let loaded = model::load(&project.store(), &root.hash);
            damaged.extend(loaded.err().map(|e| Damage::new(&root.owner, e.message())));
        }
    }
    damaged
}

/// What the lock file names and the ledger doesn't know: the ledger was lost, or the version was recorded elsewhere.
fn damage_of_lock_file(project: &Project, ledger: &Ledger, inventory: &Inventory) -> Result<Vec<Damage>> {
    let lock_file = match LockFile::read(project) {
        Ok(lock_file) => lock_file,
        Err(e) => return Ok(vec![Damage::new("lock file", e.message())]),
    };
    let versions = unrecorded(&lock_file, ledger)?;
    let damage = |(name, hash)| {
        let state = inventory.state(&hash);
        let lost = if state == BlobState::Elsewhere { "it is not on this machine" } else { "the ledger lost it" };
        Damage::new(format!("dataset {name}"), format!("mlops.lock names version {}; {lost}", hash.short()))
    };
    Ok(versions.into_iter().map(damage).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{self, AddOptions};
    use crate::project;

    fn project() -> (tempfile::TempDir, Project) {
        let folder = tempfile::tempdir().unwrap();
        project::init(folder.path()).unwrap();
        std::fs::write(folder.path().join("a.csv"), "id\n1\n").unwrap();
        let project = Project::find(folder.path()).unwrap();
        let options = AddOptions { what: vec!["a.csv".to_owned()], ..Default::default() };
        let root = project.root().to_owned();
        let (project, _) = data::add(project, &root, &options, &Progress::quiet()).unwrap();
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
