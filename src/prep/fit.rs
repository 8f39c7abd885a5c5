//! Fitting preparation on training rows: the recipe's steps in order, then what the estimator still needs (filled and scaled
//! numbers, one-hot texts for linear models; numbered categories for trees).

use super::fitted_preparation::Preparation;
use super::fitted_step::{Content, Step};
use super::impute;
use super::one_hot;
use super::ordinal::Ordinal;
use super::scale;
use super::step_definition::{Selection, StepDefinition, StepKind};
use crate::data::{Column, Family, Frame};
use crate::error::{Error, Result};
use crate::learn::{FeatureKind, Matrix, Needs, Target};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeSet;

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
        let name = definition.operation.name();
        let chosen = chosen(&definition.columns, &columns, frame).map_err(|e| e.at(format!("preparation {name}")))?;
        let fitted = |(at, column): (usize, &Working)| -> Result<Option<(Step, Vec<Column>)>> {
            if !chosen.contains(&at) {
                return Ok(None);
            }
            let fitted = column.fit(&definition.operation, target, prepare.seed);
            fitted.map(Some).map_err(|e| e.at(format!("preparation {name} of \"{}\"", column.name)))
        };
        let fitted = columns.par_iter().enumerate().map(fitted).collect::<Vec<_>>();
        columns = put(columns, fitted.into_iter().collect::<Result<Vec<_>>>()?, &mut steps)?;
    }
    // Filling may add an indicator, so scaling looks at what is there after it.
    for needed in [Working::fill, Working::scale, Working::encode] {
        let fitted = columns.par_iter().map(|column| needed(column, prepare.needs)).collect::<Vec<_>>();
        columns = put(columns, fitted.into_iter().collect::<Result<Vec<_>>>()?, &mut steps)?;
    }
    Ok((Preparation { steps }, matrix(columns)?))
}

/// A column as the steps so far left it, with the values of the training rows.
struct Working {
    name: String,
    content: Content,
    column: Column,
    /// Whether it goes by the name of a feature; indicators and one-hot columns don't.
    feature: bool,
    filled: bool,
    scaled: bool,
}

impl Working {
    fn new(name: &str, column: &Column) -> Result<Self> {
        let (content, column) = match (column.kind().family(), column.numbers()) {
            (_, Some(numbers)) => (Content::Number, Column::floats(numbers.into_owned())),
            (Family::Text, None) => (Content::Text, column.clone()),
            (Family::Time, None) => {
                return Err(Error::invalid(format!("\"{name}\" is a time, which is not a feature by itself"))
                    .hint(format!("derive a number of it: EXTRACT(hour FROM {name})")));
            }
            (family, None) => {
                return Err(Error::invalid(format!("\"{name}\" is a {family}, which no step takes yet"))
                    .hint("leave it out of features"));
            }
        };
        Ok(Working { name: name.to_owned(), content, column, feature: true, filled: false, scaled: false })
    }

