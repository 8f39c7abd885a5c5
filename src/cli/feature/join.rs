//! `mlops feature join`

use crate::cli::ui::{Screen, Show, count};
use crate::cli::{Context, Outcome};
use crate::data::OutputFile;
use crate::error::Result;
use crate::features::{JoinReport, Part, SetOptions, build_set, join_table, set_table};
use crate::project::Name;
use crate::store::Hash;
use serde::Serialize;
use std::collections::BTreeMap;

/// Join a training set: the rows of its spine with the features as known at each row's time
///
/// Exactly one row for each row of the spine, in its order. The same definitions and data are joined once; the hash
/// names the result. With --input the rows of that table are the spine, and the features are put beside its columns.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops feature join delay\n  mlops feature join delay --output delay.parquet\n  mlops feature join delay --input may.parquet --output joined.parquet"
)]
pub struct JoinArgs {
    /// The set of mlops.toml
    set: Name,
    /// Join the set's features to the rows of this table: a file, or a dataset and version
    #[arg(short, long, value_name = "TABLE", requires = "output")]
    input: Option<String>,
    /// Write the rows to a file (.parquet, .csv, .jsonl)
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
}

#[derive(Serialize)]
struct JoinedFile {
    set: Name,
    hash: Hash,
    rows: usize,
    features: usize,
    parts: BTreeMap<&'static str, usize>,
    views: Vec<JoinReport>,
    output: Option<String>,
}

pub fn run(context: &Context, args: JoinArgs) -> Result<Outcome> {
    let project = context.project()?;
    let file =
        args.output.as_ref().map(|output| OutputFile::in_project(&project, context.folder.join(output))).transpose()?;
    if let (Some(input), Some(file)) = (&args.input, &file) {
        let ledger = project.ledger()?;
        let mut joined = join_table(&project, &ledger, &args.set, &context.folder, input, &context.ui.progress())?;
        file.write(&mut joined.table)?;
        context.ui.print(&JoinedFile {
            set: args.set,
            hash: joined.hash,
            rows: joined.table.height(),
            features: joined.features,
            parts: BTreeMap::new(),
            views: joined.report,
            output: args.output,
        })?;
        return Ok(Outcome::Done);
    }
    let set = build_set(&project, &mut project.ledger()?, &args.set, &SetOptions::default(), &context.ui.progress())?;
    if let Some(file) = file {
        file.write(&mut set_table(&set)?)?;
    }
    let parts = [Part::Train, Part::Validation, Part::Test, Part::None];
    context.ui.print(&JoinedFile {
        hash: set.hash,
        rows: set.frame.rows(),
        features: set.frame.columns().len(),
        parts: parts.into_iter().map(|p| (p.name(), set.rows_of(p).len())).collect(),
        views: set.report,
        set: set.name,
        output: args.output,
    })?;
    Ok(Outcome::Done)
}

impl Show for JoinedFile {
    fn show(&self, screen: &mut Screen) {
        let parts: Vec<String> =
            self.parts.iter().filter(|(_, n)| **n > 0).map(|(p, n)| format!("{p} {}", count(*n as u64))).collect();
        let parts = if parts.is_empty() { String::new() } else { format!("; {}", parts.join(", ")) };
        let (hash, rows) = (self.hash.short(), count(self.rows as u64));
        screen.line(format!("{} {hash}: {rows} rows, {} features{parts}", self.set, self.features));
        if !self.views.is_empty() {
            let row = |v: &JoinReport| vec![v.view.clone(), count(v.matched), count(v.expired), count(v.missing)];
            screen.table(&["view", "matched", "expired", "missing"], self.views.iter().map(row).collect());
        }
    }
}
