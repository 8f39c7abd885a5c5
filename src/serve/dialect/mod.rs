//! The protocols that requests for predictions come in, one file each. A dialect reads a body into the cells of a batch and says
//! answers and errors in its own words; everything else is the same for all.
//!
//! A third dialect is a file with these functions, a variant of [`Dialect`] that calls them, and its paths in `routes`:
//!
//! - `refused(content_type)`: the reply to a body of a type it does not take, if it does not
//! - `parse(…)`: a `Question`: the rows, the request's id if its client gave one, the outputs asked for. It takes what it needs of body, media
//!   type and predictor
//! - `reply(deployment, answered, question)`: the body of the answer
//! - `failure(status, message)`: an error as its clients read it
//!
//! What belongs to no dialect (an unknown path, a missing token, too many connections) is answered as MLflow does.

pub(super) mod mlflow;
pub(super) mod open_inference;

use super::answer_rows::Answered;
use super::deployment::Deployment;
use super::predictor::Predictor;
use crate::data::Cells;
use crate::error::Result;
use axum::http::StatusCode;
use axum::response::Response;

/// A protocol for predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// MLflow's scoring protocol.
    Mlflow,
    /// The Open Inference Protocol, version 2.
    OpenInference,
}

/// What a request asks.
#[derive(Debug)]
pub(super) struct Question {
    /// The rows.
    pub rows: Cells,
    /// The request's id, if its client gave one.
    pub id: Option<String>,
    /// The columns of the answer that are asked for; all without any.
    pub outputs: Vec<String>,
    /// Whether each answer is to say how much each feature moved it.
    pub explain: bool,
}

/// A content type in small letters, if it is of UTF-8.
fn content(content_type: &str) -> Option<String> {
    let kind = content_type.to_ascii_lowercase();
    let (kind, parameter) = kind.split_once(';').unwrap_or((&kind, ""));
    matches!(parameter.trim(), "" | "charset=utf-8" | "charset=\"utf-8\"").then(|| kind.trim().to_owned())
}

impl Dialect {
    /// The reply to a body of this type, if it is not even to be read.
    pub(super) fn refused(self, content_type: &str) -> Option<Response> {
        match self {
            Dialect::Mlflow => mlflow::refused(content_type),
            Dialect::OpenInference => open_inference::refused(content_type),
        }
    }

    /// Reads a body.
    pub(super) fn parse(self, body: &[u8], content_type: &str, predictor: &Predictor) -> Result<Question> {
        match self {
            Dialect::Mlflow => mlflow::parse(body, content_type, predictor),
            Dialect::OpenInference => open_inference::parse(body, predictor.outputs()),
        }
    }

    /// The body of the answer.
    pub(super) fn reply(self, deployment: &Deployment, answered: &Answered, question: &Question) -> Vec<u8> {
        match self {
            Dialect::Mlflow => mlflow::reply(answered),
            Dialect::OpenInference => open_inference::reply(deployment, answered, question),
        }
    }

    /// An error.
    pub(super) fn failure(self, status: StatusCode, message: &str) -> Response {
        match self {
            Dialect::Mlflow => mlflow::failure(status, message),
            Dialect::OpenInference => open_inference::failure(status, message),
        }
    }
}
