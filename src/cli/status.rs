//! `mlops status`

use super::data::show_state;
use super::run::deciding_metric;
use super::ui::{Screen, Show};
use super::{Context, Outcome};
use crate::check;
use crate::data::{self, DatasetState, DatasetStatus};
use crate::document::Phrase;
use crate::error::Result;
use crate::features::{self, PlanAction};
use crate::ledger::{CheckRow, MaterializationRow, ModelVersionRow, RetrainRow, RunRow};
use crate::model;
use crate::project::{Name, Project, time_text};
use crate::registry::CHAMPION;
use crate::serve::{self, Deployed, DeploymentState};
use serde::Serialize;

/// Show in one screen what changed, what is stale, what runs, and what to do next
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops status\n  mlops status --json")]
pub struct StatusArgs {}

#[derive(Serialize)]
struct Status {
    project: String,
    root: String,
    datasets: Vec<DatasetStatus>,
    views_to_apply: Vec<String>,
    materialized: Vec<MaterializationRow>,
    /// Views whose online store was filled before the version of their data that `mlops.lock` names was recorded.
    stale_views: Vec<Name>,
    runs: Vec<RunRow>,
    models: Vec<ModelVersionRow>,
    deployments: Vec<Deployed>,
    checks: Vec<CheckRow>,
    retrainings: Vec<RetrainRow>,
    next: Vec<String>,
}

pub fn run(context: &Context, _: StatusArgs) -> Result<Outcome> {
    let project = context.project()?;
    check::definitions(project.definitions())?;
    let ledger = project.ledger()?;
    let mut models = ledger.model_versions()?;
    models.retain(|m| !m.aliases.is_empty());
    let mut runs = ledger.runs(5)?;
    model::mark_killed_runs(&project, &ledger, &mut runs)?;
    let plan = features::plan(&project)?;
    let mut outcome = Status {
        project: project.name(),
        root: project.root().display().to_string(),
        datasets: data::status(&project, &context.ui.progress())?.datasets,
        views_to_apply: plan
            .views
            .iter()
            .filter(|v| v.action != PlanAction::Keep)
            .map(|v| v.view.to_string())
            .collect(),
        stale_views: features::stale_views(&project, &ledger)?,
        materialized: ledger.materializations()?,
        runs,
        models,
        deployments: serve::deployed(&project, &ledger, 5)?,
        checks: ledger.checks(4)?,
        retrainings: ledger.retrainings(2)?,
        next: Vec::new(),
    };
    outcome.next = next(&project, &outcome);
    context.ui.print(&outcome)?;
    Ok(Outcome::Done)
}

fn joined(names: &[Name]) -> String {
    names.iter().map(Name::as_str).collect::<Vec<&str>>().join(" ")
}

/// What to type next, most urgent first.
fn next(project: &Project, s: &Status) -> Vec<String> {
    let definitions = project.definitions();
    let mut next = Vec::new();
    let named = |is: &dyn Fn(&DatasetStatus) -> bool| {
        s.datasets.iter().filter(|d| is(d)).map(|d| d.name.as_str()).collect::<Vec<_>>()
    };
    let changed = named(&|d| matches!(d.state, DatasetState::New | DatasetState::Changed) && d.recorded_as.is_none());
    if s.datasets.iter().any(|d| d.state == DatasetState::Unfetched) {
        return vec!["copy the folder .mlops, whole, from the machine that has recorded the data".to_owned()];
    }
    let to_check_out = named(&|d| d.recorded_as.is_some() || d.state == DatasetState::Missing);
    if !to_check_out.is_empty() {
        next.push(format!("mlops data checkout {}", to_check_out.join(" ")));
    }
    if s.datasets.is_empty() {
        next.push("mlops data add PATH".to_owned());
    } else if !changed.is_empty() {
        next.push(format!("mlops data add {}", changed.join(" ")));
    }
    if !s.views_to_apply.is_empty() {
        next.push("mlops feature apply".to_owned());
    }
    if !s.stale_views.is_empty() {
        next.push(format!("mlops feature materialize {}", joined(&s.stale_views)));
    }
    let trained = s.runs.iter().find(|run| run.model.is_some());
    if s.models.is_empty() {
        let train = || definitions.train.keys().next().map(|recipe| format!("mlops run train {recipe}"));
        let register = |run: &RunRow| format!("mlops model register {} NAME --alias champion", run.id.short());
        next.extend(trained.map(register).or_else(train));
    } else if s.deployments.is_empty() {
        next.push(format!("mlops serve {}", s.models[0].name));
    }
    next
}

impl Show for Status {
    fn show(&self, screen: &mut Screen) {
        screen.heading(&format!("{}  {}", self.project, self.root));
        self.datasets.iter().for_each(|d| show_state(screen, d));
        if !self.views_to_apply.is_empty() {
            screen.line(format!("views to apply: {}", self.views_to_apply.join(", ")));
        }
        for view in &self.stale_views {
            screen.line(format!("the online store of {view} is older than its data"));
        }
        self.show_runs(screen);
        self.show_models(screen);
        self.show_checks(screen);
        if !self.next.is_empty() {
            screen.line("next:");
            self.next.iter().for_each(|n| screen.hint(n));
        }
    }
}

/// A time to the minute, without the zone.
fn short(time: &str) -> String {
    time.chars().take(16).collect::<String>().replace('T', " ")
}

impl Status {
    fn show_runs(&self, screen: &mut Screen) {
        if !self.runs.is_empty() {
            let row = |r: &RunRow| {
                vec![
                    r.id.short().to_owned(),
                    r.name.clone(),
                    r.status.name().to_owned(),
                    short(&time_text(r.started)),
                    deciding_metric(r, "cv"),
                    deciding_metric(r, "test"),
                ]
            };
            screen.table(
                &["run", "recipe", "status", "started (UTC)", "cv", "test"],
                self.runs.iter().map(row).collect(),
            );
        }
    }

    fn show_models(&self, screen: &mut Screen) {
        for m in &self.models {
            let aliases: Vec<&str> = m.aliases.iter().map(|a| a.as_str()).collect();
            screen.line(format!("model {}@{} is {}", m.name, m.version, aliases.join(", ")));
        }
        for Deployed { row, state } in &self.deployments {
            let more = match state {
                DeploymentState::Serving => format!("on {} (process {})", row.address, row.process),
                DeploymentState::Stopped => {
                    format!("stopped {}", row.stopped.as_deref().map(short).unwrap_or_default())
                }
                DeploymentState::Died => "died".to_owned(),
            };
            let champion = self.models.iter().find(|m| {
                m.aliases.iter().any(|alias| alias.as_str() == CHAMPION)
                    && row.model.starts_with(&format!("{}@", m.name))
            });
            let newer = champion
                .map(|m| format!("{}@{}", m.name, m.version))
                .filter(|champion| *champion != row.model && matches!(state, DeploymentState::Serving));
            let newer = newer.map_or_else(String::new, |champion| format!(", the champion is {champion}"));
            screen.line(format!("deployment {} of {} {}{newer}", row.name, row.model, more.trim_end()));
        }
    }

    fn show_checks(&self, screen: &mut Screen) {
        for c in &self.checks {
            let mark = if c.passed { Phrase::good("holds") } else { Phrase::bad("broken") };
            let (check, when) = (format!("check {} of {} ", c.kind.name(), c.monitor), short(&time_text(c.at)));
            screen.phrases([Phrase::plain(check), mark, Phrase::plain(format!(" ({when})"))]);
        }
        for r in &self.retrainings {
            screen.line(format!("retraining {}: {} ({})", r.name, r.decision.name(), short(&time_text(r.at))));
        }
    }
}
