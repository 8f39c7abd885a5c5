//! Closing the loop: is it time to retrain, and has the challenger earned the champion's place?

mod decide;
mod operation;
mod release;

pub use decide::Reason;
pub use operation::{RetrainOptions, RetrainOutcome, Side, retrain};
