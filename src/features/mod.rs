//! The feature store: views over data, the point-in-time join, windows, training sets, the online store.
//!
//! - [`expression`]: row expressions, compiled
//! - `shape`: a view as it computes: columns, windows, derived features, and the one function that computes them
//! - `events`: a view's rows in order of key and time
//! - `source`: from a definition to its rows, through datasets and SQL
//! - `join`: the point-in-time join of many rows
//! - `resolve`: which columns and views a set's `features` mean
//! - `batch`: what they mean, carried out over a table; `request`: over the rows of a request, with the online store
//! - `label`: labels as a task and numbers
//! - `set`: training sets
//! - `online`: the online store
//! - `plan`: what changed in the definitions since they were applied

pub mod expression;

mod batch;
mod events;
mod join;
mod label;
mod online;
mod plan;
mod request;
mod resolve;
mod set;
mod shape;
mod source;

pub use batch::score_frame;
pub use join::JoinReport;
pub use label::{Labels, encode as encode_labels};
pub use online::{MaterializeOutcome, Materialized, OnlineEntity, OnlineStore, OnlineValue, get_online, materialize};
pub use plan::{PlanAction, PlanEntry, PlanOutcome, apply, plan};
pub use request::RequestPlan;
pub use resolve::{FeaturePlan, Input, Used};
pub use set::{JoinedTable, Part, SetOptions, TrainingSet, build_set, join_table, load_set, set_table};
pub use shape::{CompiledView, LookupStatus, ViewShape, WindowShape};
pub use source::{Loaded, load_view, used_datasets};
