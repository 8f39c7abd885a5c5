//! The server: runtime, routes, limits, shutdown. On SIGTERM or Ctrl-C it stops accepting, finishes what is in flight,
//! makes the log durable and ends.

use super::answer::{Answered, Served};
use super::deployed::lock_name;
use super::listen::listen;
use super::log::Log;
use super::metrics::Metrics;
use super::request::Rows;
use super::{inference, invocations};
use crate::error::{Error, Kind, Result};
use crate::features::Online;
use crate::ledger::DeploymentRow;
use crate::model::{Scorer, load};
use crate::project::{Lock, Name, Project};
use crate::store::Hash;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Largest body, bytes. Read as JSON it takes up to 32 times as much memory.
const BODY: usize = 16 << 20;
/// From so many bytes on, a body is large.
const LARGE: usize = 16 << 10;
/// Large requests worked on at once.
const LARGE_AT_ONCE: usize = 2;

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
    pub token: Option<String>,
    /// How long the head of a request may take to arrive, and then its body and its answer.
    pub patience: Duration,
}

/// Serves until a signal comes; `ready` gets the address once it listens.
pub fn serve(options: ServeOptions, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    if !options.host.is_loopback() && options.token.is_none() {
        return Err(Error::invalid(format!("{} is open to other machines, and there is no token", options.host))
            .hint("set MLOPS_TOKEN, which clients send as `Authorization: Bearer …`, or listen on 127.0.0.1"));
    }
    let mut random = [0u8; 8];
    getrandom::fill(&mut random).map_err(|e| Error::new(Kind::Io, format!("no random numbers: {e}")))?;
    let process = u64::from_le_bytes(random);
    let served = Arc::new(Served {
        scorer: Scorer::new(load(&options.project.store(), &options.hash)?)?,
        online: Online::open(&options.project)?,
        log: Log::new(&options.project, &options.name, process)?,
        metrics: Metrics::default(),
        deployment: options.name.clone(),
        model: options.model.clone(),
        version: options.version,
        hash: options.hash,
        token: options.token.clone(),
        patience: options.patience,
        process,
        requests: AtomicU64::new(0),
        large: Arc::new(Semaphore::new(LARGE_AT_ONCE)),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Error::new(Kind::Io, format!("cannot start threads: {e}")))?;
    runtime.block_on(run(options, served, ready))
}

async fn run(options: ServeOptions, served: Arc<Served>, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let address = SocketAddr::new(options.host, options.port);
    let busy = |e: std::io::Error| {
        Error::new(Kind::Io, format!("cannot listen on {address}: {e}"))
            .hint("choose another --port; 0 takes a free one")
    };
    let listener = TcpListener::bind(address).await.map_err(busy)?;
    let address = listener.local_addr().map_err(busy)?;
    let mut stop = signals()?;
    let deployment = options.project.ledger()?.begin_deployment(&DeploymentRow {
        id: 0,
        name: options.name.clone(),
        model: options.model.clone(),
        version: options.version,
        model_hash: options.hash,
        address: format!("http://{address}"),
        process: std::process::id(),
        started: 0,
        stopped: None,
    })?;
    let _alive = Lock::alive(&options.project, &lock_name(deployment))?;
    ready(address);
    let syncing = tokio::spawn(sync_every_second(Arc::clone(&served)));
    listen(listener, router(Arc::clone(&served)), options.patience, async move { stop.recv().await }).await;
    syncing.abort();
    served.log.sync()?;
    options.project.ledger()?.end_deployment(deployment)
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
        let failed = |e: std::io::Error| Error::new(Kind::Io, format!("cannot listen for signals: {e}"));
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

async fn sync_every_second(served: Arc<Served>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let served = Arc::clone(&served);
        let synced = tokio::task::spawn_blocking(move || {
            if served.log.sync().is_err() {
                served.metrics.log_errors.fetch_add(1, Ordering::Relaxed);
            }
        });
        let _ = synced.await;
    }
}

type App = State<Arc<Served>>;

fn router(served: Arc<Served>) -> Router {
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
    let path = request.uri().path();
    let route = route_of(path);
    let open = matches!(route, "/health" | "/ping");
    if !open && !allowed(&served, request.headers()) {
        served.metrics.answered(route, 401, begun.elapsed());
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
    served.metrics.answered(route, response.status().as_u16(), begun.elapsed());
    response
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

/// Compares the token without telling by time how much of it was right.
fn allowed(served: &Served, headers: &HeaderMap) -> bool {
    let Some(token) = &served.token else { return true };
    let given =
        headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    given.is_some_and(|g| blake3::hash(g.as_bytes()) == blake3::hash(token.as_bytes()))
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
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
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

async fn invoke(
    State(served): App,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
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
    let given_up = |e: &dyn std::fmt::Display| Error::new(Kind::Io, format!("the request was given up: {e}"));
    let turn = Arc::clone(&served.large).acquire_owned().await.map_err(|e| given_up(&e))?;
    let served = Arc::clone(served);
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work(&served, &body)
    });
    work.await.map_err(|e| given_up(&e))?
}

fn status_of(served: &Served, error: &Error) -> StatusCode {
    match error.kind() {
        Kind::Io => {
            served.metrics.log_errors.fetch_add(1, Ordering::Relaxed);
            StatusCode::SERVICE_UNAVAILABLE
        }
        Kind::Corrupt => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn text_of(error: &Error) -> String {
    match error.hint_text() {
        Some(hint) => format!("{}; {hint}", error.message()),
        None => error.message().to_owned(),
    }
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], Body::from(body)).into_response()
}

/// An error as MLflow's clients read it.
fn failure(status: StatusCode, message: &str) -> Response {
    let code = match status.as_u16() {
        400 => "INVALID_PARAMETER_VALUE",
        401 => "UNAUTHENTICATED",
        404 => "ENDPOINT_NOT_FOUND",
        503 => "TEMPORARILY_UNAVAILABLE",
        500 => "INTERNAL_ERROR",
        _ => "BAD_REQUEST",
    };
    json(status, serde_json::json!({ "error_code": code, "message": message }).to_string().into_bytes())
}

/// An error as the Open Inference Protocol has it.
fn failure_v2(status: StatusCode, message: &str) -> Response {
    json(status, serde_json::json!({ "error": message }).to_string().into_bytes())
}

fn with_id(mut response: Response, id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
