//! `mlops data show`

use crate::cli::page_file::PageFile;
use crate::cli::ui::{Screen, Show, count};
use crate::cli::{Context, Outcome};
use crate::data::{self, ColumnProfile, DataProfile};
use crate::document::plot;
use crate::error::Result;
use serde::Serialize;
use std::path::PathBuf;

/// Show what a dataset holds, column by column
///
/// Type, missing and different values, the least, the median and the greatest, a histogram or the most frequent values; with --target how closely each
/// column goes with that one. The whole table is read into memory.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops data show loans\n  mlops data show loans@1 --target class\n  mlops data show new.csv --html new.html"
)]
pub struct ShowArgs {
    /// A dataset, NAME@VERSION, or a file
    data: String,
    /// The column that the others are compared with: Pearson's correlation, η or Cramér's V, by their types
    #[arg(long, value_name = "COLUMN")]
    target: Option<String>,
    /// Write it as a page with pictures
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

#[derive(Serialize)]
struct ProfileWritten {
    name: String,
    output: String,
}

pub fn run(context: &Context, args: ShowArgs) -> Result<Outcome> {
    let project = context.project()?;
    let file = args.html.as_ref().map(|file| PageFile::new(&project, &context.folder, file, &["html", "htm"]));
    let file = file.transpose()?;
    let table = data::read_table(&project, &project.ledger()?, &context.folder, &args.data)?;
    let found = data::profile_table(&args.data, &table, args.target.as_deref(), &context.ui.progress())?;
    match file {
        Some(file) => {
            file.write_document(&found.document())?;
            context.ui.print(&ProfileWritten { name: found.name, output: file.shown() })?;
        }
        None => context.ui.print(&found)?,
    }
    Ok(Outcome::Done)
}

impl Show for ProfileWritten {
    fn show(&self, screen: &mut Screen) {
        screen.line(format!("page written to {}", self.output));
    }
}

impl Show for DataProfile {
    fn show(&self, screen: &mut Screen) {
        screen.heading(&format!("{}: {} rows, {} columns", self.name, count(self.rows as u64), self.columns.len()));
        let missing = |column: &ColumnProfile| match column.missing {
            0 => String::new(),
            rows => plot::percent(rows as f64 / self.rows.max(1) as f64),
        };
        let values =
            |column: &ColumnProfile| match (column.quantile("0"), column.quantile("50"), column.quantile("100")) {
                (Some(low), Some(middle), Some(high)) if column.distinct > 2 => format!("{low} … {middle} … {high}"),
                _ => column.most_frequent(3),
            };
        let row = |column: &ColumnProfile| {
            let mut cells = vec![
                column.name.clone(),
                column.kind.clone(),
                missing(column),
                count(column.distinct as u64),
                plot::spark(&column.heights()),
                values(column),
            ];
            if self.target.is_some() {
                cells.push(column.with_target());
            }
            cells
        };
        let mut head =
            vec!["column", "type", "missing", "different", "histogram", "least … median … greatest, or most frequent"];
        let target = self.target.as_ref().map(|target| format!("with {target}"));
        head.extend(target.as_deref());
        screen.table(&head, self.columns.iter().map(row).collect());
    }
}
