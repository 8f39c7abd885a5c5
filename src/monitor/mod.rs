//! Watching a model after it is released: has the data moved, and does the model still do its work.
//!
//! - [`statistics`]: the drift tests, one number for a column, equal to Evidently's and SciPy's
//! - [`distribution`]: a column's two samples as a picture needs them: shared bins, or shares of categories
//! - [`plot`]: SVG of distributions, metrics over time, ROC and calibration curves
//! - [`html`]: a report as plain data and as one self-contained page
//! - [`sections`]: the parts of a report on drift and on performance

pub mod distribution;
pub mod html;
pub mod plot;
pub mod sections;
pub mod statistics;

mod drift;
mod labels;
mod performance;
mod report;
mod watch;

pub use drift::{ColumnDrift, DriftOptions, DriftOutcome, drift};
pub use labels::{LabelOptions, LabelOutcome, add_labels, labels_of};
pub use performance::{Chunk as PerformanceChunk, PerformanceOptions, PerformanceOutcome, performance};
pub use report::report;
pub use watch::{Monitor, training_rows};
