//! `mlops monitor report`

use super::window;
use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::document::Document;
use crate::error::Result;
use crate::monitor;
use crate::monitor::Monitor;
use crate::project::{Name, Reference, now_micros, time_text};
use crate::store::write_atomic;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Write a report on a deployment
///
/// Performance by chunk and drift of every feature. As HTML it is one page with pictures, without script or network; as
/// Markdown it fits a pull request or a CI job's summary; as JUnit XML a CI system reads what was checked.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops monitor report delay --output report.html\n  mlops monitor report delay --output report.md\n  mlops monitor report delay --format junit --output TEST-delay.xml"
)]
pub struct ReportArgs {
    /// The deployment, or a monitor of it
    name: Name,
    /// The file to write; one under .mlops/reports without it
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// What to write; by the ending of --output without it (.html, .md, .txt, .xml), else html
    #[arg(long, value_enum)]
    format: Option<ReportFormat>,
    /// The model that is reported on; the one that answers now or answered last without it
    #[arg(long, value_name = "MODEL")]
    model: Option<Reference>,
    /// Only rows from this time on
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only rows before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ReportFormat {
    /// One page with pictures
    Html,
    /// GitHub's Markdown
    Md,
    /// Plain text
    Text,
    /// What was checked, as JUnit XML
    Junit,
}

impl ReportFormat {
    /// The format that a file's name says.
    fn of(file: &Path) -> Option<ReportFormat> {
        match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "html" | "htm" => Some(ReportFormat::Html),
            "md" | "markdown" => Some(ReportFormat::Md),
            "txt" => Some(ReportFormat::Text),
            "xml" => Some(ReportFormat::Junit),
            _ => None,
        }
    }

    fn ending(self) -> &'static str {
        match self {
            ReportFormat::Html => "html",
            ReportFormat::Md => "md",
            ReportFormat::Text => "txt",
            ReportFormat::Junit => "xml",
        }
    }

    fn write(self, document: &Document) -> String {
        match self {
            ReportFormat::Html => document.to_html(),
            ReportFormat::Md => document.to_markdown(),
            ReportFormat::Text => document.to_text(false),
            ReportFormat::Junit => document.to_junit(),
        }
    }
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
    let window = window(args.from.as_deref(), args.to.as_deref())?;
    let monitor = Monitor::find(&project, &args.name)?;
    let (model, progress) = (monitor.model(&project, &ledger, args.model.as_ref())?, context.ui.progress());
    let drift = monitor.drift(&project, &ledger, &model, window, &progress)?;
    let performance = monitor.performance(&project, &model, None, window, false, &progress)?;
    let title = format!("{} · {}", project.name(), args.name);
    let document = monitor::report(&title, monitor.facts(&model), &drift, &performance, &monitor.limits());
    let by_name = args.output.as_deref().and_then(ReportFormat::of);
    let format = args.format.or(by_name).unwrap_or(ReportFormat::Html);
    let path = match &args.output {
        Some(output) => context.folder.join(output),
        None => {
            let time = time_text(now_micros()).replace(':', "");
            project.dir("reports").join(format!("{}-{time}.{}", args.name, format.ending()))
        }
    };
    write_atomic(&path, format.write(&document).as_bytes())?;
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
