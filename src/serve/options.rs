//! What a server is told at its start: models, address, limits.

use super::token::Token;
use crate::project::{Name, Project, Reference};
use std::net::IpAddr;
use std::time::Duration;

/// What to serve, where.
pub struct ServeOptions {
    /// The project.
    pub project: Project,
    /// What to serve, at least one; paths without a name mean the first.
    pub models: Vec<ModelToServe>,
    /// The address to listen on.
    pub host: IpAddr,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// What clients must send as `Authorization: Bearer`; needed outside loopback.
    pub token: Option<Token>,
    /// Whether it may be open to other machines without a token.
    pub no_token: bool,
    /// Names beside those of this machine by which clients without a token may call the server.
    pub allowed_hosts: Vec<String>,
    /// Bytes of memory that bodies may take together.
    pub body_memory: usize,
    /// Connections that one peer may have.
    pub connections_per_peer: usize,
    /// How long the head of a request may take to arrive, and then its body and its answer.
    pub request_timeout: Duration,
}

/// A model and the name it is served under.
pub struct ModelToServe {
    /// The deployment's name; that of the registered model without one, else the beginning of its hash.
    pub name: Option<Name>,
    /// The model. If what it means changes while it is served (an alias moves), the server follows.
    pub model: Reference,
}
