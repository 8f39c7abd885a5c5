//! Every command, driven through the real binary in a temporary folder: one module a group of commands.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod checkout;
mod completions;
mod data;
mod evaluation;
mod explain;
mod feature;
mod fsck;
mod guides;
mod help;
mod init;
mod keys;
mod lineage;
mod logging;
mod man;
mod model;
mod monitor;
mod preparation;
mod reference;
mod retrain;
mod run;
mod serve;
mod status;
mod tasks;
mod train;
mod views_of_models;
