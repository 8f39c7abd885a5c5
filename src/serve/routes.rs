//! Paths and what answers them, within bounds of size, time and number; who may ask; what is counted.

use super::answer::{Answered, Served};
use super::reply::{failure, failure_v2, json, status_of, text_of, with_id};
use super::request::Rows;
use super::{inference, invocations};
use crate::error::{Error, ErrorKind, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Largest body, bytes. Read as JSON it takes up to 32 times as much memory.
const BODY: usize = 16 << 20;
/// From so many bytes on, a body is large.
const LARGE: usize = 16 << 10;
/// Large requests worked on at once.
pub(super) const LARGE_AT_ONCE: usize = 2;
type App = State<Arc<Served>>;

/// Every path of a server.
pub(super) fn router(served: Arc<Served>) -> Router {
    let names = ["/v2/models/{name}", "/v2/models/{name}/versions/{version}"];
    let mut router = Router::new()
        .route("/health", get(alive))
        .route("/ping", get(alive))
        .route("/version", get(|| async { concat!(env!("CARGO_PKG_VERSION"), "\n") }))
        .route("/metrics", get(metrics))
        .route("/invocations", post(invoke))
        .route("/v2", get(server_metadata))
        .route("/v2/", get(server_metadata))
        .route("/v2/health/live", get(|| async { json(StatusCode::OK, br#"{"live":true}"#.to_vec()) }))
        .route("/v2/health/ready", get(|| async { json(StatusCode::OK, br#"{"ready":true}"#.to_vec()) }));
    for name in names {
        router = router
            .route(name, get(model_metadata))
            .route(&format!("{name}/ready"), get(model_ready))
            .route(&format!("{name}/infer"), post(infer));
    }
    router
        .fallback(|| async { failure(StatusCode::NOT_FOUND, "there is nothing at this path") })
        .method_not_allowed_fallback(|| async {
            failure(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
        })
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn_with_state(Arc::clone(&served), watch))
        .with_state(served)
}

/// Counts, bounds the time, and asks for the token.
async fn watch(State(served): App, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = route_of(request.uri().path());
    let method = request.method().clone();
    let open = matches!(route, "/health" | "/ping");
    if !open && !allowed(&served, request.headers()) {
        answered(&served, (&method, route), StatusCode::UNAUTHORIZED, begun);
        return failure(StatusCode::UNAUTHORIZED, "a token is needed: Authorization: Bearer …");
    }
    served.metrics.in_flight.fetch_add(1, Ordering::Relaxed);
    let response = match refused(request.headers()) {
        Some(refused) => refused,
        None => tokio::time::timeout(served.patience, next.run(request)).await.unwrap_or_else(|_| {
            let text = format!("the request was not there and answered within {:?}", served.patience);
            failure(StatusCode::REQUEST_TIMEOUT, &text)
        }),
    };
    served.metrics.in_flight.fetch_sub(1, Ordering::Relaxed);
    answered(&served, (&method, route), response.status(), begun);
    response
}

/// Counts an answer and logs it: what asks for predictions with `-v`, probes of health and the like with `-vv`. A path that
/// is not one of ours is not written: it may hold anything.
fn answered(served: &Served, (method, route): (&Method, &'static str), status: StatusCode, begun: Instant) {
    let (status, elapsed) = (status.as_u16(), begun.elapsed());
    served.metrics.answered(route, status, elapsed);
    let latency_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    match route {
        "/invocations" | "/v2/infer" => tracing::info!(%method, route, status, latency_us, "request"),
        _ => tracing::debug!(%method, route, status, latency_us, "request"),
    }
}

/// The answer to a request whose body is not even to be read.
fn refused(headers: &HeaderMap) -> Option<Response> {
    let header = |name| headers.get(name).and_then(|v| v.to_str().ok());
    let length = header(header::CONTENT_LENGTH).and_then(|l| l.parse::<u64>().ok());
    if length.is_some_and(|l| l > BODY as u64) {
        let text = format!("the body is larger than {BODY} bytes; send fewer rows");
        return Some(failure(StatusCode::PAYLOAD_TOO_LARGE, &text));
    }
    let encoding = header(header::CONTENT_ENCODING).filter(|e| !e.eq_ignore_ascii_case("identity"))?;
    let text = format!("Content-Encoding {encoding} is not read here; send the body as it is");
    Some(failure(StatusCode::UNSUPPORTED_MEDIA_TYPE, &text))
}

/// Few names, whatever paths come.
fn route_of(path: &str) -> &'static str {
    match path {
        "/health" => "/health",
        "/ping" => "/ping",
        "/version" => "/version",
        "/metrics" => "/metrics",
        "/invocations" => "/invocations",
        p if p.ends_with("/infer") => "/v2/infer",
        p if p.starts_with("/v2") => "/v2",
        _ => "other",
    }
}

fn allowed(served: &Served, headers: &HeaderMap) -> bool {
    let Some(token) = &served.token else { return true };
    let given =
        headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    given.is_some_and(|given| token.is(given))
}

async fn alive() -> &'static str {
    "\n"
}

async fn metrics(State(served): App) -> Response {
    let page = served.metrics.page(served.deployment.as_str(), &inference::version(&served), &served.hash.to_string());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], page).into_response()
}

async fn server_metadata() -> Response {
    json(
        StatusCode::OK,
        serde_json::json!({ "name": "mlops", "version": env!("CARGO_PKG_VERSION"), "extensions": [] })
            .to_string()
            .into_bytes(),
    )
}

/// Whether the path names the served model.
fn known(served: &Served, path: &[(String, String)]) -> bool {
    path.iter().all(|(key, value)| match key.as_str() {
        "name" => value == served.deployment.as_str(),
        "version" => *value == inference::version(served),
        _ => true,
    })
}

fn unknown_model(served: &Served) -> Response {
    let text = format!("this server has model \"{}\" version {}", served.deployment, inference::version(served));
    failure_v2(StatusCode::NOT_FOUND, &text)
}

async fn model_metadata(State(served): App, Path(path): Path<Vec<(String, String)>>) -> Response {
    if !known(&served, &path) {
        return unknown_model(&served);
    }
    json(StatusCode::OK, inference::metadata(&served).to_string().into_bytes())
}

async fn model_ready(State(served): App, Path(path): Path<Vec<(String, String)>>) -> Response {
    if !known(&served, &path) {
        return unknown_model(&served);
    }
    json(
        StatusCode::OK,
        serde_json::json!({ "name": served.deployment.as_str(), "ready": true }).to_string().into_bytes(),
    )
}

async fn infer(
    State(served): App,
    Path(path): Path<Vec<(String, String)>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let begun = Instant::now();
    if !known(&served, &path) {
        return unknown_model(&served);
    }
    let body = match body {
        Ok(body) => body,
        Err(e) => return failure_v2(e.status(), &e.body_text()),
    };
    match answer(&served, body, begun, |_, body| inference::parse(body)).await {
        Ok((answered, id)) => {
            let body = inference::reply(&served, &answered, id);
            with_id(json(StatusCode::OK, body), &answered.request)
        }
        Err(e) => failure_v2(status_of(&served, &e), &text_of(&e)),
    }
}

async fn invoke(State(served): App, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let begun = Instant::now();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("").to_ascii_lowercase();
    let (kind, parameter) = kind.split_once(';').map_or((kind.trim(), ""), |(k, p)| (k.trim(), p.trim()));
    if !matches!(parameter, "" | "charset=utf-8" | "charset=\"utf-8\"")
        || !matches!(kind, "application/json" | "text/csv")
    {
        let text =
            "This predictor only supports the following content types: text/csv, application/json (charset=utf-8)\n";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, [(header::CONTENT_TYPE, "text/plain")], text).into_response();
    }
    let body = match body {
        Ok(body) => body,
        Err(e) => return failure(e.status(), &e.body_text()),
    };
    let rows: fn(&Served, &[u8]) -> Result<Rows> = match kind {
        "text/csv" => |served, body| invocations::parse_csv(body, |name| served.scorer.takes_text(name)),
        _ => |served, body| invocations::parse_json(body, &served.scorer.request_columns()),
    };
    match answer(&served, body, begun, move |served, body| Ok((rows(served, body)?, ()))).await {
        Ok((answered, ())) => with_id(json(StatusCode::OK, invocations::reply(&answered)), &answered.request),
        Err(e) => failure(status_of(&served, &e), &text_of(&e)),
    }
}

/// Reads the rows of a body, and what else the protocol has to say, and answers them. Small requests are answered where
/// they are; large ones, a few at once, must not keep others waiting.
async fn answer<T: Send + 'static>(
    served: &Arc<Served>,
    body: Bytes,
    begun: Instant,
    parse: impl FnOnce(&Served, &[u8]) -> Result<(Rows, T)> + Send + 'static,
) -> Result<(Answered, T)> {
    let work = move |served: &Served, body: &[u8]| {
        let (rows, more) = parse(served, body)?;
        Ok((served.answer(&rows, begun)?, more))
    };
    if body.len() < LARGE {
        return work(served, &body);
    }
    let given_up = |e: &dyn std::fmt::Display| Error::new(ErrorKind::Io, format!("the request was given up: {e}"));
    let turn = Arc::clone(&served.large).acquire_owned().await.map_err(|e| given_up(&e))?;
    let served = Arc::clone(served);
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work(&served, &body)
    });
    work.await.map_err(|e| given_up(&e))?
}
