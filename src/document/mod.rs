//! A result as headings, facts, a verdict, tables and pictures, and the four ways it is written.
//!
//! - `blocks`: what a [`Document`] holds, as plain data; [`plot`]: the pictures in it
//! - `plain_text`: for a terminal; `markdown`: for a pull request or a CI job's summary; `html`: one page that needs nothing
//!   else; `junit`: the checks alone, as a CI system reads them
//! - `escape`: how a text stays text in each of them
//!
//! A document with the verdict "1 of 2 columns drifted" and a table of the columns `temp` and `dest` reads on a terminal
//!
//! ```text
//! flights · delay
//!
//! ▲ 1 of 2 columns drifted
//!
//! Drift
//! column   score  verdict
//! temp    1.8651  drifted
//! dest      0.02  stable
//! ```
//!
//! and for a CI system `<testcase classname="drift" name="temp"><failure …/>`, `<testcase classname="drift" name="dest"/>`.

pub mod plot;

mod blocks;
pub mod escape;
mod html;
mod junit;
mod markdown;
mod plain_text;

pub use blocks::{
    Block, Details, Document, Figure, Mark, Phrase, Section, TableBlock, TableCell, TableColumn, TestCase, TestResult,
    Verdict,
};

#[cfg(test)]
mod tests;
