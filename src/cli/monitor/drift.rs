//! `mlops monitor drift`

use super::{show_left_out, window};
use crate::cli::ui::{Screen, Show, count, shown_name};
use crate::cli::{Context, Outcome};
use crate::data::{ReadAs, columns_of, dataset_of, read_file, read_table_with};
use crate::document::Phrase;
use crate::error::{Error, ErrorKind, Result};
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
/// Of a deployment: what was asked of the model that answers now or answered last against what it was trained on. Of two tables,
/// the reference first: the second against the first; outside a project too, if both are files. Times are left out, and of a dataset's
/// files its keys and what a set predicts of it, where the second table lacks that. Tests and thresholds are Evidently's defaults
/// unless given. Exits with 1 when the share of drifted columns reaches the limit, and when a column could not be tested: it is gone,
/// empty or of another type.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops monitor drift delay\n  mlops monitor drift delay --from 2013-04-01 --to 2013-05-01\n  mlops monitor drift flights@1 may.parquet --test carrier=psi\n  mlops monitor drift delay --junit drift.xml"
)]
pub struct DriftArgs {
    /// A deployment, or a monitor of it; or two tables, each a file, or a dataset and version
    #[arg(value_name = "DEPLOYMENT|TABLE", num_args = 1..=2, required_unless_present = "reference")]
    what: Vec<String>,
    /// The table to compare with, as the first of two
    #[arg(long, value_name = "TABLE", requires = "current", conflicts_with = "what")]
    reference: Option<String>,
    /// The table to look at, as the second of two
    #[arg(long, value_name = "TABLE", requires = "reference")]
    current: Option<String>,
    /// Of two tables: only these columns
    #[arg(long, value_delimiter = ',')]
    columns: Vec<String>,
    /// Of two tables: a column's test, COLUMN=TEST
    #[arg(long = "test", value_name = "COLUMN=TEST")]
    tests: Vec<String>,
    /// Of two tables: both differ as a whole when this share of columns drifted, 0 to 1
    #[arg(long)]
    share: Option<f64>,
    /// Of a deployment: the model whose rows are looked at; the one that answers now or answered last without it
    #[arg(long, value_name = "MODEL")]
    model: Option<Reference>,
    /// Of a deployment: only predictions of rows from this time on
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Of a deployment: only predictions of rows before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Let columns that could not be tested (gone, empty, of another type) pass: the exit code follows the drift alone
    #[arg(long)]
    allow_untested: bool,
    /// Also write what was checked to this file as JUnit XML, for a CI system
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

pub fn run(context: &Context, args: DriftArgs) -> Result<Outcome> {
    let what: Vec<&String> = args.what.iter().chain(&args.reference).chain(&args.current).collect();
    let (place, name, outcome) = match what[..] {
        [reference, current] => {
            let (place, outcome) = of_tables(context, &args, reference, current)?;
            (place, format!("{reference} → {current}"), outcome)
        }
        [name] => {
            let (place, outcome) = of_deployment(context, &args, name)?;
            (Some(place), name.clone(), outcome)
        }
        _ => return Err(Error::invalid("name a deployment, or two tables").hint("mlops monitor drift BEFORE AFTER")),
    };
    let holds = outcome.holds(args.allow_untested);
    let mut title = name.clone();
    if let Some((project, mut ledger)) = place {
        let text = serde_json::to_string(&outcome).map_err(|e| Error::invalid(e.to_string()))?;
        ledger.record_check(&name, CheckKind::Drift, holds, &text)?;
        title = format!("{} · {name}", project.name());
    }
    context.write_junit(args.junit.as_deref(), &title, drift_cases(&outcome, args.allow_untested))?;
    context.ui.print(&outcome)?;
    Ok(Outcome::of(holds))
}

/// A project and its ledger.
type Place = (Project, Ledger);

fn of_deployment(context: &Context, args: &DriftArgs, name: &str) -> Result<(Place, DriftOutcome)> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    if context.folder.join(name).is_file() {
        return Err(Error::invalid(format!("{name} is a file; two tables are compared"))
            .hint("name the other one too: mlops monitor drift BEFORE AFTER"));
    }
    if !args.columns.is_empty() || !args.tests.is_empty() || args.share.is_some() {
        return Err(Error::invalid("--columns, --test and --share are of two tables")
            .hint(format!("give them to a deployment in mlops.toml: [monitor.{name}]")));
    }
    let window = window(args.from.as_deref(), args.to.as_deref())?;
    let monitor = Monitor::find(&project, &Name::parse(name)?)?;
    let model = monitor.model(&project, &ledger, args.model.as_ref())?;
    let found = monitor.drift(&project, &ledger, &model, window, &context.ui.progress())?;
    Ok(((project, ledger), found))
}

