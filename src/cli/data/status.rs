//! `mlops data status`

use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::data::{self, DatasetState, DatasetStatus, StatusOutcome};
use crate::document::Phrase;
use crate::error::Result;

/// Show how the workspace differs from the recorded versions
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops data status\n  mlops data status --exit-code   in CI: 1 when something is not recorded"
)]
pub struct StatusArgs {
    /// Exit with 1 if anything differs
    #[arg(long)]
    exit_code: bool,
}

pub fn run(context: &Context, args: StatusArgs) -> Result<Outcome> {
    let outcome = data::status(&context.project()?, &context.ui.progress())?;
    context.ui.print(&outcome)?;
    Ok(Outcome::of(outcome.clean || !args.exit_code))
}

impl Show for StatusOutcome {
    fn show(&self, screen: &mut Screen) {
        if self.datasets.is_empty() {
            screen.line("no datasets yet");
            return screen.hint("mlops data add PATH");
        }
        self.datasets.iter().for_each(|d| show_state(screen, d));
    }
}

/// A dataset's state in a line, and its files below.
pub fn show_state(screen: &mut Screen, d: &DatasetStatus) {
    let word = d.state.name();
    let state = if d.state == DatasetState::Unchanged { Phrase::good(word) } else { Phrase::bad(word) };
    screen.phrases([Phrase::plain(format!("{:24} ", d.name.as_str())), state]);
    const SHOWN: usize = 10;
    let files = d.added.iter().map(|f| format!("+ {f}"));
    let files =
        files.chain(d.changed.iter().map(|f| format!("~ {f}"))).chain(d.removed.iter().map(|f| format!("- {f}")));
    let files: Vec<String> = files.chain(d.renamed.iter().map(|(a, b)| format!("> {a} is now {b}"))).collect();
    if d.csv_form_changed {
        screen.line("  its keys in mlops.toml that say how CSV files are written have changed since the version");
    }
    files.iter().take(SHOWN).for_each(|f| screen.line(format!("  {f}")));
    if files.len() > SHOWN {
        screen.line(format!("  … and {} more", files.len() - SHOWN));
    }
    if let Some(version) = d.recorded_as {
        screen.line(format!("  the files are {}@{version}, which mlops.lock does not name", d.name));
        return screen.hint(&format!("mlops data checkout {}", d.name));
    }
    if let Some(problem) = &d.problem {
        screen.line(format!("  {}", problem.message));
        problem.hint.iter().for_each(|hint| screen.hint(hint));
    }
    match d.state {
        DatasetState::Unrecorded => {
            screen.line("  the files are those that mlops.lock names; this machine has not recorded them");
            screen.hint(&format!("mlops data add {}", d.name));
        }
        DatasetState::New | DatasetState::Changed => screen.hint(&format!("mlops data add {}", d.name)),
        DatasetState::Missing => screen.hint(&format!("mlops data checkout {}", d.name)),
        DatasetState::Unfetched => {
            screen.hint("its version lies on another machine: copy its .mlops folder, whole, from there")
        }
        DatasetState::Unchanged | DatasetState::Undefined | DatasetState::Unreadable => {}
    }
}
