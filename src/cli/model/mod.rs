//! `mlops model …`

mod alias;
mod explain;
mod list;
mod predict;
mod register;
mod show;

pub use predict::{PredictArgs, run as predict};

use super::{Context, Outcome};
use crate::error::Result;

/// Register, point at and use models.
#[derive(clap::Subcommand)]
pub enum ModelCommand {
    Register(register::RegisterArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Alias(alias::AliasArgs),
    Predict(predict::PredictArgs),
    Explain(explain::ExplainArgs),
}

impl ModelCommand {
    pub fn writes(&self) -> bool {
        matches!(self, ModelCommand::Register(_) | ModelCommand::Alias(_))
    }
}

pub fn run(context: &Context, command: ModelCommand) -> Result<Outcome> {
    match command {
        ModelCommand::Register(args) => register::run(context, args),
        ModelCommand::List(args) => list::run(context, args),
        ModelCommand::Show(args) => show::run(context, args),
        ModelCommand::Alias(args) => alias::run(context, args),
        ModelCommand::Predict(args) => predict::run(context, args),
        ModelCommand::Explain(args) => explain::run(context, args),
    }
}
