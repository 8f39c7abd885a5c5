//! `mlops model explain`

use crate::cli::ui::{Screen, Show, count, metric};
use crate::cli::{Context, Outcome};
use crate::data::{OutputFile, parse_json_lines, read_table_with};
use crate::error::{Error, Result};
use crate::learn::explain::ContributionScale;
use crate::model::{self, ExplainedRow, Predicted};
use crate::project::Reference;
use crate::registry;
use serde::Serialize;

/// Say how much each feature moves a model's answers
///
/// Shapley values: contributions that add up from the mean over the training rows (the base) to the answer for a row. Of trees they are
/// exact; of linear models each is the weight times the distance from the mean. Probabilities of linear models and boosting are
/// explained by the logarithm of their odds: +0.7 about doubles the odds.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops model explain german@champion --input '{\"duration\": 24, \"amount\": 5000}'\n  mlops model explain german --input applicants.csv --output explained.csv"
)]
pub struct ExplainArgs {
    /// NAME, NAME@VERSION, NAME@ALIAS, a run or a hash
    model: Reference,
    /// A row as JSON, a file, or a dataset and version
    #[arg(short, long)]
    input: String,
    /// The file to write (.parquet, .csv, .jsonl): the rows with answer, base and a contribution_FEATURE each
    #[arg(short, long)]
    output: Option<String>,
    /// Features shown
    #[arg(long, default_value_t = 15)]
    top: usize,
}

#[derive(Serialize)]
struct ExplainOutcome {
    rows: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    explanations: Vec<ExplainedRow>,
    #[serde(skip)]
    top: usize,
}

pub fn run(context: &Context, args: ExplainArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    let file =
        args.output.as_ref().map(|output| OutputFile::in_project(&project, context.folder.join(output))).transpose()?;
    let (_, scorer) = registry::open(&project, &ledger, &args.model)?;
    let table = match args.input.trim_start().starts_with('{') {
        true => parse_json_lines(args.input.as_bytes()).map_err(|e| e.at("--input"))?,
        false => {
            let read = read_table_with(&project, &ledger, &context.folder, &args.input, &scorer.read_as())?;
            read.collect().map_err(|e| e.at(&args.input))?
        }
    };
    if table.height() == 0 {
        return Err(Error::invalid(format!("{} has no row", args.input)).hint("give a row to explain"));
    }
    let rows = model::explain_table(&project, &ledger, &scorer, &table, &context.ui.progress())?;
    let explained = rows.len();
    let explanations = match file {
        Some(file) => {
            file.write(&mut model::add_explanations(&table, &rows)?)?;
            Vec::new()
        }
        None => rows,
    };
    context.ui.print(&ExplainOutcome { rows: explained, output: args.output, explanations, top: args.top })?;
    Ok(Outcome::Done)
}

/// What contributions add up to, as a column's head.
fn unit(scale: ContributionScale) -> &'static str {
    match scale {
        ContributionScale::Number => "adds",
        ContributionScale::Probability => "adds to the probability",
        ContributionScale::LogOdds => "adds to the log-odds",
        ContributionScale::Score => "adds to the score",
        ContributionScale::LogRate => "adds to the log-rate",
    }
}

impl ExplainOutcome {
    fn show_row(&self, row: &ExplainedRow, screen: &mut Screen) {
        let (answer, explanation) = (&row.answer, &row.explanation);
        let said = match &answer.prediction {
            Predicted::Number(number) => metric(Some(*number)),
            Predicted::Class(class) => class.clone(),
        };
        screen.heading(&match (answer.probability, &explanation.class) {
            (Some(p), Some(class)) => format!("{said}: the probability of {class} is {}", metric(Some(p))),
            (None, Some(class)) => {
                let of_class = answer.probabilities.iter().find(|(name, _)| name == class).map(|(_, p)| *p);
                format!("{said}: its probability is {}", metric(of_class))
            }
            _ => said,
        });
        let of = match (&explanation.class, answer.probability) {
            (Some(class), None) => format!(" of {class}"),
            _ => String::new(),
        };
        let total = metric(Some(explanation.total()));
        let before = if explanation.before_calibration { ", before the calibration" } else { "" };
        screen.line(format!("base{of} {}, with all contributions {total}{before}", metric(Some(explanation.base))));
        let value = |name: &str| {
            let found = row.features.iter().find(|(other, _)| other == name);
            found.map_or_else(String::new, |(_, value)| match value.value().to_json() {
                serde_json::Value::String(text) => text,
                serde_json::Value::Null => "missing".to_owned(),
                other => other.to_string(),
            })
        };
        let line = |(name, by): &(String, f64)| vec![name.clone(), value(name), format!("{by:+.4}")];
        let shown = explanation.contributions.iter().take(self.top).map(line).collect();
        screen.table(&["feature", "value", unit(explanation.scale)], shown);
        if explanation.contributions.len() > self.top {
            screen.line(format!("the largest {} of {}: --top N shows more", self.top, explanation.contributions.len()));
        }
    }
}

impl Show for ExplainOutcome {
    fn show(&self, screen: &mut Screen) {
        match (&self.output, self.explanations.as_slice()) {
            (Some(output), _) => {
                screen.line(format!("{} rows explained, written to {output}", count(self.rows as u64)));
            }
            (None, [row]) => self.show_row(row, screen),
            (None, rows) => {
                screen.line(format!("{} rows: the mean size of what each feature adds", count(rows.len() as u64)));
                let means = model::mean_contributions(rows);
                let head = rows.first().map_or("adds", |row| unit(row.explanation.scale));
                let line = |(name, mean): &(String, f64)| vec![name.clone(), metric(Some(*mean))];
                screen.table(&["feature", head], means.iter().take(self.top).map(line).collect());
                screen.line("--output FILE writes each row's");
            }
        }
    }
}
