//! Fitted preparation: fill, clip, scale, encode. What training fitted on its part lies in the model's bundle, and a request
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
//! - `step_definition`: the steps of a recipe, checked, and the columns each is fitted on
//! - `impute`, `clip`, `scale`, `one_hot`, `ordinal`, `target_encode`: the steps; `fitted_step`: all of them as one type
//! - `fit`: from definitions and training rows to a [`Preparation`]
//! - `fitted_preparation`: the fitted list applied: columns to a matrix, or one row without a table
//! - `origins`: which features a prepared column is made of
//! - `column_statistics`: median, quantiles, counts of a column

mod clip;
mod column_statistics;
mod fit;
mod fitted_preparation;
mod fitted_step;
mod impute;
mod one_hot;
mod ordinal;
mod origins;
mod scale;
mod step_definition;
mod target_encode;
#[cfg(test)]
mod tests;

pub use fit::{Prepare, fit};
pub use fitted_preparation::{Preparation, Prepared};
pub use fitted_step::Step;
pub use step_definition::StepDefinition;
