//! The online store: for each view and key the newest rows, in `.mlops/features/online.db`.
//!
//! Invariants: rows of a key are replaced as one blob in one transaction; a filling of an older window never removes
//! newer rows; a view whose definition changed is refilled from nothing. Readers in other processes go on meanwhile.
//!
//! - `database`: its tables; `rows`: the rows of a key as a blob
//! - `lookup`: reading, with a memory of what was read
//! - `fill`: writing; `materialize`: which views, up to when
//! - `get`: features by name, for people

mod database;
mod fill;
mod get;
mod lookup;
mod materialize;
mod rows;

pub use get::{OnlineValue, get_online};
pub use lookup::{OnlineEntity, OnlineStore};
pub use materialize::{MaterializeOutcome, Materialized, materialize};
