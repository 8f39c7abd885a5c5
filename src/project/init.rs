//! Making a project: a commented `mlops.toml`, an empty `mlops.lock`, `.mlops/` with the schema that editors check
//! `mlops.toml` by, and its line in `.gitignore`.
//! Invariant: doing it twice changes nothing, and nothing of the person's that is there is overwritten.

use super::git_ignore::ignore;
use super::{Name, Project};
use crate::error::{Error, Result};
use crate::store::{plain_folder, read_plain, write_atomic};
use serde::Serialize;
use std::path::Path;

/// What `init` created.
#[derive(Debug, Serialize)]
pub struct InitOutcome {
    /// The root folder.
    pub root: String,
    /// Files and folders that were created, relative to the root; empty when all was there.
    pub created: Vec<String>,
    /// Whether the folder is in a git repository.
    pub git: bool,
}

const IGNORED: &str = "/.mlops/";

/// Turns the folder `root` into a project; what is there already stays as it is.
pub fn init(root: &Path) -> Result<InitOutcome> {
    let root = root.canonicalize().map_err(|e| Error::io("open", root, e))?;
    let had_folder = root.join(".mlops").is_dir();
    // First, so that no file that is cut short by a crash lies among the user's.
    let folder = root.join(".mlops");
    plain_folder(&folder)?;
    plain_folder(&folder.join("tmp"))?;
    let lock = root.join("mlops.lock");
    let had_lock = lock.exists();
    if !had_lock {
        write_atomic(&lock, b"")?;
    }
    let schema = folder.join("mlops.schema.json");
    if read_plain(&schema)?.is_none_or(|kept| kept != SCHEMA.as_bytes()) {
        write_atomic(&schema, SCHEMA.as_bytes())?;
    }
    let ignored = !ignore(&root, &[IGNORED.to_owned()])?.is_empty();
    // The last, because it makes the folder a project: what is one by then has all the rest.
    let definitions = root.join("mlops.toml");
    let had_definitions = definitions.exists();
    if !had_definitions {
        let folder = root.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let name = Name::from_stem(&folder).map_or_else(|_| "project".to_owned(), String::from);
        write_atomic(&definitions, TEMPLATE.replace("{name}", &name).as_bytes())?;
    }
    Project::open(&root)?;
    let made = [
        (!had_definitions, "mlops.toml"),
        (!had_lock, "mlops.lock"),
        (!had_folder, ".mlops/"),
        (ignored, ".gitignore"),
    ];
    let created = made.into_iter().filter(|(is_new, _)| *is_new).map(|(_, name)| name.to_owned()).collect();
    let git = root.ancestors().any(|dir| dir.join(".git").exists());
    Ok(InitOutcome { root: root.display().to_string(), created, git })
}

/// What `mlops.toml` may hold, for editors; made from the definitions' types.
const SCHEMA: &str = include_str!("../../docs/reference/mlops.schema.json");

pub(super) const TEMPLATE: &str = r#"#:schema .mlops/mlops.schema.json
# What this project's data, features, models and their operation are. Lives in git; `.mlops/` does not.
# Every key: mlops help toml

[project]
name = "{name}"
seed = 7                # of splits, folds, searches and learners: same data, definitions, seed → same model hash

# A dataset is a file, a folder or a glob. `mlops data add NAME` records a version of it.
# [data.customers]
# path = "data/customers/*.parquet"
# key = ["id"]
# expect = [ { column = "id", not_null = true }, { column = "age", between = [0, 120], mostly = 0.99 } ]

# What features belong to.
# [entity.customer]
# keys = ["id"]

# A feature view: columns of the newest row, sums and means over sliding windows, expressions over those.
# [feature.spending]
# source = "payments"                 # or sql = "SELECT … FROM payments"
# entity = "customer"
# event_time = "paid_at"
# ttl = "90d"
# windows = [ { column = "amount", agg = ["sum", "count"], over = ["7d", "30d"] } ]
# derive = { rise = "amount_sum_7d / nullif(amount_sum_30d, 0)" }

# A training set: rows of a dataset, features as known at each row's time, what is to be predicted.
# [set.churn]
# spine = "customers"
# event_time = "asked_at"
# label = "left_at IS NOT NULL"
# features = ["age", "plan", "spending:*"]
# split = { by = "time", validation = "2026-03-01", test = "2026-04-01" }

# A recipe: `mlops run train churn`
# [train.churn]
# set = "churn"
# model = "boosting"                  # logistic, ridge, tree, forest and others: mlops help estimators
# params = { max_iter = 200, learning_rate = 0.05 }
# cv = { folds = 5 }
"#;
