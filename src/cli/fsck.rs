//! `mlops fsck`

use super::ui::{Screen, Show, count};
use super::{Context, Outcome};
use crate::data::manifest_of;
use crate::error::{Error, Kind, Result};
use crate::model::load;
use serde::Serialize;

/// Verify every blob and the ledger
///
/// Reads every blob and holds it against its hash, checks the ledger, and checks that everything the ledger speaks of
/// is there. Exits with 3 when something is damaged.
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

#[derive(Serialize)]
struct Damage {
    what: String,
    problem: String,
}

pub fn run(context: &Context, _: FsckArgs) -> Result<Outcome> {
    let project = context.project()?;
    let (store, ledger) = (project.store(), project.ledger()?);
    let (blobs, bad) = store.verify_all(&context.ui)?;
    let mut damaged: Vec<Damage> =
        bad.iter().map(|(hash, e)| Damage { what: format!("blob {hash}"), problem: e.message().to_owned() }).collect();
    damaged.extend(ledger.check()?.into_iter().map(|problem| Damage { what: "ledger".to_owned(), problem }));
    for version in ledger.all_dataset_versions()? {
        let what = format!("dataset {}@{}", version.name, version.version);
        match manifest_of(&project, &version.hash) {
            Err(e) => damaged.push(Damage { what, problem: e.message().to_owned() }),
            Ok(manifest) => {
                let lost =
                    manifest.files().iter().filter(|f| !store.has(&f.hash) || bad.iter().any(|(h, _)| *h == f.hash));
                let lost: Vec<&str> = lost.map(|f| f.path.as_str()).collect();
                if !lost.is_empty() {
                    damaged.push(Damage { what, problem: format!("missing or damaged: {}", lost.join(", ")) });
                }
            }
        }
    }
    for (run, artifact) in ledger.all_artifacts()? {
        let what = format!("run {} artifact {}", run.short(), artifact.name);
        let found = if artifact.name == "model" {
            load(&store, &artifact.hash).map(|_| ())
        } else {
            store.verify(&artifact.hash)
        };
        if let Err(e) = found {
            damaged.push(Damage { what, problem: e.message().to_owned() });
        }
    }
    let outcome = Fsck { healthy: damaged.is_empty(), blobs, damaged, leftovers_removed: store.sweep_temporary() };
    context.ui.print(&outcome)?;
    match outcome.damaged.len() {
        0 => Ok(Outcome::Done),
        n => Err(Error::new(Kind::Corrupt, format!("{n} things are damaged"))
            .hint("remove a damaged blob and add its data again, or copy it from another machine")),
    }
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
