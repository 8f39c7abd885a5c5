//! `mlops model register`

use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::project::{Name, Reference};
use crate::registry::{self, RegisterOutcome};

/// Register the model of a run under a name
///
/// The model gets the name's next version; the same model again is the same version.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops model register 3f2a delay --alias champion\n  mlops model register boosting delay      the newest run of a recipe"
)]
pub struct RegisterArgs {
    /// The beginning of the run's id, or a recipe
    run: Reference,
    /// The model's name
    name: Name,
    /// Aliases to point at the version
    #[arg(long = "alias", value_name = "ALIAS")]
    aliases: Vec<Name>,
}

pub fn run(context: &Context, args: RegisterArgs) -> Result<Outcome> {
    context.ui.print(&registry::register(&context.project()?, &args.run, &args.name, &args.aliases)?)?;
    Ok(Outcome::Done)
}

impl Show for RegisterOutcome {
    fn show(&self, screen: &mut Screen) {
        let aliases: String = self.aliases.iter().map(|a| format!(" ({a})")).collect();
        screen.line(format!(
            "{}@{}{aliases}  model {} of run {}",
            self.name,
            self.version,
            self.hash.short(),
            self.run.short()
        ));
        screen.hint(&format!("mlops serve {}@{}", self.name, self.version));
    }
}
