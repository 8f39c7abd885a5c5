//! A fitted preparation applied: a frame becomes a matrix, a row becomes a row of numbers.
//!
//! The list of steps is compiled to slots: each column that a step reads or writes has a number. Every slot is read by at most
//! one step, because what a step writes takes the place of what it read; so a step may change a column where it stands.

use super::computation::{Places, RowOut};
use super::fitted_step::{Content, Step};
use crate::data::{Column, Frame, Kind, Value};
use crate::error::{Error, Result};
use crate::learn::{FeatureKind, Matrix};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// The most columns that all steps of a bundle may write; a few bytes could ask for any number.
const MOST_SLOTS: usize = 1_000_000;

/// Fitted steps in order, as a bundle holds them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Preparation {
    /// Each reads what the ones before it left.
    pub steps: Vec<Step>,
}

/// A preparation compiled for rows with certain features.
#[derive(Debug, Clone)]
pub struct Prepared {
    features: Vec<(String, Kind)>,
    steps: Vec<PlacedStep>,
    /// Where each group of steps ends. No step reads what another of its group writes, so all run at once.
    groups: Vec<usize>,
    slots: usize,
    /// The matrix: slot, name and kind of each column.
    outputs: Vec<(usize, String, FeatureKind)>,
}

#[derive(Debug, Clone)]
struct PlacedStep {
    step: Step,
    places: Places,
    inputs: Vec<usize>,
    /// The first slot it writes; the others follow.
    output: usize,
    /// How many slots it writes.
    width: usize,
    /// How many steps stand between its inputs and the features.
    depth: usize,
}

/// A column between two steps.
struct Standing {
    name: String,
    content: Content,
    slot: usize,
    depth: usize,
}

impl Preparation {
    /// Makes it ready for these features, in this order. An error if the steps don't fit them, or what a bundle says of a step
    /// makes no sense.
    pub fn prepare(&self, features: &[(String, Kind)]) -> Result<Prepared> {
        let standing = |(slot, (name, kind)): (usize, &(String, Kind))| Standing {
            name: name.clone(),
            content: content(*kind),
            slot,
            depth: 0,
        };
        let mut columns: Vec<Standing> = features.iter().enumerate().map(standing).collect();
        let mut slots = columns.len();
        let mut steps = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            step.check()?;
            let read = find(step, &columns)?;
            let depth = read.iter().map(|at| columns[*at].depth).max().unwrap_or(0);
            let outputs = step.fitted().outputs();
            let width = outputs.len();
            if slots + width > MOST_SLOTS {
                return Err(Error::corrupt(format!("preparation: its steps write more than {MOST_SLOTS} columns")));
            }
            let written = outputs.into_iter().enumerate().map(|(offset, output)| Standing {
                name: output.name,
                content: output.content,
                slot: slots + offset,
                depth: depth + 1,
            });
            let (written, inputs) = (written.collect(), read.iter().map(|at| columns[*at].slot).collect());
            steps.push(PlacedStep {
                step: step.clone(),
                places: step.fitted().places(),
                inputs,
                output: slots,
                width,
                depth,
            });
            slots += width;
            columns = replace(columns, &read, written);
        }
        steps.sort_by_key(|step| step.depth);
        let groups = (1..=steps.len()).filter(|at| steps.get(*at).is_none_or(|next| next.depth != steps[at - 1].depth));
        Ok(Prepared {
            features: features.to_vec(),
            groups: groups.collect(),
            steps,
            slots,
            outputs: columns.into_iter().map(output).collect::<Result<_>>()?,
        })
    }
}

fn content(kind: Kind) -> Content {
    match kind {
        Kind::Text => Content::Text,
        Kind::Time => Content::Time,
        _ => Content::Number,
    }
}

/// Columns with those at the places `read` taken out, and others put where the first of them stood.
fn replace<T>(mut columns: Vec<T>, read: &[usize], written: Vec<T>) -> Vec<T> {
    if let [at] = read {
        columns.splice(at..=at, written);
        return columns;
    }
    let first = read.iter().copied().min();
    let gone: HashSet<usize> = read.iter().copied().collect();
    let mut written = Some(written);
    let mut next = Vec::with_capacity(columns.len());
    for (at, column) in columns.into_iter().enumerate() {
        if Some(at) == first {
            next.extend(written.take().into_iter().flatten());
        }
        if !gone.contains(&at) {
            next.push(column);
        }
    }
    next
}

