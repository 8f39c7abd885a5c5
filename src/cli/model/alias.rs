//! `mlops model alias`

use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::project::{Name, Reference};
use crate::registry::{AliasOutcome, set_alias};

/// Point an alias at a version of a model
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops model alias delay champion 2        delay@2\n  mlops model alias delay champion delay@2\n  mlops model alias delay candidate --delete"
)]
pub struct AliasArgs {
    /// The model
    name: Name,
    /// The alias
    alias: Name,
    /// The version it is to point at: a number, or NAME@VERSION
    target: Option<String>,
    /// Remove the alias
    #[arg(long, conflicts_with = "target")]
    delete: bool,
}

pub fn run(context: &Context, args: AliasArgs) -> Result<Outcome> {
    if args.target.is_none() && !args.delete {
        return Err(
            Error::invalid("where should the alias point?").hint("name a version, such as delay@2, or give --delete")
        );
    }
    // A number alone is a version of this model.
    let number =
        |text: &str| text.trim_start_matches('v').parse::<u32>().is_ok().then(|| format!("{}@{text}", args.name));
    let target = args.target.map(|text| Reference::parse(&number(&text).unwrap_or(text))).transpose()?;
    context.ui.print(&set_alias(&context.project()?, &args.name, &args.alias, target.as_ref())?)?;
    Ok(Outcome::Done)
}

impl Show for AliasOutcome {
    fn show(&self, screen: &mut Screen) {
        let place = |v: Option<u32>| v.map_or_else(|| "nothing".to_owned(), |v| format!("{}@{v}", self.name));
        screen.line(format!("{} {}: {} → {}", self.name, self.alias, place(self.before), place(self.version)));
    }
}
