//! `mlops run list`

use crate::cli::ui::{Screen, Show, metric, when};
use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::learn::{Metric, Task};
use crate::ledger::{Direction, Filter, Ledger, Order, RunRow, RunSearch};
use crate::model;
use crate::project::{Name, Project};
use serde::Serialize;
use std::collections::BTreeSet;

/// List runs, newest first
///
/// A filter is MLflow's: conditions on metrics (their last value), params, tags and attributes (run_id, run_name, status,
/// user_id, start_time, end_time in milliseconds), joined by `and`. Names with blanks stand in backticks.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops run list\n  mlops run list --sort test.auc -n 5\n  mlops run list --filter \"metrics.test.auc > 0.8 and params.model = 'boosting'\"\n  mlops run list --filter \"status = 'failed' and tags.team like 'risk%'\" --order-by 'start_time asc'"
)]
pub struct ListArgs {
    /// How many runs
    #[arg(short = 'n', long, default_value_t = 20)]
    limit: usize,
    /// Pass over so many
    #[arg(long, default_value_t = 0)]
    offset: usize,
    /// Only runs of this recipe
    #[arg(long)]
    recipe: Option<String>,
    /// Only runs for which this holds: "metrics.test.auc > 0.8 and params.model = 'boosting'"
    #[arg(long, value_name = "CONDITIONS")]
    filter: Option<String>,
    /// Best of this metric first: the smallest of losses and errors such as log_loss and rmse, the largest of the others
    #[arg(long, value_name = "METRIC", conflicts_with = "order_by")]
    sort: Option<String>,
    /// Sort by a field, "metrics.test.auc desc"; again for runs that are equal in the first
    #[arg(long, value_name = "FIELD [asc|desc]")]
    order_by: Vec<String>,
}

#[derive(Serialize)]
struct List {
    runs: Vec<RunRow>,
}

pub fn run(context: &Context, args: ListArgs) -> Result<Outcome> {
    let (filter, order) = (Filter::parse(args.filter.as_deref().unwrap_or_default())?, Order::parse(&args.order_by)?);
    let project = context.project()?;
    let ledger = project.ledger()?;
    if let Some(recipe) = &args.recipe {
        known_recipe(&project, &ledger, recipe)?;
    }
    let order = match &args.sort {
        Some(metric) => best_first(&ledger, metric)?,
        None => order,
    };
    let search = RunSearch {
        filter,
        order,
        recipe: args.recipe.as_deref(),
        died: &model::killed_runs(&project, &ledger)?,
        limit: args.limit,
        offset: args.offset,
        ..RunSearch::default()
    };
    let mut runs = ledger.search_runs(&search)?;
    model::mark_killed_runs(&project, &ledger, &mut runs)?;
    context.ui.print(&List { runs })?;
    Ok(Outcome::Done)
}

/// Refuses a recipe that is neither defined nor has runs.
fn known_recipe(project: &Project, ledger: &Ledger, recipe: &str) -> Result<()> {
    let defined = &project.definitions().train;
    if defined.contains_key(recipe) {
        return Ok(());
    }
    let run = ledger.recipes_run()?;
    let known: BTreeSet<&str> = run.iter().map(String::as_str).chain(defined.keys().map(Name::as_str)).collect();
    if known.contains(recipe) { Ok(()) } else { Err(Error::unknown("recipe", recipe, known)) }
}

fn best_first(ledger: &Ledger, metric: &str) -> Result<Order> {
    if !ledger.has_metric(metric)? {
        return Err(Error::unknown("metric", metric, ledger.metric_names()?.iter().map(String::as_str)));
    }
    let higher = metric.rsplit('.').next().and_then(Metric::named).is_none_or(|metric| metric.higher_is_better());
    Ok(Order::by_metric(metric, if higher { Direction::Descending } else { Direction::Ascending }))
}

/// The metric by which models of a run's task are chosen, with its value on a part of the rows: `auc 0.8123`.
pub fn deciding_metric(run: &RunRow, part: &str) -> String {
    let mut names = Task::ALL.map(|task| Metric::default_for(task).name()).into_iter();
    let found = names.find_map(|name| Some((name, *run.metrics.get(&format!("{part}.{name}"))?)));
    found.map_or_else(String::new, |(name, value)| format!("{name} {}", metric(Some(value))))
}

impl Show for List {
    fn show(&self, screen: &mut Screen) {
        if self.runs.is_empty() {
            screen.line("no runs yet");
            return screen.hint("mlops run train RECIPE");
        }
        // Most recipes have no rows of validation.
        let has = |part: &str| self.runs.iter().any(|run| !deciding_metric(run, part).is_empty());
        let parts: Vec<&str> = ["cv", "validation", "test"].into_iter().filter(|part| has(part)).collect();
        let row = |r: &RunRow| {
            let mut cells = vec![
                r.id.short().to_owned(),
                r.name.clone(),
                r.status.name().to_owned(),
                when(r.started).replace('T', " ").chars().take(16).collect(),
                r.seconds.map_or_else(String::new, |s| format!("{s:.1}")),
            ];
            cells.extend(parts.iter().map(|part| deciding_metric(r, part)));
            cells.push(r.model.map_or_else(String::new, |h| h.short()));
            cells
        };
        let mut head = vec!["run", "recipe", "status", "started (UTC)", "seconds"];
        head.extend(&parts);
        head.push("model");
        screen.table(&head, self.runs.iter().map(row).collect());
    }
}
