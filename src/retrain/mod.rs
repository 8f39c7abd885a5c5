//! Closing the loop: is it time to retrain, and has the challenger earned the champion's place?
//!
//! - `plan`: a retraining's definition, checked; `operation`: the steps in order
//! - `triggers`: whether it is time; `compare`: champion against challenger; `gate`: which of them stays; `release`: register and promote
//! - `rehearsal`: a dry run changes nothing; `outcome`: what is said in the end
//!
//! For example, `[retrain.delay]` has `triggers = { new_rows = 1000 }`, `holdout = "7d"` and `gate = { metric = "auc", min_gain =
//! 0.002 }`, and 26,000 rows of April came in since the champion `delay@1` was trained:
//!
//! | step | outcome |
//! | --- | --- |
//! | triggers | `new_rows` fired: 26,000 of at least 1,000 |
//! | training | on all rows but those of the last 7 days of April |
//! | comparison, on those 7 days | `delay@1` 0.7121, challenger 0.7204 |
//! | gate | gained 0.0083; required is more than 0.002: `promote` |
//! | release | the challenger is `delay@2`, and `champion` points at it |

mod compare;
mod gate;
mod operation;
mod outcome;
mod plan;
mod rehearsal;
mod release;
mod triggers;

pub use operation::{RetrainOptions, retrain};
pub use outcome::{ModelSide, RetrainDecision, RetrainOutcome};
pub use plan::RetrainPlan;
pub use triggers::{Reason, Trigger};
