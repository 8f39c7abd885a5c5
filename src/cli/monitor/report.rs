//! `mlops monitor report`

use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::monitor::{Monitor, report};
use crate::project::{Name, now_micros, parse_time, time_text};
use crate::store::write_atomic;
use serde::Serialize;

/// Write a report on a deployment as one HTML page
///
/// Performance by chunk and drift of every feature, with pictures; no script, no network.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops monitor report delay --output report.html")]
pub struct ReportArgs {
    /// The deployment, or a monitor of it
    name: Name,
    /// The file to write; one under .mlops/reports without it
    #[arg(short, long)]
    output: Option<String>,
    /// Only rows from this time on
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only rows before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

#[derive(Serialize)]
struct Written {
    output: String,
    drifted: bool,
    performance_holds: bool,
}

pub fn run(context: &Context, args: ReportArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    let (from, to) =
        (args.from.as_deref().map(parse_time).transpose()?, args.to.as_deref().map(parse_time).transpose()?);
    let monitor = Monitor::find(&project, &args.name)?;
    let drift = monitor.drift(&project, &ledger, from, to, &context.ui)?;
    let performance = monitor.performance(&project, &ledger, None, from, to)?;
    let facts = monitor.facts(&project, &ledger)?;
    let title = format!("{} · {}", project.name(), args.name);
    let page = report(&title, facts, &drift, &performance, &monitor.limits()).to_html();
    let path = match &args.output {
        Some(output) => context.folder.join(output),
        None => project.dir("reports").join(format!("{}-{}.html", args.name, time_text(now_micros()).replace(':', ""))),
    };
    write_atomic(&path, page.as_bytes())?;
    context.ui.print(&Written {
        output: path.display().to_string(),
        drifted: drift.drifted,
        performance_holds: performance.passed,
    })?;
    Ok(Outcome::Done)
}

impl Show for Written {
    fn show(&self, screen: &mut Screen) {
        screen.line(format!("report written to {}", self.output));
    }
}
