//! Every content that something recorded needs, with who needs it. One list for `fsck`, which checks
//! these contents, and for any command that removes what nothing names.

use crate::data::manifest_of;
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::model::tensor_blob;
use crate::project::{LockFile, Name, Project};
use crate::store::Hash;
use std::collections::BTreeSet;
use std::fmt;

/// A content and who needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root {
    /// Who needs it: `dataset loans@1`, `run 3f2a91bc artifact model`.
    pub owner: String,
    /// What it is to them.
    pub role: Role,
    /// The content.
    pub hash: Hash,
}

/// What a content is to its owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The list of a dataset version's files.
    Manifest,
    /// One of these files.
    File(String),
    /// The table of a training set, which is joined again when it is not there.
    Rows,
    /// The description of a model.
    Bundle,
    /// A model's numbers.
    Tensors,
    /// Another file of a run.
    Artifact,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::Manifest => f.write_str("its manifest"),
            Role::File(name) => f.write_str(name),
            Role::Rows => f.write_str("its rows"),
            Role::Bundle => f.write_str("its bundle"),
            Role::Tensors => f.write_str("its tensors"),
            Role::Artifact => f.write_str("its content"),
        }
    }
}

/// A manifest or bundle that can't be read, so that it is not known what else its owner needs.
#[derive(Debug)]
pub struct Unread {
    /// Who needs it.
    pub owner: String,
    /// The manifest or bundle.
    pub hash: Hash,
    /// Why it can't be read.
    pub error: Error,
}

/// All roots of a project.
#[derive(Debug, Default)]
pub struct Roots {
    /// The contents, each once for each owner.
    pub named: BTreeSet<Root>,
    /// Lists that can't be read. While there is one, nothing may be removed.
    pub unread: Vec<Unread>,
}

/// Every root: what the ledger names, and what only `mlops.lock` does.
///
/// Errors: a ledger or lock file that can't be read. A manifest or bundle that can't be is in [`Roots::unread`].
pub fn roots(project: &Project, ledger: &Ledger) -> Result<Roots> {
    let mut roots = recorded(project, ledger)?;
    for (name, hash) in unrecorded(&LockFile::read(project)?, ledger)? {
        roots.add_dataset(project, format!("mlops.lock dataset {name}"), hash);
    }
    Ok(roots)
}

/// What the ledger names.
pub(super) fn recorded(project: &Project, ledger: &Ledger) -> Result<Roots> {
    let mut roots = Roots::default();
    for version in ledger.all_dataset_versions()? {
        roots.add_dataset(project, format!("dataset {}@{}", version.name, version.version), version.hash);
    }
    for set in ledger.training_sets()? {
        roots.add(&format!("training set {} {}", set.name, set.hash.short()), Role::Rows, set.blob);
    }
    for (run, artifact) in ledger.all_artifacts()? {
        let owner = format!("run {} artifact {}", run.short(), artifact.name);
        match artifact.name.as_str() {
            "model" => roots.add_model(project, owner, artifact.hash),
            _ => roots.add(&owner, Role::Artifact, artifact.hash),
        }
    }
    for model in ledger.model_versions()? {
        roots.add_model(project, format!("model {}@{}", model.name, model.version), model.hash);
    }
    for (name, hash) in ledger.deployed_models()? {
        roots.add_model(project, format!("deployment {name}"), hash);
    }
    Ok(roots)
}

/// Versions that the lock file names and the ledger does not know.
pub(super) fn unrecorded(lock_file: &LockFile, ledger: &Ledger) -> Result<Vec<(Name, Hash)>> {
    let known: BTreeSet<(Name, Hash)> = ledger.all_dataset_versions()?.into_iter().map(|v| (v.name, v.hash)).collect();
    let versions = lock_file.versions.iter().map(|(name, hash)| (name.clone(), *hash));
    Ok(versions.filter(|version| !known.contains(version)).collect())
}

impl Roots {
    fn add(&mut self, owner: &str, role: Role, hash: Hash) {
        self.named.insert(Root { owner: owner.to_owned(), role, hash });
    }

    fn add_dataset(&mut self, project: &Project, owner: String, hash: Hash) {
        self.add(&owner, Role::Manifest, hash);
        match manifest_of(project, &hash) {
            Ok(manifest) => {
                manifest.files().iter().for_each(|file| self.add(&owner, Role::File(file.path.clone()), file.hash));
            }
            Err(error) => self.unread.push(Unread { owner, hash, error }),
        }
    }

    fn add_model(&mut self, project: &Project, owner: String, hash: Hash) {
        self.add(&owner, Role::Bundle, hash);
        match tensor_blob(&project.store(), &hash) {
            Ok(tensors) => self.add(&owner, Role::Tensors, tensors),
            Err(error) => self.unread.push(Unread { owner, hash, error }),
        }
    }
}
