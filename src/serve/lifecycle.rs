//! A server's life: it loads, listens, tells the ledger, answers, and on SIGTERM or Ctrl-C stops accepting, finishes what is in
//! flight, makes its logs durable and ends.

use super::deployment_record::RunningDeployment;
use super::follow::{Running, follow};
use super::listen::{Answering, listen};
use super::options::ServeOptions;
use super::routes::{probes, router};
use super::server::Server;
use crate::error::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

/// Serves until a signal comes; `ready` gets the address once it listens.
pub fn serve(options: ServeOptions, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    if !options.host.is_loopback() && options.token.is_none() {
        if !options.no_token {
            return Err(Error::invalid(format!("{} is open to other machines, and there is no token", options.host)).hint(
                "set MLOPS_TOKEN, which clients send as `Authorization: Bearer …`; or listen on 127.0.0.1; or, behind a gateway that \
                 decides who may ask, give --no-token",
            ));
        }
        tracing::warn!(host = %options.host, "open to other machines without a token: whoever reaches this address may ask");
    }
    let address = SocketAddr::new(options.host, options.port);
    let server = Arc::new(Server::new(options)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Error::new(ErrorKind::Io, format!("cannot start threads: {e}")))?;
    let running = Arc::new(Running::default());
    let result = runtime.block_on(run(&server, &running, address, ready));
    // Waits for threads that are still at work: one may be telling the ledger of another model.
    drop(runtime);
    result.and(end(&server, &running))
}

async fn run(
    server: &Arc<Server>,
    running: &Arc<Running>,
    address: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    let busy = |e: std::io::Error| {
        Error::new(ErrorKind::Io, format!("cannot listen on {address}: {e}"))
            .hint("choose another --port; 0 takes a free one")
            .caused_by(e)
    };
    let listener = TcpListener::bind(address).await.map_err(busy)?;
    let address = listener.local_addr().map_err(busy)?;
    let mut stop = signals()?;
    let url = format!("http://{address}");
    for deployment in server.deployments().iter() {
        if let Some(arm) = deployment.arm() {
            let begun = RunningDeployment::begin(&server.project, &deployment.name, &arm.model, &url)?;
            lock(running).insert(deployment.name.clone(), begun);
        }
    }
    tracing::info!(%address, token = server.access.token.is_some(), "listening");
    ready(address);
    let syncing = tokio::spawn(sync_every_second(Arc::clone(server)));
    let following = tokio::spawn(follow(Arc::clone(server), Arc::clone(running), url));
    let answering = Answering {
        router: router(Arc::clone(server)),
        probes: probes(),
        timeout: server.request_timeout,
        per_peer: server.connections_per_peer,
    };
    listen(listener, answering, async move { stop.recv().await }).await;
    syncing.abort();
    following.abort();
    sync(server)
}

/// Tells the ledger that nothing is served any more.
fn end(server: &Server, running: &Running) -> Result<()> {
    let mut result = Ok(());
    for (name, deployment) in std::mem::take(&mut *lock(running)) {
        let ended = deployment.end(&server.project);
        tracing::info!(deployment = %name, "stopped");
        result = result.and(ended);
    }
    result
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Makes every log durable; what could not be is counted.
fn sync(server: &Server) -> Result<()> {
    let mut result = Ok(());
    for deployment in server.deployments().iter() {
        if let Err(e) = deployment.log.sync() {
            deployment.counters.log_errors.fetch_add(1, Ordering::Relaxed);
            result = Err(e);
        }
    }
    result
}

/// A failure is logged when it begins and when it is over, not each second between.
async fn sync_every_second(server: Arc<Server>) {
    let mut failing = false;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let logs = Arc::clone(&server);
        let Ok(synced) = tokio::task::spawn_blocking(move || sync(&logs)).await else { continue };
        match &synced {
            Ok(()) if failing => tracing::info!("the prediction log is durable again"),
            Err(e) if !failing => {
                let error = e.with_causes();
                tracing::warn!(error, "the prediction log can't be made durable; it is tried again every second");
            }
            _ => {}
        }
        failing = synced.is_err();
    }
}
