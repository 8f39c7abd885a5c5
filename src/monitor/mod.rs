//! Watching a model after it is released: has the data moved, and does the model still do its work.
//!
//! - `plan`: a monitor's definition, checked; `watch`: a monitor of `mlops.toml` at work
//! - `drift`: every column tested; [`statistics`]: the tests, one number for a column, equal to Evidently's and SciPy's
//! - `predictions`, `labels`, `performance`: what was answered, what came out, and how good that was, by chunks of time
//! - `report`: drift and performance with a verdict, as a [`Document`](crate::document::Document); `sections`: its parts;
//!   `cases`: what was checked one by one, for a CI system
//! - `distribution`: a column's two samples made ready for a picture

pub mod statistics;

mod cases;
mod distribution;
mod drift;
mod labels;
mod performance;
mod plan;
mod predictions;
mod report;
mod sections;
mod watch;

pub use cases::{drift_cases, performance_cases};
pub use drift::{ColumnDrift, DriftOptions, DriftOutcome, drift};
pub use labels::{LabelOptions, LabelOutcome, add_labels, labels_of};
pub use performance::{Chunk as PerformanceChunk, PerformanceOutcome};
pub use plan::{MonitorPlan, PerformanceLimit};
pub use report::report;
pub use watch::Monitor;
