//! `mlops predict`

use super::model::{self, PredictArgs};
use super::{Context, Outcome};
use crate::error::Result;
use crate::project::Reference;
use crate::registry;

/// Predict the rows of a file by the project's champion
///
/// The same as `mlops model predict NAME --input FILE`, where the project has one model with a champion.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops predict new.csv\n  mlops predict new.csv --output answers.csv --model iris@1"
)]
pub struct PredictFileArgs {
    /// A file, or a dataset and version
    input: String,
    /// The file to write (.parquet, .csv, .jsonl); without it the rows go to standard output as JSON Lines, with --json too
    #[arg(short, long)]
    output: Option<String>,
    /// Another model: NAME, NAME@VERSION, NAME@ALIAS, a run or a hash
    #[arg(short, long)]
    model: Option<Reference>,
}

pub fn run(context: &Context, args: PredictFileArgs) -> Result<Outcome> {
    let model = match args.model {
        Some(model) => model,
        None => registry::only_champion(&context.project()?.ledger()?)?,
    };
    model::predict(context, PredictArgs::of_model(model, args.input, args.output))
}
