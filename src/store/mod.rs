//! Content by its BLAKE3 hash: the blobs of a project, and the one way files are written.
//!
//! - `hash`: the name of a content
//! - `blobs`: put, read, open, has, state, delete, list: all that the rest of the program knows of blobs
//! - `state`: whether a content is here, elsewhere or damaged, and what the errors say
//! - `blob_batch`: many blobs for the price of one sync; `inventory`: every blob, checked
//! - `blob_files`: blobs as files under `objects/`, which is known to this room only
//! - `plain_files`: files and folders opened without following links
//! - `copy`: copying while hashing; `atomic`: replacing a file in one step; `line_files`: appending lines
//!
//! For example, the content `id,x\n1,10\n` has a hash that begins `06ddd3…`. `store.put` writes it to a temporary file, syncs
//! it and renames it to `objects/06/ddd3…`; `store.read` gives the bytes back and checks them against the hash; a flipped bit
//! makes its state `Damaged`, and a hash that `mlops.lock` names and that was never brought here is `Elsewhere`.

mod atomic;
mod blob_batch;
mod blob_files;
mod blobs;
mod copy;
mod hash;
mod inventory;
mod line_files;
mod plain_files;
mod state;
#[cfg(test)]
mod tests;

pub use atomic::{replace_unsynced, sync_dir, write_atomic};
pub use blob_batch::Batch;
pub use blobs::{Blob, Store, Swept, TemporaryFolder};
pub use copy::Stored;
pub use hash::Hash;
pub use inventory::Inventory;
pub use line_files::append_lines;
pub use plain_files::{append_plain, open_plain, plain_database, plain_folder, read_plain, read_short_plain};
pub use state::BlobState;
