//! The run ledger: what happened, in SQLite. The only place with SQL on `ledger.db`.
//!
//! Invariants: a row is written after the files it speaks of are durable; what belongs together is written in one
//! transaction; the operation log is only appended to.

mod checks;
mod connection;
mod datasets;
mod deployments;
mod features;
mod models;
mod operations;
mod run_id;
mod runs;
mod schema;
mod stat_cache;

pub use checks::{CheckRow, RetrainRow};
pub use connection::Ledger;
pub use datasets::{DatasetVersion, SchemaColumn};
pub use deployments::DeploymentRow;
pub use features::{MaterializationRow, TrainingSetRow, ViewRow};
pub use models::{AliasRow, ModelVersionRow};
pub use operations::Operation;
pub use run_id::RunId;
pub use runs::{ArtifactRow, InputRow, RunResult, RunRow, RunStatus};
pub use stat_cache::FileStat;
