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

    /// Every operation with the names of its parameters.
    pub fn operations() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
        OPERATIONS.into_iter()
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
            (r#"{"op":"clip","columns":"numeric","fold":2}"#, "fold beside a method that has none"),
            (r#"{"op":"clip","columns":"numeric","method":"iqr","low":0.1}"#, "low beside a method that has none"),
            (r#"{"op":"scale","columns":"numeric","quantile_range":[1,2]}"#, "quantile_range = [1,2] beside a method"),
            (
                r#"{"op":"scale","columns":"numeric","method":"robust","quantile_range":[75,25]}"#,
                "\"quantile_range\" is [75,25]",
            ),
            (r#"{"op":"one_hot","columns":"all","min_count":2,"min_frequency":2}"#, "min_count drops rare categories"),
            (r#"{"op":"one_hot","columns":"all","handle_unknown":"error"}"#, "\"handle_unknown\" is \"error\""),
            (r#"{"op":"bin","columns":"all","n_bins":1}"#, "\"n_bins\" is 1"),
            (r#"{"op":"power","columns":"all","method":"boxcox"}"#, "\"method\" is \"boxcox\""),
            (r#"{"op":"pca","columns":"all","n_components":0}"#, "\"n_components\" is 0"),
            (r#"{"op":"pca","columns":"all","n_components":1.5}"#, "\"n_components\" is 1.5"),
            (r#"{"op":"tfidf","columns":"all","ngram_range":[2,1]}"#, "\"ngram_range\" is [2,1]"),
            (r#"{"op":"tfidf","columns":"all","max_df":1.5}"#, "\"max_df\" is 1.5"),
            (r#"{"op":"hash","columns":"all","n_features":1000000}"#, "\"n_features\" is 1000000"),
            (r#"{"op":"date_parts","columns":"time","parts":["hours"]}"#, "part of a date \"hours\" is not known"),
            (r#"{"op":"date_parts","columns":"time","parts":[]}"#, "parts names none"),
            (r#"{"op":"select_univariate","columns":"all","k":2,"percentile":3}"#, "k beside percentile"),
            (r#"{"op":"select_model","columns":"all","model":"forrest"}"#, "model \"forrest\" is not known"),
            (r#"{"op":"select_model","columns":"all","params":{"max_dept":1}}"#, "\"max_dept\" is not known"),
            (r#"{"op":"select_model","columns":"all","threshold":"men"}"#, "\"threshold\" is \"men\""),
            (r#"{"op":"select_rfe","columns":"all","step":0}"#, "\"step\" is 0"),
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
            (r#"{"op":"one_hot","columns":"all","handle_unknown":"ignore","min_frequency":2}"#, &["min_frequency"]),
            (r#"{"op":"clip","columns":"all","method":"mad","fold":3.0}"#, &["method"]),
            (r#"{"op":"tfidf","columns":"all","ngram_range":[1,1],"max_df":1.0,"min_df":2}"#, &["min_df"]),
            (r#"{"op":"select_model","columns":"all","model":"forest","params":{"n_estimators":100}}"#, &[]),
            (r#"{"op":"scale","columns":"all","metod":"x"}"#, &["metod"]),
        ] {
            let plain = StepDefinition::without_defaults(&serde_json::from_str(text).unwrap());
            let mut names: Vec<&String> = plain.params.keys().collect();
            names.sort();
            assert_eq!(names, left, "{text}");
        }
    }
}
