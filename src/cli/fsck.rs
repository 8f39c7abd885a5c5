//! `mlops fsck`

use super::ui::{Screen, Show, count};
use super::{Context, Outcome};
use crate::data::manifest_of;
use crate::error::{Error, Kind, Result};
use crate::ledger::Ledger;
use crate::model::load;
use crate::project::Project;
use crate::store::Hash;
use serde::Serialize;
use std::collections::BTreeSet;

/// Verify every blob and the ledger
///
/// Reads every blob and holds it against its hash, checks the ledger, and checks that everything the ledger speaks of
/// is there: dataset versions, training sets, what runs kept, models. Exits with 3 when something is damaged.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops fsck\n  mlops fsck --json")]
pub struct FsckArgs {}

#[derive(Serialize)]
struct Fsck {
    healthy: bool,
    blobs: usize,
    damaged: Vec<Damage>,
    leftovers_removed: usize,
}

/// A thing that is damaged: a blob, the ledger, or what needs one of those.
#[derive(Serialize)]
struct Damage {
    what: String,
    problem: String,
}

impl Damage {
    fn new(what: impl Into<String>, problem: impl Into<String>) -> Self {
        Damage { what: what.into(), problem: problem.into() }
    }
}

pub fn run(context: &Context, _: FsckArgs) -> Result<Outcome> {
    let project = context.project()?;
    let store = project.store();
    let (blobs, bad) = store.verify_all(&context.ui)?;
    let mut damaged: Vec<Damage> =
        bad.iter().map(|(hash, e)| Damage::new(format!("blob {}", hash.short()), e.message())).collect();
    let bad: BTreeSet<Hash> = bad.into_iter().map(|(hash, _)| hash).collect();
    // A ledger that can't be opened must not hide what is wrong with the blobs.
    match project.ledger().and_then(|ledger| affected(&project, &bad, &ledger)) {
        Ok(found) => damaged.extend(found),
        Err(e) if e.kind() == Kind::Corrupt => damaged.push(Damage::new("ledger", e.message())),
        Err(e) => return Err(e),
    }
    let outcome = Fsck { healthy: damaged.is_empty(), blobs, damaged, leftovers_removed: store.sweep_temporary() };
    context.ui.print(&outcome)?;
    if outcome.healthy {
        return Ok(Outcome::Done);
    }
    let things = if outcome.damaged.len() == 1 { "thing is" } else { "things are" };
    Err(Error::new(Kind::Corrupt, format!("{} {things} damaged", outcome.damaged.len()))
        .hint("remove a damaged blob's file and add its data again, or copy the file from a machine where it is whole"))
}

/// What the ledger speaks of and is not whole.
fn affected(project: &Project, bad: &BTreeSet<Hash>, ledger: &Ledger) -> Result<Vec<Damage>> {
    let store = project.store();
    let sound = |hash: &Hash| store.has(hash) && !bad.contains(hash);
    let state = |hash: &Hash| if bad.contains(hash) { "is damaged" } else { "is missing" };
    let mut damaged: Vec<Damage> = ledger.check()?.into_iter().map(|problem| Damage::new("ledger", problem)).collect();
    for version in ledger.all_dataset_versions()? {
        let what = format!("dataset {}@{}", version.name, version.version);
        if !sound(&version.hash) {
            damaged.push(Damage::new(what, format!("its manifest {} {}", version.hash.short(), state(&version.hash))));
            continue;
        }
        match manifest_of(project, &version.hash) {
            Err(e) => damaged.push(Damage::new(what, e.message())),
            Ok(manifest) => {
                let lost = manifest.files().iter().filter(|f| !sound(&f.hash));
                damaged.extend(lost.map(|f| Damage::new(&what, format!("{} {}", f.path, state(&f.hash)))));
            }
        }
    }
    // A training set that is missing is joined again; one that is damaged is in the way.
    for set in ledger.training_sets()?.iter().filter(|set| bad.contains(&set.blob)) {
        let what = format!("training set {} {}", set.name, set.hash.short());
        damaged.push(Damage::new(what, format!("its rows {} {}", set.blob.short(), state(&set.blob))));
    }
    for (run, artifact) in ledger.all_artifacts()? {
        let what = format!("run {} artifact {}", run.short(), artifact.name);
        if !sound(&artifact.hash) {
            damaged.push(Damage::new(what, format!("{} {}", artifact.hash.short(), state(&artifact.hash))));
        } else if artifact.name == "model" {
            // The bundle's tensors are blobs of their own.
            damaged.extend(load(&store, &artifact.hash).err().map(|e| Damage::new(what, e.message())));
        }
    }
    for model in ledger.model_versions()?.iter().filter(|m| !sound(&m.hash)) {
        let what = format!("model {}@{}", model.name, model.version);
        damaged.push(Damage::new(what, format!("its bundle {} {}", model.hash.short(), state(&model.hash))));
    }
    Ok(damaged)
}

impl Show for Fsck {
    fn show(&self, screen: &mut Screen) {
        for damage in &self.damaged {
            let mark = screen.bad("damaged");
            screen.line(format!("{mark} {}: {}", damage.what, damage.problem));
        }
        if self.healthy {
            let mark = screen.good("healthy");
            screen.line(format!("{mark}: {} blobs and the ledger", count(self.blobs as u64)));
        }
    }
}
