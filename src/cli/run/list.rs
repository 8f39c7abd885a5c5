//! `mlops run list`

use crate::cli::ui::{Screen, Show, metric, when};
use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::learn::{Metric, Task};
use crate::ledger::RunRow;
use crate::model::settle;
use crate::project::Name;
use serde::Serialize;
use std::collections::BTreeSet;

/// List runs, newest first
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops run list\n  mlops run list --sort test.auc -n 5")]
pub struct ListArgs {
    /// How many runs
    #[arg(short = 'n', long, default_value_t = 20)]
    limit: usize,
    /// Only runs of this recipe
    #[arg(long)]
    recipe: Option<String>,
    /// Best of this metric first (log_loss and brier: smallest first)
    #[arg(long, value_name = "METRIC")]
    sort: Option<String>,
}

#[derive(Serialize)]
struct List {
    runs: Vec<RunRow>,
}

pub fn run(context: &Context, args: ListArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    let mut runs = ledger.all_runs()?;
    settle(&project, &ledger, &mut runs)?;
    if let Some(recipe) = &args.recipe {
        let defined = project.definitions().train.keys().map(Name::as_str);
        let known: BTreeSet<&str> = runs.iter().map(|r| r.recipe.as_str()).chain(defined).collect();
        if !known.contains(recipe.as_str()) {
            return Err(Error::unknown("recipe", recipe, known));
        }
        runs.retain(|r| r.recipe == *recipe);
    }
    if let Some(sort) = &args.sort {
        let known: BTreeSet<&str> = runs.iter().flat_map(|r| r.metrics.keys().map(String::as_str)).collect();
        if !known.contains(sort.as_str()) {
            return Err(Error::unknown("metric", sort, known));
        }
        let less = sort.rsplit('.').next().and_then(Metric::named).is_some_and(|metric| !metric.higher_is_better());
        let key = |r: &RunRow| {
            let value = r.metrics.get(sort).copied().filter(|v| !v.is_nan());
            value.map_or(f64::INFINITY, |v| if less { v } else { -v })
        };
        runs.sort_by(|a, b| key(a).total_cmp(&key(b)));
    }
    runs.truncate(args.limit);
    context.ui.print(&List { runs })?;
    Ok(Outcome::Done)
}

impl Show for List {
    fn show(&self, screen: &mut Screen) {
        if self.runs.is_empty() {
            screen.line("no runs yet");
            return screen.hint("mlops run train RECIPE");
        }
        let row = |r: &RunRow| {
            // A run shows the metric that models of its task are chosen by.
            let names = Task::ALL.map(|task| task.default_metric().name());
            let found =
                |part: &str| names.iter().find_map(|name| Some((*name, *r.metrics.get(&format!("{part}.{name}"))?)));
            let metric = |part: &str| {
                found(part).map_or_else(String::new, |(name, value)| format!("{name} {}", metric(Some(value))))
            };
            vec![
                r.id.short().to_owned(),
                r.recipe.clone(),
                r.status.name().to_owned(),
                when(r.started),
                r.seconds.map_or_else(String::new, |s| format!("{s:.1}")),
                metric("cv"),
                metric("validation"),
                metric("test"),
                r.model.map_or_else(String::new, |h| h.short()),
            ]
        };
        let head = ["run", "recipe", "status", "started (UTC)", "seconds", "cv", "validation", "test", "model"];
        screen.table(&head, self.runs.iter().map(row).collect());
    }
}
