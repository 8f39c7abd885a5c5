//! How good a run's model is, and how two runs differ: what a person asks after training, computed from what runs keep.
//!
//! - `evaluated_run`: a run with its model, its kept predictions and its training set
//! - `baseline`: what always saying the same reaches; `slices`: groups of rows that the model does worse on
//! - `groups`: how often each group of rows is called the second class, and how good the model is there
//! - `influence`: how much it leans on each feature (permutation importance), and how its answer goes with one (partial dependence)
//! - `shap_summary`: what each feature adds to the answers
//! - `pictures`: what can be drawn, by name, with `class_pictures`, `error_pictures` and `training_pictures`; `page`, `page_tables`: all of it as
//!   one document
//! - `comparison`: two runs on the same rows; `run_difference`: what two runs were made of; `reproduction`: a run trained once more
//!
//! For example, the run of a recipe on 1,000 loans, 204 of them test: the page opens with "wrong in 24 of 100 test rows; always guessing
//! "good" is wrong in 30 of 100", `comparison` says that boosting has 0.012 less AUC than the logistic model, −0.048 to 0.023, so they can't be
//! told apart, and `reproduction` that training again gives the same model hash.

mod baseline;
mod class_pictures;
mod comparison;
mod error_pictures;
mod evaluated_run;
mod groups;
mod influence;
mod page;
mod page_tables;
mod pictures;
mod reproduction;
mod run_difference;
mod shap_summary;
mod slices;
mod training_pictures;

pub use comparison::{AucTest, MetricDifference, RunComparison, compare};
pub use evaluated_run::EvaluatedRun;
pub use groups::{GroupReport, GroupRow, RateInterval};
pub use page::{PageOptions, page};
pub use pictures::{PictureKind, picture};
pub use reproduction::{ReproduceOutcome, reproduce};
pub use run_difference::{RunChange, RunDiff, diff};
