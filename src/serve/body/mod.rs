//! Bodies read into the cells of a batch, without a tree of values in between: `json` lists, records and columns of cells. `bounded` reads
//! a body's bytes.

pub(super) mod bounded;
pub(super) mod json;
