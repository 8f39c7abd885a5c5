//! `mlops retrain`

use super::ui::{Screen, Show, count, metric};
use super::{Context, Outcome};
use crate::document::Phrase;
use crate::error::Result;
use crate::learn::Metric;
use crate::project::Name;
use crate::retrain::{self, ModelSide, RetrainDecision, RetrainOptions, RetrainOutcome};

/// Decide, train, compare, release
///
/// Records changed data, looks at the triggers, trains a challenger on everything but the newest rows, compares it with
/// the champion on those, and promotes it if it passes the gate.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops retrain delay\n  mlops retrain delay --dry-run     train and compare, keep nothing\n  mlops retrain delay --force       whether a trigger fired or not"
)]
pub struct RetrainArgs {
    /// The [retrain.NAME] of mlops.toml
    name: Name,
    /// Train and compare, and leave everything as it was
    #[arg(long)]
    dry_run: bool,
    /// Retrain whether a trigger fired or not
    #[arg(long)]
    force: bool,
}

impl RetrainArgs {
    /// Whether anything is changed.
    pub fn writes(&self) -> bool {
        !self.dry_run
    }
}

pub fn run(context: &Context, args: RetrainArgs) -> Result<Outcome> {
    let options = RetrainOptions { dry_run: args.dry_run, force: args.force };
    context.ui.print(&retrain::retrain(context.project()?, &args.name, options, &context.ui.progress())?)?;
    Ok(Outcome::Done)
}

impl Show for RetrainOutcome {
    fn show(&self, screen: &mut Screen) {
        if !self.merged.is_empty() {
            let recorded = if self.dry_run { "would record" } else { "recorded" };
            screen.line(format!("{recorded} {}", self.merged.join(", ")));
        }
        for r in &self.reasons {
            let mark = if r.fired { Phrase::bad("fired") } else { Phrase::plain("quiet") };
            screen.phrases([mark, Phrase::plain(format!("     {}: {}", r.trigger.name(), r.found))]);
        }
        if let Some((from, to, rows)) = &self.holdout {
            screen.line(format!("held back {} rows from {from} to {to}", count(*rows as u64)));
        }
        let sides = [("champion", &self.champion), ("challenger", &self.challenger)];
        let shown = self.task.map(Metric::headline).unwrap_or_default();
        let row = |(role, side): (&str, &ModelSide)| {
            let cells = shown.iter().map(|m| metric(side.metrics.get(m.name()).copied()));
            [role.to_owned(), side.model.clone()].into_iter().chain(cells).collect()
        };
        let rows: Vec<_> = sides.into_iter().filter_map(|(role, side)| Some(row((role, side.as_ref()?)))).collect();
        if !rows.is_empty() {
            let head: Vec<&str> = ["", "model"].into_iter().chain(shown.iter().map(|m| m.name())).collect();
            screen.table(&head, rows);
        }
        self.warnings.iter().for_each(|w| screen.line(format!("warning: {w}")));
        let promoted = self.decision == RetrainDecision::Promote;
        let word = self.decision.name();
        let decision = if promoted { Phrase::good(word) } else { Phrase::plain(word) };
        screen.phrases([decision, Phrase::plain(format!(": {}", self.because))]);
        match &self.promoted {
            Some(version) => screen.line(format!("{version} is the champion now")),
            None if self.dry_run => screen.line("dry run: nothing was recorded or released"),
            None => {}
        }
    }
}
