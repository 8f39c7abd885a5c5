//! A retraining's definition, checked: recipe, monitor, gate and triggers fit each other. What is wrong is refused before
//! data is recorded or a model trained.

use crate::error::{Error, Result};
use crate::learn::Metric;
use crate::model::Recipe;
use crate::monitor::MonitorPlan;
use crate::project::{Definitions, Name, RetrainDef};
use crate::registry::CHAMPION;

/// A retraining whose parts were checked.
#[derive(Debug, Clone)]
pub struct RetrainPlan {
    /// As it stands in `mlops.toml`.
    pub definition: RetrainDef,
    /// The gate's metric; the task's default without one.
    pub metric: Option<Metric>,
    /// The challenger must be better by more than this.
    pub min_gain: f64,
    /// The alias that moves on promotion.
    pub alias: Name,
}

impl RetrainPlan {
    /// Checks the retraining called `name`; the error names it and the key.
    pub fn new(definitions: &Definitions, name: &Name) -> Result<RetrainPlan> {
        RetrainPlan::checked(definitions, name).map_err(|e| e.at(format!("retrain {name}")))
    }

    fn checked(definitions: &Definitions, name: &Name) -> Result<RetrainPlan> {
        let definition = definitions.retrain(name)?;
        let train = definitions.recipe(&definition.train)?;
        let recipe = Recipe::new(&definition.train, train)?;
        if definitions.set(&train.set)?.event_time.is_none() {
            return Err(Error::invalid(format!("set \"{}\" has no event_time", train.set))
                .hint("retraining holds back the newest rows, so it needs their time"));
        }
        let triggers = &definition.triggers;
        match &definition.monitor {
            Some(monitor) => drop(MonitorPlan::new(monitor, definitions.monitor(monitor)?)?),
            None if triggers.drift == Some(true) || triggers.performance == Some(true) => {
                return Err(Error::invalid("triggers on drift or performance need a monitor")
                    .hint("give monitor = \"NAME\" in the same table"));
            }
            None => {}
        }
        let gate = definition.gate.as_ref();
        let metric = gate.map(|gate| Metric::parse(&gate.metric, recipe.task)).transpose();
        let min_gain = gate.map_or(0.0, |gate| gate.min_gain);
        if !min_gain.is_finite() {
            return Err(Error::invalid(format!("gate: min_gain = {min_gain}")).hint("it takes a finite number"));
        }
        Ok(RetrainPlan {
            metric: metric.map_err(|e| e.at("gate"))?,
            min_gain,
            alias: definition.alias.clone().map_or_else(|| Name::parse(CHAMPION), Ok)?,
            definition: definition.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(retrain: &str) -> Result<RetrainPlan> {
        let text = format!(
            "[data.d]\npath = 'd.csv'\n[set.s]\nspine = 'd'\nevent_time = 'at'\nfeatures = ['*']\n[set.timeless]\n\
             spine = 'd'\nfeatures = ['*']\n[train.r]\nset = 's'\nmodel = 'boosting'\ntask = 'regression'\n[train.t]\n\
             set = 'timeless'\nmodel = 'tree'\n[train.w]\nset = 's'\nmodel = 'bosting'\n[monitor.bad]\n\
             tests = {{ x = 'kss' }}\n[retrain.m]\nmodel = 'm'\nholdout = '1d'\n{retrain}\n"
        );
        RetrainPlan::new(&Definitions::parse(&text)?, &Name::parse("m").unwrap())
    }

    #[test]
    fn what_is_wrong_shows_before_anything_is_recorded_or_trained() {
        for (retrain, said) in [
            ("train = 'w'", "retrain m: recipe w: model \"bosting\" is not known"),
            ("train = 't'", "set \"timeless\" has no event_time"),
            ("train = 'r'\nmonitor = 'bad'", "monitor bad: tests: column \"x\""),
            ("train = 'r'\ntriggers = { drift = true }", "need a monitor"),
            ("train = 'r'\ngate = { metric = 'auc' }", "gate: metric \"auc\" is not defined for the task regression"),
            ("train = 'r'\ngate = { metric = 'rmes' }", "gate: metric \"rmes\" is not known"),
        ] {
            let error = plan(retrain).unwrap_err();
            assert!(error.message().contains(said) && error.hint_text().is_some(), "{retrain}: {error}");
        }
        assert_eq!(plan("train = 'r'\ngate = { metric = 'mae' }").unwrap().metric, Some(Metric::Mae));
    }
}
