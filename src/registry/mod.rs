//! Registered models: names, versions, aliases, and what a reference to a model means.
//!
//! - `resolve`: from a reference to a bundle or a run
//! - `register`: a run's model gets a name and a version
//! - `alias`: names that move from version to version

mod alias;
mod register;
mod resolve;

pub use alias::{AliasOutcome, set_alias};
pub use register::{RegisterOutcome, register};
pub use resolve::{CHAMPION, Resolved, find_run, open, resolve};
