//! A deployment: a name under which models answer, its log and its counters. A deployment never changes: when another model
//! takes over, another value with the same log and counters takes its place, so a request goes on with what it began with.

use super::served_model::ServedModel;
use crate::features::{LookupStatus, Lookups};
use crate::predictions::Writer;
use crate::project::Name;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

/// The name of a deployment's only model among its models.
const CHAMPION: &str = "champion";

/// A name under which models answer.
#[derive(Clone)]
pub(super) struct Deployment {
    pub name: Name,
    /// The models that answer. Today one; the first answers.
    arms: Vec<Arm>,
    pub log: Arc<Writer>,
    pub counters: Arc<Counters>,
}

/// One of a deployment's models.
#[derive(Clone)]
pub(super) struct Arm {
    /// What it is called in the log.
    pub name: &'static str,
    pub model: Arc<ServedModel>,
}

/// What a deployment counts, through all of its models.
#[derive(Default)]
pub(super) struct Counters {
    /// Rows predicted.
    pub rows: AtomicU64,
    /// How often the log could not be written: answers that were not given for it, and syncs that failed.
    pub log_errors: AtomicU64,
    /// Rows by view and what its look-up came by.
    lookups: Mutex<BTreeMap<(Name, LookupStatus), u64>>,
}

impl Counters {
    /// Adds the look-ups of a request.
    pub(super) fn count_lookups(&self, lookups: &Lookups) {
        let counts = lookups.counts();
        if counts.is_empty() {
            return;
        }
        let mut known = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        for (of_view, rows) in counts {
            if of_view.1 == LookupStatus::BeforeHistory && !known.contains_key(&of_view) {
                tracing::warn!(
                    view = %of_view.0,
                    hint = "keep older rows: online = { history = \"30d\" } in the view, then mlops feature materialize",
                    "rows are older than what the online store keeps, and are answered without the view's features"
                );
            }
            *known.entry(of_view).or_default() += rows;
        }
    }

    /// Rows by view and what its look-up came by.
    pub(super) fn lookups(&self) -> BTreeMap<(Name, LookupStatus), u64> {
        self.lookups.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Deployment {
    /// A deployment with one model.
    pub(super) fn new(name: Name, log: Arc<Writer>, model: Arc<ServedModel>) -> Deployment {
        Deployment { name, arms: vec![Arm { name: CHAMPION, model }], log, counters: Arc::default() }
    }

    /// The same with another model in place of its only one.
    pub(super) fn with_model(&self, model: Arc<ServedModel>) -> Deployment {
        Deployment { arms: vec![Arm { name: CHAMPION, model }], ..self.clone() }
    }

    /// Which of its models answers the next request.
    pub(super) fn arm(&self) -> Option<&Arm> {
        self.arms.first()
    }

    /// Its models.
    pub(super) fn arms(&self) -> &[Arm] {
        &self.arms
    }
}

/// Everything that a server answers for, at one moment.
#[derive(Clone)]
pub(super) struct Deployments {
    by_name: BTreeMap<String, Arc<Deployment>>,
    /// The one that paths without a name mean.
    first: String,
}

impl Deployments {
    /// Deployments of different names, of which the first is meant by paths without a name; none without any.
    pub(super) fn new(all: Vec<Deployment>) -> Option<Deployments> {
        let first = all.first()?.name.to_string();
        let by_name = all.into_iter().map(|one| (one.name.to_string(), Arc::new(one))).collect();
        Some(Deployments { by_name, first })
    }

    /// The deployment of this name.
    pub(super) fn get(&self, name: &str) -> Option<Arc<Deployment>> {
        self.by_name.get(name).cloned()
    }

    /// The deployment that paths without a name mean.
    pub(super) fn first(&self) -> Option<Arc<Deployment>> {
        self.get(&self.first)
    }

    /// All of them, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Deployment>> {
        self.by_name.values()
    }

    /// The same with another deployment under its name.
    pub(super) fn with(&self, deployment: Deployment) -> Deployments {
        let mut all = self.clone();
        all.by_name.insert(deployment.name.to_string(), Arc::new(deployment));
        all
    }
}
