//! All columns' chains: a frame becomes a matrix, a row becomes a row of numbers. Both go through [`Prepared::row`]'s
//! arithmetic, value by value, so they agree to the bit.

use super::chain::{Chain, Encode};
use crate::data::{Column, Frame, Value};
use crate::error::{Error, Result};
use crate::learn::{ColumnKind, Matrix};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A fitted preparation, as a bundle holds it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Preparation {
    /// One chain an input column, in the order of the features.
    pub chains: Vec<Chain>,
}

/// A preparation made ready for use.
#[derive(Debug, Clone)]
pub struct Prepared {
    preparation: Preparation,
    codes: Vec<HashMap<String, usize>>,
}

impl Preparation {
    /// Names and kinds of the matrix's columns.
    pub fn outputs(&self) -> Vec<(String, ColumnKind)> {
        let mut outputs = Vec::new();
        for chain in &self.chains {
            match chain {
                Chain::Number { column, indicator, .. } => {
                    outputs.push((column.clone(), ColumnKind::Numeric));
                    if *indicator {
                        outputs.push((format!("{column}__missing"), ColumnKind::Numeric));
                    }
                }
                Chain::Text { column, encode: Encode::OneHot { categories }, .. } => {
                    outputs.extend(categories.iter().map(|c| (format!("{column}={c}"), ColumnKind::Numeric)));
                }
                Chain::Text { column, .. } => outputs.push((column.clone(), ColumnKind::Categorical)),
            }
        }
        outputs
    }

    /// How many columns the matrix has.
    pub fn width(&self) -> usize {
        self.chains.iter().map(Chain::width).sum()
    }

    /// Makes it ready for use.
    pub fn prepare(&self) -> Prepared {
        let codes = self.chains.iter().map(|chain| match chain {
            Chain::Text { encode, .. } => {
                encode.categories().iter().cloned().enumerate().map(|(i, c)| (c, i)).collect()
            }
            Chain::Number { .. } => HashMap::new(),
        });
        Prepared { codes: codes.collect(), preparation: self.clone() }
    }
}

impl Prepared {
    /// The prepared row of values given in the order of the chains, put into `out` (cleared first).
    pub fn row(&self, values: &[Value], out: &mut Vec<f64>) {
        out.clear();
        for (at, chain) in self.preparation.chains.iter().enumerate() {
            let value = values.get(at).copied().unwrap_or(Value::Null);
            match chain {
                Chain::Number { steps, indicator, .. } => {
                    let raw = value.as_number();
                    out.push(steps.iter().fold(raw, |x, step| step.apply(x)));
                    if *indicator {
                        out.push(f64::from(u8::from(raw.is_nan())));
                    }
                }
                Chain::Text { fill, encode, .. } => {
                    let code = self.code(at, value, fill.as_deref());
                    match encode {
                        Encode::Ordinal { .. } => out.push(code.map_or(f64::NAN, |c| c as f64)),
                        Encode::OneHot { categories } => {
                            let start = out.len();
                            out.resize(start + categories.len(), 0.0);
                            if let Some(cell) = code.and_then(|c| out.get_mut(start + c)) {
                                *cell = 1.0;
                            }
                        }
                    }
                }
            }
        }
    }

    fn code(&self, at: usize, value: Value, fill: Option<&str>) -> Option<usize> {
        let text = match value {
            Value::Text(text) => Some(text),
            _ => fill,
        };
        text.and_then(|t| self.codes.get(at)?.get(t).copied())
    }

    /// The prepared matrix of a frame that has the chains' columns.
    pub fn matrix(&self, frame: &Frame) -> Result<Matrix> {
        let made = self
            .preparation
            .chains
            .par_iter()
            .enumerate()
            .map(|(at, chain)| self.columns(at, chain, frame.column(chain.column())?))
            .collect::<Result<Vec<_>>>()?;
        let (names, kinds) = self.preparation.outputs().into_iter().unzip();
        Matrix::new(names, kinds, made.into_iter().flatten().collect())
    }

    fn columns(&self, at: usize, chain: &Chain, column: &Column) -> Result<Vec<Vec<f64>>> {
        match (chain, column) {
            (Chain::Number { steps, indicator, .. }, Column::Number(values)) => {
                let mut made =
                    vec![values.iter().map(|raw| steps.iter().fold(*raw, |x, step| step.apply(x))).collect()];
                if *indicator {
                    made.push(values.iter().map(|x| f64::from(u8::from(x.is_nan()))).collect());
                }
                Ok(made)
            }
            (Chain::Text { fill, encode, .. }, Column::Text(codes, words)) => {
                let missing = self.code(at, Value::Null, fill.as_deref());
                let known: Vec<Option<usize>> =
                    words.iter().map(|w| self.code(at, Value::Text(w), fill.as_deref())).collect();
                let code = |c: &u32| known.get(*c as usize).copied().unwrap_or(missing);
                match encode {
                    Encode::Ordinal { .. } => {
                        Ok(vec![codes.iter().map(|c| code(c).map_or(f64::NAN, |c| c as f64)).collect()])
                    }
                    Encode::OneHot { categories } => {
                        let mut made = vec![vec![0.0; codes.len()]; categories.len()];
                        for (row, c) in codes.iter().enumerate() {
                            if let Some(code) = code(c) {
                                made[code][row] = 1.0;
                            }
                        }
                        Ok(made)
                    }
                }
            }
            (chain, column) => Err(Error::invalid(format!(
                "column \"{}\" is {} now, it was not in training",
                chain.column(),
                column.kind()
            ))),
        }
    }
}
