//! A monitor of `mlops.toml` at work: which deployment, which reference, which limits; drift of what was asked of the
//! model against what it was trained on, and performance as labels come.

use super::asked_features::asked_features;
use super::drift::{DriftOutcome, drift};
use super::performance::{PerformanceOptions, PerformanceOutcome, performance};
use super::plan::MonitorPlan;
use super::watched_model::{Watched, WatchedModel, Window};
use crate::data::{Frame, columns_of, read_table};
use crate::document::plot::Limit;
use crate::error::{Error, Result};
use crate::features::{Part, load_set};
use crate::ledger::Ledger;
use crate::model;
use crate::predictions;
use crate::progress::Progress;
use crate::project::{MonitorDef, Name, Project, Reference, Span, day_text};
use crate::registry;
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
        let known = predictions::deployments(project)?;
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

    /// The model that `reference` names, or the one that answers now or answered last.
    pub fn model(&self, project: &Project, ledger: &Ledger, reference: Option<&Reference>) -> Result<WatchedModel> {
        let (label, hash) = match reference {
            Some(reference) => {
                let resolved = registry::resolve(ledger, reference)?;
                (resolved.label(), resolved.hash)
            }
            None => {
                let last = ledger.last_deployment(&self.deployment)?.ok_or_else(|| {
                    Error::not_found(format!("deployment \"{}\" is not in the ledger", self.deployment))
                        .hint("name the model whose answers are meant: --model MODEL")
                })?;
                (last.model, last.model_hash)
            }
        };
        Ok(WatchedModel { label, hash, bundle: model::load(&project.store(), &hash)? })
    }

    /// The definition, checked; a plain monitor has the defaults.
    fn plan(&self) -> Result<MonitorPlan> {
        self.definition.as_ref().map_or_else(|| Ok(MonitorPlan::default()), |d| MonitorPlan::new(&self.deployment, d))
    }

    /// Drift of what was asked of the model against the reference.
    pub fn drift(
        &self,
        project: &Project,
        ledger: &Ledger,
        model: &WatchedModel,
        window: Window,
        progress: &Progress,
    ) -> Result<DriftOutcome> {
        let plan = self.plan()?;
        let reference = match plan.reference.as_deref() {
            None => Box::new(training_rows(project, ledger, &model.bundle.lineage.set)?),
            Some(table) => columns_of(read_table(project, ledger, project.root(), table)?)?,
        };
        let (current, watched) = asked_features(project, &self.deployment, model, window, progress)?;
        if current.rows() == 0 {
            return Err(no_rows(&watched));
        }
        let outcome = drift(reference.as_ref(), &current, &plan.drift, progress)?;
        Ok(DriftOutcome { watched: Some(watched), ..outcome })
    }

    /// Realised performance of the model with the monitor's limit; of every other one too with `all_models`.
    pub fn performance(
        &self,
        project: &Project,
        model: &WatchedModel,
        chunk: Option<Span>,
        window: Window,
        all_models: bool,
        progress: &Progress,
    ) -> Result<PerformanceOutcome> {
        let limit = self.plan()?.performance;
        let chunk = match (chunk, limit.as_ref().and_then(|l| l.chunk.clone())) {
            (Some(chunk), _) | (None, Some(chunk)) => chunk,
            (None, None) => Span::parse("7d")?,
        };
        let store = project.store();
        let signature_of = |hash: &Hash| model::load(&store, hash).map(|bundle| bundle.signature);
        let options = PerformanceOptions { chunk, limit, window, all_models };
        performance(project, &self.deployment, model, &options, signature_of, progress)
    }

    /// The key of the dataset whose rows the model was trained on, if this project knows it.
    pub fn spine_key(&self, project: &Project, ledger: &Ledger, model: &WatchedModel) -> Result<Vec<String>> {
        let set = ledger.training_set(&model.bundle.lineage.set)?;
        let definitions = project.definitions();
        let spine = set.and_then(|row| definitions.set.get(&row.name)).and_then(|set| definitions.data.get(&set.spine));
        Ok(spine.map(|d| d.key.clone()).unwrap_or_default())
    }

    /// What a report says on top.
    pub fn facts(&self, model: &WatchedModel) -> Vec<(String, String)> {
        let bundle = &model.bundle;
        let mut facts = vec![
            ("deployment".to_owned(), self.deployment.to_string()),
            ("model".to_owned(), model.label.clone()),
            ("estimator".to_owned(), bundle.estimator.clone()),
            ("predicts".to_owned(), bundle.signature.label.clone()),
        ];
        if let Some((from, to)) = bundle.lineage.trained_on {
            facts.push(("trained on".to_owned(), format!("{} to {}", day_text(from), day_text(to))));
        }
        facts
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

/// Why there is nothing to compare.
fn no_rows(watched: &Watched) -> Error {
    let error = Error::invalid(format!("the model {} has no rows in this window", watched.model));
    match watched.rows_other_models {
        0 => error.hint("choose a longer time"),
        others => error.hint(format!("choose a longer time; other models answered {others} rows in it: --model MODEL")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::plot;
    use crate::document::plot::{Base, Series};
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
        let svg = plot::lines("auc", &["2013-01-01".to_owned()], &series, &[limits[0].1.clone()], Base::Free);
        assert!(svg.inline().contains(">at least 0.7<"), "{}", svg.inline());
    }
}
