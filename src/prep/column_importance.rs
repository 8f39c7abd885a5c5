//! How much columns matter to an estimator, for selection by a model: fitted on the training rows, what the model says of its features.

use super::column_statistics::median;
use super::number_columns::NumberColumns;
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use crate::learn::{Estimator, FeatureKind, Matrix, Target};
use crate::progress::Progress;
use serde_json::Map;

/// The model when a recipe names none.
const USUAL: &str = "forest";

/// Reads `model` and `params`.
pub(super) fn parse_model(reader: &ParamReader) -> Result<Estimator> {
    let model = match reader.raw("model") {
        None => USUAL,
        Some(value) => value.as_str().ok_or_else(|| {
            Error::invalid(format!("parameter \"model\" is {value}")).hint("it takes the name of a model: \"forest\"")
        })?,
    };
    let none = Map::new();
    let params = match reader.raw("params") {
        None => &none,
        Some(value) => value.as_object().ok_or_else(|| {
            Error::invalid(format!("parameter \"params\" is {value}"))
                .hint("it takes the model's parameters: { max_depth = 3 }")
        })?,
    };
    Estimator::parse(model, params)
}

/// How much each of these columns matters. Missing values become medians if the model takes none missing.
pub(super) fn importance(
    model: &Estimator,
    x: &NumberColumns,
    among: &[usize],
    target: &Target,
    seed: u64,
) -> Result<Vec<f64>> {
    let column = |at: &usize| {
        let mut values = x.columns[*at].to_vec();
        if model.needs().complete {
            let fill = median(&values);
            values.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = fill);
        }
        values
    };
    let names = among.iter().map(|at| x.names[*at].clone()).collect();
    let kinds = vec![FeatureKind::Numeric; among.len()];
    let matrix = Matrix::new(names, kinds, among.iter().map(column).collect())?;
    Ok(model.fit(&matrix, target, seed, &Progress::quiet())?.importance())
}
