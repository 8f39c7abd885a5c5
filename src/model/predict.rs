//! Batch prediction: a table in, the same table with probability and class out. Features of views are joined offline,
//! as of each row's time.

use super::scorer::Scorer;
use crate::data::Column;
use crate::error::{Error, Result};
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
    /// The file written, if one was asked for.
    pub output: Option<String>,
}

/// The table with `probability` and `prediction` added.
pub fn predict_table(
    project: &Project,
    ledger: &Ledger,
    scorer: &Scorer,
    table: &DataFrame,
    progress: &dyn Progress,
) -> Result<DataFrame> {
    let (frame, _) = score_frame(project, ledger, &scorer.bundle.features, table, progress)?;
    let scores = scorer.score_frame(&frame)?;
    add_predictions(table, scorer, &scores)
}

fn add_predictions(table: &DataFrame, scorer: &Scorer, scores: &[f64]) -> Result<DataFrame> {
    let classes = Column::texts(scores.iter().map(|p| Some(scorer.class(*p))));
    let texts: Vec<Option<&str>> = (0..classes.len())
        .map(|row| match classes.get(row) {
            crate::data::Value::Text(t) => Some(t),
            _ => None,
        })
        .collect();
    let failed = |e: polars::prelude::PolarsError| Error::invalid(e.to_string());
    let mut out = table.clone();
    for column in [Series::new("probability".into(), scores).into_column(), Series::new("prediction".into(), texts).into_column()] {
        out.with_column(column).map_err(failed)?;
    }
    Ok(out)
}
