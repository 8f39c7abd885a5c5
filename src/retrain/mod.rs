//! Closing the loop: is it time to retrain, and has the challenger earned the champion's place?
//!
//! - `plan`: a retraining's definition, checked; `operation`: the order of things
//! - `decide`: the triggers; `compare`: champion against challenger, and the gate; `release`: register and promote

mod compare;
mod decide;
mod operation;
mod outcome;
mod plan;
mod release;

pub use decide::{Reason, Trigger};
pub use operation::{RetrainOptions, retrain};
pub use outcome::{ModelSide, RetrainDecision, RetrainOutcome};
pub use plan::RetrainPlan;
