//! What replies of every dialect have in common: the status of an error and its text, JSON bodies, the request's id.

use crate::error::{Error, ErrorKind};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The status of an error, which is logged.
pub(super) fn status_of(error: &Error) -> StatusCode {
    let status = match error.kind() {
        // The online store is full, away, or filled by other definitions than the model's.
        ErrorKind::Io | ErrorKind::Conflict => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Corrupt => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    if status.is_server_error() {
        tracing::warn!(error = error.with_causes(), "a request failed");
    } else {
        // Its text may quote what the client sent, which only those should see who ask for it.
        tracing::debug!(error = error.message(), "a request was refused");
    }
    status
}

/// What a client is told of an error: the error and its hint in one line. What went wrong inside the server may name its files,
/// so of that the client learns the status alone; the log has the rest.
pub(super) fn text_of(status: StatusCode, error: &Error) -> String {
    match error.hint_text() {
        _ if status.is_server_error() => "the server can't answer now; its log says why".to_owned(),
        Some(hint) => format!("{}; {hint}", error.message()),
        None => error.message().to_owned(),
    }
}

/// A JSON body.
pub(super) fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.into()).into_response()
}

/// The same with the request's id in its head.
pub(super) fn with_id(mut response: Response, id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
