//! A monitor of `mlops.toml` at work: which deployment, which reference, which limits; drift of what was asked of the
//! model against what it was trained on, and performance as labels come.

use super::drift::{DriftOutcome, drift};
use super::performance::{PerformanceOptions, PerformanceOutcome, performance};
use super::plan::MonitorPlan;
use super::predictions::predictions_of;
use crate::data::{Column, Frame, Value, columns_of, read_table};
use crate::document::plot::Limit;
use crate::error::{Error, Result};
use crate::features::{Part, load_set};
use crate::ledger::Ledger;
use crate::model::{Bundle, load};
use crate::progress::Progress;
use crate::project::{MonitorDef, Name, Project, Span, day_text};
use crate::serve::{Prediction, deployments};
use crate::store::Hash;

/// A monitor with everything it needs.
pub struct Monitor {
    /// The deployment it reads.
    pub deployment: Name,
    definition: Option<MonitorDef>,
}

impl Monitor {
    /// The monitor called `name` in `mlops.toml`, or a plain one of the deployment of that name.
    pub fn find(project: &Project, name: &Name) -> Result<Self> {
        let known = deployments(project)?;
        let definition = project.definitions().monitor.get(name).cloned();
        let deployment = definition.as_ref().and_then(|d| d.deployment.clone()).unwrap_or_else(|| name.clone());
        if !known.contains(&deployment) {
            let all = known.iter().chain(project.definitions().monitor.keys()).map(Name::as_str);
            let error = Error::unknown("deployment or monitor", deployment.as_str(), all);
            return Err(if known.is_empty() {
                error.hint("nothing was served yet: `mlops serve MODEL`")
            } else {
                error
            });
        }
        Ok(Monitor { deployment, definition })
    }

    /// The bundle that answered last.
    pub fn bundle(&self, project: &Project, ledger: &Ledger) -> Result<Bundle> {
        let last = ledger.last_deployment(&self.deployment)?;
        let last =
            last.ok_or_else(|| Error::not_found(format!("deployment \"{}\" is not in the ledger", self.deployment)))?;
        load(&project.store(), &last.model_hash)
    }

    /// The definition, checked; a plain monitor has the defaults.
    fn plan(&self) -> Result<MonitorPlan> {
        self.definition.as_ref().map_or_else(|| Ok(MonitorPlan::default()), |d| MonitorPlan::new(&self.deployment, d))
    }

    /// Drift of what was asked against the reference.
    pub fn drift(
        &self,
        project: &Project,
        ledger: &Ledger,
        from: Option<i64>,
        to: Option<i64>,
        progress: &Progress,
    ) -> Result<DriftOutcome> {
        let bundle = self.bundle(project, ledger)?;
        let reference = match self.definition.as_ref().and_then(|d| d.reference.as_deref()) {
            None | Some("training") => Box::new(training_rows(project, ledger, &bundle.lineage.set)?),
            Some(table) => columns_of(read_table(project, ledger, project.root(), table)?)?,
        };
        let predictions = predictions_of(project, &self.deployment, from, to)?;
        drift(reference.as_ref(), &asked(&bundle, &predictions)?, &self.plan()?.drift, progress)
    }

    /// Realised performance with the monitor's limit.
    pub fn performance(
        &self,
        project: &Project,
        ledger: &Ledger,
        chunk: Option<Span>,
        from: Option<i64>,
        to: Option<i64>,
    ) -> Result<PerformanceOutcome> {
        let limit = self.definition.as_ref().and_then(|d| d.performance.clone());
        let chunk = match (chunk, limit.as_ref().and_then(|l| l.chunk.clone())) {
            (Some(chunk), _) | (None, Some(chunk)) => chunk,
            (None, None) => Span::parse("7d")?,
        };
        let signature = self.bundle(project, ledger)?.signature;
        performance(project, &self.deployment, &signature, &PerformanceOptions { chunk, limit, from, to })
    }

    /// The key of the dataset whose rows the model was trained on, if this project knows it.
    pub fn spine_key(&self, project: &Project, ledger: &Ledger) -> Result<Vec<String>> {
        let bundle = self.bundle(project, ledger)?;
        let set = ledger.training_set(&bundle.lineage.set)?;
        let definitions = project.definitions();
        let spine = set.and_then(|row| definitions.set.get(&row.name)).and_then(|set| definitions.data.get(&set.spine));
        Ok(spine.map(|d| d.key.clone()).unwrap_or_default())
    }

    /// What a report says on top.
    pub fn facts(&self, project: &Project, ledger: &Ledger) -> Result<Vec<(String, String)>> {
        let bundle = self.bundle(project, ledger)?;
        let last = ledger.last_deployment(&self.deployment)?;
        let mut facts = vec![("deployment".to_owned(), self.deployment.to_string())];
        facts.extend(last.map(|d| ("model".to_owned(), d.model)));
        facts.push(("estimator".to_owned(), bundle.estimator));
        facts.push(("predicts".to_owned(), bundle.signature.label));
        if let Some((from, to)) = bundle.lineage.trained_on {
            facts.push(("trained on".to_owned(), format!("{} to {}", day_text(from), day_text(to))));
        }
        Ok(facts)
    }

    /// The limits of its performance, by metric, as a picture shows them.
    pub fn limits(&self) -> Vec<(String, Limit)> {
        let Some(definition) = self.definition.as_ref().and_then(|d| d.performance.as_ref()) else { return Vec::new() };
        let limit = |name: &str, value: f64, bad_below: bool| {
            (definition.metric.clone(), Limit { name: name.to_owned(), value, bad_below })
        };
        let min = definition.min.map(|value| limit("at least", value, true));
        let max = definition.max.map(|value| limit("at most", value, false));
        min.into_iter().chain(max).collect()
    }
}

/// The rows a model learned from.
fn training_rows(project: &Project, ledger: &Ledger, set: &Hash) -> Result<Frame> {
    let row = ledger.training_set(set)?.ok_or_else(|| {
        Error::not_found(format!("training set {} is not in this ledger", set.short()))
            .hint("give the monitor a reference: a dataset or its version")
    })?;
    let set = load_set(project, &row)?;
    Ok(set.frame.select_rows(&set.rows_of(Part::Train)))
}

/// The features of logged predictions, typed as the model takes them.
fn asked(bundle: &Bundle, predictions: &[(i64, Prediction)]) -> Result<Frame> {
    let columns = bundle.features.features.iter().map(|feature| {
        let cells = predictions.iter().map(|(_, p)| p.features.get(&feature.name));
        let cells = cells.map(|cell| cell.and_then(|cell| Value::from_json(cell).ok()).unwrap_or(Value::Null));
        let column = Column::of_values(feature.kind, cells);
        (feature.name.clone(), column)
    });
    Frame::new(columns.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::plot::{Base, Series, lines};
    use crate::project::Definitions;

    #[test]
    fn a_limit_is_named_with_its_value_once() {
        let text = "[monitor.m]\nperformance = { metric = 'auc', min = 0.7 }\n";
        let definitions = Definitions::parse(text).unwrap();
        let name = Name::parse("m").unwrap();
        let definition = definitions.monitor.get(&name).cloned();
        let limits = Monitor { deployment: name.clone(), definition }.limits();
        assert_eq!((limits.len(), limits[0].0.as_str()), (1, "auc"));
        let series = [Series { name: "auc".to_owned(), values: vec![Some(0.8)] }];
        let svg = lines("auc", &["2013-01-01".to_owned()], &series, &[limits[0].1.clone()], Base::Free);
        assert!(svg.inline().contains(">at least 0.7<"), "{}", svg.inline());
    }
}
