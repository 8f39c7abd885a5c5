//! How much the rows of each class count, as scikit-learn's `class_weight`: `"balanced"`, so that all classes count the same in
//! all, or a weight by the class's name, 1 for those not named.

use crate::error::{Error, Result};
use crate::learn::task::{Target, Task};
use serde_json::{Map, Value};

/// The parameter's name.
pub(super) const PARAMETER: &str = "class_weight";

/// Weights of classes.
#[derive(Debug, Clone, PartialEq)]
pub enum ClassWeight {
    /// The number of rows over the number of classes and of the class's rows.
    Balanced,
    /// By the class's name; 1 for others.
    Named(Map<String, Value>),
}

impl ClassWeight {
    /// Reads the parameter; null and `"none"` are no weights.
    pub fn parse(value: &Value) -> Result<Option<ClassWeight>> {
        let is_weight = |weight: &Value| weight.as_f64().is_some_and(|weight| weight.is_finite() && weight >= 0.0);
        match value {
            Value::Null => Ok(None),
            Value::String(word) if word == "none" => Ok(None),
            Value::String(word) if word == "balanced" => Ok(Some(ClassWeight::Balanced)),
            Value::Object(named) if !named.is_empty() && named.values().all(is_weight) => {
                Ok(Some(ClassWeight::Named(named.clone())))
            }
            other => Err(Error::invalid(format!("parameter \"{PARAMETER}\" is {other}"))
                .hint("it takes \"balanced\", or a weight, 0 or more, for each class: { good = 1, bad = 5 }")),
        }
    }

    /// As `parse` takes it.
    pub fn json(&self) -> Value {
        match self {
            ClassWeight::Balanced => "balanced".into(),
            ClassWeight::Named(named) => Value::Object(named.clone()),
        }
    }

    /// The target with its rows weighted, beside the weights that they have already. `classes` are the names, in order.
    pub fn weighted(&self, target: &Target, classes: &[String]) -> Result<Target> {
        if target.task() == Task::Regression {
            return Err(Error::invalid(format!("parameter \"{PARAMETER}\", and numbers are learned"))
                .hint("remove it: weights of classes are for classes"));
        }
        let of_class = match self {
            ClassWeight::Balanced => balanced(target),
            ClassWeight::Named(named) => {
                if let Some(unknown) = named.keys().find(|name| !classes.contains(name)) {
                    let what = format!("class of \"{PARAMETER}\"");
                    return Err(Error::unknown(&what, unknown, classes.iter().map(String::as_str)));
                }
                let weight = |class: &String| named.get(class).and_then(Value::as_f64).unwrap_or(1.0);
                classes.iter().map(weight).collect()
            }
        };
        let weight = |row: usize| {
            let class = target.values()[row] as usize;
            target.weight(row) * of_class.get(class).copied().unwrap_or(1.0)
        };
        Ok(target.clone().with_weights((0..target.len()).map(weight).collect()))
    }
}

fn balanced(target: &Target) -> Vec<f64> {
    let totals = target.class_totals();
    let all = target.weight_sum();
    let classes = totals.iter().filter(|total| **total > 0.0).count() as f64;
    totals.iter().map(|total| if *total > 0.0 { all / (classes * total) } else { 1.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn classes() -> Vec<String> {
        ["bad", "good"].map(str::to_owned).to_vec()
    }

    #[test]
    fn balanced_classes_count_the_same_in_all() {
        let target = Target::new(Task::Binary, 2, vec![0.0, 1.0, 1.0, 1.0]);
        let weighted = ClassWeight::Balanced.weighted(&target, &classes()).unwrap();
        assert_eq!(weighted.weights().unwrap(), [2.0, 2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0]);
        let twice = target.with_weights(vec![3.0, 1.0, 1.0, 1.0]);
        assert_eq!(
            ClassWeight::Balanced.weighted(&twice, &classes()).unwrap().weights().unwrap(),
            [3.0, 1.0, 1.0, 1.0]
        );
    }

    #[test]
    fn a_class_is_weighted_by_its_name_and_an_unknown_one_is_refused() {
        let target = Target::new(Task::Binary, 2, vec![0.0, 1.0]);
        let read = |value: Value| ClassWeight::parse(&value).unwrap().unwrap();
        assert_eq!(read(json!({"bad": 5})).weighted(&target, &classes()).unwrap().weights().unwrap(), [5.0, 1.0]);
        let refused = read(json!({"bda": 5})).weighted(&target, &classes()).unwrap_err();
        assert!(refused.message().contains("\"bda\" is not known"), "{refused}");
        for wrong in [json!("balance"), json!({"bad": -1}), json!({}), json!(3)] {
            assert!(ClassWeight::parse(&wrong).unwrap_err().hint_text().is_some());
        }
    }
}
