//! How long work reports itself and learns that it should stop. The library only calls; `cli/ui.rs` draws.

use crate::error::{Error, Kind, Result};

/// A listener to long work. Calls come from any thread and must be cheap.
pub trait Progress: Sync {
    /// A new step begins; `total` is its number of units where it is known.
    fn start(&self, step: &str, total: Option<u64>);
    /// `units` more of the current step are done.
    fn advance(&self, units: u64);
    /// The current step is over.
    fn finish(&self);
    /// Whether the person asked to stop.
    fn interrupted(&self) -> bool {
        false
    }

    /// An error of kind `Interrupted` if the person asked to stop. Long loops call this often.
    fn check(&self) -> Result<()> {
        if self.interrupted() {
            return Err(Error::new(Kind::Interrupted, "interrupted; nothing was left half-done"));
        }
        Ok(())
    }
}

/// Nobody listens and nobody interrupts.
pub struct Quiet;

impl Progress for Quiet {
    fn start(&self, _: &str, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
}
