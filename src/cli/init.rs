//! `mlops init`

use super::ui::{Screen, Show};
use super::{Context, Outcome};
use crate::error::{Error, Result};
use crate::project::{self, InitOutcome, Project};
use std::path::{Path, PathBuf};

/// Make a folder a project
///
/// Writes a commented `mlops.toml`, an empty `mlops.lock`, `.mlops/`, and the line in `.gitignore` that keeps it out of
/// git. What is there already stays as it is.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops init\n  mlops init path/to/project")]
pub struct InitArgs {
    /// The folder; this one without it
    folder: Option<PathBuf>,
}

impl InitArgs {
    /// The folder that becomes a project.
    pub fn place(&self, from: &Path) -> PathBuf {
        self.folder.as_ref().map_or(from.to_owned(), |f| from.join(f))
    }
}

pub fn run(context: &Context, args: InitArgs) -> Result<Outcome> {
    let folder = args.place(&context.folder);
    std::fs::create_dir_all(&folder).map_err(|e| Error::io("create", &folder, e))?;
    let outcome = project::init(&folder)?;
    // Opening the ledger creates it. Done here, so that `init` fails where the ledger can't be created.
    Project::open(&folder)?.ledger()?;
    context.ui.print(&outcome)?;
    Ok(Outcome::Done)
}

impl Show for InitOutcome {
    fn show(&self, screen: &mut Screen) {
        if self.created.is_empty() {
            return screen.line(format!("{} is a project already; nothing was changed", self.root));
        }
        screen.line(format!("made {} a project: {}", self.root, self.created.join(", ")));
        if !self.git {
            screen.line(
                "it is not in a git repository; `git init` keeps mlops.toml and mlops.lock in step with your code",
            );
        }
        screen.line("next:");
        screen.hint("mlops data add PATH     record a version of a file or folder");
        screen.hint("mlops status            see where things stand");
    }
}
