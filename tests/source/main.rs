//! What holds for the source itself: which room may use which, that a name means one thing, that documents name files that are
//! there, and that every test file is part of a test binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod floors;
mod named_files;
mod names;
mod test_files;
