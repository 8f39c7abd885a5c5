//! `mlops fsck`

use super::ui::{Screen, Show, count};
use super::{Context, Outcome};
use crate::document::Phrase;
use crate::error::Result;
use crate::upkeep::{self, FsckOutcome};

/// Verify every blob and the ledger
///
/// Reads every blob and compares it with its hash, checks the ledger, and checks that everything the ledger names is
/// there: dataset versions, training sets, what runs kept, models. Exits with 3 when something is damaged.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops fsck\n  mlops fsck --json")]
pub struct FsckArgs {}

pub fn run(context: &Context, _: FsckArgs) -> Result<Outcome> {
    let outcome = upkeep::fsck(&context.project()?, &context.ui.progress())?;
    context.ui.print(&outcome)?;
    match outcome.error() {
        Some(error) => Err(error),
        None => Ok(Outcome::Done),
    }
}

impl Show for FsckOutcome {
    fn show(&self, screen: &mut Screen) {
        for damage in &self.damaged {
            let what = Phrase::plain(format!(" {}: {}", damage.what, damage.problem));
            screen.phrases([Phrase::bad("damaged"), what]);
        }
        if self.healthy {
            let what = Phrase::plain(format!(": {} blobs and the ledger", count(self.blobs as u64)));
            screen.phrases([Phrase::good("healthy"), what]);
        }
    }
}