    fn numbers(&self) -> Result<Cow<'_, [f64]>> {
        match (self.column.numbers(), self.content) {
            (Some(values), Content::Number) => Ok(values),
            _ => Err(Error::invalid(format!("it is a column of {}", self.content.name()))
                .hint("choose columns = \"numeric\"")),
        }
    }

    fn texts(&self) -> Result<&Column> {
        match self.content {
            Content::Text => Ok(&self.column),
            other => {
                Err(Error::invalid(format!("it is a column of {}", other.name()))
                    .hint("choose columns = \"categorical\""))
            }
        }
    }

    /// The step fitted on this column, and what it makes of it.
    fn fit(&self, operation: &StepKind, target: &Target, seed: u64) -> Result<(Step, Vec<Column>)> {
        let name = self.name.as_str();
        let step = match operation {
            StepKind::Impute(_) if self.content == Content::Category => {
                return Err(Error::invalid("it is a column of numbered categories").hint("impute before ordinal"));
            }
            StepKind::Impute(params) => Step::Impute(params.fit(name, &self.column)?),
            StepKind::Clip(params) => Step::Clip(params.fit(name, &self.numbers()?)),
            StepKind::Scale(params) => Step::Scale(params.fit(name, &self.numbers()?)),
            StepKind::OneHot(params) => Step::OneHot(params.fit(name, self.texts()?)),
            StepKind::Ordinal => Step::Ordinal(Ordinal::fit(name, self.texts()?)),
            StepKind::TargetEncode(params) => {
                let (step, training) = params.fit(name, self.texts()?, target, seed)?;
                return Ok((Step::TargetEncode(step), training));
            }
        };
        Ok(self.with(step))
    }

    fn with(&self, step: Step) -> (Step, Vec<Column>) {
        let made = step.columns(self.column.clone(), &step.places());
        (step, made)
    }

    /// Fills missing numbers where the estimator takes none and the recipe left them.
    fn fill(&self, needs: Needs) -> Result<Option<(Step, Vec<Column>)>> {
        if !needs.complete || self.filled || !self.feature || self.content != Content::Number {
            return Ok(None);
        }
        let params = impute::ImputeParams::needed(&self.numbers()?);
        Ok(Some(self.with(Step::Impute(params.fit(&self.name, &self.column)?))))
    }

    /// Scales numbers where the estimator wants it and the recipe left it.
    fn scale(&self, needs: Needs) -> Result<Option<(Step, Vec<Column>)>> {
        if !needs.scaled || self.scaled || !self.feature || self.content != Content::Number {
            return Ok(None);
        }
        Ok(Some(self.with(Step::Scale(scale::ScaleParams::needed().fit(&self.name, &self.numbers()?)))))
    }

    /// Turns texts into numbers, where the recipe left any.
    fn encode(&self, needs: Needs) -> Result<Option<(Step, Vec<Column>)>> {
        if self.content != Content::Text {
            return Ok(None);
        }
        Ok(Some(self.with(match needs.numeric {
            true => Step::OneHot(one_hot::OneHotParams::needed().fit(&self.name, &self.column)),
            false => Step::Ordinal(Ordinal::fit(&self.name, &self.column)),
        })))
    }
}

/// The places of the columns a selection means.
fn chosen(selection: &Selection, columns: &[Working], frame: &Frame) -> Result<Vec<usize>> {
    let of = |keep: &dyn Fn(&Working) -> bool| {
        columns.iter().enumerate().filter(|(_, column)| column.feature && keep(column)).map(|(at, _)| at).collect()
    };
    match selection {
        Selection::All => Ok(of(&|column| column.content != Content::Category)),
        Selection::Numeric => Ok(of(&|column| column.content == Content::Number)),
        Selection::Categorical => Ok(of(&|column| column.content == Content::Text)),
        Selection::Named(names) => names
            .iter()
            .map(|name| {
                frame.column(name)?;
                columns.iter().position(|column| column.feature && column.name == *name).ok_or_else(|| {
                    Error::invalid(format!("\"{name}\" was replaced by other columns in an earlier step"))
                        .hint("put this step before the one that encodes the column")
                })
            })
            .collect(),
    }
}

/// Replaces the columns that the fitted steps read by those they wrote, and appends the steps to `steps`. Columns are found
/// by their names later, so none that is written may be called like a feature.
fn put(columns: Vec<Working>, fitted: Vec<Option<(Step, Vec<Column>)>>, steps: &mut Vec<Step>) -> Result<Vec<Working>> {
    let mut next = Vec::with_capacity(columns.len());
    for (before, fitted) in columns.into_iter().zip(fitted) {
        let Some((step, made)) = fitted else {
            next.push(before);
            continue;
        };
        for ((name, content), column) in step.outputs().into_iter().zip(made) {
            let feature = before.feature && name == before.name;
            let filled = feature && (before.filled || matches!(step, Step::Impute(_) | Step::TargetEncode(_)));
            let scaled = feature && (before.scaled || matches!(step, Step::Scale(_)));
            next.push(Working { name, content, column, feature, filled, scaled });
        }
        steps.push(step);
    }
    let features: BTreeSet<&str> = next.iter().filter(|c| c.feature).map(|c| c.name.as_str()).collect();
    match next.iter().find(|column| !column.feature && features.contains(column.name.as_str())) {
        Some(twin) => {
            let what = format!("preparation writes a column \"{}\", and the data has one already", twin.name);
            Err(Error::invalid(what).hint("rename the column of the data, or leave it out of features"))
        }
        None => Ok(next),
    }
}

/// The columns as a matrix.
fn matrix(columns: Vec<Working>) -> Result<Matrix> {
    let (mut names, mut kinds, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for column in columns {
        names.push(column.name);
        kinds.push(if column.content == Content::Category { FeatureKind::Categorical } else { FeatureKind::Numeric });
        values.push(column.column.into_numbers().unwrap_or_default());
    }
    Matrix::new(names, kinds, values)
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert!(error.message().contains("writes a column \"x__missing\""), "{error}");
    }
}
