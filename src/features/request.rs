//! From the rows of a request to a model's features: the columns it brings, features of views from the online store as of each
//! row's time, expressions. Few rows go one by one, many as columns; both by the same arithmetic, so they give the same bits.

use super::compiled_view::CompiledView;
use super::expression::{Program, evaluate_columns};
use super::feature_plan::FeaturePlan;
use super::lookup_status::{LookupStatus, Lookups};
use super::online::{OnlineEntity, OnlineStore};
use crate::data::{Cells, Column, Frame, Key, Kind, Value, key_of_values, time_of};
use crate::error::{Error, Result};
use rayon::prelude::*;
use std::sync::Arc;

/// A feature plan made ready for requests. Shared between threads.
pub struct RequestPlan {
    plan: FeaturePlan,
    /// What expressions can read, in order: inputs, features of views, expressions.
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

/// Rows that one task computes the features of views for.
const ROWS_AT_ONCE: usize = 512;

impl RequestPlan {
    /// Compiles a plan.
    pub fn new(plan: FeaturePlan) -> Result<Self> {
        let slots = plan.slots()?;
        let mut views = Vec::new();
        let mut start = plan.inputs.len();
        for used in &plan.views {
            let view = used.shape.compile()?;
            let outputs =
                used.chosen.iter().filter_map(|name| view.outputs().iter().position(|(n, _)| n == name)).collect();
            views.push(ViewSlots { view, start, outputs });
            start += used.chosen.len();
        }
        let mut programs = Vec::new();
        for (at, (_, text)) in plan.derive.iter().enumerate() {
            programs.push(Program::parse(text, &slots[..start + at])?);
        }
        let mut order = Vec::new();
        for feature in &plan.features {
            let slot = slots.iter().position(|(n, _)| *n == feature.name);
            order.push(slot.ok_or_else(|| Error::corrupt(format!("feature \"{}\" comes from nowhere", feature.name)))?);
        }
        Ok(RequestPlan { plan, slots, views, programs, order })
    }

    /// The plan.
    pub fn plan(&self) -> &FeaturePlan {
        &self.plan
    }

    /// Columns a request may bring: inputs, keys, the time.
    pub fn columns(&self) -> Vec<String> {
        self.plan.columns()
    }

    /// The type that a column of this name is taken as, be it an input or a view's key; none of one that nothing reads.
    pub fn kind_of(&self, name: &str) -> Option<Kind> {
        let keys = self.views.iter().flat_map(|view| &view.view.shape.keys);
        self.slots.iter().chain(keys).find(|(known, _)| known == name).map(|(_, kind)| *kind)
    }

    /// The look-ups of a request, before its first row.
    pub fn no_lookups(&self) -> Lookups {
        Lookups::new(self.views.iter().map(|view| &view.view.shape.name))
    }

    /// Gives the features of one row, in the plan's order, to `work`. Features of views come from the online store as of the
    /// row's time (`now` without one), unless the request brings `VIEW__FEATURE`; what became of that is added to `lookups`.
    pub fn with_row<T>(
        &self,
        rows: &Cells,
        row: usize,
        online: Option<&OnlineStore>,
        now: i64,
        lookups: &mut Lookups,
        work: impl FnOnce(&[Value]) -> T,
    ) -> Result<T> {
        let mut values: Vec<Value> = vec![Value::Null; self.slots.len()];
        for (at, input) in self.plan.inputs.iter().enumerate() {
            let column = rows.find(&input.name, at).ok_or_else(|| self.missing(&input.name))?;
            values[at] = rows.typed(row, column, input.kind)?.ok_or_else(|| self.missing(&input.name))?;
        }
        let time = self.time(rows, row, self.time_column(rows), now)?;
        let mut entities: Vec<Option<Arc<OnlineEntity>>> = Vec::with_capacity(self.views.len());
        for view in &self.views {
            let key = key_of(rows, row, &self.key_columns(rows, view)?)?;
            entities.push(match (online, key) {
                (Some(online), Some(key)) => online.entity(&view.view.shape, &key)?,
                _ => None,
            });
        }
        let mut looked_up: Vec<Value> = Vec::new();
        for (which, (view, entity)) in self.views.iter().zip(&entities).enumerate() {
            looked_up.clear();
            let status = look_up(view, entity.as_deref(), time, &mut looked_up);
            let mut all_brought = true;
            for (at, output) in view.outputs.iter().enumerate() {
                let slot = view.start + at;
                let (name, kind) = &self.slots[slot];
                let brought = rows.find(name, usize::MAX).map(|column| rows.typed(row, column, *kind)).transpose()?;
                all_brought &= brought.flatten().is_some();
                values[slot] = brought.flatten().unwrap_or(looked_up[*output]);
            }
            lookups.push(which, if all_brought { LookupStatus::Present } else { status });
        }
        let derived = self.slots.len() - self.programs.len();
        for (at, program) in self.programs.iter().enumerate() {
            values[derived + at] = program.evaluate(&values[..derived + at]);
        }
        let features: Vec<Value> = self.order.iter().map(|slot| values[*slot]).collect();
        Ok(work(&features))
    }

