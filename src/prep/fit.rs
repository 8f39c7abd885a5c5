//! Fitting preparation on training rows: the recipe's steps in order, then what the estimator still needs (filled and scaled
//! numbers, one-hot texts for linear models; numbered categories for trees).

use super::fitted_preparation::Preparation;
use super::fitted_step::{Content, Step};
use super::step_definition::{Selection, StepDefinition};
use super::working_column::{FittedColumns, Working};
use crate::data::Frame;
use crate::error::{Error, Result};
use crate::learn::{FeatureKind, Matrix, Needs, Target};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};

/// How a preparation is fitted.
#[derive(Debug, Clone, Copy)]
pub struct Prepare<'a> {
    /// The recipe's steps.
    pub steps: &'a [StepDefinition],
    /// What the estimator needs beside them.
    pub needs: Needs,
    /// Decides the folds of steps that must not see a row's own target.
    pub seed: u64,
}

/// Fits on all rows of `frame` (the caller hands in the training part): the preparation, and the matrix of these rows, which
/// for steps that look at the target is not what the preparation would make of them.
pub fn fit(frame: &Frame, target: &Target, prepare: Prepare) -> Result<(Preparation, Matrix)> {
    let mut columns: Vec<Working> =
        frame.columns().iter().map(|(name, column)| Working::new(name, column)).collect::<Result<_>>()?;
    let mut steps = Vec::new();
    for definition in prepare.steps {
        let name = definition.name;
        let chosen = chosen(definition, &columns, frame).map_err(|e| e.at(format!("preparation {name}")))?;
        if definition.operation.reads_several() {
            let read: Vec<&Working> = chosen.iter().filter_map(|at| columns.get(*at)).collect();
            if read.is_empty() {
                continue;
            }
            let fitted = definition.operation.fit(&read, target, prepare.seed);
            let fitted = fitted.map_err(|e| e.at(format!("preparation {name}")))?;
            columns = put(columns, vec![(chosen, fitted)], &mut steps)?;
            continue;
        }
        let fitted = |(at, column): (usize, &Working)| -> Result<Option<(Vec<usize>, FittedColumns)>> {
            if !chosen.contains(&at) {
                return Ok(None);
            }
            let fitted = definition.operation.fit(&[column], target, prepare.seed);
            let fitted = fitted.map_err(|e| e.at(format!("preparation {name} of \"{}\"", column.name)))?;
            Ok(Some((vec![at], fitted)))
        };
        let fitted = columns.par_iter().enumerate().map(fitted).collect::<Vec<_>>();
        columns = put(columns, fitted.into_iter().flat_map(Result::transpose).collect::<Result<_>>()?, &mut steps)?;
    }
    // Filling may add an indicator, so scaling looks at what is there after it.
    for needed in [Working::fill, Working::scale, Working::encode] {
        let needed = |(at, column): (usize, &Working)| -> Result<Option<(Vec<usize>, FittedColumns)>> {
            Ok(needed(column, prepare.needs)?.map(|fitted| (vec![at], fitted)))
        };
        let fitted = columns.par_iter().enumerate().map(needed).collect::<Vec<_>>();
        columns = put(columns, fitted.into_iter().flat_map(Result::transpose).collect::<Result<_>>()?, &mut steps)?;
    }
    Ok((Preparation { steps }, matrix(columns)?))
}

/// The places of the columns a definition means, each once.
fn chosen(definition: &StepDefinition, columns: &[Working], frame: &Frame) -> Result<Vec<usize>> {
    let several = definition.operation.reads_several();
    let of = |keep: &dyn Fn(&Working) -> bool| {
        // A step that changes column by column leaves flags as they are; one that weighs columns looks at all of them.
        let meant = |column: &Working| (column.quantity || several) && keep(column);
        columns.iter().enumerate().filter(|(_, column)| meant(column)).map(|(at, _)| at).collect()
    };
    let takes = definition.operation.takes();
    match &definition.columns {
        Selection::All => Ok(of(&|column| takes.contains(&column.content))),
        Selection::Numeric => Ok(of(&|column| column.content == Content::Number)),
        Selection::Categorical => Ok(of(&|column| column.content == Content::Text)),
        Selection::Time => Ok(of(&|column| column.content == Content::Time)),
        Selection::Named(names) => {
            let mut found = Vec::with_capacity(names.len());
            for name in names {
                let at =
                    columns.iter().position(|column| column.name == *name).ok_or_else(|| gone(name, columns, frame))?;
                if !found.contains(&at) {
                    found.push(at);
                }
            }
            Ok(found)
        }
    }
}

/// Why a column is not there.
fn gone(name: &str, columns: &[Working], frame: &Frame) -> Error {
    match frame.get(name) {
        Some(_) => Error::invalid(format!("\"{name}\" was replaced by other columns in an earlier step"))
            .hint("put this step before the one that encodes the column"),
        None => Error::unknown("column", name, columns.iter().map(|column| column.name.as_str())),
    }
}

