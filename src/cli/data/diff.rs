//! `mlops data diff`

use crate::cli::ui::{Screen, Show, count};
use crate::cli::{Context, Outcome};
use crate::data::{self, DiffOutcome};
use crate::error::{Error, Result};
use crate::project::Reference;

/// Compare two versions of a dataset: files, columns, rows
///
/// Rows are matched by the dataset's key, or the columns given with --keys.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops data diff flights@1              with the version in mlops.lock\n  mlops data diff flights@1 flights@3 --keys id"
)]
pub struct DiffArgs {
    /// The older version
    from: Reference,
    /// The newer version; the one in mlops.lock without it
    to: Option<Reference>,
    /// Columns that name a row
    #[arg(long, value_delimiter = ',')]
    keys: Vec<String>,
}

pub fn run(context: &Context, args: DiffArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    let from = data::resolve(&project, &ledger, &args.from)?;
    let to = match args.to {
        Some(to) => data::resolve(&project, &ledger, &to)?,
        None => data::resolve(&project, &ledger, &Reference::parse(from.name.as_str())?)?,
    };
    if from.name != to.name {
        return Err(Error::invalid(format!("{} and {} are versions of different datasets", from.name, to.name)));
    }
    context.ui.print(&data::diff(&project, &from, &to, &args.keys)?)?;
    Ok(Outcome::Done)
}

impl Show for DiffOutcome {
    fn show(&self, screen: &mut Screen) {
        screen.heading(&format!("{} → {}", self.from, self.to));
        let files = &self.files;
        files.added.iter().for_each(|f| screen.line(format!("  + {f}")));
        files.changed.iter().for_each(|f| screen.line(format!("  ~ {f}")));
        files.removed.iter().for_each(|f| screen.line(format!("  - {f}")));
        files.renamed.iter().for_each(|(a, b)| screen.line(format!("  > {a} is now {b}")));
        if files.csv_form_changed {
            screen.line("  CSV files are read another way: mlops.toml said so when the newer version was added");
        }
        if let Some(rows) = &self.rows {
            screen.line(format!(
                "rows: {} added, {} removed, {} changed",
                count(rows.added),
                count(rows.removed),
                count(rows.changed)
            ));
        }
        for c in &self.schema {
            let side = |s: &Option<String>| s.clone().unwrap_or_else(|| "none".to_owned());
            screen.line(format!("column {}: {} → {}", c.column, side(&c.from), side(&c.to)));
        }
        for c in &self.columns {
            screen.line(format!("column {}: {} changed", c.column, cells(c.changed)));
        }
    }
}

fn cells(n: u64) -> String {
    if n == 1 { "1 cell".to_owned() } else { format!("{} cells", count(n)) }
}