/// Drift of two tables, and the project if there is one.
fn of_tables(
    context: &Context,
    args: &DriftArgs,
    reference: &str,
    current: &str,
) -> Result<(Option<Place>, DriftOutcome)> {
    if args.model.is_some() || args.from.is_some() || args.to.is_some() {
        return Err(Error::invalid("--model, --from and --to are of a deployment, not of two tables")
            .hint("name one deployment, or leave them out"));
    }
    let both = [reference, current];
    let place = match context.project() {
        Err(e) if e.kind() == ErrorKind::NotFound && both.iter().any(|text| context.folder.join(text).is_file()) => {
            None
        }
        found => {
            let project = found?;
            let ledger = project.ledger()?;
            Some((project, ledger))
        }
    };
    let mut options = options(args)?;
    let mut read_as = ReadAs::default();
    if let Some((project, _)) = &place {
        // A file that belongs to no dataset is written as the other one.
        for text in both {
            let Some(name) = dataset_of(project, &context.folder, text)? else { continue };
            let definition = project.dataset(&name)?;
            options.keys.extend(definition.key.iter().cloned());
            options.targets.extend(project.definitions().targets_of(&name));
            if read_as.csv.is_empty() {
                read_as.csv = definition.csv_form();
            }
        }
    }
    let tables = both.map(|text| match &place {
        Some((project, ledger)) => read_table_with(project, ledger, &context.folder, text, &read_as),
        None => read_file(&context.folder.join(text)),
    });
    let [reference, current] = tables.map(|table| columns_of(table?));
    let found = monitor::drift(reference?.as_ref(), current?.as_ref(), &options, &context.ui.progress())?;
    Ok((place, found))
}

fn options(args: &DriftArgs) -> Result<DriftOptions> {
    let mut tests = BTreeMap::new();
    for text in &args.tests {
        let (column, test) =
            text.split_once('=').ok_or_else(|| Error::invalid(format!("--test {text} is not COLUMN=TEST")))?;
        tests.insert(column.to_owned(), Test::from_str(test).map_err(|e| e.at(format!("--test {text}")))?);
    }
    if let Some(share) = args.share.filter(|share| !(0.0..=1.0).contains(share)) {
        return Err(
            Error::invalid(format!("--share {share}: it is a share of the columns, from 0 to 1")).hint("--share 0.3")
        );
    }
    let columns = (!args.columns.is_empty()).then(|| args.columns.clone());
    Ok(DriftOptions { columns, tests, share: args.share, ..DriftOptions::default() })
}

/// Fewer rows than this are too few for a test of two samples to find much.
const FEW: usize = 30;

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
        if !self.left_out.is_empty() {
            let out: Vec<String> =
                self.left_out.iter().map(|out| format!("{} ({})", shown_name(&out.column), out.reason)).collect();
            screen.line(format!("left out: {}", out.join(", ")));
        }
        let fewest = self.rows_current.min(self.rows_reference);
        if fewest < FEW {
            screen.line(format!("warning: of {} rows a test says little, whatever its score", count(fewest as u64)));
        }
        if let Some(watched) = &self.watched {
            show_left_out(screen, watched, true);
        }
    }
}