/// The places of the columns that a step reads.
fn find(step: &Step, columns: &[Standing]) -> Result<Vec<usize>> {
    let (inputs, takes) = (step.inputs(), step.fitted().takes());
    let several: HashMap<&str, usize> = match inputs.len() {
        // A look through the columns costs less than a table of them.
        0..=8 => HashMap::new(),
        _ => columns.iter().enumerate().rev().map(|(at, column)| (column.name.as_str(), at)).collect(),
    };
    let place = |name: &str| match several.get(name) {
        Some(at) => Some(*at),
        None => columns.iter().position(|column| column.name == name),
    };
    let mut read = Vec::with_capacity(inputs.len());
    for name in &inputs {
        let at = place(name);
        match at.and_then(|at| Some((at, columns.get(at)?))) {
            Some((at, column)) if column.content == takes => read.push(at),
            Some((_, column)) => {
                let (is, takes) = (column.content.name(), takes.name());
                return Err(Error::corrupt(format!("preparation: column \"{name}\" is of {is}, a step takes {takes}")));
            }
            None => return Err(Error::corrupt(format!("preparation: a step reads \"{name}\", which is not there"))),
        }
    }
    let different: HashSet<usize> = read.iter().copied().collect();
    if read.is_empty() || different.len() < read.len() {
        return Err(Error::corrupt("preparation: a step reads no column, or one twice"));
    }
    Ok(read)
}

/// A column of the matrix.
fn output(column: Standing) -> Result<(usize, String, FeatureKind)> {
    match column.content {
        Content::Number => Ok((column.slot, column.name, FeatureKind::Numeric)),
        Content::Category => Ok((column.slot, column.name, FeatureKind::Categorical)),
        Content::Text | Content::Time => {
            let kind = if column.content == Content::Text { "text" } else { "time" };
            Err(Error::corrupt(format!("preparation: column \"{}\" stays a {kind}", column.name)))
        }
    }
}

impl Prepared {
    /// How many columns the matrix has.
    pub fn width(&self) -> usize {
        self.outputs.len()
    }

    /// Names and kinds of the matrix's columns.
    pub fn outputs(&self) -> impl ExactSizeIterator<Item = (&str, FeatureKind)> {
        self.outputs.iter().map(|(_, name, kind)| (name.as_str(), *kind))
    }

    /// The prepared row of values given in the order of the features, put into `out` (cleared first).
    pub fn row(&self, values: &[Value], out: &mut Vec<f64>) {
        let mut slots = vec![Value::Null; self.slots];
        slots.iter_mut().zip(values).for_each(|(slot, value)| *slot = *value);
        let (mut read, mut written) = (Vec::new(), RowOut::default());
        for PlacedStep { step, places, inputs, output, width, .. } in &self.steps {
            read.clear();
            read.extend(inputs.iter().map(|slot| slots[*slot]));
            written.values.clear();
            step.row(&read, places, *width, &mut written);
            slots[*output..*output + written.values.len()].copy_from_slice(&written.values);
        }
        out.clear();
        out.extend(self.outputs.iter().map(|(slot, ..)| slots[*slot].as_number()));
    }

    /// The prepared matrix of a frame that has the features.
    pub fn matrix(&self, frame: &Frame) -> Result<Matrix> {
        let mut slots: Vec<Option<Column>> = Vec::with_capacity(self.slots);
        for (name, kind) in &self.features {
            let column = frame.column(name)?;
            let (found, wanted) = (column.kind().family(), kind.family());
            if found != wanted {
                return Err(Error::invalid(format!(
                    "column \"{name}\" is a {found} now, it was a {wanted} in training"
                )));
            }
            slots.push(Some(column.numbers().map_or_else(|| column.clone(), |n| Column::floats(n.into_owned()))));
        }
        slots.resize(self.slots, None);
        let mut done = 0;
        for end in &self.groups {
            let mut take = |step: &PlacedStep| -> Option<Vec<Column>> {
                step.inputs.iter().map(|slot| slots.get_mut(*slot)?.take()).collect()
            };
            let taken: Vec<(&PlacedStep, Vec<Column>)> =
                self.steps[done..*end].iter().filter_map(|step| Some((step, take(step)?))).collect();
            let made: Vec<(usize, Vec<Column>)> = taken
                .into_par_iter()
                .map(|(placed, columns)| (placed.output, placed.step.columns(columns, &placed.places, placed.width)))
                .collect();
            for (output, columns) in made {
                columns.into_iter().enumerate().for_each(|(offset, column)| slots[output + offset] = Some(column));
            }
            done = *end;
        }
        let column = |(slot, ..): &(usize, String, FeatureKind)| {
            let column = slots[*slot].take().and_then(Column::into_numbers);
            column.unwrap_or_else(|| vec![f64::NAN; frame.rows()])
        };
        let columns = self.outputs.iter().map(column).collect();
        let (names, kinds) = self.outputs().map(|(name, kind)| (name.to_owned(), kind)).unzip();
        Matrix::new(names, kinds, columns)
    }
}
