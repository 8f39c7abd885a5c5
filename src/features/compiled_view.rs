//! A feature view as it computes: which columns it keeps, which windows and expressions it makes of them. A shape is
//! data: it lies in a model's bundle and in the online store. [`CompiledView::compute`] is the only code that computes a
//! feature, offline and online.
//!
//! Rules: the newest row with `t - ttl <= event_time <= t`, ties by newest created time, then by last row; a row
//! created after `t` is not yet known (unless `as_of = "event"`); windows take rows with `t - over < event_time <= t`.
//! Sums run in order of event time, so offline and online give the same bits.

use super::events::EventSlice;
use super::expression::{Kind, Program};
use super::lookup_status::LookupStatus;
use super::view_identity::{rows_hash, value_hash};
use super::window::{WindowShape, aggregate, window_shapes};
use crate::data::Value;
use crate::error::{Error, Result};
use crate::project::{Agg, AsOf, Definitions, FeatureDef, Name};
use crate::store::Hash;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// What a view computes, without where its rows come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ViewShape {
    /// The view.
    pub name: Name,
    /// The hash of what decides the values of its features.
    pub definition: Hash,
    /// The hash of what decides its rows.
    pub rows: Hash,
    /// The entity's key columns and their types in the view: rows of another type never match, so they are refused.
    pub keys: Vec<(String, Kind)>,
    /// How old the newest row may be, microseconds.
    pub ttl: Option<i64>,
    /// Whether a row counts only from its created time on.
    pub as_of_created: bool,
    /// Columns kept of each row. The first `latest` are features themselves; windows read any.
    pub columns: Vec<(String, Kind)>,
    /// How many of the columns are features.
    pub latest: usize,
    /// The aggregates over windows.
    pub windows: Vec<WindowShape>,
    /// Derived features in an order in which each reads only earlier ones: name, expression.
    pub derive: Vec<(String, String)>,
}

/// A shape with its expressions compiled.
#[derive(Debug, Clone)]
pub struct CompiledView {
    /// The shape.
    pub shape: ViewShape,
    programs: Vec<Program>,
    outputs: Vec<(String, Kind)>,
}

impl ViewShape {
    /// The shape of a definition over a source whose columns are known.
    pub fn new(definitions: &Definitions, name: &Name, view: &FeatureDef, source: &[(String, Kind)]) -> Result<Self> {
        let entity = definitions.entity(&view.entity)?;
        let kind_of = |column: &str| {
            let found = source.iter().find(|(n, _)| n == column);
            found
                .map(|(_, k)| *k)
                .ok_or_else(|| Error::unknown("column", column, source.iter().map(|(n, _)| n.as_str())))
        };
        let mut columns = Vec::new();
        for column in &view.columns {
            columns.push((column.clone(), kind_of(column)?));
        }
        let latest = columns.len();
        let windows = window_shapes(view, kind_of, &mut columns)?;
        let mut shape = ViewShape {
            name: name.clone(),
            definition: value_hash(definitions, name, view)?,
            rows: rows_hash(definitions, name, view)?,
            keys: entity.keys.iter().map(|key| Ok((key.clone(), kind_of(key)?))).collect::<Result<_>>()?,
            ttl: view.ttl.as_ref().map(|t| t.micros()),
            as_of_created: view.created_time.is_some() && view.as_of != Some(AsOf::Event),
            columns,
            latest,
            windows,
            derive: Vec::new(),
        };
        shape.derive = ordered(&view.derive, &shape.plain_outputs());
        shape.compile()?;
        Ok(shape)
    }

    /// The columns and types of what is stored of a row: `station text | temp float, sky text`. They are those of the data,
    /// which may change while the definition stays.
    pub fn stored_columns(&self) -> String {
        let list = |columns: &[(String, Kind)]| {
            let texts: Vec<String> = columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
            texts.join(", ")
        };
        format!("{} | {}", list(&self.keys), list(&self.columns))
    }

    /// The types of stored columns that this text says; none if they are not this shape's. Whole numbers are taken for other numbers: a
    /// column of a CSV file may have only such for a while.
    pub fn stored_kinds(&self, text: &str) -> Option<Vec<Kind>> {
        let keys: Vec<String> = self.keys.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
        let mut rest = text.strip_prefix(&format!("{} | ", keys.join(", ")))?;
        let mut kinds = Vec::with_capacity(self.columns.len());
        for (at, (name, kind)) in self.columns.iter().enumerate() {
            rest =
                rest.strip_prefix(if at == 0 { "" } else { ", " })?.strip_prefix(name.as_str())?.strip_prefix(' ')?;
            let stored = [*kind, Kind::Integer].into_iter().find(|stored| {
                let after = rest.strip_prefix(stored.to_string().as_str());
                let fits = stored == kind || *kind == Kind::Float;
                fits && after.is_some_and(|after| after.is_empty() || after.starts_with(", "))
            })?;
            rest = rest.strip_prefix(stored.to_string().as_str())?;
            kinds.push(stored);
        }
        rest.is_empty().then_some(kinds)
    }

    fn plain_outputs(&self) -> Vec<(String, Kind)> {
        let latest = self.columns.iter().take(self.latest).cloned();
        latest
            .chain(
                self.windows
                    .iter()
                    .map(|w| (w.name.clone(), if w.agg == Agg::Count { Kind::Integer } else { Kind::Float })),
            )
            .collect()
    }

