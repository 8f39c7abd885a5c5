//! The run ledger: what happened, in SQLite. The only place with SQL on `ledger.db`.
//!
//! Invariants: a row is written after the files it names are durable; what belongs together is written in one
//! transaction; the operation log is only appended to; a row has an identity that holds in any ledger (`ids`), beside the
//! number that this ledger counts.
//!
//! - `connection`: opening, migrating, waiting, refusing a newer ledger; `migrations`: the tables
//! - `datasets`, `features`, `models`, `deployments`, `verdicts`, `operation_log`: one file for each group of tables
//! - `experiments`, `runs`: what was tried; `filter` the language in which runs are searched
//! - `stat_cache`: what files looked like when they were hashed
//!
//! For example, `mlops run train late` leaves a row of `run` (`source` recipe, `status` finished, `set_hash`, `model_hash`),
//! rows of `run_param` (`max_depth` → `8`), `run_metric` and `latest_metric` (`test.auc` at step 0 → 0.81), `input` (dataset
//! `loans` with its hash), `run_artifact` (`model`), and one of `operation` (`run train late`, `done`).

mod connection;
mod datasets;
mod deployments;
mod experiments;
mod features;
mod filter;
mod ids;
mod migrations;
mod models;
mod operation_log;
mod runs;
mod stat_cache;
#[cfg(test)]
mod tests;
mod verdicts;

pub use connection::Ledger;
pub use datasets::{DatasetVersion, SchemaColumn};
pub use deployments::{DeploymentRow, NewDeployment};
pub use experiments::{DEFAULT_EXPERIMENT, ExperimentRow};
pub use features::{MaterializationRow, TrainingSetRow, ViewRow};
pub use filter::{Direction, Filter, Order};
pub use ids::{RowId, RunId};
pub use models::{AliasRow, ModelVersionRow};
pub use operation_log::Operation;
pub use runs::{
    ArtifactRow, InputKind, InputRow, Lifecycle, MetricPoint, NewRun, RunResult, RunRow, RunSearch, RunSource,
    RunStatus,
};
pub use stat_cache::FileStat;
pub use verdicts::{CheckKind, CheckRow, RetrainRow, RetrainVerdict};
