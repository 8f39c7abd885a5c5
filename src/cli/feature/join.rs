//! `mlops feature join`

use crate::cli::ui::{Screen, Show, count};
use crate::cli::{Context, Outcome};
use crate::data::OutputFile;
use crate::error::Result;
use crate::features::{JoinReport, Part, SetOptions, build_set, set_table};
use crate::project::Name;
use crate::store::Hash;
use serde::Serialize;
use std::collections::BTreeMap;

/// Join a training set: the rows of its spine with the features as known at each row's time
///
/// Exactly one row for each row of the spine, in its order. The same definitions and data are joined once; the hash
/// names the result.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops feature join delay\n  mlops feature join delay --output delay.parquet")]
pub struct JoinArgs {
    /// The set of mlops.toml
    set: Name,
    /// Write the rows to a file (.parquet, .csv, .jsonl)
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
}

#[derive(Serialize)]
struct Joined {
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
    let file = args.output.as_ref().map(|output| OutputFile::new(context.folder.join(output))).transpose()?;
    let set = build_set(&project, &mut project.ledger()?, &args.set, &SetOptions::default(), &context.ui)?;
    if let Some(file) = file {
        file.write(&mut set_table(&set)?)?;
    }
    let parts = [Part::Train, Part::Validation, Part::Test, Part::None];
    context.ui.print(&Joined {
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

impl Show for Joined {
    fn show(&self, screen: &mut Screen) {
        let parts: Vec<String> =
            self.parts.iter().filter(|(_, n)| **n > 0).map(|(p, n)| format!("{p} {}", count(*n as u64))).collect();
        screen.line(format!(
            "{} {}: {} rows, {} features; {}",
            self.set,
            self.hash.short(),
            count(self.rows as u64),
            self.features,
            parts.join(", ")
        ));
        if !self.views.is_empty() {
            let row = |v: &JoinReport| vec![v.view.clone(), count(v.matched), count(v.expired), count(v.missing)];
            screen.table(&["view", "matched", "expired", "missing"], self.views.iter().map(row).collect());
        }
    }
}
