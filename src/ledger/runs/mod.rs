//! Runs: what was trained from what, with which parameters, and what came out.
//!
//! - `row`: a run as it is read, and the words for how it stands
//! - `record`: a run begins, logs, ends, is deleted and restored
//! - `metrics`: every value that was logged, and the last one of each key
//! - `search`: a page of runs by a filter and an order, and the other ways to find runs
//! - `links`: what runs and training sets were made of, and the files runs keep
//!
//! For example, a run that logs `loss` as 0.9 at step 1, 0.4 at step 2 and, late, 0.8 at step 1 has three values of `loss`
//! in its history, and 0.4 as the last one: the greatest step counts, not the order of arrival.

mod links;
mod metrics;
mod record;
mod row;
mod search;
#[cfg(test)]
mod tests;

pub use links::{ArtifactRow, InputKind, InputRow};
pub use metrics::MetricPoint;
pub use record::{NewRun, RunResult};
pub use row::{Lifecycle, RunRow, RunSource, RunStatus};
pub use search::RunSearch;
