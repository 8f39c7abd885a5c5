//! Models: the bundle a run makes, scoring with it, and the training run that makes one.
//!
//! - `bundle`: manifest and tensors, as blobs
//! - `scorer`: a loaded bundle that predicts: tables at once, or a row
//! - `train`: a run from recipe to bundle; `fitting`: the fits of a run
//! - `settle`: which runs live and which were killed
//! - `predict`: batch prediction

mod bundle;
mod fitting;
mod predict;
mod scorer;
mod settle;
mod train;

pub use bundle::{Bundle, Lineage, Signature, load, save};
pub use predict::{PredictOutcome, add_predictions, predict_table};
pub use scorer::{Row, Scored, Scorer};
pub use settle::settle;
pub use train::{TrainOptions, TrainOutcome, train};
