//! `mlops run …`

mod compare;
mod list;
mod show;
mod train;

pub use list::deciding_metric;

use super::{Context, Outcome};
use crate::error::Result;

/// Train, list and compare runs.
#[derive(clap::Subcommand)]
pub enum RunCommand {
    Train(train::TrainArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Compare(compare::CompareArgs),
}

impl RunCommand {
    pub fn writes(&self) -> bool {
        matches!(self, RunCommand::Train(_))
    }
}

pub fn run(context: &Context, command: RunCommand) -> Result<Outcome> {
    match command {
        RunCommand::Train(args) => train::run(context, args),
        RunCommand::List(args) => list::run(context, args),
        RunCommand::Show(args) => show::run(context, args),
        RunCommand::Compare(args) => compare::run(context, args),
    }
}
