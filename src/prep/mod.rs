//! Fitted preparation: fill, clip, scale, encode, select. What training fitted on its part lies in the model's bundle, and a request
//! goes through the same numbers.
//!
//! A preparation is a list of fitted [`Step`]s. Each step reads columns by name and writes columns in their place; what
//! stands there after the last step is the learner's matrix. One file a step says all of it: its parameters, how it is
//! fitted on rows and target, what it makes of a value.
//!
//! For `age = [20, missing, 40]` and `city = [Rome, Oslo, Rome]`, what a linear model needs is fitted as
//!
//! | step | reads | writes |
//! | --- | --- | --- |
//! | `impute` by the median, 30 | `age` | `age = [20, 30, 40]`, `age__missing = [0, 1, 0]` |
//! | `scale` by mean 30 and deviation 8.16 | `age` | `age = [-1.22, 0, 1.22]` |
//! | `one_hot` | `city` | `city=Oslo = [0, 1, 0]`, `city=Rome = [1, 0, 1]` |
//!
//! A step may read several columns: `cross` writes one text of several, `pca` sums of all, selection keeps some of those it reads.
//!
//! The steps, with what they are computed with:
//!
//! - `impute`, `clip`, `scale`, `log`: steps of one column of numbers
//! - `power`, `power_likelihood`: bent by a power, and the likeliest power
//! - `quantile_transform`, `normal_quantile`: bent by quantiles
//! - `bin`, `kmeans_centres`: cut into bins
//! - `spline`: smooth bumps between knots
//! - `impute_knn`, `polynomial`: steps of several columns of numbers
//! - `pca`, `svd`, `projection`, `symmetric_eigen`: the directions in which columns vary most
//! - `one_hot`, `ordinal`, `count`, `cross`: steps of categories
//! - `target_encode`, `weight_of_evidence`, `cross_fit`: categories by their rows' target, cross-fitted
//! - `hash`, `hash_text`, `murmur_hash`: categories and terms by their hash
//! - `tfidf`, `text_terms`: texts by their terms
//! - `date_parts`: times by calendar and clock
//! - `select`: the fitted step of selection
//! - `select_variance`, `select_correlation`: columns that say nothing, or nothing new
//! - `select_univariate`, `select_mutual_info`, `best_columns`: columns that say much about the target
//! - `select_model`, `select_rfe`, `column_importance`: columns that matter to a model
//!
//! What holds for all of them:
//!
//! - `step_definition`: a step of a recipe, checked, and the columns it is fitted on; `step_kind`: the operations by name
//! - `fitted_step`: all of them as one type; `computation`: the forms of what they compute, for a row and for columns
//! - `fit`: from definitions and training rows to a [`Preparation`]; `working_column`, `number_columns`: columns while it is fitted
//! - `fitted_preparation`: the fitted list applied: columns to a matrix, or one row without a table
//! - `origins`: which features a prepared column is made of
//! - `column_statistics`: median, quantiles, counts of a column

mod best_columns;
mod bin;
#[cfg(test)]
mod bundle_tests;
#[cfg(test)]
mod category_tests;
mod clip;
mod column_importance;
mod column_statistics;
mod computation;
mod count;
mod cross;
mod cross_fit;
mod date_parts;
mod fit;
mod fitted_preparation;
mod fitted_step;
mod hash;
mod hash_text;
mod impute;
mod impute_knn;
mod kmeans_centres;
mod log;
mod murmur_hash;
mod normal_quantile;
mod number_columns;
mod one_hot;
mod ordinal;
mod origins;
mod pca;
mod polynomial;
mod power;
mod power_likelihood;
mod projection;
mod quantile_transform;
mod scale;
mod select;
mod select_correlation;
mod select_model;
mod select_mutual_info;
mod select_rfe;
mod select_univariate;
mod select_variance;
mod spline;
mod step_definition;
mod step_kind;
mod svd;
mod symmetric_eigen;
mod target_encode;
#[cfg(test)]
mod tests;
mod text_terms;
mod tfidf;
#[cfg(test)]
mod vectors_tests;
mod weight_of_evidence;
mod working_column;

pub use fit::{Prepare, fit};
pub use fitted_preparation::{Preparation, Prepared};
pub use fitted_step::Step;
pub use step_definition::StepDefinition;
