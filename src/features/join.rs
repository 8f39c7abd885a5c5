//! The point-in-time join: for each row its entity's features as known at the row's time. Exactly one output row for
//! each input row, in input order; missing is null.

use super::events::Events;
use super::expression::Kind;
use super::shape::{Compiled, Status};
use crate::data::{Column, Frame, Key, Value, row_keys};
use crate::error::{Error, Result};
use crate::progress::Progress;
use polars::prelude::DataFrame;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How many rows of the spine found their features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinReport {
    /// The view.
    pub view: String,
    /// Rows with a row of the view.
    pub matched: u64,
    /// Rows whose newest row of the view is too old.
    pub expired: u64,
    /// Rows whose key the view doesn't know at that time, or that have no key.
    pub missing: u64,
}

/// A view's features, a row for each row of the spine.
pub struct Joined {
    /// Feature → column, in the order of the view's outputs.
    pub columns: Vec<(String, Column)>,
    /// How the rows fared.
    pub report: JoinReport,
}

/// Rows worked on together by one thread.
const BLOCK: usize = 8192;

/// Joins one view to rows given by key and time.
pub fn join_view(
    view: &Compiled,
    events: &Events,
    keys: &[Option<Key>],
    times: &[i64],
    progress: &dyn Progress,
) -> Result<Joined> {
    if keys.len() != times.len() {
        return Err(Error::invalid("as many keys as times are needed"));
    }
    // In order of key and time, rows that ask the same stand together and are answered once.
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    order.par_sort_unstable_by_key(|row| (keys[*row as usize], times[*row as usize], *row));
    let blocks = order
        .par_chunks(BLOCK)
        .map(|block| {
            progress.check()?;
            Ok(answer(view, events, keys, times, block))
        })
        .collect::<Result<Vec<_>>>()?;
    let mut statuses = [0u64; 3];
    for (_, counts) in &blocks {
        statuses.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
    }
    let columns = view.outputs().iter().enumerate().map(|(at, (name, kind))| {
        (name.clone(), gather(*kind, keys.len(), &order, blocks.iter().map(|(answers, _)| &answers[at])))
    });
    let [matched, expired, missing] = statuses;
    let report = JoinReport { view: view.shape.name.to_string(), matched, expired, missing };
    Ok(Joined { columns: columns.collect(), report })
}

/// One feature's cells for the rows of a block.
enum Cells<'a> {
    Numbers(Vec<f64>),
    Texts(Vec<Option<&'a str>>),
    Times(Vec<i64>),
}

type Answers<'a> = (Vec<Cells<'a>>, [u64; 3]);

fn answer<'a>(
    view: &'a Compiled,
    events: &'a Events,
    keys: &[Option<Key>],
    times: &[i64],
    block: &[u32],
) -> Answers<'a> {
    let mut cells: Vec<Cells> = view
        .outputs()
        .iter()
        .map(|(_, kind)| match kind {
            Kind::Number => Cells::Numbers(Vec::with_capacity(block.len())),
            Kind::Text => Cells::Texts(Vec::with_capacity(block.len())),
            Kind::Time => Cells::Times(Vec::with_capacity(block.len())),
        })
        .collect();
    let mut counts = [0u64; 3];
    let mut last: Option<(Option<Key>, i64)> = None;
    let mut values: Vec<Value> = Vec::new();
    let mut status = Status::NotFound;
    for row in block {
        let (key, time) = (keys[*row as usize], times[*row as usize]);
        if last != Some((key, time)) {
            values.clear();
            // A row without key or time is answered like an unknown key, as a request is.
            let found = key.filter(|_| time != Column::NO_TIME).and_then(|key| events.of(&key));
            status = view.compute(found, time, &mut values);
            last = Some((key, time));
        }
        counts[match status {
            Status::Present => 0,
            Status::OutsideMaxAge => 1,
            Status::NotFound => 2,
        }] += 1;
        for (cell, value) in cells.iter_mut().zip(&values) {
            match (cell, value) {
                (Cells::Numbers(v), value) => v.push(value.as_number()),
                (Cells::Texts(v), Value::Text(text)) => v.push(Some(text)),
                (Cells::Texts(v), _) => v.push(None),
                (Cells::Times(v), Value::Time(t)) => v.push(*t),
                (Cells::Times(v), _) => v.push(Column::NO_TIME),
            }
        }
    }
    (cells, counts)
}

/// Puts the blocks' cells back into input order.
fn gather<'a>(kind: Kind, rows: usize, order: &[u32], blocks: impl Iterator<Item = &'a Cells<'a>>) -> Column {
    match kind {
        Kind::Number => {
            let mut out = vec![f64::NAN; rows];
            let cells = blocks.flat_map(|c| if let Cells::Numbers(v) = c { v.as_slice() } else { &[] });
            order.iter().zip(cells).for_each(|(row, x)| out[*row as usize] = *x);
            Column::Number(out)
        }
        Kind::Time => {
            let mut out = vec![Column::NO_TIME; rows];
            let cells = blocks.flat_map(|c| if let Cells::Times(v) = c { v.as_slice() } else { &[] });
            order.iter().zip(cells).for_each(|(row, t)| out[*row as usize] = *t);
            Column::Time(out)
        }
        Kind::Text => {
            let mut out = vec![None; rows];
            let cells = blocks.flat_map(|c| if let Cells::Texts(v) = c { v.as_slice() } else { &[] });
            order.iter().zip(cells).for_each(|(row, t)| out[*row as usize] = *t);
            Column::texts(out)
        }
    }
}

/// Joins one view to a table that has its key columns; `times` are the rows' instants.
pub fn join_frame(
    view: &Compiled,
    events: &Events,
    spine: &DataFrame,
    times: &[i64],
    progress: &dyn Progress,
) -> Result<Joined> {
    let keys = row_keys(spine, &view.shape.keys).map_err(|e| e.at(format!("view {}", view.shape.name)))?;
    join_view(view, events, &keys, times, progress)
}

/// Adds a view's chosen features to a frame under `VIEW__FEATURE`.
pub(super) fn add_to(frame: &mut Frame, view: &str, joined: Joined, chosen: &[String]) -> Result<JoinReport> {
    for (name, column) in joined.columns {
        if chosen.contains(&name) {
            frame.set(&format!("{view}__{name}"), column)?;
        }
    }
    Ok(joined.report)
}
