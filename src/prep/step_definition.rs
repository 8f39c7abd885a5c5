//! The steps of a recipe, checked: the operation with its parameters, and which columns it is about.

use super::step_kind::{OPERATIONS, StepKind};
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use crate::project::PrepDef;
use serde_json::Value;

/// A step as a recipe defines it, with nothing fitted yet.
#[derive(Debug, Clone, PartialEq)]
pub struct StepDefinition {
    /// Its name in `mlops.toml`.
    pub(super) name: &'static str,
    pub(super) operation: StepKind,
    pub(super) columns: Selection,
}

/// The columns that a step is fitted on and changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Selection {
    /// Every column that the step takes.
    All,
    /// Those of numbers.
    Numeric,
    /// Those of texts.
    Categorical,
    /// Those of times.
    Time,
    /// These features.
    Named(Vec<String>),
}

impl StepDefinition {
    /// Checks the steps of a recipe; the error names the step.
    pub fn parse_all(definitions: &[PrepDef]) -> Result<Vec<StepDefinition>> {
        definitions
            .iter()
            .map(|one| StepDefinition::parse(one).map_err(|e| e.at(format!("preparation {}", one.op))))
            .collect()
    }

    /// The definition without the parameters that are at their default: those without which it is the same step.
    pub fn without_defaults(definition: &PrepDef) -> PrepDef {
        let Ok(step) = StepDefinition::parse(definition) else { return definition.clone() };
        let mut plain = definition.clone();
        for name in definition.params.keys() {
            let mut fewer = plain.clone();
            fewer.params.remove(name);
            if StepDefinition::parse(&fewer).is_ok_and(|parsed| parsed == step) {
                plain = fewer;
            }
        }
        plain
    }

    fn parse(definition: &PrepDef) -> Result<StepDefinition> {
        let op = definition.op.as_str();
        let known = OPERATIONS.iter().find(|(name, _)| *name == op);
        let (name, parameters) =
            known.ok_or_else(|| Error::unknown("step", op, OPERATIONS.iter().map(|(name, _)| *name)))?;
        let reader = ParamReader::new(name, &definition.params, parameters)?;
        let operation = StepKind::parse(name, &reader)?;
        Ok(StepDefinition { name, operation, columns: selection(&definition.columns)? })
    }
}

fn selection(columns: &Value) -> Result<Selection> {
    const HINT: &str = "give columns = \"numeric\", \"categorical\", \"time\", \"all\", a name or a list";
    match columns {
        Value::Null => Err(Error::invalid("no columns").hint(HINT)),
        Value::String(word) => Ok(match word.as_str() {
            "all" => Selection::All,
            "numeric" => Selection::Numeric,
            "categorical" => Selection::Categorical,
            "time" => Selection::Time,
            name => Selection::Named(vec![name.to_owned()]),
        }),
        Value::Array(names) => {
            let name = |name: &Value| {
                let text = name.as_str().ok_or_else(|| Error::invalid("columns is a list of names").hint(HINT))?;
                Ok(text.to_owned())
            };
            Ok(Selection::Named(names.iter().map(name).collect::<Result<_>>()?))
        }
        other => Err(Error::invalid(format!("columns = {other} names no columns")).hint(HINT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_step_parameter_or_selection_is_named() {
        for (text, said) in [
            (r#"{"op":"inpute","columns":"all"}"#, "preparation inpute: step \"inpute\" is not known"),
            (r#"{"op":"scale","columns":"numeric","metod":"x"}"#, "scale parameter \"metod\" is not known"),
            (r#"{"op":"scale"}"#, "preparation scale: no columns"),
            (r#"{"op":"scale","columns":7}"#, "columns = 7 names no columns"),
            (r#"{"op":"clip","columns":"numeric","low":0.9,"high":0.1}"#, "low = 0.9 is above high = 0.1"),
            (r#"{"op":"impute","columns":"all","strategy":"constant"}"#, "strategy constant needs a value"),
        ] {
            let error = StepDefinition::parse_all(&[serde_json::from_str(text).unwrap()]).unwrap_err();
            assert!(error.message().contains(said) && error.hint_text().is_some(), "{text}: {error}");
        }
    }

    #[test]
    fn a_parameter_at_its_default_says_nothing() {
        for (text, left) in [
            (r#"{"op":"impute","columns":"all","indicator":false}"#, &[][..]),
            // Said, it refuses columns of texts.
            (r#"{"op":"impute","columns":"all","strategy":"median"}"#, &["strategy"]),
            (
                r#"{"op":"impute","columns":"all","strategy":"constant","value":0,"indicator":true}"#,
                &["indicator", "value"],
            ),
            (r#"{"op":"clip","columns":"all","low":0,"high":0.99}"#, &["low"]),
            (r#"{"op":"scale","columns":"all","method":"standard"}"#, &[]),
            (r#"{"op":"one_hot","columns":"all","max_categories":200,"min_count":2}"#, &["min_count"]),
            (r#"{"op":"target_encode","columns":"all","smooth":"auto","folds":5}"#, &[]),
            (r#"{"op":"scale","columns":"all","metod":"x"}"#, &["metod"]),
        ] {
            let plain = StepDefinition::without_defaults(&serde_json::from_str(text).unwrap());
            let mut names: Vec<&String> = plain.params.keys().collect();
            names.sort();
            assert_eq!(names, left, "{text}");
        }
    }
}
