//! `mlops model list`

use crate::cli::ui::{Screen, Show, when};
use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::ledger::ModelVersionRow;
use crate::project::Name;
use serde::Serialize;
use std::collections::BTreeSet;

/// List registered models and their aliases
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops model list\n  mlops model list delay --json")]
pub struct ListArgs {
    /// Only this model
    name: Option<Name>,
}

#[derive(Serialize)]
struct List {
    models: Vec<ModelVersionRow>,
}

pub fn run(context: &Context, args: ListArgs) -> Result<Outcome> {
    let mut models = context.project()?.ledger()?.model_versions()?;
    if let Some(name) = &args.name
        && !models.iter().any(|m| m.name == *name)
    {
        let known: BTreeSet<&str> = models.iter().map(|m| m.name.as_str()).collect();
        return Err(Error::unknown("model", name.as_str(), known));
    }
    models.retain(|m| args.name.as_ref().is_none_or(|n| *n == m.name));
    context.ui.print(&List { models })?;
    Ok(Outcome::Done)
}

impl Show for List {
    fn show(&self, screen: &mut Screen) {
        if self.models.is_empty() {
            screen.line("no registered models yet");
            return screen.hint("mlops model register RUN NAME");
        }
        let row = |m: &ModelVersionRow| {
            let aliases: Vec<&str> = m.aliases.iter().map(Name::as_str).collect();
            vec![
                format!("{}@{}", m.name, m.version),
                aliases.join(", "),
                m.hash.short(),
                m.run.short().to_owned(),
                when(m.created),
            ]
        };
        screen.table(&["model", "aliases", "hash", "run", "registered (UTC)"], self.models.iter().map(row).collect());
    }
}
