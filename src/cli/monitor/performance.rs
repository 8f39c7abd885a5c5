//! `mlops monitor performance`

use super::{show_left_out, window};
use crate::cli::ui::{Screen, Show, count, metric};
use crate::cli::{Context, Outcome};
use crate::document::Phrase;
use crate::error::{Error, Result};
use crate::learn::Metric;
use crate::ledger::CheckKind;
use crate::monitor::{ModelPerformance, Monitor, PerformanceOutcome, performance_cases};
use crate::project::{Name, Reference, Span};
use std::path::PathBuf;

/// Measure a deployment by the labels that came, by chunks of time
///
/// Of the model that answers now or answered last, or of another with --model. Exits with 1 when its newest chunk with labels
/// is beyond the monitor's limit.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops monitor performance delay\n  mlops monitor performance delay --chunk 1d --from 2013-04-01\n  mlops monitor performance delay --all-models\n  mlops monitor performance delay --junit performance.xml"
)]
pub struct PerformanceArgs {
    /// The deployment, or a monitor of it
    name: Name,
    /// The model whose answers are measured; the one that answers now or answered last without it
    #[arg(long, value_name = "MODEL")]
    model: Option<Reference>,
    /// Measure every other model that answered too, each by itself
    #[arg(long)]
    all_models: bool,
    /// Length of a chunk: 1d, 7d
    #[arg(long)]
    chunk: Option<Span>,
    /// Only rows from this time on
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only rows before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Also write what was checked to this file as JUnit XML, for a CI system
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

pub fn run(context: &Context, args: PerformanceArgs) -> Result<Outcome> {
    let project = context.project()?;
    let window = window(args.from.as_deref(), args.to.as_deref())?;
    let monitor = Monitor::find(&project, &args.name)?;
    let mut ledger = project.ledger()?;
    let model = monitor.model(&project, &ledger, args.model.as_ref())?;
    let progress = context.ui.progress();
    let outcome = monitor.performance(&project, &model, args.chunk, window, args.all_models, &progress)?;
    let text = serde_json::to_string(&outcome).map_err(|e| Error::invalid(e.to_string()))?;
    // What was compared with nothing says nothing of the model.
    if outcome.performance.labelled > 0 {
        ledger.record_check(args.name.as_str(), CheckKind::Performance, outcome.passed, &text)?;
    }
    let cases = performance_cases(&outcome, &monitor.limits());
    context.write_junit(args.junit.as_deref(), &format!("{} · {}", project.name(), args.name), cases)?;
    context.ui.print(&outcome)?;
    Ok(Outcome::of(outcome.passed))
}

impl Show for PerformanceOutcome {
    fn show(&self, screen: &mut Screen) {
        show_model(screen, &self.performance);
        for other in &self.other_models {
            screen.heading(&other.model);
            show_model(screen, &other.performance);
        }
        if !self.measured {
            screen.line("warning: the limit was compared with nothing, no chunk has labels");
        }
        show_left_out(screen, &self.watched, self.other_models.is_empty());
    }
}

/// The chunks of one model and what is known over all of them.
fn show_model(screen: &mut Screen, found: &ModelPerformance) {
    let shown = Metric::headline(found.task);
    let row = |c: &crate::monitor::PerformanceChunk| {
        let day = |t: &str| t.chars().take(10).collect::<String>();
        let mut cells = vec![day(&c.from), day(&c.to), count(c.rows), count(c.labelled)];
        cells.extend(shown.iter().map(|m| metric(c.metrics.get(m.name()).copied())));
        let limit = match c.passed {
            Some(true) => Phrase::good("holds"),
            Some(false) => Phrase::bad("beyond"),
            None => Phrase::plain(""),
        };
        cells.into_iter().map(Phrase::plain).chain([limit]).collect()
    };
    let rows = found.chunks.iter().map(row).collect();
    let names = shown.iter().map(|m| m.name());
    let head: Vec<&str> = ["from", "to", "rows", "labelled"].into_iter().chain(names).chain(["limit"]).collect();
    screen.table(&head, rows);
    let name = Metric::default_for(found.task).name();
    screen.line(format!(
        "{} of {} predictions have a label; {name} over all {}",
        count(found.labelled),
        count(found.rows),
        metric(found.metrics.get(name).copied())
    ));
}
