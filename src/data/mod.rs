//! Versions of datasets: scanning, recording, comparing, restoring, contracts, and reading tables.
//!
//! - `workspace_files`, `path_pattern`, `manifest`: what lies in the workspace, which files a dataset's path means, and the list that names a version
//! - `add` (with `new_dataset`, a path that has no definition yet, and `schema_diff`, how columns changed), `status`, `diff`, `checkout`
//!   (with `checkout_guards`): what is done with versions; `version`: which one a reference means
//! - `contract_rules`: one rule as a condition of rows; `contracts`: rules over all files, among them those that need more than one row
//! - `table`: files as one table, with `table_files`, `format`, `lazy_file`, `csv`, `jsonl`, `parquet`
//! - `sql`: queries and conditions, with `query_bounds` and `plan_size` (what they may ask for), `row_expression` (conditions of one row),
//!   `time_literals`, and `sql_arithmetic` (where our SQL is not Polars'),
//!   `sql_refused` (what Polars would answer wrongly)
//! - `output`, `written_cell`: tables and cells as they are written
//! - `profile`, `association`, `profile_page`: what a table holds, column by column, how columns go together, and all of it as a page
//! - `polars_calls`: Polars' errors and panics as ours
//! - `kind`, `value`, `column`, `frame`: types, cells and typed columns in memory; `builder`: a column made cell by cell; `cells`:
//!   rows of a request; `convert`, `column_source`: from and to tables; `keys`: 16 bytes that name a row
//!
//! For example, `loans.csv` is edited between two commands:
//!
//! ```text
//! loans.csv    command                       what it does
//! id,amount    mlops data add loans.csv      writes a blob with the file, a manifest that lists it and a row of the ledger;
//! 1,2500                                     mlops.lock names the version loans@1
//! 2,900
//!
//! id,amount    mlops data status             loans: changed
//! 1,2500       mlops data add loans          the same for loans@2
//! 2,950        mlops data diff loans@1       1 row removed and 1 added; with `key = ["id"]` 1 changed, in `amount`
//! ```
//!
//! A reader of loans@1 gets a `Frame` of two columns of kind `Integer`, `[1, 2]` and `[2500, 900]`, from a blob that was checked
//! against its hash.

mod add;
mod association;
mod builder;
mod cells;
mod checkout;
mod checkout_guards;
mod column;
mod column_source;
mod contract_rules;
mod contracts;
mod convert;
mod csv;
mod diff;
mod format;
mod frame;
mod jsonl;
mod keys;
mod kind;
mod lazy_file;
mod manifest;
mod new_dataset;
mod output;
mod parquet;
mod path_pattern;
mod plan_size;
mod polars_calls;
mod profile;
mod profile_page;
mod query_bounds;
mod row_expression;
mod schema_diff;
mod sql;
mod sql_arithmetic;
mod sql_refused;
mod status;
mod table;
mod table_files;
mod time_literals;
mod value;
mod version;
mod workspace_files;
mod written_cell;

pub use add::{AddOptions, AddOutcome, Added, Additions, add, add_defined};
pub use association::TargetAssociation;
pub use builder::ColumnBuilder;
pub use cells::{Cell, Cells, ColumnsOfCells, RecordsOfCells, TableOfCells, TextSpan, Texts};
pub use checkout::{CheckedOut, CheckoutOutcome, checkout};
pub use column::Column;
pub use column_source::{Columns, columns_of};
pub use contracts::{CheckOutcome, ValidateOutcome, validate};
pub use convert::{column_from, column_named, column_of_any, column_to, frame_from};
pub use csv::{KnownForm, cells_from_csv};
pub use diff::{ColumnChange, DiffOutcome, diff};
pub use frame::Frame;
pub use jsonl::parse as parse_json_lines;
pub use keys::{Key, key_of_values, row_keys, typed_row_keys};
pub use kind::{Family, Kind};
pub use manifest::{FileEntry, Manifest};
pub use new_dataset::{register_path, table_of_new};
pub use output::{OutputFile, encode};
pub use polars_calls::{collect, exact_column, from_polars, inside_polars};
pub use profile::{ColumnProfile, DataProfile, profile_table};
pub use schema_diff::SchemaDiff;
pub use sql::{sql, sql_condition};
pub use status::{DatasetState, DatasetStatus, StatusOutcome, StatusProblem, status};
pub use table::{Table, open_files, read_file, without_nan};
pub use table_files::{TableContent, TableFile};
pub use value::{OwnedValue, Value, time_of};
pub use version::{
    ReadAs, current_version, dataset_of, manifest_of, owner_of, read_project_file, read_table, read_table_hashed,
    read_table_with, resolve, table_of,
};
