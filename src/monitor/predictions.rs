//! A deployment's logged predictions by their rows' own time: the row's event time, else when it was answered.

use crate::error::Result;
use crate::project::{Name, Project, parse_time};
use crate::serve::{Prediction, read};

/// The predictions of rows from `from` to before `to`, each with its row's time in microseconds.
pub(super) fn predictions_of(
    project: &Project,
    deployment: &Name,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<Vec<(i64, Prediction)>> {
    let timed = |p: Prediction| parse_time(p.time.as_deref().unwrap_or(&p.at)).map(|time| (time, p));
    let mut predictions = read(project, deployment, None, None)?.into_iter().map(timed).collect::<Result<Vec<_>>>()?;
    predictions.retain(|(time, _)| from.is_none_or(|from| *time >= from) && to.is_none_or(|to| *time < to));
    Ok(predictions)
}
