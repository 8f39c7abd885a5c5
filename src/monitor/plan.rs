//! A monitor's definition, checked: tests, thresholds and limits as typed values. What is wrong is refused before any
//! prediction is read.

use super::drift::DriftOptions;
use super::statistics::Test;
use crate::error::{Error, Result};
use crate::learn::Metric;
use crate::project::{MonitorDef, Name, Span};
use std::collections::BTreeMap;
use std::str::FromStr;

/// A monitor whose names, values and ranges were checked.
#[derive(Debug, Clone, Default)]
pub struct MonitorPlan {
    /// How drift is looked for.
    pub drift: DriftOptions,
    /// A dataset reference or file to compare with; the model's training rows without one.
    pub reference: Option<String>,
    /// What the realised performance must be.
    pub performance: Option<PerformanceLimit>,
}

/// What one metric must be, chunk by chunk.
#[derive(Debug, Clone, PartialEq)]
pub struct PerformanceLimit {
    /// The metric.
    pub metric: Metric,
    /// It must be at least this.
    pub min: Option<f64>,
    /// It must be at most this.
    pub max: Option<f64>,
    /// Length of a chunk, where the monitor says one.
    pub chunk: Option<Span>,
}

impl MonitorPlan {
    /// Checks a definition; the error names the monitor and the key.
    pub fn new(name: &Name, definition: &MonitorDef) -> Result<MonitorPlan> {
        MonitorPlan::checked(definition).map_err(|e| e.at(format!("monitor {name}")))
    }

    fn checked(definition: &MonitorDef) -> Result<MonitorPlan> {
        let test = |(column, name): (&String, &String)| {
            let test = Test::from_str(name).map_err(|e| e.at(format!("tests: column \"{column}\"")))?;
            Ok((column.clone(), test))
        };
        if let Some((column, threshold)) = definition.thresholds.iter().find(|(_, t)| !(t.is_finite() && **t >= 0.0)) {
            return Err(Error::invalid(format!("thresholds: column \"{column}\": {threshold}"))
                .hint("a threshold is a number, 0 or more"));
        }
        if let Some(share) = definition.drift_share.filter(|share| !(0.0..=1.0).contains(share)) {
            return Err(Error::invalid(format!("drift_share = {share}")).hint("it takes a share from 0 to 1"));
        }
        let limit = definition.performance.as_ref().map(|limit| {
            let metric = Metric::parse(&limit.metric, None).map_err(|e| e.at("performance"))?;
            if limit.min.zip(limit.max).is_some_and(|(min, max)| min > max) {
                return Err(Error::invalid("performance: min is above max").hint("give the lower limit as min"));
            }
            Ok(PerformanceLimit { metric, min: limit.min, max: limit.max, chunk: limit.chunk.clone() })
        });
        Ok(MonitorPlan {
            drift: DriftOptions {
                columns: definition.columns.clone(),
                tests: definition.tests.iter().map(test).collect::<Result<BTreeMap<_, _>>>()?,
                thresholds: definition.thresholds.clone(),
                share: definition.drift_share,
                wider_reference: true,
                ..DriftOptions::default()
            },
            reference: definition.reference.clone().filter(|reference| reference != "training"),
            performance: limit.transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan(definition: serde_json::Value) -> Result<MonitorPlan> {
        MonitorPlan::new(&Name::parse("m").unwrap(), &serde_json::from_value(definition).unwrap())
    }

    #[test]
    fn what_is_wrong_shows_before_any_prediction_is_read() {
        for (definition, said) in [
            (json!({"tests": {"x": "wasserstien"}}), "monitor m: tests: column \"x\": "),
            (json!({"thresholds": {"x": -0.1}}), "thresholds: column \"x\": -0.1"),
            (json!({"drift_share": 1.5}), "drift_share = 1.5"),
            (json!({"performance": {"metric": "acu"}}), "performance: metric \"acu\" is not known"),
            (json!({"performance": {"metric": "auc", "min": 0.9, "max": 0.1}}), "min is above max"),
        ] {
            let error = plan(definition.clone()).unwrap_err();
            assert!(error.message().contains(said) && error.hint_text().is_some(), "{definition}: {error}");
        }
    }

    #[test]
    fn names_become_types() {
        let plan = plan(json!({"tests": {"x": "psi"}, "performance": {"metric": "rmse", "max": 3.0}})).unwrap();
        assert_eq!(plan.drift.tests["x"], Test::Psi);
        assert_eq!(plan.performance.unwrap().metric, Metric::Rmse);
    }
}
