//! `mlops log`

use super::ui::{Screen, Show};
use super::{Context, Outcome};
use crate::error::Result;
use crate::ledger::Operation;
use serde::Serialize;

/// List what was done, newest first
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops log\n  mlops log -n 5 --json")]
pub struct LogArgs {
    /// How many operations
    #[arg(short = 'n', long, default_value_t = 30)]
    limit: usize,
}

#[derive(Serialize)]
struct Log {
    operations: Vec<Operation>,
}

pub fn run(context: &Context, args: LogArgs) -> Result<Outcome> {
    let operations = context.project()?.ledger()?.operations(args.limit)?;
    context.ui.print(&Log { operations })?;
    Ok(Outcome::Done)
}

impl Show for Log {
    fn show(&self, screen: &mut Screen) {
        if self.operations.is_empty() {
            return screen.line("nothing was done yet");
        }
        let row = |o: &Operation| {
            vec![o.at.chars().take(19).collect(), o.actor.clone(), o.command.clone(), o.outcome.clone()]
        };
        screen.table(&["when (UTC)", "who", "command", "outcome"], self.operations.iter().map(row).collect());
    }
}
