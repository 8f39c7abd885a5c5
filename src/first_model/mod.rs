//! From a table to a registered model in one command: what the table shows decides task, features and split, all of it is written
//! to `mlops.toml` as anybody would write it, and the best of several learners is registered.
//!
//! - `table_facts`: what is known of each column; `guess`: what follows from it; `learners`: the learners that are tried; `tables`: all of it as text of
//!   `mlops.toml`
//! - `leaderboard`: training each recipe and comparing it with a model that knows the target's average alone; `alone`: how far one column comes
//! - `train_file`: the steps in order
//!
//! For example, `iris.csv` has 150 rows of four numbers and the text `species`, which has three values:
//!
//! | question | answer |
//! | --- | --- |
//! | task | `multiclass`: `species` is a text with 3 values |
//! | features | the four numbers |
//! | split | a fifth of the rows is for the test, by a hash of its other columns: no column names a row, none is a time |
//! | recipes | `iris-logistic`, `iris-tree`, `iris-forest`, `iris-boosting`, `iris-boosting-small`, five folds each |
//! | registered | `iris@1`, the one of them whose log loss on the folds is smaller |

mod alone;
mod guess;
mod leaderboard;
mod learners;
mod table_facts;
mod tables;
mod train_file;

pub use guess::LeftOut;
pub use leaderboard::LeaderboardRow;
pub use train_file::{FirstModelOptions, FirstModelOutcome, train_file};
