//! `mlops monitor drift`

use super::window;
use crate::cli::ui::{Screen, Show, count};
use crate::cli::{Context, Outcome};
use crate::data::{Columns, columns_of, read_table};
use crate::document::Phrase;
use crate::error::{Error, Result};
use crate::ledger::{CheckKind, Ledger};
use crate::monitor;
use crate::monitor::statistics::Test;
use crate::monitor::{ColumnDrift, DriftOptions, DriftOutcome, Monitor, UntestedColumn, drift_cases};
use crate::project::{Name, Project, Reference};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

/// Test whether data has drifted
///
/// Of a deployment: what was asked of the model that answers now or answered last against what it was trained on. With --reference and --current: any two
/// tables. Tests and thresholds are Evidently's defaults unless given. Exits with 1 when the share of drifted columns
/// reaches the limit, and when a column could not be tested: it is gone, empty or of another type.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops monitor drift delay\n  mlops monitor drift delay --from 2013-04-01 --to 2013-05-01\n  mlops monitor drift --reference flights@1 --current may.parquet --test carrier=psi\n  mlops monitor drift delay --junit drift.xml"
)]
pub struct DriftArgs {
    /// The deployment, or a monitor of it
    #[arg(required_unless_present = "reference")]
    name: Option<Name>,
    /// The table to compare with: a file, or a dataset and version
    #[arg(long, requires = "current", conflicts_with = "name")]
    reference: Option<String>,
    /// The table to look at
    #[arg(long, requires = "reference")]
    current: Option<String>,
    /// Only these columns
    #[arg(long, value_delimiter = ',', requires = "reference")]
    columns: Vec<String>,
    /// A column's test, COLUMN=TEST
    #[arg(long = "test", value_name = "COLUMN=TEST", requires = "reference")]
    tests: Vec<String>,
    /// Share of drifted columns from which the whole is drifted
    #[arg(long, requires = "reference")]
    share: Option<f64>,
    /// The model whose rows are looked at; the one that answers now or answered last without it
    #[arg(long, value_name = "MODEL", requires = "name")]
    model: Option<Reference>,
    /// Only predictions of rows from this time on
    #[arg(long, value_name = "TIME", requires = "name")]
    from: Option<String>,
    /// Only predictions of rows before this time
    #[arg(long, value_name = "TIME", requires = "name")]
    to: Option<String>,
    /// Let columns that could not be tested (gone, empty, of another type) pass: the exit code follows the drift alone
    #[arg(long)]
    allow_untested: bool,
    /// Also write what was checked to this file as JUnit XML, for a CI system
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

pub fn run(context: &Context, args: DriftArgs) -> Result<Outcome> {
    let project = context.project()?;
    let mut ledger = project.ledger()?;
    let (name, outcome) = match (&args.name, &args.reference, &args.current) {
        (Some(name), _, _) => {
            let window = window(args.from.as_deref(), args.to.as_deref())?;
            let monitor = Monitor::find(&project, name)?;
            let model = monitor.model(&project, &ledger, args.model.as_ref())?;
            let found = monitor.drift(&project, &ledger, &model, window, &context.ui.progress())?;
            (name.to_string(), found)
        }
        (None, Some(reference), Some(current)) => {
            let (a, b) = (table(context, &project, &ledger, reference)?, table(context, &project, &ledger, current)?);
            (
                format!("{reference} → {current}"),
                monitor::drift(a.as_ref(), b.as_ref(), &options(&args)?, &context.ui.progress())?,
            )
        }
        _ => return Err(Error::invalid("name a deployment, or two tables").hint("--reference TABLE --current TABLE")),
    };
    let text = serde_json::to_string(&outcome).map_err(|e| Error::invalid(e.to_string()))?;
    let holds = outcome.holds(args.allow_untested);
    ledger.record_check(&name, CheckKind::Drift, holds, &text)?;
    context.write_junit(
        args.junit.as_deref(),
        &format!("{} · {name}", project.name()),
        drift_cases(&outcome, args.allow_untested),
    )?;
    context.ui.print(&outcome)?;
    Ok(Outcome::of(holds))
}

fn table(context: &Context, project: &Project, ledger: &Ledger, text: &str) -> Result<Box<dyn Columns>> {
    columns_of(read_table(project, ledger, &context.folder, text)?)
}

fn options(args: &DriftArgs) -> Result<DriftOptions> {
    let mut tests = BTreeMap::new();
    for text in &args.tests {
        let (column, test) =
            text.split_once('=').ok_or_else(|| Error::invalid(format!("--test {text} is not COLUMN=TEST")))?;
        tests.insert(column.to_owned(), Test::from_str(test).map_err(|e| e.at(format!("--test {text}")))?);
    }
    let columns = (!args.columns.is_empty()).then(|| args.columns.clone());
    Ok(DriftOptions { columns, tests, share: args.share, ..DriftOptions::default() })
}

impl Show for DriftOutcome {
    fn show(&self, screen: &mut Screen) {
        let row = |c: &ColumnDrift| {
            let verdict = if c.drifted { Phrase::bad("drifted") } else { Phrase::good("stable") };
            let number = |v: f64| format!("{v:.4}");
            let (kind, test) = (c.kind.to_owned(), c.test.to_owned());
            let found = [c.column.clone(), kind, test, number(c.score), number(c.threshold)];
            found.into_iter().map(Phrase::plain).chain([verdict]).collect()
        };
        let not_tested = |c: &UntestedColumn| {
            let cells = [c.column.as_str(), "", "", "", ""].into_iter().map(Phrase::plain);
            cells.chain([Phrase::bad(format!("not tested: {}", c.reason))]).collect()
        };
        let rows = self.columns.iter().map(row).chain(self.untested.iter().map(not_tested)).collect();
        screen.table(&["column", "kind", "test", "score", "threshold", ""], rows);
        let drifted = self.columns.iter().filter(|c| c.drifted).count();
        let untested = match self.untested.len() {
            0 => String::new(),
            n => format!(", {n} not tested"),
        };
        screen.line(format!(
            "{drifted} of {} columns drifted (limit {:.0} %){}; {} rows against {}",
            self.columns.len(),
            self.share_threshold * 100.0,
            untested,
            count(self.rows_current as u64),
            count(self.rows_reference as u64)
        ));
        if let Some(watched) = self.watched.as_ref().filter(|watched| watched.rows_other_models > 0) {
            let rows = count(watched.rows_other_models);
            screen.line(format!("of {} alone; {rows} rows of other models left out", watched.model));
        }
    }
}
