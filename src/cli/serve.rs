//! `mlops serve`

use super::ui::LogFormat;
use super::{Context, Outcome};
use crate::error::{Error, Result};
use crate::project::{Definitions, Name, Reference, Selector, Span};
use crate::registry;
use crate::serve;
use crate::serve::{ModelToServe, ServeOptions, Token};
use std::net::IpAddr;
use std::time::Duration;

/// Serve models over HTTP
///
/// Answers MLflow's `POST /invocations` (by the first model) and the Open Inference Protocol's
/// `POST /v2/models/NAME/infer`; features of views come from the online store; every answer is logged under an id
/// before it is sent. When an alias that is served is moved, the model it points at takes over within seconds, and
/// no request fails. Ends on SIGTERM or Ctrl-C after the requests in flight. Outside loopback a token in MLOPS_TOKEN
/// is needed. Trouble is logged on standard error, with -v every prediction's request, with -vv every request.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops serve\n  mlops serve delay@champion\n  mlops serve delay@2               this version and no other\n  mlops serve delay other           two models, at /v2/models/delay and /v2/models/other\n  mlops serve delay --port 0        any free port; the first line says which\n  mlops serve delay -v --log-format json\n  curl -H 'Content-Type: application/json' -d '{\"dataframe_records\": [{…}]}' http://127.0.0.1:8080/invocations"
)]
pub struct ServeArgs {
    /// NAME, NAME@VERSION, NAME@ALIAS, a run, a hash, or a [serve.NAME] of mlops.toml; the only champion without it
    #[arg(value_name = "MODEL")]
    models: Vec<Reference>,
    /// The port; 0 takes a free one
    #[arg(short, long, default_value_t = 8080)]
    port: u16,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// The deployment's name; the model's without it. For one model only
    #[arg(long)]
    name: Option<Name>,
    /// How long a request may take to arrive and be answered: 5s, 1m
    #[arg(long, default_value = "60s")]
    timeout: Span,
    /// Answer calls by this name too, without a token: only names of this machine are taken otherwise. May be repeated
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// Listen beyond this machine without a token, behind a gateway that decides who may ask
    #[arg(long)]
    no_token: bool,
    /// Memory, in MiB, that the bodies of all requests may take together
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    body_memory: u32,
    /// Connections that one address may have at once; more of them are told about the server's health only
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..))]
    connections_per_peer: u32,
    /// How the log on standard error is written; json with --json, else text
    #[arg(long, value_enum, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

impl ServeArgs {
    pub fn log_format(&self) -> Option<LogFormat> {
        self.log_format
    }
}

pub fn run(context: &Context, args: ServeArgs) -> Result<Outcome> {
    let project = context.project()?;
    let named = if args.models.is_empty() { vec![registry::only_champion(&project.ledger()?)?] } else { args.models };
    let mut models = named.into_iter().map(|model| meant(project.definitions(), model)).collect::<Result<Vec<_>>>()?;
    if let Some(name) = args.name {
        match models.as_mut_slice() {
            [only] => only.name = Some(name),
            _ => {
                return Err(Error::invalid("--name names one deployment, and there are several models")
                    .hint("give each a [serve.NAME] in mlops.toml"));
            }
        }
    }
    let options = ServeOptions {
        project,
        models,
        host: args.host,
        port: args.port,
        token: token()?,
        no_token: args.no_token,
        allowed_hosts: args.allow_host,
        body_memory: args.body_memory as usize * (1 << 20),
        connections_per_peer: args.connections_per_peer as usize,
        request_timeout: Duration::from_micros(args.timeout.micros().unsigned_abs()),
    };
    serve::serve(options, |address| {
        // Whoever started us waits for this line; if nobody reads it, serving goes on.
        let _ = context.ui.raw(&format!("listening on http://{address}\n"));
    })?;
    Ok(Outcome::Done)
}

/// The token in `MLOPS_TOKEN`.
pub(super) fn token() -> Result<Option<Token>> {
    match std::env::var_os("MLOPS_TOKEN").map(std::ffi::OsString::into_string) {
        None => Ok(None),
        Some(Ok(text)) => Token::new(text).map_err(|e| e.at("MLOPS_TOKEN")),
        Some(Err(_)) => Err(Error::invalid("MLOPS_TOKEN is not UTF-8").hint("openssl rand -hex 32 makes a token")),
    }
}

/// The deployment and the model of a bare name that `[serve.NAME]` defines; else the model as it was written.
fn meant(definitions: &Definitions, model: Reference) -> Result<ModelToServe> {
    let defined = match model.named() {
        Some((name, Selector::Bare)) => definitions.serve.get(name).map(|d| (name.clone(), d.model.clone())),
        _ => None,
    };
    match defined {
        Some((name, model)) => Ok(ModelToServe { name: Some(name), model: Reference::parse(&model)? }),
        None => Ok(ModelToServe { name: None, model }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_served_although_a_deployment_has_the_models_name() {
        let definitions = Definitions::parse("[serve.delay]\nmodel = \"delay@champion\"\n").unwrap();
        let meant = |text: &str| {
            let ModelToServe { name, model } = meant(&definitions, Reference::parse(text).unwrap()).unwrap();
            (name.map(String::from), model.text().to_owned())
        };
        assert_eq!(meant("delay"), (Some("delay".to_owned()), "delay@champion".to_owned()));
        assert_eq!(meant("delay@2"), (None, "delay@2".to_owned()));
        assert_eq!(meant("other"), (None, "other".to_owned()));
    }
}
