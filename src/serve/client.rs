//! Sending a table's rows to a server as real requests, over several connections that are kept open.

use super::token::Token;
use crate::data::{Kind, ReadAs, Value, frame_from};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Answer;
use crate::progress::Progress;
use crate::project::CsvForm;
use polars::prelude::DataFrame;
use serde::Deserialize;
use serde::de::DeserializeOwned;
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

/// What a server says of its models and their inputs.
#[derive(Deserialize)]
struct ModelName {
    name: String,
}

#[derive(Deserialize)]
struct ModelInputs {
    inputs: Vec<ModelInput>,
    #[serde(default)]
    parameters: ModelParameters,
}

#[derive(Default, Deserialize)]
struct ModelParameters {
    #[serde(default)]
    csv: CsvForm,
}

#[derive(Deserialize)]
struct ModelInput {
    name: String,
    datatype: String,
}

/// The hint when something answers that does not speak the protocol.
const NO_SERVER: &str = "is --url the address of an `mlops serve`, without a path?";

/// Largest description of a model, bytes.
const LARGEST_DESCRIPTION: u64 = 16 << 20;

/// Largest answer, bytes: what a body of the server's largest size asks for is a small part of it.
const LARGEST_ANSWER: u64 = 1 << 30;

#[derive(Deserialize)]
struct Reply {
    predictions: Vec<RowAnswer>,
}

/// As what a CSV file is read for the model of a server. Nothing is known of one that does not say, or can't be asked: sending the rows
/// will tell why.
pub fn read_as_at(url: &str, token: Option<&Token>) -> ReadAs {
    let Some(model) = inputs_at(url, token) else { return ReadAs::default() };
    let texts = model.inputs.into_iter().filter(|input| input.datatype == "BYTES").map(|input| input.name).collect();
    ReadAs { texts, csv: model.parameters.csv }
}

/// The inputs of the model that answers at paths without a name.
fn inputs_at(url: &str, token: Option<&Token>) -> Option<ModelInputs> {
    let (url, agent) = (server_url(url).ok()?, agent());
    let index = with_token(agent.post(format!("{url}/v2/repository/index")), token).send_empty().ok()?;
    let first = said::<Vec<ModelName>>(index)?.into_iter().next()?;
    said(with_token(agent.get(format!("{url}/v2/models/{}", first.name)), token).call().ok()?)
}

/// What an answer says, if it is what was asked for.
fn said<T: DeserializeOwned>(mut response: ureq::http::Response<ureq::Body>) -> Option<T> {
    let text = response.body_mut().with_config().limit(LARGEST_DESCRIPTION).read_to_string().ok()?;
    serde_json::from_str(&text).ok().filter(|_| response.status().as_u16() == 200)
}

/// The address without a path.
fn server_url(url: &str) -> Result<&str> {
    if !url.starts_with("http://") {
        return Err(
            Error::invalid(format!("{url} does not begin with http://")).hint("for https, put a proxy in between")
        );
    }
    Ok(url.trim_end_matches('/'))
}

fn with_token<B>(request: ureq::RequestBuilder<B>, token: Option<&Token>) -> ureq::RequestBuilder<B> {
    match token {
        Some(token) => request.header("Authorization", token.header()),
        None => request,
    }
}

/// Sends every row; answers come back in the order of the rows.
pub fn predict_url(
    url: &str,
    table: &DataFrame,
    options: &ClientOptions,
    progress: &Progress,
) -> Result<Vec<RowAnswer>> {
    let url = format!("{}/invocations", server_url(url)?);
    let frame = frame_from(table)?;
    let names: Vec<&str> = frame.columns().iter().map(|(n, _)| n.as_str()).collect();
    let size = options.rows_per_request.max(1);
    let requests = frame.rows().div_ceil(size);
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<Option<Vec<RowAnswer>>>> = Mutex::new((0..requests).map(|_| None).collect());
    // Requests are begun in the order of their rows, so that the first to fail is the same whichever fails sooner.
    let failed: Mutex<Option<(usize, Error)>> = Mutex::new(None);
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
                    let mut failed = lock(&failed);
                    if failed.as_ref().is_none_or(|(first, _)| at < *first) {
                        *failed = Some((at, e.at(format!("rows {} to {}", rows.start + 1, rows.end))));
                    }
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
    if let Some((_, e)) = lock(&failed).take() {
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
        // Rows and token go where they were sent and nowhere else.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(std::time::Duration::from_secs(120)))
        .build();
    config.into()
}

/// A whole number goes as one, unless it is a float beyond 64 bits: as an integer that would be a text.
fn whole(value: Value) -> Json {
    let integer = value.among(Kind::Integer);
    match integer {
        Value::Integer(n) if i64::try_from(n).is_ok() || u64::try_from(n).is_ok() => integer.to_json(),
        _ => value.to_json(),
    }
}

/// The whole answer as text.
fn read(url: &str, response: &mut ureq::http::Response<ureq::Body>, limit: u64) -> Result<String> {
    response.body_mut().with_config().limit(limit).read_to_string().map_err(|e| match e {
        ureq::Error::BodyExceedsLimit(limit) => {
            Error::new(ErrorKind::Io, format!("{url}: the answer is larger than {limit} bytes"))
                .hint("ask for fewer rows a request: --rows-per-request")
        }
        e => network(url, e),
    })
}

fn network(url: &str, e: ureq::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{url}: {e}"))
        .hint("is the server running? `mlops serve MODEL` prints its address")
        .caused_by(e)
}

fn send(agent: &ureq::Agent, url: &str, body: &str, rows: usize, token: Option<&Token>) -> Result<Vec<RowAnswer>> {
    let request = with_token(agent.post(url).header("Content-Type", "application/json"), token);
    let mut response = request.send(body).map_err(|e| network(url, e))?;
    let status = response.status().as_u16();
    if (300..400).contains(&status) {
        let place = response.headers().get("location").and_then(|place| place.to_str().ok()).unwrap_or("elsewhere");
        let place: String = place.chars().take(200).collect();
        return Err(Error::invalid(format!("the server answered {status}: it sends its clients to {place}"))
            .hint("rows are sent to no other address than --url; if that one is right, give it"));
    }
    let text = read(url, &mut response, LARGEST_ANSWER)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn whole_floats_go_as_integers_as_far_as_64_bits_reach() {
        let sent = |x: f64| whole(Value::Float(x)).to_string();
        assert_eq!([sent(3.0), sent(-3.0), sent(0.5)], ["3", "-3", "0.5"]);
        assert_eq!([sent(1e20), sent(-1e19)], ["1e+20", "-1e+19"]);
        assert_eq!(sent(2f64.powi(63)), "9223372036854775808");
        assert_eq!(whole(Value::Integer(1 << 70)).to_string(), "\"1180591620717411303424\"", "digits are kept");
    }

    /// The address of something that answers one request with a body of `size` bytes.
    fn answers(size: usize) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n");
            let _ = stream.write_all(&[head.into_bytes(), vec![b' '; size]].concat());
        });
        url
    }

    #[test]
    fn an_answer_is_read_beyond_10_mib_and_a_larger_one_than_the_limit_says_what_to_do() {
        let read_with = |limit: u64| {
            let url = answers(11 << 20);
            let mut response = agent().get(&url).call().unwrap();
            read(&url, &mut response, limit)
        };
        assert_eq!(read_with(LARGEST_ANSWER).unwrap().len(), 11 << 20);
        let error = read_with(1 << 20).unwrap_err();
        assert!(error.message().ends_with("the answer is larger than 1048576 bytes"), "{error}");
        assert!(error.hint_text().unwrap().contains("--rows-per-request"));
    }
}
