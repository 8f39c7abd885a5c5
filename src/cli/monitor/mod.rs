//! `mlops monitor …`

mod drift;
mod labels;
mod performance;
mod report;

use super::ui::{Screen, count};
use super::{Context, Outcome};
use crate::error::Result;
use crate::monitor::{Watched, Window};
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

/// What was left out of the log: rows of other models, if these are not shown by themselves, and lines that are of no use. Then the rows
/// that were answered without some features.
fn show_left_out(screen: &mut Screen, watched: &Watched, alone: bool) {
    if alone && watched.rows_other_models > 0 {
        let rows = count(watched.rows_other_models);
        screen.line(format!("of {} alone; {rows} rows of other models left out", watched.model));
    }
    if let Some(first) = &watched.unreadable.first {
        let lines = match watched.unreadable.lines {
            1 => "1 line of the log was".to_owned(),
            lines => format!("{} lines of the log were", count(lines)),
        };
        screen.line(format!("warning: {lines} left out; the first is {}: {}", first.place, first.problem));
    }
    for (view, statuses) in &watched.lookups {
        for (status, rows) in statuses {
            let rows = count(*rows);
            screen
                .line(format!("warning: rows answered without features of view {view}: {rows} ({})", status.as_str()));
        }
    }
}

/// The window of `--from` and `--to`.
fn window(from: Option<&str>, to: Option<&str>) -> Result<Window> {
    Ok(Window { from: from.map(parse_time).transpose()?, to: to.map(parse_time).transpose()? })
}
