//! The point-in-time join: for each row its entity's features as known at the row's time. Exactly one output row for
//! each input row, in input order; missing is null.

use super::compiled_view::CompiledView;
use super::events::Events;
use super::expression::Kind;
use super::lookup_status::LookupStatus;
use crate::data::{Column, Key, Value, typed_row_keys};
use crate::error::{Error, Result};
use crate::progress::Progress;
use polars::prelude::DataFrame;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How many rows of the spine (the rows that features are joined to) found their features.
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
pub struct JoinedView {
    /// Feature → column, in the order of the view's outputs.
    pub columns: Vec<(String, Column)>,
    /// How many rows found their features.
    pub report: JoinReport,
}

/// Rows worked on together by one thread.
const BLOCK: usize = 8192;

/// Joins one view to rows given by key and time.
pub fn join_view(
    view: &CompiledView,
    events: &Events,
    keys: &[Option<Key>],
    times: &[i64],
    progress: &Progress,
) -> Result<JoinedView> {
    if keys.len() != times.len() {
        return Err(Error::invalid("as many keys as times are needed"));
    }
    // In order of key and time, rows that ask the same stand together and are answered once.
    let ask = |(row, (key, time)): (usize, (&Option<Key>, &i64))| {
        // A row without key or time is answered like an unknown key, as a request is.
        let group = key.filter(|_| *time != Column::NO_TIME).and_then(|key| events.group(&key));
        Ask { group: group.unwrap_or(NO_GROUP), time: *time, row: row as u32 }
    };
    let mut order: Vec<Ask> = keys.par_iter().zip(times).enumerate().map(ask).collect();
    order.par_sort_unstable();
    let blocks = order
        .par_chunks(BLOCK)
        .map(|block| {
            progress.check()?;
            Ok(answer(view, events, block))
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
    Ok(JoinedView { columns: columns.collect(), report })
}

/// A row of the spine as a question: whose features, at which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ask {
    group: u32,
    time: i64,
    row: u32,
}

/// The group of a key without rows.
const NO_GROUP: u32 = u32::MAX;

/// One feature's cells for the rows of a block. Floats, of which most features are, are kept as such.
enum BlockCells<'a> {
    Floats(Vec<f64>),
    Others(Vec<Value<'a>>),
}

type Answers<'a> = (Vec<BlockCells<'a>>, [u64; 3]);

fn answer<'a>(view: &'a CompiledView, events: &'a Events, block: &[Ask]) -> Answers<'a> {
    let mut cells: Vec<BlockCells> = view
        .outputs()
        .iter()
        .map(|(_, kind)| match kind {
            Kind::Float => BlockCells::Floats(Vec::with_capacity(block.len())),
            _ => BlockCells::Others(Vec::with_capacity(block.len())),
        })
        .collect();
    let mut counts = [0u64; 3];
    let mut last: Option<(u32, i64)> = None;
    let mut values: Vec<Value> = Vec::new();
    let mut status = LookupStatus::NotFound;
    for Ask { group, time, .. } in block {
        if last != Some((*group, *time)) {
            values.clear();
            status = view.compute(events.of_group(*group), *time, &mut values);
            last = Some((*group, *time));
        }
        counts[match status {
            LookupStatus::Present => 0,
            LookupStatus::OutsideMaxAge => 1,
            LookupStatus::NotFound | LookupStatus::BeforeHistory => 2,
        }] += 1;
        for (cells, value) in cells.iter_mut().zip(&values) {
            match cells {
                BlockCells::Floats(cells) => cells.push(value.as_number()),
                BlockCells::Others(cells) => cells.push(*value),
            }
        }
    }
    (cells, counts)
}

/// Puts the blocks' cells back into input order.
fn gather<'a>(kind: Kind, rows: usize, order: &[Ask], blocks: impl Iterator<Item = &'a BlockCells<'a>>) -> Column {
    if kind == Kind::Float {
        let mut out = vec![f64::NAN; rows];
        let cells = blocks.flat_map(|c| if let BlockCells::Floats(v) = c { v.as_slice() } else { &[] });
        order.iter().zip(cells).for_each(|(ask, x)| out[ask.row as usize] = *x);
        return Column::floats(out);
    }
    let mut out = vec![Value::Null; rows];
    let cells = blocks.flat_map(|c| if let BlockCells::Others(v) = c { v.as_slice() } else { &[] });
    order.iter().zip(cells).for_each(|(ask, value)| out[ask.row as usize] = *value);
    Column::of_values(kind, out)
}

/// Joins one view to a table that has its key columns; `times` are the rows' instants.
pub fn join_frame(
    view: &CompiledView,
    events: &Events,
    spine: &DataFrame,
    times: &[i64],
    progress: &Progress,
) -> Result<JoinedView> {
    let owner = format!("view \"{}\"", view.shape.name);
    let keys = typed_row_keys(spine, &view.shape.keys, &owner)?;
    join_view(view, events, &keys, times, progress)
}