    /// The features of all rows as columns, in the plan's order, and what the look-ups came by.
    pub fn frame(&self, rows: &Cells, online: Option<&OnlineStore>, now: i64) -> Result<(Frame, Lookups)> {
        let mut columns: Vec<Column> = Vec::with_capacity(self.slots.len());
        for (at, input) in self.plan.inputs.iter().enumerate() {
            let column = rows.find(&input.name, at).filter(|_| rows.rows() > 0);
            columns.push(match column {
                Some(column) => rows.typed_column(column, input.kind, || Err(self.missing(&input.name)))?,
                None if rows.rows() == 0 => Column::nulls(input.kind, 0),
                None => return Err(rows.at_row(self.missing(&input.name), 0)),
            });
        }
        let time_column = self.time_column(rows);
        let time = |row: usize| self.time(rows, row, time_column, now).map_err(|e| rows.at_row(e, row));
        let times = (0..rows.rows()).map(time).collect::<Result<Vec<i64>>>()?;
        let mut lookups = self.no_lookups();
        for (which, view) in self.views.iter().enumerate() {
            let (of_view, statuses) = self.view_columns(rows, view, online, &times)?;
            columns.extend(of_view);
            statuses.into_iter().for_each(|status| lookups.push(which, status));
        }
        for program in &self.programs {
            let slots: Vec<&Column> = columns.iter().collect();
            columns.push(evaluate_columns(program, &slots, rows.rows()));
        }
        let mut columns: Vec<Option<Column>> = columns.into_iter().map(Some).collect();
        let named = self.plan.features.iter().zip(&self.order).map(|(feature, slot)| {
            let column = columns.get_mut(*slot).and_then(Option::take);
            let column = column.ok_or_else(|| Error::corrupt(format!("feature \"{}\" is there twice", feature.name)));
            Ok((feature.name.clone(), column?))
        });
        Ok((Frame::new(named.collect::<Result<Vec<_>>>()?)?, lookups))
    }

    /// The chosen features of a view, a column each, and what the look-up of each row came by.
    fn view_columns(
        &self,
        rows: &Cells,
        view: &ViewSlots,
        online: Option<&OnlineStore>,
        times: &[i64],
    ) -> Result<(Vec<Column>, Vec<LookupStatus>)> {
        let parts = self.key_columns(rows, view).map_err(|e| if rows.rows() > 0 { rows.at_row(e, 0) } else { e })?;
        let slots = (0..view.outputs.len()).map(|at| &self.slots[view.start + at]);
        let brought: Vec<_> = slots.map(|(name, kind)| (rows.find(name, usize::MAX), *kind)).collect();
        let all_brought = all_brought(rows, &brought);
        let key = |row: usize| key_of(rows, row, &parts).map_err(|e| rows.at_row(e, row));
        let mut keys = (0..rows.rows()).map(key).collect::<Result<Vec<Option<Key>>>>()?;
        // Nothing of these rows is looked up.
        keys.iter_mut().zip(&all_brought).filter(|(_, all)| **all).for_each(|(key, _)| *key = None);
        let entities = match online {
            Some(online) => online.entities(&view.view.shape, &keys)?,
            None => vec![None; keys.len()],
        };
        let width = view.view.outputs().len();
        let mut looked_up = vec![Value::Null; width * rows.rows()];
        let mut statuses = vec![LookupStatus::Present; rows.rows()];
        if width > 0 {
            let tasks = looked_up.par_chunks_mut(ROWS_AT_ONCE * width).zip(statuses.par_chunks_mut(ROWS_AT_ONCE));
            tasks.enumerate().for_each(|(task, (cells, statuses))| {
                let mut values = Vec::with_capacity(width);
                for (at, (cells, status)) in cells.chunks_exact_mut(width).zip(statuses).enumerate() {
                    let row = task * ROWS_AT_ONCE + at;
                    values.clear();
                    *status = look_up(view, entities[row].as_deref(), times[row], &mut values);
                    cells.copy_from_slice(&values);
                }
            });
        }
        let ready = statuses.iter_mut().zip(all_brought).filter(|(_, all)| *all);
        ready.for_each(|(status, _)| *status = LookupStatus::Present);
        let column = |((brought, kind), output): (&(Option<usize>, Kind), &usize)| {
            rows.column_of(*kind, |row| {
                let given = brought.map(|column| rows.typed(row, column, *kind)).transpose()?;
                Ok(given.flatten().unwrap_or(looked_up[row * width + output]))
            })
        };
        Ok((brought.iter().zip(&view.outputs).map(column).collect::<Result<_>>()?, statuses))
    }

