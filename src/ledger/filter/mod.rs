//! MLflow's filter of runs, compiled to SQL with parameters: the one grammar of the command line and of every interface.
//!
//! ```text
//! filter     := nothing | condition ( [and] condition )*
//! condition  := field OPERATOR value | field [not] in (text, …) | field is [not] null
//! field      := [entity .] key          entity: metrics, params, tags, attributes (the default), datasets
//! key        := plain | `any text` | "any text"
//! value      := number | 'text' | "text"
//! order      := field [asc | desc]
//! ```
//!
//! - `cursor`: the text as it is read, and errors that name the place
//! - `field`: what a condition can be about
//! - `parse`: from text to conditions, each checked against its field
//! - `compile`: from conditions to SQL
//! - `order`: what runs are sorted by
//!
//! For example, `metrics.auc > 0.8 and params.model = 'boosting'` becomes
//!
//! ```sql
//! EXISTS (SELECT 1 FROM latest_metric AS m WHERE m.run = run.id AND m.key = ?1 AND m.is_nan = 0 AND m.value > ?2)
//! AND EXISTS (SELECT 1 FROM run_param AS t WHERE t.run = run.id AND t.key = ?3 AND t.value = ?4)
//! ```
//!
//! with the parameters `auc`, 0.8, `model` and `boosting`: no text of a filter ever becomes part of a statement.
//!
//! What differs from MLflow: a NaN fulfils no comparison of numbers (there it is taken for 0), and a status is compared
//! without regard to case.

mod compile;
mod cursor;
mod field;
mod order;
mod parse;
#[cfg(test)]
mod tests;

pub(super) use compile::CompiledFilter;
pub use order::{Direction, Order};
pub use parse::Filter;
