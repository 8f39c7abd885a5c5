//! `mlops run train`

use crate::cli::ui::{Screen, Show, count, metric};
use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::learn::Metric;
use crate::model::{self, TrainOptions, TrainOutcome};
use crate::project::Name;
use std::collections::BTreeMap;

/// Train a recipe
///
/// Joins the training set, searches and cross-validates as the recipe says, fits on the training part, and keeps
/// parameters, metrics and the model. Same data, definitions and seed give the same model hash.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops run train delay\n  mlops run train delay --seed 11 --tag idea=more-windows")]
pub struct TrainArgs {
    /// The recipe of mlops.toml
    recipe: Name,
    /// Another seed than the project's
    #[arg(long)]
    seed: Option<u64>,
    /// A tag, KEY=VALUE
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    tags: Vec<String>,
}

pub fn run(context: &Context, args: TrainArgs) -> Result<Outcome> {
    let mut tags = BTreeMap::new();
    for tag in &args.tags {
        let (key, value) =
            tag.split_once('=').ok_or_else(|| Error::invalid(format!("--tag {tag} is not KEY=VALUE")))?;
        tags.insert(key.to_owned(), value.to_owned());
    }
    let options = TrainOptions { seed: args.seed, tags, ..Default::default() };
    context.ui.print(&model::train(&context.project()?, &args.recipe, &options, &context.ui.progress())?)?;
    Ok(Outcome::Done)
}

impl TrainOutcome {
    /// How much of the test part, or of validation, the intervals or sets cover.
    fn show_coverage(&self, screen: &mut Screen) {
        for part in ["test", "validation"] {
            let value = |name: &str| self.metrics.get(&format!("{part}.{name}"));
            let Some(coverage) = value("coverage") else { continue };
            let size = match (value("interval_width"), value("set_size")) {
                (Some(width), _) => format!("; an interval is {} wide", metric(Some(*width))),
                (None, Some(classes)) => format!("; a set has {} classes", metric(Some(*classes))),
                (None, None) => String::new(),
            };
            return screen.line(format!("{:.1} % of the {part} rows are covered{size}", 100.0 * coverage));
        }
    }

    /// The metrics that the recipe asks for beside the usual ones.
    fn show_more_metrics(&self, screen: &mut Screen) {
        let usual = Metric::of(self.task);
        let value = |part: &str, m: &Metric| self.metrics.get(&format!("{part}.{}", m.name())).copied();
        let more: Vec<Metric> = Metric::all().filter(|m| !usual.contains(m) && value("train", m).is_some()).collect();
        if more.is_empty() {
            return;
        }
        let parts = ["cv", "train", "validation", "test"].into_iter().filter(|part| value(part, &more[0]).is_some());
        let row =
            |part: &str| [part.to_owned()].into_iter().chain(more.iter().map(|m| metric(value(part, m)))).collect();
        let head: Vec<&str> = std::iter::once("").chain(more.iter().map(|m| m.name())).collect();
        screen.table(&head, parts.map(row).collect());
    }
}

impl Show for TrainOutcome {
    fn show(&self, screen: &mut Screen) {
        screen.heading(&format!("run {}  {} ({})", self.run.short(), self.recipe, self.estimator));
        let parts: Vec<String> = self
            .rows
            .iter()
            .filter(|(_, n)| **n > 0)
            .map(|(p, n)| format!("{} {}", p.name(), count(*n as u64)))
            .collect();
        screen.line(format!("rows: {}", parts.join(", ")));
        if !self.chosen.is_empty() {
            let chosen: Vec<String> = self.chosen.iter().map(|(k, v)| format!("{k} = {v}")).collect();
            screen.line(format!("chosen: {}", chosen.join(", ")));
        }
        if let Some(threshold) = self.threshold {
            screen.line(format!("called positive from {} on", metric(Some(threshold))));
        }
        self.show_coverage(screen);
        let shown = Metric::of(self.task);
        let parts = ["cv", "train", "validation", "test"];
        let value = |part: &str, m: &Metric| self.metrics.get(&format!("{part}.{}", m.name())).copied();
        let there = parts.iter().filter(|part| shown.iter().any(|m| value(part, m).is_some()));
        let row = |part: &&str| {
            std::iter::once((*part).to_owned()).chain(shown.iter().map(|m| metric(value(part, m)))).collect()
        };
        let head: Vec<&str> = std::iter::once("").chain(shown.iter().map(|m| m.name())).collect();
        screen.table(&head, there.map(row).collect());
        self.show_more_metrics(screen);
        let top: Vec<String> = self.importance.iter().take(5).map(|(n, v)| format!("{n} {v:.3}")).collect();
        if !top.is_empty() {
            screen.line(format!("matters most: {}", top.join(", ")));
        }
        screen.line(format!(
            "model {}  fitted in {:.2} s, {:.2} s in all",
            self.model.short(),
            self.fit_seconds,
            self.seconds
        ));
        screen.hint(&format!("mlops model register {} NAME", self.run.short()));
    }
}
