//! `mlops model predict`

use crate::cli::ui::{Screen, Show, count};
use crate::cli::{Context, Outcome};
use crate::data::{self, OutputFile, ReadAs, read_table_with};
use crate::error::{Error, Result};
use crate::model::{Answer, PredictOutcome, add_predictions, predict_table};
use crate::project::{Format, Reference};
use crate::registry;
use crate::serve::{ClientOptions, predict_url, read_as_at};

/// Predict the rows of a table, here or by a running server
///
/// Features of views are joined as known at each row's time. With --url the rows are sent as HTTP requests to a server
/// started by `mlops serve`, which logs each answer.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops model predict delay --input april.parquet --output scored.parquet\n  mlops model predict --url http://127.0.0.1:8080 --input april.parquet --output answers.csv"
)]
pub struct PredictArgs {
    /// NAME, NAME@VERSION, NAME@ALIAS, a run or a hash
    #[arg(required_unless_present = "url", conflicts_with = "url")]
    model: Option<Reference>,
    /// A file, or a dataset and version
    #[arg(short, long)]
    input: String,
    /// The file to write (.parquet, .csv, .jsonl); without it the rows go to standard output as JSON Lines, with --json too
    #[arg(short, long)]
    output: Option<String>,
    /// A running server
    #[arg(long)]
    url: Option<String>,
    /// Rows a request, with --url
    #[arg(long, default_value_t = 1, requires = "url")]
    rows_per_request: usize,
    /// Connections at once, with --url
    #[arg(long, default_value_t = 4, requires = "url")]
    connections: usize,
}

impl PredictArgs {
    /// By a model of the project.
    pub fn of_model(model: Reference, input: String, output: Option<String>) -> PredictArgs {
        PredictArgs { model: Some(model), input, output, url: None, rows_per_request: 1, connections: 1 }
    }
}

pub fn run(context: &Context, args: PredictArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    let file =
        args.output.as_ref().map(|output| OutputFile::in_project(&project, context.folder.join(output))).transpose()?;
    if let Some(output) = &args.output {
        let real = |path: &str| context.folder.join(path).canonicalize().ok();
        if real(output).is_some_and(|place| real(&args.input) == Some(place)) {
            return Err(Error::conflict(format!("{output} is the input, and would be replaced by the answers"))
                .hint("name another file with --output"));
        }
    }
    let read = |read_as: &ReadAs| {
        let table = read_table_with(&project, &ledger, &context.folder, &args.input, read_as)?;
        table.collect().map_err(|e| e.at(&args.input))
    };
    let mut scored = match (&args.model, &args.url) {
        (Some(model), None) => {
            let (_, scorer) = registry::open(&project, &ledger, model)?;
            let table = read(&scorer.read_as())?;
            predict_table(&project, &ledger, &scorer, &table, &context.ui.progress()).map_err(|e| e.at(&args.input))?
        }
        (None, Some(url)) => {
            let token = crate::cli::serve::token()?;
            let options =
                ClientOptions { rows_per_request: args.rows_per_request, connections: args.connections, token };
            let table = read(&read_as_at(url, options.token.as_ref()))?;
            let (ids, answers): (Vec<String>, Vec<Answer>) =
                predict_url(url, &table, &options, &context.ui.progress())?
                    .into_iter()
                    .map(|row| (row.id, row.answer))
                    .unzip();
            add_predictions(&table, Some(&ids), &answers)?
        }
        _ => {
            return Err(
                Error::invalid("name a model or a server").hint("mlops model predict MODEL --input FILE, or --url URL")
            );
        }
    };
    match (file, args.output) {
        (Some(file), Some(output)) => {
            file.write(&mut scored)?;
            context.ui.print(&PredictOutcome { rows: scored.height(), output })?;
        }
        _ => context.ui.raw(&String::from_utf8_lossy(&data::encode(&mut scored, Format::Jsonl)?))?,
    }
    Ok(Outcome::Done)
}

impl Show for PredictOutcome {
    fn show(&self, screen: &mut Screen) {
        screen.line(format!("{} rows predicted, written to {}", count(self.rows as u64), self.output));
    }
}
