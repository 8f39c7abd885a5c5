//! Rows as they come over a wire: cells of any type under names, before anyone knows which types a model takes. A cell takes 16
//! bytes, all texts lie in one buffer, and nothing is allocated for a value.
//!
//! - `cell`: one cell, and the buffer of the texts
//! - `rows`: all rows of a request, however they are laid out; typed columns of them
//! - `build`: making them, from rows of cells, from columns, or from records that name their cells
//!
//! For example, the two records `{"hour": 6, "carrier": "UA"}` and `{"carrier": null}` have the names `hour`, `carrier` and the texts
//! `UA`; in the second row `hour` is absent and `carrier` is null. As typed columns `carrier` is `["UA", null]`, and `hour` is an
//! error that names row 1, which lacks it.

mod build;
mod cell;
mod rows;
#[cfg(test)]
mod tests;

pub use build::{ColumnsOfCells, RecordsOfCells, TableOfCells};
pub use cell::{Cell, TextSpan, Texts};
pub use rows::Cells;
