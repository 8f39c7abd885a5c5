//! Batch prediction: a table in, the same table with probability and class out. Features of views are joined offline,
//! as of each row's time.

use super::scorer::Scorer;
use crate::data::from_polars;
use crate::error::Result;
use crate::features::score_frame;
use crate::ledger::Ledger;
use crate::progress::Progress;
use crate::project::Project;
use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};
use serde::Serialize;

/// What was predicted.
#[derive(Debug, Serialize)]
pub struct PredictOutcome {
    /// Rows.
    pub rows: usize,
    /// The file written.
    pub output: String,
}

/// The table with `probability` and `prediction` added.
pub fn predict_table(
    project: &Project,
    ledger: &Ledger,
    scorer: &Scorer,
    table: &DataFrame,
    progress: &Progress,
) -> Result<DataFrame> {
    let (frame, _) = score_frame(project, ledger, &scorer.bundle.features, table, progress)?;
    let scores = scorer.score_frame(&frame)?;
    let answers: Vec<_> = scores.into_iter().map(|p| (None, p, scorer.class(p).to_owned())).collect();
    add_predictions(table, &answers)
}

/// An answer: the prediction's id if it was logged, the probability, the class.
pub type Answered = (Option<String>, f64, String);

/// The table with `prediction_id` (where there are ids), `probability` and `prediction` added.
pub fn add_predictions(table: &DataFrame, answers: &[Answered]) -> Result<DataFrame> {
    let mut columns = Vec::new();
    if answers.iter().any(|(id, _, _)| id.is_some()) {
        let ids: Vec<Option<&str>> = answers.iter().map(|(id, _, _)| id.as_deref()).collect();
        columns.push(Series::new("prediction_id".into(), ids).into_column());
    }
    columns.push(
        Series::new("probability".into(), answers.iter().map(|(_, p, _)| *p).collect::<Vec<f64>>()).into_column(),
    );
    columns.push(
        Series::new("prediction".into(), answers.iter().map(|(_, _, c)| c.as_str()).collect::<Vec<_>>()).into_column(),
    );
    let mut out = table.clone();
    for column in columns {
        out.with_column(column).map_err(from_polars)?;
    }
    Ok(out)
}
