//! `mlops run diff`

use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::evaluation::{self, RunChange, RunDiff};
use crate::project::Reference;
use crate::registry::find_run;

/// Say in what two runs differ: data, definitions, parameters, environment
///
/// Versions of datasets by name, definitions key by key as they stood when each was trained, parameters that came out, seed, commit, version of
/// mlops and platform.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops run diff 3f2a 91bc\n  mlops run diff logistic boosting --exit-code     exits with 1 if something differs"
)]
pub struct DiffArgs {
    /// The older run: the beginning of its id, or a recipe
    from: Reference,
    /// The newer run
    to: Reference,
    /// Exit with 1 if something differs
    #[arg(long)]
    exit_code: bool,
}

pub fn run(context: &Context, args: DiffArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    let (from, to) = (find_run(&ledger, &args.from)?, find_run(&ledger, &args.to)?);
    let found = evaluation::diff(&project, &ledger, &from, &to)?;
    context.ui.print(&found)?;
    Ok(Outcome::of(found.same || !args.exit_code))
}

/// Changes as lines of a table.
pub fn lines(kind: &str, changes: &[RunChange]) -> Vec<Vec<String>> {
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
    changes.iter().map(|c| vec![kind.to_owned(), c.name.clone(), side(&c.from), side(&c.to)]).collect()
}

impl Show for RunDiff {
    fn show(&self, screen: &mut Screen) {
        screen.heading(&format!("{} → {}", self.from, self.to));
        let mut rows = lines("data", &self.data);
        rows.extend(lines("definition", &self.definitions));
        rows.extend(lines("parameter", &self.parameters));
        rows.extend(lines("environment", &self.environment));
        if rows.is_empty() {
            screen.line("both were made of the same data, definitions and parameters");
        } else {
            screen.table(&["", "what", "from", "to"], rows);
        }
        screen.line(if self.same_model { "they made the same model" } else { "they made different models" });
        self.unknown.iter().for_each(|line| screen.line(line));
    }
}
