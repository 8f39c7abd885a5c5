//! `mlops data add`

use crate::cli::ui::{Screen, Show, bytes, count};
use crate::cli::{Context, Outcome};
use crate::data::{self, AddOptions, AddOutcome, ColumnChange, SchemaDiff};
use crate::document::Phrase;
use crate::error::{self, Result};
use crate::project::Name;

/// Record a new version of datasets
///
/// Checks the contracts, stores new content under `.mlops/objects` and updates `mlops.lock`. A path that no dataset of
/// `mlops.toml` names gets a definition there. Without arguments every dataset is added. A broken contract records
/// nothing and exits with 1.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops data add                          every dataset of mlops.toml\n  mlops data add flights -m \"February\"\n  mlops data add data/customers.csv       a new dataset called customers\n  mlops data add export/2024.csv --name sales"
)]
pub struct AddArgs {
    /// Names of mlops.toml, files, folders or globs (quote a glob)
    what: Vec<String>,
    /// What to say of the version
    #[arg(short, long)]
    message: Option<String>,
    /// What to call a new dataset; like its file or folder without it
    #[arg(long)]
    name: Option<Name>,
}

pub fn run(context: &Context, args: AddArgs) -> Result<Outcome> {
    let options = AddOptions { what: args.what, message: args.message.unwrap_or_default(), name: args.name };
    let (_, outcome) = data::add(context.project()?, &context.folder, &options, &context.ui.progress())?;
    context.ui.print(&outcome)?;
    Ok(Outcome::Done)
}

/// Such as `column "x": float in t@1, text in t@2 (first in row 8: "abc")`.
fn sentence(name: &Name, version: u32, diff: &SchemaDiff, change: &ColumnChange) -> String {
    let (before, now) = (format!("{name}@{}", diff.since), format!("{name}@{version}"));
    let column = error::quoted(&change.column);
    match (&change.from, &change.to) {
        (Some(from), Some(to)) => {
            let first = diff.first.iter().find(|first| first.column == change.column);
            let first = first.map(|f| format!(" (first in row {}: {})", f.row, error::quoted(&f.text)));
            format!("column {column}: {from} in {before}, {to} in {now}{}", first.unwrap_or_default())
        }
        (Some(from), None) => format!("column {column}: {from} in {before}, gone in {now}"),
        (None, to) => format!("column {column}: new in {now}, {}", to.as_deref().unwrap_or("of no type")),
    }
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
        for dataset in self.datasets.iter().filter(|d| d.changed) {
            let Some(diff) = &dataset.schema else { continue };
            let name = &dataset.name;
            diff.columns.iter().for_each(|change| screen.line(sentence(name, dataset.version, diff, change)));
        }
        for line in &self.ignored {
            screen.line(format!("git leaves {line} alone from now on: .gitignore says so"));
        }
        for dataset in self.datasets.iter().filter(|dataset| dataset.tracked_by_git && dataset.version == 1) {
            screen.line(format!(
                "warning: git tracks files of {} as well: `git rm --cached` leaves them to mlops",
                dataset.name
            ));
        }
        for dataset in self.datasets.iter().filter(|dataset| !dataset.also_in.is_empty()) {
            let others: Vec<&str> = dataset.also_in.iter().map(Name::as_str).collect();
            screen.line(format!("warning: files of {} belong to {} as well", dataset.name, others.join(", ")));
        }
        for warning in self.datasets.iter().flat_map(|d| &d.warnings) {
            screen.line(format!("warning: {}", warning.sentence()));
        }
    }
}
