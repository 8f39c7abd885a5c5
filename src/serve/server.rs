//! The server: what all of its requests share. Its deployments are one value that is replaced as a whole: a request takes the
//! deployment it began with and keeps it, whatever takes its place meanwhile.

use super::access::AccessRules;
use super::body::bounded::BodyMemory;
use super::deployment::{Deployment, Deployments};
use super::limits::LARGE_AT_ONCE;
use super::metrics::Metrics;
use super::options::{ModelToServe, ServeOptions};
use super::served_model::ServedModel;
use crate::error::{Error, Result};
use crate::features::OnlineStore;
use crate::predictions::Writer;
use crate::project::{Name, Project, Reference, Selector};
use crate::registry;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// What requests share.
pub(super) struct Server {
    pub project: Project,
    deployments: RwLock<Arc<Deployments>>,
    /// References that may come to mean another model, by deployment.
    pub followed: Vec<(Name, Reference)>,
    pub online: Arc<OnlineStore>,
    pub metrics: Metrics,
    pub access: AccessRules,
    pub bodies: BodyMemory,
    pub connections_per_peer: usize,
    pub request_timeout: Duration,
    /// Turns of large requests.
    pub large: Arc<Semaphore>,
}

impl Server {
    /// Loads what is to be served.
    pub(super) fn new(options: ServeOptions) -> Result<Server> {
        let ServeOptions { project, models, request_timeout, connections_per_peer, .. } = options;
        let any_host = options.no_token && !options.host.is_loopback() && options.allowed_hosts.is_empty();
        let access = AccessRules { token: options.token, hosts: options.allowed_hosts, any_host };
        let (ledger, online) = (project.ledger()?, Arc::new(OnlineStore::open(&project)?));
        let (mut deployments, mut followed) = (Vec::new(), Vec::new());
        let mut names = BTreeSet::new();
        for ModelToServe { name, model } in models {
            let found = registry::resolve(&ledger, &model)?;
            let registered = found.registered.as_ref().map(|(name, _)| name.clone());
            let name = name.or(registered).map_or_else(|| Name::parse(&found.hash.short()), Ok)?;
            if !names.insert(name.clone()) {
                return Err(Error::invalid(format!("two models would be served as \"{name}\""))
                    .hint("give one of them a name of its own: [serve.NAME] with model = … in mlops.toml"));
            }
            let served = ServedModel::load(&project.store(), &found, &online)?;
            let log = Arc::new(Writer::open(&project, &name)?);
            deployments.push(Deployment::new(name.clone(), log, Arc::new(served)));
            let fixed = matches!(model.named(), Some((_, Selector::Version(_))) | None);
            if !fixed && found.registered.is_some() {
                followed.push((name, model));
            }
        }
        let deployments = Deployments::new(deployments)
            .ok_or_else(|| Error::invalid("there is nothing to serve").hint("name a model"))?;
        Ok(Server {
            project,
            deployments: RwLock::new(Arc::new(deployments)),
            followed,
            online,
            metrics: Metrics::default(),
            access,
            bodies: BodyMemory::new(options.body_memory),
            connections_per_peer,
            request_timeout,
            large: Arc::new(Semaphore::new(LARGE_AT_ONCE)),
        })
    }

    /// The deployments as they are now.
    pub(super) fn deployments(&self) -> Arc<Deployments> {
        Arc::clone(&self.deployments.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a model in the place of a deployment's; requests in flight end with the one they began with.
    pub(super) fn swap(&self, deployment: &Name, model: Arc<ServedModel>) {
        let mut current = self.deployments.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = current.get(deployment.as_str()) {
            *current = Arc::new(current.with(old.with_model(model)));
        }
    }
}
