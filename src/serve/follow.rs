//! Following references: when an alias that is served is moved, the server loads the model it points at now and puts it in the
//! place of the old one. It looks every second whether anything was written to the ledger, which costs microseconds. A model
//! that can't be loaded leaves the old one answering, and is tried again every second.

use super::deployment_record::RunningDeployment;
use super::served_model::ServedModel;
use super::server::Server;
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::Ledger;
use crate::project::{Name, Reference};
use crate::registry;
use crate::registry::Resolved;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often the ledger is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// The deployments that this process runs, as the ledger has them.
pub(super) type Running = Mutex<BTreeMap<Name, RunningDeployment>>;

/// Follows until it is aborted. `address` is that of the server, for the ledger.
pub(super) async fn follow(server: Arc<Server>, running: Arc<Running>, address: String) {
    let mut watch = Watch::default();
    while !server.followed.is_empty() {
        tokio::time::sleep(EVERY).await;
        let mut looking = std::mem::take(&mut watch);
        let (server, running, address) = (Arc::clone(&server), Arc::clone(&running), address.clone());
        let looked = tokio::task::spawn_blocking(move || {
            if let Err(e) = looking.look(&server, &running, &address) {
                tracing::debug!(error = e.with_causes(), "the ledger can't be looked at; it is tried again");
                looking.ledger = None;
            }
            looking
        });
        watch = looked.await.unwrap_or_else(|e| {
            tracing::error!(error = e.to_string(), "following broke off; it begins anew");
            Watch::default()
        });
    }
}

/// What was seen of the ledger.
#[derive(Default)]
struct Watch {
    ledger: Option<Ledger>,
    /// Its state when references were last looked up and all could be followed.
    seen: Option<i64>,
    /// What kind of error keeps a deployment from following, so that it is said once: the text may name another file each time.
    failed: BTreeMap<Name, ErrorKind>,
}

impl Watch {
    /// Looks references up if anything was written since the last time.
    fn look(&mut self, server: &Server, running: &Running, address: &str) -> Result<()> {
        if self.ledger.is_none() {
            (self.ledger, self.seen) = (Some(server.project.ledger()?), None);
        }
        let Some(ledger) = &self.ledger else { return Ok(()) };
        let state = ledger.data_version()?;
        if self.seen == Some(state) {
            return Ok(());
        }
        self.seen = Some(state);
        for (name, reference) in &server.followed {
            match follow_one(server, ledger, name, reference).and_then(|new| match new {
                Some(model) => replace(server, running, name, model, address).map(|()| true),
                None => Ok(false),
            }) {
                Ok(_) => drop(self.failed.remove(name)),
                Err(e) => {
                    if self.failed.insert(name.clone(), e.kind()) != Some(e.kind()) {
                        tracing::warn!(deployment = %name, error = e.with_causes(), "the model that is served now goes on answering");
                    }
                }
            }
        }
        if !self.failed.is_empty() {
            // What stood in the way may go without a word in the ledger: a blob that is copied, a disk that is emptied.
            self.seen = None;
        }
        Ok(())
    }
}

/// The model that a reference means now, loaded, if it is not the one that is served.
fn follow_one(server: &Server, ledger: &Ledger, name: &Name, reference: &Reference) -> Result<Option<ServedModel>> {
    let found: Resolved = registry::resolve(ledger, reference)?;
    let deployment = server.deployments().get(name.as_str());
    let current = deployment.as_ref().and_then(|deployment| deployment.arm()).map(|arm| &arm.model);
    match current {
        Some(current) if current.is(&found) => Ok(None),
        Some(current) if current.hash == found.hash => {
            Ok(Some(ServedModel::of(Arc::clone(&current.predictor), &found)))
        }
        Some(_) => ServedModel::load(&server.project.store(), &found, &server.online).map(Some),
        None => Err(Error::invalid(format!("nothing is served as \"{name}\""))),
    }
}

/// The ledger hears of the new model first, so that no answer is by a model it does not know of.
fn replace(server: &Server, running: &Running, name: &Name, model: ServedModel, address: &str) -> Result<()> {
    let begun = RunningDeployment::begin(&server.project, name, &model, address)?;
    let (label, hash) = (model.label.clone(), model.hash.short());
    server.swap(name, Arc::new(model));
    tracing::info!(deployment = %name, model = label, hash, "another model answers from now on");
    let old = running.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), begun);
    if let Some(old) = old
        && let Err(e) = old.end(&server.project)
    {
        tracing::warn!(deployment = %name, error = e.with_causes(), "the end of the model before can't be recorded");
    }
    Ok(())
}
