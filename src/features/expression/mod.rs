//! Row expressions of definitions, such as `dep_delay_mean_3h / nullif(dep_delay_mean_1d, 0)`: SQL text, parsed once
//! into a checked program that computes a cell from a row, offline and at request by the same code.

mod evaluate;
mod functions;
mod parse;
mod program;

pub use crate::data::Kind;
pub use evaluate::evaluate_columns;
pub use program::Program;
