//! Versions of datasets: scanning, recording, comparing, restoring, contracts, and reading tables.

mod add;
mod checkout;
mod contracts;
mod csv;
mod diff;
mod frame;
mod jsonl;
mod keys;
mod manifest;
mod parquet;
mod register;
mod scan;
mod status;
mod table;
mod version;

pub use add::{AddOptions, AddOutcome, Added, add};
pub use checkout::{CheckedOut, CheckoutOutcome, checkout};
pub use contracts::{CheckOutcome, ValidateOutcome, check_contracts, validate};
pub use diff::{DiffOutcome, diff};
pub use frame::{Column, Frame, Value, column_from, frame_from, time_of};
pub use keys::{Key, key_of_values, row_keys};
pub use manifest::{FileEntry, Manifest};
pub use scan::{Scan, scan};
pub use status::{DatasetStatus, StatusOutcome, status};
pub use table::{
    OutputFile, Table, TableFile, collect, encode, kind_name, open_files, panics_become_errors, read_file, read_table,
    read_table_hashed, sql, sql_condition,
};
pub use version::{current_version, head_commit, manifest_of, resolve, table_of};
