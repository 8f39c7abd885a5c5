//! The feature store: views over data, the point-in-time join, windows, training sets, the online store.
//!
//! - [`expression`]: row expressions, compiled
//! - `compiled_view`: what a view computes of a key's rows as of a time; joins and the online store use this one function
//! - `lookup_status`: what a look-up came by: a row, none, or one that is too old
//! - `view_identity`: what a view means, as a hash
//! - `window`: the statistics of a column over a time before the row
//! - `events`: a view's rows in order of key and time
//! - `view_rows`: from a definition to its rows, through datasets and SQL
//! - `join`: the point-in-time join of many rows
//! - `feature_plan`: which columns and views a set's `features` mean
//! - `table_features`: such a plan carried out over a table; `request`: over the rows of a request, with the online store
//! - `label`: labels as a task and numbers
//! - `set`: training sets
//! - `online`: the online store
//! - `apply`: what changed in the definitions since they were applied, and applying them
//!
//! For example, the view `weather` has `ttl = "3h"`, `columns = ["temp"]` and the window `wind_mean_2h`, and the data
//!
//! | origin | time | temp | wind |
//! | --- | --- | --- | --- |
//! | JFK | 06:00 | 41.0 | 10 |
//! | JFK | 07:00 | 42.8 | 14 |
//!
//! Joined to flights from JFK, or looked up for a request, these are the features at three times: only rows known by then count.
//!
//! | as of | `weather__temp` | `weather__wind_mean_2h` | status |
//! | --- | --- | --- | --- |
//! | 06:59 | 41.0 | 10 | `PRESENT` |
//! | 07:30 | 42.8 | 12 | `PRESENT` |
//! | 10:30 | null | null | `OUTSIDE_MAX_AGE` |

pub mod expression;

mod apply;
mod compiled_view;
mod events;
mod feature_plan;
mod join;
mod label;
mod lookup_status;
mod online;
mod request;
mod set;
mod table_features;
mod view_identity;
mod view_rows;
mod window;

pub use apply::{PlanAction, PlanEntry, PlanOutcome, apply, plan};
pub use compiled_view::{CompiledView, ViewShape};
pub use feature_plan::{FeaturePlan, Input, Used};
pub use join::JoinReport;
pub use label::{Labels, encode as encode_labels, encode_with as encode_labels_with};
pub use lookup_status::{LackingViews, LookupStatus, Lookups};
pub use online::{
    MaterializeOutcome, Materialized, OnlineEntity, OnlineStore, OnlineValue, get_online, materialize, stale_views,
};
pub use request::RequestPlan;
pub use set::{JoinedTable, Part, SetOptions, TrainingSet, build_set, join_table, load_set, newest_example, set_table};
pub use table_features::score_frame;
pub use view_rows::{Loaded, load_view, used_datasets};
pub use window::WindowShape;
