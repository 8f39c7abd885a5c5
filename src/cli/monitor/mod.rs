//! `mlops monitor …`

mod drift;
mod labels;
mod performance;
mod report;

use super::{Context, Outcome};
use crate::error::Result;
use crate::monitor::Window;
use crate::project::parse_time;

/// Watch what is served.
#[derive(clap::Subcommand)]
pub enum MonitorCommand {
    Labels(labels::LabelsArgs),
    Drift(drift::DriftArgs),
    Performance(performance::PerformanceArgs),
    Report(report::ReportArgs),
}

impl MonitorCommand {
    pub fn writes(&self) -> bool {
        true
    }
}

pub fn run(context: &Context, command: MonitorCommand) -> Result<Outcome> {
    match command {
        MonitorCommand::Labels(args) => labels::run(context, args),
        MonitorCommand::Drift(args) => drift::run(context, args),
        MonitorCommand::Performance(args) => performance::run(context, args),
        MonitorCommand::Report(args) => report::run(context, args),
    }
}

/// The window of `--from` and `--to`.
fn window(from: Option<&str>, to: Option<&str>) -> Result<Window> {
    Ok(Window { from: from.map(parse_time).transpose()?, to: to.map(parse_time).transpose()? })
}
