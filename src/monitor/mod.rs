//! Watching a model after it is released: has the data moved, and does the model still do its work.
//!
//! - `plan`: a monitor's definition, checked; `watch`: a monitor of `mlops.toml` at work; `watched_model`: the model and the window it
//!   looks at
//! - `drift`: every column tested; [`statistics`]: the tests, one number for a column, equal to Evidently's and SciPy's
//! - `asked_features`: the features of logged predictions as columns; `late_labels`: joining what came out to what was answered;
//!   `performance`: how good that was, by model and by chunks of time
//! - `report`: drift and performance with a verdict, as a [`Document`](crate::document::Document); `sections`: its parts;
//!   `test_cases`: what was checked one by one, for a CI system
//! - `picture_bins`: a column's two samples in the bins of a picture
//!
//! For example, `delay@1` answered 27,000 rows of April and `delay@2` 900 after it took over. `mlops monitor drift delay` compares
//! the 900 with what `delay@2` was trained on and says that 27,000 rows of other models were left out; with `--model delay@1`
//! it is the other way round.

pub mod statistics;

mod asked_features;
mod drift;
mod late_labels;
mod performance;
mod picture_bins;
mod plan;
mod report;
mod sections;
mod test_cases;
mod watch;
mod watched_model;

pub use drift::{ColumnDrift, DriftOptions, DriftOutcome, UntestedColumn, drift};
pub use late_labels::{LabelOptions, LabelOutcome, add_labels};
pub use performance::{Chunk as PerformanceChunk, ModelPerformance, OtherModel, PerformanceOutcome};
pub use plan::{MonitorPlan, PerformanceLimit};
pub use report::report;
pub use test_cases::{drift_cases, performance_cases};
pub use watch::Monitor;
pub use watched_model::{Watched, WatchedModel, Window};
