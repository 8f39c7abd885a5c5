//! `mlops run compare`

use crate::cli::ui::{Screen, Show, count, metric};
use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::evaluation::{self, EvaluatedRun, MetricDifference, RunComparison};
use crate::ledger::{Ledger, RunId, RunRow};
use crate::model;
use crate::progress::Progress;
use crate::project::{Project, Reference};
use crate::registry::find_run;
use serde::Serialize;
use std::collections::BTreeSet;

/// Put runs side by side: metrics, the parameters in which they differ, and whether the difference is more than chance
///
/// Runs whose test rows are the same are compared with the first one on these: 95 % intervals of the differences by a paired bootstrap, for the
/// area under the ROC curve DeLong's test too. Where an interval holds 0, the rows can't tell the two apart.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops run compare 3f2a 91bc\n  mlops run compare logistic boosting     the newest run of each recipe"
)]
pub struct CompareArgs {
    /// Runs: beginnings of ids, or recipes
    #[arg(required = true, num_args = 2..)]
    runs: Vec<Reference>,
}

#[derive(Serialize)]
struct Compared {
    runs: Vec<RunRow>,
    /// Each run but the first beside the first, on the same rows.
    comparisons: Vec<RunComparison>,
}

pub fn run(context: &Context, args: CompareArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    let mut runs = args.runs.iter().map(|r| find_run(&ledger, r)).collect::<Result<Vec<_>>>()?;
    model::mark_killed_runs(&project, &ledger, &mut runs)?;
    let comparisons = compared(&project, &ledger, &runs, &context.ui.progress())?;
    context.ui.print(&Compared { runs, comparisons })?;
    Ok(Outcome::Done)
}

/// Each run but the first beside the first; what can't be read is said in its place.
fn compared(project: &Project, ledger: &Ledger, runs: &[RunRow], progress: &Progress) -> Result<Vec<RunComparison>> {
    let Some((first, others)) = runs.split_first() else { return Ok(Vec::new()) };
    let open = |run: &RunRow| EvaluatedRun::open_predictions(project, ledger, run.clone());
    let a = open(first);
    let mut comparisons = Vec::new();
    for run in others {
        comparisons.push(match (&a, open(run)) {
            (Ok(a), Ok(b)) => evaluation::compare(a, &b, progress)?,
            (Err(e), _) => RunComparison::refused(first, run, e.message()),
            (_, Err(e)) => RunComparison::refused(first, run, e.message()),
        });
    }
    Ok(comparisons)
}

impl Compared {
    /// How the metrics differ on the same rows.
    fn show_comparison(&self, screen: &mut Screen, comparison: &RunComparison) {
        let named = |id: &RunId| {
            let run = self.runs.iter().find(|run| run.id == *id);
            run.map_or_else(|| id.short().to_owned(), |run| format!("{} {}", run.name, id.short()))
        };
        let (a, b) = (named(&comparison.a), named(&comparison.b));
        let Some(part) = comparison.part else {
            let reason = comparison.refused.as_deref().unwrap_or("there are no rows");
            return screen.line(format!("{b} and {a} can't be compared row by row: {reason}"));
        };
        screen.line(format!("{b} less {a}, on the same {} {part} rows:", count(comparison.rows as u64)));
        let signed = |value: f64| format!("{value:+.4}");
        let row = |of: &MetricDifference| {
            let better = of
                .better
                .as_ref()
                .map_or_else(|| "can't be told apart".to_owned(), |id| format!("{} is better", named(id)));
            vec![
                of.metric.to_owned(),
                signed(of.difference),
                format!("{} to {}", signed(of.low), signed(of.high)),
                better,
            ]
        };
        screen.table(&["metric", "difference", "95 % interval", ""], comparison.differences.iter().map(row).collect());
        if let Some(test) = &comparison.auc_test {
            let (low, high) = (signed(test.low), signed(test.high));
            screen.line(format!("auc by DeLong: {}, {low} to {high}, p = {:.4}", signed(test.difference), test.p));
        }
    }
}

impl Show for Compared {
    fn show(&self, screen: &mut Screen) {
        let names: Vec<String> = self.runs.iter().map(|r| format!("{} {}", r.name, r.id.short())).collect();
        let head: Vec<&str> = std::iter::once("").chain(names.iter().map(String::as_str)).collect();
        let keys: BTreeSet<&String> = self.runs.iter().flat_map(|r| r.metrics.keys()).collect();
        let parts = ["cv.", "validation.", "test."];
        let shown = keys.into_iter().filter(|k| parts.iter().any(|p| k.starts_with(p)) && !k.ends_with("_std"));
        let row = |key: &String| {
            std::iter::once(key.clone()).chain(self.runs.iter().map(|r| metric(r.metrics.get(key).copied()))).collect()
        };
        screen.table(&head, shown.map(row).collect());
        let params: BTreeSet<&String> = self.runs.iter().flat_map(|r| r.params.keys()).collect();
        let differ =
            params.into_iter().filter(|k| self.runs.iter().any(|r| r.params.get(*k) != self.runs[0].params.get(*k)));
        let row = |key: &String| {
            let cells = self.runs.iter().map(|r| r.params.get(key).cloned().unwrap_or_else(|| "-".to_owned()));
            std::iter::once(key.clone()).chain(cells).collect()
        };
        screen.table(&head, differ.map(row).collect());
        self.comparisons.iter().for_each(|comparison| self.show_comparison(screen, comparison));
    }
}
