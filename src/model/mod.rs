//! Models: the bundle a run makes, scoring with it, and the training run that makes one.
//!
//! - `signature`: what a model predicts; `answer`: what it says of a row
//! - `bundle`: manifest and tensors, as blobs
//! - `scorer`: a loaded bundle that predicts: tables at once, or the rows of a request
//! - `recipe`: a recipe, checked; `train`: a run from recipe to bundle; `fitting`: the fits of a run; `run_values`: what it writes
//!   down beside the bundle
//! - `kept_predictions`, `evaluation_record`, `recorded_definitions`: the files that a run keeps for whoever judges it later: what its
//!   model said of rows it had not learned from, how sure its metrics are, and the definitions it was trained by
//! - `tuning`: calibration and threshold, chosen by rows that the model did not see
//! - `learning_curve`: the recipe on a growing share of its rows
//! - `killed_runs`: runs whose process ended before they did
//! - `predict`: batch prediction; `explain`: how much each feature moves an answer
//!
//! For example, the run of a recipe with `model = "logistic"` on the numbers `distance` and `weather__temp` leaves a bundle whose
//! manifest says
//!
//! | part | of this bundle |
//! | --- | --- |
//! | `signature` | task `binary`, label `dep_delay > 15`, classes `0` and `1`, threshold 0.5 |
//! | `features` | the inputs `distance` and `origin`, the view `weather` with `temp` |
//! | `preparation` | `impute` and `scale` of both columns |
//! | `tensors` | two weights, one intercept, in a blob of their own |
//!
//! and a row that scores 0.62 is answered by `{"probability": 0.62, "prediction": "1"}`, in a table as in a reply.

mod answer;
mod bundle;
mod evaluation_record;
mod explain;
mod fitting;
mod kept_predictions;
mod killed_runs;
mod learning_curve;
mod predict;
mod recipe;
mod recorded_definitions;
mod run_values;
mod scorer;
mod signature;
mod train;
mod tuning;

pub use answer::{Answer, Predicted, set_text};
pub use bundle::{Bundle, Lineage, load, save, tensor_blob};
pub use evaluation_record::{EvaluationRecord, MetricInterval, evaluation_of};
pub use explain::{ExplainedRow, Explanation, add_explanations, explain_table, mean_contributions};
pub use fitting::Trial;
pub use kept_predictions::{KeptPart, KeptRows, MOST_NUMBERS, predictions_of};
pub use killed_runs::{killed_runs, mark_killed_runs};
pub use learning_curve::{LearningPoint, learning_curve};
pub use predict::{PredictOutcome, add_predictions, predict_table};
pub use recipe::Recipe;
pub use recorded_definitions::{RecordedDefinitions, definitions_of, environment, environment_of};
pub use scorer::{Scored, Scorer, UsedFeatures};
pub use signature::{OutputColumn, Signature};
pub use train::{TrainOptions, TrainOutcome, train, trials_of};
