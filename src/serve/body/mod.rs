//! Bodies read into the cells of a batch, without a tree of values in between: `json` lists, records and columns of cells. `bounded` reads
//! a body's bytes.

pub(super) mod bounded;
pub(super) mod json;

/// Most rows of a request: their log lines are held in memory until all are answered.
pub(super) const MOST_ROWS: usize = 100_000;
