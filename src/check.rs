//! Every definition of `mlops.toml`, checked by the room that carries it out: recipes by `model`, monitors by `monitor`,
//! retrainings by `retrain`. Nothing is run and no data is read.
//!
//! `[train.late] model = "bosting"` and `[monitor.m] performance = { metric = "acu" }` are both found by `mlops status`, long
//! before somebody trains or serves.

use crate::error::Result;
use crate::model::Recipe;
use crate::monitor::MonitorPlan;
use crate::project::Definitions;
use crate::retrain::RetrainPlan;

/// The first definition that can't be carried out is the error.
pub fn definitions(definitions: &Definitions) -> Result<()> {
    definitions.train.iter().try_for_each(|(name, recipe)| Recipe::new(name, recipe).map(drop))?;
    definitions.monitor.iter().try_for_each(|(name, monitor)| MonitorPlan::new(name, monitor).map(drop))?;
    definitions.retrain.keys().try_for_each(|name| RetrainPlan::new(definitions, name).map(drop))
}
