//! A plan carried out over a whole table: its input columns, the joined features of views, the expressions.

use super::events::time_column;
use super::expression::{Program, evaluate_columns};
use super::feature_plan::{FeaturePlan, Used};
use super::join::{JoinReport, add_to, join_frame};
use super::view_rows::{Loaded, load_view};
use crate::data::{Column, Frame, Kind, Value, column_from, column_named};
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::progress::Progress;
use crate::project::Project;
use polars::prelude::DataFrame;

/// The features of rows, in the plan's order. A column called like a view's feature (`VIEW__FEATURE`) takes its place, as
/// in a request to a server.
pub(super) fn table_features(
    rows: &DataFrame,
    times: Option<&[i64]>,
    plan: &FeaturePlan,
    loaded: &[Loaded],
    progress: &Progress,
) -> Result<(Frame, Vec<JoinReport>)> {
    let mut frame = Frame::default();
    for input in &plan.inputs {
        frame.set(&input.name, typed(rows, &input.name, input.kind)?)?;
    }
    let mut report = Vec::new();
    for used in &plan.views {
        report.extend(view_features(&mut frame, rows, times, used, loaded, progress)?);
    }
    let mut slots = plan.slots()?;
    slots.truncate(slots.len() - plan.derive.len());
    for (name, text) in &plan.derive {
        let program = Program::parse(text, &slots)?;
        let columns = slots.iter().map(|(n, _)| frame.column(n)).collect::<Result<Vec<_>>>()?;
        let value = evaluate_columns(&program, &columns, rows.height());
        frame.set(name, value)?;
        slots.push((name.clone(), program.kind()));
    }
    let order: Vec<String> = plan.features.iter().map(|f| f.name.clone()).collect();
    Ok((frame.select_columns(&order)?, report))
}

/// Adds the features of one view: those the rows bring, the others joined.
fn view_features(
    frame: &mut Frame,
    rows: &DataFrame,
    times: Option<&[i64]>,
    used: &Used,
    loaded: &[Loaded],
    progress: &Progress,
) -> Result<Option<JoinReport>> {
    let (name, view) = (used.shape.name.as_str(), used.shape.compile()?);
    let (brought, open): (Vec<String>, Vec<String>) =
        used.chosen.iter().cloned().partition(|feature| brings(rows, name, feature));
    for (feature, kind) in view.outputs().iter().filter(|(feature, _)| brought.contains(feature)) {
        let column = format!("{name}__{feature}");
        frame.set(&column, typed(rows, &column, *kind)?)?;
    }
    if open.is_empty() {
        return Ok(None);
    }
    let source = loaded.iter().find(|l| l.view.shape.name == used.shape.name);
    let source = source.ok_or_else(|| Error::not_found(format!("view \"{name}\" is not there")))?;
    let step = progress.step(format!("joining {name}"), None);
    let joined = join_frame(&view, &source.events, rows, times.unwrap_or_default(), &step)?;
    add_to(frame, name, joined, &open).map(Some)
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

/// Names the first row with a cell of another type than expected.
fn wrong_type(name: &str, column: &Column, kind: Kind) -> Error {
    let there = |row: &usize| column.get(*row) != Value::Null;
    let no_number = |row: &usize| matches!(column.get(*row), Value::Text(t) if t.trim().parse::<f64>().is_err());
    let row = (0..column.len()).find(no_number).filter(|_| kind.is_number());
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

/// The features of a plain table's rows, joined offline as of each row's time.
pub fn score_frame(
    project: &Project,
    ledger: &Ledger,
    plan: &FeaturePlan,
    rows: &DataFrame,
    progress: &Progress,
) -> Result<(Frame, Vec<JoinReport>)> {
    let joined = |used: &&Used| used.chosen.iter().any(|f| !brings(rows, used.shape.name.as_str(), f));
    let mut loaded = Vec::new();
    for used in plan.views.iter().filter(joined) {
        loaded.push(load_view(project, ledger, &used.shape.name)?);
    }
    let times = match &plan.event_time {
        Some(time) if !loaded.is_empty() => Some(time_column(rows, time)?),
        _ => None,
    };
    table_features(rows, times.as_deref(), plan, &loaded, progress)
}
