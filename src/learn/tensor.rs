//! Flat arrays of numbers: what a fitted model is stored as. Bytes are little-endian on every platform.

use crate::error::{Error, Result};

/// A flat array of one type of number.
#[derive(Debug, Clone, PartialEq)]
pub enum Tensor {
    /// 64-bit floats.
    F64(Vec<f64>),
    /// 32-bit unsigned integers.
    U32(Vec<u32>),
    /// Bytes.
    U8(Vec<u8>),
}

impl Tensor {
    /// The name of the element type: "f64", "u32" or "u8".
    pub fn dtype(&self) -> &'static str {
        match self {
            Tensor::F64(_) => "f64",
            Tensor::U32(_) => "u32",
            Tensor::U8(_) => "u8",
        }
    }

    /// The elements one after another, little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Tensor::F64(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Tensor::U32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Tensor::U8(values) => values.clone(),
        }
    }

    /// The tensor that these bytes are; an error for an unknown type or a length that is no whole number of elements.
    pub fn from_bytes(dtype: &str, bytes: &[u8]) -> Result<Tensor> {
        let ragged = || Error::corrupt(format!("a tensor of {dtype} cannot have {} bytes", bytes.len()));
        match dtype {
            "f64" => match bytes.as_chunks::<8>() {
                (chunks, []) => Ok(Tensor::F64(chunks.iter().map(|chunk| f64::from_le_bytes(*chunk)).collect())),
                _ => Err(ragged()),
            },
            "u32" => match bytes.as_chunks::<4>() {
                (chunks, []) => Ok(Tensor::U32(chunks.iter().map(|chunk| u32::from_le_bytes(*chunk)).collect())),
                _ => Err(ragged()),
            },
            "u8" => Ok(Tensor::U8(bytes.to_vec())),
            _ => Err(Error::corrupt(format!("tensors of \"{dtype}\" are not known"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_make_the_same_tensor_again() {
        for tensor in [Tensor::F64(vec![1.5, -0.0, 1e-300]), Tensor::U32(vec![0, u32::MAX]), Tensor::U8(vec![7])] {
            assert_eq!(Tensor::from_bytes(tensor.dtype(), &tensor.to_bytes()).unwrap(), tensor);
        }
        assert_eq!(Tensor::U32(vec![1, 258]).to_bytes(), [1, 0, 0, 0, 2, 1, 0, 0]);
    }

    #[test]
    fn ragged_bytes_and_unknown_types_are_refused() {
        assert!(Tensor::from_bytes("f64", &[0; 12]).is_err());
        assert!(Tensor::from_bytes("u32", &[0; 3]).is_err());
        assert!(Tensor::from_bytes("i8", &[0]).is_err());
    }
}
