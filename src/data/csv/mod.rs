//! CSV files (RFC 4180, UTF-8), read twice: once to check every row and find each column's type, once to make columns of the cells.
//! Both times blocks of whole rows are worked on in parallel. A file that is not well-formed is refused with row, line and column.
//!
//! - `cells`: rows and cells of a text, one after the other
//! - `blocks`: a file in pieces of whole rows
//! - `words`: what one cell looks like: a whole number, a time, a missing value, …
//! - `form`: what is known of a file before it is read: the keys of its dataset
//! - `decoded`: a file in another encoding
//! - `separator`: which character stands between the cells
//! - `scan`: the first reading: faults, names, types
//! - `recognise`: what the files of a new dataset show of how they are written
//! - `read`: the second reading: columns
//! - `request`: the rows of a request
//! - `write`: a table as CSV
//!
//! For example, the file `day;fare;zip⏎2024-03-01;7,5;02134⏎NA;12;10115⏎` has the separator `;` and the decimal sign `,`. `day` is a
//! date and missing in row 2, `fare` is the floats 7.5 and 12, and `zip` is text: a number is not written with a zero in front.

mod blocks;
mod cells;
mod decoded;
mod form;
mod read;
mod recognise;
mod request;
mod scan;
mod separator;
#[cfg(test)]
mod tests;
mod words;
mod write;

pub(super) use blocks::without_mark;
pub use form::KnownForm;
pub(super) use read::read;
pub(super) use recognise::recognise;
pub use request::cells_from_csv;
pub(super) use scan::{CsvFile, scan};
pub(super) use write::write;