    /// The first of a key's rows that lookups at `from` or later can need: the newest known by then and all after it,
    /// and what lies in the longest window.
    pub fn first_needed(&self, events: &EventSlice, from: i64) -> usize {
        let known = |at: &usize| !self.as_of_created || events.created(*at) <= from;
        let newest = (0..events.times.partition_point(|t| *t <= from)).rev().find(known).unwrap_or(0);
        let longest = self.windows.iter().map(|w| w.micros).max().unwrap_or(0);
        newest.min(events.times.partition_point(|t| *t <= from.saturating_sub(longest)))
    }

    /// Compiles the expressions; an error for a shape, read from a bundle or the online store, that does not fit
    /// together.
    pub fn compile(&self) -> Result<CompiledView> {
        if self.latest > self.columns.len()
            || self.windows.iter().any(|w| w.slot >= self.columns.len() || w.micros <= 0)
        {
            return Err(Error::corrupt(format!("view \"{}\" has a shape that does not fit together", self.name)));
        }
        let mut outputs = self.plain_outputs();
        let mut programs = Vec::new();
        for (name, text) in &self.derive {
            let program =
                Program::parse(text, &outputs).map_err(|e| e.at(format!("view {} derive {name}", self.name)))?;
            outputs.push((name.clone(), program.kind()));
            programs.push(program);
        }
        if let Some((name, _)) =
            outputs.iter().enumerate().find(|(i, (n, _))| outputs[..*i].iter().any(|(m, _)| m == n)).map(|(_, o)| o)
        {
            return Err(Error::invalid(format!("view \"{}\" has two features called \"{name}\"", self.name)));
        }
        Ok(CompiledView { shape: self.clone(), programs, outputs })
    }
}

/// Expressions in an order in which each reads only what comes before it. Expressions that read each other in a circle
/// come last, where parsing reports the column that is not known yet.
pub(super) fn ordered(derive: &BTreeMap<String, String>, known: &[(String, Kind)]) -> Vec<(String, String)> {
    let mut ready: HashSet<&str> = known.iter().map(|(n, _)| n.as_str()).collect();
    let read = |text: &String| Program::names(text).into_iter().filter(|n| derive.contains_key(n)).collect::<Vec<_>>();
    let mut open: Vec<_> = derive.iter().map(|(name, text)| (name, text, read(text))).collect();
    let mut done: Vec<(String, String)> = Vec::new();
    while !open.is_empty() {
        let at = open.iter().position(|(_, _, read)| read.iter().all(|n| ready.contains(n.as_str()))).unwrap_or(0);
        let (name, text, _) = open.remove(at);
        ready.insert(name);
        done.push((name.clone(), text.clone()));
    }
    done
}

impl CompiledView {
    /// The features, in order: latest columns, windows, derived.
    pub fn outputs(&self) -> &[(String, Kind)] {
        &self.outputs
    }

    /// The features of one key as known at `t`, pushed to `out` in the order of [`CompiledView::outputs`].
    pub fn compute<'a>(&'a self, events: Option<EventSlice<'a>>, t: i64, out: &mut Vec<Value<'a>>) -> LookupStatus {
        let start = out.len();
        let status = match events {
            Some(events) => self.plain(&events, t, out),
            None => {
                out.resize(start + self.shape.latest, Value::Null);
                let empty = |w: &WindowShape| if w.agg == Agg::Count { Value::Integer(0) } else { Value::Null };
                out.extend(self.shape.windows.iter().map(empty));
                LookupStatus::NotFound
            }
        };
        for program in &self.programs {
            let value = program.evaluate(&out[start..]);
            out.push(value);
        }
        status
    }

    fn plain<'a>(&'a self, events: &EventSlice<'a>, t: i64, out: &mut Vec<Value<'a>>) -> LookupStatus {
        let shape = &self.shape;
        let end = events.times.partition_point(|time| *time <= t);
        let known = |at: usize| !shape.as_of_created || events.created(at) <= t;
        let newest = (0..end).rev().find(|at| known(*at));
        let fresh = newest.filter(|at| shape.ttl.is_none_or(|ttl| events.times[*at] >= t.saturating_sub(ttl)));
        for slot in 0..shape.latest {
            out.push(fresh.map_or(Value::Null, |at| events.value(slot, at)));
        }
        let mut any = false;
        for window in &shape.windows {
            let begin = events.times.partition_point(|time| *time <= t.saturating_sub(window.micros));
            any |= (begin..end).any(known);
            // Texts and times are only counted.
            let numbers = (begin..end).filter(|at| known(*at)).map(|at| match events.value(window.slot, at) {
                Value::Text(_) | Value::Time(_) | Value::Vector(_) => 0.0,
                number => number.as_number(),
            });
            let value = Value::number(aggregate(window.agg, numbers.filter(|x| !x.is_nan())));
            out.push(if window.agg == Agg::Count { value.among(Kind::Integer) } else { value });
        }
        // Columns have an age, windows have rows.
        let has_features = if shape.latest == 0 { any } else { fresh.is_some() };
        match newest {
            None => LookupStatus::NotFound,
            Some(_) if has_features => LookupStatus::Present,
            Some(_) => LookupStatus::OutsideMaxAge,
        }
    }
}
