//! `mlops data log`

use crate::cli::ui::{Screen, Show, bytes, count, when};
use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::ledger::DatasetVersion;
use crate::project::{LockFile, Name};
use crate::store::Hash;
use serde::Serialize;

/// List the versions of a dataset, newest first
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops data log flights")]
pub struct LogArgs {
    /// The dataset
    name: Name,
}

#[derive(Serialize)]
struct Log {
    name: Name,
    locked: Option<Hash>,
    versions: Vec<DatasetVersion>,
}

pub fn run(context: &Context, args: LogArgs) -> Result<Outcome> {
    let project = context.project()?;
    let versions = project.ledger()?.dataset_versions(&args.name)?;
    if versions.is_empty() {
        project.dataset(&args.name)?;
        return Err(Error::not_found(format!("dataset \"{}\" has no version yet", args.name))
            .hint(format!("mlops data add {}", args.name)));
    }
    let locked = LockFile::read(&project)?.versions.get(&args.name).copied();
    context.ui.print(&Log { name: args.name, locked, versions })?;
    Ok(Outcome::Done)
}

impl Show for Log {
    fn show(&self, screen: &mut Screen) {
        let row = |v: &DatasetVersion| {
            let mark = if self.locked == Some(v.hash) { "*" } else { "" };
            vec![
                format!("{}@{}", v.name, v.version),
                mark.to_owned(),
                when(v.created),
                v.files.to_string(),
                bytes(v.bytes),
                v.rows.map_or_else(String::new, count),
                v.hash.short(),
                v.message.clone(),
            ]
        };
        screen.table(
            &["version", "", "recorded (UTC)", "files", "size", "rows", "hash", "message"],
            self.versions.iter().map(row).collect(),
        );
    }
}
