//! `mlops run show`

use crate::cli::page_file::PageFile;
use crate::cli::ui::{Screen, Show, bytes, metric};
use crate::cli::{Context, Outcome};
use crate::document::Phrase;
use crate::error::Result;
use crate::evaluation::{self, EvaluatedRun, PageOptions};
use crate::learn::Metric;
use crate::ledger::{ArtifactRow, InputRow, RunRow};
use crate::model;
use crate::model::{EvaluationRecord, MetricInterval, Trial};
use crate::project::{Reference, time_text};
use crate::registry::find_run;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Show one run: parameters, metrics, what it was made of, what it keeps
///
/// With --html one page that needs nothing else says how good the model is: the sentence first, then its metrics beside those of always
/// saying the same, with 95 % intervals, curves, errors, folds, the groups of rows that it does worse on, what it leans on.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops run show 3f2a\n  mlops run show delay     the newest finished run of a recipe\n  mlops run show delay --html delay.html"
)]
pub struct ShowArgs {
    /// The beginning of the run's id, or a recipe
    run: Reference,
    /// Write all that says how good it is into a page: curves, errors, folds, worst groups of rows, what it leans on
    #[arg(long, value_name = "FILE", conflicts_with = "md")]
    html: Option<PathBuf>,
    /// The same as Markdown, without pictures
    #[arg(long, value_name = "FILE")]
    md: Option<PathBuf>,
    /// Draw the learning curve of more than 50,000 training rows too, which fits the recipe several times
    #[arg(long)]
    learning_curve: bool,
}

#[derive(Serialize)]
struct PageWritten {
    run: String,
    output: String,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    run: RunRow,
    inputs: Vec<InputRow>,
    artifacts: Vec<ArtifactRow>,
    trials: Vec<Trial>,
    intervals: BTreeMap<String, MetricInterval>,
}

pub fn run(context: &Context, args: ShowArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    if let Some(file) = args.html.as_ref().or(args.md.as_ref()) {
        let endings: &[&str] = if args.html.is_some() { &["html", "htm"] } else { &["md", "markdown"] };
        let options = PageOptions { pictures: args.html.is_some(), learning: args.learning_curve };
        let file = PageFile::new(&project, &context.folder, file, endings)?;
        let run = EvaluatedRun::open(&project, &ledger, find_run(&ledger, &args.run)?)?;
        let page = evaluation::page(&project, &run, options, &context.ui.progress())?;
        file.write_document(&page)?;
        context.ui.print(&PageWritten { run: run.run.id.to_string(), output: file.shown() })?;
        return Ok(Outcome::Done);
    }
    let mut run = find_run(&ledger, &args.run)?;
    model::mark_killed_runs(&project, &ledger, std::slice::from_mut(&mut run))?;
    let inputs = ledger.run_inputs(&run.id)?;
    let artifacts = ledger.run_artifacts(&run.id)?;
    // A run can be shown although a file that it keeps is not there.
    let trials = model::trials_of(&project, &artifacts).unwrap_or_else(|e| {
        tracing::warn!(error = e.with_causes(), "the trials of the search can't be read");
        Vec::new()
    });
    let intervals = model::evaluation_of(&project, &artifacts).unwrap_or_else(|e| {
        tracing::warn!(error = e.with_causes(), "the intervals of the metrics can't be read");
        None
    });
    let intervals = intervals.map_or_else(BTreeMap::new, |EvaluationRecord { intervals, .. }| intervals);
    context.ui.print(&Shown { run, inputs, artifacts, trials, intervals })?;
    Ok(Outcome::Done)
}

impl Show for PageWritten {
    fn show(&self, screen: &mut Screen) {
        screen.line(format!("page written to {}", self.output));
    }
}

/// Trials shown: the best.
const TRIALS_SHOWN: usize = 10;

impl Shown {
    /// The metrics, with their intervals where the run keeps any.
    fn show_metrics(&self, screen: &mut Screen) {
        if self.intervals.is_empty() {
            let row = |(name, value): (&String, &f64)| vec![name.clone(), metric(Some(*value))];
            return screen.table(&["metric", "value"], self.run.metrics.iter().map(row).collect());
        }
        let between = |of: &MetricInterval| format!("{} to {}", metric(Some(of.low)), metric(Some(of.high)));
        let row = |(name, value): (&String, &f64)| {
            vec![name.clone(), metric(Some(*value)), self.intervals.get(name).map_or_else(String::new, between)]
        };
        screen.table(&["metric", "value", "95 % interval"], self.run.metrics.iter().map(row).collect());
    }

    /// The best candidates of the search.
    fn show_trials(&self, screen: &mut Screen) {
        let Some(first) = self.trials.first() else { return };
        let higher = Metric::named(&first.metric).is_none_or(Metric::higher_is_better);
        let good = |trial: &Trial| trial.score.map_or(f64::NEG_INFINITY, |score| if higher { score } else { -score });
        let mut best: Vec<&Trial> = self.trials.iter().collect();
        best.sort_by(|a, b| good(b).total_cmp(&good(a)));
        let names: Vec<&str> = first.params.keys().map(String::as_str).collect();
        let head: Vec<&str> = names.iter().copied().chain([first.metric.as_str()]).collect();
        let row = |trial: &&Trial| {
            let params = names.iter().map(|name| trial.params.get(*name).map_or_else(String::new, ToString::to_string));
            params.chain([metric(trial.score)]).collect()
        };
        screen.table(&head, best.iter().take(TRIALS_SHOWN).map(row).collect());
        if self.trials.len() > TRIALS_SHOWN {
            screen.line(format!("the best {TRIALS_SHOWN} of {} trials; all are in --json", self.trials.len()));
        }
    }
}

impl Show for Shown {
    fn show(&self, screen: &mut Screen) {
        let r = &self.run;
        screen.heading(&format!("run {}  {} {}", r.id, r.name, r.status.name()));
        let seed = r.seed.map(|seed| format!(", seed {seed}")).unwrap_or_default();
        screen.line(format!("started {}{seed}", time_text(r.started)));
        if let Some(error) = &r.error {
            screen.phrases([Phrase::bad(error)]);
        }
        screen.table(&["parameter", "value"], r.params.iter().map(|(k, v)| vec![k.clone(), v.clone()]).collect());
        self.show_metrics(screen);
        self.show_trials(screen);
        let made = self.inputs.iter().map(|i| vec![i.kind.name().to_owned(), i.name.clone(), i.hash.short()]);
        screen.table(&["made of", "name", "hash"], made.collect());
        let kept = self.artifacts.iter().map(|a| vec![a.name.clone(), bytes(a.bytes), a.hash.short()]);
        screen.table(&["keeps", "size", "hash"], kept.collect());
    }
}
