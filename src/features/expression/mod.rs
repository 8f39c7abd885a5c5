//! Row expressions of definitions, such as `dep_delay_mean_3h / nullif(dep_delay_mean_1d, 0)`: SQL text, parsed once
//! into a checked program that computes a cell from a row, offline and at request by the same code.
//!
//! For example, over the columns `a` (slot 0) and `b` (slot 1), both floats, `a / nullif(b, 0)` is parsed into a division of slot
//! 0 by the function `nullif` of slot 1 and 0. The rows `[6, 3]`, `[6, 0]` and `[null, 3]` give 2, null and null.

mod evaluate;
mod functions;
mod parse;
mod program;

pub use crate::data::Kind;
pub use evaluate::evaluate_columns;
pub use program::Program;
