//! The learners: estimators, what they fit, how they are judged, split and searched.
//!
//! Purely numeric: a `Matrix` and labels go in, a `Fitted` comes out. Nothing here knows of tables, files, SQL or
//! terminals. The same input and seed give the same bits on any number of threads.
//!
//! | file | what |
//! | --- | --- |
//! | `matrix` | columns of f64, numeric or categorical |
//! | `random` | seeded streams of random numbers |
//! | `params` | reading hyper-parameters from JSON |
//! | `estimator` | the checked parameters of a model, and `fit` |
//! | `linear`, `solver`, `logistic`, `svm` | linear models: loss, minimiser, the two estimators |
//! | `binning`, `histogram`, `split`, `partition`, `grow` | the histogram engine that grows every tree |
//! | `tree`, `forest`, `boosting`, `objective` | the estimators made of trees |
//! | `ensemble`, `fitted`, `tensor` | fitted models: prediction, and their parts as tensors |
//! | `metrics` | how good predictions are |
//! | `folds`, `search` | cross-validation and search for hyper-parameters |

pub mod binning;
pub mod boosting;
pub mod ensemble;
pub mod estimator;
pub mod fitted;
pub mod folds;
pub mod forest;
pub mod grow;
pub mod histogram;
pub mod linear;
pub mod logistic;
pub mod matrix;
pub mod metrics;
pub mod objective;
pub mod params;
pub mod partition;
pub mod random;
pub mod search;
pub mod solver;
pub mod split;
pub mod svm;
pub mod tensor;
pub mod tree;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

pub use estimator::{Estimator, Needs};
pub use fitted::{Fitted, Parts};
pub use folds::Fold;
pub use matrix::{ColumnKind, Matrix};
pub use metrics::{Metrics, evaluate};
pub use tensor::Tensor;
