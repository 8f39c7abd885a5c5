//! Training sets: the spine's rows, their features as known at each row's time, the label and the part. A set's hash
//! is made of its definition, the versions of its data and the seed: equal inputs are joined once.
//!
//! - `sources`: what a set is made of
//! - `set_hash`: the hash of that
//! - `build`: joining it; `training_set`: what comes out
//! - `split`: which rows are learned from, and which judge; `split_keys`: what a split by hash hashes
//! - `stored`: a joined set as a table, kept and read again
//! - `table`: the same features for the rows of a file
//!
//! For example, the set `delay` over the spine `flights` with `label = "dep_delay > 15"`, the features `distance` and
//! `weather:temp` and a split by time from 2013-03-01 on is kept as a table:
//!
//! | `distance` | `weather__temp` | `__label` | `__time` | `__split` |
//! | --- | --- | --- | --- | --- |
//! | 1400 | 39.02 | false | 2013-01-01T10:00:00Z | `train` |
//! | 762 | 41.0 | true | 2013-03-02T08:00:00Z | `test` |

mod build;
mod set_hash;
mod sources;
mod split;
mod split_keys;
mod stored;
mod table;
mod training_set;

pub use build::{build_set, newest_example};
pub use split::Part;
pub use stored::{load_set, set_table};
pub use table::{JoinedTable, join_table};
pub use training_set::{SetOptions, TrainingSet};
