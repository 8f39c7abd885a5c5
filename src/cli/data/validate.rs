//! `mlops data validate`

use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::data::{ValidateOutcome, validate};
use crate::error::Result;
use crate::project::{Name, Severity};

/// Check the contracts of datasets against the workspace
///
/// Exits with 1 when a contract of severity `block` is broken.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops data validate\n  mlops data validate flights --json")]
pub struct ValidateArgs {
    /// Datasets; all without them
    names: Vec<Name>,
}

pub fn run(context: &Context, args: ValidateArgs) -> Result<Outcome> {
    let outcome = validate(&context.project()?, &args.names, &context.ui)?;
    context.ui.print(&outcome)?;
    Ok(Outcome::of(outcome.passed))
}

impl Show for ValidateOutcome {
    fn show(&self, screen: &mut Screen) {
        if self.checks.is_empty() {
            return screen.line("no contracts: give expect = [ … ] to a dataset in mlops.toml");
        }
        for check in &self.checks {
            let subject = check.column.as_ref().map_or_else(String::new, |c| format!("{c} "));
            let mark = match (check.passed, check.severity) {
                (true, _) => screen.good("holds "),
                (false, Severity::Warn) => "warns ".to_owned(),
                (false, Severity::Block) => screen.bad("broken"),
            };
            let found = if check.passed { String::new() } else { format!(" — {}", check.sentence()) };
            screen.line(format!("{mark} {}: {subject}{}{found}", check.dataset, check.rule));
        }
    }
}
