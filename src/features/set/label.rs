//! The label: an expression's values as 0 and 1, and the names of the two classes.

use super::split::Part;
use super::stored::LABEL;
use crate::data::{Column, Value, column_from, column_named};
use crate::error::{Error, Result};
use polars::prelude::DataFrame;

/// Labels as 0 and 1, and the classes. Rows without a label leave their part.
pub(super) fn labels(rows: &DataFrame, text: &str, parts: &mut [Part]) -> Result<(Vec<f64>, [String; 2])> {
    let column = column_from(column_named(rows, LABEL)?)?;
    let place = |e: Error| e.at(format!("label {text:?}"));
    let none = (0..column.len()).all(|row| column.get(row) == Value::Null);
    if none {
        return Err(place(
            Error::invalid("no row has a label").hint("look at the label's definition, the filter and the data"),
        ));
    }
    let (label, classes): (Vec<f64>, [String; 2]) = match &column {
        Column::Number(values) => {
            if let Some((at, other)) = values.iter().enumerate().find(|(_, x)| !x.is_nan() && **x != 0.0 && **x != 1.0)
            {
                return Err(place(
                    Error::invalid(format!("row {}: {other} is neither 0 nor 1", at + 1))
                        .hint("write a condition: \"dep_delay > 15\""),
                ));
            }
            (values.clone(), ["0".to_owned(), "1".to_owned()])
        }
        Column::Text(codes, words) => {
            let mut sorted: Vec<&String> = words.iter().collect();
            sorted.sort();
            let [low, high] = sorted.as_slice() else {
                return Err(place(
                    Error::invalid(format!("{} classes; two are needed", sorted.len()))
                        .hint("write a condition: \"column = 'value'\""),
                ));
            };
            let value = |code: &u32| words.get(*code as usize).map_or(f64::NAN, |w| f64::from(u8::from(w == *high)));
            (codes.iter().map(value).collect(), [(*low).clone(), (*high).clone()])
        }
        Column::Time(_) => {
            return Err(place(
                Error::invalid("a time is no label").hint("write a condition: \"column > TIMESTAMP '…'\""),
            ));
        }
    };
    for (part, _) in parts.iter_mut().zip(&label).filter(|(_, y)| y.is_nan()) {
        *part = Part::None;
    }
    Ok((label, classes))
}
