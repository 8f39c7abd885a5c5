//! `mlops run reproduce`

use super::diff::lines;
use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::document::Phrase;
use crate::error::Result;
use crate::evaluation::{self, ReproduceOutcome};
use crate::project::Reference;
use crate::registry::find_run;

/// Train a run again and compare the models
///
/// From the recorded versions of its data, its definitions as they stood and its seed; nothing is written into the project. Exits with 0 if the
/// new model has the same hash, else with 1 and the causes by name.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops run reproduce 3f2a\n  mlops run reproduce delay     the newest finished run of a recipe"
)]
pub struct ReproduceArgs {
    /// The beginning of the run's id, or a recipe
    run: Reference,
}

pub fn run(context: &Context, args: ReproduceArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    let run = find_run(&ledger, &args.run)?;
    let outcome = evaluation::reproduce(&project, &ledger, &run, &context.ui.progress())?;
    context.ui.print(&outcome)?;
    Ok(Outcome::of(outcome.same))
}

impl Show for ReproduceOutcome {
    fn show(&self, screen: &mut Screen) {
        let name = format!("run {}  {}: ", self.run.short(), self.name);
        match (self.same, &self.reproduced) {
            (true, _) => {
                let said = format!("same hash, model {}", self.recorded.short());
                screen.phrases([Phrase::plain(name), Phrase::good(said)]);
            }
            (false, Some(new)) => {
                let said = format!("another model, {} in place of {}", new.short(), self.recorded.short());
                screen.phrases([Phrase::plain(name), Phrase::bad(said)]);
            }
            (false, None) => screen.phrases([Phrase::plain(name), Phrase::bad("it can't be trained again")]),
        }
        self.causes.iter().for_each(|cause| screen.line(format!("  {cause}")));
        if !self.changed_since.is_empty() {
            screen.line("mlops.toml says otherwise today; the definitions of the run were taken:");
            screen.table(&["", "what", "then", "now"], lines("definition", &self.changed_since));
        }
        screen.line(format!("trained in {:.2} s", self.seconds));
    }
}
