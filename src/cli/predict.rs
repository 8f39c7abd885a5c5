//! `mlops predict`

use super::model::{self, PredictArgs};
use super::{Context, Outcome};
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::project::{Name, Reference};
use crate::registry::CHAMPION;
use std::collections::BTreeSet;

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
    /// The file to write (.parquet, .csv, .jsonl); JSON Lines to standard output without it
    #[arg(short, long)]
    output: Option<String>,
    /// Another model: NAME, NAME@VERSION, NAME@ALIAS, a run or a hash
    #[arg(short, long)]
    model: Option<Reference>,
}

pub fn run(context: &Context, args: PredictFileArgs) -> Result<Outcome> {
    let model = match args.model {
        Some(model) => model,
        None => only_champion(&context.project()?.ledger()?)?,
    };
    model::predict(context, PredictArgs::of_model(model, args.input, args.output))
}

/// The one model that has a champion.
pub(super) fn only_champion(ledger: &Ledger) -> Result<Reference> {
    let champions =
        ledger.model_versions()?.into_iter().filter(|row| row.aliases.iter().any(|alias| alias.as_str() == CHAMPION));
    let names: BTreeSet<Name> = champions.map(|row| row.name).collect();
    let known: Vec<&str> = names.iter().map(Name::as_str).collect();
    match known[..] {
        [only] => Reference::parse(only),
        [] => Err(Error::not_found("no model has a champion yet")
            .hint("mlops train FILE --target COLUMN, or register one: mlops model register RUN NAME --alias champion")),
        _ => Err(Error::invalid(format!("several models have a champion: {}", known.join(", "))).hint("name one")),
    }
}
