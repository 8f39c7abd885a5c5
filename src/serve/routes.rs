//! Paths: which deployment and which dialect each means. Requests are bounded by time and number, and what was asked is counted.

use super::access::text;
use super::answer_rows::TimeLimit;
use super::body::bounded::HeldBody;
use super::deployment::{Arm, Deployment, Deployments};
use super::dialect::{Dialect, mlflow, open_inference};
use super::limits::LARGE_BODY;
use super::reply::{json, status_of, text_of, with_id};
use super::server::Server;
use crate::error::{Error, ErrorKind, Result};
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use std::sync::Arc;
use std::time::{Duration, Instant};

type App = State<Arc<Server>>;
type PathParts = Path<Vec<(String, String)>>;

/// Every path of a server.
pub(super) fn router(server: Arc<Server>) -> Router {
    let names = ["/v2/models/{name}", "/v2/models/{name}/versions/{version}"];
    let mut router = Router::new()
        .route("/health", get(alive))
        .route("/ping", get(alive))
        .route("/version", get(|| async { concat!(env!("CARGO_PKG_VERSION"), "\n") }))
        .route("/metrics", get(metrics))
        .route("/invocations", post(invoke))
        .route("/v2", get(server_metadata))
        .route("/v2/", get(server_metadata))
        .route("/v2/repository/index", post(repository_index))
        .route("/v2/health/live", get(|| async { json(StatusCode::OK, br#"{"live":true}"#.to_vec()) }))
        .route("/v2/health/ready", get(|| async { json(StatusCode::OK, br#"{"ready":true}"#.to_vec()) }));
    for name in names {
        router = router
            .route(name, get(model_metadata))
            .route(&format!("{name}/ready"), get(model_ready))
            .route(&format!("{name}/infer"), post(infer));
    }
    router
        .fallback(|| async { mlflow::failure(StatusCode::NOT_FOUND, "there is nothing at this path") })
        .method_not_allowed_fallback(|| async {
            mlflow::failure(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
        })
        .layer(from_fn_with_state(Arc::clone(&server), watch))
        .with_state(server)
}

/// The paths that tell of a server's health, for connections that have no other place.
pub(super) fn probes() -> Router {
    let busy = || async {
        let text = "there are too many connections; try again";
        again(mlflow::failure(StatusCode::SERVICE_UNAVAILABLE, text))
    };
    Router::new().route("/health", get(alive)).route("/ping", get(alive)).fallback(busy).layer(from_fn(close))
}

/// Such a connection ends with its first answer.
async fn close(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Counts, bounds the time, and lets in or not.
async fn watch(State(server): App, mut request: Request, next: Next) -> Response {
    let route = route_of(request.uri().path());
    let in_flight = server.metrics.begin(request.method().clone(), route);
    let open = matches!(route, "/health" | "/ping");
    if let Err((status, text)) = server.access.check(request.uri(), request.headers(), open) {
        in_flight.answered(status);
        return mlflow::failure(status, &text);
    }
    let timeout = server.request_timeout;
    request.extensions_mut().insert(TimeLimit { begun: Instant::now(), timeout });
    let response = tokio::time::timeout(timeout, next.run(request))
        .await
        .unwrap_or_else(|_| mlflow::failure(StatusCode::REQUEST_TIMEOUT, &too_late(timeout)));
    in_flight.answered(response.status());
    response
}

/// Says when to come again.
fn again(mut response: Response) -> Response {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn too_late(timeout: Duration) -> String {
    format!("the request was not there and answered within {timeout:?}")
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

async fn alive() -> &'static str {
    "\n"
}

async fn metrics(State(server): App) -> Response {
    let page = server.metrics.page(&server.deployments());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], page).into_response()
}

async fn server_metadata() -> Response {
    json(StatusCode::OK, open_inference::server_metadata().to_string().into_bytes())
}

async fn repository_index(State(server): App) -> Response {
    json(StatusCode::OK, open_inference::repository_index(&server.deployments()).to_string().into_bytes())
}

/// The deployment that a path names, if it has the version that the path names.
fn named(deployments: &Deployments, path: &[(String, String)]) -> Option<Arc<Deployment>> {
    let part = |wanted: &str| path.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.as_str());
    let deployment = deployments.get(part("name")?)?;
    let has = |version: &str| deployment.arms().iter().any(|arm| arm.model.version_text() == version);
    part("version").is_none_or(has).then_some(deployment)
}

fn unknown_model(deployments: &Deployments) -> Response {
    let known = deployments.iter().flat_map(|deployment| {
        let shown = |arm: &Arm| format!("model \"{}\" version {}", deployment.name, arm.model.version_text());
        deployment.arms().iter().map(shown).collect::<Vec<_>>()
    });
    let text = format!("this server has {}", known.collect::<Vec<_>>().join(", "));
    open_inference::failure(StatusCode::NOT_FOUND, &text)
}

async fn model_metadata(State(server): App, Path(path): PathParts) -> Response {
    let deployments = server.deployments();
    let Some(deployment) = named(&deployments, &path) else { return unknown_model(&deployments) };
    let metadata = deployment.arm().map(|arm| open_inference::model_metadata(&deployment, &arm.model));
    json(StatusCode::OK, metadata.unwrap_or_default().to_string().into_bytes())
}

async fn model_ready(State(server): App, Path(path): PathParts) -> Response {
    let deployments = server.deployments();
    let Some(deployment) = named(&deployments, &path) else { return unknown_model(&deployments) };
    let ready = serde_json::json!({ "name": deployment.name.as_str(), "ready": true });
    json(StatusCode::OK, ready.to_string().into_bytes())
}

async fn infer(
    State(server): App,
    Path(path): PathParts,
    Extension(limit): Extension<TimeLimit>,
    request: Request,
) -> Response {
    let deployments = server.deployments();
    let Some(deployment) = named(&deployments, &path) else { return unknown_model(&deployments) };
    drop(deployments);
    ask(&server, deployment, Dialect::OpenInference, request, limit).await
}

async fn invoke(State(server): App, Extension(limit): Extension<TimeLimit>, request: Request) -> Response {
    match server.deployments().first() {
        Some(deployment) => ask(&server, deployment, Dialect::Mlflow, request, limit).await,
        None => mlflow::failure(StatusCode::NOT_FOUND, "nothing is served"),
    }
}

/// Answers a request in its dialect by the deployment that it began with.
async fn ask(
    server: &Server,
    deployment: Arc<Deployment>,
    dialect: Dialect,
    request: Request,
    limit: TimeLimit,
) -> Response {
    let (head, body) = request.into_parts();
    // Clients that are no browser may leave the type out: then it is JSON. A page's form must not pass for one.
    let has = |name| head.headers.contains_key(name);
    let content_type = match has(header::CONTENT_TYPE) || has(header::ORIGIN) {
        true => text(&head.headers, header::CONTENT_TYPE),
        false => "application/json",
    };
    if let Some(refused) = dialect.refused(content_type) {
        return refused;
    }
    let body = match server.bodies.read(body).await {
        Ok(body) => body,
        Err(refusal) => return again(dialect.failure(refusal.status, &refusal.text)),
    };
    let begun = Instant::now();
    let read = ReadRequest { deployment, dialect, content_type: content_type.to_owned(), body, begun, limit };
    match answer(server, read).await {
        Ok(Some((reply, request))) => with_id(json(StatusCode::OK, reply), &request),
        Ok(None) => dialect.failure(StatusCode::REQUEST_TIMEOUT, &too_late(limit.timeout)),
        Err(e) => {
            let status = status_of(&e);
            dialect.failure(status, &text_of(status, &e))
        }
    }
}

/// A request that was read.
struct ReadRequest {
    deployment: Arc<Deployment>,
    dialect: Dialect,
    content_type: String,
    body: HeldBody,
    /// When it was read.
    begun: Instant,
    limit: TimeLimit,
}

/// The body of a reply and the request's id.
type ReplyAndId = (Bytes, String);

/// Small requests are answered where they are: their lines go to the system's cache within microseconds, and another thread would cost
/// more than all the rest. Large ones, a few at once, must not keep others waiting.
async fn answer(server: &Server, read: ReadRequest) -> Result<Option<ReplyAndId>> {
    if read.body.bytes.len() < LARGE_BODY {
        return read.answer();
    }
    let given_up = |e: &dyn std::fmt::Display| Error::new(ErrorKind::Io, format!("the request was given up: {e}"));
    let turn = Arc::clone(&server.large).acquire_owned().await.map_err(|e| given_up(&e))?;
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        read.answer()
    });
    work.await.map_err(|e| given_up(&e))?
}

impl ReadRequest {
    /// Answers and writes the reply; none if the time is over.
    fn answer(self) -> Result<Option<ReplyAndId>> {
        let ReadRequest { deployment, dialect, content_type, body, begun, limit } = self;
        let arm = deployment.arm().ok_or_else(|| Error::invalid(format!("\"{}\" has no model", deployment.name)))?;
        let question = dialect.parse(&body.bytes, &content_type, &arm.model.predictor)?;
        let Some(answered) = deployment.answer(&question, begun, limit)? else { return Ok(None) };
        let reply = dialect.reply(&deployment, &answered, &question);
        Ok(Some((body.replaced_by(reply), answered.request)))
    }
}
