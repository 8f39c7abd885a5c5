//! A fitted model taken apart, as a bundle stores it, and the careful way back: what is read is checked for type and length,
//! and nothing may be left over.

use crate::error::{Error, Result};
use crate::learn::tensor::Tensor;
use serde_json::Value;

/// What a bundle stores of a fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// What kind of model it is, such as "linear" or "trees".
    pub kind: String,
    /// What is not a tensor, as an object.
    pub attributes: Value,
    /// Named flat arrays, in a fixed order.
    pub tensors: Vec<(String, Tensor)>,
}

/// The tensors of a model; each is read once.
pub(super) struct TensorReader(pub Vec<(String, Tensor)>);

impl TensorReader {
    fn take(&mut self, name: &str) -> Result<Tensor> {
        match self.0.iter().position(|(other, _)| other == name) {
            Some(i) => Ok(self.0.swap_remove(i).1),
            None => Err(Error::corrupt(format!("the tensor \"{name}\" is not there"))),
        }
    }

    /// Whether a tensor is there that not all models of the kind have.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    /// Finite numbers; `count` of them if given.
    pub fn floats(&mut self, name: &str, count: Option<usize>) -> Result<Vec<f64>> {
        match self.take(name)? {
            Tensor::F64(values) if values.iter().any(|value| !value.is_finite()) => {
                Err(Error::corrupt(format!("the tensor \"{name}\" holds a number that is not finite")))
            }
            Tensor::F64(values) => counted(name, values, count),
            other => Err(mistyped(name, &other, "f64")),
        }
    }

    /// Whole numbers; `count` of them if given.
    pub fn integers(&mut self, name: &str, count: Option<usize>) -> Result<Vec<u32>> {
        match self.take(name)? {
            Tensor::U32(values) => counted(name, values, count),
            other => Err(mistyped(name, &other, "u32")),
        }
    }

    /// Bytes; `count` of them if given.
    pub fn bytes(&mut self, name: &str, count: Option<usize>) -> Result<Vec<u8>> {
        match self.take(name)? {
            Tensor::U8(values) => counted(name, values, count),
            other => Err(mistyped(name, &other, "u8")),
        }
    }

    /// An error if a tensor was not read: no model of this kind has it.
    pub fn finish(&self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Error::corrupt(format!("the tensor \"{name}\" does not belong there"))),
        }
    }
}

fn counted<T>(name: &str, values: Vec<T>, count: Option<usize>) -> Result<Vec<T>> {
    match count {
        Some(count) if values.len() != count => {
            Err(Error::corrupt(format!("the tensor \"{name}\" has {} elements, not {count}", values.len())))
        }
        _ => Ok(values),
    }
}

fn mistyped(name: &str, found: &Tensor, wanted: &str) -> Error {
    Error::corrupt(format!("the tensor \"{name}\" is of {}, not {wanted}", found.dtype()))
}
