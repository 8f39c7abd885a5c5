//! Runs: what was trained from what, with which parameters, and what came out.
//!
//! - `row`: a run as it is read, and the words for how it stands
//! - `write`: a run begins, logs, ends, is deleted and restored
//! - `metrics`: every value that was logged, and the last one of each key
//! - `find`: a page of runs by a filter and an order, and the other ways to find runs
//! - `inputs_and_artifacts`: what runs and training sets were made of, and the files runs keep
//!
//! For example, a run that logs `loss` as 0.9 at step 1, 0.4 at step 2 and, late, 0.8 at step 1 has three values of `loss`
//! in its history, and 0.4 as the last one: the greatest step counts, not the order of arrival.

mod find;
mod inputs_and_artifacts;
mod metrics;
mod row;
#[cfg(test)]
mod tests;
mod write;

pub use find::RunSearch;
pub use inputs_and_artifacts::{ArtifactRow, InputKind, InputRow};
pub use metrics::MetricPoint;
pub use row::{Lifecycle, RunRow, RunSource, RunStatus};
pub use write::{NewRun, RunResult};
