//! The online store: for each view and key the newest rows, in `.mlops/features/online.db`.
//!
//! Invariants: rows of a key are replaced as one blob in one transaction; a filling of an older window never removes
//! newer rows; a view whose definition changed is refilled from nothing. Readers in other processes go on meanwhile.
//!
//! - `database`: its tables; `rows`: the rows of a key as a blob
//! - `lookup`: reading, with a memory of what was read
//! - `fill`: writing; `materialize`: which views, up to when
//! - `get`: features by name, for people
//!
//! For example, `mlops feature materialize` up to 07:00 writes for the view `weather` and the key `JFK` one blob with the rows of
//! 06:00 and 07:00. A request of 07:30 for `JFK` reads it once, computes `temp = 42.8` from it, and keeps the decoded rows for
//! the next request, until another process has written to the file.

mod database;
mod fill;
mod get;
mod lookup;
mod materialize;
mod rows;

pub use get::{OnlineValue, get_online};
pub use lookup::{OnlineEntity, OnlineStore};
pub use materialize::{MaterializeOutcome, Materialized, materialize, stale_views};
