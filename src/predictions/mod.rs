//! What was asked and answered, and what came out: the prediction log, the labels that come late, and the one reader of
//! both. `serve` writes here; `monitor`, `retrain` and `lineage` read.
//!
//! - `logged_line`, `record`: one logged prediction, as it is written and as it is read
//! - `writer`: appending a server's answers, durably
//! - `segments`: the files of a deployment, one for each day and server; `summary`: what a finished one holds
//! - `query`: which predictions are asked for; `reader`: reading them one at a time; `line_reader`: the lines of a file
//! - `label_log`: late labels, by prediction id
//! - `find`: one prediction by its id
//!
//! For example, the deployment `delay` was served by two servers on the last day of March and by one of them on the next:
//!
//! ```text
//! .mlops/predictions/delay/2013-03-31.6a0716f7dcd2941a.jsonl           3,000 lines, one a prediction
//! .mlops/predictions/delay/2013-03-31.6a0716f7dcd2941a.summary.json    its rows, times and models, made when first read
//! .mlops/predictions/delay/2013-03-31.91c2d0e5aa108f37.jsonl           another server's
//! .mlops/predictions/delay/2013-04-01.6a0716f7dcd2941a.jsonl           being written
//! .mlops/predictions/delay/labels                                      one line a label, by prediction id
//! ```
//!
//! A query for rows of April opens only the third file if both summaries say that no row of March's files is of April.

mod find;
mod label_log;
mod line_reader;
mod logged_line;
mod query;
mod reader;
mod record;
mod segments;
mod summary;
#[cfg(test)]
mod tests;
mod writer;

pub use find::{LoggedPrediction, find};
pub use label_log::{Label, LateLabels, append_labels};
pub use logged_line::{Line, LoggedValue, PredictionId, PredictionStatus};
pub use query::{Query, WhichModel};
pub use reader::{ReadOutcome, Unreadable, UnreadableLine, count, read};
pub use record::{LoggedCell, Record};
pub use segments::deployments;
pub use writer::Writer;
