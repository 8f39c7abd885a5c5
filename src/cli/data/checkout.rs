//! `mlops data checkout`

use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::data::{self, CheckoutOutcome};
use crate::error::Result;
use crate::project::Reference;

/// Put a version's files into the workspace
///
/// The files become exactly those of the version, and `mlops.lock` names it. Local changes that no version holds are
/// kept from harm: the command refuses, unless forced.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops data checkout                every dataset as mlops.lock has it\n  mlops data checkout flights@2\n  mlops data checkout flights --force   drop local changes"
)]
pub struct CheckoutArgs {
    /// Datasets: NAME, NAME@VERSION or a hash
    what: Vec<Reference>,
    /// Overwrite local changes
    #[arg(short, long)]
    force: bool,
}

pub fn run(context: &Context, args: CheckoutArgs) -> Result<Outcome> {
    let outcome = data::checkout(&context.project()?, &args.what, args.force, &context.ui.progress())?;
    context.ui.print(&outcome)?;
    Ok(Outcome::Done)
}

impl Show for CheckoutOutcome {
    fn show(&self, screen: &mut Screen) {
        for d in &self.datasets {
            let written = if d.written == 1 { "1 file".to_owned() } else { format!("{} files", d.written) };
            screen.line(format!("{}@{}: {written} written, {} removed", d.name, d.version, d.removed));
        }
    }
}
