//! `mlops data add`

use crate::cli::ui::{Screen, Show, bytes, count};
use crate::cli::{Context, Outcome};
use crate::data::{self, AddOptions, AddOutcome};
use crate::document::Phrase;
use crate::error::Result;

/// Record a new version of datasets
///
/// Checks the contracts, stores new content under `.mlops/objects` and updates `mlops.lock`. A path that no dataset of
/// `mlops.toml` names gets a definition there. Without arguments every dataset is added. A broken contract records
/// nothing and exits with 1.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops data add                          every dataset of mlops.toml\n  mlops data add flights -m \"February\"\n  mlops data add data/customers.csv       a new dataset called customers"
)]
pub struct AddArgs {
    /// Names of mlops.toml, files, folders or globs (quote a glob)
    what: Vec<String>,
    /// What to say of the version
    #[arg(short, long, default_value = "")]
    message: String,
}

pub fn run(context: &Context, args: AddArgs) -> Result<Outcome> {
    let options = AddOptions { what: args.what, message: args.message };
    let (_, outcome) = data::add(context.project()?, &context.folder, &options, &context.ui.progress())?;
    context.ui.print(&outcome)?;
    Ok(Outcome::Done)
}

impl Show for AddOutcome {
    fn show(&self, screen: &mut Screen) {
        let rows = self.datasets.iter().map(|d| {
            let state = if d.changed { Phrase::good("added") } else { Phrase::plain("unchanged") };
            let rows = d.rows.map_or_else(String::new, count);
            let plain = [d.files.to_string(), bytes(d.bytes), rows, d.hash.short()].map(Phrase::plain);
            [vec![Phrase::plain(format!("{}@{}", d.name, d.version)), state], plain.to_vec()].concat()
        });
        let rows = rows.collect();
        screen.table(&["dataset", "", "files", "size", "rows", "hash"], rows);
        for warning in self.datasets.iter().flat_map(|d| &d.warnings) {
            screen.line(format!("warning: {}", warning.sentence()));
        }
    }
}
