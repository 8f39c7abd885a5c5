//! A model as a server has it: ready to answer, with the names that its answers are logged under.

use super::predictor::Predictor;
use crate::error::Result;
use crate::features::OnlineStore;
use crate::model;
use crate::registry::Resolved;
use crate::store::{Hash, Store};
use std::sync::Arc;
use std::time::Instant;

/// A loaded model. It never changes; another one takes its place.
pub(super) struct ServedModel {
    /// What answers.
    pub predictor: Arc<Predictor>,
    /// What people call it: `delay@2`, or the beginning of its hash.
    pub label: String,
    /// Its registered version, if it has one.
    pub version: Option<u32>,
    /// Its bundle.
    pub hash: Hash,
    /// The same as the log and Prometheus show it.
    pub hash_text: String,
}

impl ServedModel {
    /// Loads the bundle that a reference means.
    pub(super) fn load(store: &Store, found: &Resolved, online: &Arc<OnlineStore>) -> Result<ServedModel> {
        let begun = Instant::now();
        let predictor = Predictor::new(model::load(store, &found.hash)?, Arc::clone(online))?;
        let (model, hash, seconds) = (found.label(), found.hash.short(), begun.elapsed().as_secs_f64());
        tracing::info!(model, hash, seconds, "model loaded");
        for shape in predictor.views() {
            match online.is_filled(shape) {
                Ok(true) => {}
                Ok(false) => {
                    let hint = "mlops feature materialize";
                    tracing::warn!(view = %shape.name, hint, "the view is not in the online store: its features will be missing");
                }
                Err(e) => tracing::warn!(error = e.with_causes(), "requests that need the view will be refused"),
            }
        }
        Ok(ServedModel::of(Arc::new(predictor), found))
    }

    /// The same predictor under the names of another reference to the same bundle.
    pub(super) fn of(predictor: Arc<Predictor>, found: &Resolved) -> ServedModel {
        ServedModel {
            predictor,
            label: found.label(),
            version: found.registered.as_ref().map(|(_, version)| *version),
            hash: found.hash,
            hash_text: found.hash.to_string(),
        }
    }

    /// Whether a reference means this model under this name.
    pub(super) fn is(&self, found: &Resolved) -> bool {
        self.hash == found.hash && self.label == found.label()
    }

    /// The version as protocols show it: a text.
    pub(super) fn version_text(&self) -> String {
        self.version.map_or_else(|| self.hash.short(), |version| version.to_string())
    }
}
