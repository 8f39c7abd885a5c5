//! A plan carried out over a whole table: its input columns, the joined features of views, the expressions.

use super::events::times_of;
use super::expression::{Program, evaluate_columns};
use super::feature_plan::{FeaturePlan, Used};
use super::join::{JoinReport, join_frame};
use super::view_rows::{Loaded, load_view};
use crate::data::{Column, Frame, Kind, Value, column_from, column_named};
use crate::error::{self, Error, Result};
use crate::ledger::Ledger;
use crate::nearest_name;
use crate::progress::Progress;
use crate::project::{Project, now_micros};
use polars::prelude::DataFrame;
use std::collections::HashMap;

/// The features of rows, in the plan's order. A column called like a view's feature (`VIEW__FEATURE`) takes its place, as
/// in a request to a server.
pub(super) fn table_features(
    rows: &DataFrame,
    times: Option<&[i64]>,
    plan: &FeaturePlan,
    loaded: &[Loaded],
    progress: &Progress,
) -> Result<(Frame, Vec<JoinReport>)> {
    // In the order of the plan's slots, which is the order in which expressions read them.
    let mut columns =
        plan.inputs.iter().map(|input| typed(rows, &input.name, input.kind)).collect::<Result<Vec<Column>>>()?;
    let mut report = Vec::new();
    for used in &plan.views {
        let (found, joined) = view_features(rows, times, used, loaded, progress)?;
        columns.extend(found);
        report.extend(joined);
    }
    let slots = plan.slots()?;
    let known = slots.len() - plan.derive.len();
    for (at, (_, text)) in plan.derive.iter().enumerate() {
        let program = Program::parse(text, &slots[..known + at])?;
        let read: Vec<&Column> = columns.iter().collect();
        columns.push(evaluate_columns(&program, &read, rows.height()));
    }
    let mut places: HashMap<&str, Column> = slots.iter().map(|(name, _)| name.as_str()).zip(columns).collect();
    let features = plan.features.iter().map(|feature| {
        let column = places.remove(feature.name.as_str());
        let column = column.ok_or_else(|| Error::corrupt(format!("feature \"{}\" comes from nowhere", feature.name)));
        Ok((feature.name.clone(), column?))
    });
    Ok((Frame::new(features.collect::<Result<Vec<_>>>()?)?, report))
}

/// The chosen features of one view in their order: those the rows bring, the others joined.
fn view_features(
    rows: &DataFrame,
    times: Option<&[i64]>,
    used: &Used,
    loaded: &[Loaded],
    progress: &Progress,
) -> Result<(Vec<Column>, Option<JoinReport>)> {
    let (name, view) = (used.shape.name.as_str(), used.shape.compile()?);
    let (mut joined, mut report) = (HashMap::new(), None);
    if used.chosen.iter().any(|feature| !brings(rows, name, feature)) {
        let source = loaded.iter().find(|l| l.view.shape.name == used.shape.name);
        let source = source.ok_or_else(|| Error::not_found(format!("view \"{name}\" is not there")))?;
        if source.view.shape.rows != used.shape.rows {
            return Err(Error::conflict(format!("view \"{name}\" has other rows than when the model was trained"))
                .hint("bring the definition back in mlops.toml, or train the model anew"));
        }
        let step = progress.step(format!("joining {name}"), None);
        let found = join_frame(&view, &source.events, rows, times.unwrap_or_default(), &step)?;
        (joined, report) = (found.columns.into_iter().collect(), Some(found.report));
    }
    let kinds: HashMap<&str, Kind> = view.outputs().iter().map(|(feature, kind)| (feature.as_str(), *kind)).collect();
    let column = |feature: &String| match (brings(rows, name, feature), kinds.get(feature.as_str())) {
        (true, Some(kind)) => typed(rows, &format!("{name}__{feature}"), *kind),
        _ => {
            let none = || Error::corrupt(format!("view \"{name}\" has no feature \"{feature}\""));
            joined.remove(feature).ok_or_else(none)
        }
    };
    Ok((used.chosen.iter().map(column).collect::<Result<_>>()?, report))
}

fn brings(rows: &DataFrame, view: &str, feature: &str) -> bool {
    rows.column(&format!("{view}__{feature}")).is_ok()
}

