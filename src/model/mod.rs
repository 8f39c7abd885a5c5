//! Models: the bundle a run makes, scoring with it, and the training run that makes one.
//!
//! - `signature`: what a model predicts; `answer`: what it says of a row
//! - `bundle`: manifest and tensors, as blobs
//! - `scorer`: a loaded bundle that predicts: tables at once, or a row
//! - `recipe`: a recipe, checked; `train`: a run from recipe to bundle; `fitting`: the fits of a run
//! - `settle`: which runs are at work and which were killed
//! - `predict`: batch prediction

mod answer;
mod bundle;
mod fitting;
mod predict;
mod recipe;
mod scorer;
mod settle;
mod signature;
mod train;

pub use answer::{Answer, Predicted};
pub use bundle::{Bundle, Lineage, load, save, tensor_blob};
pub use predict::{PredictOutcome, add_predictions, predict_table};
pub use recipe::Recipe;
pub use scorer::{Row, Scored, Scorer};
pub use settle::{died, settle};
pub use signature::{OutputColumn, Signature};
pub use train::{TrainOptions, TrainOutcome, train};
