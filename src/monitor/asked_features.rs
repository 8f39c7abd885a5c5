//! What was asked of a model: the features of its logged predictions, as columns typed as the model takes them. They are made
//! while the log is read, one record at a time.

use super::watched_model::{Watched, WatchedModel, Window};
use crate::data::{ColumnBuilder, Frame, Kind, Value};
use crate::error::{self, Result};
use crate::features::{Input, LookupStatus};
use crate::predictions;
use crate::predictions::{Record, Unreadable};
use crate::progress::Progress;
use crate::project::{Name, Project, parse_time};
use std::collections::BTreeMap;
use std::fmt;

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
    let mut unusable = Unreadable::default();
    let mut lookups: BTreeMap<String, BTreeMap<LookupStatus, u64>> = BTreeMap::new();
    let mut outcome = predictions::read(project, &model.query(deployment, window), progress, |record| {
        let misfit =
            features.iter().enumerate().find(|(at, feature)| !fits(value_of(record, *at, &feature.name), feature.kind));
        if let Some((_, feature)) = misfit {
            unusable.note(format_args!("prediction {}", record.id), Misfit(feature));
            return Ok(());
        }
        if let Err(e) = model.bundle.signature.numbers(std::iter::once(&record.outputs)) {
            unusable.note(format_args!("prediction {}", record.id), e.message());
            return Ok(());
        }
        for (view, status) in &record.lookups {
            *lookups.entry(view.to_string()).or_default().entry(*status).or_default() += 1;
        }
        for (at, (feature, column)) in features.iter().zip(&mut columns).enumerate() {
            column.push(value_of(record, at, &feature.name));
        }
        Ok(())
    })?;
    outcome.unreadable = outcome.unreadable.and(unusable);
    let named = features.iter().zip(columns).map(|(feature, column)| Ok((feature.name.clone(), column.finish()?)));
    let frame = Frame::new(named.collect::<Result<Vec<_>>>()?)?;
    Ok((frame, Watched { lookups, ..model.watched(outcome) }))
}

/// What is wrong with a record whose feature is of another type than the model's.
struct Misfit<'a>(&'a Input);

impl fmt::Display for Misfit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "its feature {} is no {}", error::quoted(&self.0.name), self.0.kind)
    }
}

/// Whether a logged value can be one of a feature of this type. A whole number beyond 64 bits and a time are logged as texts.
fn fits(value: Value, kind: Kind) -> bool {
    match (kind, value) {
        (_, Value::Null) | (Kind::Text, Value::Text(_)) | (Kind::Vector, Value::Vector(_)) => true,
        (Kind::Boolean, value) => matches!(value.among(Kind::Boolean), Value::Boolean(_)),
        (Kind::Integer, Value::Text(text)) => text.parse::<i128>().is_ok(),
        (Kind::Time, Value::Text(text)) => parse_time(text).is_ok(),
        (Kind::Integer | Kind::Float, Value::Boolean(_) | Value::Integer(_) | Value::Float(_)) => true,
        _ => false,
    }
}

/// A feature of a record, which stands in its place if the record was written by this model.
fn value_of<'a>(record: &'a Record, at: usize, name: &str) -> Value<'a> {
    let in_place = record.features.get(at).filter(|(found, _)| found == name);
    let found = in_place.or_else(|| record.features.iter().find(|(found, _)| found == name));
    found.map_or(Value::Null, |(_, cell)| cell.value())
}
