//! Serving: the HTTP server and a client.
//!
//! - `server`: start, runtime, shutdown
//! - `listen`: accepting connections, within limits of time and number
//! - `routes`: paths, bounds; `token`: who may come in; `reply`: bodies and errors
//! - `request`: rows of a request, whatever their shape
//! - `invocations`: MLflow's scoring protocol
//! - `inference`: the Open Inference Protocol, version 2
//! - `answer`: scoring the rows, logging them, then replying
//! - `deployed`: what serves and what served
//! - `metrics`: numbers for Prometheus
//! - `client`: sending a table's rows to a server

mod answer;
mod client;
mod deployed;
mod inference;
mod invocations;
mod listen;
mod metrics;
mod reply;
mod request;
mod routes;
mod server;
mod token;

pub use client::{ClientOptions, RowAnswer, predict_url};
pub use deployed::{Deployed, deployed};
pub use server::{ServeOptions, serve};
pub use token::Token;
