//! Training sets: the spine's rows, their features as known at each row's time, the label and the part. A set's hash
//! is made of its definition, the versions of its data and the seed: equal inputs are joined once.
//!
//! - `sources`: what a set is made of, and the hash of that
//! - `build`: joining it
//! - `split`: which rows are learned from, and which judge
//! - `stored`: a joined set as a table, kept and read again
//! - `table`: the same features for the rows of a file

mod build;
mod sources;
mod split;
mod stored;
mod table;
mod training_set;

pub use build::build_set;
pub use split::Part;
pub use stored::{load_set, set_table};
pub use table::{JoinedTable, join_table};
pub use training_set::{SetOptions, TrainingSet};
