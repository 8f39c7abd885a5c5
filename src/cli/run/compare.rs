//! `mlops run compare`

use crate::cli::ui::{Screen, Show, metric};
use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::ledger::RunRow;
use crate::model;
use crate::project::Reference;
use crate::registry::find_run;
use serde::Serialize;
use std::collections::BTreeSet;

/// Put runs side by side: metrics, and the parameters in which they differ
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
}

pub fn run(context: &Context, args: CompareArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    let mut runs = args.runs.iter().map(|r| find_run(&ledger, r)).collect::<Result<Vec<_>>>()?;
    model::mark_killed_runs(&project, &ledger, &mut runs)?;
    context.ui.print(&Compared { runs })?;
    Ok(Outcome::Done)
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
    }
}
