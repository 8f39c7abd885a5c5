//! Accepting connections. Each has so long to send the head of a request, idle ones included, so a client that sends slowly or
//! nothing gives its place back. A client that does not read its answers keeps its place until it goes, and there are only so
//! many at once: whoever takes all of them keeps everybody else waiting. Where that may happen, a proxy belongs in between.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Connections at once; below the 1,024 files a process may usually open, for the log and the stores need some.
const CONNECTIONS: usize = 900;
/// How long requests in flight may go on after the stop.
const DRAIN: Duration = Duration::from_secs(20);
/// How long to wait when the system has no connection to give.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop`, then finishes what is in flight. The head of a request may take `timeout` to arrive.
pub(super) async fn listen(listener: TcpListener, router: Router, timeout: Duration, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(timeout);
    let open = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    let mut refused = false;
    loop {
        let accepted = async {
            let place = Arc::clone(&open).acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(e) => {
                // Logged when it begins, not ten times a second.
                if !std::mem::replace(&mut refused, true) {
                    tracing::warn!(error = e.to_string(), "no connection can be accepted; it is tried again");
                }
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        refused = false;
        // Answers are small and must not wait for more.
        let _ = stream.set_nodelay(true);
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks is its client's affair.
            if let Err(e) = connection.await {
                tracing::debug!(error = e.to_string(), "a connection broke");
            }
            drop(place);
        });
    }
    drop(listener);
    tracing::info!("stopping: no new connections, requests in flight are finished");
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = DRAIN.as_secs(), "requests in flight were cut off");
    }
}
