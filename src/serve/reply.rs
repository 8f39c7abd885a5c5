//! What replies of every dialect have in common: the status of an error and its text, JSON bodies, the request's id.

use super::deployment::Deployment;
use crate::error::{Error, ErrorKind};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::atomic::Ordering;

/// The status of an error, which is logged; what could not be logged is counted.
pub(super) fn status_of(deployment: &Deployment, error: &Error) -> StatusCode {
    let status = match error.kind() {
        ErrorKind::Io => {
            deployment.counters.log_errors.fetch_add(1, Ordering::Relaxed);
            StatusCode::SERVICE_UNAVAILABLE
        }
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

/// An error and its hint in one line.
pub(super) fn text_of(error: &Error) -> String {
    match error.hint_text() {
        Some(hint) => format!("{}; {hint}", error.message()),
        None => error.message().to_owned(),
    }
}

/// A JSON body.
pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], Body::from(body)).into_response()
}

/// The same with the request's id in its head.
pub(super) fn with_id(mut response: Response, id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
