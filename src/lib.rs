//! The library behind the `mlops` binary: the machine-learning operations loop inside a git repository.
//!
//! Data flows downwards: a room uses the rooms below it and never one above (`tests/source/floors.rs` holds that).
//! Nothing here prints, reads the environment, exits or panics on input; `cli/` does the talking.

pub mod database;
pub mod error;
pub mod math;
pub mod nearest_name;
pub mod progress;

// What is kept: contents, definitions and what happened.
pub mod ledger;
pub mod project;
pub mod store;

// The loop's rooms, by name; their floors are in `tests/source/floors.rs` and docs/architecture.md.
pub mod check;
pub mod cli;
pub mod data;
pub mod document;
pub mod evaluation;
pub mod features;
pub mod first_model;
pub mod learn;
pub mod model;
pub mod monitor;
pub mod pipeline;
pub mod predictions;
pub mod prep;
pub mod registry;
pub mod retrain;
pub mod serve;
pub mod upkeep;
