//! Keeping `.mlops` in order: what must be there, and whether it is.
//!
//! - `roots`: every content that the ledger, `mlops.lock` and models name. What is not a root could be removed
//! - `fsck`: every blob against its hash, every root against the blobs, the lock file against the ledger
//!
//! For example, the version `loans@1` is the root of its manifest and of each file that the manifest lists; when the blob of
//! `loans.csv` has a flipped bit, `fsck` says "dataset loans@1: loans.csv is damaged".

mod fsck;
mod roots;

pub use fsck::{Damage, FsckOutcome, fsck};
pub use roots::{Role, Root, Roots, Unread, roots};
