//! `mlops model list`

use crate::cli::ui::{Screen, Show, when};
use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::ledger::ModelVersionRow;
use crate::project::Name;
use serde::Serialize;

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
    let ledger = context.project()?.ledger()?;
    let models = match &args.name {
        None => ledger.model_versions()?,
        Some(name) => ledger.versions_of_model(name)?,
    };
    if let (Some(name), true) = (&args.name, models.is_empty()) {
        return Err(Error::unknown("model", name.as_str(), ledger.model_names()?.iter().map(String::as_str)));
    }
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
                m.run.as_ref().map_or_else(|| "-".to_owned(), |run| run.short().to_owned()),
                when(m.created),
            ]
        };
        screen.table(&["model", "aliases", "hash", "run", "registered (UTC)"], self.models.iter().map(row).collect());
    }
}
