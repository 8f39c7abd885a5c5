//! Crashes, full disks, damage and hostile input: what must hold on a bad day, driven through the real binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod bad_days;
mod crash;
mod damaged;
mod hostile_bundles;
mod hostile_clients;
mod hostile_clone;
mod hostile_databases;
mod hostile_log;
mod hostile_names;
mod hostile_pages;
mod hostile_requests;
mod hostile_servers;
mod hostile_tables;
mod oversized;
