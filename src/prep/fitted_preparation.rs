//! A fitted preparation applied: a frame becomes a matrix, a row becomes a row of numbers.
//!
//! The list of steps is compiled to slots: each column that a step reads or writes has a number. Every slot is read by at most
//! one step, because what a step writes takes the place of what it read; so a step may change a column where it stands.

use super::fitted_step::{Content, Places, Step};
use crate::data::{Column, Frame, Kind, Value};
use crate::error::{Error, Result};
use crate::learn::{FeatureKind, Matrix};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

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
    input: usize,
    /// The first slot it writes; the others follow.
    output: usize,
    /// How many steps stand between its input and the features.
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
        let content = |kind: Kind| if kind == Kind::Text { Content::Text } else { Content::Number };
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
            let (input, depth, at) = find(step, &columns)?;
            let written = step.outputs().into_iter().enumerate().map(|(offset, (name, content))| Standing {
                name,
                content,
                slot: slots + offset,
                depth: depth + 1,
            });
            let written: Vec<Standing> = written.collect();
            steps.push(PlacedStep { step: step.clone(), places: step.places(), input, output: slots, depth });
            slots += written.len();
            columns.splice(at..=at, written);
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

/// Slot, depth and place of the column that a step reads.
fn find(step: &Step, columns: &[Standing]) -> Result<(usize, usize, usize)> {
    let inputs = step.inputs();
    let [name] = inputs.as_slice() else { return Err(Error::corrupt("a step reads one column")) };
    let at = columns.iter().position(|column| column.name == *name);
    match at.and_then(|at| Some((at, columns.get(at)?))) {
        Some((at, column)) if column.content == step.takes() => Ok((column.slot, column.depth, at)),
        Some((_, column)) => {
            let (is, takes) = (column.content.name(), step.takes().name());
            Err(Error::corrupt(format!("preparation: column \"{name}\" is of {is}, a step takes {takes}")))
        }
        None => Err(Error::corrupt(format!("preparation: a step reads \"{name}\", which is not there"))),
    }
}

/// A column of the matrix.
fn output(column: Standing) -> Result<(usize, String, FeatureKind)> {
    match column.content {
        Content::Number => Ok((column.slot, column.name, FeatureKind::Numeric)),
        Content::Category => Ok((column.slot, column.name, FeatureKind::Categorical)),
        Content::Text => Err(Error::corrupt(format!("preparation: column \"{}\" stays a text", column.name))),
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
        let mut written = Vec::new();
        for PlacedStep { step, places, input, output, .. } in &self.steps {
            written.clear();
            step.row(slots[*input], places, &mut written);
            slots[*output..*output + written.len()].copy_from_slice(&written);
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
            let taken: Vec<(&PlacedStep, Column)> = self.steps[done..*end]
                .iter()
                .filter_map(|step| Some((step, slots.get_mut(step.input)?.take()?)))
                .collect();
            let made: Vec<(usize, Vec<Column>)> = taken
                .into_par_iter()
                .map(|(compiled, column)| (compiled.output, compiled.step.columns(column, &compiled.places)))
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
