//! Sending a table's rows to a server as real requests, over several connections that are kept open.

use super::token::Token;
use crate::data::{Value, frame_from};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Answer;
use crate::progress::Progress;
use polars::prelude::DataFrame;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How rows are sent.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Rows a request, at least 1.
    pub rows_per_request: usize,
    /// Connections at once, at least 1.
    pub connections: usize,
    /// Sent as `Authorization: Bearer`.
    pub token: Option<Token>,
}

/// A row's answer.
#[derive(Debug, Clone, Deserialize)]
pub struct RowAnswer {
    /// The prediction's id in the server's log.
    pub id: String,
    /// What the model said.
    #[serde(flatten)]
    pub answer: Answer,
}

/// The hint when something answers that does not speak the protocol.
const NO_SERVER: &str = "is --url the address of an `mlops serve`, without a path?";

#[derive(Deserialize)]
struct Reply {
    predictions: Vec<RowAnswer>,
}

/// Sends every row; answers come back in the order of the rows.
pub fn predict_url(
    url: &str,
    table: &DataFrame,
    options: &ClientOptions,
    progress: &Progress,
) -> Result<Vec<RowAnswer>> {
    if !url.starts_with("http://") {
        return Err(
            Error::invalid(format!("{url} does not begin with http://")).hint("for https, put a proxy in between")
        );
    }
    let url = format!("{}/invocations", url.trim_end_matches('/'));
    let frame = frame_from(table)?;
    let names: Vec<&str> = frame.columns().iter().map(|(n, _)| n.as_str()).collect();
    let size = options.rows_per_request.max(1);
    let requests = frame.rows().div_ceil(size);
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<Option<Vec<RowAnswer>>>> = Mutex::new((0..requests).map(|_| None).collect());
    let failed: Mutex<Option<Error>> = Mutex::new(None);
    let step = progress.step("sending requests", Some(frame.rows() as u64));
    let work = || {
        let agent = agent();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= requests || lock(&failed).is_some() {
                return;
            }
            let rows = at * size..((at + 1) * size).min(frame.rows());
            let cells: Vec<Vec<Json>> =
                rows.clone().map(|row| frame.columns().iter().map(|(_, c)| whole(c.get(row))).collect()).collect();
            let body = json!({ "dataframe_split": { "columns": names, "data": cells } }).to_string();
            let result = step.check().and_then(|()| send(&agent, &url, &body, rows.len(), options.token.as_ref()));
            match result {
                Ok(reply) => lock(&answers)[at] = Some(reply),
                Err(e) => {
                    lock(&failed).get_or_insert(e.at(format!("rows {} to {}", rows.start + 1, rows.end)));
                }
            }
            step.advance(rows.len() as u64);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..options.connections.clamp(1, 256) {
            scope.spawn(work);
        }
    });
    drop(step);
    if let Some(e) = lock(&failed).take() {
        return Err(e);
    }
    let answers = answers.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(answers.into_iter().flatten().flatten().collect())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(std::time::Duration::from_secs(120)))
        .build();
    config.into()
}

/// A whole number goes as one.
fn whole(value: Value) -> Json {
    value.among(crate::data::Kind::Integer).to_json()
}

fn send(agent: &ureq::Agent, url: &str, body: &str, rows: usize, token: Option<&Token>) -> Result<Vec<RowAnswer>> {
    let network = |e: ureq::Error| {
        Error::new(ErrorKind::Io, format!("{url}: {e}"))
            .hint("is the server running? `mlops serve MODEL` prints its address")
            .caused_by(e)
    };
    let mut request = agent.post(url).header("Content-Type", "application/json");
    if let Some(token) = token {
        request = request.header("Authorization", token.header());
    }
    let mut response = request.send(body).map_err(network)?;
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().map_err(network)?;
    if status != 200 {
        let said: Json = serde_json::from_str(&text).unwrap_or_default();
        let message: String = said.get("message").and_then(Json::as_str).unwrap_or(&text).chars().take(500).collect();
        let hint = match status {
            401 => "put the server's token into MLOPS_TOKEN",
            408 | 413 => "send fewer rows a request: --rows-per-request",
            400..=499 if said.get("message").is_some() => "change the rows as the answer says",
            500..=599 => "the server is in trouble: look at what it says itself, and try again",
            _ => NO_SERVER,
        };
        return Err(Error::invalid(format!("the server answered {status}: {message}")).hint(hint));
    }
    let reply: Reply = serde_json::from_str(&text)
        .map_err(|e| Error::invalid(format!("the server's answer is not understood: {e}")).hint(NO_SERVER))?;
    if reply.predictions.len() != rows {
        let count = reply.predictions.len();
        return Err(Error::invalid(format!("{rows} rows were sent, {count} answers came back")).hint(NO_SERVER));
    }
    Ok(reply.predictions)
}
