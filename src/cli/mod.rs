//! The command line: one file a command with its arguments, one function and its output. No logic: that is in the rooms.
//!
//! - `start`: from the arguments to the exit code; `command`: the tree of commands; `context`: what each is given
//! - `ui`: the only place that prints; `page_file`: where pages and pictures are written to
//! - one file a command, one folder a group: `mlops data add` is `data/add.rs`
//!
//! For example, `mlops data add loans.csv` is parsed into `DataCommand::Add`, whose `run` calls `data::add` with the project and
//! the arguments and hands the outcome to `Ui::print`. That writes it as a table,
//!
//! ```text
//! dataset         files  size  rows  hash
//! loans@1  added      1  23 B     2  …
//! ```
//!
//! or with `--json` as `{"datasets": [{"name": "loans", "version": 1, …}]}`. If a contract is broken `data::add` returns an error of
//! kind `Check`, which is printed to standard error with its hint, and the program exits with 1.

mod command;
mod completions;
mod context;
mod data;
mod feature;
mod fsck;
mod help;
mod init;
mod lineage;
mod log;
mod model;
mod monitor;
mod page_file;
mod predict;
mod retrain;
mod run;
mod serve;
mod start;
mod status;
mod train;
mod ui;

pub use command::{changes, tree};
pub use context::{Context, Outcome};
pub use start::main;
