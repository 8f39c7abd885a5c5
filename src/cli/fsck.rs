//! `mlops fsck`

use super::ui::{Screen, Show, bytes, count};
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
        if self.leftovers_removed > 0 {
            screen
                .line(format!("{} leftovers of interrupted writes were removed", count(self.leftovers_removed as u64)));
        }
        if self.leftovers_kept > 0 {
            let (files, size) = (count(self.leftovers_kept as u64), bytes(self.leftovers_kept_bytes));
            screen.line(format!(
                "{files} unfinished writes ({size}) lie in .mlops/tmp: fsck removes those older than a day;"
            ));
            screen.line("remove them yourself if no mlops is at work here");
        }
    }
}
