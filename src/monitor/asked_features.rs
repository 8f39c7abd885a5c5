//! What was asked of a model: the features of its logged predictions, as columns typed as the model takes them. They are made
//! while the log is read, one record at a time.

use super::watched_model::{Watched, WatchedModel, Window};
use crate::data::{ColumnBuilder, Frame, Value};
use crate::error::Result;
use crate::predictions;
use crate::predictions::Record;
use crate::progress::Progress;
use crate::project::{Name, Project};

/// The features that a model was asked with, one row a prediction.
pub(super) fn asked_features(
    project: &Project,
    deployment: &Name,
    model: &WatchedModel,
    window: Window,
    progress: &Progress,
) -> Result<(Frame, Watched)> {
    let features = &model.bundle.features.features;
    let mut columns: Vec<ColumnBuilder> = features.iter().map(|f| ColumnBuilder::new(f.kind)).collect();
    let outcome = predictions::read(project, &model.query(deployment, window), progress, |record| {
        for (at, (feature, column)) in features.iter().zip(&mut columns).enumerate() {
            column.push(value_of(record, at, &feature.name));
        }
        Ok(())
    })?;
    let named = features.iter().zip(columns).map(|(feature, column)| Ok((feature.name.clone(), column.finish()?)));
    let frame = Frame::new(named.collect::<Result<Vec<_>>>()?)?;
    Ok((frame, model.watched(outcome)))
}

/// A feature of a record, which stands in its place if the record was written by this model.
fn value_of<'a>(record: &'a Record, at: usize, name: &str) -> Value<'a> {
    let in_place = record.features.get(at).filter(|(found, _)| found == name);
    let found = in_place.or_else(|| record.features.iter().find(|(found, _)| found == name));
    found.map_or(Value::Null, |(_, cell)| cell.value())
}
