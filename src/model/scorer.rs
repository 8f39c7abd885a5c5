//! A bundle made ready to predict: a request's columns and looked-up features → expressions → preparation →
//! answer. One row goes through the same arithmetic as a table.

use super::answer::Answer;
use super::bundle::Bundle;
use crate::data::{Family, Frame, Key, Kind, Value, key_of_values, time_of};
use crate::error::{Error, Result};
use crate::features::expression::Program;
use crate::features::{CompiledView, OnlineEntity, OnlineStore};
use crate::learn::Predictions;
use crate::prep::Prepared;
use std::sync::Arc;

/// A loaded model with its expressions and preparation compiled. Shared between threads.
pub struct Scorer {
    /// The bundle.
    pub bundle: Bundle,
    prepared: Prepared,
    slots: Vec<(String, Kind)>,
    views: Vec<ViewSlots>,
    programs: Vec<Program>,
    /// Feature → slot.
    order: Vec<usize>,
}

struct ViewSlots {
    view: CompiledView,
    /// Where the view's chosen features begin among the slots, and which of its outputs they are.
    start: usize,
    outputs: Vec<usize>,
}

/// A row's answer.
#[derive(Debug, Clone)]
pub struct Scored {
    /// The model's answer.
    pub answer: Answer,
    /// The features as used, in order.
    pub features: Vec<serde_json::Value>,
}

impl Scorer {
    /// Compiles a bundle.
    pub fn new(bundle: Bundle) -> Result<Self> {
        let slots = bundle.features.slots()?;
        let mut views = Vec::new();
        let mut start = bundle.features.inputs.len();
        for used in &bundle.features.views {
            let view = used.shape.compile()?;
            let outputs =
                used.chosen.iter().filter_map(|name| view.outputs().iter().position(|(n, _)| n == name)).collect();
            views.push(ViewSlots { view, start, outputs });
            start += used.chosen.len();
        }
        let mut programs = Vec::new();
        for (at, (_, text)) in bundle.features.derive.iter().enumerate() {
            programs.push(Program::parse(text, &slots[..start + at])?);
        }
        let mut order = Vec::new();
        for feature in &bundle.features.features {
            let slot = slots.iter().position(|(n, _)| *n == feature.name);
            order.push(slot.ok_or_else(|| {
                Error::corrupt(format!("feature \"{}\" is neither an input, nor of a view, nor derived", feature.name))
            })?);
        }
        let features: Vec<_> = bundle.features.features.iter().map(|f| (f.name.clone(), f.kind)).collect();
        let prepared = bundle.preparation.prepare(&features)?;
        Ok(Scorer { bundle, prepared, slots, views, programs, order })
    }

    /// Predictions of a frame that has the model's features.
    pub fn score_frame(&self, frame: &Frame) -> Result<Predictions> {
        Ok(self.bundle.fitted.predict(&self.prepared.matrix(frame)?))
    }

    /// Columns a request may bring: inputs, keys, the time.
    pub fn request_columns(&self) -> Vec<String> {
        let plan = &self.bundle.features;
        let mut names: Vec<String> = plan.inputs.iter().map(|i| i.name.clone()).collect();
        names.extend(plan.keys().into_iter().filter(|k| !plan.inputs.iter().any(|i| i.name == *k)));
        names.extend(plan.event_time.clone().filter(|t| !names.contains(t)));
        names
    }

    /// Whether the model takes the values of this column as texts.
    pub fn takes_text(&self, name: &str) -> bool {
        self.slots.iter().any(|(slot, kind)| slot == name && *kind == Kind::Text)
    }

