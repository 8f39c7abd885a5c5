//! `mlops data …`

mod add;
mod checkout;
mod diff;
mod list;
mod log;
mod show;
mod status;
mod validate;

pub use status::show_state;

use super::{Context, Outcome};
use crate::error::Result;

/// Record, look at, compare and restore versions of datasets.
#[derive(clap::Subcommand)]
pub enum DataCommand {
    Add(add::AddArgs),
    Status(status::StatusArgs),
    Checkout(checkout::CheckoutArgs),
    List(list::ListArgs),
    Log(log::LogArgs),
    Show(show::ShowArgs),
    Diff(diff::DiffArgs),
    Validate(validate::ValidateArgs),
}

impl DataCommand {
    pub fn writes(&self) -> bool {
        matches!(self, DataCommand::Add(_) | DataCommand::Checkout(_))
    }
}

pub fn run(context: &Context, command: DataCommand) -> Result<Outcome> {
    match command {
        DataCommand::Add(args) => add::run(context, args),
        DataCommand::Status(args) => status::run(context, args),
        DataCommand::Checkout(args) => checkout::run(context, args),
        DataCommand::List(args) => list::run(context, args),
        DataCommand::Log(args) => log::run(context, args),
        DataCommand::Show(args) => show::run(context, args),
        DataCommand::Diff(args) => diff::run(context, args),
        DataCommand::Validate(args) => validate::run(context, args),
    }
}