/// A column of the type a plan expects; one without values fits any.
fn typed(rows: &DataFrame, name: &str, kind: Kind) -> Result<Column> {
    let column = column_from(column_named(rows, name)?)?;
    match column.kind() {
        found if found.family() == kind.family() => Ok(column),
        _ if column.cells().all(|cell| cell == Value::Null) => Ok(Column::nulls(kind, rows.height())),
        _ => Err(wrong_type(name, &column, kind)),
    }
}

/// Whether a text is no number, with a point or a comma before its decimals.
fn is_word(cell: Value) -> bool {
    matches!(cell, Value::Text(text) if text.trim().replace(',', ".").parse::<f64>().is_err())
}

/// Names the first row with a cell of another type than expected.
fn wrong_type(name: &str, column: &Column, kind: Kind) -> Error {
    let there = |row: &usize| column.get(*row) != Value::Null;
    let no_number = |row: &usize| matches!(column.get(*row), Value::Text(t) if t.trim().parse::<f64>().is_err());
    let row = (0..column.len()).find(no_number).filter(|_| kind.is_number());
    // Among numbers with decimal commas it is those with points that make texts of them.
    let with = |mark: char| {
        let is = |row: &usize| matches!(column.get(*row), Value::Text(t) if t.contains(mark) && t.trim().replace(',', ".").parse::<f64>().is_ok());
        (0..column.len()).find(is)
    };
    let row = match (with('.'), with(',')) {
        (Some(point), Some(_)) if kind.is_number() && (0..column.len()).all(|row| !is_word(column.get(row))) => {
            Some(point)
        }
        _ => row,
    };
    let row = row.or_else(|| (0..column.len()).find(there)).unwrap_or(0);
    let cell: String = column.get(row).to_json().to_string().chars().take(60).collect();
    let hint = match kind {
        Kind::Boolean | Kind::Integer | Kind::Float => "write numbers, or leave the cell empty",
        Kind::Text => {
            "the model learned from texts: JSON Lines and Parquet keep the digits of a text, CSV makes numbers of them"
        }
        Kind::Time => "write times as 2013-04-01T06:00:00Z",
        Kind::Vector => "give lists of numbers, as many in each row",
    };
    let found = format!("column \"{name}\" is {}, the model takes a {}", column.kind().family(), kind.family());
    Error::invalid(format!("{found}: row {} says {cell}", row + 1)).hint(hint)
}

/// The time of each row; a row without one is asked about now, as in a request.
fn times_or_now(rows: &DataFrame, name: &str) -> Result<Vec<i64>> {
    let now = now_micros();
    if rows.column(name).is_err() {
        return Ok(vec![now; rows.height()]);
    }
    let times = times_of(rows, name)?.into_iter();
    Ok(times.map(|time| if time == Column::NO_TIME { now } else { time }).collect())
}

/// The features of a plain table's rows, joined offline as of each row's time.
pub fn score_frame(
    project: &Project,
    ledger: &Ledger,
    plan: &FeaturePlan,
    rows: &DataFrame,
    progress: &Progress,
) -> Result<(Frame, Vec<JoinReport>)> {
    let joined = |used: &&Used| used.chosen.iter().any(|f| !brings(rows, used.shape.name.as_str(), f));
    let inputs = plan.inputs.iter().map(|input| &input.name);
    let keys = plan.views.iter().filter(joined).flat_map(|used| used.shape.keys.iter().map(|(key, _)| key));
    if let Some(missing) = inputs.chain(keys).find(|name| rows.column(name).is_err()) {
        let error = plan.missing(missing);
        let hint = error.hint_text().unwrap_or_default().to_owned();
        // A column that the model takes as another is not meant.
        let taken = plan.columns();
        let known = rows.get_column_names().into_iter().map(|name| name.as_str());
        let known: Vec<&str> = known.filter(|name| !taken.iter().any(|taken| taken == name)).collect();
        return Err(match nearest_name::nearest(missing, &known) {
            Some(near) => error.hint(format!("is it {}? {hint}", error::quoted(near))),
            None => error,
        });
    }
    let mut loaded = Vec::new();
    for used in plan.views.iter().filter(joined) {
        loaded.push(load_view(project, ledger, &used.shape.name)?);
    }
    let times = match &plan.event_time {
        Some(time) if !loaded.is_empty() => Some(times_or_now(rows, time)?),
        _ => None,
    };
    table_features(rows, times.as_deref(), plan, &loaded, progress)
}
