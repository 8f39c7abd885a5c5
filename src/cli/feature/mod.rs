//! `mlops feature …`

mod get;
mod join;
mod materialize;
mod plan;

use super::{Context, Outcome};
use crate::error::Result;

/// Define, join and serve features.
#[derive(clap::Subcommand)]
pub enum FeatureCommand {
    Plan(plan::PlanArgs),
    Apply(plan::ApplyArgs),
    Materialize(materialize::MaterializeArgs),
    Join(join::JoinArgs),
    Get(get::GetArgs),
}

impl FeatureCommand {
    pub fn writes(&self) -> bool {
        !matches!(self, FeatureCommand::Plan(_) | FeatureCommand::Get(_))
    }
}

pub fn run(context: &Context, command: FeatureCommand) -> Result<Outcome> {
    match command {
        FeatureCommand::Plan(args) => plan::plan_command(context, args),
        FeatureCommand::Apply(args) => plan::apply_command(context, args),
        FeatureCommand::Materialize(args) => materialize::run(context, args),
        FeatureCommand::Join(args) => join::run(context, args),
        FeatureCommand::Get(args) => get::run(context, args),
    }
}