    fn time_column(&self, rows: &Cells) -> Option<usize> {
        self.plan.event_time.as_deref().and_then(|name| rows.find(name, usize::MAX))
    }

    /// The time of a row, or `now` if it brings none.
    fn time(&self, rows: &Cells, row: usize, column: Option<usize>, now: i64) -> Result<i64> {
        let Some(value) = column.map(|column| rows.value(row, column)).transpose()?.flatten() else { return Ok(now) };
        Ok(time_of(value)?.unwrap_or(now))
    }

    /// Where the parts of a view's key are, with the types that the view has them in. Without one nothing could be looked up, so it is
    /// refused, unless the rows bring the view's features themselves.
    fn key_columns(&self, rows: &Cells, view: &ViewSlots) -> Result<Vec<(Option<usize>, Kind)>> {
        let keys = view.view.shape.keys.iter();
        let parts: Vec<_> = keys.map(|(name, kind)| (rows.find(name, usize::MAX), *kind)).collect();
        let lacking = parts.iter().position(|(column, _)| column.is_none()).filter(|_| rows.rows() > 0);
        if let Some((name, _)) = lacking.and_then(|at| view.view.shape.keys.get(at)) {
            let mut slots = (0..view.outputs.len()).filter_map(|at| self.slots.get(view.start + at));
            if !slots.all(|(feature, _)| rows.find(feature, usize::MAX).is_some()) {
                return Err(self.missing(name));
            }
        }
        Ok(parts)
    }

    fn missing(&self, name: &str) -> Error {
        self.plan.missing(name)
    }
}

/// For each row whether it brings a value in all of these columns.
fn all_brought(rows: &Cells, columns: &[(Option<usize>, Kind)]) -> Vec<bool> {
    if columns.iter().any(|(column, _)| column.is_none()) {
        return vec![false; rows.rows()];
    }
    let given = |row: usize, (column, kind): &(Option<usize>, Kind)| {
        column.is_some_and(|column| matches!(rows.typed(row, column, *kind), Ok(Some(_))))
    };
    (0..rows.rows()).map(|row| columns.iter().all(|column| given(row, column))).collect()
}

/// The features of a view as known at `time`; those of a key that nobody knows without an entity.
fn look_up<'a>(
    view: &'a ViewSlots,
    entity: Option<&'a OnlineEntity>,
    time: i64,
    out: &mut Vec<Value<'a>>,
) -> LookupStatus {
    match entity {
        Some(entity) => entity.compute(&view.view, time, out),
        None => view.view.compute(None, time, out),
    }
}

/// The key of a row; none where a part is missing. A part of another type than the view's is refused: it could never match.
fn key_of(rows: &Cells, row: usize, parts: &[(Option<usize>, Kind)]) -> Result<Option<Key>> {
    let mut values = Vec::with_capacity(parts.len());
    for (column, kind) in parts {
        let value = column.map(|column| rows.typed_key(row, column, *kind)).transpose()?.flatten();
        values.push(value.unwrap_or(Value::Null));
    }
    Ok(key_of_values(values))
}
