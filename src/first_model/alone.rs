//! How far one column alone comes: a column that decides nearly everything by itself may be known only once the target is.

use crate::data::{Column, Value};
use crate::error::{ErrorKind, Result};
use crate::features::{Labels, Part, TrainingSet};
use crate::learn::{self, Decision, Estimator, FeatureKind, Matrix, MetricValues};
use crate::progress::Progress;
use serde_json::json;
use std::collections::HashMap;

/// The metrics on the test rows of a small model that sees the column `feature` and nothing else; none where it can't be made.
pub(super) fn alone(
    set: &TrainingSet,
    labels: &Labels,
    feature: &str,
    progress: &Progress,
) -> Result<Option<MetricValues>> {
    let Some(column) = set.frame.get(feature) else { return Ok(None) };
    let Some((kind, values)) = as_feature(column) else { return Ok(None) };
    let x = Matrix::new(vec![feature.to_owned()], vec![kind], vec![values])?;
    let labelled = |part: Part| {
        let known = |row: &usize| labels.values.get(*row).is_some_and(|value| !value.is_nan());
        set.rows_of(part).into_iter().filter(known).collect::<Vec<usize>>()
    };
    let (train, test) = (labelled(Part::Train), labelled(Part::Test));
    if train.is_empty() || test.is_empty() {
        return Ok(None);
    }
    let parameters = json!({ "max_iter": 30, "learning_rate": 0.3, "min_samples_leaf": 5 });
    let estimator = Estimator::parse("boosting", parameters.as_object().unwrap_or(&serde_json::Map::new()))?;
    // What can't be learned from that column alone decides nothing.
    let fitted = match estimator.fit(&x.select_rows(&train), &labels.target(&train), 0, progress) {
        Err(e) if e.kind() == ErrorKind::Invalid => return Ok(None),
        fitted => fitted?,
    };
    let decision = Decision { threshold: 0.5, classes: &labels.classes };
    learn::evaluate(&labels.target(&test), &fitted.predict(&x.select_rows(&test)), decision).map(Some)
}

/// The column in numbers: texts in the order in which they first come.
fn as_feature(column: &Column) -> Option<(FeatureKind, Vec<f64>)> {
    if let Some(numbers) = column.numbers() {
        return Some((FeatureKind::Numeric, numbers.into_owned()));
    }
    let mut codes: HashMap<&str, usize> = HashMap::new();
    let mut values = Vec::with_capacity(column.len());
    for cell in column.cells() {
        values.push(match cell {
            Value::Text(text) => {
                let next = codes.len();
                *codes.entry(text).or_insert(next) as f64
            }
            Value::Null => f64::NAN,
            _ => return None,
        });
    }
    Some((FeatureKind::Categorical, values))
}
