//! The server: what it needs, its runtime, its start and end. On SIGTERM or Ctrl-C it stops accepting, finishes what is
//! in flight, makes the log durable and ends.

use super::answer::Served;
use super::deployed::lock_name;
use super::listen::listen;
use super::metrics::Metrics;
use super::routes::{LARGE_AT_ONCE, router};
use super::token::Token;
use crate::error::{Error, ErrorKind, Result};
use crate::features::OnlineStore;
use crate::ledger::NewDeployment;
use crate::model;
use crate::model::Scorer;
use crate::predictions::Writer;
use crate::project::{Lock, Name, Project};
use crate::store::Hash;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// What to serve, where.
pub struct ServeOptions {
    /// The project.
    pub project: Project,
    /// The deployment's name.
    pub name: Name,
    /// What people call the model.
    pub model: String,
    /// Its registered version, if it has one.
    pub version: Option<u32>,
    /// Its bundle.
    pub hash: Hash,
    /// The address to listen on.
    pub host: IpAddr,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// What clients must send as `Authorization: Bearer`; needed outside loopback.
    pub token: Option<Token>,
    /// How long the head of a request may take to arrive, and then its body and its answer.
    pub patience: Duration,
}

/// Serves until a signal comes; `ready` gets the address once it listens.
pub fn serve(options: ServeOptions, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    if !options.host.is_loopback() && options.token.is_none() {
        return Err(Error::invalid(format!("{} is open to other machines, and there is no token", options.host))
            .hint("set MLOPS_TOKEN, which clients send as `Authorization: Bearer …`, or listen on 127.0.0.1"));
    }
    let begun = Instant::now();
    let served = Arc::new(Served {
        scorer: Scorer::new(model::load(&options.project.store(), &options.hash)?)?,
        online: OnlineStore::open(&options.project)?,
        log: Writer::open(&options.project, &options.name)?,
        metrics: Metrics::default(),
        deployment: options.name.clone(),
        model: options.model.clone(),
        version: options.version,
        hash: options.hash,
        token: options.token.clone(),
        patience: options.patience,
        large: Arc::new(Semaphore::new(LARGE_AT_ONCE)),
    });
    let (model, hash, seconds) = (&options.model, options.hash.short(), begun.elapsed().as_secs_f64());
    tracing::info!(deployment = %options.name, model, hash, seconds, "model loaded");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Error::new(ErrorKind::Io, format!("cannot start threads: {e}")))?;
    runtime.block_on(run(options, served, ready))
}

async fn run(options: ServeOptions, served: Arc<Served>, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let address = SocketAddr::new(options.host, options.port);
    let busy = |e: std::io::Error| {
        Error::new(ErrorKind::Io, format!("cannot listen on {address}: {e}"))
            .hint("choose another --port; 0 takes a free one")
            .caused_by(e)
    };
    let listener = TcpListener::bind(address).await.map_err(busy)?;
    let address = listener.local_addr().map_err(busy)?;
    let mut stop = signals()?;
    let deployment = options.project.ledger()?.begin_deployment(&NewDeployment {
        name: options.name.clone(),
        model: options.model.clone(),
        version: options.version,
        model_hash: options.hash,
        address: format!("http://{address}"),
        process: std::process::id(),
    })?;
    let _alive = Lock::alive(&options.project, &lock_name(&deployment))?;
    tracing::info!(%address, token = served.token.is_some(), "listening");
    ready(address);
    let syncing = tokio::spawn(sync_every_second(Arc::clone(&served)));
    listen(listener, router(Arc::clone(&served)), options.patience, async move { stop.recv().await }).await;
    syncing.abort();
    served.log.sync()?;
    tracing::info!(deployment = %options.name, "stopped");
    options.project.ledger()?.end_deployment(&deployment)
}

/// Ctrl-C and SIGTERM.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

fn signals() -> Result<Signals> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |e: std::io::Error| Error::new(ErrorKind::Io, format!("cannot listen for signals: {e}"));
        Ok(Signals { terminate: signal(SignalKind::terminate()).map_err(failed)? })
    }
    #[cfg(not(unix))]
    Ok(Signals {})
}

impl Signals {
    async fn recv(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// A failure is logged when it begins and when it is over, not each second between.
async fn sync_every_second(served: Arc<Served>) {
    let mut failing = false;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let log = Arc::clone(&served);
        let Ok(synced) = tokio::task::spawn_blocking(move || log.log.sync()).await else { continue };
        match &synced {
            Ok(()) if failing => tracing::info!("the prediction log is durable again"),
            Err(e) if !failing => {
                let error = e.with_causes();
                tracing::warn!(error, "the prediction log can't be made durable; it is tried again every second");
            }
            _ => {}
        }
        failing = synced.is_err();
        if failing {
            served.metrics.log_errors.fetch_add(1, Ordering::Relaxed);
        }
    }
}
