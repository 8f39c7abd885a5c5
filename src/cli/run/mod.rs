//! `mlops run …`

mod compare;
mod diff;
mod list;
mod plot;
mod reproduce;
mod show;
mod slices;
mod train;

pub use list::deciding_metric;

use super::{Context, Outcome};
use crate::error::Result;

/// Train, list, judge and compare runs.
#[derive(clap::Subcommand)]
pub enum RunCommand {
    Train(train::TrainArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Compare(compare::CompareArgs),
    Diff(diff::DiffArgs),
    Plot(plot::PlotArgs),
    Reproduce(reproduce::ReproduceArgs),
    Slices(slices::SlicesArgs),
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
        RunCommand::Diff(args) => diff::run(context, args),
        RunCommand::Plot(args) => plot::run(context, args),
        RunCommand::Reproduce(args) => reproduce::run(context, args),
        RunCommand::Slices(args) => slices::run(context, args),
    }
}