/// Replaces the columns that the fitted steps read by those they wrote, and appends the steps to `steps`. Columns are found
/// by their names later, so no two may have one name.
fn put(columns: Vec<Working>, fitted: Vec<(Vec<usize>, FittedColumns)>, steps: &mut Vec<Step>) -> Result<Vec<Working>> {
    let (mut gone, mut written) = (HashSet::new(), HashMap::new());
    for (read, (step, made)) in fitted {
        let before: Vec<&Working> = read.iter().filter_map(|at| columns.get(*at)).collect();
        let outputs = step.fitted().outputs().into_iter().zip(made);
        let new: Vec<Working> = outputs.map(|(output, column)| Working::written(output, column, &before)).collect();
        written.insert(read.iter().copied().min().unwrap_or(0), new);
        gone.extend(read);
        steps.push(step);
    }
    let mut next = Vec::with_capacity(columns.len());
    for (at, column) in columns.into_iter().enumerate() {
        next.extend(written.remove(&at).into_iter().flatten());
        if !gone.contains(&at) {
            next.push(column);
        }
    }
    let columns = next;
    let mut names = HashSet::new();
    match columns.iter().find(|column| !names.insert(column.name.as_str())) {
        Some(twin) => {
            let what = format!("preparation writes a column \"{}\", and there is one already", twin.name);
            Err(Error::invalid(what).hint("rename the column of the data, or leave it out of features"))
        }
        None => Ok(columns),
    }
}

/// The columns as a matrix; an error if one is of times.
fn matrix(columns: Vec<Working>) -> Result<Matrix> {
    let (mut names, mut kinds, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for column in columns {
        if column.content == Content::Time {
            let name = &column.name;
            return Err(Error::invalid(format!("\"{name}\" is a time, which is not a feature by itself")).hint(
                format!("derive a number of it, EXTRACT(hour FROM {name}), or give it a step: op = \"date_parts\""),
            ));
        }
        names.push(column.name);
        kinds.push(if column.content == Content::Category { FeatureKind::Categorical } else { FeatureKind::Numeric });
        values.push(column.column.into_numbers().unwrap_or_default());
    }
    Matrix::new(names, kinds, values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Column;
    use crate::learn::Task;

    const LINEAR: Needs = Needs { numeric: true, complete: true, scaled: true };
    const TREES: Needs = Needs { numeric: false, complete: false, scaled: false };

    fn frame() -> Frame {
        Frame::new(vec![
            ("x".into(), Column::floats(vec![1.0, 2.0, f64::NAN, 5.0])),
            ("c".into(), Column::texts([Some("b"), Some("a"), None, Some("b")])),
        ])
        .unwrap()
    }

    fn fitted(steps: &[&str], needs: Needs) -> Result<(Preparation, Matrix)> {
        let definitions: Vec<_> = steps.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        let steps = StepDefinition::parse_all(&definitions)?;
        let target = Target::new(Task::Binary, 2, vec![0.0, 1.0, 0.0, 1.0]);
        fit(&frame(), &target, Prepare { steps: &steps, needs, seed: 1 })
    }

    #[test]
    fn a_linear_model_gets_complete_scaled_numbers() {
        let (_, matrix) = fitted(&[], LINEAR).unwrap();
        let names: Vec<&str> = (0..matrix.columns()).map(|j| matrix.name(j)).collect();
        assert_eq!(names, ["x", "x__missing", "c=a", "c=b"]);
        assert_eq!(matrix.column(1), [0.0, 0.0, 1.0, 0.0]);
        assert_eq!(matrix.column(2), [0.0, 1.0, 0.0, 0.0]);
        assert!(matrix.column(0).iter().sum::<f64>().abs() < 1e-12);
    }

    #[test]
    fn trees_get_numbers_as_they_are_and_numbered_categories() {
        let (preparation, matrix) = fitted(&[], TREES).unwrap();
        assert_eq!(preparation.steps.len(), 1);
        assert_eq!((matrix.kind(0), matrix.kind(1)), (FeatureKind::Numeric, FeatureKind::Categorical));
        assert!(matrix.column(0)[2].is_nan() && matrix.column(1)[2].is_nan());
        assert_eq!(matrix.column(1)[..2], [1.0, 0.0]);
    }

    #[test]
    fn a_step_for_the_other_type_or_after_an_encoding_is_refused() {
        let scale = r#"{"op":"scale","columns":"c"}"#;
        let refused = |steps: &[&str]| fitted(steps, TREES).unwrap_err();
        assert!(refused(&[scale]).message().contains("preparation scale of \"c\": it is a column of texts"));
        assert!(refused(&[r#"{"op":"one_hot","columns":"x"}"#]).message().contains("a column of numbers"));
        let encoded = refused(&[r#"{"op":"one_hot","columns":"c"}"#, r#"{"op":"impute","columns":"c"}"#]);
        assert!(encoded.message().contains("\"c\" was replaced by other columns"), "{encoded}");
        let unknown = refused(&[r#"{"op":"impute","columns":"y"}"#]);
        assert!(unknown.message().contains("column \"y\" is not known"), "{unknown}");
    }

    #[test]
    fn a_column_that_is_called_like_one_a_step_writes_is_refused() {
        let mut twins = frame();
        twins.set("x__missing", Column::floats(vec![1.0, 2.0, 3.0, 4.0])).unwrap();
        let target = Target::new(Task::Binary, 2, vec![0.0, 1.0, 0.0, 1.0]);
        let error = fit(&twins, &target, Prepare { steps: &[], needs: LINEAR, seed: 1 }).map(|_| ()).unwrap_err();
        assert!(error.message().contains("writes a column \"x__missing\", and there is one"), "{error}");
    }
}
