//! Watching a model after it is released: has the data moved, and does the model still do its work.
//!
//! - `watch`: a monitor of `mlops.toml` at work
//! - `drift`: every column tested; [`statistics`]: the tests, one number for a column, equal to Evidently's and SciPy's
//! - `predictions`, `labels`, `performance`: what was answered, what came out, and how good that was, by chunks of time
//! - `report`: drift and performance with a verdict; `sections`: its parts; `document`: it as plain data; `html`: as a page
//! - `distribution`: a column's two samples as a picture needs them; `plot`: SVG of distributions and of metrics over time

pub mod statistics;

mod distribution;
mod document;
mod drift;
mod html;
mod labels;
mod performance;
mod plot;
mod predictions;
mod report;
mod sections;
mod watch;

pub use drift::{ColumnDrift, DriftOptions, DriftOutcome, drift};
pub use labels::{LabelOptions, LabelOutcome, add_labels, labels_of};
pub use performance::{Chunk as PerformanceChunk, PerformanceOutcome};
pub use report::report;
pub use watch::Monitor;
