//! The learners: estimators, what they fit, how they are judged, split and searched.
//!
//! Purely numeric: a `Matrix` and a `Target` go in, a `Fitted` comes out. Nothing here knows of tables, files, SQL or
//! terminals. The same input and seed give the same bits on any number of threads.
//!
//! | file | what |
//! | --- | --- |
//! | `task` | the task, the target that is learned, the predictions |
//! | `matrix` | columns of f64, numeric or categorical |
//! | `random` | seeded streams of random numbers |
//! | `params` | reading hyper-parameters from JSON |
//! | `learner`, `estimator`, `fit_checks` | what every estimator says of itself, all of them by name, and what `fit` refuses |
//! | `class_weight` | how much the rows of each class count |
//! | `linear_problem`, `multinomial_problem` | linear models: the losses of two classes and numbers, and of several classes |
//! | `moments` | least squares by sums of products |
//! | `solver`, `sparse_solver` | their minimisers, the second with absolute values in the penalty |
//! | `logistic`, `svm`, `linear_regression`, `linear_model` | the estimators, and what they fit |
//! | `binning` | values as bins, for every tree |
//! | `histogram`, `histogram_pool` | sums of gradients or of two classes a bin, and the memory for them |
//! | `class_counts`, `squared_distance` | the sums of several classes or weighted rows, and of numbers |
//! | `feature_split`, `best_split` | the best cut of one feature, and of a node over all of them |
//! | `row_partition`, `grow` | the rows on each side of a cut, and growing a tree by all of these |
//! | `conformal` | how far from a prediction the truth lies, with a stated probability |
//! | `threshold` | from which probability a row is called positive, by costs or a wish |
//! | `calibration`, `platt` | probabilities that mean what they say |
//! | `kernel_svm`, `kernel_model`, `smo` | support vector machines with kernels, and their solver |
//! | `naive_bayes`, `nearest_neighbours`, `baseline` | estimators with their own fitted models |
//! | `row_products` | products of the rows of two tables |
//! | `tree`, `forest`, `boosting`, `objective` | the estimators made of trees |
//! | `fitted_model`, `fitted`, `ensemble` | what every fitted model can do, one of any kind, fitted trees |
//! | `explain`, `tree_shap` | how much each feature moves a prediction |
//! | `stored_parts`, `stored_ensemble`, `tensor` | fitted models as named tensors, and back |
//! | `metric` | the names of what says how good predictions are |
//! | `metric_values` | the metrics of some rows |
//! | `class_metrics`, `class_rows` | the counts, curves and losses that metrics of classes are computed from, and the metrics |
//! | `number_metrics` | the metrics of numbers |
//! | `curves` | ROC, precision and recall, calibration, gain, as points |
//! | `bootstrap`, `counted_rows`, `delong` | how sure a metric is, and the difference of two models |
//! | `folds`, `hyperparameter_search` | cross-validation and search for hyper-parameters |
//!
//! ```
//! use mlops::learn::{Estimator, FeatureKind, Matrix, Target, Task};
//! use mlops::progress::Progress;
//!
//! let hours = vec![1.0, 2.0, 3.0, 7.0, 8.0, 9.0];
//! let x = Matrix::new(vec!["hours".to_owned()], vec![FeatureKind::Numeric], vec![hours])?;
//! let passed = Target::new(Task::Binary, 2, vec![0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
//! let tree = Estimator::parse("tree", &serde_json::Map::new())?.fit(&x, &passed, 7, &Progress::quiet())?;
//! // The only split is halfway between 3 and 7; each side is pure.
//! assert_eq!(tree.predict(&x).values(), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
//! # Ok::<(), mlops::error::Error>(())
//! ```

pub mod baseline;
mod best_split;
pub mod binning;
pub mod boosting;
pub mod bootstrap;
pub mod calibration;
pub mod class_counts;
pub mod class_metrics;
pub mod class_rows;
pub mod class_weight;
pub mod conformal;
mod counted_rows;
pub mod curves;
pub mod delong;
pub mod ensemble;
pub mod estimator;
pub mod explain;
pub mod feature_split;
mod fit_checks;
pub mod fitted;
mod fitted_model;
pub mod folds;
pub mod forest;
pub mod grow;
pub mod histogram;
pub mod histogram_pool;
pub mod hyperparameter_search;
pub mod kernel_model;
pub mod kernel_svm;
pub mod learner;
pub mod linear_model;
pub mod linear_problem;
pub mod linear_regression;
pub mod logistic;
pub mod matrix;
pub mod metric;
pub mod metric_values;
pub mod moments;
pub mod multinomial_problem;
pub mod naive_bayes;
pub mod nearest_neighbours;
mod number_metrics;
pub mod objective;
pub mod params;
mod platt;
pub mod random;
pub mod row_partition;
mod row_products;
mod smo;
pub mod solver;
pub mod sparse_solver;
pub mod squared_distance;
mod stored_ensemble;
pub mod stored_parts;
pub mod svm;
pub mod task;
pub mod tensor;
pub mod threshold;
pub mod tree;
mod tree_shap;

#[cfg(test)]
mod metric_vectors_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;

pub use estimator::Estimator;
pub use fitted::Fitted;
pub use folds::Fold;
pub use learner::Needs;
pub use matrix::{FeatureKind, Matrix};
pub use metric::Metric;
pub use metric_values::{Decision, MetricValues, evaluate, evaluate_with};
pub use stored_parts::Parts;
pub use task::{Predictions, Target, Task};
pub use tensor::Tensor;