    /// Answers one request. Features of views come from the online store as of the request's time (`now` without one),
    /// unless the request brings `VIEW__FEATURE`.
    pub fn score_row(&self, row: &dyn Row, online: Option<&OnlineStore>, now: i64) -> Result<Scored> {
        let plan = &self.bundle.features;
        let mut values: Vec<Value> = vec![Value::Null; self.slots.len()];
        for (at, input) in plan.inputs.iter().enumerate() {
            let value = row.get(&input.name)?;
            let value = value.ok_or_else(|| {
                Error::invalid(format!("column \"{}\" is missing", input.name)).hint(format!(
                    "the model takes {}; a value may be null, but the column must be there",
                    self.request_columns().join(", ")
                ))
            })?;
            values[at] = typed(value, input.kind, &input.name)?;
        }
        let time = match plan.event_time.as_deref().map(|t| row.get(t)).transpose()?.flatten() {
            Some(value) => time_of(value)?.unwrap_or(now),
            None => now,
        };
        let mut entities: Vec<Option<Arc<OnlineEntity>>> = Vec::with_capacity(self.views.len());
        for view in &self.views {
            entities.push(self.entity(view, row, online)?);
        }
        let mut looked_up: Vec<Value> = Vec::new();
        for (view, entity) in self.views.iter().zip(&entities) {
            looked_up.clear();
            match entity {
                Some(entity) => entity.compute(&view.view, time, &mut looked_up),
                None => view.view.compute(None, time, &mut looked_up),
            };
            for (at, output) in view.outputs.iter().enumerate() {
                let slot = view.start + at;
                let (name, kind) = &self.slots[slot];
                values[slot] = match row.get(name)? {
                    Some(given) => typed(given, *kind, name)?,
                    None => looked_up[*output],
                };
            }
        }
        let derived = self.slots.len() - self.programs.len();
        for (at, program) in self.programs.iter().enumerate() {
            values[derived + at] = program.evaluate(&values[..derived + at]);
        }
        let features: Vec<Value> = self.order.iter().map(|slot| values[*slot]).collect();
        let mut numbers = Vec::with_capacity(self.prepared.width());
        self.prepared.row(&features, &mut numbers);
        let mut outputs = vec![0.0; self.bundle.fitted.outputs()];
        self.bundle.fitted.predict_row(&numbers, &mut outputs);
        Ok(Scored {
            answer: self.bundle.signature.answer(&outputs),
            features: features.into_iter().map(Value::to_json).collect(),
        })
    }

    fn entity(
        &self,
        view: &ViewSlots,
        row: &dyn Row,
        online: Option<&OnlineStore>,
    ) -> Result<Option<Arc<OnlineEntity>>> {
        let Some(online) = online else { return Ok(None) };
        let mut parts = Vec::with_capacity(view.view.shape.keys.len());
        for name in &view.view.shape.keys {
            parts.push(row.get(name)?.unwrap_or(Value::Null));
        }
        let key: Option<Key> = key_of_values(parts);
        key.map_or(Ok(None), |key| online.entity(&view.view.shape, &key))
    }
}

/// One row of a request.
pub trait Row {
    /// The value of a column; none if the request does not have it.
    fn get(&self, name: &str) -> Result<Option<Value<'_>>>;
}

impl Row for serde_json::Map<String, serde_json::Value> {
    fn get(&self, name: &str) -> Result<Option<Value<'_>>> {
        let cell = serde_json::Map::get(self, name);
        cell.map(|v| Value::from_json(v).map_err(|e| e.at(format!("column \"{name}\"")))).transpose()
    }
}

/// The cell as the model takes it.
fn typed<'a>(value: Value<'a>, kind: Kind, name: &str) -> Result<Value<'a>> {
    match (kind.family(), value.family()) {
        (_, None) => Ok(Value::Null),
        (expected, Some(found)) if expected == found => Ok(value.among(kind)),
        (Family::Time, Some(Family::Text)) => Ok(time_of(value)?.map_or(Value::Null, Value::Time)),
        (expected, Some(found)) => {
            let error = Error::invalid(format!("column \"{name}\": a {found} where a {expected} is expected"));
            Err(if let Value::Text(text) = value { error.hint(format!("it says {text:?}")) } else { error })
        }
    }
}
