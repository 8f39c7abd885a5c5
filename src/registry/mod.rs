//! Registered models: names, versions, aliases, and what a reference to a model means.
//!
//! - `resolve`: from a reference to a bundle or a run
//! - `register`: a run's model gets a name and a version
//! - `alias`: names that move from version to version
//!
//! For example, after `mlops model register late delay --alias champion` and a second registration of another run as `delay`:
//!
//! | reference | means |
//! | --- | --- |
//! | `delay` | delay@1, the champion |
//! | `delay@latest`, `delay@2` | delay@2 |
//! | `delay@champion` | delay@1, until `mlops model alias delay champion delay@2` moves it |
//! | `late` | the model of the newest finished run of the recipe `late` |
//! | `06ddd3` | the bundle whose hash begins so |

mod alias;
mod register;
mod resolve;

pub use alias::{AliasOutcome, set_alias};
pub use register::{RegisterOutcome, register};
pub use resolve::{CHAMPION, Resolved, find_run, only_champion, open, resolve};
