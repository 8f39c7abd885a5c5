//! Models: the bundle a run makes, scoring with it, and the training run that makes one.
//!
//! - `signature`: what a model predicts; `answer`: what it says of a row
//! - `bundle`: manifest and tensors, as blobs
//! - `scorer`: a loaded bundle that predicts: tables at once, or the rows of a request
//! - `recipe`: a recipe, checked; `train`: a run from recipe to bundle; `fitting`: the fits of a run
//! - `killed_runs`: runs whose process ended before they did
//! - `predict`: batch prediction

mod answer;
mod bundle;
mod fitting;
mod killed_runs;
mod predict;
mod recipe;
mod scorer;
mod signature;
mod train;

pub use answer::{Answer, Predicted};
pub use bundle::{Bundle, Lineage, load, save, tensor_blob};
pub use killed_runs::{killed_runs, mark_killed_runs};
pub use predict::{PredictOutcome, add_predictions, predict_table};
pub use recipe::Recipe;
pub use scorer::{Scored, Scorer, UsedFeatures};
pub use signature::{OutputColumn, Signature};
pub use train::{TrainOptions, TrainOutcome, train};
