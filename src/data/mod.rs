//! Versions of datasets: scanning, recording, comparing, restoring, contracts, and reading tables.
//!
//! - `scan`, `manifest`: what lies in the workspace, and the list that names a version
//! - `add`, `register`, `status`, `checkout`, `diff`: what is done with versions; `version`: which one a reference means
//! - `contracts`: what must hold before a version is recorded
//! - `table`, `file_scan`, `csv`, `jsonl`, `parquet`: files as tables; `sql` over them; `output`: writing them
//! - `guard`: Polars' errors and panics as ours
//! - `kind`, `value`, `column`, `frame`: types, cells and typed columns in memory; `builder`: a column made cell by cell; `cells`: rows of a
//!   request; `convert`,
//!   `columns`: from and to tables; `keys`: 16 bytes that name a row

mod add;
mod builder;
mod cells;
mod checkout;
mod column;
mod columns;
mod content;
mod contracts;
mod convert;
mod csv;
mod diff;
mod file_scan;
mod format;
mod frame;
mod guard;
mod jsonl;
mod keys;
mod kind;
mod manifest;
mod output;
mod parquet;
mod register;
mod scan;
mod sql;
mod status;
mod table;
mod value;
mod version;

pub use add::{AddOptions, AddOutcome, Added, add};
pub use builder::ColumnBuilder;
pub use cells::{Cell, Cells, ColumnsOfCells, RecordsOfCells, TableOfCells, TextSpan, Texts};
pub use checkout::{CheckedOut, CheckoutOutcome, checkout};
pub use column::Column;
pub use columns::{Columns, columns_of};
pub use content::{TableContent, TableFile};
pub use contracts::{CheckOutcome, ValidateOutcome, validate};
pub use convert::{column_from, column_named, column_to, frame_from};
pub use diff::{DiffOutcome, diff};
pub use frame::Frame;
pub use guard::{collect, from_polars, panics_become_errors};
pub use keys::{Key, key_of_values, row_keys};
pub use kind::{Family, Kind};
pub use manifest::{FileEntry, Manifest};
pub use output::{OutputFile, encode};
pub use sql::{sql, sql_condition};
pub use status::{DatasetState, DatasetStatus, StatusOutcome, status};
pub use table::{Table, open_files, read_file};
pub use value::{OwnedValue, Value, time_of};
pub use version::{current_version, head_commit, manifest_of, read_table, read_table_hashed, resolve, table_of};
