//! `mlops feature plan` and `mlops feature apply`

use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::features::{self, PlanAction, PlanOutcome};

/// Show what changed in the definitions of views since they were applied
///
/// Runs nothing and reads no data.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops feature plan\n  mlops feature plan --exit-code   in CI: 1 when something is not applied"
)]
pub struct PlanArgs {
    /// Exit with 1 if anything is to be applied
    #[arg(long)]
    exit_code: bool,
}

/// Record the definitions of views as they are now
///
/// Columns, windows and expressions are checked against the data first.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops feature apply")]
pub struct ApplyArgs {}

pub fn plan_command(context: &Context, args: PlanArgs) -> Result<Outcome> {
    let outcome = features::plan(&context.project()?)?;
    context.ui.print(&outcome)?;
    Ok(Outcome::of(outcome.clean || !args.exit_code))
}

pub fn apply_command(context: &Context, _: ApplyArgs) -> Result<Outcome> {
    context.ui.print(&features::apply(&context.project()?)?)?;
    Ok(Outcome::Done)
}

impl Show for PlanOutcome {
    fn show(&self, screen: &mut Screen) {
        if self.views.is_empty() {
            return screen.line("no feature views: define [feature.NAME] in mlops.toml");
        }
        for v in &self.views {
            let sign = match v.action {
                PlanAction::Add => "+",
                PlanAction::Change => "~",
                PlanAction::Remove => "-",
                PlanAction::Keep => "=",
            };
            let changed = if v.changed.is_empty() { String::new() } else { format!(" ({})", v.changed.join(", ")) };
            screen.line(format!("{sign} {} {}{changed}", v.action.name(), v.view));
        }
    }
}
