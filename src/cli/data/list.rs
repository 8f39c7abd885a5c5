//! `mlops data list`

use crate::cli::ui::{Screen, Show, bytes, count};
use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::ledger::DatasetVersion;
use crate::project::LockFile;
use serde::Serialize;

/// List the datasets and the versions the project stands on
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops data list\n  mlops data list --json")]
pub struct ListArgs {}

#[derive(Serialize)]
struct List {
    datasets: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    path: String,
    locked: Option<DatasetVersion>,
    versions: usize,
}

pub fn run(context: &Context, _: ListArgs) -> Result<Outcome> {
    let project = context.project()?;
    let (lock, ledger) = (LockFile::read(&project)?, project.ledger()?);
    let mut datasets = Vec::new();
    for (name, definition) in &project.definitions().data {
        let versions = ledger.dataset_versions(name)?;
        let locked = versions.iter().find(|v| lock.versions.get(name) == Some(&v.hash)).cloned();
        datasets.push(Entry {
            name: name.to_string(),
            path: definition.path.clone(),
            locked,
            versions: versions.len(),
        });
    }
    context.ui.print(&List { datasets })?;
    Ok(Outcome::Done)
}

impl Show for List {
    fn show(&self, screen: &mut Screen) {
        if self.datasets.is_empty() {
            screen.line("no datasets yet");
            return screen.hint("mlops data add PATH");
        }
        let row = |e: &Entry| {
            let v = e.locked.as_ref();
            vec![
                v.map_or_else(|| e.name.clone(), |v| format!("{}@{}", e.name, v.version)),
                e.versions.to_string(),
                v.map_or_else(String::new, |v| v.files.to_string()),
                v.map_or_else(String::new, |v| bytes(v.bytes)),
                v.and_then(|v| v.rows).map_or_else(String::new, count),
                v.map_or_else(|| "not added".to_owned(), |v| v.hash.short()),
                e.path.clone(),
            ]
        };
        screen.table(
            &["dataset", "versions", "files", "size", "rows", "hash", "path"],
            self.datasets.iter().map(row).collect(),
        );
    }
}
