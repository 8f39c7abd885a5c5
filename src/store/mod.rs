//! Content by its BLAKE3 hash: the blobs under `.mlops/objects`, and the one way files are written.

mod atomic;
mod hash;
mod objects;

pub use atomic::{append_lines, sync_dir, whole_lines, write_atomic};
pub use hash::Hash;
pub use objects::{Batch, Store, Stored};
