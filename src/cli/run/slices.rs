//! `mlops run slices`

use crate::cli::ui::{Screen, Show, count, metric};
use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::evaluation::{EvaluatedRun, GroupReport, GroupRow, RateInterval};
use crate::learn::Metric;
use crate::model::KeptRows;
use crate::project::Reference;
use crate::registry::find_run;

/// Say how a run's model treats groups of rows
///
/// Rows that the model did not learn from are grouped by the values of a feature, or by quarters of one with many numbers. Of two classes
/// each group has its selection rate: the share that is called the second class, with a 95 % interval.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops run slices delay --by carrier\n  mlops run slices 3f2a --by age --part cv")]
pub struct SlicesArgs {
    /// The beginning of the run's id, or a recipe
    run: Reference,
    /// The feature
    #[arg(long)]
    by: String,
    /// The rows: test, validation or cv; the first of them that the run has
    #[arg(long)]
    part: Option<String>,
}

pub fn run(context: &Context, args: SlicesArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    let part = args.part.as_deref().map(part_of).transpose()?;
    let run = EvaluatedRun::open(&project, &ledger, find_run(&ledger, &args.run)?)?;
    context.ui.print(&run.groups(&args.by, part)?)?;
    Ok(Outcome::Done)
}

fn part_of(word: &str) -> Result<KeptRows> {
    let all = [KeptRows::Test, KeptRows::Validation, KeptRows::Folds];
    let found = all.into_iter().find(|part| part.name() == word);
    found.ok_or_else(|| Error::unknown("part", word, all.map(KeptRows::name)))
}

impl Show for GroupReport {
    fn show(&self, screen: &mut Screen) {
        let metrics: Vec<&str> = self.groups.last().map_or_else(Vec::new, |all| {
            // In the order in which metrics are shown elsewhere.
            Metric::all().map(Metric::name).filter(|name| all.metrics.contains_key(name)).collect()
        });
        let rate = |rate: Option<RateInterval>| {
            rate.map_or_else(String::new, |r| format!("{:.3} ({:.3} to {:.3})", r.rate, r.low, r.high))
        };
        let called = self.class.as_ref().map(|class| [format!("called {class}"), format!("are {class}")]);
        let head = [self.column.as_str(), "rows"].into_iter();
        let head: Vec<&str> =
            head.chain(called.iter().flatten().map(String::as_str)).chain(metrics.iter().copied()).collect();
        let line = |group: &GroupRow| {
            let mut cells = vec![group.value.clone(), count(group.rows as u64)];
            if self.class.is_some() {
                cells.extend([rate(group.selection_rate), rate(group.base_rate)]);
            }
            cells.extend(metrics.iter().map(|name| metric(group.metrics.get(name).copied())));
            cells
        };
        screen.line(format!("{} rows", self.part));
        screen.table(&head, self.groups.iter().map(line).collect());
    }
}
