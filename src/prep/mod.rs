//! Fitted preparation: impute, clip, scale, encode. What training fitted on its part lies in the model's bundle, and a
//! request goes through the same numbers.
//!
//! - `fit`: from definitions and training rows to a [`Preparation`]
//! - `chain`: what happens to one column, for a value and for all values by the same code
//! - `preparation`: all columns: to a matrix, or one row without allocation

mod chain;
mod fit;
mod preparation;
#[cfg(test)]
mod tests;

pub use chain::{Chain, Encode, NumberStep};
pub use fit::fit;
pub use preparation::{Preparation, Prepared};
