//! `mlops feature get`

use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::features::{OnlineValue, get_online};
use crate::project::{Name, now_micros, parse_time};
use serde::Serialize;

/// Look features up in the online store
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops feature get weather origin=JFK\n  mlops feature get weather origin=JFK --at 2013-04-01T12:00:00Z"
)]
pub struct GetArgs {
    /// The view
    view: Name,
    /// The entity's keys, KEY=VALUE
    #[arg(required = true, value_name = "KEY=VALUE")]
    keys: Vec<String>,
    /// As of this time; now without it
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

#[derive(Serialize)]
struct Got {
    view: Name,
    features: Vec<OnlineValue>,
}

pub fn run(context: &Context, args: GetArgs) -> Result<Outcome> {
    let project = context.project()?;
    let mut keys = Vec::new();
    for text in &args.keys {
        let (key, value) = text.split_once('=').ok_or_else(|| {
            Error::invalid(format!("{text} is not KEY=VALUE"))
                .hint("one view at a time: mlops feature get weather origin=JFK")
        })?;
        keys.push((key.to_owned(), value.to_owned()));
    }
    let at = args.at.as_deref().map_or_else(|| Ok(now_micros()), parse_time)?;
    let features = get_online(&project, &args.view, &keys, at)?;
    context.ui.print(&Got { view: args.view, features })?;
    Ok(Outcome::Done)
}

impl Show for Got {
    fn show(&self, screen: &mut Screen) {
        let row = |f: &OnlineValue| {
            let status =
                serde_json::to_value(f.status).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
            vec![f.name.clone(), f.value.to_string(), status]
        };
        screen.table(&["feature", "value", "status"], self.features.iter().map(row).collect());
    }
}
