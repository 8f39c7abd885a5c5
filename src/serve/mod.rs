//! Serving: the HTTP server and a client.
//!
//! - `lifecycle`: start and end; `options`: what it is told; `server`: what all requests share; `listen`: accepting connections, `connection_places` for them,
//!   `patient_stream`s that end when their client takes nothing
//! - `deployment`: a name, and the model that answers under it; `served_model`: that model, with the names its answers are logged under;
//!   `predictor`: all that the rest of the server knows of it
//! - `follow`: a moved alias brings another model; `deployment_record`: what serves and what served, in the ledger
//! - `access`: who may ask, by the head of a request; `limits`: how many, how large, how long; `token`: what clients may have to send
//! - `routes`: which deployment and which dialect a path means
//! - `dialect`: the protocols, one file each; `body`: bodies read within bounds, JSON into the cells of a batch
//! - `answer_rows`: predicting the rows of a request and logging them; `reply`: what replies of all dialects have in common
//! - `metrics`: numbers for Prometheus
//! - `client`: sending a table's rows to a server
//!
//! For example, `mlops serve delay@champion other` is one server with the deployments `delay` and `other`. A request to
//! `/invocations` is in MLflow's dialect and means `delay`, the first; one to `/v2/models/other/infer` is in that of the Open
//! Inference Protocol and means `other`. When `champion` moves from `delay@1` to `delay@2`, the deployment `delay` of the next request has the
//! model `delay@2`; a request in flight ends with `delay@1`, and each line of the log names the one that answered.

mod access;
mod answer_rows;
mod body;
mod client;
mod connection_places;
mod deployment;
mod deployment_record;
mod dialect;
mod follow;
mod lifecycle;
mod limits;
mod listen;
mod metrics;
mod options;
mod patient_stream;
mod predictor;
mod reply;
mod routes;
mod served_model;
mod server;
mod token;

pub use client::{ClientOptions, RowAnswer, predict_url, read_as_at};
pub use deployment_record::{Deployed, DeploymentState, deployed};
pub use lifecycle::serve;
pub use options::{ModelToServe, ServeOptions};
pub use token::Token;
