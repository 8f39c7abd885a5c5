//! Accepting connections. Each has so long to send the head of a request, idle ones included, and so long to take its answer, so a
//! client that sends or reads slowly or not at all gives its place back. Where all places are taken, or a peer has too many, probes of
//! health are still answered; other requests are told to come again.

use super::connection_places::ConnectionPlaces;
use super::limits::{DRAIN, HEAD, LONGEST_HEAD, PROBE_HEAD};
use super::patient_stream::PatientStream;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long to wait when the system has no connection to give.
const PAUSE: Duration = Duration::from_millis(100);

/// What connections are answered by, and how long they may take.
pub(super) struct Answering {
    /// Every path.
    pub router: Router,
    /// Probes of health only.
    pub probes: Router,
    /// How long a request may take.
    pub timeout: Duration,
    /// Connections that one peer may have.
    pub per_peer: usize,
}

/// Serves until `stop`, then finishes what is in flight.
pub(super) async fn listen(listener: TcpListener, answering: Answering, stop: impl Future<Output = ()>) {
    let Answering { router, probes, timeout, per_peer } = answering;
    let http = |head: Duration| {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(head.min(timeout)).max_buf_size(LONGEST_HEAD);
        http
    };
    let (open, probing) = (http(HEAD), http(PROBE_HEAD));
    let places = ConnectionPlaces::new(per_peer);
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    let mut refused = false;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
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
        // Without a place it is closed at once.
        let Some(place) = places.take(peer.ip()) else { continue };
        let (http, router) = if place.probe { (&probing, &probes) } else { (&open, &router) };
        // Answers are small and must not wait for more.
        let _ = stream.set_nodelay(true);
        let stream = TokioIo::new(PatientStream::new(stream, timeout));
        let connection = graceful.watch(http.serve_connection(stream, TowerToHyperService::new(router.clone())));
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
